// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hibernation: leaving the host, and finding host and devices again, changed or not.
 * Calls the fake host and enl_bus_suspend(), enl_bus_resume(), enl_bus_settle(). Chapter 11.7.
 * The driver's part is played by the cases: close before, open after.
 */
#include <linux/err.h>
#include "kunit/bus_world.h"

/* P-108 vmbus.md 11.7: the object stays, the numbers are taken anew; five times in a row. */
static void device_is_itself_after_sleep(struct kunit *test)
{
	struct bus_scene s;
	unsigned int i;

	bus_set_scene(test, &s);
	for (i = 1; i <= 5; i++) {
		bus_expect_works(test, &s);
		KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
		KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_UNLOAD), (u64)i);
		KUNIT_EXPECT_EQ(test, enl_channel_relid(s.ch), ENL_RELID_NONE);
		KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
		enl_bus_settle(s.bus);
		KUNIT_EXPECT_EQ(test, enl_channel_relid(s.ch), s.relid);
		KUNIT_EXPECT_PTR_EQ(test, bus_record.dev, s.dev);
	}
	bus_expect_works(test, &s);
	KUNIT_EXPECT_EQ(test, bus_record.probes, 1u);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 0u);
	bus_down(test, s.fh, s.bus);
}

/* vmbus.md 11.7: only one version is asked for, and the connection is as before. */
static void resume_asks_for_the_version_of_before(struct kunit *test)
{
	struct vsp_record r;
	struct bus_scene s;

	bus_set_scene(test, &s);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	/* the host has learnt an older one meanwhile, and lost ours */
	FAKEHOST_RUN(s.fh, vsp_personality(s.fh->host)->only_version = ENL_VERSION_5_2);
	KUNIT_EXPECT_EQ(test, enl_bus_resume(s.bus), -EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_INITIATE_CONTACT), 2ull);
	KUNIT_ASSERT_TRUE(test, fakehost_message(s.fh, ENL_MSG_INITIATE_CONTACT, 1, &r));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(((struct enl_msg_contact *)r.message)->version),
			ENL_VERSION_5_3);
	/* no connection: no device works, and nothing hangs */
	KUNIT_EXPECT_NE(test, enl_channel_open(s.ch, &bus_setup), 0);
	/* P-109: it does not stand in the way of a later try */
	FAKEHOST_RUN(s.fh, vsp_personality(s.fh->host)->only_version = 0);
	KUNIT_EXPECT_EQ(test, enl_bus_suspend(s.bus), 0);
	KUNIT_EXPECT_EQ(test, enl_bus_resume(s.bus), 0);
	bus_expect_works(test, &s);
	bus_down(test, s.fh, s.bus);
}

/* P-109 vmbus.md 11.7: an open channel is named and refused, and nothing has changed. */
static void open_channel_refuses_sleep_and_goes_on(struct kunit *test)
{
	struct bus_scene s;

	bus_set_scene(test, &s);
	KUNIT_ASSERT_EQ(test, enl_channel_open(s.ch, &bus_setup), 0);
	KUNIT_EXPECT_EQ(test, enl_bus_suspend(s.bus), -EBUSY);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_UNLOAD), 0ull);
	KUNIT_EXPECT_TRUE(test, FAKEHOST_PEEK(s.fh, vsp_channel_open(s.fh->host, s.relid)));
	KUNIT_EXPECT_EQ(test, enl_channel_relid(s.ch), s.relid);
	/* offers are taken again */
	fakehost_offer(s.fh, &bus_class, 2, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, bus_probed(2));
	enl_channel_close(s.ch);
	KUNIT_EXPECT_EQ(test, enl_bus_suspend(s.bus), 0);
	KUNIT_EXPECT_EQ(test, enl_bus_resume(s.bus), 0);
	bus_expect_works(test, &s);
	bus_down(test, s.fh, s.bus);
}

/* P-110 vmbus.md 11.7: same device, other number. */
static void device_comes_back_under_another_number(struct kunit *test)
{
	struct vsp_offer offer = {
		.class_id = bus_perf_class, .instance_id = fakehost_instance(1), .relid = 555,
		.mmio_megabytes = 8,
	};
	struct bus_scene s;

	bus_set_scene(test, &s);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	fakehost_rescind(s.fh, s.relid);
	KUNIT_ASSERT_EQ(test, fakehost_offer_full(s.fh, &offer), 555u);
	KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
	enl_bus_settle(s.bus);
	KUNIT_EXPECT_EQ(test, enl_channel_relid(s.ch), 555u);
	KUNIT_EXPECT_EQ(test, enl_channel_mmio_megabytes(s.ch), 8u);
	KUNIT_EXPECT_PTR_EQ(test, bus_record.dev, s.dev);
	bus_expect_works(test, &s);
	/* events and rescinds are those of the new number */
	fakehost_rescind(s.fh, 555);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(bus_record.removes == 1, BUS_WAIT));
	bus_down(test, s.fh, s.bus);
}

/* P-110 vmbus.md 11.7: bounded wait; gone is gone, once all devices may be used again. */
static void device_that_does_not_come_back_is_removed(struct kunit *test)
{
	unsigned long start;
	struct bus_scene s;

	bus_set_scene(test, &s);
	fakehost_offer(s.fh, &bus_class, 2, NULL, NULL);
	KUNIT_ASSERT_TRUE(test, bus_probed(2));
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	fakehost_rescind(s.fh, s.relid);
	start = jiffies;
	KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 10000u);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 0u);
	enl_bus_settle(s.bus);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 1u);
	/* the number of the one that is gone was never given back: the host had forgotten it */
	KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_RELID_RELEASED), 0ull);
	bus_down(test, s.fh, s.bus);
}

/* P-110: a new device is a new device. */
static void device_added_while_asleep_is_probed(struct kunit *test)
{
	struct bus_scene s;

	bus_set_scene(test, &s);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	fakehost_offer(s.fh, &bus_class, 2, NULL, NULL);
	KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
	enl_bus_settle(s.bus);
	KUNIT_EXPECT_TRUE(test, bus_probed(2));
	KUNIT_EXPECT_EQ(test, bus_record.removes, 0u);
	bus_expect_works(test, &s);
	bus_down(test, s.fh, s.bus);
}

/* P-109 vmbus.md 11.7: sub-channels and sockets go; only primaries sleep. */
static void sub_channels_and_sockets_are_dropped(struct kunit *test)
{
	struct vsp_offer socket = {
		.class_id = bus_class, .instance_id = fakehost_instance(9),
		.flags = ENL_OFFER_HVSOCK,
	};
	struct bus_scene s;

	bus_set_scene(test, &s);
	fakehost_offer_full(s.fh, &socket);
	KUNIT_ASSERT_TRUE(test, bus_probed(2));
	enl_device_expect_subchannels(s.dev, 2);
	fakehost_offer_sub(s.fh, &bus_perf_class, 1, 1, NULL, NULL);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(READ_ONCE(bus_record.subs) == 1, BUS_WAIT));
	KUNIT_ASSERT_EQ(test, enl_channel_open(bus_record.sub, &bus_setup), 0);
	enl_channel_close(bus_record.sub);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	KUNIT_EXPECT_EQ(test, s.bus->channel_count, 1u);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 1u);
	/* neither is there when the host is found again */
	FAKEHOST_RUN(s.fh, vsp_rescind(s.fh->host, 2));
	FAKEHOST_RUN(s.fh, vsp_rescind(s.fh->host, 3));
	KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
	enl_bus_settle(s.bus);
	KUNIT_EXPECT_EQ(test, s.bus->channel_count, 1u);
	bus_expect_works(test, &s);
	bus_down(test, s.fh, s.bus);
}

/* P-108 vmbus.md 11.7 (2): between the decision and the end nothing new is taken up. */
static void offers_and_rescinds_are_ignored_while_falling_asleep(struct kunit *test)
{
	struct bus_scene s;
	long seen;

	bus_set_scene(test, &s);
	seen = atomic_long_read(&s.bus->offers_seen);
	WRITE_ONCE(s.bus->link, ENL_LINK_ASLEEP);
	fakehost_offer(s.fh, &bus_class, 2, NULL, NULL);
	bus_inject(s.fh, ENL_MSG_RESCIND, s.relid);
	fakehost_settle(s.fh, 1000);
	flush_workqueue(s.bus->control_wq);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&s.bus->offers_seen), seen);
	KUNIT_EXPECT_FALSE(test, enl_channel_rescinded(s.ch));
	/* answers still count: drivers close in this state */
	bus_expect_works(test, &s);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	/* what is true is told again after */
	KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
	enl_bus_settle(s.bus);
	KUNIT_EXPECT_TRUE(test, bus_probed(2));
	KUNIT_EXPECT_EQ(test, bus_record.removes, 0u);
	bus_down(test, s.fh, s.bus);
}

/* vmbus.md 4.9, 11.7: a host that confirms nothing costs three pages, not the hibernation. */
static void silent_host_does_not_stop_hibernation(struct kunit *test)
{
	struct bus_scene s;

	bus_set_scene(test, &s);
	fakehost_hold(s.fh, ENL_MSG_UNLOAD_COMPLETE, true);
	KUNIT_EXPECT_EQ(test, enl_bus_suspend(s.bus), 0);
	KUNIT_EXPECT_EQ(test, s.bus->leaked_pages, 3u);
	fakehost_hold(s.fh, ENL_MSG_UNLOAD_COMPLETE, false);
	fakehost_settle(s.fh, 1000);
	KUNIT_EXPECT_EQ(test, enl_bus_resume(s.bus), 0);
	bus_expect_works(test, &s);
	bus_down(test, s.fh, s.bus);
}

/* vmbus.md 11.7: a machine that is switched off while asleep, or a resume that finds no host. */
static void bus_can_be_stopped_while_asleep(struct kunit *test)
{
	struct bus_scene s;

	bus_set_scene(test, &s);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	bus_down(test, s.fh, s.bus);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 1u);

	bus_set_scene(test, &s);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	fakehost_hold(s.fh, ENL_MSG_VERSION_RESPONSE, true);
	KUNIT_EXPECT_EQ(test, enl_bus_resume(s.bus), -ETIMEDOUT);
	fakehost_hold(s.fh, ENL_MSG_VERSION_RESPONSE, false);
	bus_silent_down(test, s.fh, s.bus);
}

/* vmbus.md 11.7: the driver core's part: close before the image, open after, each once. */
static void driver_sleeps_before_the_bus_and_wakes_after_it(struct kunit *test)
{
	const struct dev_pm_ops *pm;
	struct bus_scene s;

	bus_record.opens = true;
	bus_set_scene(test, &s);
	pm = s.dev->dev->bus->pm;
	KUNIT_ASSERT_NOT_NULL(test, pm);
	/* suspend-to-idle leaves the bus alone */
	KUNIT_EXPECT_TRUE(test, !pm->suspend && !pm->suspend_noirq && !pm->resume_noirq);
	KUNIT_EXPECT_EQ(test, pm->freeze_noirq(s.dev->dev), 0);
	KUNIT_EXPECT_EQ(test, enl_bus_suspend(s.bus), 0);
	KUNIT_EXPECT_EQ(test, enl_bus_resume(s.bus), 0);
	KUNIT_EXPECT_EQ(test, pm->restore_noirq(s.dev->dev), 0);
	KUNIT_EXPECT_EQ(test, bus_record.suspends, 1u);
	KUNIT_EXPECT_EQ(test, bus_record.resumes, 1u);
	KUNIT_EXPECT_EQ(test, bus_record.open_result, 0);
	/* gone while asleep: nothing to open */
	KUNIT_EXPECT_EQ(test, pm->poweroff_noirq(s.dev->dev), 0);
	KUNIT_EXPECT_EQ(test, enl_bus_suspend(s.bus), 0);
	fakehost_rescind(s.fh, s.relid);
	KUNIT_EXPECT_EQ(test, enl_bus_resume(s.bus), 0);
	KUNIT_EXPECT_EQ(test, pm->thaw_noirq(s.dev->dev), 0);
	KUNIT_EXPECT_EQ(test, bus_record.resumes, 1u);
	enl_bus_settle(s.bus);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 1u);
	bus_down(test, s.fh, s.bus);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(device_is_itself_after_sleep),
	KUNIT_CASE(resume_asks_for_the_version_of_before),
	KUNIT_CASE(open_channel_refuses_sleep_and_goes_on),
	KUNIT_CASE(device_comes_back_under_another_number),
	KUNIT_CASE(device_that_does_not_come_back_is_removed),
	KUNIT_CASE(device_added_while_asleep_is_probed),
	KUNIT_CASE(sub_channels_and_sockets_are_dropped),
	KUNIT_CASE(offers_and_rescinds_are_ignored_while_falling_asleep),
	KUNIT_CASE(silent_host_does_not_stop_hibernation),
	KUNIT_CASE(bus_can_be_stopped_while_asleep),
	KUNIT_CASE(driver_sleeps_before_the_bus_and_wakes_after_it),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_suspend",
	.init = bus_world_init,
	.exit = bus_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
