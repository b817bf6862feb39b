// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus in the driver core: match, probe, remove, uevent, power; and driver registration.
 * Calls ids.c, device.c, sysfs_channel.c, rescind.c. Called by the driver core and by drivers.
 * Named vmbus, so that user space finds what it knows and two buses exclude each other.
 */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include "internal.h"

static int bus_match(struct device *dev, compat_match_const struct device_driver *driver)
{
	/* Const by name only: matching takes the lock of the dynamic ids. */
	struct device_driver *ours = (struct device_driver *)driver;
	struct hv_vmbus_device_id id;

	return enl_driver_match(container_of(ours, struct enl_driver, driver),
				enl_device_of(dev), &id);
}

static int bus_uevent(compat_uevent_const struct device *dev, struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "MODALIAS=vmbus:%*phN", 16, enl_device_of(dev)->class_id.b);
}

static int bus_probe(struct device *dev)
{
	struct enl_driver *drv = container_of(dev->driver, struct enl_driver, driver);
	struct enl_device *device = enl_device_of(dev);
	struct hv_vmbus_device_id id;
	int err;

	if (device->leaving || READ_ONCE(device->primary->rescinded))
		return -ENODEV;
	/* An id or an override may have gone since the driver core asked. */
	if (!enl_driver_match(drv, device, &id))
		return -ENODEV;
	/* Before probe: a sub-channel may be offered as soon as the driver has asked for it. */
	device->bound = true;
	err = drv->probe(device, &id);
	if (err) {
		device->bound = false;
		enl_device_take_back(device);
		if (err > 0)
			err = -EINVAL;
	}
	return err;
}

static compat_bus_remove_t bus_remove(struct device *dev)
{
	struct enl_driver *drv = container_of(dev->driver, struct enl_driver, driver);
	struct enl_device *device = enl_device_of(dev);

	device->bound = false;
	if (drv->remove)
		drv->remove(device);
	enl_device_take_back(device);
	compat_bus_remove_return;
}

static void bus_shutdown(struct device *dev)
{
	struct enl_driver *drv;

	if (!dev->driver)
		return;
	drv = container_of(dev->driver, struct enl_driver, driver);
	if (drv->shutdown)
		drv->shutdown(enl_device_of(dev));
}

static int bus_sleep(struct device *dev)
{
	struct enl_driver *drv;

	if (!dev->driver)
		return 0;
	drv = container_of(dev->driver, struct enl_driver, driver);
	return drv->suspend ? drv->suspend(enl_device_of(dev)) : -EOPNOTSUPP;
}

static int bus_wake(struct device *dev)
{
	struct enl_device *device = enl_device_of(dev);
	struct enl_driver *drv;

	enl_channel_sysfs_renumber(device->primary);
	if (!dev->driver)
		return 0;
	drv = container_of(dev->driver, struct enl_driver, driver);
	/* Gone while asleep: the bus removes it, there is nothing to open. */
	if (enl_channel_missed(device->primary))
		return 0;
	return drv->resume ? drv->resume(device) : -EOPNOTSUPP;
}

/*
 * Only hibernation ends the connection, and in the noirq phase, since pass-through devices below
 * the bus are restored there; suspend-to-idle leaves everything as it is (11.7).
 */
static const struct dev_pm_ops bus_pm = {
	.freeze_noirq = bus_sleep,
	.thaw_noirq = bus_wake,
	.poweroff_noirq = bus_sleep,
	.restore_noirq = bus_wake,
};

struct bus_type enl_bus_type = {
	.name = "vmbus",
	.match = bus_match,
	.uevent = bus_uevent,
	.probe = bus_probe,
	.remove = bus_remove,
	.shutdown = bus_shutdown,
	.dev_groups = enl_device_groups,
	.drv_groups = enl_driver_groups,
	.pm = &bus_pm,
};

/* Is a bus of our name registered already? The driver core would answer with a stack trace. */
static bool name_is_taken(void)
{
	struct kset *known = bus_get_kset(&platform_bus_type);
	struct kobject *found;

	if (!known || !known->kobj.kset)
		return false;
	found = kset_find_obj(known->kobj.kset, enl_bus_type.name);
	if (!found)
		return false;
	kobject_put(found);
	return true;
}

/* 0, or -ENODEV with a line that says what to do when another bus has the name. */
int enl_bus_type_register(void)
{
	if (name_is_taken()) {
		pr_err("the in-box bus (hv_vmbus) is active; boot without enlight=off, or unload it first\n");
		return -ENODEV;
	}
	return bus_register(&enl_bus_type);
}

void enl_bus_type_unregister(void)
{
	bus_unregister(&enl_bus_type);
}

/**
 * __enl_driver_register() - register a driver; use enl_driver_register()
 * @drv: static storage, @drv->name, @drv->probe and @drv->remove filled in
 * @owner: THIS_MODULE
 * @mod_name: KBUILD_MODNAME
 *
 * Devices that are there already are probed before it returns. May sleep.
 *
 * Return: 0; -EINVAL incomplete; or what the driver core says.
 */
int __enl_driver_register(struct enl_driver *drv, struct module *owner, const char *mod_name)
{
	if (!drv->name || !drv->probe)
		return -EINVAL;
	spin_lock_init(&drv->dynamic_lock);
	INIT_LIST_HEAD(&drv->dynamic_ids);
	drv->driver.name = drv->name;
	drv->driver.owner = owner;
	drv->driver.mod_name = mod_name;
	drv->driver.bus = &enl_bus_type;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL_GPL(__enl_driver_register);

/**
 * enl_driver_unregister() - the reverse
 * @drv: registered driver; all its devices are removed before this returns. May sleep.
 */
void enl_driver_unregister(struct enl_driver *drv)
{
	driver_unregister(&drv->driver);
	enl_dynamic_ids_free(drv);
}
EXPORT_SYMBOL_GPL(enl_driver_unregister);
