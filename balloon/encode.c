// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of the guest: from numbers to bytes.
 * Pure: calls nothing, writes only to the buffer that it is given. Called by the driver and tests.
 * The transaction id stays zero: protocol.c numbers what is really sent.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include "model.h"

static void *begin(void *out, enum enl_dm_type type, u32 bytes)
{
	struct enl_dm_header *header = out;

	memset(out, 0, bytes);
	header->type = cpu_to_le16(type);
	header->size = cpu_to_le16(bytes);
	return out;
}

u32 balloon_put_version(void *out, u32 version, bool last)
{
	struct enl_dm_version_request *m = begin(out, ENL_DM_VERSION_REQUEST, sizeof(*m));

	m->minor = cpu_to_le16(version & 0xffff);
	m->major = cpu_to_le16(version >> 16);
	m->last_attempt = cpu_to_le32(last);
	return sizeof(*m);
}

u32 balloon_put_capabilities(void *out, u64 capabilities)
{
	struct enl_dm_capabilities *m = begin(out, ENL_DM_CAPABILITIES, sizeof(*m));

	m->capabilities = cpu_to_le64(capabilities);
	m->max_pfn = cpu_to_le64(~0ULL);
	return sizeof(*m);
}

u32 balloon_put_status(void *out, const struct balloon_status *status)
{
	struct enl_dm_status *m = begin(out, ENL_DM_STATUS, sizeof(*m));

	m->available = cpu_to_le64(status->available);
	m->committed = cpu_to_le64(status->committed);
	m->zero_free = cpu_to_le64(status->free);
	m->page_file_writes = cpu_to_le32(status->swapped_out);
	return sizeof(*m);
}

/* At most ENL_DM_RESPONSE_RANGES runs, each at most ENL_DM_RANGE_MAX_PAGES long. */
u32 balloon_put_ranges(void *out, const struct balloon_run *runs, u32 count, bool more)
{
	u32 bytes = sizeof(struct enl_dm_balloon_response) + count * sizeof(__le64);
	struct enl_dm_balloon_response *m = begin(out, ENL_DM_BALLOON_RESPONSE, bytes);
	u32 i;

	m->more_count = cpu_to_le32(count << ENL_DM_BALLOON_COUNT_SHIFT |
				    (more ? ENL_DM_BALLOON_MORE : 0));
	for (i = 0; i < count; i++)
		m->ranges[i] = cpu_to_le64(runs[i].pages << ENL_DM_RANGE_PFN_BITS | runs[i].first);
	return bytes;
}

u32 balloon_put_unballooned(void *out)
{
	begin(out, ENL_DM_UNBALLOON_RESPONSE, sizeof(struct enl_dm_unballoon_response));
	return sizeof(struct enl_dm_unballoon_response);
}

u32 balloon_put_hot_added(void *out, u32 pages, bool result)
{
	struct enl_dm_hot_add_response *m = begin(out, ENL_DM_HOT_ADD_RESPONSE, sizeof(*m));

	m->pages = cpu_to_le32(pages);
	m->result = cpu_to_le32(result);
	return sizeof(*m);
}

/* Declines: no result, no ranges, no more. */
u32 balloon_put_hot_removed(void *out)
{
	begin(out, ENL_DM_HOT_REMOVE_RESPONSE, sizeof(struct enl_dm_hot_remove_response));
	return sizeof(struct enl_dm_hot_remove_response);
}

/*
 * Range word of a heat hint for @bytes at page number @pfn, 4 KiB units; 0 if it does not fit in
 * one word. Whole 2 MiB units are named as such: some hosts know no smaller ones.
 */
u64 balloon_put_hint(u64 pfn, u64 bytes)
{
	u64 pages = bytes >> ENL_HVPAGE_SHIFT;
	u64 large = pages >> 9;

	if (!pages || bytes & (ENL_HVPAGE_SIZE - 1))
		return 0;
	if (!((pfn | pages) & 511))
		return large > ENL_HINT_RANGE_PAGES ?
			0 : pfn << ENL_HVPAGE_SHIFT | ENL_HINT_LARGE | (large - 1);
	return pages > ENL_HINT_RANGE_PAGES ? 0 : pfn << ENL_HVPAGE_SHIFT | (pages - 1);
}

/*
 * The capability word announces only what is possible: a host that believes in hot-add would stop
 * asking for ballooning, and the reverse.
 */
u64 balloon_capabilities(const struct balloon_abilities *abilities)
{
	u64 mib = abilities->block_bytes >> 20, word = 0;
	unsigned int align = 0;

	/* Both services count in 4 KiB pages and could split a larger guest page. */
	if (abilities->page_shift != ENL_HVPAGE_SHIFT)
		return 0;
	if (abilities->balloon)
		word |= ENL_DM_CAP_BALLOON;
	while (align < ENL_DM_CAP_ALIGN_MAX && (1ULL << align) < mib)
		align++;
	if (abilities->hot_add && mib && (1ULL << align) == mib)
		word |= ENL_DM_CAP_HOT_ADD | align << ENL_DM_CAP_ALIGN_SHIFT;
	return word;
}
