/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One device on a fake host, for tests of packets: a driver that does what the test says.
 * Calls the fake host and the drivers' API. Used by the packet tests; one world at a time.
 * The suite's exit takes everything down and checks the ledger, so a case may leave at any time.
 */
#ifndef KUNIT_PACKET_WORLD_H
#define KUNIT_PACKET_WORLD_H

#include <kunit/test.h>
#include "kunit/fakehost.h"
#include "vmbus/internal.h"
#include "vsp/echo.h"

#define PACKET_WORLD_KEPT	32u	/* last packets that are remembered */

/* A packet as the notify callback saw it. */
struct packet_seen {
	enum enl_packet_type type;
	bool wants_completion;
	u64 id;
	u32 bytes;
	u16 set_id;
	u32 range_count;
	u8 data[64];
};

/**
 * struct packet_world - the device, its channel, and what came by it
 * @fh: the host
 * @bus: the bus
 * @echo: the service behind the channel
 * @ch: the channel; NULL once the device was removed
 * @dev: its device
 * @relid: its number
 * @setup: may be changed before packet_world_open()
 * @deaf: the callback takes nothing
 * @each: called for each packet, in the callback's context; may be NULL
 * @poll: ENL_NOTIFY_IRQ: the callback masks, and completes this
 * @calls: of the callback
 * @packets: that it took
 * @completions: of them
 * @most: packets that one call took
 * @end: last result of enl_recv() that was not 1
 * @seen: ring of the last packets
 */
struct packet_world {
	struct fakehost *fh;
	struct enl_bus *bus;
	struct vsp_echo *echo;
	struct enl_channel *ch;
	struct enl_device *dev;
	u32 relid;
	struct enl_channel_setup setup;
	bool deaf;
	void (*each)(struct packet_world *w, const struct enl_packet *packet);
	struct completion poll;
	u64 calls, packets, completions;
	u32 most;
	int end;
	struct packet_seen seen[PACKET_WORLD_KEPT];
	/* private: */
	struct kunit *test;
	struct completion probed;
	bool dirty;
};

int packet_world_init(struct kunit *test);
void packet_world_exit(struct kunit *test);
struct packet_world *packet_world_start(struct kunit *test,
					const struct fakehost_options *options, bool monitored);
void packet_world_open(struct packet_world *w);
struct packet_world *packet_world_ready(struct kunit *test);
void packet_world_take(struct packet_world *w);
void packet_world_rest(struct packet_world *w);
void packet_world_offers(struct packet_world *w);
void packet_world_dirty(struct packet_world *w);
int packet_world_host_sends(struct packet_world *w, const struct vsp_packet *p);
int packet_world_host_inband(struct packet_world *w, const void *data, u32 bytes, u64 id);
u64 packet_world_signals(struct packet_world *w);
long packet_world_fault(const struct packet_world *w, enum enl_fault fault);
u32 packet_world_fill(struct packet_world *w, u32 bytes);

static inline const struct packet_seen *packet_world_last(const struct packet_world *w)
{
	return &w->seen[(w->packets - 1) % PACKET_WORLD_KEPT];
}

#endif
