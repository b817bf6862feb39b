// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor, demand and allowance against the points of the specification's chapters 7 and 20.
 * Calls floor.c of balloon/; compiles as a program too.
 * Pages of 4, 16 and 64 KiB give the same MiB (P-247).
 */
#include <kunit/test.h>
#include "balloon/model.h"

static void floor_meets_every_published_point(struct kunit *test)
{
	static const u64 point[][2] = {		/* MiB: memory, floor */
		{ 64, 40 }, { 128, 72 }, { 256, 104 }, { 512, 168 }, { 1024, 232 }, { 2048, 360 },
		{ 4096, 488 }, { 8192, 744 }, { 16384, 1000 }, { 32768, 1512 }, { 65536, 2536 },
	};
	unsigned int i, shift;

	for (shift = 12; shift <= 16; shift += 2)
		for (i = 0; i < ARRAY_SIZE(point); i++)
			KUNIT_EXPECT_EQ_MSG(test,
					    balloon_floor(point[i][0] << (20 - shift), shift),
					    point[i][1] << (20 - shift), "%llu MiB, shift %u",
					    point[i][0], shift);
}

static void floor_never_falls_as_memory_grows(struct kunit *test)
{
	u64 mib, last = 0, now;

	for (mib = 0; mib < 70000; mib += 7) {
		now = balloon_floor(mib << 8, 12);
		KUNIT_ASSERT_GE_MSG(test, now, last, "at %llu MiB", mib);
		last = now;
	}
}

/* Section 19 item 6: many small requests must end where one large one does. */
static void floor_does_not_sink_with_what_is_ballooned(struct kunit *test)
{
	u64 boot = 4096 << 8, total = boot, ballooned = 0, floor, once, got;

	floor = balloon_floor(boot, 12);
	once = balloon_allowance(~0ULL, boot, floor);
	do {
		/* total + ballooned is what counts, as the driver calls it */
		floor = balloon_floor(total + ballooned, 12);
		got = balloon_allowance(1000, total, floor);
		total -= got;
		ballooned += got;
	} while (got);
	KUNIT_EXPECT_EQ(test, ballooned, once);
}

/* 17.7 */
static void allowance_stops_at_the_floor(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, balloon_allowance(100, 1000, 500), 100ULL);
	KUNIT_EXPECT_EQ(test, balloon_allowance(600, 1000, 500), 500ULL);
	KUNIT_EXPECT_EQ(test, balloon_allowance(1, 500, 500), 0ULL);
	KUNIT_EXPECT_EQ(test, balloon_allowance(1, 100, 500), 0ULL);
	KUNIT_EXPECT_EQ(test, balloon_allowance(0, 1000, 500), 0ULL);
	KUNIT_EXPECT_EQ(test, balloon_allowance(0xffffffff, 1000, 0), 1000ULL);
}

static struct balloon_demand calm(void)
{
	return (struct balloon_demand){
		.total = 10000, .available = 8000, .commit = 3000, .swap = 1000, .floor = 500,
		.pressure_ms = ~0ULL,
	};
}

/* P-242: page cache is available, real use counts even where accounting does not see it */
static void demand_is_the_larger_of_commitment_and_use(struct kunit *test)
{
	struct balloon_demand d = calm();

	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 3500ULL);
	d.available = 2000;
	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 8500ULL);
	d.available = 20000;		/* an estimate may exceed the total */
	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 3500ULL);
}

static void absurd_overcommit_is_capped_at_memory_and_swap(struct kunit *test)
{
	struct balloon_demand d = calm();

	d.commit = 1ULL << 40;
	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 11500ULL);
}

/* P-241: what the host took and what nobody can use must count, or the host takes it again */
static void demand_contains_ballooned_and_offline_memory(struct kunit *test)
{
	struct balloon_demand d = calm();

	d.ballooned = 700;
	d.offline = 30;
	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 4230ULL);
}

static void pressure_adds_a_tenth_then_fades(struct kunit *test)
{
	struct balloon_demand d = calm();
	u64 last = ~0ULL, now, ms;

	d.pressure_ms = 0;
	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 3800ULL);
	d.pressure_ms = 5000;
	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 3800ULL);
	d.pressure_ms = 7500;
	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 3650ULL);
	d.pressure_ms = 10000;
	KUNIT_EXPECT_EQ(test, balloon_committed(&d), 3500ULL);
	for (ms = 0; ms < 12000; ms += 100) {
		d.pressure_ms = ms;
		now = balloon_committed(&d);
		KUNIT_ASSERT_LE(test, now, last);
		last = now;
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(floor_meets_every_published_point),
	KUNIT_CASE(floor_never_falls_as_memory_grows),
	KUNIT_CASE(floor_does_not_sink_with_what_is_ballooned),
	KUNIT_CASE(allowance_stops_at_the_floor),
	KUNIT_CASE(demand_is_the_larger_of_commitment_and_use),
	KUNIT_CASE(absurd_overcommit_is_capped_at_memory_and_swap),
	KUNIT_CASE(demand_contains_ballooned_and_offline_memory),
	KUNIT_CASE(pressure_adds_a_tenth_then_fades),
	{ }
};

static struct kunit_suite suite = { .name = "balloon_floor", .test_cases = cases };
kunit_test_suite(suite);
