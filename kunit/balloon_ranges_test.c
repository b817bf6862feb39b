// SPDX-License-Identifier: GPL-2.0-only
/*
 * The set of page runs against a plain bitmap, and its failures when memory is short.
 * Calls ranges.c of balloon/; compiles as a program too.
 * Containment decides whether a host's page number may ever become a page (P-239 to P-253, 17.4).
 */
#include <kunit/test.h>
#include "balloon/model.h"

static int insert(struct balloon_ranges *set, u64 first, u64 pages)
{
	return balloon_ranges_insert(set, &(struct balloon_run){ first, pages });
}

static int remove_run(struct balloon_ranges *set, u64 first, u64 pages)
{
	return balloon_ranges_remove(set, &(struct balloon_run){ first, pages });
}

static bool contain(const struct balloon_ranges *set, u64 first, u64 pages)
{
	return balloon_ranges_contain(set, &(struct balloon_run){ first, pages });
}

static void reserve(struct kunit *test, struct balloon_ranges *set, u32 n)
{
	KUNIT_ASSERT_EQ(test, balloon_ranges_reserve(set, n, GFP_KERNEL), 0);
}

static void neighbours_merge_on_either_side(struct kunit *test)
{
	struct balloon_ranges set = { };

	reserve(test, &set, 4);
	KUNIT_EXPECT_EQ(test, insert(&set, 100, 10), 0);
	KUNIT_EXPECT_EQ(test, insert(&set, 120, 10), 0);
	KUNIT_EXPECT_EQ(test, set.runs, 2ULL);
	KUNIT_EXPECT_EQ(test, insert(&set, 110, 10), 0);
	KUNIT_EXPECT_EQ(test, set.runs, 1ULL);
	KUNIT_EXPECT_EQ(test, insert(&set, 99, 1), 0);
	KUNIT_EXPECT_EQ(test, insert(&set, 130, 1), 0);
	KUNIT_EXPECT_EQ(test, set.runs, 1ULL);
	KUNIT_EXPECT_EQ(test, set.pages, 32ULL);
	KUNIT_EXPECT_TRUE(test, contain(&set, 99, 32));
	KUNIT_EXPECT_FALSE(test, contain(&set, 98, 2));
	KUNIT_EXPECT_FALSE(test, contain(&set, 130, 2));
	balloon_ranges_free(&set);
}

/* 17.5: a count of zero is nothing */
static void empty_runs_change_nothing(struct kunit *test)
{
	struct balloon_ranges set = { };

	KUNIT_EXPECT_EQ(test, insert(&set, 5, 0), 0);
	KUNIT_EXPECT_EQ(test, remove_run(&set, 5, 0), 0);
	KUNIT_EXPECT_TRUE(test, contain(&set, 5, 0));
	KUNIT_EXPECT_EQ(test, set.runs, 0ULL);
	balloon_ranges_free(&set);
}

static void overlap_is_refused_and_leaves_the_set_alone(struct kunit *test)
{
	struct balloon_ranges set = { };

	reserve(test, &set, 4);
	KUNIT_ASSERT_EQ(test, insert(&set, 100, 10), 0);
	KUNIT_EXPECT_EQ(test, insert(&set, 95, 6), -EEXIST);
	KUNIT_EXPECT_EQ(test, insert(&set, 109, 6), -EEXIST);
	KUNIT_EXPECT_EQ(test, insert(&set, 103, 2), -EEXIST);
	KUNIT_EXPECT_EQ(test, insert(&set, 90, 40), -EEXIST);
	KUNIT_EXPECT_EQ(test, set.pages, 10ULL);
	KUNIT_EXPECT_EQ(test, set.runs, 1ULL);
	balloon_ranges_free(&set);
}

static void removal_of_foreign_pages_is_refused_whole(struct kunit *test)
{
	struct balloon_ranges set = { };

	reserve(test, &set, 4);
	KUNIT_ASSERT_EQ(test, insert(&set, 100, 10), 0);
	KUNIT_ASSERT_EQ(test, insert(&set, 120, 10), 0);
	KUNIT_EXPECT_EQ(test, remove_run(&set, 99, 2), -ENOENT);
	KUNIT_EXPECT_EQ(test, remove_run(&set, 109, 2), -ENOENT);
	KUNIT_EXPECT_EQ(test, remove_run(&set, 105, 20), -ENOENT);	/* across the hole */
	KUNIT_EXPECT_EQ(test, remove_run(&set, 0, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, remove_run(&set, ~0ULL >> 1, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, set.pages, 20ULL);
	balloon_ranges_free(&set);
}

static void removal_splits_a_run(struct kunit *test)
{
	struct balloon_ranges set = { };

	reserve(test, &set, 4);
	KUNIT_ASSERT_EQ(test, insert(&set, 100, 100), 0);
	KUNIT_EXPECT_EQ(test, remove_run(&set, 140, 20), 0);
	KUNIT_EXPECT_EQ(test, set.runs, 2ULL);
	KUNIT_EXPECT_TRUE(test, contain(&set, 100, 40));
	KUNIT_EXPECT_TRUE(test, contain(&set, 160, 40));
	KUNIT_EXPECT_FALSE(test, contain(&set, 139, 2));
	KUNIT_EXPECT_EQ(test, remove_run(&set, 100, 40), 0);
	KUNIT_EXPECT_EQ(test, remove_run(&set, 160, 40), 0);
	KUNIT_EXPECT_EQ(test, set.runs, 0ULL);
	KUNIT_EXPECT_EQ(test, set.pages, 0ULL);
	balloon_ranges_free(&set);
}

static void without_reserve_a_new_chunk_fails_and_nothing_changes(struct kunit *test)
{
	struct balloon_ranges set = { };
	u32 i;

	KUNIT_EXPECT_EQ(test, insert(&set, 1, 1), -ENOMEM);
	reserve(test, &set, 1);
	for (i = 0; i < BALLOON_CHUNK_RUNS; i++)
		KUNIT_ASSERT_EQ(test, insert(&set, 10 + 4 * i, 2), 0);
	KUNIT_EXPECT_EQ(test, insert(&set, 5, 1), -ENOMEM);
	KUNIT_EXPECT_EQ(test, insert(&set, 100000, 1), -ENOMEM);
	KUNIT_EXPECT_EQ(test, set.runs, (u64)BALLOON_CHUNK_RUNS);
	/* Merging needs no room, splitting does. */
	KUNIT_EXPECT_EQ(test, insert(&set, 12, 1), 0);
	KUNIT_EXPECT_EQ(test, remove_run(&set, 11, 1), -ENOMEM);
	KUNIT_EXPECT_TRUE(test, contain(&set, 10, 3));
	reserve(test, &set, 1);
	KUNIT_EXPECT_EQ(test, remove_run(&set, 11, 1), 0);
	KUNIT_EXPECT_FALSE(test, contain(&set, 11, 1));
	KUNIT_EXPECT_EQ(test, set.runs, BALLOON_CHUNK_RUNS + 1ULL);
	balloon_ranges_free(&set);
}

#define WORLD 6000

static u32 random_next(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static bool world_is(const u8 *world, u64 first, u64 pages, u8 value)
{
	u64 i;

	for (i = first; i < first + pages; i++)
		if (world[i] != value)
			return false;
	return true;
}

static void check_whole(struct kunit *test, const struct balloon_ranges *set, const u8 *world)
{
	u64 i, pages = 0, runs = 0, at = 0;
	struct balloon_run run;
	u32 c;

	for (i = 0; i < WORLD; i++) {
		pages += world[i];
		runs += world[i] && (!i || !world[i - 1]);
	}
	KUNIT_ASSERT_EQ(test, set->pages, pages);
	KUNIT_ASSERT_EQ(test, set->runs, runs);
	for (pages = 0; balloon_ranges_next(set, at, &run); at = balloon_run_end(&run)) {
		KUNIT_ASSERT_GE(test, run.first, at);
		KUNIT_ASSERT_TRUE(test, world_is(world, run.first, run.pages, 1));
		pages += run.pages;
	}
	KUNIT_ASSERT_EQ(test, set->pages, pages);
	for (c = 0; c < set->chunks; c++)
		KUNIT_ASSERT_GT(test, set->chunk[c]->count, 0u);
}

static void agrees_with_a_bitmap_over_random_changes(struct kunit *test)
{
	u8 *world = kunit_kzalloc(test, WORLD, GFP_KERNEL);
	struct balloon_ranges set = { };
	u32 seed = 20240217, step;
	struct balloon_run run;
	bool all, none;
	int ret;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, world);
	for (step = 0; step < 60000; step++) {
		/* Short runs in a small world: up to WORLD / 2 runs, so chunks split and vanish. */
		run.first = random_next(&seed) % (WORLD - 8);
		run.pages = 1 + random_next(&seed) % (step % 3 ? 1 : 8);
		all = world_is(world, run.first, run.pages, 1);
		none = world_is(world, run.first, run.pages, 0);
		KUNIT_ASSERT_EQ(test, balloon_ranges_contain(&set, &run), all);
		KUNIT_ASSERT_EQ(test, balloon_ranges_overlap(&set, &run), !none);
		reserve(test, &set, 1);
		if (random_next(&seed) % 8 < (step / 10000 % 2 ? 3 : 5)) {
			ret = balloon_ranges_insert(&set, &run);
			KUNIT_ASSERT_EQ(test, ret, none ? 0 : -EEXIST);
			if (!ret)
				memset(world + run.first, 1, run.pages);
		} else {
			ret = balloon_ranges_remove(&set, &run);
			KUNIT_ASSERT_EQ(test, ret, all ? 0 : -ENOENT);
			if (!ret)
				memset(world + run.first, 0, run.pages);
		}
		if (step % 1000 == 0)
			check_whole(test, &set, world);
	}
	check_whole(test, &set, world);
	KUNIT_EXPECT_GT(test, set.chunks, 2u);
	balloon_ranges_free(&set);
}

static void a_run_costs_sixteen_bytes(struct kunit *test)
{
	struct balloon_ranges set = { };
	u32 i;

	KUNIT_EXPECT_EQ(test, sizeof(struct balloon_run), (size_t)16);
	KUNIT_EXPECT_LE(test, sizeof(struct balloon_chunk), (size_t)4096);
	for (i = 0; i < 100000; i++) {
		reserve(test, &set, 1);
		KUNIT_ASSERT_EQ(test, insert(&set, 2ULL * i, 1), 0);
	}
	/* Appending fills the chunks. */
	KUNIT_EXPECT_LE(test, set.chunks, 100000 / BALLOON_CHUNK_RUNS + 1u);
	/* The same backwards halves them at the worst. */
	balloon_ranges_free(&set);
	for (i = 100000; i--;) {
		reserve(test, &set, 1);
		KUNIT_ASSERT_EQ(test, insert(&set, 2ULL * i, 1), 0);
	}
	KUNIT_EXPECT_LE(test, set.chunks, 2 * (100000 / BALLOON_CHUNK_RUNS + 1u));
	balloon_ranges_free(&set);
}

static void merging_a_list_respects_the_longest_run(struct kunit *test)
{
	struct balloon_run runs[] = {
		{ 1, 1 }, { 2, 2 }, { 4, 4 }, { 9, 1 }, { 10, 1 }, { 10, 5 },
	};

	KUNIT_ASSERT_EQ(test, balloon_runs_merge(runs, 6, 5), 4u);
	KUNIT_EXPECT_EQ(test, runs[0].pages, 3ULL);	/* 1..3, the next four would be too many */
	KUNIT_EXPECT_EQ(test, runs[1].first, 4ULL);
	KUNIT_EXPECT_EQ(test, runs[1].pages, 4ULL);
	KUNIT_EXPECT_EQ(test, runs[2].first, 9ULL);
	KUNIT_EXPECT_EQ(test, runs[2].pages, 2ULL);
	KUNIT_EXPECT_EQ(test, runs[3].first, 10ULL);	/* an overlap stays visible */
	KUNIT_EXPECT_EQ(test, runs[3].pages, 5ULL);
	KUNIT_EXPECT_EQ(test, balloon_runs_merge(runs, 0, 5), 0u);
	KUNIT_EXPECT_EQ(test, balloon_runs_merge(runs, 1, 5), 1u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(neighbours_merge_on_either_side),
	KUNIT_CASE(empty_runs_change_nothing),
	KUNIT_CASE(overlap_is_refused_and_leaves_the_set_alone),
	KUNIT_CASE(removal_of_foreign_pages_is_refused_whole),
	KUNIT_CASE(removal_splits_a_run),
	KUNIT_CASE(without_reserve_a_new_chunk_fails_and_nothing_changes),
	KUNIT_CASE(agrees_with_a_bitmap_over_random_changes),
	KUNIT_CASE(a_run_costs_sixteen_bytes),
	KUNIT_CASE(merging_a_list_respects_the_longest_run),
	{ }
};

static struct kunit_suite suite = { .name = "balloon_ranges", .test_cases = cases };
kunit_test_suite(suite);
