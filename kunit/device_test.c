// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices in the driver core: names, registering, binding and unbinding in every state.
 * Calls the bus through the stage, and the driver core as user space would.
 * What sysfs shows of them is compared with the in-box bus in the boot tests.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/slab.h>
#include "kunit/stage.h"

static void works(struct stage *s)
{
	KUNIT_ASSERT_EQ(s->test, stage_open(s, stage_channel(s)), 0);
	KUNIT_EXPECT_EQ(s->test, stage_talk(s, stage_channel(s)), 0);
	enl_channel_close(stage_channel(s));
}

/* P-054: the host's name of the device, so the same after each boot and in any order. */
static void device_has_the_name_of_its_instance(struct kunit *test)
{
	struct enl_guid instance = fakehost_instance(0xabcd1234);
	struct stage *s = stage_up(test, NULL);
	char name[64];

	stage_offer(s, 0xabcd1234);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
	snprintf(name, sizeof(name), "%pUl", instance.b);
	KUNIT_EXPECT_STREQ(test, dev_name(s->dev->dev), name);
	KUNIT_EXPECT_STREQ(test, name, "abcd1234-1111-2222-3344-5566778899aa");
	KUNIT_EXPECT_PTR_EQ(test, s->dev->dev->parent, s->fh->parent);
	stage_down(s);
}

/* P-065: what the DMA layer needs is there before the device is. */
static void device_can_map_memory_in_probe(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct device *dev = s->dev->dev;
	void *buffer = kunit_kzalloc(test, 512, GFP_KERNEL);
	dma_addr_t address;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	KUNIT_EXPECT_EQ(test, dma_get_mask(dev), DMA_BIT_MASK(64));
	KUNIT_EXPECT_EQ(test, dev->coherent_dma_mask, DMA_BIT_MASK(64));
	KUNIT_EXPECT_PTR_EQ(test, dev->dma_mask, &s->dev->dma_mask);
	KUNIT_EXPECT_NOT_NULL(test, dev->dma_parms);
	address = dma_map_single(dev, buffer, 512, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_mapping_error(dev, address), 0);
	dma_unmap_single(dev, address, 512, DMA_TO_DEVICE);
	stage_down(s);
}

static void parent_release(struct device *dev)
{
	kfree(dev);
}

/* P-045, P-050: registering fails late: one owner frees, and the number goes back. */
static void device_that_cannot_be_registered_is_given_back(struct kunit *test)
{
	struct device *parent = kzalloc(sizeof(*parent), GFP_KERNEL);
	struct stage *s = STAGE(test);
	struct enl_bus *bus;

	KUNIT_ASSERT_NOT_NULL(test, parent);
	/* Named, but not in sysfs: no child of it can be. */
	parent->release = parent_release;
	device_initialize(parent);
	KUNIT_ASSERT_EQ(test, dev_set_name(parent, "enlight_stage_parent"), 0);
	stage_host(s, NULL);
	stage_offer(s, 1);
	stage_offer(s, 2);
	KUNIT_ASSERT_EQ(test, enl_driver_register(&s->driver), 0);
	s->registered = true;
	bus = enl_bus_start(&fakehost_ops, s->fh, parent, &s->limits);
	KUNIT_ASSERT_FALSE(test, IS_ERR(bus));
	s->bus = bus;
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 2));
	KUNIT_EXPECT_EQ(test, s->probes, 0u);
	KUNIT_EXPECT_EQ(test, bus->channel_count, 0u);
	KUNIT_EXPECT_EQ(test, atomic_read(&bus->devices), 0);

	KUNIT_EXPECT_EQ(test, device_add(parent), 0);
	stage_offer(s, 3);
	KUNIT_EXPECT_TRUE(test, stage_wait_probes(s, 1));
	works(s);
	stage_down(s);
	device_unregister(parent);
}

static int probe_result;

static int probe_fails(struct stage *s, struct enl_device *dev)
{
	enl_device_set_drvdata(dev, s);
	/* A driver that forgets what it opened. */
	if (stage_open(s, enl_channel_primary(dev)))
		KUNIT_FAIL(s->test, "no open in probe");
	return probe_result;
}

/* P-068: whatever a probe fails with, the device is not bound and nothing of it is left. */
static void failed_probe_leaves_an_unbound_device(struct kunit *test)
{
	static const int results[] = { -EIO, -ENOMEM, -ENODEV, 5 };
	struct stage *s = stage_up(test, NULL);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		u32 relid;

		probe_result = results[i];
		s->probe = probe_fails;
		relid = stage_offer(s, 10);
		KUNIT_ASSERT_TRUE(test, fakehost_wait_for(s->failed_probes == i + 1,
							  STAGE_SOON_MS));
		KUNIT_EXPECT_TRUE(test, stage_quiet(s));
		KUNIT_EXPECT_EQ(test, s->probes, 1u + i);
		KUNIT_EXPECT_FALSE(test, FAKEHOST_PEEK(s->fh, vsp_channel_open(s->fh->host,
									       relid)));
		s->probe = NULL;
		fakehost_rescind(s->fh, relid);
		KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 2 * i + 1));
		/* And the next time it works. */
		relid = stage_offer(s, 10);
		KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2 + i));
		works(s);
		fakehost_rescind(s->fh, relid);
		KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 2 * i + 2));
	}
	KUNIT_EXPECT_EQ(test, s->removes, i);
	stage_down(s);
}

/* P-066: a driver goes from a device that it never opened, or forgot to close. */
static void unbinds_in_every_state_and_binds_again(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct device *dev = get_device(s->dev->dev);
	struct enl_device *device = s->dev;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		if (i % 3 == 1)
			KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
		if (i % 3 == 2)
			works(s);
		device_release_driver(dev);
		KUNIT_EXPECT_EQ(test, s->removes, i + 1);
		KUNIT_EXPECT_EQ(test, (int)enl_channel_primary(device)->state,
				(int)ENL_CHANNEL_CLOSED);
		KUNIT_ASSERT_EQ(test, device_attach(dev), 1);
		KUNIT_ASSERT_EQ(test, s->probes, i + 2);
	}
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_OPEN),
			fakehost_posted(s->fh, ENL_MSG_CLOSE));
	works(s);
	put_device(dev);
	stage_down(s);
}

static int probing;

static int probe_checks_alone(struct stage *s, struct enl_device *dev)
{
	int others = probing++;

	msleep(20);
	if (others || probing != 1)
		KUNIT_FAIL(s->test, "two probes at once");
	probing--;
	return 0;
}

/* P-071: devices that come in a burst are probed one after the other. */
static void probes_one_device_at_a_time(struct kunit *test)
{
	struct stage *s = STAGE(test);
	unsigned int i;

	probing = 0;
	s->probe = probe_checks_alone;
	stage_host(s, NULL);
	for (i = 0; i < 6; i++)
		stage_offer(s, 10 + i);
	stage_start(s);
	for (; i < 12; i++)
		stage_offer(s, 10 + i);
	KUNIT_EXPECT_TRUE(test, stage_wait_probes(s, 12));
	stage_down(s);
}

static int probe_calls_back(struct stage *s, struct enl_device *dev)
{
	struct enl_channel *ch = enl_channel_primary(dev);
	int err = stage_open(s, ch);

	msleep(20);
	err = err ?: stage_talk(s, ch);
	err = err ?: enl_channel_set_cpu(ch, num_online_cpus() - 1);
	enl_device_expect_subchannels(dev, 1);
	return err;
}

static void remove_calls_back(struct stage *s, struct enl_device *dev)
{
	struct enl_channel *ch = enl_channel_primary(dev);

	msleep(20);
	if (!enl_channel_rescinded(ch)) {
		KUNIT_EXPECT_EQ(s->test, stage_talk(s, ch), 0);
		KUNIT_EXPECT_EQ(s->test, enl_channel_set_cpu(ch, 0), 0);
	}
	enl_channel_close(ch);
}

/* P-072: callbacks may sleep and call the bus: none of its locks is held. */
static void callbacks_may_sleep_and_call_the_bus(struct kunit *test)
{
	struct stage *s = STAGE(test);
	u32 relid;

	s->probe = probe_calls_back;
	s->remove = remove_calls_back;
	stage_up(test, NULL);
	relid = stage_offer(s, 2);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
	fakehost_rescind(s->fh, relid);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	stage_down(s);
	KUNIT_EXPECT_EQ(test, s->removes, 2u);
}

/* --- matching */

static unsigned int blank_probes;

static int blank_probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	blank_probes++;
	if (id && memchr_inv(id, 0, sizeof(*id)))
		return -EINVAL;
	return 0;
}

static void blank_remove(struct enl_device *dev)
{
}

/* P-073: no table, an empty table, an all-zero class: nothing matches, nothing crashes. */
static void driver_without_ids_takes_only_what_it_is_given(struct kunit *test)
{
	static const struct hv_vmbus_device_id empty[] = { { } };
	static const struct enl_guid zero, video = ENL_CLASS_VIDEO;
	struct enl_driver *blank = kunit_kzalloc(test, sizeof(*blank), GFP_KERNEL);
	struct stage *s = stage_up(test, NULL);
	struct enl_device *device;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, blank);
	blank_probes = 0;
	stage_offer_class(s, &video, 10);
	stage_offer_class(s, &zero, 11);
	KUNIT_EXPECT_TRUE(test, stage_quiet(s));
	device = list_last_entry(&s->bus->channels, struct enl_channel, link)->device;
	KUNIT_ASSERT_NOT_NULL(test, device);
	for (i = 0; i < 2; i++) {
		*blank = (struct enl_driver){
			.name = "enlight_blank",
			.ids = i ? empty : NULL,
			.probe = blank_probe,
			.remove = blank_remove,
		};
		KUNIT_ASSERT_EQ(test, enl_driver_register(blank), 0);
		KUNIT_EXPECT_EQ(test, blank_probes, i);
		/* As a write to driver_override does. */
		device_lock(device->dev);
		device->driver_override = kstrdup("enlight_blank", GFP_KERNEL);
		device_unlock(device->dev);
		KUNIT_EXPECT_EQ(test, device_attach(device->dev), 1);
		KUNIT_EXPECT_EQ(test, blank_probes, i + 1);
		enl_driver_unregister(blank);
		kfree(device->driver_override);
		device->driver_override = NULL;
	}
	KUNIT_EXPECT_EQ(test, s->probes, 1u);
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(device_has_the_name_of_its_instance),
	KUNIT_CASE(device_can_map_memory_in_probe),
	KUNIT_CASE(device_that_cannot_be_registered_is_given_back),
	KUNIT_CASE(failed_probe_leaves_an_unbound_device),
	KUNIT_CASE(unbinds_in_every_state_and_binds_again),
	KUNIT_CASE(probes_one_device_at_a_time),
	KUNIT_CASE(callbacks_may_sleep_and_call_the_bus),
	KUNIT_CASE(driver_without_ids_takes_only_what_it_is_given),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_device",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
