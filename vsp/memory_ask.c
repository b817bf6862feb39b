// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Dynamic Memory service: what the host wants of the guest, one request after the other.
 * Calls vsp/ranges.c.
 * Called by vsp/memory.c when it may send, and by tests and machines to give orders.
 */
#include "vsp/internal.h"
#include "vsp/memory.h"

static __u8 *begin(struct vsp_memory *m, __u16 type, __u32 bytes)
{
	__u8 *p = (__u8 *)m->tx;

	__builtin_memset(m->tx, 0, sizeof(m->tx));
	vsp_put32(p, 0, type | bytes << 16);
	vsp_put32(p, 4, ++m->next_id);
	m->tx_bytes = bytes;
	return p;
}

static void put_range(__u8 *p, __u32 at, __u64 first, __u64 pages)
{
	__u64 word = (first & ENL_DM_RANGE_PFN_MASK) | pages << ENL_DM_RANGE_PFN_BITS;

	vsp_put32(p, at, (__u32)word);
	vsp_put32(p, at + 4, (__u32)(word >> 32));
}

/* How much of which run goes next. */
static __u64 next_piece(const struct vsp_memory *m, __u32 *range, __u64 *first)
{
	const struct vsp_range *r;
	__u64 pages;

	*range = m->grouping == VSP_DM_SPLIT ? m->owned.count - 1 : 0;
	r = &m->range[*range];
	pages = r->pages;
	if (m->grouping == VSP_DM_SINGLE)
		pages = 1;
	else if (m->grouping == VSP_DM_SPLIT)
		pages = pages > 7 ? pages / 2 - 1 : 1;
	if (pages > m->unballoon_left)
		pages = m->unballoon_left;
	if (pages > ENL_DM_RANGE_MAX_PAGES)
		pages = ENL_DM_RANGE_MAX_PAGES;
	/* SPLIT takes from the end, so that runs are cut where no block ended */
	*first = m->grouping == VSP_DM_SPLIT ? r->first + r->pages - pages : r->first;
	return pages;
}

/* One message that gives pages back. More follow while some are left. */
static void unballoon(struct vsp_memory *m)
{
	__u32 most = m->grouping == VSP_DM_ONE_RANGE ? 1 : ENL_DM_RESPONSE_RANGES;
	__u8 *p = begin(m, ENL_DM_UNBALLOON, 16);
	__u32 count = 0;

	while (count < most && m->unballoon_left && m->owned.count) {
		__u32 range;
		__u64 first, pages;

		pages = next_piece(m, &range, &first);
		put_range(p, 16 + 8 * count++, first, pages);
		m->unballoon_left -= pages;
		vsp_ranges_return(m, range, first, pages);
	}
	if (!m->owned.count)
		m->unballoon_left = 0;
	m->tx_bytes = 16 + 8 * count;
	vsp_put32(p, 0, ENL_DM_UNBALLOON | m->tx_bytes << 16);
	vsp_put32(p, 8, m->unballoon_left ? 1 : 0);
	vsp_put32(p, 12, count);
}

static void hot_add(struct vsp_memory *m, const struct vsp_dm_command *c)
{
	bool region = c->region_first || c->region_pages;
	__u8 *p = begin(m, ENL_DM_HOT_ADD, region ? 24 : 16);

	put_range(p, 8, c->first, c->pages);
	if (region)
		put_range(p, 16, c->region_first, c->region_pages);
}

static void info(struct vsp_memory *m, __u64 pages)
{
	__u8 *p = begin(m, ENL_DM_INFO, 32);

	vsp_put32(p, 12, 16);
	vsp_put32(p, 16, ENL_DM_INFO_MAX_PAGES);
	vsp_put32(p, 20, 8);
	vsp_put32(p, 24, (__u32)pages);
	vsp_put32(p, 28, (__u32)(pages >> 32));
}

static void start(struct vsp_memory *m, const struct vsp_dm_command *c)
{
	__u8 *p;

	m->asked = c->pages;
	switch (c->type) {
	case ENL_DM_BALLOON:
		p = begin(m, ENL_DM_BALLOON, 16);
		vsp_put32(p, 8, (__u32)c->pages);
		m->got = 0;
		break;
	case ENL_DM_UNBALLOON:
		m->grouping = c->grouping;
		m->unballoon_left = c->pages && c->pages < m->owned.pages ? c->pages :
									    m->owned.pages;
		unballoon(m);
		break;
	case ENL_DM_HOT_ADD:
		hot_add(m, c);
		break;
	case ENL_DM_HOT_REMOVE:
		p = begin(m, ENL_DM_HOT_REMOVE, 24);
		vsp_put32(p, 8, c->node);
		vsp_put32(p, 12, (__u32)c->pages);
		vsp_put32(p, 16, c->quality);
		break;
	case ENL_DM_INFO:
		info(m, c->pages);
		return;			/* nobody answers that */
	default:
		m->tx_bytes = c->raw_bytes <= sizeof(m->tx) ? c->raw_bytes : sizeof(m->tx);
		__builtin_memcpy(m->tx, c->raw, m->tx_bytes);
		return;
	}
	m->outstanding = c->type;
}

/* Puts the next thing to say into m->tx. False: there is none. */
bool vsp_memory_ask(struct vsp_memory *m)
{
	struct vsp_dm_command c;
	__u32 i;

	if (m->state != VSP_DM_READY)
		return false;
	if (m->unballoon_left) {
		unballoon(m);
		return true;
	}
	if (!m->commands || (m->outstanding && !m->overlap))
		return false;
	c = m->command[0];
	m->commands--;
	for (i = 0; i < m->commands; i++)
		m->command[i] = m->command[i + 1];
	start(m, &c);
	return true;
}

/**
 * vsp_memory_command - give an order, to be carried out after those given before
 * @v: the host
 * @m: the service
 * @command: copied
 *
 * False: too many wait already, or no channel is open.
 */
bool vsp_memory_command(struct vsp *v, struct vsp_memory *m, const struct vsp_dm_command *command)
{
	struct vsp_channel *c = vsp_channel(v, m->relid);

	if (m->commands == VSP_DM_COMMANDS || !c || m->state == VSP_DM_CLOSED)
		return false;
	m->command[m->commands++] = *command;
	vsp_kick(c);
	return true;
}

bool vsp_memory_balloon(struct vsp *v, struct vsp_memory *m, __u64 pages)
{
	struct vsp_dm_command c = { .type = ENL_DM_BALLOON, .pages = pages };

	return vsp_memory_command(v, m, &c);
}

/* @pages 0: all that the host has. */
bool vsp_memory_unballoon(struct vsp *v, struct vsp_memory *m, __u64 pages,
			  enum vsp_dm_grouping grouping)
{
	struct vsp_dm_command c = {
		.type = ENL_DM_UNBALLOON, .pages = pages, .grouping = grouping,
	};

	return vsp_memory_command(v, m, &c);
}

/* @region_pages 0: the short form. */
bool vsp_memory_hot_add(struct vsp *v, struct vsp_memory *m, __u64 first, __u64 pages,
			__u64 region_first, __u64 region_pages)
{
	struct vsp_dm_command c = {
		.type = ENL_DM_HOT_ADD, .first = first, .pages = pages,
		.region_first = region_first, .region_pages = region_pages,
	};

	return vsp_memory_command(v, m, &c);
}

bool vsp_memory_info(struct vsp *v, struct vsp_memory *m, __u64 max_pages)
{
	struct vsp_dm_command c = { .type = ENL_DM_INFO, .pages = max_pages };

	return vsp_memory_command(v, m, &c);
}

/* The handshake is done and every order was carried out and answered. */
bool vsp_memory_idle(const struct vsp_memory *m)
{
	return m->state == VSP_DM_READY && !m->commands && !m->outstanding && !m->tx_bytes &&
	       !m->unballoon_left;
}
