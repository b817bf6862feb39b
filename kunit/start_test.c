// SPDX-License-Identifier: GPL-2.0-only
/*
 * A start of the bus that fails at each of its steps in turn, and the start that follows it.
 * Calls the fake host, enl_bus_start(), and the kernel's fault injection where it is built in.
 * What must hold: an error, nothing left behind, and a second start as if it were the first.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "kunit/bus_world.h"

/* A start that must work and must be found unspoilt by what failed before. */
static void expect_good_start(struct kunit *test, struct fakehost *fh)
{
	struct enl_bus *bus = bus_up(test, fh, NULL);

	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_EXPECT_EQ(test, enl_bus_version(bus), ENL_VERSION_5_3);
	enl_bus_stop(bus);
	fakehost_check(test, fh);
}

static struct fakehost *host(struct kunit *test, const struct fakehost_options *options)
{
	struct fakehost *fh = fakehost_create(test, options);

	KUNIT_ASSERT_NOT_NULL(test, fh);
	return fh;
}

/* P-012, P-021: what the platform says is what the caller hears; nothing is posted. */
static void platform_that_does_not_start_is_not_stopped(struct kunit *test)
{
	struct fakehost_options options = { .fail_start = -EIO };
	struct fakehost *fh = host(test, &options);
	struct enl_bus *bus = bus_try(fh, NULL);

	KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)-EIO);
	KUNIT_EXPECT_EQ(test, fh->counts.starts, 1ull);
	KUNIT_EXPECT_EQ(test, fh->counts.stops, 0ull);
	KUNIT_EXPECT_EQ(test, fh->counts.posts, 0ull);
	fh->options.fail_start = 0;
	fh->counts.starts = 0;
	expect_good_start(test, fh);
	fakehost_destroy(fh);
}

/* P-003, P-021: without a hypercall page every post is an error of its own, not a crash. */
static void missing_hypercalls_are_no_device(struct kunit *test)
{
	struct fakehost_options options = { .no_hypercalls = true };
	struct fakehost *fh = host(test, &options);
	struct enl_bus *bus = bus_try(fh, NULL);

	KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)-ENODEV);
	KUNIT_EXPECT_EQ(test, fh->counts.posts, 1ull);
	KUNIT_EXPECT_EQ(test, bus_end.stops, 1u);
	KUNIT_EXPECT_TRUE(test, bus_end.pages_there);
	fh->options.no_hypercalls = false;
	expect_good_start(test, fh);
	fakehost_destroy(fh);
}

/* P-011, P-012 vmbus.md 12.42, 12.44: each of the three shared pages fails; that page is lost. */
static void page_that_cannot_be_shared_ends_the_start(struct kunit *test)
{
	struct fakehost_options options = { .isolated = true };
	unsigned int n;

	for (n = 1; n <= 3; n++) {
		struct fakehost *fh = host(test, &options);
		struct enl_bus *bus;

		fakehost_fail_share(fh, n, 0);
		bus = bus_try(fh, NULL);
		KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)-ENOMEM);
		KUNIT_EXPECT_EQ(test, fh->counts.posts, 0ull);
		KUNIT_EXPECT_EQ(test, bus_end.leaked_pages, 1u);
		KUNIT_EXPECT_EQ(test, bus_end.faults[ENL_FAULT_MEMORY_KEPT], 1L);
		KUNIT_EXPECT_EQ(test, fh->counts.shared_pages, 0ull);
		KUNIT_EXPECT_EQ(test, fh->counts.starts, fh->counts.stops);
		expect_good_start(test, fh);
		fakehost_destroy(fh);
	}
}

/* P-120 vmbus.md 12.43: sharing scrambles what was in the pages; they are cleared after it. */
static void shared_pages_are_cleared_after_they_are_shared(struct kunit *test)
{
	struct fakehost_options options = { .isolated = true };
	struct fakehost *fh = host(test, &options);
	const u32 bytes = 3 * ENL_HVPAGE_SIZE;
	struct enl_bus *bus;
	void *buffer;

	bus_record.opens = true;
	fakehost_offer(fh, &bus_perf_class, 1, NULL, NULL);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	/* the host looks at the rings when it opens them: dirty ones are a breach */
	KUNIT_EXPECT_EQ(test, bus_record.open_result, 0);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv((void *)bus->interrupt_page, 0, PAGE_SIZE), NULL);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv((void *)bus->monitor_in_page, 0, PAGE_SIZE), NULL);
	buffer = enl_shared_alloc(bus_record.dev, bytes);
	KUNIT_ASSERT_NOT_NULL(test, buffer);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(buffer, 0, bytes), NULL);
	enl_shared_free(bus_record.dev, buffer, bytes);
	enl_bus_stop(bus);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

/* vmbus.md 12.9, 12.45: the host said yes: the monitor pages are its own, and stay out of use. */
static void pages_stay_with_a_host_that_cannot_be_told_to_unload(struct kunit *test)
{
	struct vsp_fault fault = {
		.point = VSP_AT_MESSAGE, .action = VSP_OVERWRITE, .key = ENL_MSG_VERSION_RESPONSE,
		.a = 12, .b = 0x01000020, .width = 4,
	};
	struct fakehost *fh = host(test, NULL);
	struct enl_bus *bus;

	fakehost_fault(fh, &fault);
	bus = bus_try(fh, NULL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)-EPROTO);
	fakehost_settle(fh, 1000);
	KUNIT_EXPECT_TRUE(test, FAKEHOST_PEEK(fh, vsp_connected(fh->host)));
	/* FREED: the model looks whether its pages are still the guest's to give */
	fakehost_check_rules(test, fh);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus_down(test, fh, bus);
}

/* P-011, P-012: connected, but the list of devices cannot be asked for: disconnected again. */
static void refused_request_for_offers_ends_the_connection(struct kunit *test)
{
	struct fakehost *fh = host(test, NULL);
	struct enl_bus *bus;

	fakehost_post_status(fh, ENL_MSG_REQUEST_OFFERS, ENL_HV_ACCESS_DENIED, 1);
	bus = bus_try(fh, NULL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)-EIO);
	KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_UNLOAD), 1ull);
	fakehost_check(test, fh);
	expect_good_start(test, fh);
	fakehost_destroy(fh);
}

#if IS_ENABLED(CONFIG_FAILSLAB)

/* Can an allocation of this thread that may sleep be made to fail? */
static bool allocations_can_fail(void)
{
	void *p;

	current->fail_nth = 1;
	p = kmalloc(64, GFP_KERNEL);
	current->fail_nth = 0;
	kfree(p);
	return !p;
}

/* P-006, P-011, P-012, P-045: each allocation of a start fails once, the n-th in the n-th try. */
static void each_failed_allocation_ends_the_start_cleanly(struct kunit *test)
{
	struct fakehost *fh = host(test, NULL);
	unsigned int n, failed = 0;

	if (!allocations_can_fail()) {
		fakehost_destroy(fh);
		kunit_skip(test, "failslab/ignore-gfp-wait is not N");
	}
	for (n = 1; n <= 400; n++) {
		struct enl_bus *bus;
		bool struck;

		current->fail_nth = n;
		bus = bus_try(fh, NULL);
		struck = !current->fail_nth;
		current->fail_nth = 0;
		if (!IS_ERR(bus))
			enl_bus_stop(bus);
		else
			failed++;
		KUNIT_EXPECT_TRUE(test, !IS_ERR(bus) || PTR_ERR(bus) == -ENOMEM);
		KUNIT_EXPECT_EQ(test, fh->counts.starts, fh->counts.stops);
		if (!struck)
			break;
	}
	kunit_info(test, "%u allocations, %u of them needed", n - 1, failed);
	/* it was struck at least at the bus, its queues and its pages */
	KUNIT_EXPECT_GE(test, failed, 5u);
	KUNIT_EXPECT_LE(test, n, 400u);
	expect_good_start(test, fh);
	fakehost_destroy(fh);
}

#else

static void each_failed_allocation_ends_the_start_cleanly(struct kunit *test)
{
	kunit_skip(test, "this kernel has no failslab");
}

#endif

/* P-012: ten times the same, with a device: the numbers of each round are those of the first. */
static void tenth_start_is_like_the_first(struct kunit *test)
{
	struct fakehost *fh = host(test, NULL);
	struct vsp_ledger first, now;
	unsigned int i;

	bus_record.opens = true;
	fakehost_offer(fh, &bus_class, 1, NULL, NULL);
	for (i = 1; i <= 10; i++) {
		struct enl_bus *bus = bus_up(test, fh, NULL);

		KUNIT_ASSERT_NOT_NULL(test, bus);
		KUNIT_EXPECT_TRUE(test, bus_probed(i));
		KUNIT_EXPECT_EQ(test, bus_record.open_result, 0);
		fakehost_ledger(fh, i == 1 ? &first : &now);
		KUNIT_EXPECT_EQ(test, bus->leaked_pages, 0u);
		KUNIT_EXPECT_EQ(test, bus->kept_pages, 0u);
		enl_bus_stop(bus);
		KUNIT_EXPECT_EQ(test, bus_record.removes, i);
	}
	KUNIT_EXPECT_EQ(test, now.gpadls, first.gpadls);
	KUNIT_EXPECT_EQ(test, now.gpadl_pages, first.gpadl_pages);
	KUNIT_EXPECT_EQ(test, now.open, first.open);
	KUNIT_EXPECT_EQ(test, first.open, 1u);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(platform_that_does_not_start_is_not_stopped),
	KUNIT_CASE(missing_hypercalls_are_no_device),
	KUNIT_CASE(page_that_cannot_be_shared_ends_the_start),
	KUNIT_CASE(shared_pages_are_cleared_after_they_are_shared),
	KUNIT_CASE(pages_stay_with_a_host_that_cannot_be_told_to_unload),
	KUNIT_CASE(refused_request_for_offers_ends_the_connection),
	KUNIT_CASE(each_failed_allocation_ends_the_start_cleanly),
	KUNIT_CASE(tenth_start_is_like_the_first),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_start",
	.init = bus_world_init,
	.exit = bus_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
