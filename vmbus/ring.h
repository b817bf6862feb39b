/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two halves of a channel's ring pair, seen from the guest.
 * Pure: no channel, no lock, no allocation; the caller serialises each half.
 * Used by packet.c, event.c and channel.c, and compiled as a program by the unit tests.
 */
#ifndef ENL_VMBUS_RING_H
#define ENL_VMBUS_RING_H

#include <linux/types.h>
#include "wire/ring.h"
#include "fault.h"

/**
 * struct enl_ring_out - guest-to-host ring: we write, the host reads
 * @control: shared control page
 * @data: data bytes, mapped twice in a row, so that a packet never splits
 * @bytes: size of the data area
 * @write: where the next packet goes; private, never read back from @control
 * @published: what @control says
 * @seen: read index when it was last looked at
 * @waiting: pending_send_size is set
 * @fault: why -EPROTO was returned
 */
struct enl_ring_out {
	struct enl_ring_control *control;
	u8 *data;
	u32 bytes;
	u32 write;
	u32 published;
	u32 seen;
	bool waiting;
	enum enl_fault fault;
};

/**
 * struct enl_ring_in - host-to-guest ring: the host writes, we read
 * @control: shared control page
 * @data: data bytes, mapped twice in a row
 * @bytes: size of the data area
 * @read: next byte to read; private
 * @committed: what @control says, hence what the host may overwrite
 * @seen: write index up to which the ring was last known to be filled
 * @host_blocks: the host uses pending_send_size (its feature bit, read once after open; until then
 *	it may)
 * @fault: why -EPROTO was returned
 */
struct enl_ring_in {
	struct enl_ring_control *control;
	u8 *data;
	u32 bytes;
	u32 read;
	u32 committed;
	u32 seen;
	bool host_blocks;
	enum enl_fault fault;
};

/* A piece of a packet: descriptor, ranges, payload. */
struct enl_ring_piece {
	const void *base;
	u32 bytes;
};

#define ENL_PACKET_TRAILER	8u
#define ENL_RING_MARGIN		16u	/* largest packet with trailer: data area less this */

void enl_ring_init(struct enl_ring_out *out, void *out_control, void *out_data, u32 out_bytes,
		   struct enl_ring_in *in, void *in_control, void *in_data, u32 in_bytes);
u32 enl_ring_used(u32 write, u32 read, u32 bytes);
u32 enl_ring_packet_bytes(u32 payload_and_headers);

void *enl_ring_reserve(struct enl_ring_out *out, u32 body);
int enl_ring_write(struct enl_ring_out *out, const struct enl_ring_piece *pieces,
		   unsigned int count);
bool enl_ring_publish(struct enl_ring_out *out);
bool enl_ring_want_room(struct enl_ring_out *out, u32 bytes);
void enl_ring_room_done(struct enl_ring_out *out);

int enl_ring_read(struct enl_ring_in *in, void *copy, u32 room);
bool enl_ring_commit(struct enl_ring_in *in);
void enl_ring_mask(struct enl_ring_in *in);
bool enl_ring_unmask(struct enl_ring_in *in);

#endif
