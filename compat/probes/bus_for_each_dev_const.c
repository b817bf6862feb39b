// SPDX-License-Identifier: GPL-2.0-only
/* 6.3, EL 8.9, EL 9.3: bus_for_each_dev() takes a const bus_type. */
#include <linux/device.h>

typeof(int (*)(const struct bus_type *, struct device *, void *, int (*)(struct device *, void *)))
	probe_walk = bus_for_each_dev;
