// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus in the driver core: which driver gets which device, and what user space sees of it.
 * Calls the fake host, the drivers' API, and the attributes of bus and device as sysfs does.
 * Pitfalls P-038, P-045, P-052, P-065, P-070, P-072, P-073.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "kunit/bus_world.h"

#define KVP	"a9a0f4e7-5a45-4d96-b827-8a841e8c03e6"

static const struct enl_guid other_class = ENL_CLASS_KVP;
static const struct enl_guid zero_class;
static char *page;

/* --- attributes by name, called as sysfs calls them */

static ssize_t show(struct enl_device *dev, const char *name)
{
	struct attribute *attr = bus_attribute(dev->dev->bus->dev_groups, name);
	struct device_attribute *a = container_of(attr, struct device_attribute, attr);

	memset(page, 0, PAGE_SIZE);
	return attr ? a->show(dev->dev, a, page) : -ENOENT;
}

/* --- a second driver */

static unsigned int late_probes;
static struct hv_vmbus_device_id late_id;

static int late_probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	late_probes++;
	late_id = *id;
	return 0;
}

static const struct hv_vmbus_device_id nothing[] = { { } };
static struct enl_driver late_driver = { .name = "enlight_late", .probe = late_probe };

static int init(struct kunit *test)
{
	page = (char *)__get_free_page(GFP_KERNEL);
	late_probes = 0;
	late_id = (struct hv_vmbus_device_id){ };
	late_driver.ids = NULL;
	return page ? bus_world_init(test) : -ENOMEM;
}

static void quit(struct kunit *test)
{
	bus_world_exit(test);
	free_page((unsigned long)page);
}

struct scene {
	struct fakehost *fh;
	struct enl_bus *bus;
	u32 relid;
};

static void set_scene(struct kunit *test, struct scene *s, const struct enl_guid *class)
{
	s->fh = fakehost_create(test, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s->fh);
	s->relid = fakehost_offer(s->fh, class, 1, NULL, NULL);
	s->bus = bus_up(test, s->fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s->bus);
}

/* The device that the scene offers, whether a driver has it or not. */
static struct enl_device *device_of(struct scene *s)
{
	struct enl_channel *ch = NULL;

	mutex_lock(&s->bus->lock);
	if (!list_empty(&s->bus->channels))
		ch = list_first_entry(&s->bus->channels, struct enl_channel, link);
	mutex_unlock(&s->bus->lock);
	return ch ? ch->device : NULL;
}

/* --- cases */

/* P-073: no table, an empty table: neither matches anything, and ids can be added to both. */
static void driver_without_a_table_matches_by_ids_given_later(struct kunit *test)
{
	static const struct hv_vmbus_device_id *tables[] = { NULL, nothing };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		struct scene s;

		late_driver.ids = tables[i];
		late_probes = 0;
		set_scene(test, &s, &other_class);
		KUNIT_ASSERT_EQ(test, enl_driver_register(&late_driver), 0);
		KUNIT_EXPECT_EQ(test, late_probes, 0u);
		KUNIT_EXPECT_GT(test, bus_driver_store(&late_driver, "new_id", KVP "\n"), 0L);
		KUNIT_EXPECT_EQ(test, late_probes, 1u);
		KUNIT_EXPECT_EQ(test, memcmp(&late_id.guid, &other_class, 16), 0);
		KUNIT_EXPECT_GT(test, bus_driver_store(&late_driver, "remove_id", "{" KVP "}"), 0L);
		KUNIT_EXPECT_EQ(test, bus_driver_store(&late_driver, "remove_id", KVP),
				(long)-ENODEV);
		device_release_driver(device_of(&s)->dev);
		KUNIT_EXPECT_EQ(test, device_attach(device_of(&s)->dev), 0);
		KUNIT_EXPECT_EQ(test, late_probes, 1u);
		enl_driver_unregister(&late_driver);
		bus_down(test, s.fh, s.bus);
	}
}

/* P-073: what is no GUID is no id. */
static void new_id_takes_guids_only(struct kunit *test)
{
	static const char * const bad[] = {
		"", "\n", "0", "a9a0f4e7", "{}", "a9a0f4e7-5a45-4d96-b827-8a841e8c03e",
		"g9a0f4e7-5a45-4d96-b827-8a841e8c03e6", "a9a0f4e7+5a45+4d96+b827+8a841e8c03e6",
		"00000000-0000-0000-0000-000000000000",
	};
	unsigned int i;

	KUNIT_ASSERT_EQ(test, enl_driver_register(&late_driver), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_LT(test, bus_driver_store(&late_driver, "new_id", bad[i]), 0L);
		KUNIT_EXPECT_LT(test, bus_driver_store(&late_driver, "remove_id", bad[i]), 0L);
	}
	enl_driver_unregister(&late_driver);
}

/* P-073: override, then dynamic ids, then the table; an override excludes all others. */
static void override_comes_first_and_can_be_taken_back(struct kunit *test)
{
	struct enl_device *dev;
	struct scene s;

	set_scene(test, &s, &bus_class);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	KUNIT_ASSERT_EQ(test, enl_driver_register(&late_driver), 0);
	dev = bus_record.dev;
	KUNIT_EXPECT_GT(test, show(dev, "driver_override"), 0L);
	KUNIT_EXPECT_STREQ(test, page, "(null)\n");
	KUNIT_EXPECT_GT(test, bus_device_store(dev, "driver_override", "enlight_late\n"), 0L);
	KUNIT_EXPECT_GT(test, show(dev, "driver_override"), 0L);
	KUNIT_EXPECT_STREQ(test, page, "enlight_late\n");
	device_release_driver(dev->dev);
	KUNIT_EXPECT_EQ(test, bus_record.removes, 1u);
	KUNIT_EXPECT_EQ(test, device_attach(dev->dev), 1);
	/* without an id of its own: one that names no class */
	KUNIT_EXPECT_EQ(test, late_probes, 1u);
	KUNIT_EXPECT_EQ(test, bus_record.probes, 1u);
	device_release_driver(dev->dev);
	KUNIT_EXPECT_GT(test, bus_device_store(dev, "driver_override", "nobody"), 0L);
	KUNIT_EXPECT_EQ(test, device_attach(dev->dev), 0);
	KUNIT_EXPECT_GT(test, bus_device_store(dev, "driver_override", "\n"), 0L);
	KUNIT_EXPECT_EQ(test, device_attach(dev->dev), 1);
	KUNIT_EXPECT_EQ(test, bus_record.probes, 2u);
	KUNIT_EXPECT_EQ(test, memcmp(&bus_record.id.guid, &bus_class, 16), 0);
	enl_driver_unregister(&late_driver);
	bus_down(test, s.fh, s.bus);
}

/* P-073: a class of zeros is a device, and nobody's. */
static void zero_class_matches_no_table(struct kunit *test)
{
	struct scene s;

	late_driver.ids = nothing;
	set_scene(test, &s, &zero_class);
	KUNIT_ASSERT_EQ(test, enl_driver_register(&late_driver), 0);
	KUNIT_ASSERT_NOT_NULL(test, device_of(&s));
	KUNIT_EXPECT_PTR_EQ(test, device_of(&s)->dev->driver, NULL);
	KUNIT_EXPECT_EQ(test, late_probes + bus_record.probes, 0u);
	enl_driver_unregister(&late_driver);
	bus_down(test, s.fh, s.bus);
}

/* P-045: a probe that fails leaves the device for the next one, and the channel closed. */
static void failed_probe_leaves_a_device_without_driver(struct kunit *test)
{
	static const int results[] = { -ENODEV, -EIO, 1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		struct enl_device *dev;
		struct scene s;

		bus_record.probe_result = results[i];
		set_scene(test, &s, &bus_class);
		KUNIT_ASSERT_TRUE(test, bus_probed(2 * i + 1));
		dev = device_of(&s);
		KUNIT_ASSERT_NOT_NULL(test, dev);
		KUNIT_EXPECT_PTR_EQ(test, dev->dev->driver, NULL);
		bus_record.probe_result = 0;
		KUNIT_EXPECT_EQ(test, device_attach(dev->dev), 1);
		KUNIT_EXPECT_EQ(test, bus_record.probes, 2 * i + 2);
		bus_down(test, s.fh, s.bus);
	}
}

/* P-052, P-072: unbound and bound ten times; then rescinded while nobody is bound. */
static void unbind_and_bind_as_often_as_one_likes(struct kunit *test)
{
	struct enl_device *dev;
	struct scene s;
	unsigned int i;
	bool open;

	bus_record.opens = true;
	set_scene(test, &s, &bus_class);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	dev = bus_record.dev;
	for (i = 1; i <= 10; i++) {
		KUNIT_EXPECT_EQ(test, bus_record.open_result, 0);
		device_release_driver(dev->dev);
		KUNIT_EXPECT_EQ(test, bus_record.removes, i);
		open = FAKEHOST_PEEK(s.fh, vsp_channel_open(s.fh->host, s.relid));
		KUNIT_EXPECT_FALSE(test, open);
		if (i < 10)
			KUNIT_EXPECT_EQ(test, device_attach(dev->dev), 1);
	}
	fakehost_rescind(s.fh, s.relid);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(s.fh, ENL_MSG_RELID_RELEASED, 1, BUS_WAIT));
	bus_down(test, s.fh, s.bus);
}

/* vmbus.md 11.9: at reboot the driver hears of it; without a driver nobody does. */
static void shutdown_reaches_the_driver(struct kunit *test)
{
	struct enl_device *dev;
	struct scene s;

	set_scene(test, &s, &bus_class);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	dev = bus_record.dev;
	dev->dev->bus->shutdown(dev->dev);
	KUNIT_EXPECT_EQ(test, bus_record.shutdowns, 1u);
	device_release_driver(dev->dev);
	dev->dev->bus->shutdown(dev->dev);
	KUNIT_EXPECT_EQ(test, bus_record.shutdowns, 1u);
	bus_down(test, s.fh, s.bus);
}

/* P-070: the names and formats that user space knows; heartbeat's GUID in wire order. */
static void names_and_formats_are_those_that_user_space_knows(struct kunit *test)
{
	static const struct {
		const char *name, *value;
	} rows[] = {
		{ "id", "1\n" }, { "state", "0\n" },
		{ "class_id", "{57164f39-9115-4e78-ab55-382f3bd5422d}\n" },
		{ "device_id", "{00000001-1111-2222-3344-5566778899aa}\n" },
		{ "modalias", "vmbus:394f16571591784eab55382f3bd5422d\n" },
		{ "vendor", "0x1414\n" }, { "device", "0xb\n" }, { "channel_vp_mapping", "1:0\n" },
	};
	struct kobj_uevent_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	struct enl_device *dev;
	struct scene s;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, env);
	set_scene(test, &s, &bus_class);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	dev = bus_record.dev;
	KUNIT_EXPECT_STREQ(test, dev->dev->bus->name, "vmbus");
	KUNIT_EXPECT_STREQ(test, dev_name(dev->dev), "00000001-1111-2222-3344-5566778899aa");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_GT(test, show(dev, rows[i].name), 0L);
		KUNIT_EXPECT_STREQ(test, page, rows[i].value);
	}
	KUNIT_EXPECT_EQ(test, dev->dev->bus->uevent(dev->dev, env), 0);
	KUNIT_ASSERT_EQ(test, env->envp_idx, 1);
	KUNIT_EXPECT_STREQ(test, env->envp[0], "MODALIAS=vmbus:394f16571591784eab55382f3bd5422d");
	KUNIT_EXPECT_TRUE(test, dev->primary->kobj && dev->primary->channels_kobj);
	KUNIT_EXPECT_STREQ(test, kobject_name(dev->primary->kobj), "1");
	KUNIT_EXPECT_STREQ(test, kobject_name(dev->primary->channels_kobj), "channels");
	/* P-065: a device that the DMA API can work with */
	KUNIT_EXPECT_TRUE(test, dev->dev->dma_mask && *dev->dev->dma_mask == ~0ull);
	KUNIT_EXPECT_NOT_NULL(test, dev->dev->dma_parms);
	bus_down(test, s.fh, s.bus);
}

static const char * const ring_files[] = {
	"out_intr_mask", "out_read_index", "out_write_index", "out_read_bytes_avail",
	"out_write_bytes_avail", "in_intr_mask", "in_read_index", "in_write_index",
	"in_read_bytes_avail", "in_write_bytes_avail",
};

/* P-038: a ring that is not there has no numbers. */
static void ring_files_of_a_closed_channel_are_invalid(struct kunit *test)
{
	struct enl_device *dev;
	struct scene s;
	unsigned int i;

	set_scene(test, &s, &bus_class);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	dev = bus_record.dev;
	for (i = 0; i < ARRAY_SIZE(ring_files); i++)
		KUNIT_EXPECT_EQ(test, show(dev, ring_files[i]), (long)-EINVAL);
	KUNIT_ASSERT_EQ(test, enl_channel_open(dev->primary, &bus_setup), 0);
	for (i = 0; i < ARRAY_SIZE(ring_files); i++)
		KUNIT_EXPECT_GT(test, show(dev, ring_files[i]), 0L);
	show(dev, "out_write_bytes_avail");
	KUNIT_EXPECT_STREQ(test, page, "16384\n");
	show(dev, "state");
	KUNIT_EXPECT_STREQ(test, page, "3\n");
	enl_channel_close(dev->primary);
	for (i = 0; i < ARRAY_SIZE(ring_files); i++)
		KUNIT_EXPECT_EQ(test, show(dev, ring_files[i]), (long)-EINVAL);
	bus_down(test, s.fh, s.bus);
}

static int open_and_close(void *channel)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < 40 && !err; i++) {
		err = enl_channel_open(channel, &bus_setup);
		enl_channel_close(channel);
	}
	return err;
}

/* P-038: every file, all the time, while the channel opens and closes. */
static void files_can_be_read_while_the_channel_comes_and_goes(struct kunit *test)
{
	unsigned int rounds = 0, wrong = 0;
	struct attribute **a;
	struct scene s;
	int err = -1;

	set_scene(test, &s, &bus_class);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	KUNIT_ASSERT_EQ(test, fakehost_call(s.fh, open_and_close, bus_record.dev->primary), 0);
	do {
		for (a = bus_record.dev->dev->bus->dev_groups[0]->attrs; *a; a++) {
			ssize_t n = show(bus_record.dev, (*a)->name);

			wrong += n <= 0 && n != -EINVAL;
		}
		rounds++;
	} while (!fakehost_called(s.fh, 1, &err) && rounds < 1000000);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, wrong, 0u);
	KUNIT_EXPECT_GT(test, rounds, 1u);
	bus_down(test, s.fh, s.bus);
}

/* --- objects of another layer */

struct lent {
	u32 stamp;
	struct device dev;
};

static unsigned int lent_made, lent_released;

static struct device *lent_make(struct enl_device *dev)
{
	struct lent *lent;

	if (!enl_guid_equal(&dev->class_id, &other_class))
		return NULL;
	lent = kzalloc(sizeof(*lent), GFP_KERNEL);
	if (!lent)
		return NULL;
	lent->stamp = 0x5a5a;
	lent_made++;
	return &lent->dev;
}

static void lent_release(struct device *dev)
{
	struct lent *lent = container_of(dev, struct lent, dev);

	lent_released += lent->stamp == 0x5a5a;
	kfree(lent);
}

static const struct enl_foreign_devices lender = { lent_make, lent_release };
static const struct enl_foreign_devices second_lender = { lent_make, lent_release };

/* decision 3: another layer's object is the registered device, for the classes that it wants. */
static void other_layer_lends_the_registered_object(struct kunit *test)
{
	struct enl_device *dev;
	struct scene s;

	lent_made = 0;
	lent_released = 0;
	KUNIT_ASSERT_EQ(test, enl_foreign_register(&lender), 0);
	KUNIT_EXPECT_EQ(test, enl_foreign_register(&second_lender), -EBUSY);
	enl_foreign_unregister(&second_lender);
	set_scene(test, &s, &other_class);
	dev = device_of(&s);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_EXPECT_EQ(test, lent_made, 1u);
	KUNIT_EXPECT_PTR_NE(test, dev->dev, &dev->own);
	KUNIT_EXPECT_EQ(test, container_of(dev->dev, struct lent, dev)->stamp, 0x5a5au);
	KUNIT_EXPECT_PTR_EQ(test, dev_get_platdata(dev->dev), (void *)dev);
	KUNIT_EXPECT_GT(test, show(dev, "class_id"), 0L);
	fakehost_offer(s.fh, &bus_class, 2, NULL, NULL);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	KUNIT_EXPECT_EQ(test, lent_made, 1u);
	KUNIT_EXPECT_PTR_EQ(test, bus_record.dev->dev, &bus_record.dev->own);
	/* devices outlive the registration */
	enl_foreign_unregister(&lender);
	bus_down(test, s.fh, s.bus);
	KUNIT_EXPECT_EQ(test, lent_released, 1u);
}

/* A driver that lacks what it needs is not registered. */
static void incomplete_driver_is_refused(struct kunit *test)
{
	struct enl_driver bad = { .name = "enlight_bad" };

	KUNIT_EXPECT_EQ(test, enl_driver_register(&bad), -EINVAL);
	bad.name = NULL;
	bad.probe = late_probe;
	KUNIT_EXPECT_EQ(test, enl_driver_register(&bad), -EINVAL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(driver_without_a_table_matches_by_ids_given_later),
	KUNIT_CASE(new_id_takes_guids_only),
	KUNIT_CASE(override_comes_first_and_can_be_taken_back),
	KUNIT_CASE(zero_class_matches_no_table),
	KUNIT_CASE(failed_probe_leaves_a_device_without_driver),
	KUNIT_CASE(unbind_and_bind_as_often_as_one_likes),
	KUNIT_CASE(shutdown_reaches_the_driver),
	KUNIT_CASE(names_and_formats_are_those_that_user_space_knows),
	KUNIT_CASE(ring_files_of_a_closed_channel_are_invalid),
	KUNIT_CASE(files_can_be_read_while_the_channel_comes_and_goes),
	KUNIT_CASE(other_layer_lends_the_registered_object),
	KUNIT_CASE(incomplete_driver_is_refused),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_bus_device",
	.init = init,
	.exit = quit,
	.test_cases = cases,
};

kunit_test_suite(suite);
