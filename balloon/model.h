/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pure half of the balloon: messages, sets of page runs, regions, floor and demand.
 * Needs types, string functions and kmalloc only, so that it compiles as a program for tests too.
 * Nothing here takes a lock, sleeps or touches a page; the callers of balloon/ do.
 *
 * All page numbers and counts of messages are in units of 4096 bytes.
 */
#ifndef ENL_BALLOON_MODEL_H
#define ENL_BALLOON_MODEL_H

#include <linux/types.h>
#include "fault.h"
#include "wire/dm.h"

/* Pages [first, first + pages). */
struct balloon_run {
	u64 first;
	u64 pages;
};

static inline u64 balloon_run_end(const struct balloon_run *run)
{
	return run->first + run->pages;
}

/* parse.c: one message of the host, checked */

/**
 * struct balloon_message - what a message says; only the member of its type is valid
 * @type: its type
 * @accepted: of a version response
 * @caps: flags of a capabilities response (ENL_DM_CAPS_*)
 * @pages: of a balloon request
 * @more: unballoon: another message of the same request follows
 * @count: unballoon: number of @ranges
 * @ranges: unballoon: inside the bytes that were parsed
 * @range: hot-add: backed memory
 * @region: hot-add: window that contains it
 * @has_region: hot-add: @region was given
 * @info: kind of an info message
 * @max_pages: info kind ENL_DM_INFO_MAX_PAGES
 */
struct balloon_message {
	enum enl_dm_type type;
	union {
		bool accepted;
		u64 caps;
		u32 pages;
		struct {
			bool more;
			u32 count;
			const __le64 *ranges;
		};
		struct {
			struct balloon_run range;
			struct balloon_run region;
			bool has_region;
		};
		struct {
			u32 info;
			u64 max_pages;
		};
	};
};

enum balloon_fault balloon_parse(const void *data, u32 bytes, struct balloon_message *message);
struct balloon_run balloon_run_from_wire(__le64 word);
const char *balloon_fault_name(enum balloon_fault fault);
const char *balloon_fault_text(enum balloon_fault fault);
const char *balloon_type_name(unsigned int type);

/* encode.c: messages of the guest. Each returns the bytes written; the sender sets trans_id. */
u32 balloon_put_version(void *out, u32 version, bool last);
u32 balloon_put_capabilities(void *out, u64 capabilities);
u32 balloon_put_ranges(void *out, const struct balloon_run *runs, u32 count, bool more);
u32 balloon_put_unballooned(void *out);
u32 balloon_put_hot_added(void *out, u32 pages, bool result);
u32 balloon_put_hot_removed(void *out);

/* Numbers of a status report, in pages of 4096 bytes. */
struct balloon_status {
	u64 available;
	u64 committed;
	u64 free;
	u32 swapped_out;
};

u32 balloon_put_status(void *out, const struct balloon_status *status);
u64 balloon_put_hint(u64 pfn, u64 bytes);

/* What this guest can do, for its capability word. */
struct balloon_abilities {
	unsigned int page_shift;
	bool balloon;		/* wanted by the administrator */
	bool hot_add;		/* wanted, and the kernel can */
	u64 block_bytes;
};

u64 balloon_capabilities(const struct balloon_abilities *abilities);

/* ranges.c: a sorted set of disjoint runs; neighbours are always merged */

#define BALLOON_CHUNK_RUNS 255

struct balloon_chunk {
	struct balloon_chunk *next;	/* among the spare ones */
	u32 count;
	struct balloon_run runs[BALLOON_CHUNK_RUNS];
};

struct balloon_ranges {
	struct balloon_chunk **chunk;	/* in order, none empty */
	u32 chunks, room;
	u32 spares;
	struct balloon_chunk *spare;
	u64 runs, pages;
};

int balloon_ranges_reserve(struct balloon_ranges *set, u32 operations, gfp_t gfp);
int balloon_ranges_insert(struct balloon_ranges *set, const struct balloon_run *run);
int balloon_ranges_remove(struct balloon_ranges *set, const struct balloon_run *run);
bool balloon_ranges_contain(const struct balloon_ranges *set, const struct balloon_run *run);
bool balloon_ranges_overlap(const struct balloon_ranges *set, const struct balloon_run *run);
bool balloon_ranges_next(const struct balloon_ranges *set, u64 from, struct balloon_run *run);
void balloon_ranges_free(struct balloon_ranges *set);
u32 balloon_runs_merge(struct balloon_run *runs, u32 count, u64 max_pages);

/* regions.c: hot-added memory */

enum balloon_block_state {
	BALLOON_BLOCK_OFFLINE,
	BALLOON_BLOCK_CHANGING,		/* on its way: its pages are not ours to move */
	BALLOON_BLOCK_ONLINE,
};

/* What the memory subsystem says of a range. */
enum balloon_event {
	BALLOON_GOING_ONLINE,
	BALLOON_ONLINE,
	BALLOON_CANCEL_ONLINE,
	BALLOON_GOING_OFFLINE,
	BALLOON_OFFLINE,
	BALLOON_CANCEL_OFFLINE,
};

struct balloon_block {
	u64 first;
	u64 released;			/* pages that the allocator got */
	enum balloon_block_state state;
};

/**
 * struct balloon_regions - hot-added memory: what may come, what is backed, what is in use
 * @block_pages: size of a memory block
 * @windows: whole blocks that the host has set aside for us; a hole in one is a gap
 * @backed: what the host has backed within @windows
 * @blocks: added to the kernel, sorted
 * @count: number of @blocks
 * @room: entries that @blocks can hold
 * @released: pages that the allocator got; the sum over @blocks
 */
struct balloon_regions {
	u64 block_pages;
	struct balloon_ranges windows;
	struct balloon_ranges backed;
	struct balloon_block *blocks;
	u32 count, room;
	u64 released;
};

/* What becomes of one hot-add request. */
struct balloon_plan {
	struct balloon_run accepted;	/* the part that can be used, possibly empty */
	struct balloon_run window;	/* whole blocks of its region */
};

enum balloon_fault balloon_regions_plan(const struct balloon_regions *regions,
					const struct balloon_message *message,
					struct balloon_plan *plan);
int balloon_regions_reserve(struct balloon_regions *regions, gfp_t gfp);
int balloon_regions_open(struct balloon_regions *regions, const struct balloon_run *window,
			 gfp_t gfp);
struct balloon_block *balloon_regions_find(const struct balloon_regions *regions, u64 pfn);
struct balloon_block *balloon_regions_add_block(struct balloon_regions *regions, u64 first);
void balloon_regions_drop_block(struct balloon_regions *regions, u64 first);
bool balloon_regions_take(struct balloon_regions *regions, u64 pfn, u64 end,
			  struct balloon_run *run);
void balloon_regions_event(struct balloon_regions *regions, const struct balloon_run *range,
			   enum balloon_event event);
void balloon_regions_free(struct balloon_regions *regions);

/* floor.c: how much to keep, and how much to say that we need */

/**
 * struct balloon_demand - what the demand is made of, in guest pages
 * @total: memory that the guest manages now
 * @available: of it, obtainable without swapping
 * @commit: the kernel's commit accounting
 * @swap: swap space
 * @ballooned: given to the host
 * @offline: hot-added but not in use
 * @floor: headroom that is always asked for
 * @pressure_ms: time since memory ran out, ~0 if it did not
 */
struct balloon_demand {
	u64 total;
	u64 available;
	u64 commit;
	u64 swap;
	u64 ballooned;
	u64 offline;
	u64 floor;
	u64 pressure_ms;
};

u64 balloon_floor(u64 total_pages, unsigned int page_shift);
u64 balloon_committed(const struct balloon_demand *demand);
u64 balloon_allowance(u64 wanted, u64 available, u64 floor);

#endif
