// SPDX-License-Identifier: GPL-2.0-only
/*
 * The balloon as a device on a real bus with the fake host: handshake, inflate, deflate, reports.
 * Calls balloon_world.h. The host writes into every page that it takes and looks when it gives it
 * back, and counts each rule of the protocol that the guest breaks.
 */
#include <linux/delay.h>
#include "kunit/balloon_world.h"

/* P-255: the newest that the host accepts, down to the oldest */
static void negotiates_the_newest_version_that_the_host_accepts(struct kunit *test)
{
	static const u32 version[] = {
		ENL_DM_VERSION_2_0, ENL_DM_VERSION_1_0, ENL_DM_VERSION_0_3,
	};
	struct balloon_world *w;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(version); i++) {
		w = balloon_world(test);
		w->host->max_version = version[i];
		if (!balloon_world_up(w))
			return;
		KUNIT_EXPECT_EQ(test, world_device()->version, version[i]);
		KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->version), version[i]);
		KUNIT_EXPECT_TRUE(test, world_balloon(w, 64));
		KUNIT_EXPECT_EQ(test, world_out(), 64ULL);
		balloon_world_down(test);
	}
}

/* P-255, P-248: a host that accepts none leaves nothing half open */
static void gives_up_cleanly_if_the_host_accepts_no_version(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->host->max_version = 2;
	KUNIT_EXPECT_FALSE(test, balloon_world_try(w));
	KUNIT_EXPECT_NULL(test, world_device());
	KUNIT_EXPECT_TRUE(test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
	KUNIT_EXPECT_FALSE(test, balloon_the_memory()->hooked);
}

/* P-248 */
static void gives_up_cleanly_if_the_host_refuses_our_capabilities(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->host->refuse_capabilities = true;
	KUNIT_EXPECT_FALSE(test, balloon_world_try(w));
	KUNIT_EXPECT_NULL(test, world_device());
	KUNIT_EXPECT_TRUE(test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
}

/* P-248 */
static void gives_up_in_time_if_the_host_is_silent(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	unsigned long start = jiffies;

	w->host->silent = true;
	balloon_options.handshake_ms = 300;
	KUNIT_EXPECT_FALSE(test, balloon_world_try(w));
	KUNIT_EXPECT_NULL(test, world_device());
	KUNIT_EXPECT_TRUE(test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, time_before(jiffies, start + 30 * HZ));
}

/* P-255, 17.16 */
static void late_responses_are_nobodys(struct kunit *test)
{
	static const u8 version[] = { 2, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const u8 caps[] = { 4, 0, 16, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0 };
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_raw(w, version, sizeof(version)));
	KUNIT_EXPECT_TRUE(test, world_raw(w, caps, sizeof(caps)));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(world_faults(BALLOON_FAULT_STATE) == 2,
						  WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, world_device()->caps, (u64)ENL_DM_CAPS_ACCEPTED);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 10));
	KUNIT_EXPECT_EQ(test, world_host_pages(w), 10ULL);
}

static void capability_word_is_what_the_guest_can(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->block_pages = 0x40000;	/* P-245: 1 GiB */
	balloon_world_up(w);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->capabilities), 3ULL | 10 << 2);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->max_pfn), ~0ULL);
}

/* 22.2, 22.3, 22.4: exactly what was asked, in every way of coming back */
static void pages_go_and_come_back_in_any_grouping(struct kunit *test)
{
	static const enum vsp_dm_grouping grouping[] = {
		VSP_DM_ONE_RANGE, VSP_DM_MANY_RANGES, VSP_DM_SPLIT, VSP_DM_SINGLE,
	};
	struct balloon_world *w = balloon_world(test);
	unsigned int i;

	balloon_world_up(w);
	for (i = 0; i < ARRAY_SIZE(grouping); i++) {
		KUNIT_EXPECT_TRUE(test, world_balloon(w, 3 * 1024 + 512 + 16 + 3));
		KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->last_got), 3603ULL);
		KUNIT_EXPECT_EQ(test, world_out(), 3603ULL);
		KUNIT_EXPECT_EQ(test, world_host_pages(w), 3603ULL);
		KUNIT_EXPECT_EQ(test, balloon_the_memory()->ballooned.pages, 3603ULL);
		KUNIT_EXPECT_TRUE(test, balloon_the_memory()->held);

		KUNIT_EXPECT_TRUE(test, world_unballoon(w, 100, grouping[i]));
		KUNIT_EXPECT_EQ(test, world_out(), 3503ULL);
		KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, grouping[i]));
		KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
		KUNIT_EXPECT_EQ(test, balloon_the_memory()->ballooned.runs, 0ULL);
		KUNIT_EXPECT_EQ(test, atomic64_read(&w->taken), 0LL);
	}
	/* The module may go again. */
	KUNIT_EXPECT_FALSE(test, balloon_the_memory()->held);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_pages_out), 4 * 3603ULL);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_pages_back), 4 * 3603ULL);
}

static void large_blocks_make_few_ranges(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 8192));
	KUNIT_EXPECT_LE(test, FAKEHOST_PEEK(w->fh, w->host->owned.count), 8u);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_responses), 1ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
}

/* P-253: sizes go down one step at a time, and each failure is counted */
static void smaller_blocks_serve_if_larger_ones_fail(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->max_order = 4;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 2048));
	KUNIT_EXPECT_EQ(test, world_out(), 2048ULL);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_alloc_failures), 3ULL);
	w->max_order = 0;
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 100));
	KUNIT_EXPECT_EQ(test, world_out(), 2148ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
}

/* 17.15: counts what was done, not what was intended */
static void short_of_memory_the_answer_is_what_was_got(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	atomic64_set(&w->budget, 1500);
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 10000));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->last_got), 1500ULL);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 1));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->last_got), 0ULL);
	KUNIT_EXPECT_EQ(test, world_host_pages(w), 1500ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
}

/* P-253, 17.7: never below the floor, and small requests stop where a large one does */
static void floor_holds_against_many_requests(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	u64 floor = 232 << 8;	/* of 1 GiB */
	unsigned int i;

	w->available = floor + 2000;
	balloon_world_up(w);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_TRUE(test, world_balloon(w, 600));
	/* The last 200 above the floor are too few to be worth an answer. */
	KUNIT_EXPECT_EQ(test, world_out(), 1800ULL);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->last_got), 0ULL);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->answers), 5ULL);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_floor_stops), 2ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));

	balloon_options.floor_mib = 768;
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 600));
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
}

/* 17.7, 17.9 */
static void request_for_nothing_gets_the_empty_final_answer(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 0));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->answers), 1ULL);
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
	/* The host has the answer before the guest is through with it. */
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(!READ_ONCE(balloon_the_memory()->held),
						  WORLD_WAIT));
}

/* 17.9: more ranges than a message holds: all but the last say "more", none is empty */
static void scattered_memory_takes_several_messages(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->max_order = 0;
	w->scatter = true;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 1500));
	KUNIT_EXPECT_EQ(test, world_out(), 1500ULL);
	KUNIT_EXPECT_EQ(test, world_host_pages(w), 1500ULL);
	/* 510 ranges in each */
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_responses), 3ULL);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->answers), 1ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
}

/* A list that is full is sorted before it goes: what lies side by side is one range. */
static void pages_that_join_when_sorted_share_a_message(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->max_order = 0;
	w->interleave = true;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 1000));
	KUNIT_EXPECT_EQ(test, world_out(), 1000ULL);
	KUNIT_EXPECT_EQ(test, world_host_pages(w), 1000ULL);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_responses), 1ULL);
	KUNIT_EXPECT_LE(test, FAKEHOST_PEEK(w->fh, w->host->owned.count), 2u);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_SPLIT));
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
}

/* Decision 8, P-112: declined as the in-box driver does */
static void vm_that_may_hibernate_declines(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->options.hibernation = true;
	balloon_world_up(w);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->capabilities) & 3, 3ULL);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 100));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->last_got), 0ULL);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 0x8000, 0, 0));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->hot_pages), 0u);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->hot_result), 1u);
	KUNIT_EXPECT_EQ(test, w->adds, 0u);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_requests_refused), 2ULL);
}

/* W-17: each half has its switch */
static void parameters_switch_each_half_off(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_options.balloon = false;
	balloon_options.hot_add = false;
	balloon_world_up(w);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->capabilities), 0ULL);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 100));
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
	KUNIT_EXPECT_FALSE(test, balloon_the_memory()->hooked);
}

static u64 reports(struct balloon_world *w)
{
	return FAKEHOST_PEEK(w->fh, w->host->reports);
}

/* P-242, P-247: both numbers, in 4 KiB pages, from the same formula that debugfs shows */
static void reports_carry_the_demand(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct enl_dm_status status;
	u64 floor = 232 << 8, before;

	balloon_options.report_delay_s = 0;
	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, world_balloon(w, 1000));
	/* One may have been on its way while the balloon grew. */
	before = reports(w);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(reports(w) >= before + 2, WORLD_WAIT));
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(world_count(BALLOON_COUNT_reports) > 4,
						  WORLD_WAIT));
	status = FAKEHOST_PEEK(w->fh, w->host->status);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(status.available), (768ULL << 8) - 1000);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(status.committed), (300ULL << 8) + 1000 + floor);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(status.zero_free), 4711ULL);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(status.page_file_writes), 12u);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
}

/* 22.5 */
static void reports_keep_their_period(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_options.report_delay_s = 0;
	balloon_options.report_ms = 200;
	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(reports(w) >= 6, WORLD_WAIT));
	/* 100 ns; a loaded test machine may be late, but never early. */
	KUNIT_EXPECT_GE(test, FAKEHOST_PEEK(w->fh, w->host->shortest), 500000ULL);
	KUNIT_EXPECT_LE(test, FAKEHOST_PEEK(w->fh, w->host->longest), 20000000ULL);
}

/* 22.5: the model counts a breach for each report that comes nevertheless */
static void suppressed_reports_stay_away_even_under_pressure(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct balloon *b;

	balloon_options.report_delay_s = 0;
	w->host->suppress = true;
	balloon_world_up(w);
	b = world_device();
	b->oom.notifier_call(&b->oom, 0, NULL);
	msleep(300);
	KUNIT_EXPECT_EQ(test, reports(w), 0ULL);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_reports), 0ULL);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 5));
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_SINGLE));
}

/* P-253, 13: no page is freed, but the host hears of it at once, with a tenth more */
static void running_out_of_memory_is_reported_at_once(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct enl_dm_status status;
	struct balloon *b;

	balloon_options.report_ms = 2000;
	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, world_balloon(w, 50));
	b = world_device();
	KUNIT_EXPECT_EQ(test, reports(w), 0ULL);	/* held back by the delay */
	b->oom.notifier_call(&b->oom, 0, NULL);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(reports(w) >= 1, 1500));
	status = FAKEHOST_PEEK(w->fh, w->host->status);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(status.committed),
			(300ULL << 8) + 30 * 256 + 50 + (232 << 8));
	KUNIT_EXPECT_EQ(test, world_out(), 50ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_SINGLE));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(negotiates_the_newest_version_that_the_host_accepts),
	KUNIT_CASE(gives_up_cleanly_if_the_host_accepts_no_version),
	KUNIT_CASE(gives_up_cleanly_if_the_host_refuses_our_capabilities),
	KUNIT_CASE(gives_up_in_time_if_the_host_is_silent),
	KUNIT_CASE(late_responses_are_nobodys),
	KUNIT_CASE(capability_word_is_what_the_guest_can),
	KUNIT_CASE(pages_go_and_come_back_in_any_grouping),
	KUNIT_CASE(large_blocks_make_few_ranges),
	KUNIT_CASE(smaller_blocks_serve_if_larger_ones_fail),
	KUNIT_CASE(short_of_memory_the_answer_is_what_was_got),
	KUNIT_CASE(floor_holds_against_many_requests),
	KUNIT_CASE(request_for_nothing_gets_the_empty_final_answer),
	KUNIT_CASE(scattered_memory_takes_several_messages),
	KUNIT_CASE(pages_that_join_when_sorted_share_a_message),
	KUNIT_CASE(vm_that_may_hibernate_declines),
	KUNIT_CASE(parameters_switch_each_half_off),
	KUNIT_CASE(reports_carry_the_demand),
	KUNIT_CASE(reports_keep_their_period),
	KUNIT_CASE(suppressed_reports_stay_away_even_under_pressure),
	KUNIT_CASE(running_out_of_memory_is_reported_at_once),
	{ }
};

static struct kunit_suite suite = {
	.name = "balloon_device",
	.exit = balloon_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
