// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory hot-add through the whole driver: blocks, gaps, policies, failures; heat hints.
 * Calls balloon_world.h, whose kernel is a map of bytes: every page of a block must end released
 * exactly once or withheld, and the host must hear a number that is true.
 */
#include <linux/delay.h>
#include <linux/memory.h>
#include <linux/sched.h>
#include <linux/scatterlist.h>
#include "kunit/balloon_world.h"
#include "wire/classes.h"

#define BLOCK 0x8000ULL

static u32 answered(struct balloon_world *w)
{
	return FAKEHOST_PEEK(w->fh, w->host->hot_pages);
}

static u32 result(struct balloon_world *w)
{
	return FAKEHOST_PEEK(w->fh, w->host->hot_result);
}

static void added_blocks_come_online_without_help(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 2 * BLOCK, WORLD_FIRST, 2 * BLOCK));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)(2 * BLOCK));
	KUNIT_EXPECT_EQ(test, result(w), 1u);
	KUNIT_EXPECT_EQ(test, w->adds, 2u);
	KUNIT_EXPECT_EQ(test, w->onlines, 2u);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, balloon_offline_pages(balloon_the_memory()), 0ULL);
	KUNIT_EXPECT_TRUE(test, balloon_the_memory()->held);
	/* The short form, 10.1 */
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST + 2 * BLOCK, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)BLOCK);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 3 * BLOCK);
}

/* P-239: with any policy, and nobody waits for user space */
static void every_online_policy_answers_at_once(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	unsigned long start = jiffies;

	balloon_options.online = BALLOON_ONLINE_NONE;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 4 * BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)(4 * BLOCK));
	KUNIT_EXPECT_EQ(test, w->onlines, 0u);
	/* P-241: what nobody can use counts as demand */
	KUNIT_EXPECT_EQ(test, balloon_offline_pages(balloon_the_memory()), 4 * BLOCK);
	/* User space comes later. */
	world_online(w, WORLD_FIRST + BLOCK);
	KUNIT_EXPECT_EQ(test, balloon_offline_pages(balloon_the_memory()), 3 * BLOCK);
	/* The kernel's own policy. */
	w->auto_online = true;
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST + 4 * BLOCK, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, balloon_offline_pages(balloon_the_memory()), 3 * BLOCK);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_TWICE), 0ULL);
	KUNIT_EXPECT_TRUE(test, time_before(jiffies, start + 5 * HZ));
}

/* P-238: gaps stay out, now and after the block went off- and online again */
static void gaps_stay_out_until_they_are_backed(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST + 0x1001, 0x2fff, WORLD_FIRST, BLOCK));
	KUNIT_EXPECT_EQ(test, answered(w), 0x2fffu);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 0x2fffULL);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_WITHHELD), BLOCK - 0x2fff);
	/* Backed while online: to the allocator at once, and the block is not added again. */
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 0x1001, WORLD_FIRST, BLOCK));
	KUNIT_EXPECT_EQ(test, w->adds, 1u);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 0x4000ULL);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_TWICE), 0ULL);
	/* Off, backed while off, on. */
	world_event(w, WORLD_FIRST, BALLOON_GOING_OFFLINE);
	world_event(w, WORLD_FIRST, BALLOON_OFFLINE);
	memset(w->page, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, balloon_offline_pages(balloon_the_memory()), 0x4000ULL);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST + 0x4000, 0x10, WORLD_FIRST, BLOCK));
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 0ULL);
	world_online(w, WORLD_FIRST);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 0x4010ULL);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_WITHHELD), BLOCK - 0x4010);
	KUNIT_EXPECT_EQ(test, balloon_offline_pages(balloon_the_memory()), 0ULL);
}

/* P-246, 17.20 */
static void foreign_memory_passes_through_the_hook(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct balloon_memory *m = balloon_the_memory();

	balloon_world_up(w);
	m->hooks->online_page(m, 0x400000, 10);
	KUNIT_EXPECT_EQ(test, w->foreign, 1u);
	KUNIT_EXPECT_EQ(test, w->foreign_order, 10u);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, WORLD_FIRST, 4 * BLOCK));
	/* In our window, but somebody else's block. */
	m->hooks->online_page(m, WORLD_FIRST + BLOCK, 9);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), BLOCK + 512);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_WITHHELD), 0ULL);
	KUNIT_EXPECT_EQ(test, m->regions.released, BLOCK);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_foreign_chunks), 2ULL);
}

/* 20: coexistence. P-244: and then the capability is not announced */
static void without_the_hook_there_is_a_balloon_but_no_hot_add(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->hook_busy = true;
	balloon_world_up(w);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->capabilities), 1ULL);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 64));
	KUNIT_EXPECT_EQ(test, world_out(), 64ULL);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), 0u);
	KUNIT_EXPECT_EQ(test, w->adds, 0u);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
}

/* 10.2: shortage is no answer while it may pass */
static void shortage_of_memory_is_retried_quietly(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->add_error = -ENOMEM;
	w->add_errors = 2;
	balloon_options.retry_ms = WORLD_WAIT;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)BLOCK);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_block_retries), 2ULL);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_block_failures), 0ULL);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), BLOCK);
}

/* 10.2, DM-17 */
static void lasting_shortage_is_answered_as_transient(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->add_error = -ENOMEM;
	w->add_errors = ~0u;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), 0u);
	KUNIT_EXPECT_EQ(test, result(w), 0u);
	KUNIT_EXPECT_EQ(test, balloon_the_memory()->regions.count, 0u);
	KUNIT_EXPECT_EQ(test, balloon_the_memory()->regions.backed.pages, 0ULL);
	KUNIT_EXPECT_FALSE(test, balloon_the_memory()->held);
	/* The host tries later. */
	w->add_errors = 0;
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)BLOCK);
}

#if IS_ENABLED(CONFIG_FAILSLAB)

/* 10.2: also of the few bytes in which a window is remembered. In this thread: it can be failed. */
static void shortage_before_the_first_block_is_retried_too(struct kunit *test)
{
	const struct balloon_message message = {
		.type = ENL_DM_HOT_ADD, .range = { WORLD_FIRST, BLOCK },
	};
	struct balloon_world *w = balloon_world(test);
	unsigned int left;

	balloon_options.retry_ms = WORLD_WAIT;
	balloon_world_up(w);
	current->fail_nth = 1;
	balloon_hot_add(world_device(), &message);
	left = current->fail_nth;
	current->fail_nth = 0;
	KUNIT_EXPECT_EQ(test, left, 0u);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_block_retries), 1ULL);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_blocks_added), 1ULL);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), BLOCK);
	/* The host had not asked. */
	fakehost_settle(w->fh, WORLD_WAIT);
	fakehost_forgive(w->fh, VSP_V_DM_ORDER);
}

#else

static void shortage_before_the_first_block_is_retried_too(struct kunit *test)
{
	kunit_skip(test, "this kernel has no failslab");
}

#endif

/* 10.3: some kernels tell the size of a block only by way of its devices, once one is bound */
static void block_size_is_looked_up_when_a_device_is_bound(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct balloon_memory *m = balloon_the_memory();

	balloon_world_up(w);
	KUNIT_EXPECT_EQ(test, balloon_mm_shown_block_bytes(m), (u64)memory_block_size_bytes());
	fakehost_rescind(w->fh, w->relid);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(!world_device(), WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, balloon_mm_shown_block_bytes(m), 0ULL);

	w->block_pages = 2 * BLOCK;
	w->relid = fakehost_offer(w->fh, &(struct enl_guid)ENL_CLASS_MEMORY, 1,
				  &vsp_memory_provider, w->host);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(world_device() &&
						  READ_ONCE(world_device()->running), WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, m->regions.block_pages, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->capabilities), 3ULL | 8 << 2);
}

/* P-243: one refused range does not end hot-add */
static void refused_block_refuses_its_range_only(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	w->add_error = -EEXIST;
	w->add_errors = 1;
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), 0u);
	KUNIT_EXPECT_EQ(test, result(w), 1u);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_block_failures), 1ULL);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST + BLOCK, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)BLOCK);
	/* Where the guest's own memory is. */
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, 0x100000, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), 0u);
	/* Half of it: the second block is there already; the number is true. */
	w->add_errors = 0;
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)BLOCK);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 2 * BLOCK);
}

/* 17.12, 17.14, 17.15 */
static void unaligned_requests_get_a_true_number(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST + 5, 3 * BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)(2 * BLOCK));
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 2 * BLOCK);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST + 5, 100, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), 0u);
	KUNIT_EXPECT_EQ(test, result(w), 1u);
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_HOT_ADD_ALIGN), 1ULL);
}

static void block_that_cannot_be_onlined_counts_as_demand(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->online_error = -EBUSY;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)BLOCK);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_online_failures), 1ULL);
	KUNIT_EXPECT_EQ(test, balloon_offline_pages(balloon_the_memory()), BLOCK);
}

/* P-240: a block on its way: its pages wait for the outcome, cancelled or not */
static void pages_wait_for_a_block_that_changes(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_options.retry_ms = WORLD_WAIT;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 16, WORLD_FIRST, BLOCK));
	world_event(w, WORLD_FIRST, BALLOON_GOING_OFFLINE);
	KUNIT_EXPECT_TRUE(test, world_ask_hot_add(w, WORLD_FIRST + 16, 16, WORLD_FIRST, BLOCK));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(world_count(BALLOON_COUNT_block_retries) > 0,
						  WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 16ULL);
	world_event(w, WORLD_FIRST, BALLOON_CANCEL_OFFLINE);
	KUNIT_EXPECT_TRUE(test, world_idle(w));
	KUNIT_EXPECT_EQ(test, answered(w), 16u);
	KUNIT_EXPECT_EQ(test, world_pages_that_are(w, WORLD_RELEASED), 32ULL);
}

/* 17.13, P-254 */
static void more_than_the_announced_maximum_is_refused(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	/* 1 GiB at boot, 1280 MiB at most: the margin is a sixteenth and a block */
	KUNIT_ASSERT_TRUE(test, world_tell_maximum(w, 1280 << 8));
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(READ_ONCE(world_device()->max_pages) == 1280 << 8,
						  WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 5 * BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), 0u);
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_HOT_ADD_LIMIT), 1ULL);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 2 * BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)(2 * BLOCK));
}

static void without_a_maximum_the_parameter_limits(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_options.limit_mib = 256;
	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 3 * BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), 0u);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 2 * BLOCK, 0, 0));
	KUNIT_EXPECT_EQ(test, answered(w), (u32)(2 * BLOCK));
}

/* HH-1, 17.23 */
static void hints_name_runs_in_the_words_of_the_hypervisor(struct kunit *test)
{
	static const struct balloon_run good[] = { { 0x140000, 512 }, { 0x2340, 64 } };
	static const struct balloon_run askew[] = { { 0x140100, 512 } };
	static const struct balloon_run odd[] = { { 0x140000, 3 } };
	struct balloon_world *w = balloon_world(test);

	w->hint_supported = true;
	balloon_world_up(w);
	KUNIT_EXPECT_EQ(test, balloon_hint_runs(world_device(), good, 2), 0);
	KUNIT_EXPECT_EQ(test, w->fh->hint_words[0], 0x140000800ULL);
	KUNIT_EXPECT_EQ(test, w->fh->hint_words[1], 0x234003fULL);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_hint_pages), 576ULL);
	KUNIT_EXPECT_EQ(test, balloon_hint_runs(world_device(), askew, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, balloon_hint_runs(world_device(), odd, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, w->fh->counts.hint_words, 2ULL);
	/* One at a time is progress, none is not. */
	fakehost_hint_answer(w->fh, 5, 1);
	KUNIT_EXPECT_EQ(test, balloon_hint_runs(world_device(), good, 2), 0);
	fakehost_hint_answer(w->fh, 5, 0);
	KUNIT_EXPECT_EQ(test, balloon_hint_runs(world_device(), good, 2), -EIO);
}

/* P-250 */
static void page_reporting_stops_after_two_failures_but_not_in_its_own_callback(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct balloon_reporting *r;
	struct scatterlist list;
	struct page *page;

	w->hint_supported = true;
	balloon_options.page_reporting = true;
	balloon_world_up(w);
	r = world_device()->reporting;
	if (!r) {
		kunit_skip(test, "kernel without CONFIG_PAGE_REPORTING");
		return;
	}
	page = alloc_pages(GFP_KERNEL, 9);
	KUNIT_ASSERT_NOT_NULL(test, page);
	sg_init_table(&list, 1);
	sg_set_page(&list, page, 512 * PAGE_SIZE, 0);

	KUNIT_EXPECT_EQ(test, r->info.report(&r->info, &list, 1), 0);
	KUNIT_EXPECT_EQ(test, world_attribute("page_reporting"), 1ULL);
	fakehost_hint_answer(w->fh, 5, 0);
	KUNIT_EXPECT_EQ(test, r->info.report(&r->info, &list, 1), -EIO);
	KUNIT_EXPECT_EQ(test, r->info.report(&r->info, &list, 1), -EIO);
	flush_work(&r->stop);
	KUNIT_EXPECT_FALSE(test, r->registered);
	KUNIT_EXPECT_EQ(test, world_attribute("page_reporting"), 0ULL);
	fakehost_hint_answer(w->fh, 0, 0);
	KUNIT_EXPECT_NE(test, r->info.report(&r->info, &list, 1), 0);
	KUNIT_EXPECT_GE(test, world_count(BALLOON_COUNT_hint_failures), 2ULL);
	__free_pages(page, 9);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(added_blocks_come_online_without_help),
	KUNIT_CASE(every_online_policy_answers_at_once),
	KUNIT_CASE(gaps_stay_out_until_they_are_backed),
	KUNIT_CASE(foreign_memory_passes_through_the_hook),
	KUNIT_CASE(without_the_hook_there_is_a_balloon_but_no_hot_add),
	KUNIT_CASE(shortage_of_memory_is_retried_quietly),
	KUNIT_CASE(lasting_shortage_is_answered_as_transient),
	KUNIT_CASE(shortage_before_the_first_block_is_retried_too),
	KUNIT_CASE(block_size_is_looked_up_when_a_device_is_bound),
	KUNIT_CASE(refused_block_refuses_its_range_only),
	KUNIT_CASE(unaligned_requests_get_a_true_number),
	KUNIT_CASE(block_that_cannot_be_onlined_counts_as_demand),
	KUNIT_CASE(pages_wait_for_a_block_that_changes),
	KUNIT_CASE(more_than_the_announced_maximum_is_refused),
	KUNIT_CASE(without_a_maximum_the_parameter_limits),
	KUNIT_CASE(hints_name_runs_in_the_words_of_the_hypervisor),
	KUNIT_CASE(page_reporting_stops_after_two_failures_but_not_in_its_own_callback),
	{ }
};

static struct kunit_suite suite = {
	.name = "balloon_hotplug",
	.exit = balloon_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
