// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bus in a test: see bus_world.h.
 * Calls the fake host and the drivers' API. Called by test files.
 * The platform's stop is watched, since a bus that failed to start can be asked nothing later.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "kunit/bus_world.h"

const struct enl_guid bus_class = ENL_CLASS_HEARTBEAT;
const struct enl_guid bus_perf_class = ENL_CLASS_NETWORK;

struct bus_end bus_end;
struct bus_record bus_record;

static struct enl_platform_ops watched_ops;

static void watched_stop(void *p)
{
	struct fakehost *fh = p;
	struct enl_bus *bus = bus_of(fh);
	unsigned int i;

	bus_end.stops++;
	for (i = 0; i < ENL_FAULT_LIMIT; i++)
		bus_end.faults[i] = bus_faults(bus, i);
	bus_end.leaked_pages = bus->leaked_pages;
	bus_end.pages_there = bus->interrupt_page && bus->monitor_page && bus->monitor_in_page;
	fakehost_ops.stop(p);
}

/* --- the driver */

static void drain(struct enl_channel *ch, void *context)
{
	struct enl_packet packet;

	while (enl_recv(ch, &packet) > 0)
		;
}

const struct enl_channel_setup bus_setup = {
	.send_bytes = 16384,
	.recv_bytes = 16384,
	.max_packet = 4096,
	.mode = ENL_NOTIFY_SOFTIRQ,
	.notify = drain,
};

static int driver_open(struct enl_device *dev)
{
	if (bus_record.opens)
		bus_record.open_result = enl_channel_open(enl_channel_primary(dev), &bus_setup);
	return 0;
}

static int driver_probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	bus_record.id = *id;
	if (!bus_record.probe_result) {
		driver_open(dev);
		bus_record.dev = dev;
	}
	/* Pairs with the acquire in bus_probed(). */
	smp_store_release(&bus_record.probes, bus_record.probes + 1);
	return bus_record.probe_result;
}

static void driver_remove(struct enl_device *dev)
{
	enl_channel_close(enl_channel_primary(dev));
	bus_record.dev = NULL;
	bus_record.removes++;
}

static void driver_shutdown(struct enl_device *dev)
{
	bus_record.shutdowns++;
}

static int driver_suspend(struct enl_device *dev)
{
	bus_record.suspends++;
	enl_channel_close(enl_channel_primary(dev));
	return 0;
}

static int driver_resume(struct enl_device *dev)
{
	bus_record.resumes++;
	return driver_open(dev);
}

static void driver_subchannel(struct enl_device *dev, struct enl_channel *ch)
{
	bus_record.sub = ch;
	/* After what it counts; pairs with the waits of the tests. */
	smp_store_release(&bus_record.subs, bus_record.subs + 1);
}

static const struct hv_vmbus_device_id driver_ids[] = {
	{ ENL_DEVICE_ID(ENL_CLASS_HEARTBEAT) },
	{ ENL_DEVICE_ID(ENL_CLASS_NETWORK) },
	{ }
};

struct enl_driver bus_driver = {
	.name = "enlight_recorder",
	.ids = driver_ids,
	.probe = driver_probe,
	.remove = driver_remove,
	.shutdown = driver_shutdown,
	.suspend = driver_suspend,
	.resume = driver_resume,
	.subchannel = driver_subchannel,
};

int bus_world_init(struct kunit *test)
{
	watched_ops = fakehost_ops;
	watched_ops.stop = watched_stop;
	memset(&bus_end, 0, sizeof(bus_end));
	memset(&bus_record, 0, sizeof(bus_record));
	return enl_driver_register(&bus_driver);
}

void bus_world_exit(struct kunit *test)
{
	enl_driver_unregister(&bus_driver);
}

/* Waits until the driver was probed so often in all. */
bool bus_probed(unsigned int probes)
{
	/* Pairs with the release in driver_probe(). */
	return fakehost_wait_for(smp_load_acquire(&bus_record.probes) >= probes, BUS_WAIT);
}

/* --- the bus */

/* A bus, or what enl_bus_start() says; bus_end has what it saw if it failed. */
struct enl_bus *bus_try(struct fakehost *fh, const struct enl_bus_options *limits)
{
	return enl_bus_start(&watched_ops, fh, fh->parent, limits ? limits : &fakehost_limits);
}

/* A bus, or NULL and a failed test. */
struct enl_bus *bus_up(struct kunit *test, struct fakehost *fh,
		       const struct enl_bus_options *limits)
{
	struct enl_bus *bus = bus_try(fh, limits);

	if (!IS_ERR(bus))
		return bus;
	KUNIT_FAIL(test, "the bus does not start: %ld", PTR_ERR(bus));
	fakehost_print_trace(test, fh);
	return NULL;
}

/* Stops the bus and has the whole ledger checked. */
void bus_down(struct kunit *test, struct fakehost *fh, struct enl_bus *bus)
{
	enl_bus_stop(bus);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

/* The same where no UNLOAD was answered, so that the host still holds the monitor pages. */
void bus_silent_down(struct kunit *test, struct fakehost *fh, struct enl_bus *bus)
{
	enl_bus_stop(bus);
	fakehost_settle(fh, 1000);
	fakehost_check_rules(test, fh);
	KUNIT_EXPECT_EQ(test, fh->counts.starts, fh->counts.stops);
	KUNIT_EXPECT_EQ(test, fh->counts.late, 0ull);
	fakehost_destroy(fh);
}

/* A bus with one device, whose channel is closed. */
void bus_set_scene(struct kunit *test, struct bus_scene *s)
{
	struct enl_bus_options limits = fakehost_limits;
	unsigned int probes = bus_record.probes;

	limits.resume_ms = 500;
	limits.unload_ms = 500;
	limits.contact_ms = 500;
	s->fh = fakehost_create(test, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s->fh);
	s->relid = fakehost_offer(s->fh, &bus_perf_class, 1, NULL, NULL);
	s->bus = bus_up(test, s->fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, s->bus);
	KUNIT_ASSERT_TRUE(test, bus_probed(probes + 1));
	s->dev = bus_record.dev;
	s->ch = enl_channel_primary(s->dev);
}

void bus_expect_works(struct kunit *test, struct bus_scene *s)
{
	u32 relid = enl_channel_relid(s->ch);
	bool open;

	KUNIT_EXPECT_EQ(test, enl_channel_open(s->ch, &bus_setup), 0);
	open = FAKEHOST_PEEK(s->fh, vsp_channel_open(s->fh->host, relid));
	KUNIT_EXPECT_TRUE(test, open);
	enl_channel_close(s->ch);
}

/* --- for threads */

int bus_start_call(void *context)
{
	struct bus_start_call *call = context;

	call->bus = bus_try(call->fh, call->limits);
	return PTR_ERR_OR_ZERO(call->bus);
}

int bus_open_call(void *channel)
{
	return enl_channel_open(channel, &bus_setup);
}

int bus_close_call(void *channel)
{
	enl_channel_close(channel);
	return 0;
}

int bus_stop_call(void *bus)
{
	enl_bus_stop(bus);
	return 0;
}

/* --- attributes by name, called as sysfs calls them */

struct attribute *bus_attribute(const struct attribute_group **groups, const char *name)
{
	struct attribute **a;

	for (; *groups; groups++) {
		for (a = (*groups)->attrs; *a; a++) {
			if (!strcmp((*a)->name, name))
				return *a;
		}
	}
	return NULL;
}

ssize_t bus_device_store(struct enl_device *dev, const char *name, const char *text)
{
	struct attribute *attr = bus_attribute(dev->dev->bus->dev_groups, name);
	struct device_attribute *a = container_of(attr, struct device_attribute, attr);

	return attr ? a->store(dev->dev, a, text, strlen(text)) : -ENOENT;
}

ssize_t bus_driver_store(struct enl_driver *drv, const char *name, const char *text)
{
	struct attribute *attr = bus_attribute(drv->driver.bus->drv_groups, name);
	struct driver_attribute *a = container_of(attr, struct driver_attribute, attr);

	return attr ? a->store(&drv->driver, text, strlen(text)) : -ENOENT;
}
