// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Dynamic Memory service: what the guest sends, checked and answered.
 * Calls vsp/memory_ask.c (what the host wants), vsp/ranges.c, vsp/send.c and vsp/account.c.
 * Called by vsp/io.c as the provider of a channel of class ENL_CLASS_MEMORY.
 */
#include "vsp/internal.h"
#include "vsp/memory.h"

static void note(struct vsp_memory *m, enum vsp_violation which, __u64 what)
{
	vsp_note(m->host, which, m->relid, what);
}

static __u64 get64(const __u8 *p, __u32 at)
{
	return vsp_get32(p, at) | (__u64)vsp_get32(p, at + 4) << 32;
}

/* The least length of a message that a guest may send in this version; 0: none may. */
static __u32 least_bytes(const struct vsp_memory *m, __u16 type)
{
	__u32 least = 0;
	__u32 since = 0;

	switch (type) {
#define DIRECTION_G(bytes)	(bytes)
#define DIRECTION_H(bytes)	0
#define FORM(number, name, bytes, direction, version) \
	case number: \
		least = DIRECTION_##direction(bytes); \
		since = version; \
		break;
	ENL_DM_TABLE(FORM)
#undef FORM
	}
	return m->version && m->version < since ? 0 : least;
}

static void take(struct vsp_memory *m, __u64 range)
{
	__u64 first = range & ENL_DM_RANGE_PFN_MASK;
	__u64 pages = range >> ENL_DM_RANGE_PFN_BITS;
	__u64 pfn;

	if (!pages)
		return;
	if (vsp_ranges_touch(m, first, pages)) {
		note(m, VSP_V_DM_PAGE, first);
		return;
	}
	for (pfn = first; pfn < first + pages; pfn++) {
		if (!vsp_map(m->host, pfn)) {
			note(m, VSP_V_DM_PAGE, pfn);
			return;
		}
	}
	if (!vsp_ranges_add(m, first, pages))
		note(m, VSP_V_TABLE, VSP_DM_RANGES);
	vsp_ranges_mark(m, first, pages);
	m->got += pages;
}

static void reply(struct vsp_memory *m, __u16 type, __u32 id, __u64 word)
{
	__u8 *p = (__u8 *)m->tx;

	if (m->silent)
		return;
	vsp_put32(p, 0, type | 16u << 16);
	vsp_put32(p, 4, id);
	vsp_put32(p, 8, (__u32)word);
	vsp_put32(p, 12, (__u32)(word >> 32));
	m->tx_bytes = 16;
}

static void on_version(struct vsp_memory *m, const __u8 *p, __u32 id)
{
	__u32 version = vsp_get32(p, 8);
	__u32 last = vsp_get32(p, 12);
	__u32 max = m->max_version ? m->max_version : ENL_DM_VERSION_2_0;
	bool oldest = version == ENL_DM_VERSION_0_3;

	if (m->state != VSP_DM_VERSION)
		note(m, VSP_V_DM_ORDER, version);
	if ((version != ENL_DM_VERSION_2_0 && version != ENL_DM_VERSION_1_0 && !oldest) ||
	    last != oldest)
		note(m, VSP_V_DM_FORMAT, (__u64)last << 32 | version);
	if (version <= max) {
		m->version = version;
		m->state = VSP_DM_CAPABILITIES;
	}
	reply(m, ENL_DM_VERSION_RESPONSE, id, version <= max);
}

static void on_capabilities(struct vsp_memory *m, const __u8 *p, __u32 id)
{
	__u64 flags = m->refuse_capabilities ? 0 : ENL_DM_CAPS_ACCEPTED;
	__u64 known = m->version >= ENL_DM_VERSION_2_0 ? 0x7f : 0x3f;

	if (m->state != VSP_DM_CAPABILITIES)
		note(m, VSP_V_DM_ORDER, ENL_DM_CAPABILITIES);
	m->capabilities = get64(p, 8);
	m->min_pages = get64(p, 16);
	m->max_pfn = get64(p, 24);
	if (m->capabilities & ~known)
		note(m, VSP_V_DM_FORMAT, m->capabilities);
	if (m->version >= ENL_DM_VERSION_2_0) {
		flags |= m->may_hot_remove ? ENL_DM_CAPS_HOT_REMOVE : 0;
		flags |= m->suppress ? ENL_DM_CAPS_SUPPRESS_REPORTS : 0;
	}
	m->state = m->refuse_capabilities ? VSP_DM_REFUSED : VSP_DM_READY;
	reply(m, ENL_DM_CAPABILITIES_RESPONSE, id, flags);
}

static void on_status(struct vsp_memory *m, const __u8 *p)
{
	__u64 now = m->host->binding.time(m->host->binding.context);
	__u64 period = now - m->last_report;

	if (m->state != VSP_DM_READY)
		note(m, VSP_V_DM_ORDER, ENL_DM_STATUS);
	if (m->suppress && m->version >= ENL_DM_VERSION_2_0)
		note(m, VSP_V_DM_STATUS, m->reports);
	if (m->reports && (!m->shortest || period < m->shortest))
		m->shortest = period;
	if (m->reports && period > m->longest)
		m->longest = period;
	m->last_report = now;
	m->reports++;
	__builtin_memcpy(&m->status, p, sizeof(m->status));
}

static void on_balloon_response(struct vsp_memory *m, const __u8 *p, __u32 bytes)
{
	__u32 word = vsp_get32(p, 12);
	__u32 count = word >> ENL_DM_BALLOON_COUNT_SHIFT;
	bool more = word & ENL_DM_BALLOON_MORE;
	__u32 i;

	if (m->outstanding != ENL_DM_BALLOON) {
		note(m, VSP_V_DM_ORDER, ENL_DM_BALLOON_RESPONSE);
		return;
	}
	if (vsp_get32(p, 8) || count > ENL_DM_RESPONSE_RANGES || bytes != 16 + 8 * count) {
		note(m, VSP_V_DM_FORMAT, word);
		return;
	}
	if (!count && more)
		note(m, VSP_V_DM_EMPTY_MORE, m->got);
	for (i = 0; i < count; i++)
		take(m, get64(p, 16 + 8 * i));
	if (m->got > m->asked)
		note(m, VSP_V_DM_TOO_MANY, m->got);
	if (more)
		return;
	m->last_got = m->got;
	m->answers++;
	m->outstanding = 0;
}

static void on_hot_add_response(struct vsp_memory *m, const __u8 *p)
{
	if (m->outstanding != ENL_DM_HOT_ADD) {
		note(m, VSP_V_DM_ORDER, ENL_DM_HOT_ADD_RESPONSE);
		return;
	}
	m->hot_pages = vsp_get32(p, 8);
	m->hot_result = vsp_get32(p, 12);
	if (m->hot_pages > m->asked)
		note(m, VSP_V_DM_TOO_MANY, m->hot_pages);
	if (m->hot_result > 1 || (m->hot_pages && !m->hot_result))
		note(m, VSP_V_DM_FORMAT, m->hot_result);
	m->hot_answers++;
	m->outstanding = 0;
}

static void on_unballoon_response(struct vsp_memory *m)
{
	if (m->outstanding != ENL_DM_UNBALLOON || m->unballoon_left) {
		note(m, VSP_V_DM_ORDER, ENL_DM_UNBALLOON_RESPONSE);
		return;
	}
	m->unballooned++;
	m->outstanding = 0;
}

static void on_hot_remove_response(struct vsp_memory *m, const __u8 *p, __u32 bytes)
{
	if (m->outstanding != ENL_DM_HOT_REMOVE)
		note(m, VSP_V_DM_ORDER, ENL_DM_HOT_REMOVE_RESPONSE);
	else if (bytes != 24 + 8ULL * vsp_get32(p, 12))
		note(m, VSP_V_DM_FORMAT, bytes);
	m->remove_result = vsp_get32(p, 8);
	m->removes++;
	m->outstanding = 0;
}

static void dispatch(struct vsp_memory *m, const __u8 *p, __u16 type, __u32 bytes)
{
	__u32 id = vsp_get32(p, 4);

	switch (type) {
	case ENL_DM_VERSION_REQUEST:
		return on_version(m, p, id);
	case ENL_DM_CAPABILITIES:
		return on_capabilities(m, p, id);
	case ENL_DM_STATUS:
		return on_status(m, p);
	case ENL_DM_BALLOON_RESPONSE:
		return on_balloon_response(m, p, bytes);
	case ENL_DM_UNBALLOON_RESPONSE:
		return on_unballoon_response(m);
	case ENL_DM_HOT_ADD_RESPONSE:
		return on_hot_add_response(m, p);
	case ENL_DM_HOT_REMOVE_RESPONSE:
		return on_hot_remove_response(m, p, bytes);
	}
}

static bool packet(void *state, struct vsp_channel *c, const struct vsp_packet *p)
{
	struct vsp_memory *m = state;
	const __u8 *data = p->data;
	__u16 type, bytes;
	__u32 least, id;

	if (m->tx_bytes)
		return false;		/* first say what is on the tongue */
	m->relid = vsp_channel_relid(c);
	if (p->type != ENL_PACKET_INBAND || p->bytes < 8 || p->flags) {
		note(m, VSP_V_DM_FORMAT, p->type);
		return true;
	}
	type = (__u16)vsp_get32(data, 0);
	bytes = (__u16)(vsp_get32(data, 0) >> 16);
	least = least_bytes(m, type);
	if (!least || bytes < least || bytes > p->bytes || p->bytes - bytes >= 8 ||
	    bytes > ENL_DM_MESSAGE_BYTES) {
		note(m, VSP_V_DM_FORMAT, (__u64)bytes << 16 | type);
		return true;
	}
	id = vsp_get32(data, 4);
	if (m->guest_spoke && (__s32)(id - m->guest_id) <= 0)
		note(m, VSP_V_DM_ID, id);
	m->guest_id = id;
	m->guest_spoke = true;
	dispatch(m, data, type, bytes);
	vsp_kick(c);
	return true;
}

static bool work(void *state, struct vsp_channel *c)
{
	struct vsp_memory *m = state;
	struct vsp_packet p = { .type = ENL_PACKET_INBAND };

	if (!m->tx_bytes && !vsp_memory_ask(m))
		return false;
	p.data = m->tx;
	p.bytes = m->tx_bytes;
	if (vsp_send(c, &p) == VSP_NO_ROOM)
		return false;
	m->tx_bytes = 0;
	vsp_kick(c);
	return true;
}

static void opened(void *state, struct vsp_channel *c)
{
	struct vsp_memory *m = state;

	m->host = vsp_channel_host(c);
	m->relid = vsp_channel_relid(c);
	m->state = VSP_DM_VERSION;
	m->version = 0;
	m->guest_spoke = false;
	m->outstanding = 0;
	m->unballoon_left = 0;
	m->tx_bytes = 0;
	m->reports = 0;
	m->owned.ranges = m->range;
	vsp_own(m->host, &m->owned);
}

static void closed(void *state, struct vsp_channel *c)
{
	struct vsp_memory *m = state;

	m->state = VSP_DM_CLOSED;
	m->outstanding = 0;
	m->commands = 0;
	if (m->forget_at_close) {
		m->owned.count = 0;
		m->owned.pages = 0;
	}
	(void)c;
}

const struct vsp_provider vsp_memory_provider = {
	.opened = opened,
	.closed = closed,
	.packet = packet,
	.work = work,
};
