// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open channels, host to guest: write packets, wait for room, signal.
 * Calls vsp/ring_peer.c, vsp/account.c, vsp/queue.c and asks the fault plan.
 * Called by providers and by vsp/io.c.
 */
#include "vsp/internal.h"

#define DESC	((__u32)sizeof(struct enl_packet_desc))

static const enum vsp_violation violation_of[] = {
	[VSP_RING_BAD_INDEX]	= VSP_V_RING_INDEX,
	[VSP_RING_BAD_LENGTH]	= VSP_V_RING_LENGTH,
	[VSP_RING_BAD_OFFSET]	= VSP_V_RING_OFFSET,
	[VSP_RING_BAD_TYPE]	= VSP_V_RING_TYPE,
	[VSP_RING_BAD_FLAGS]	= VSP_V_RING_FLAGS,
	[VSP_RING_BAD_TRAILER]	= VSP_V_RING_TRAILER,
	[VSP_RING_BAD_OWNER]	= VSP_V_RING_OWNER,
	[VSP_RING_UNMAPPED]	= VSP_V_RING_MEMORY,
};

/* A guest that breaks a ring has that channel stopped, as hosts do. */
bool vsp_ring_failed(struct vsp_channel *c, enum vsp_ring_result r)
{
	if (r <= VSP_RING_FULL)
		return false;
	if (!c->broken)
		vsp_note(c->host, violation_of[r], c->relid, c->in.index);
	c->broken = true;
	return true;
}

/* Interrupt the guest for this channel. Below 5.3 a change of the target may be slow. */
void vsp_notify_guest(struct vsp_channel *c)
{
	__u32 vp = c->target_vp;

	if (c->stale_events) {
		c->stale_events--;
		vp = c->old_vp;
	}
	if (vp == ENL_VP_NONE)
		return;
	c->events++;
	vsp_raise(c->host, vp, c->relid);
}

/* Descriptor, head, payload, zero padding. Returns the length, or 0 if it is too long for us. */
static __u32 assemble(__u8 *to, const struct vsp_packet *p)
{
	__u32 bytes = (DESC + p->head_bytes + p->bytes + 7) / 8 * 8;
	struct enl_packet_desc d = {
		.type = __cpu_to_le16(p->type),
		.offset8 = __cpu_to_le16((DESC + p->head_bytes) / 8),
		.length8 = __cpu_to_le16(bytes / 8),
		.flags = __cpu_to_le16(p->flags),
		.transaction_id = __cpu_to_le64(p->id),
	};

	if (bytes > VSP_PACKET_BYTES || bytes < p->bytes)
		return 0;
	__builtin_memset(to + bytes - 8, 0, 8);
	__builtin_memcpy(to, &d, sizeof(d));
	if (p->head_bytes)
		__builtin_memcpy(to + DESC, p->head, p->head_bytes);
	if (p->bytes)
		__builtin_memcpy(to + DESC + p->head_bytes, p->data, p->bytes);
	return bytes;
}

/* Room for @bytes, or the guest is asked to say when there is. */
static int reserve(struct vsp_channel *c, __u32 bytes)
{
	enum vsp_ring_result r;

	if (bytes + 8 + 16 > c->out.data_bytes)
		return VSP_CLOSED;
	r = vsp_ring_room(&c->out, bytes);
	if (r == VSP_RING_FULL) {
		if (!c->blocked)
			c->tokens++;
		r = vsp_ring_want(&c->out, bytes);
		c->want = bytes;
		c->blocked = r == VSP_RING_FULL;
		if (c->blocked)
			return VSP_NO_ROOM;
	}
	return vsp_ring_failed(c, r) ? VSP_CLOSED : VSP_SENT;
}

static int write_raw(struct vsp_channel *c, const void *raw, __u32 bytes, bool quiet)
{
	bool wake;

	if (vsp_ring_failed(c, vsp_ring_write(&c->out, raw, bytes, &wake)))
		return VSP_CLOSED;
	c->packets_out++;
	c->bytes_out += bytes;
	if (wake && !quiet)
		vsp_notify_guest(c);
	return VSP_SENT;
}

/**
 * vsp_send - write one packet to the guest, and signal it if the rules say so
 * @c: an open channel
 * @p: the packet; nothing of it is kept
 *
 * VSP_SENT; VSP_NO_ROOM: the provider's work is called when the guest made room;
 * VSP_CLOSED: never (not open, ring broken, or longer than the ring).
 */
int vsp_send(struct vsp_channel *c, const struct vsp_packet *p)
{
	struct vsp *v = c->host;
	const struct vsp_fault *f;
	__u32 bytes;
	int r;

	if (c->state != VSP_CH_OPEN || c->broken)
		return VSP_CLOSED;
	bytes = assemble((__u8 *)v->scratch_out, p);
	if (!bytes)
		return VSP_CLOSED;
	r = reserve(c, bytes);
	if (r)
		return r;
	f = vsp_fault_at(v, VSP_AT_PACKET, c->relid);
	if (f && f->action == VSP_DROP)
		return VSP_SENT;
	if (p->flags & ENL_PACKET_WANTS_COMPLETION)
		vsp_request_add(v, c->relid, true, p->id);
	if (f && (f->action == VSP_TRUNCATE || f->action == VSP_OVERWRITE))
		bytes = vsp_fault_overwrite(f, v->scratch_out, bytes) / 8 * 8;
	r = write_raw(c, v->scratch_out, bytes, f && f->action == VSP_DELAY);
	if (f && f->action == VSP_DELAY)
		vsp_send_event(v, c->target_vp, c->relid);
	if (f && f->action == VSP_REPEAT && !reserve(c, bytes))
		write_raw(c, v->scratch_out, bytes, false);
	return r;
}

/* Answers a packet that wanted a completion. As vsp_send(). */
int vsp_complete(struct vsp_channel *c, __u64 id, const void *data, __u32 bytes)
{
	struct vsp_packet p = {
		.type = ENL_PACKET_COMPLETION, .id = id, .data = data, .bytes = bytes,
	};
	int r = vsp_send(c, &p);

	if (r == VSP_SENT)
		vsp_request_done(c->host, c->relid, false, id);
	return r;
}
