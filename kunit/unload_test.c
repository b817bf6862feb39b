// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a connection: stop, reboot and kexec, crash; each with hosts that do not answer.
 * Calls the fake host, enl_bus_stop() and the bus's dying event. Chapters 4.9, 11.6, 11.8, 11.9.
 * After UNLOAD nothing is posted, and what the host may still write to is not freed.
 */
#include <linux/err.h>
#include "kunit/bus_world.h"

static struct fakehost *host(struct kunit *test)
{
	struct fakehost *fh = fakehost_create(test, NULL);

	KUNIT_ASSERT_NOT_NULL(test, fh);
	return fh;
}

/* UNLOAD was posted once and nothing came after it. */
static void expect_unload_last(struct kunit *test, struct fakehost *fh)
{
	struct vsp_record unload, last;
	u64 n = 0;

	KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_UNLOAD), 1ull);
	KUNIT_ASSERT_TRUE(test, fakehost_message(fh, ENL_MSG_UNLOAD, 0, &unload));
	KUNIT_EXPECT_EQ(test, (u32)unload.bytes, 8u);
	while (fakehost_message(fh, 0, n, &last))
		n++;
	KUNIT_EXPECT_EQ(test, last.number, unload.number);
}

/* P-010 vmbus.md 4.9: by version; the hosts before 3.0 would not answer. */
static void only_versions_that_know_unload_are_sent_one(struct kunit *test)
{
	static const u32 versions[] = {
		ENL_VERSION_2_4, ENL_VERSION_3_0, ENL_VERSION_4_0, ENL_VERSION_4_1,
		ENL_VERSION_5_0, ENL_VERSION_5_1, ENL_VERSION_5_2, ENL_VERSION_5_3,
	};
	unsigned int i, crash;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		for (crash = 0; crash <= 1; crash++) {
			u64 unloads = versions[i] >= ENL_VERSION_3_0;
			struct fakehost *fh = host(test);
			struct enl_bus *bus;

			FAKEHOST_RUN(fh, vsp_personality(fh->host)->only_version = versions[i]);
			bus = bus_up(test, fh, NULL);
			KUNIT_ASSERT_NOT_NULL(test, bus);
			if (crash)
				fakehost_dying(fh, true);
			enl_bus_stop(bus);
			KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_UNLOAD), unloads);
			fakehost_settle(fh, 1000);
			fakehost_check_rules(test, fh);
			fakehost_destroy(fh);
		}
	}
}

/* vmbus.md 4.9, 11.9: close, tear down, release, and last of all UNLOAD. */
static void stop_closes_all_and_unloads_last(struct kunit *test)
{
	static const u32 order[] = {
		ENL_MSG_CLOSE, ENL_MSG_GPADL_TEARDOWN, ENL_MSG_RELID_RELEASED, ENL_MSG_UNLOAD,
	};
	struct fakehost *fh = host(test);
	struct vsp_record r;
	u64 before = 0;
	struct enl_bus *bus;
	unsigned int i;

	bus_record.opens = true;
	fakehost_offer(fh, &bus_class, 1, NULL, NULL);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	enl_bus_stop(bus);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 1u);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		KUNIT_ASSERT_TRUE(test, fakehost_message(fh, order[i], 0, &r));
		KUNIT_EXPECT_GT(test, r.number, before);
		before = r.number;
	}
	expect_unload_last(test, fh);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

/* vmbus.md 4.9, 12.45: no answer: bounded, and the pages of the connection are lost, not freed. */
static void silent_host_costs_pages_and_no_more(struct kunit *test)
{
	struct enl_bus_options limits = fakehost_limits;
	struct fakehost *fh = host(test);
	unsigned long start = jiffies;
	struct enl_bus *bus;

	limits.unload_ms = 300;
	bus = bus_up(test, fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_hold(fh, ENL_MSG_UNLOAD_COMPLETE, true);
	start = jiffies;
	enl_bus_stop(bus);
	KUNIT_EXPECT_GE(test, jiffies_to_msecs(jiffies - start), 290u);
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 10000u);
	KUNIT_EXPECT_EQ(test, bus_end.faults[ENL_FAULT_ANSWER_LATE], 1L);
	/* MEMORY_KEPT: interrupt page and both monitor pages, one by one */
	KUNIT_EXPECT_EQ(test, bus_end.faults[ENL_FAULT_MEMORY_KEPT], 3L);
	KUNIT_EXPECT_EQ(test, bus_end.leaked_pages, 3u);
	KUNIT_EXPECT_EQ(test, fh->counts.late, 0ull);
	fakehost_hold(fh, ENL_MSG_UNLOAD_COMPLETE, false);
	fakehost_settle(fh, 1000);
	/* the next kernel, or the module loaded again, finds a working host */
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus_down(test, fh, bus);
}

/* P-100 vmbus.md 4.9: the host flushes its caches first; a late answer is an answer. */
static void slow_host_is_waited_for(struct kunit *test)
{
	struct fakehost *fh = host(test);
	struct enl_bus_options limits = fakehost_limits;
	struct enl_bus *bus;

	limits.unload_ms = 30000;
	bus = bus_up(test, fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_hold(fh, ENL_MSG_UNLOAD_COMPLETE, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(fh, bus_stop_call, bus), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(fh, ENL_MSG_UNLOAD, 1, BUS_WAIT));
	KUNIT_EXPECT_FALSE(test, fakehost_called(fh, 500, NULL));
	/* P-016 vmbus.md 12.6: nothing else ends this wait */
	bus_inject(fh, ENL_MSG_RESCIND, 1);
	bus_inject(fh, ENL_MSG_VERSION_RESPONSE, 1);
	bus_inject(fh, ENL_MSG_GPADL_TORNDOWN, 0);
	bus_inject(fh, ENL_MSG_ALL_OFFERS_DELIVERED, 0);
	KUNIT_EXPECT_FALSE(test, fakehost_called(fh, 200, NULL));
	fakehost_hold(fh, ENL_MSG_UNLOAD_COMPLETE, false);
	KUNIT_ASSERT_TRUE(test, fakehost_called(fh, BUS_WAIT, NULL));
	KUNIT_EXPECT_EQ(test, bus_end.leaked_pages, 0u);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

/* vmbus.md 4.9, 11.6: reboot, then kexec, then unloading the module: one UNLOAD for all. */
static void unload_is_sent_once_whoever_is_first(struct kunit *test)
{
	struct fakehost *fh = host(test);
	struct enl_bus *bus = bus_up(test, fh, NULL);

	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_dying(fh, false);
	fakehost_dying(fh, false);
	fakehost_dying(fh, true);
	enl_bus_stop(bus);
	expect_unload_last(test, fh);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

/* vmbus.md 11.6, 11.8: kexec fences every other sender, and ends their waits. */
static void kexec_ends_all_waits_and_lets_nobody_post(struct kunit *test)
{
	struct fakehost *fh = host(test);
	struct enl_channel *ch;
	struct enl_bus *bus;
	int err = 0;

	fakehost_offer(fh, &bus_class, 1, NULL, NULL);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	ch = enl_channel_primary(bus_record.dev);
	fakehost_hold(fh, ENL_MSG_OPEN_RESULT, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(fh, bus_open_call, ch), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(fh, ENL_MSG_OPEN, 1, BUS_WAIT));
	fakehost_dying(fh, false);
	KUNIT_ASSERT_TRUE(test, fakehost_called(fh, BUS_WAIT, &err));
	KUNIT_EXPECT_EQ(test, err, -ENODEV);
	KUNIT_EXPECT_EQ(test, enl_channel_open(ch, &bus_setup), -ENODEV);
	KUNIT_EXPECT_EQ(test, enl_bus_connect_socket(bus, &bus_class, &bus_class), -ENODEV);
	fakehost_hold(fh, ENL_MSG_OPEN_RESULT, false);
	enl_bus_stop(bus);
	expect_unload_last(test, fh);
	fakehost_check_rules(test, fh);
	fakehost_destroy(fh);
}

/* P-114, P-020 vmbus.md 11.8: the next kernel connects, whatever the first left in the queues. */
static void next_kernel_connects_after_kexec_and_after_a_crash(struct kunit *test)
{
	unsigned int crash;

	for (crash = 0; crash <= 1; crash++) {
		struct fakehost *fh = host(test);
		struct enl_bus *bus;
		unsigned int probes = bus_record.probes;

		fakehost_offer(fh, &bus_class, 1, NULL, NULL);
		bus = bus_up(test, fh, NULL);
		KUNIT_ASSERT_NOT_NULL(test, bus);
		KUNIT_ASSERT_TRUE(test, bus_probed(probes + 1));
		fakehost_dying(fh, crash);
		enl_bus_stop(bus);
		bus_inject(fh, ENL_MSG_RESCIND, 1);
		bus_inject(fh, ENL_MSG_UNLOAD_COMPLETE, 0);
		bus = bus_up(test, fh, NULL);
		KUNIT_ASSERT_NOT_NULL(test, bus);
		KUNIT_EXPECT_TRUE(test, bus_probed(probes + 2));
		bus_down(test, fh, bus);
	}
}

/* P-099, P-102, P-107 vmbus.md 11.8: in atomic context, with the locks of stopped CPUs held. */
static void crash_needs_no_lock_and_no_sleep(struct kunit *test)
{
	struct fakehost *fh = host(test);
	struct enl_bus *bus = bus_up(test, fh, NULL);
	unsigned long flags;

	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_set_manual(fh, true);		/* only the poll reads messages */
	mutex_lock(&bus->lock);
	down_write(&bus->post_lock);
	spin_lock_irqsave(&bus->request_lock, flags);
	fakehost_dying(fh, true);
	spin_unlock_irqrestore(&bus->request_lock, flags);
	up_write(&bus->post_lock);
	mutex_unlock(&bus->lock);
	KUNIT_EXPECT_TRUE(test, bus->unload_done);
	KUNIT_EXPECT_GE(test, fh->counts.polls, 1ull);
	KUNIT_EXPECT_FALSE(test, FAKEHOST_PEEK(fh, vsp_connected(fh->host)));
	fakehost_set_manual(fh, false);
	enl_bus_stop(bus);
	expect_unload_last(test, fh);
	fakehost_check_rules(test, fh);
	fakehost_destroy(fh);
}

/* vmbus.md 11.8: messages in front of the answer are consumed; so is an answer taken elsewhere. */
static void crash_finds_the_answer_behind_others_and_elsewhere(struct kunit *test)
{
	struct enl_msg_header done = { .type = cpu_to_le32(ENL_MSG_UNLOAD_COMPLETE) };
	struct enl_bus_options limits = fakehost_limits;
	struct fakehost *fh = host(test);
	struct enl_bus *bus = bus_up(test, fh, NULL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_set_manual(fh, true);
	for (i = 0; i < 10; i++)
		bus_inject(fh, ENL_MSG_RESCIND, i);
	fakehost_dying(fh, true);
	KUNIT_EXPECT_TRUE(test, bus->unload_done);
	fakehost_set_manual(fh, false);
	enl_bus_stop(bus);
	fakehost_check_rules(test, fh);
	fakehost_destroy(fh);

	/* another CPU's ordinary path was quicker than the poll */
	fh = host(test);
	limits.unload_ms = 60000;
	bus = bus_up(test, fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_hold(fh, ENL_MSG_UNLOAD_COMPLETE, true);
	WRITE_ONCE(bus->link, ENL_LINK_UNLOAD);
	fh->up->message(fh->up_context, &done, sizeof(done));
	KUNIT_EXPECT_TRUE(test, bus->unload_done);
	WRITE_ONCE(bus->link, ENL_LINK_UP);
	i = jiffies_to_msecs(jiffies);
	fakehost_dying(fh, true);
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies) - i, 30000u);
	fakehost_hold(fh, ENL_MSG_UNLOAD_COMPLETE, false);
	enl_bus_stop(bus);
	fakehost_check_rules(test, fh);
	fakehost_destroy(fh);
}

/* P-099 vmbus.md 11.8: the poll ends by time, and the post is tried again while it is refused. */
static void crash_with_a_silent_or_busy_host_is_bounded(struct kunit *test)
{
	struct enl_bus_options limits = fakehost_limits;
	struct fakehost *fh = host(test);
	unsigned long start;
	struct enl_bus *bus;

	limits.unload_ms = 300;
	bus = bus_up(test, fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_hold(fh, ENL_MSG_UNLOAD_COMPLETE, true);
	start = jiffies;
	fakehost_dying(fh, true);
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 10000u);
	KUNIT_EXPECT_FALSE(test, bus->unload_done);
	fakehost_hold(fh, ENL_MSG_UNLOAD_COMPLETE, false);
	enl_bus_stop(bus);
	fakehost_destroy(fh);

	fh = host(test);
	bus = bus_up(test, fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_post_status(fh, ENL_MSG_UNLOAD, ENL_HV_INSUFFICIENT_BUFFERS, 10);
	fakehost_dying(fh, true);
	KUNIT_EXPECT_TRUE(test, bus->unload_done);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(fh, vsp_tried(fh->host, ENL_MSG_UNLOAD)), 11ull);
	enl_bus_stop(bus);
	fakehost_check_rules(test, fh);
	fakehost_destroy(fh);
}

/* P-003: a crash on a machine without hypercalls does nothing. */
static void crash_without_hypercalls_does_nothing(struct kunit *test)
{
	struct fakehost *fh = host(test);
	struct enl_bus *bus = bus_up(test, fh, NULL);

	KUNIT_ASSERT_NOT_NULL(test, bus);
	fh->options.no_hypercalls = true;
	fakehost_dying(fh, true);
	KUNIT_EXPECT_EQ(test, fh->counts.polls, 0ull);
	fh->options.no_hypercalls = false;
	enl_bus_stop(bus);
	fakehost_destroy(fh);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(only_versions_that_know_unload_are_sent_one),
	KUNIT_CASE(stop_closes_all_and_unloads_last),
	KUNIT_CASE(silent_host_costs_pages_and_no_more),
	KUNIT_CASE(slow_host_is_waited_for),
	KUNIT_CASE(unload_is_sent_once_whoever_is_first),
	KUNIT_CASE(kexec_ends_all_waits_and_lets_nobody_post),
	KUNIT_CASE(next_kernel_connects_after_kexec_and_after_a_crash),
	KUNIT_CASE(crash_needs_no_lock_and_no_sleep),
	KUNIT_CASE(crash_finds_the_answer_behind_others_and_elsewhere),
	KUNIT_CASE(crash_with_a_silent_or_busy_host_is_bounded),
	KUNIT_CASE(crash_without_hypercalls_does_nothing),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_unload",
	.init = bus_world_init,
	.exit = bus_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
