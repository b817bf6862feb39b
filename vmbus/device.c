// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a primary channel to a device in the driver core, and back (P-045, P-052, P-065).
 * Calls sysfs_channel.c and the driver core. Called by offer.c on its queues, and by suspend.c.
 * A device is freed by its last reference only; another layer may lend the registered object.
 */
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/uuid.h>
#include "internal.h"

static DEFINE_MUTEX(foreign_mutex);
static const struct enl_foreign_devices *foreign_devices;	/* under foreign_mutex */

/**
 * enl_foreign_register() - let another layer lend the registered device objects
 * @foreign: asked for each device before the bus uses its own object; must outlive all of them
 *
 * For classes that the suite has no driver for. One layer at a time. May sleep.
 *
 * Return: 0; -EBUSY another layer is registered.
 */
int enl_foreign_register(const struct enl_foreign_devices *foreign)
{
	int err = 0;

	mutex_lock(&foreign_mutex);
	if (foreign_devices)
		err = -EBUSY;
	else
		foreign_devices = foreign;
	mutex_unlock(&foreign_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(enl_foreign_register);

/**
 * enl_foreign_unregister() - no more objects from that layer
 * @foreign: what was registered
 *
 * Devices that use its objects stay until they go by themselves; the layer waits for its
 * release callback. May sleep.
 */
void enl_foreign_unregister(const struct enl_foreign_devices *foreign)
{
	mutex_lock(&foreign_mutex);
	if (foreign_devices == foreign)
		foreign_devices = NULL;
	mutex_unlock(&foreign_mutex);
}
EXPORT_SYMBOL_GPL(enl_foreign_unregister);

static void device_release(struct device *dev)
{
	struct enl_device *device = enl_device_of(dev);
	const struct enl_foreign_devices *foreign = device->foreign;
	struct enl_bus *bus = device->bus;
	unsigned long irq;

	enl_channel_put(device->primary);
	kfree(device->driver_override);
	if (foreign)
		foreign->release(dev);
	kfree(device);
	/* The bus waits for this before its module may go: under the lock, its last use. */
	spin_lock_irqsave(&bus->quiet.lock, irq);
	if (atomic_dec_and_test(&bus->devices))
		wake_up_all_locked(&bus->quiet);
	spin_unlock_irqrestore(&bus->quiet.lock, irq);
}

static struct enl_device *device_alloc(struct enl_channel *ch)
{
	struct enl_device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device)
		return NULL;
	device->class_id = ch->class_id;
	device->instance_id = ch->instance_id;
	device->bus = ch->bus;
	device->primary = ch;
	kref_get(&ch->ref);
	atomic_inc(&ch->bus->devices);
	device->dev = &device->own;
	mutex_lock(&foreign_mutex);
	if (foreign_devices) {
		struct device *lent = foreign_devices->make(device);

		if (lent) {
			device->dev = lent;
			device->foreign = foreign_devices;
		}
	}
	mutex_unlock(&foreign_mutex);
	device_initialize(device->dev);
	return device;
}

static void device_fill(struct enl_device *device, struct enl_channel *ch)
{
	struct device *dev = device->dev;

	dev->bus = &enl_bus_type;
	dev->parent = ch->bus->above;
	dev->release = device_release;
	dev->platform_data = device;
	/* Any address will do: what the host cannot reach is bounced by the DMA layer. */
	device->dma_mask = DMA_BIT_MASK(64);
	dev->dma_mask = &device->dma_mask;
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dev->dma_parms = &device->dma_parms;
	set_dev_node(dev, cpu_to_node(ch->cpu));
}

/*
 * Make and register the device of a primary channel; the driver's probe runs in here, or later
 * where the driver asks for that. May sleep. 0 or -errno; then nothing is left behind.
 */
int enl_device_add(struct enl_channel *ch)
{
	struct enl_device *device = device_alloc(ch);
	int err;

	if (!device)
		return -ENOMEM;
	device_fill(device, ch);
	err = dev_set_name(device->dev, "%pUl", ch->instance_id.b);
	if (err) {
		put_device(device->dev);
		return err;
	}
	mutex_lock(&ch->bus->lock);
	ch->device = device;
	mutex_unlock(&ch->bus->lock);
	err = device_add(device->dev);
	if (err) {
		dev_err(ch->bus->parent, "device %pUl cannot be registered (%d)\n",
			ch->instance_id.b, err);
		mutex_lock(&ch->bus->lock);
		ch->device = NULL;
		mutex_unlock(&ch->bus->lock);
		put_device(device->dev);
		return err;
	}
	ch->registered = true;
	enl_channel_sysfs_add(ch);
	return 0;
}

/* No channel of it may lead to the device any more. */
static void detach_subs(struct enl_channel *primary)
{
	struct enl_channel *sub;

	mutex_lock(&primary->bus->lock);
	list_for_each_entry(sub, &primary->subs, sub_link)
		sub->device = NULL;
	primary->device = NULL;
	mutex_unlock(&primary->bus->lock);
}

static struct enl_channel *next_shown(struct enl_channel *primary)
{
	struct enl_channel *sub, *found = NULL;

	mutex_lock(&primary->bus->lock);
	list_for_each_entry(sub, &primary->subs, sub_link) {
		if (!sub->kobj)
			continue;
		found = sub;
		kref_get(&sub->ref);
		break;
	}
	mutex_unlock(&primary->bus->lock);
	return found;
}

/* Without a lock: removal waits for readers, who may want that lock. */
static void remove_sub_sysfs(struct enl_channel *primary)
{
	struct enl_channel *sub;

	while ((sub = next_shown(primary))) {
		enl_channel_sysfs_remove(sub);
		enl_channel_put(sub);
	}
}

/* Unregister the device of a primary, if there is one: its driver closes. May sleep. */
void enl_device_remove(struct enl_channel *ch)
{
	struct enl_device *device = ch->device;

	if (!ch->registered)
		return;
	ch->registered = false;
	/* The driver lets go first: it may still use what the directories show. */
	device_lock(device->dev);
	device->leaving = true;
	device_unlock(device->dev);
	device_release_driver(device->dev);
	remove_sub_sysfs(ch);
	enl_channel_sysfs_remove(ch);
	detach_subs(ch);
	device_unregister(device->dev);
}

/* The driver bound to @dev, or NULL. Under the device's lock. */
struct enl_driver *enl_device_driver(const struct enl_device *dev)
{
	if (!dev->bound || !dev->dev->driver)
		return NULL;
	return container_of(dev->dev->driver, struct enl_driver, driver);
}

static struct device *get_parent_device(struct enl_channel *ch)
{
	struct device *dev = NULL;

	mutex_lock(&ch->bus->lock);
	if (ch->device)
		dev = get_device(ch->device->dev);
	mutex_unlock(&ch->bus->lock);
	return dev;
}

/* The driver has let go of @ch. Under the device's lock. */
static void ungive(struct enl_channel *ch)
{
	list_del_init(&ch->given_link);
	ch->primary->given_count--;
	enl_channel_put(ch);
}

/* Under the device's lock: the objects stay until the driver goes, so that a host may not go on. */
static bool give(struct enl_channel *ch, struct enl_driver *drv, struct enl_device *dev)
{
	if (ch->primary->given_count >= ENL_MAX_GIVEN)
		return false;
	kref_get(&ch->ref);
	list_add_tail(&ch->given_link, &ch->primary->given);
	ch->primary->given_count++;
	enl_channel_sysfs_add(ch);
	drv->subchannel(dev, ch);
	return true;
}

/*
 * Tell the driver of a sub-channel. It may use the object until its remove() has returned, even
 * if the host rescinds it meanwhile. May sleep.
 */
void enl_device_give(struct enl_channel *ch)
{
	struct device *dev = get_parent_device(ch);
	struct enl_driver *drv;

	if (!dev)
		return;
	device_lock(dev);
	drv = enl_device_driver(enl_device_of(dev));
	if (drv && drv->subchannel && !READ_ONCE(ch->rescinded) &&
	    !give(ch, drv, enl_device_of(dev)))
		enl_bus_fault(ch->bus, ENL_FAULT_OFFER_LIMIT, ch->relid);
	device_unlock(dev);
	put_device(dev);
}

/* The driver has forgotten @ch, as at hibernation. The caller holds a reference. May sleep. */
void enl_device_ungive(struct enl_channel *ch)
{
	struct device *dev = get_parent_device(ch);

	if (!dev)
		return;
	device_lock(dev);
	if (!list_empty(&ch->given_link))
		ungive(ch);
	device_unlock(dev);
	put_device(dev);
}

/* After remove(), or a failed probe: the driver holds no sub-channel any more. Device lock held. */
void enl_device_take_back(struct enl_device *dev)
{
	struct enl_channel *sub, *next;

	list_for_each_entry_safe(sub, next, &dev->primary->given, given_link) {
		/* Leaving a channel open is a driver's bug, but not one to crash for. */
		enl_channel_close(sub);
		ungive(sub);
	}
	enl_channel_close(dev->primary);
	dev->primary->sub_limit = 0;
}
