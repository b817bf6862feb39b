// SPDX-License-Identifier: GPL-2.0-only
/* 6.9, EL 9.5: device_driver.bus points to a const bus_type. */
#include <linux/device.h>

static const struct bus_type bus = { .name = "probe" };
struct device_driver probe_driver = { .name = "probe", .bus = &bus };
struct device probe_device = { .bus = &bus };
