// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hot-added memory on paper: order, gaps, partial and large blocks, online accounting.
 * Calls regions.c of balloon/; compiles as a program too.
 * Ranges come in any order (P-237), gaps stay out (P-238), counts match an oracle (P-241).
 */
#include <kunit/test.h>
#include "balloon/model.h"

#define BLOCK 0x8000ULL		/* 128 MiB */

static struct balloon_message request(u64 first, u64 pages)
{
	return (struct balloon_message){ .type = ENL_DM_HOT_ADD, .range = { first, pages } };
}

static struct balloon_message request_in(u64 first, u64 pages, u64 window, u64 window_pages)
{
	return (struct balloon_message){
		.type = ENL_DM_HOT_ADD, .range = { first, pages },
		.region = { window, window_pages }, .has_region = true,
	};
}

/* The steps of hotadd.c without a kernel behind them. Returns the pages accepted. */
static u64 add(struct kunit *test, struct balloon_regions *r, struct balloon_message m)
{
	struct balloon_plan plan;
	struct balloon_run part, out;
	u64 at, end;

	if (balloon_regions_plan(r, &m, &plan))
		return 0;
	KUNIT_ASSERT_EQ(test, balloon_regions_open(r, &plan.window, GFP_KERNEL), 0);
	for (at = plan.accepted.first; at < balloon_run_end(&plan.accepted); at = end) {
		end = min(balloon_run_end(&plan.accepted),
			  (at / r->block_pages + 1) * r->block_pages);
		part = (struct balloon_run){ at, end - at };
		KUNIT_ASSERT_EQ(test, balloon_regions_reserve(r, GFP_KERNEL), 0);
		if (!balloon_regions_find(r, at))
			balloon_regions_add_block(r, at / r->block_pages * r->block_pages);
		KUNIT_ASSERT_EQ(test, balloon_ranges_insert(&r->backed, &part), 0);
		if (balloon_regions_find(r, at)->state == BALLOON_BLOCK_ONLINE)
			KUNIT_ASSERT_TRUE(test, balloon_regions_take(r, at, end, &out));
	}
	return plan.accepted.pages;
}

static enum balloon_fault plan_fault(struct balloon_regions *r, struct balloon_message m)
{
	struct balloon_plan plan;

	return balloon_regions_plan(r, &m, &plan);
}

/* The kernel onlines one block in chunks of 1024 pages. Returns what the allocator got. */
static u64 online(struct balloon_regions *r, u64 block)
{
	struct balloon_run range = { block, r->block_pages }, run;
	u64 chunk = min_t(u64, r->block_pages, 1024), at, cursor, got = 0;

	balloon_regions_event(r, &range, BALLOON_GOING_ONLINE);
	for (at = block; at < block + r->block_pages; at += chunk)
		for (cursor = at; balloon_regions_take(r, cursor, at + chunk, &run);
		     cursor = balloon_run_end(&run))
			got += run.pages;
	balloon_regions_event(r, &range, BALLOON_ONLINE);
	return got;
}

static void offline(struct balloon_regions *r, u64 block)
{
	struct balloon_run range = { block, r->block_pages };

	balloon_regions_event(r, &range, BALLOON_GOING_OFFLINE);
	balloon_regions_event(r, &range, BALLOON_OFFLINE);
}

/* P-237 */
static void ranges_come_in_any_order(struct kunit *test)
{
	/* Five pieces of one window of four blocks, gaps between some, one shared block. */
	static const struct balloon_run piece[5] = {
		{ 0x100000, 0x1000 }, { 0x101000, 0x7000 }, { 0x10a000, 0x100 },
		{ 0x110000, BLOCK }, { 0x118200, 0x200 },
	};
	struct balloon_regions r = { .block_pages = BLOCK };
	unsigned int order, n, i, j, code;
	bool used[5];

	for (order = 0; order < 120; order++) {
		memset(used, 0, sizeof(used));
		for (code = order, n = 5; n; code /= n, n--) {
			for (i = 0, j = code % n; used[i] || j; i++)
				j -= !used[i];
			used[i] = true;
			KUNIT_ASSERT_EQ_MSG(test,
					    add(test, &r, request_in(piece[i].first, piece[i].pages,
								     0x100000, 4 * BLOCK)),
					    piece[i].pages, "order %u piece %u", order, i);
		}
		KUNIT_EXPECT_EQ(test, r.backed.pages, 0x1000 + 0x7000 + 0x100 + BLOCK + 0x200);
		KUNIT_EXPECT_EQ(test, r.backed.runs, 4ULL);
		KUNIT_EXPECT_EQ(test, r.count, 4u);
		KUNIT_EXPECT_EQ(test, r.windows.runs, 1ULL);
		balloon_regions_free(&r);
	}
}

/* 17.11 */
static void what_is_there_already_is_refused(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = BLOCK };

	KUNIT_ASSERT_EQ(test, add(test, &r, request(0x100000, 2 * BLOCK)), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request(0x108000, 1)), BALLOON_FAULT_HOT_ADD_OVERLAP);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request(0x100000, 2 * BLOCK)),
			BALLOON_FAULT_HOT_ADD_OVERLAP);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request(0x0f8000, 4 * BLOCK)),
			BALLOON_FAULT_HOT_ADD_OVERLAP);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request(0x110000, BLOCK)), BALLOON_FAULT_NONE);
	balloon_regions_free(&r);
}

/* 17.11, negative vector: DM-13 with the range outside the region */
static void range_must_lie_in_its_region_and_nothing_may_wrap(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = BLOCK };
	u64 last = 1ULL << 40;

	KUNIT_EXPECT_EQ(test, plan_fault(&r, request_in(0x130000, BLOCK, 0x120000, BLOCK)),
			BALLOON_FAULT_HOT_ADD_REGION);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request_in(0x118000, BLOCK, 0x120000, BLOCK)),
			BALLOON_FAULT_HOT_ADD_REGION);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request_in(0x120000, BLOCK + 1, 0x120000, BLOCK)),
			BALLOON_FAULT_HOT_ADD_REGION);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request(last - BLOCK, BLOCK + 1)),
			BALLOON_FAULT_HOT_ADD_RANGE);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request_in(last - BLOCK, BLOCK, last - BLOCK,
							2 * BLOCK)),
			BALLOON_FAULT_HOT_ADD_REGION);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request(last - BLOCK, BLOCK)), BALLOON_FAULT_NONE);
	balloon_regions_free(&r);
}

/* 17.12 */
static void unaligned_requests_shrink_to_their_whole_blocks(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = BLOCK };
	struct balloon_message m = request(0x100010, 3 * BLOCK);
	struct balloon_plan plan;

	KUNIT_ASSERT_EQ(test, balloon_regions_plan(&r, &m, &plan), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, plan.accepted.first, 0x108000ULL);
	KUNIT_EXPECT_EQ(test, plan.accepted.pages, 2 * BLOCK);
	/* Less than one block inside. */
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request(0x100010, BLOCK)),
			BALLOON_FAULT_HOT_ADD_ALIGN);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request_in(0x100010, 8, 0x100008, BLOCK)),
			BALLOON_FAULT_HOT_ADD_ALIGN);
	KUNIT_EXPECT_EQ(test, plan_fault(&r, request(0x100000, 0)), BALLOON_FAULT_NONE);
	balloon_regions_free(&r);
}

/* Section 19 item 7: the in-box guess lost the pages between two unaligned requests. */
static void pages_cut_off_are_not_counted_and_can_come_later(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = BLOCK };

	KUNIT_EXPECT_EQ(test, add(test, &r, request(0x100000, 2 * BLOCK + 0x100)), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, add(test, &r, request(0x110000, BLOCK)), BLOCK);
	KUNIT_EXPECT_EQ(test, r.backed.pages, 3 * BLOCK);
	KUNIT_EXPECT_EQ(test, r.backed.runs, 1ULL);
	balloon_regions_free(&r);
}

/* P-245 */
static void large_blocks_take_partial_ranges_of_one_region(struct kunit *test)
{
	static const u64 block_pages[] = { 0x8000, 0x40000, 0x80000 };	/* 128 MiB, 1, 2 GiB */
	struct balloon_regions r = { };
	struct balloon_message m;
	u64 piece, window;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(block_pages); i++) {
		r.block_pages = block_pages[i];
		window = 16 * r.block_pages;
		/* In 128 MiB pieces: the first brings the block, the others fill it. */
		for (piece = 0; piece < r.block_pages; piece += 0x8000) {
			m = request_in(window + piece, 0x8000, window, r.block_pages);
			KUNIT_ASSERT_EQ(test, add(test, &r, m), 0x8000ULL);
			KUNIT_ASSERT_EQ(test, r.count, 1u);
		}
		KUNIT_EXPECT_EQ(test, online(&r, window), r.block_pages);
		balloon_regions_free(&r);
		/* Without a region a piece smaller than the block has no place to go. */
		if (r.block_pages > 0x8000)
			KUNIT_EXPECT_EQ(test, plan_fault(&r, request(window, 0x8000)),
					BALLOON_FAULT_HOT_ADD_ALIGN);
	}
}

static void later_requests_may_use_a_window_without_naming_it(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = BLOCK };

	KUNIT_EXPECT_EQ(test, add(test, &r, request_in(0x100000, 0x100, 0x100000, 2 * BLOCK)),
			0x100ULL);
	KUNIT_EXPECT_EQ(test, add(test, &r, request(0x100100, 0x80)), 0x80ULL);
	/* From the old window into new whole blocks. */
	KUNIT_EXPECT_EQ(test, add(test, &r, request(0x10c000, 0x4000 + BLOCK)), 0x4000 + BLOCK);
	KUNIT_EXPECT_EQ(test, r.windows.runs, 1ULL);
	KUNIT_EXPECT_EQ(test, r.windows.pages, 3 * BLOCK);
	/* From the old window into nothing. */
	KUNIT_EXPECT_EQ(test, add(test, &r, request(0x100180, 2 * BLOCK)), 0ULL);
	balloon_regions_free(&r);
}

/* P-238 */
static void gaps_never_reach_the_allocator(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = BLOCK };
	struct balloon_run run;
	u64 at;

	KUNIT_ASSERT_EQ(test, add(test, &r, request_in(0x100000, 0x10, 0x100000, BLOCK)), 0x10ULL);
	KUNIT_ASSERT_EQ(test, add(test, &r, request_in(0x100801, 3, 0x100000, BLOCK)), 3ULL);
	for (at = 0x100000; balloon_regions_take(&r, at, 0x108000, &run);
	     at = balloon_run_end(&run))
		KUNIT_EXPECT_TRUE(test, balloon_ranges_contain(&r.backed, &run));
	KUNIT_EXPECT_EQ(test, r.released, 0x13ULL);
	/* Backed later, while the block is online. */
	offline(&r, 0x100000);
	KUNIT_EXPECT_EQ(test, r.released, 0ULL);
	KUNIT_EXPECT_EQ(test, online(&r, 0x100000), 0x13ULL);
	KUNIT_EXPECT_EQ(test, add(test, &r, request_in(0x100010, 0x7f1, 0x100000, BLOCK)),
			0x7f1ULL);
	KUNIT_EXPECT_EQ(test, r.released, 0x804ULL);
	KUNIT_EXPECT_EQ(test, r.backed.runs, 1ULL);
	balloon_regions_free(&r);
}

/* P-246, 17.20: what lies in no block of ours is for the generic function */
static void foreign_pages_have_no_block(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = BLOCK };
	struct balloon_run run;

	KUNIT_EXPECT_NULL(test, balloon_regions_find(&r, 0x100000));
	KUNIT_ASSERT_EQ(test, add(test, &r, request_in(0x108000, BLOCK, 0x100000, 4 * BLOCK)),
			BLOCK);
	/* Inside our window, but the block was added by somebody else. */
	KUNIT_EXPECT_NULL(test, balloon_regions_find(&r, 0x107fff));
	KUNIT_EXPECT_NULL(test, balloon_regions_find(&r, 0x110000));
	KUNIT_EXPECT_NOT_NULL(test, balloon_regions_find(&r, 0x108000));
	KUNIT_EXPECT_NOT_NULL(test, balloon_regions_find(&r, 0x10ffff));
	KUNIT_EXPECT_FALSE(test, balloon_regions_take(&r, 0x110000, 0x118000, &run));
	KUNIT_EXPECT_EQ(test, r.released, 0ULL);
	balloon_regions_free(&r);
}

/* P-240: every event of the notifier, cancelled ones too */
static void cancelled_changes_return_to_the_state_before(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = BLOCK };
	struct balloon_run block = { 0x100000, BLOCK }, foreign = { 0x200000, BLOCK };

	KUNIT_ASSERT_EQ(test, add(test, &r, request(0x100000, BLOCK)), BLOCK);
	balloon_regions_event(&r, &foreign, BALLOON_ONLINE);
	KUNIT_EXPECT_EQ(test, r.blocks[0].state, BALLOON_BLOCK_OFFLINE);
	balloon_regions_event(&r, &block, BALLOON_GOING_ONLINE);
	KUNIT_EXPECT_EQ(test, r.blocks[0].state, BALLOON_BLOCK_CHANGING);
	balloon_regions_event(&r, &block, BALLOON_CANCEL_ONLINE);
	KUNIT_EXPECT_EQ(test, r.blocks[0].state, BALLOON_BLOCK_OFFLINE);
	KUNIT_EXPECT_EQ(test, online(&r, 0x100000), BLOCK);
	balloon_regions_event(&r, &block, BALLOON_GOING_OFFLINE);
	balloon_regions_event(&r, &block, BALLOON_CANCEL_OFFLINE);
	KUNIT_EXPECT_EQ(test, r.blocks[0].state, BALLOON_BLOCK_ONLINE);
	KUNIT_EXPECT_EQ(test, r.released, BLOCK);
	offline(&r, 0x100000);
	KUNIT_EXPECT_EQ(test, r.released, 0ULL);
	balloon_regions_drop_block(&r, 0x100000);
	KUNIT_EXPECT_EQ(test, r.count, 0u);
	balloon_regions_free(&r);
}

/* P-241, 17.21: released equals the backed pages of online blocks after any history */
static void accounting_matches_an_oracle_over_random_events(struct kunit *test)
{
	struct balloon_regions r = { .block_pages = 64 };
	u32 seed = 4711, step, i, block;
	struct balloon_message m;
	struct balloon_run range;
	u64 expect;

	for (step = 0; step < 20000; step++) {
		seed = seed * 1664525 + 1013904223;
		block = (seed >> 8) % 16 * 64;
		range = (struct balloon_run){ block, 64 };
		switch ((seed >> 20) % 6) {
		case 0:
		case 1:
			m = request_in(block + (seed >> 12) % 48, 1 + (seed >> 5) % 16, 0, 1024);
			add(test, &r, m);
			break;
		case 2:
			if (balloon_regions_find(&r, block) &&
			    balloon_regions_find(&r, block)->state == BALLOON_BLOCK_OFFLINE)
				online(&r, block);
			break;
		case 3:
			balloon_regions_event(&r, &range, BALLOON_GOING_OFFLINE);
			balloon_regions_event(&r, &range, BALLOON_OFFLINE);
			break;
		case 4:
			if (balloon_regions_find(&r, block) &&
			    balloon_regions_find(&r, block)->state == BALLOON_BLOCK_ONLINE) {
				balloon_regions_event(&r, &range, BALLOON_GOING_OFFLINE);
				balloon_regions_event(&r, &range, BALLOON_CANCEL_OFFLINE);
			}
			break;
		}
		for (expect = 0, i = 0; i < r.count; i++) {
			u64 at = r.blocks[i].first, end = at + 64;
			struct balloon_run run;

			if (r.blocks[i].state != BALLOON_BLOCK_ONLINE)
				continue;
			for (; balloon_ranges_next(&r.backed, at, &run) && run.first < end;
			     at = balloon_run_end(&run))
				expect += min(end, balloon_run_end(&run)) - max(at, run.first);
		}
		KUNIT_ASSERT_EQ(test, r.released, expect);
		KUNIT_ASSERT_LE(test, r.released, r.backed.pages);
	}
	KUNIT_EXPECT_EQ(test, r.count, 16u);
	KUNIT_EXPECT_GT(test, r.backed.pages, 500ULL);
	balloon_regions_free(&r);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ranges_come_in_any_order),
	KUNIT_CASE(what_is_there_already_is_refused),
	KUNIT_CASE(range_must_lie_in_its_region_and_nothing_may_wrap),
	KUNIT_CASE(unaligned_requests_shrink_to_their_whole_blocks),
	KUNIT_CASE(pages_cut_off_are_not_counted_and_can_come_later),
	KUNIT_CASE(large_blocks_take_partial_ranges_of_one_region),
	KUNIT_CASE(later_requests_may_use_a_window_without_naming_it),
	KUNIT_CASE(gaps_never_reach_the_allocator),
	KUNIT_CASE(foreign_pages_have_no_block),
	KUNIT_CASE(cancelled_changes_return_to_the_state_before),
	KUNIT_CASE(accounting_matches_an_oracle_over_random_events),
	{ }
};

static struct kunit_suite suite = { .name = "balloon_regions", .test_cases = cases };
kunit_test_suite(suite);
