// SPDX-License-Identifier: GPL-2.0-only
/*
 * After hibernation: devices that come late, other numbers, sub-channels and CPUs that are gone.
 * Calls the fake host, the bus and, as the driver core would, its power callbacks. Chapter 11.7.
 * Falling asleep, and the plain way back, are in suspend_test.c.
 */
#include <linux/cpu.h>
#include <linux/err.h>
#include "kunit/bus_world.h"

/* P-110 vmbus.md 11.7: what its driver was told is lost stays lost; what comes then is new. */
static void device_that_comes_too_late_is_a_new_one(struct kunit *test)
{
	const struct dev_pm_ops *pm;
	struct bus_scene s;

	bus_set_scene(test, &s);
	pm = s.dev->dev->bus->pm;
	KUNIT_EXPECT_EQ(test, pm->freeze_noirq(s.dev->dev), 0);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	fakehost_hold(s.fh, ENL_MSG_OFFER, true);
	KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
	KUNIT_EXPECT_EQ(test, pm->restore_noirq(s.dev->dev), 0);
	KUNIT_EXPECT_EQ(test, bus_record.resumes, 0u);
	fakehost_hold(s.fh, ENL_MSG_OFFER, false);
	fakehost_settle(s.fh, 1000);
	flush_workqueue(s.bus->control_wq);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 0u);
	enl_bus_settle(s.bus);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 1u);
	KUNIT_ASSERT_TRUE(test, bus_probed(2));
	flush_workqueue(s.bus->add_wq);
	s.dev = bus_record.dev;
	KUNIT_ASSERT_NOT_NULL(test, s.dev);
	s.ch = enl_channel_primary(s.dev);
	KUNIT_EXPECT_EQ(test, enl_channel_relid(s.ch), s.relid);
	bus_expect_works(test, &s);
	bus_down(test, s.fh, s.bus);
}

/* vmbus.md 11.7: a device that is late, but not too late for its driver, goes on as it was. */
static void device_that_comes_late_but_in_time_is_resumed(struct kunit *test)
{
	const struct dev_pm_ops *pm;
	struct bus_scene s;

	bus_set_scene(test, &s);
	pm = s.dev->dev->bus->pm;
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	fakehost_hold(s.fh, ENL_MSG_OFFER, true);
	KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
	fakehost_hold(s.fh, ENL_MSG_OFFER, false);
	fakehost_settle(s.fh, 1000);
	flush_workqueue(s.bus->control_wq);
	KUNIT_EXPECT_EQ(test, pm->restore_noirq(s.dev->dev), 0);
	KUNIT_EXPECT_EQ(test, bus_record.resumes, 1u);
	enl_bus_settle(s.bus);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 0u);
	KUNIT_EXPECT_EQ(test, bus_record.probes, 1u);
	bus_expect_works(test, &s);
	bus_down(test, s.fh, s.bus);
}

/* One open sub-channel of the scene's device. */
static void add_sub(struct kunit *test, struct bus_scene *s, u32 relid)
{
	struct vsp_offer offer = {
		.class_id = bus_perf_class, .instance_id = fakehost_instance(1), .relid = relid,
		.sub_channel_index = 1,
	};
	unsigned int subs = bus_record.subs;

	enl_device_expect_subchannels(s->dev, 1);
	KUNIT_ASSERT_GT(test, fakehost_offer_full(s->fh, &offer), 0u);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(READ_ONCE(bus_record.subs) == subs + 1,
						  BUS_WAIT));
	flush_workqueue(s->bus->sub_wq);
}

/* P-109: a hibernation that is refused has not closed or dropped anything on its way. */
static void refused_sleep_leaves_the_sub_channels_alone(struct kunit *test)
{
	struct bus_scene s;

	bus_set_scene(test, &s);
	add_sub(test, &s, 0);
	KUNIT_ASSERT_EQ(test, enl_channel_open(s.ch, &bus_setup), 0);
	KUNIT_ASSERT_EQ(test, enl_channel_open(bus_record.sub, &bus_setup), 0);
	KUNIT_EXPECT_EQ(test, enl_bus_suspend(s.bus), -EBUSY);
	KUNIT_EXPECT_EQ(test, s.bus->channel_count, 2u);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_CLOSE), 0ull);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_RELID_RELEASED), 0ull);
	enl_channel_close(bus_record.sub);
	enl_channel_close(s.ch);
	bus_down(test, s.fh, s.bus);
}

/* vmbus.md 12.22: sub-channels that went with a hibernation are not kept for their driver. */
static void forgotten_sub_channels_are_freed(struct kunit *test)
{
	struct bus_scene s;
	unsigned int i;

	bus_set_scene(test, &s);
	for (i = 0; i < 3; i++) {
		add_sub(test, &s, 100 + i);
		KUNIT_EXPECT_FALSE(test, list_empty(&s.ch->given));
		KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
		KUNIT_EXPECT_TRUE(test, list_empty(&s.ch->given));
		FAKEHOST_RUN(s.fh, vsp_rescind(s.fh->host, 100 + i));
		KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
		enl_bus_settle(s.bus);
	}
	bus_expect_works(test, &s);
	bus_down(test, s.fh, s.bus);
}

/* vmbus.md 11.7: user space finds a channel by its number, and that may be another one now. */
static void directories_follow_the_numbers(struct kunit *test)
{
	struct vsp_offer offer = {
		.class_id = bus_perf_class, .instance_id = fakehost_instance(1), .relid = 555,
	};
	const struct dev_pm_ops *pm;
	struct bus_scene s;

	bus_set_scene(test, &s);
	pm = s.dev->dev->bus->pm;
	KUNIT_ASSERT_NOT_NULL(test, s.ch->kobj);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	fakehost_rescind(s.fh, s.relid);
	KUNIT_ASSERT_EQ(test, fakehost_offer_full(s.fh, &offer), 555u);
	KUNIT_ASSERT_EQ(test, enl_bus_resume(s.bus), 0);
	KUNIT_EXPECT_EQ(test, pm->restore_noirq(s.dev->dev), 0);
	KUNIT_EXPECT_STREQ(test, kobject_name(s.ch->kobj), "555");
	/* the number of before is free for another channel of the device */
	add_sub(test, &s, s.relid);
	KUNIT_ASSERT_EQ(test, enl_channel_relid(bus_record.sub), s.relid);
	KUNIT_EXPECT_NOT_NULL(test, bus_record.sub->kobj);
	enl_bus_settle(s.bus);
	bus_down(test, s.fh, s.bus);
}

/* P-088: a CPU that did not come back after hibernation takes no interrupts. */
static void device_wakes_on_a_cpu_that_is_there(struct kunit *test)
{
	unsigned int cpu = num_online_cpus() - 1;
	struct bus_scene s;

	if (!cpu)
		kunit_skip(test, "needs two CPUs");
	bus_set_scene(test, &s);
	KUNIT_ASSERT_EQ(test, enl_channel_set_cpu(s.ch, cpu), 0);
	KUNIT_ASSERT_EQ(test, enl_bus_suspend(s.bus), 0);
	KUNIT_ASSERT_EQ(test, remove_cpu(cpu), 0);
	KUNIT_EXPECT_EQ(test, enl_bus_resume(s.bus), 0);
	KUNIT_EXPECT_NE(test, enl_channel_cpu(s.ch), cpu);
	KUNIT_EXPECT_TRUE(test, cpu_online(enl_channel_cpu(s.ch)));
	bus_expect_works(test, &s);
	KUNIT_EXPECT_EQ(test, add_cpu(cpu), 0);
	enl_bus_settle(s.bus);
	bus_down(test, s.fh, s.bus);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(device_that_comes_too_late_is_a_new_one),
	KUNIT_CASE(device_that_comes_late_but_in_time_is_resumed),
	KUNIT_CASE(refused_sleep_leaves_the_sub_channels_alone),
	KUNIT_CASE(forgotten_sub_channels_are_freed),
	KUNIT_CASE(directories_follow_the_numbers),
	KUNIT_CASE(device_wakes_on_a_cpu_that_is_there),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_resume",
	.init = bus_world_init,
	.exit = bus_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
