// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels: offer, open, close, move, rescind, release, and offer again under the same number.
 * Calls vsp/gpadl.c, vsp/io.c, vsp/queue.c, vsp/account.c and the providers.
 * Called by vsp/bus.c for messages of the guest, and by tests and bindings.
 */
#include "vsp/internal.h"

#define REFUSED	0x8000ffffu
#define TL_REFUSED	0xc0000236u

__u32 vsp_channel_relid(const struct vsp_channel *c)
{
	return c->relid;
}

struct vsp *vsp_channel_host(const struct vsp_channel *c)
{
	return c->host;
}

const struct vsp_offer *vsp_channel_offer(const struct vsp_channel *c)
{
	return &c->offer;
}

__u32 vsp_channel_vp(const struct vsp_channel *c)
{
	return c->target_vp;
}

bool vsp_channel_open(const struct vsp *v, __u32 relid)
{
	return relid < ENL_RELID_LIMIT && v->channel[relid].state == VSP_CH_OPEN;
}

void vsp_channel_stats(const struct vsp_channel *c, struct vsp_channel_stats *stats)
{
	stats->packets_in = c->packets_in;
	stats->bytes_in = c->bytes_in;
	stats->packets_out = c->packets_out;
	stats->bytes_out = c->bytes_out;
	stats->events = c->events;
	stats->doorbells = c->rung;
	stats->broken = c->broken;
	stats->blocked = c->blocked;
}

static __u32 lowest_free(const struct vsp *v)
{
	__u32 relid = 1;

	while (relid < ENL_RELID_LIMIT && v->channel[relid].state != VSP_CH_FREE)
		relid++;
	return relid;
}

static __u8 lowest_monitor(const struct vsp *v)
{
	__u32 id, i;

	for (id = 0; id < ENL_MONITOR_IDS; id++) {
		for (i = 1; i < ENL_RELID_LIMIT; i++) {
			if (v->channel[i].state >= VSP_CH_OFFERED && v->channel[i].monitor == id)
				break;
		}
		if (i == ENL_RELID_LIMIT)
			return (__u8)id;
	}
	return ENL_MONITOR_NONE;
}

/**
 * vsp_offer - offer a channel: at once if the guest has asked, else when it asks
 * @v: the host
 * @offer: copied
 *
 * Returns the relid, or 0 if the one that was asked for is taken.
 */
__u32 vsp_offer(struct vsp *v, const struct vsp_offer *offer)
{
	__u32 relid = offer->relid ? offer->relid : lowest_free(v);
	struct vsp_channel *c;

	if (relid >= ENL_RELID_LIMIT || v->channel[relid].state != VSP_CH_FREE)
		return 0;
	c = &v->channel[relid];
	__builtin_memset(c, 0, sizeof(*c));
	c->host = v;
	c->state = VSP_CH_WAITING;
	c->offer = *offer;
	c->relid = relid;
	c->connection = v->host.connection_base + relid;
	c->monitor = ENL_MONITOR_NONE;
	v->waiting++;
	return relid;
}

static void send_offer(struct vsp_channel *c)
{
	struct enl_msg_offer m = { 0 };
	struct vsp *v = c->host;

	if (c->offer.monitored && v->monitor_pfn[1] && !v->host.no_monitors)
		c->monitor = lowest_monitor(v);
	m.header.type = __cpu_to_le32(ENL_MSG_OFFER);
	m.class_id = c->offer.class_id;
	m.instance_id = c->offer.instance_id;
	m.flags = __cpu_to_le16(c->offer.flags);
	m.mmio_megabytes = __cpu_to_le16(c->offer.mmio_megabytes);
	__builtin_memcpy(m.user_defined, c->offer.user_defined, sizeof(m.user_defined));
	m.sub_channel_index = __cpu_to_le16(c->offer.sub_channel_index);
	m.relid = __cpu_to_le32(c->relid);
	m.monitor_id = c->monitor;
	m.monitor_flags = c->monitor != ENL_MONITOR_NONE ? ENL_OFFER_MONITOR_ALLOCATED : 0;
	m.interrupt_flags = __cpu_to_le16(ENL_OFFER_DEDICATED_INTERRUPT);
	m.connection_id = __cpu_to_le32(c->connection);
	c->state = VSP_CH_OFFERED;
	v->offers_sent++;
	vsp_reply(v, &m, sizeof(m));
}

/* Sends one offer that waits, or after the last of them ALL_OFFERS_DELIVERED. */
bool vsp_offer_step(struct vsp *v)
{
	struct enl_msg_header done = { .type = __cpu_to_le32(ENL_MSG_ALL_OFFERS_DELIVERED) };
	__u32 i;

	if (!v->connected || !v->offers_asked)
		return false;
	for (i = 1; v->waiting && i < ENL_RELID_LIMIT; i++) {
		if (v->channel[i].state != VSP_CH_WAITING)
			continue;
		v->waiting--;
		send_offer(&v->channel[i]);
		return true;
	}
	if (!v->all_offers_due)
		return false;
	v->all_offers_due = false;
	vsp_reply(v, &done, sizeof(done));
	return true;
}

/* Ends what runs on an open channel. The rings are the guest's again, or at least not ours. */
static void shut(struct vsp_channel *c)
{
	struct vsp *v = c->host;

	if (c->state != VSP_CH_OPEN)
		return;
	c->state = VSP_CH_OFFERED;
	v->gpadl[c->gpadl].in_ring = false;
	vsp_set_ready(c, false);
	if (c->offer.provider && c->offer.provider->closed)
		c->offer.provider->closed(c->offer.state, c);
	vsp_request_drop(v, c->relid);
}

static void free_channel(struct vsp_channel *c)
{
	c->host->waiting -= c->state == VSP_CH_WAITING;
	vsp_set_ready(c, false);
	__builtin_memset(c, 0, sizeof(*c));
}

/* The guest let go of a channel that the host wants to offer once more. */
static void wait_again(struct vsp_channel *c)
{
	c->state = VSP_CH_WAITING;
	c->reoffer = false;
	c->monitor = ENL_MONITOR_NONE;
	c->host->waiting++;
}

/**
 * vsp_rescind - withdraw a channel, whatever the guest is doing with it
 * @v: the host
 * @relid: the channel
 *
 * True if the guest will be told, and owes a RELID_RELEASED.
 */
bool vsp_rescind(struct vsp *v, __u32 relid)
{
	struct vsp_channel *c = vsp_channel(v, relid);
	struct enl_msg_relid m = { .header.type = __cpu_to_le32(ENL_MSG_RESCIND) };

	if (!c || c->state == VSP_CH_RESCINDED || c->state == VSP_CH_GIVEN_UP)
		return false;
	if (c->state == VSP_CH_WAITING) {
		free_channel(c);
		return false;
	}
	shut(c);
	c->state = VSP_CH_RESCINDED;
	vsp_gpadl_forget_channel(v, relid, true);
	m.relid = __cpu_to_le32(relid);
	vsp_reply(v, &m, sizeof(m));
	return true;
}

/* As vsp_rescind(), and the same device is offered again under the same number once released. */
bool vsp_rescind_and_reoffer(struct vsp *v, __u32 relid)
{
	struct vsp_channel *c = vsp_channel(v, relid);

	/* what was not offered yet need not be offered again */
	if (!c || c->state == VSP_CH_WAITING || !vsp_rescind(v, relid))
		return false;
	v->channel[relid].reoffer = true;
	return true;
}

void vsp_on_release(struct vsp *v, const __u8 *m)
{
	__u32 relid = vsp_get32(m, 8);
	struct vsp_channel *c = vsp_channel(v, relid);
	__u32 i;

	switch (c ? c->state : VSP_CH_FREE) {
	case VSP_CH_RESCINDED:
		v->relids_released++;
		vsp_gpadl_forget_channel(v, relid, true);
		vsp_gpadl_forget_partial(v, relid);
		if (c->reoffer)
			wait_again(c);
		else
			free_channel(c);
		break;
	case VSP_CH_OFFERED:
		v->relids_released++;
		for (i = 0; i < VSP_GPADLS; i++) {
			if (v->gpadl[i].relid == relid && v->gpadl[i].state == VSP_GPADL_LIVE)
				vsp_note(v, VSP_V_RELEASE_GPADL, relid, v->gpadl[i].id);
		}
		vsp_gpadl_forget_channel(v, relid, false);
		c->state = VSP_CH_GIVEN_UP;
		break;
	case VSP_CH_OPEN:
		vsp_note(v, VSP_V_RELEASE_OPEN, relid, 0);
		break;
	case VSP_CH_GIVEN_UP:
		vsp_note(v, VSP_V_RELEASE_TWICE, relid, 0);
		break;
	default:
		vsp_note(v, VSP_V_RELID, relid, ENL_MSG_RELID_RELEASED);
	}
}

static bool vp_ok(const struct vsp *v, __u32 vp)
{
	return vp < v->host.vps;
}

/* The GPADL of an OPEN: whole, of this channel, in no other ring, and cut into two rings. */
static struct vsp_gpadl *open_gpadl(struct vsp_channel *c, const __u8 *m)
{
	struct vsp *v = c->host;
	struct vsp_gpadl *g = vsp_gpadl_find(v, vsp_get32(m, 16));
	__u32 downstream = vsp_get32(m, 24);

	if (!g || g->state != VSP_GPADL_LIVE || g->relid != c->relid || g->in_ring) {
		vsp_note(v, VSP_V_OPEN_GPADL, c->relid, vsp_get32(m, 16));
		return NULL;
	}
	if (downstream < 2 || downstream > g->pages - 2 || g->pages < 4) {
		vsp_note(v, VSP_V_OPEN_OFFSET, c->relid, downstream);
		return NULL;
	}
	return vsp_rings_attach(c, g, downstream) ? g : NULL;
}

static __u32 open(struct vsp_channel *c, const __u8 *m)
{
	struct vsp *v = c->host;
	__u32 vp = vsp_get32(m, 20);
	struct vsp_gpadl *g;

	if (vp != ENL_VP_NONE && !vp_ok(v, vp)) {
		vsp_note(v, VSP_V_OPEN_VP, c->relid, vp);
		return REFUSED;
	}
	g = open_gpadl(c, m);
	if (!g)
		return REFUSED;
	g->in_ring = true;
	c->gpadl = (__u32)(g - v->gpadl);
	c->target_vp = vp;
	c->stale_events = 0;
	c->state = VSP_CH_OPEN;
	vsp_set_ready(c, true);
	if (c->offer.provider && c->offer.provider->opened)
		c->offer.provider->opened(c->offer.state, c);
	if (v->host.signal_at_open)
		vsp_notify_guest(c);
	return 0;
}

void vsp_on_open(struct vsp *v, const __u8 *m, __u32 bytes)
{
	struct enl_msg_open_result r = { .header.type = __cpu_to_le32(ENL_MSG_OPEN_RESULT) };
	__u32 relid = vsp_get32(m, 8);
	struct vsp_channel *c = vsp_channel(v, relid);
	__u32 status = REFUSED;

	if (c && c->state == VSP_CH_RESCINDED)
		return;		/* never answered: the RESCIND must wake the guest */
	if (bytes != sizeof(struct enl_msg_open) && !(v->features & 3 && bytes == 156))
		vsp_note(v, VSP_V_LENGTH, ENL_MSG_OPEN, bytes);
	if (c && c->state == VSP_CH_OPEN) {
		vsp_note(v, VSP_V_OPEN_STATE, relid, 0);
		return;
	}
	if (c && c->state == VSP_CH_OFFERED)
		status = open(c, m);
	else
		vsp_note(v, VSP_V_RELID, relid, ENL_MSG_OPEN);
	r.relid = __cpu_to_le32(relid);
	r.open_id = __cpu_to_le32(vsp_get32(m, 12));
	r.status = __cpu_to_le32(status);
	if (vsp_reply(v, &r, sizeof(r)) && !status)
		shut(c);
}

void vsp_on_close(struct vsp *v, const __u8 *m)
{
	__u32 relid = vsp_get32(m, 8);
	struct vsp_channel *c = vsp_channel(v, relid);

	if (c && c->state == VSP_CH_RESCINDED)
		return;
	if (!c || c->state != VSP_CH_OPEN)
		vsp_note(v, VSP_V_CLOSE_STATE, relid, c ? c->state : 0);
	else
		shut(c);
}

void vsp_on_modify(struct vsp *v, const __u8 *m)
{
	struct enl_msg_modify_response r = {
		.header.type = __cpu_to_le32(ENL_MSG_MODIFY_CHANNEL_RESPONSE),
	};
	__u32 relid = vsp_get32(m, 8);
	__u32 vp = vsp_get32(m, 12);
	struct vsp_channel *c = vsp_channel(v, relid);
	bool refused = true;

	if (c && c->state == VSP_CH_RESCINDED)
		return;
	if (vsp_answer_waits(v, ENL_MSG_MODIFY_CHANNEL_RESPONSE, relid)) {
		vsp_note(v, VSP_V_MODIFY_TWICE, relid, vp);
		return;
	}
	if (!c || c->state != VSP_CH_OPEN) {
		vsp_note(v, VSP_V_MODIFY_STATE, relid, c ? c->state : 0);
	} else if (!vp_ok(v, vp)) {
		vsp_note(v, VSP_V_OPEN_VP, relid, vp);
	} else {
		refused = false;
		c->old_vp = c->target_vp;
		c->target_vp = vp;
		c->stale_events = v->version < ENL_VERSION_5_3 ? v->host.stale_events : 0;
	}
	if (v->version < ENL_VERSION_5_3)
		return;
	r.relid = __cpu_to_le32(relid);
	r.status = __cpu_to_le32(refused ? REFUSED : 0);
	if (vsp_reply(v, &r, sizeof(r)) && !refused)
		c->target_vp = c->old_vp;
}

/* hvsock: an offer with service as class and endpoint as instance, or a refusal. */
void vsp_on_tl_connect(struct vsp *v, const __u8 *m, __u32 bytes)
{
	struct enl_msg_tl_result r = { .header.type = __cpu_to_le32(ENL_MSG_TL_CONNECT_RESULT) };
	struct vsp_offer offer = {
		.flags = ENL_OFFER_HVSOCK | ENL_OFFER_NAMED_PIPE | ENL_OFFER_USER_INTERFACE,
	};

	if (bytes != sizeof(struct enl_msg_tl_connect) &&
	    !(bytes == sizeof(struct enl_msg_tl_connect_silo) && v->version >= ENL_VERSION_5_2))
		vsp_note(v, VSP_V_LENGTH, ENL_MSG_TL_CONNECT, bytes);
	__builtin_memcpy(&r.endpoint, m + 8, sizeof(r.endpoint));
	__builtin_memcpy(&r.service, m + 24, sizeof(r.service));
	if (v->host.tl_accept) {
		offer.class_id = r.service;
		offer.instance_id = r.endpoint;
		vsp_offer(v, &offer);
		return;
	}
	r.status = __cpu_to_le32(TL_REFUSED);
	if (v->version >= ENL_VERSION_4_1)
		vsp_reply(v, &r, sizeof(r));
}

/* Does any service still use memory of the guest for what was closed? */
bool vsp_providers_busy(const struct vsp *v)
{
	__u32 i;

	for (i = 1; i < ENL_RELID_LIMIT; i++) {
		const struct vsp_offer *o = &v->channel[i].offer;

		if (o->provider && o->provider->busy && o->provider->busy(o->state))
			return true;
	}
	return false;
}

/* The connection is over: everything is closed, and will be offered anew to the next guest. */
void vsp_channel_reset(struct vsp *v)
{
	__u32 i;

	for (i = 1; i < ENL_RELID_LIMIT; i++) {
		struct vsp_channel *c = &v->channel[i];

		shut(c);
		if (c->state == VSP_CH_RESCINDED && !c->reoffer)
			free_channel(c);
		else if (c->state >= VSP_CH_OFFERED)
			wait_again(c);
	}
}
