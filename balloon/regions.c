// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hot-added memory on paper: windows, backed runs, memory blocks, and what the allocator got.
 * Pure but for kmalloc; the caller holds the region lock. Called by hotadd.c and tests.
 * Ranges come in any order and size; whatever the host has not backed is a gap and stays out.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "model.h"

#define LAST_PFN (1ULL << ENL_DM_RANGE_PFN_BITS)

/* The whole blocks inside @run; empty if there is none. */
static struct balloon_run inner_blocks(const struct balloon_run *run, u64 block_pages)
{
	u64 first = (run->first + block_pages - 1) / block_pages * block_pages;
	u64 end = balloon_run_end(run) / block_pages * block_pages;

	return (struct balloon_run){ first, end > first ? end - first : 0 };
}

static bool run_holds(const struct balloon_run *run, u64 pfn)
{
	return pfn >= run->first && pfn < balloon_run_end(run);
}

/*
 * The first stretch of @range inside @window or an old window, which may touch each other.
 * The answer to the host is one number of pages, so a second stretch would be of no use.
 */
static struct balloon_run usable_part(const struct balloon_regions *regions,
				      const struct balloon_run *range,
				      const struct balloon_run *window)
{
	u64 end = balloon_run_end(range), first = end, to;
	struct balloon_run old;

	if (window->pages && balloon_run_end(window) > range->first)
		first = max(range->first, window->first);
	if (balloon_ranges_next(&regions->windows, range->first, &old))
		first = min(first, max(range->first, old.first));
	if (first >= end)
		return (struct balloon_run){ range->first, 0 };

	for (to = first; to < end;) {
		if (run_holds(window, to))
			to = balloon_run_end(window);
		else if (balloon_ranges_next(&regions->windows, to, &old) && run_holds(&old, to))
			to = balloon_run_end(&old);
		else
			break;
	}
	return (struct balloon_run){ first, min(to, end) - first };
}

/*
 * What can be used of a hot-add request. A block enters the kernel only if all of it is ours: the
 * window is rounded inwards, and with it the range where it leaves old windows.
 */
enum balloon_fault balloon_regions_plan(const struct balloon_regions *regions,
					const struct balloon_message *message,
					struct balloon_plan *plan)
{
	const struct balloon_run *range = &message->range, *region = &message->region;

	memset(plan, 0, sizeof(*plan));
	plan->accepted.first = range->first;
	if (balloon_run_end(range) > LAST_PFN)
		return BALLOON_FAULT_HOT_ADD_RANGE;
	if (!range->pages)
		return BALLOON_FAULT_NONE;
	if (message->has_region) {
		if (balloon_run_end(region) > LAST_PFN || range->first < region->first ||
		    balloon_run_end(range) > balloon_run_end(region))
			return BALLOON_FAULT_HOT_ADD_REGION;
		plan->window = inner_blocks(region, regions->block_pages);
	} else {
		plan->window = inner_blocks(range, regions->block_pages);
	}

	plan->accepted = usable_part(regions, range, &plan->window);
	if (!plan->accepted.pages)
		return BALLOON_FAULT_HOT_ADD_ALIGN;
	if (balloon_ranges_overlap(&regions->backed, &plan->accepted))
		return BALLOON_FAULT_HOT_ADD_OVERLAP;
	return BALLOON_FAULT_NONE;
}

/* Memory for one more block and one more change of the backed runs. 0 or -ENOMEM. */
int balloon_regions_reserve(struct balloon_regions *regions, gfp_t gfp)
{
	struct balloon_block *blocks;
	u32 room = regions->room ? 2 * regions->room : 32;

	if (regions->count == regions->room) {
		blocks = kcalloc(room, sizeof(*blocks), gfp);
		if (!blocks)
			return -ENOMEM;
		if (regions->count)
			memcpy(blocks, regions->blocks, regions->count * sizeof(*blocks));
		kfree(regions->blocks);
		regions->blocks = blocks;
		regions->room = room;
	}
	return balloon_ranges_reserve(&regions->backed, 2, gfp);
}

/* Remembers whole blocks as ours to fill; parts of @window may be known. 0 or -ENOMEM. */
int balloon_regions_open(struct balloon_regions *regions, const struct balloon_run *window,
			 gfp_t gfp)
{
	u64 at = window->first, end = balloon_run_end(window);
	struct balloon_run old, piece;
	int ret;

	while (at < end) {
		if (!balloon_ranges_next(&regions->windows, at, &old))
			old = (struct balloon_run){ end, 0 };
		piece = (struct balloon_run){ at, old.first > at ? min(old.first, end) - at : 0 };
		ret = balloon_ranges_reserve(&regions->windows, 1, gfp);
		if (!ret)
			ret = balloon_ranges_insert(&regions->windows, &piece);
		if (ret)
			return ret;
		at = old.pages ? balloon_run_end(&old) : end;
	}
	return 0;
}

/* Index of the first block that ends after @pfn. */
static u32 block_index(const struct balloon_regions *regions, u64 pfn)
{
	u32 low = 0, high = regions->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (regions->blocks[middle].first + regions->block_pages > pfn)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The block that @pfn lies in, or NULL: then the page is not ours. Valid under the region lock. */
struct balloon_block *balloon_regions_find(const struct balloon_regions *regions, u64 pfn)
{
	u32 i = block_index(regions, pfn);

	return i < regions->count && regions->blocks[i].first <= pfn ? &regions->blocks[i] : NULL;
}

/* A block that is about to be added to the kernel. balloon_regions_reserve() came before. */
struct balloon_block *balloon_regions_add_block(struct balloon_regions *regions, u64 first)
{
	u32 i = block_index(regions, first);

	memmove(&regions->blocks[i + 1], &regions->blocks[i],
		(regions->count - i) * sizeof(regions->blocks[0]));
	regions->blocks[i] = (struct balloon_block){ .first = first };
	regions->count++;
	return &regions->blocks[i];
}

/* The kernel did not take it, or does not have it any more. */
void balloon_regions_drop_block(struct balloon_regions *regions, u64 first)
{
	u32 i = block_index(regions, first);

	if (i == regions->count || regions->blocks[i].first != first)
		return;
	regions->released -= regions->blocks[i].released;
	regions->count--;
	memmove(&regions->blocks[i], &regions->blocks[i + 1],
		(regions->count - i) * sizeof(regions->blocks[0]));
}

/*
 * The next backed pages in [@pfn, @end) of one block, now counted as released to the allocator.
 * False if the rest is not backed. This and balloon_regions_event() are the only places that count.
 */
bool balloon_regions_take(struct balloon_regions *regions, u64 pfn, u64 end,
			  struct balloon_run *run)
{
	struct balloon_block *block = balloon_regions_find(regions, pfn);

	if (pfn >= end || !block)
		return false;
	if (!balloon_ranges_next(&regions->backed, pfn, run) || run->first >= end)
		return false;
	end = min(end, balloon_run_end(run));
	run->first = max(run->first, pfn);
	run->pages = end - run->first;
	block->released += run->pages;
	regions->released += run->pages;
	return true;
}

/* The memory subsystem changes a range of whole blocks. Blocks not ours are passed over. */
void balloon_regions_event(struct balloon_regions *regions, const struct balloon_run *range,
			   enum balloon_event event)
{
	static const enum balloon_block_state after[] = {
		[BALLOON_GOING_ONLINE] = BALLOON_BLOCK_CHANGING,
		[BALLOON_ONLINE] = BALLOON_BLOCK_ONLINE,
		[BALLOON_CANCEL_ONLINE] = BALLOON_BLOCK_OFFLINE,
		[BALLOON_GOING_OFFLINE] = BALLOON_BLOCK_CHANGING,
		[BALLOON_OFFLINE] = BALLOON_BLOCK_OFFLINE,
		[BALLOON_CANCEL_OFFLINE] = BALLOON_BLOCK_ONLINE,
	};
	struct balloon_block *block;
	u32 i;

	for (i = block_index(regions, range->first); i < regions->count; i++) {
		block = &regions->blocks[i];
		if (block->first >= balloon_run_end(range))
			break;
		block->state = after[event];
		if (block->state != BALLOON_BLOCK_OFFLINE)
			continue;
		regions->released -= block->released;
		block->released = 0;
	}
}

/* Forgets everything. For tests, and for a module that goes with no block in the kernel. */
void balloon_regions_free(struct balloon_regions *regions)
{
	balloon_ranges_free(&regions->windows);
	balloon_ranges_free(&regions->backed);
	kfree(regions->blocks);
	regions->blocks = NULL;
	regions->count = 0;
	regions->room = 0;
	regions->released = 0;
}
