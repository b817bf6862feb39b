/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest for tests of the host model: memory of its own, blunt calls, no threads, no policy.
 * Calls vsp/ only; used by kunit/vsp_*_test.c. It does what it is told, right or wrong.
 */
#ifndef KUNIT_TOYGUEST_H
#define KUNIT_TOYGUEST_H

#include <kunit/test.h>
#include "vsp/fault.h"
#include "vsp/vsp.h"

#define TOY_PAGES	256u
#define TOY_PFN		0x7000u		/* of the first page */
#define TOY_INBOX	128u
#define TOY_RING	8u		/* pages of a pair: 1 + 3 each way */
#define TOY_DATA	(3 * 4096u)

/**
 * struct toy_ring - the guest's end of one channel
 * @relid: of the channel
 * @first: page number of the pair; the pages lie in falling order, to be nowhere contiguous
 * @write: our write index
 * @read: our read index
 */
struct toy_ring {
	u32 relid;
	u32 first;
	u32 write, read;
};

/**
 * struct toyguest - the guest, and its host
 * @host: the model
 * @memory: TOY_PAGES pages
 * @freed: pages that the host must not have any more
 * @hidden: pages that the host cannot reach
 * @now: what the clock shows, 100 ns
 * @inbox: messages that came
 * @messages: how many
 * @events: for each flag, how often it was raised
 * @event_vp: for each flag, where the last time
 * @connection: where messages go
 * @busy: take no message
 */
struct toyguest {
	struct vsp *host;
	u8 *memory;
	bool freed[TOY_PAGES], hidden[TOY_PAGES];
	u64 now;
	struct vsp_out inbox[TOY_INBOX];
	u32 messages;
	u32 events[ENL_EVENT_FLAGS];
	u32 event_vp[ENL_EVENT_FLAGS];
	u32 connection;
	bool busy;
};

int toy_init(struct kunit *test);
void toy_exit(struct kunit *test);
void toy_boot(struct toyguest *g, const struct vsp_personality *p);
u8 *toy_page(struct toyguest *g, u32 page);

u32 toy_run(struct toyguest *g);
u16 toy_post(struct toyguest *g, const void *message, u32 bytes);
u16 toy_post_relid(struct toyguest *g, u32 type, u32 relid);
u32 toy_count(const struct toyguest *g, u32 type);
const u8 *toy_last(const struct toyguest *g, u32 type);
u32 toy_word(const u8 *message, u32 at);

u32 toy_contact(struct toyguest *g, u32 version);
bool toy_connect(struct toyguest *g, u32 version);
u32 toy_gpadl(struct toyguest *g, u32 relid, u32 id, u32 first, u32 pages);
u32 toy_open(struct toyguest *g, struct toy_ring *r, u32 relid, u32 first, u32 vp);
void toy_close(struct toyguest *g, struct toy_ring *r);

void toy_put(struct toyguest *g, struct toy_ring *r, const void *bytes, u32 length);
void toy_write(struct toyguest *g, struct toy_ring *r, const void *packet, u32 bytes);
bool toy_send(struct toyguest *g, struct toy_ring *r, u16 type, u64 id, bool wants,
	      const void *data, u32 bytes);
u32 toy_recv(struct toyguest *g, struct toy_ring *r, void *packet, u32 room);
__le32 *toy_control(struct toyguest *g, struct toy_ring *r, bool to_guest, u32 offset);

#endif
