// SPDX-License-Identifier: GPL-2.0-only
/* 7.x and 6.12.y: the bus type has a driver_override attribute of its own. */
#include <linux/device.h>

struct bus_type probe_bus = { .name = "probe", .driver_override = true };
int probe(struct device *dev, const struct device_driver *drv);
int probe(struct device *dev, const struct device_driver *drv)
{
	return device_match_driver_override(dev, drv);
}
