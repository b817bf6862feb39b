// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which driver serves which device: override, ids given at run time, the static table (P-073).
 * Calls nothing of the suite. Called by bus.c under the driver core's locks.
 * A zero GUID ends a table and never matches.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>
#include "internal.h"

struct dynamic_id {
	struct list_head link;
	struct hv_vmbus_device_id id;
};

/* The driver core matches without the device's lock. */
static DEFINE_SPINLOCK(override_lock);

static bool guid_is_zero(const struct hv_vmbus_device_id *id)
{
	return !memchr_inv(&id->guid, 0, sizeof(id->guid));
}

static bool id_is_for(const struct hv_vmbus_device_id *id, const struct enl_guid *class)
{
	BUILD_BUG_ON(sizeof(id->guid) != sizeof(*class));
	return !guid_is_zero(id) && !memcmp(&id->guid, class, sizeof(*class));
}

/* A copy: the entry may be removed as soon as the lock is dropped. */
static bool match_dynamic(struct enl_driver *drv, const struct enl_guid *class,
			  struct hv_vmbus_device_id *found)
{
	struct dynamic_id *dynamic;
	bool matches = false;

	spin_lock(&drv->dynamic_lock);
	list_for_each_entry(dynamic, &drv->dynamic_ids, link) {
		if (!id_is_for(&dynamic->id, class))
			continue;
		*found = dynamic->id;
		matches = true;
		break;
	}
	spin_unlock(&drv->dynamic_lock);
	return matches;
}

static bool match_static(const struct enl_driver *drv, const struct enl_guid *class,
			 struct hv_vmbus_device_id *found)
{
	const struct hv_vmbus_device_id *id;

	if (!drv->ids)
		return false;
	for (id = drv->ids; !guid_is_zero(id); id++) {
		if (!id_is_for(id, class))
			continue;
		*found = *id;
		return true;
	}
	return false;
}

/* Does @drv serve @dev? *@id: the id by which it does. An override excludes every other driver. */
bool enl_driver_match(struct enl_driver *drv, struct enl_device *dev,
		      struct hv_vmbus_device_id *id)
{
	bool given, other;

	spin_lock(&override_lock);
	given = dev->driver_override;
	other = given && strcmp(dev->driver_override, drv->driver.name);
	spin_unlock(&override_lock);
	if (other)
		return false;
	if (match_dynamic(drv, &dev->class_id, id) || match_static(drv, &dev->class_id, id))
		return true;
	*id = (struct hv_vmbus_device_id){ };
	return given;
}

/* Returns the name of before, for the caller to free. Under the device's lock. */
char *enl_device_override(struct enl_device *dev, char *name)
{
	char *old;

	spin_lock(&override_lock);
	old = dev->driver_override;
	dev->driver_override = name;
	spin_unlock(&override_lock);
	return old;
}

static struct enl_driver *to_driver(struct device_driver *driver)
{
	return container_of(driver, struct enl_driver, driver);
}

static int parse_guid(const char *text, guid_t *guid)
{
	char copy[UUID_STRING_LEN + 1];

	/* Braces are how other tools write them. */
	if (*text == '{')
		text++;
	strscpy(copy, text, sizeof(copy));
	if (strlen(copy) < UUID_STRING_LEN)
		return -EINVAL;
	return guid_parse(copy, guid);
}

static ssize_t new_id_store(struct device_driver *driver, const char *buf, size_t count)
{
	struct enl_driver *drv = to_driver(driver);
	struct dynamic_id *dynamic;
	guid_t guid;
	int err;

	err = parse_guid(buf, &guid);
	if (err)
		return err;
	dynamic = kzalloc(sizeof(*dynamic), GFP_KERNEL);
	if (!dynamic)
		return -ENOMEM;
	memcpy(&dynamic->id.guid, &guid, sizeof(guid));
	if (guid_is_zero(&dynamic->id)) {
		kfree(dynamic);
		return -EINVAL;
	}
	spin_lock(&drv->dynamic_lock);
	list_add_tail(&dynamic->link, &drv->dynamic_ids);
	spin_unlock(&drv->dynamic_lock);
	err = driver_attach(driver);
	return err ?: count;
}
static DRIVER_ATTR_WO(new_id);

static ssize_t remove_id_store(struct device_driver *driver, const char *buf, size_t count)
{
	struct enl_driver *drv = to_driver(driver);
	struct dynamic_id *dynamic, *next;
	ssize_t result = -ENODEV;
	guid_t guid;
	int err;

	err = parse_guid(buf, &guid);
	if (err)
		return err;
	spin_lock(&drv->dynamic_lock);
	list_for_each_entry_safe(dynamic, next, &drv->dynamic_ids, link) {
		if (memcmp(&dynamic->id.guid, &guid, sizeof(guid)))
			continue;
		list_del(&dynamic->link);
		kfree(dynamic);
		result = count;
		break;
	}
	spin_unlock(&drv->dynamic_lock);
	return result;
}
static DRIVER_ATTR_WO(remove_id);

static struct attribute *driver_attrs[] = {
	&driver_attr_new_id.attr,
	&driver_attr_remove_id.attr,
	NULL
};
static const struct attribute_group driver_group = { .attrs = driver_attrs };

const struct attribute_group *enl_driver_groups[] = {
	&driver_group,
	NULL
};

/* With the driver unregistered nobody matches any more. */
void enl_dynamic_ids_free(struct enl_driver *drv)
{
	struct dynamic_id *dynamic, *next;

	list_for_each_entry_safe(dynamic, next, &drv->dynamic_ids, link) {
		list_del(&dynamic->link);
		kfree(dynamic);
	}
}
