// SPDX-License-Identifier: GPL-2.0-only
/*
 * The echo service. In-band packets come back as they are; requests are completed with their own
 * payload, at once or when told. Calls vsp/send.c and vsp/channel.c; called by vsp/io.c.
 * A payload of { VSP_ECHO_SUBCHANNELS, n } is answered with the number of sub-channels that follow.
 */
#include "vsp/internal.h"
#include "vsp/echo.h"

static void opened(void *state, struct vsp_channel *c)
{
	struct vsp_echo *e = state;

	e->opens++;
	vsp_kick(c);
}

static void closed(void *state, struct vsp_channel *c)
{
	struct vsp_echo *e = state;
	__u32 i = 0;

	e->closes++;
	while (i < e->helds) {
		if (e->held_relid[i] == vsp_channel_relid(c)) {
			e->held[i] = e->held[--e->helds];
			e->held_relid[i] = e->held_relid[e->helds];
		} else {
			i++;
		}
	}
}

/* Offers what was asked for, as far as it is allowed; returns how many. */
static __u32 grant(struct vsp_echo *e, struct vsp_channel *c, __u32 wanted)
{
	struct vsp *v = vsp_channel_host(c);
	struct vsp_offer offer = c->offer;
	__u32 n;

	for (n = 0; n < wanted && e->granted < e->grant; n++) {
		offer.relid = 0;
		e->granted++;
		offer.sub_channel_index = (__u16)e->granted;
		if (!vsp_offer(v, &offer))
			break;
	}
	return n;
}

static int answer(struct vsp_channel *c, const struct vsp_packet *p, const void *data, __u32 bytes)
{
	struct vsp_packet back = { .type = ENL_PACKET_INBAND, .id = p->id };

	if (p->flags & ENL_PACKET_WANTS_COMPLETION)
		return vsp_complete(c, p->id, data, bytes);
	back.data = data;
	back.bytes = bytes;
	return vsp_send(c, &back);
}

/* False: there is no room for the answer, so the request has to wait in its ring. */
static bool respond(struct vsp_echo *e, struct vsp_channel *c, const struct vsp_packet *p)
{
	bool wants = p->flags & ENL_PACKET_WANTS_COMPLETION;
	__le32 reply[2] = { 0 };

	if (p->bytes >= 8 && vsp_get32(p->data, 0) == VSP_ECHO_SUBCHANNELS) {
		reply[0] = __cpu_to_le32(VSP_ECHO_SUBCHANNELS);
		reply[1] = __cpu_to_le32(grant(e, c, vsp_get32(p->data, 4)));
		return answer(c, p, reply, sizeof(reply)) != VSP_NO_ROOM;
	}
	if (wants && e->hold) {
		if (e->helds == VSP_ECHO_HELD)
			return false;
		e->held_relid[e->helds] = vsp_channel_relid(c);
		e->held[e->helds++] = p->id;
		return true;
	}
	if (!wants && e->quiet)
		return true;
	if (answer(c, p, p->data, p->bytes) == VSP_NO_ROOM)
		return false;
	e->completed += wants;
	return true;
}

static bool packet(void *state, struct vsp_channel *c, const struct vsp_packet *p)
{
	struct vsp_echo *e = state;
	__u32 n = p->bytes < sizeof(e->last) ? p->bytes : sizeof(e->last);

	if (e->deaf)
		return false;
	if (p->type == ENL_PACKET_COMPLETION) {
		e->completions++;
		return true;
	}
	if (!respond(e, c, p))
		return false;
	e->packets++;
	e->bytes += p->bytes;
	e->last_bytes = p->bytes;
	__builtin_memcpy(e->last, p->data, n);
	return true;
}

static bool work(void *state, struct vsp_channel *c)
{
	struct vsp_echo *e = state;
	struct vsp_packet p = { .type = ENL_PACKET_INBAND, .bytes = e->flood_bytes };
	__u32 quarter = e->transfer_bytes / 4;
	__u8 payload[512];
	struct {
		struct enl_transfer_pages pages;
		struct enl_transfer_range range;
	} head = { .pages.set_id = __cpu_to_le16(e->transfer_set) };
	__u32 i;

	if (!e->flood)
		return false;
	if (p.bytes > sizeof(payload))
		p.bytes = sizeof(payload);
	for (i = 0; i < p.bytes; i++)
		payload[i] = (__u8)(e->sent + i);
	p.data = payload;
	if (e->flood_wants) {
		p.flags = ENL_PACKET_WANTS_COMPLETION;
		p.id = 0xd00d0000ULL + ++e->next_id;
	}
	if (e->transfer_set) {
		p.type = ENL_PACKET_TRANSFER_PAGES;
		head.pages.range_count = __cpu_to_le32(1);
		head.range.byte_count = __cpu_to_le32(quarter);
		head.range.byte_offset = __cpu_to_le32((__u32)(e->sent % 4) * quarter);
		p.head = &head;
		p.head_bytes = sizeof(head);
	}
	if (vsp_send(c, &p) != VSP_SENT) {
		e->next_id -= e->flood_wants;
		return false;
	}
	e->flood--;
	e->sent++;
	return true;
}

const struct vsp_provider vsp_echo_provider = {
	.opened = opened,
	.closed = closed,
	.packet = packet,
	.work = work,
};

/* Send @packets of @bytes (at most 512) on a channel of the echo service, as fast as they go. */
bool vsp_echo_flood(struct vsp *v, __u32 relid, __u64 packets, __u32 bytes, bool wants)
{
	struct vsp_channel *c = vsp_channel(v, relid);
	struct vsp_echo *e;

	if (!c || c->offer.provider != &vsp_echo_provider)
		return false;
	e = c->offer.state;
	e->flood = packets;
	e->flood_bytes = bytes;
	e->flood_wants = wants;
	vsp_kick(c);
	return true;
}

/* Completes up to @count held requests; returns how many. */
__u32 vsp_echo_release(struct vsp *v, struct vsp_echo *e, __u32 count, bool newest_first)
{
	__u32 done = 0;

	while (done < count && e->helds) {
		__u32 at = newest_first ? e->helds - 1 : 0;
		struct vsp_channel *c = vsp_channel(v, e->held_relid[at]);
		__u32 i;

		if (c && vsp_complete(c, e->held[at], NULL, 0) == VSP_NO_ROOM)
			break;
		e->helds--;
		for (i = at; i < e->helds; i++) {
			e->held[i] = e->held[i + 1];
			e->held_relid[i] = e->held_relid[i + 1];
		}
		e->completed++;
		done++;
	}
	return done;
}
