/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A toy guest with a storage controller: handshake, SCSI requests, answers, all by hand.
 * Calls kunit/toyguest.c and vsp/; used by the tests of the storage service.
 */
#ifndef KUNIT_TOYSTORAGE_H
#define KUNIT_TOYSTORAGE_H

#include "kunit/toyguest.h"
#include "vsp/disk_memory.h"
#include "vsp/storage.h"

#define TOYSTOR_REQUESTS	300u
#define TOYSTOR_BYTES		(1u << 20)	/* of each disk */
#define TOYSTOR_DATA		96u		/* first page of the guest's buffer */
#define TOYSTOR_PAGES		160u

/**
 * struct toystorage - the controller of one test
 * @guest: first, so that toy_exit() finds it
 * @s: the controller
 * @disk: LUN 0 is added, the others are not
 * @memory: behind each disk
 * @ring: the primary channel
 * @relid: its number
 * @ask: the request that toystor_send() sends, changed at will before
 * @ask_bytes: how much of it
 * @next_id: id of the request before the next
 * @sent: id of the last request
 * @type: of the last packet from the host
 * @id: of it
 * @flags: of it
 * @raw: it, from its descriptor on
 * @raw_bytes: its length
 * @got: its payload
 * @bytes: length of the payload
 */
struct toystorage {
	struct toyguest *guest;
	struct vsp_storage *s;
	struct vsp_disk disk[4];
	struct vsp_disk_memory memory[4];
	struct toy_ring ring;
	u32 relid;
	struct enl_stor_packet ask;
	u32 ask_bytes;
	u64 next_id, sent;
	u16 type, flags;
	u64 id;
	u8 raw[4300];
	u32 raw_bytes;
	struct enl_stor_packet got;
	u32 bytes;
};

int toystor_init(struct kunit *test);
void toystor_exit(struct kunit *test);
u8 *toystor_data(struct toystorage *t, u32 at);

void toystor_open(struct kunit *test, struct toystorage *t);
u32 toystor_control(struct toystorage *t, u32 operation, u32 value);
void toystor_shake(struct kunit *test, struct toystorage *t, u32 version);
bool toystor_hear(struct toystorage *t, struct toy_ring *ring);

void toystor_srb(struct toystorage *t, const u8 *cdb, u32 cdb_bytes, u32 direction, u32 length);
void toystor_send(struct toystorage *t, struct toy_ring *ring, u32 offset, u32 slots);
void toystor_send_page(struct toystorage *t, struct toy_ring *ring, u32 page);
bool toystor_do(struct toystorage *t, const u8 *cdb, u32 cdb_bytes, u32 direction, u32 length);
bool toystor_sense(const struct toystorage *t, u32 srb, u32 key, u32 asc, u32 ascq);
bool toystor_good(const struct toystorage *t, u32 transferred);
void toystor_expect(struct kunit *test, struct toystorage *t, enum vsp_violation which, u64 times);

#define STOR_IN		ENL_STOR_FROM_DEVICE
#define STOR_OUT	ENL_STOR_TO_DEVICE
#define STOR_NONE	ENL_STOR_NO_DATA

/* A command with its CDB as a list of bytes. */
#define DO(t, direction, length, ...) \
	toystor_do(t, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }), direction, \
		   length)

#endif
