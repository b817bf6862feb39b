// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open channels, guest to host: read packets, check them, doorbells, monitor bits.
 * Calls vsp/send.c, vsp/ring_peer.c, vsp/account.c and the channel's provider.
 * Called by vsp/bus.c: one step of a channel.
 *
 * The host never polls: it looks at a ring when a doorbell came and then until it is empty. Each
 * time it goes to sleep, and each time it asks for room, one doorbell may come; tokens count that.
 */
#include "vsp/internal.h"

#define DESC	((__u32)sizeof(struct enl_packet_desc))

void vsp_set_ready(struct vsp_channel *c, bool ready)
{
	__u64 bit = 1ULL << (c->relid % 64);

	if (ready)
		c->host->ready[c->relid / 64] |= bit;
	else
		c->host->ready[c->relid / 64] &= ~bit;
}

/**
 * vsp_kick - there may be something to do on a channel
 * @c: the channel
 *
 * Its provider is asked for work, and gets the packet that it refused once more.
 */
void vsp_kick(struct vsp_channel *c)
{
	c->stalled = false;
	vsp_set_ready(c, true);
}

/* Attaches both rings; false, with the breach counted, if the guest did not prepare them. */
bool vsp_rings_attach(struct vsp_channel *c, struct vsp_gpadl *g, __u32 downstream_page)
{
	const __u64 *pfns = &c->host->pfn[g->first];
	const struct vsp_binding *b = &c->host->binding;
	struct vsp_ring in = { .binding = b, .pfns = pfns };
	struct vsp_ring out = { .binding = b, .pfns = pfns + downstream_page, .host_sends = true };

	if (!vsp_ring_is_clean(&in) || !vsp_ring_is_clean(&out)) {
		vsp_note(c->host, VSP_V_RING_NOT_CLEAN, c->relid, g->id);
		return false;
	}
	c->broken = false;
	c->scribbled = false;
	if (vsp_ring_failed(c, vsp_ring_attach(&c->in, b, pfns, downstream_page, false)) ||
	    vsp_ring_failed(c, vsp_ring_attach(&c->out, b, out.pfns, g->pages - downstream_page,
					       true)))
		return false;
	c->out.garbage_trailers = c->host->host.garbage_trailers;
	c->reading = true;
	c->stalled = false;
	c->blocked = false;
	c->tokens = 0;
	c->doorbells = 0;
	c->batch = 0;
	return true;
}

/*
 * The ranges of a GPA-direct packet: all there, each page the guest's, and nothing over unless the
 * provider does not mind.
 */
static bool ranges_ok(struct vsp_channel *c, const __u8 *p, __u32 offset)
{
	const struct vsp_provider *provider = c->offer.provider;
	__u32 count = vsp_get32(p, 20);
	__u32 at = 24;

	if (vsp_get32(p, 16) || !count)
		return false;
	while (count--) {
		__u32 bytes, start;
		__u64 pages;

		if (at + 8 > offset)
			return false;
		bytes = vsp_get32(p, at);
		start = vsp_get32(p, at + 4);
		pages = ((__u64)start + bytes + ENL_HVPAGE_SIZE - 1) / ENL_HVPAGE_SIZE;
		if (!bytes || start >= ENL_HVPAGE_SIZE || pages * 8 > offset - at - 8)
			return false;
		for (at += 8; pages--; at += 8) {
			if (!vsp_map(c->host, vsp_get32(p, at) | (__u64)vsp_get32(p, at + 4) << 32))
				return false;
		}
	}
	return at == offset || (provider && provider->spare_slots);
}

/* Books what the packet means for the account of requests. False: it makes no sense. */
static bool account(struct vsp_channel *c, const struct vsp_packet *p)
{
	if (p->type == ENL_PACKET_COMPLETION) {
		if (vsp_request_done(c->host, c->relid, true, p->id))
			return true;
		vsp_note(c->host, VSP_V_COMPLETION, c->relid, p->id);
		return false;
	}
	if (!(p->flags & ENL_PACKET_WANTS_COMPLETION))
		return true;
	if (p->id && vsp_request_add(c->host, c->relid, false, p->id))
		return true;
	vsp_note(c->host, VSP_V_REQUEST_ID, c->relid, p->id);
	return false;
}

/* False: the provider does not take it now. */
static bool handle(struct vsp_channel *c, const __u8 *raw, __u32 bytes)
{
	const struct enl_packet_desc *d = (const void *)raw;
	__u32 offset = __le16_to_cpu(d->offset8) * 8u;
	const struct vsp_provider *provider = c->offer.provider;
	struct vsp_packet p = {
		.type = __le16_to_cpu(d->type),
		.flags = __le16_to_cpu(d->flags),
		.id = __le64_to_cpu(d->transaction_id),
		.head = raw + DESC,
		.head_bytes = offset - DESC,
		.data = raw + offset,
		.bytes = bytes - offset,
	};

	if (p.type == ENL_PACKET_GPA_DIRECT && !ranges_ok(c, raw, offset)) {
		vsp_note(c->host, VSP_V_RANGE, c->relid, p.id);
		return true;
	}
	if (!account(c, &p))
		return true;
	if (provider && provider->packet) {
		if (provider->packet(c->offer.state, c, &p))
			return true;
		if (p.type == ENL_PACKET_COMPLETION)
			vsp_request_add(c->host, c->relid, true, p.id);
		else if (p.flags)
			vsp_request_done(c->host, c->relid, false, p.id);
		return false;
	}
	return !p.flags || vsp_complete(c, p.id, NULL, 0) != VSP_NO_ROOM;
}

static void commit(struct vsp_channel *c)
{
	bool wake;

	c->batch = 0;
	if (!vsp_ring_failed(c, vsp_ring_commit(&c->in, &wake)) && wake)
		vsp_notify_guest(c);
}

/* The ring is empty: publish, ask for doorbells again, and look once more. */
static void go_to_sleep(struct vsp_channel *c)
{
	enum vsp_ring_result r;

	commit(c);
	if (c->broken || vsp_ring_failed(c, vsp_ring_mask(&c->in, false)))
		return;
	c->tokens++;
	r = vsp_ring_has_data(&c->in);
	if (vsp_ring_failed(c, r))
		return;
	if (r == VSP_RING_OK)
		vsp_ring_failed(c, vsp_ring_mask(&c->in, true));
	else
		c->reading = false;
}

static void read_one(struct vsp_channel *c)
{
	struct vsp *v = c->host;
	__u32 before = c->in.index;
	enum vsp_ring_result r;
	__u32 bytes;

	r = vsp_ring_read(&c->in, v->scratch, sizeof(v->scratch), &bytes);
	if (r == VSP_RING_EMPTY) {
		go_to_sleep(c);
		return;
	}
	if (vsp_ring_failed(c, r))
		return;
	if (!handle(c, (const __u8 *)v->scratch, bytes)) {
		c->in.index = before;
		c->stalled = true;
		commit(c);
		return;
	}
	if (c->state != VSP_CH_OPEN)
		return;
	c->packets_in++;
	c->bytes_in += bytes;
	if (++c->batch >= v->host.commit_batch)
		commit(c);
}

/* The guest rang: it wrote to an empty ring, or it made the room that we asked for. */
static void look_at_doorbell(struct vsp_channel *c)
{
	enum vsp_ring_result r;

	c->doorbells = 0;
	if (!c->reading && !vsp_ring_failed(c, vsp_ring_mask(&c->in, true)))
		c->reading = true;
	if (!c->blocked)
		return;
	r = vsp_ring_room(&c->out, c->want);
	if (vsp_ring_failed(c, r) || r == VSP_RING_FULL)
		return;
	vsp_ring_failed(c, vsp_ring_unwant(&c->out));
	c->blocked = false;
	c->stalled = false;
}

/* One thing on one channel. False: nothing to do. */
bool vsp_channel_step(struct vsp_channel *c)
{
	const struct vsp_provider *provider = c->offer.provider;

	if (c->state != VSP_CH_OPEN || c->broken ||
	    (!c->scribbled && (vsp_ring_failed(c, vsp_ring_check_owner(&c->in)) ||
			       vsp_ring_failed(c, vsp_ring_check_owner(&c->out))))) {
		vsp_set_ready(c, false);
		return false;
	}
	if (c->doorbells)
		look_at_doorbell(c);
	if (c->reading && !c->stalled && !c->broken) {
		read_one(c);
		return true;
	}
	if (!c->blocked && provider && provider->work && provider->work(c->offer.state, c))
		return true;
	if (c->reading && !c->stalled)
		return true;
	vsp_set_ready(c, false);
	return false;
}

/* At rest: should the guest have rung, and did not? */
bool vsp_doorbell_due(struct vsp_channel *c)
{
	if (c->state != VSP_CH_OPEN || c->broken || c->doorbells)
		return false;
	if (!c->reading && vsp_ring_has_data(&c->in) == VSP_RING_OK)
		return true;
	/* the pending size includes the trailer, vsp_ring_room() adds it */
	return c->blocked && c->out.pending >= 8 &&
	       vsp_ring_room(&c->out, c->out.pending - 8) == VSP_RING_OK;
}

static void ring_in(struct vsp_channel *c)
{
	if (c->state != VSP_CH_OPEN) {
		if (c->state != VSP_CH_RESCINDED)
			vsp_note(c->host, VSP_V_DOORBELL_UNKNOWN, c->relid, c->state);
		return;
	}
	c->rung++;
	c->host->doorbells++;
	if (c->tokens)
		c->tokens--;
	else
		vsp_note(c->host, VSP_V_DOORBELL, c->relid, c->rung);
	c->doorbells++;
	vsp_set_ready(c, true);
}

/**
 * vsp_signal - the guest's HvSignalEvent
 * @v: the host
 * @connection: of a channel
 */
void vsp_signal(struct vsp *v, __u32 connection)
{
	__u32 relid = connection - v->host.connection_base;
	const struct vsp_fault *f;
	struct vsp_channel *c;

	if (relid == 0 || relid >= ENL_RELID_LIMIT || v->channel[relid].state < VSP_CH_OFFERED) {
		v->signals_unknown++;
		vsp_note(v, VSP_V_DOORBELL_UNKNOWN, connection, 0);
		return;
	}
	c = &v->channel[relid];
	f = vsp_fault_at(v, VSP_AT_DOORBELL, relid);
	if (f && f->action == VSP_DROP) {
		if (c->tokens)
			c->tokens--;
		return;
	}
	ring_in(c);
}

/* Takes one pending bit out of the guest's monitor page and treats it as a doorbell. */
bool vsp_monitor_step(struct vsp *v)
{
	struct enl_monitor_page *page = v->monitor_pfn[1] ? vsp_map(v, v->monitor_pfn[1]) : NULL;
	__u32 group, bit, i;

	for (group = 0; page && group < 4; group++) {
		__u32 *word = (__u32 *)(void *)&page->group[group].pending;
		__u32 pending = vsp_load32(word);

		if (!pending)
			continue;
		bit = (__u32)__builtin_ctz(pending);
		/* the model runs on little-endian machines only */
		__sync_fetch_and_and(word, ~(1u << bit));
		for (i = 1; i < ENL_RELID_LIMIT; i++) {
			struct vsp_channel *c = &v->channel[i];

			if (c->state >= VSP_CH_OPEN && c->monitor == group * 32 + bit) {
				ring_in(c);
				return true;
			}
		}
		vsp_note(v, VSP_V_MONITOR, group * 32 + bit, 0);
		return true;
	}
	return false;
}

/**
 * vsp_scribble - write a word into a ring, as a bad host would
 * @v: the host
 * @relid: an open channel
 * @to_guest: in the ring that the guest reads, else in the one that it writes
 * @offset: in bytes; below 4096 the control page, behind it the data
 * @value: the word
 *
 * From now on the model does not check who wrote what in the control pages of this channel.
 */
bool vsp_scribble(struct vsp *v, __u32 relid, bool to_guest, __u32 offset, __u32 value)
{
	struct vsp_channel *c = vsp_channel(v, relid);
	struct vsp_ring *r;

	if (!c || c->state != VSP_CH_OPEN)
		return false;
	r = to_guest ? &c->out : &c->in;
	if (offset >= r->data_bytes + ENL_HVPAGE_SIZE)
		return false;
	c->scribbled = true;
	return vsp_ring_poke(r, offset, value) == VSP_RING_OK;
}

/* Reads a word of a ring, at the same offsets; 0 if the channel is not open. */
__u32 vsp_peek(struct vsp *v, __u32 relid, bool to_guest, __u32 offset)
{
	struct vsp_channel *c = vsp_channel(v, relid);
	const struct vsp_ring *r;

	if (!c || c->state != VSP_CH_OPEN)
		return 0;
	r = to_guest ? &c->out : &c->in;
	return offset < r->data_bytes + ENL_HVPAGE_SIZE ? vsp_ring_peek(r, offset) : 0;
}

/* The channel's state, or NULL if there was never one of that number. */
struct vsp_channel *vsp_channel(struct vsp *v, __u32 relid)
{
	if (!relid || relid >= ENL_RELID_LIMIT || v->channel[relid].state == VSP_CH_FREE)
		return NULL;
	return &v->channel[relid];
}
