// SPDX-License-Identifier: GPL-2.0-only
/*
 * The set of pages that the host took: sorted runs in a fixed table, and a mark in each page.
 * Calls the page map and vsp/account.c. Used by the Dynamic Memory service, and read by the ledger.
 */
#include "vsp/internal.h"
#include "vsp/memory.h"

#define PATTERN	0x5ca1ab1eb0a710adULL

/* Index of the first run that ends behind @first. */
static __u32 find(const struct vsp_memory *m, __u64 first)
{
	__u32 low = 0;
	__u32 high = m->owned.count;

	while (low < high) {
		__u32 middle = (low + high) / 2;

		if (m->range[middle].first + m->range[middle].pages <= first)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert(struct vsp_memory *m, __u32 at)
{
	__u32 i;

	for (i = m->owned.count++; i > at; i--)
		m->range[i] = m->range[i - 1];
}

static void remove(struct vsp_memory *m, __u32 at)
{
	__u32 i;

	m->owned.count--;
	for (i = at; i < m->owned.count; i++)
		m->range[i] = m->range[i + 1];
}

/* Is any page of these in the set? */
bool vsp_ranges_touch(const struct vsp_memory *m, __u64 first, __u64 pages)
{
	__u32 at = find(m, first);

	return pages && at < m->owned.count && m->range[at].first < first + pages;
}

/* Adds pages that are not in the set, and joins neighbours. False: the table is full. */
bool vsp_ranges_add(struct vsp_memory *m, __u64 first, __u64 pages)
{
	__u32 at = find(m, first);
	bool left = at && m->range[at - 1].first + m->range[at - 1].pages == first;
	bool right = at < m->owned.count && m->range[at].first == first + pages;

	if (left && right) {
		m->range[at - 1].pages += pages + m->range[at].pages;
		remove(m, at);
	} else if (left) {
		m->range[at - 1].pages += pages;
	} else if (right) {
		m->range[at].first = first;
		m->range[at].pages += pages;
	} else if (m->owned.count < VSP_DM_RANGES) {
		insert(m, at);
		m->range[at].first = first;
		m->range[at].pages = pages;
	} else {
		pages = 0;
	}
	m->owned.pages += pages;
	return pages;
}

/* Takes a piece out of run @range; the table needs a free place if it is from the middle. */
void vsp_ranges_cut(struct vsp_memory *m, __u32 range, __u64 first, __u64 pages)
{
	struct vsp_range *r = &m->range[range];
	__u64 end = r->first + r->pages;

	m->owned.pages -= pages;
	if (first == r->first && pages == r->pages) {
		remove(m, range);
	} else if (first == r->first) {
		r->first += pages;
		r->pages -= pages;
	} else if (first + pages == end) {
		r->pages -= pages;
	} else {
		insert(m, range + 1);
		m->range[range + 1].first = first + pages;
		m->range[range + 1].pages = end - first - pages;
		r->pages = first - r->first;
	}
}

/* Writes into each page, so that a guest that uses it is found out when it comes back. */
void vsp_ranges_mark(struct vsp_memory *m, __u64 first, __u64 pages)
{
	__u64 pfn;

	for (pfn = first; !m->no_pattern && pfn < first + pages; pfn++) {
		__u64 *p = vsp_map(m->host, pfn);

		if (p) {
			p[0] = PATTERN ^ pfn;
			p[511] = ~(PATTERN ^ pfn);
		}
	}
}

static void check_mark(struct vsp_memory *m, __u64 first, __u64 pages)
{
	__u64 pfn;

	for (pfn = first; !m->no_pattern && pfn < first + pages; pfn++) {
		const __u64 *p = vsp_map(m->host, pfn);

		if (!p || p[0] != (PATTERN ^ pfn) || p[511] != ~(PATTERN ^ pfn)) {
			vsp_note(m->host, VSP_V_DM_TOUCHED, m->relid, pfn);
			return;
		}
	}
}

/* Pages leave the set, back to the guest. */
void vsp_ranges_return(struct vsp_memory *m, __u32 range, __u64 first, __u64 pages)
{
	check_mark(m, first, pages);
	vsp_ranges_cut(m, range, first, pages);
}
