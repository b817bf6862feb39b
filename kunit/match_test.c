// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ids and overrides that user space changes while the driver core looks at them and drivers probe.
 * Calls the attributes of bus and device as sysfs does. KASAN sees what is used after it is freed.
 * What matches what is in bus_device_test.c.
 */
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "kunit/bus_world.h"

#define ROUNDS		3000u
#define KVP		"a9a0f4e7-5a45-4d96-b827-8a841e8c03e6"

static const struct enl_guid kvp = ENL_CLASS_KVP;

static ssize_t store_override(struct enl_device *dev, const char *text)
{
	return bus_device_store(dev, "driver_override", text);
}

/* A driver without ids, whose probe waits. */
static struct completion entered, gate;
static struct hv_vmbus_device_id seen;

static int waiting_probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	complete_all(&entered);
	wait_for_completion_timeout(&gate, msecs_to_jiffies(BUS_WAIT));
	seen = *id;
	return 0;
}

static struct enl_driver waiting_driver = { .name = "enlight_waiting", .probe = waiting_probe };

static int do_new_id(void *unused)
{
	return bus_driver_store(&waiting_driver, "new_id", KVP) > 0 ? 0 : -EIO;
}

/* P-073: an id that is removed while the driver probes with it. */
static void id_lives_as_long_as_probe_does(struct kunit *test)
{
	struct fakehost *fh = fakehost_create(test, NULL);
	struct enl_bus *bus;
	int err = -1;

	KUNIT_ASSERT_NOT_NULL(test, fh);
	init_completion(&entered);
	init_completion(&gate);
	seen = (struct hv_vmbus_device_id){ };
	fakehost_offer(fh, &kvp, 1, NULL, NULL);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_ASSERT_EQ(test, enl_driver_register(&waiting_driver), 0);
	KUNIT_EXPECT_EQ(test, fakehost_call(fh, do_new_id, NULL), 0);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&entered, HZ * 10), 0ul);
	KUNIT_EXPECT_GT(test, bus_driver_store(&waiting_driver, "remove_id", KVP), 0L);
	complete_all(&gate);
	KUNIT_EXPECT_TRUE(test, fakehost_called(fh, BUS_WAIT, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, memcmp(&seen.guid, &kvp, 16), 0);
	enl_driver_unregister(&waiting_driver);
	bus_down(test, fh, bus);
}

static int do_overrides(void *dev)
{
	unsigned int i;
	ssize_t n = 1;

	for (i = 0; i < ROUNDS && n > 0; i++)
		n = store_override(dev, i % 2 ? "somebody_else" : "enlight_recorder_not");
	return n > 0 ? 0 : n;
}

/* P-073: an override that changes while the driver core looks for a driver, without a lock. */
static void override_may_change_while_it_is_compared(struct kunit *test)
{
	struct fakehost *fh = fakehost_create(test, NULL);
	unsigned int rounds = 0, matches = 0;
	struct enl_device *dev;
	struct enl_bus *bus;
	int err = -1;

	KUNIT_ASSERT_NOT_NULL(test, fh);
	fakehost_offer(fh, &bus_class, 1, NULL, NULL);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	dev = bus_record.dev;
	KUNIT_ASSERT_GT(test, store_override(dev, "somebody_else"), 0L);
	KUNIT_ASSERT_EQ(test, fakehost_call(fh, do_overrides, dev), 0);
	do {
		matches += dev->dev->bus->match(dev->dev, &bus_driver.driver) != 0;
		rounds++;
	} while (rounds % 64 || !completion_done(&fh->call_done));
	KUNIT_EXPECT_TRUE(test, fakehost_called(fh, BUS_WAIT, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, matches, 0u);
	bus_down(test, fh, bus);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(id_lives_as_long_as_probe_does),
	KUNIT_CASE(override_may_change_while_it_is_compared),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_match",
	.init = bus_world_init,
	.exit = bus_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
