// SPDX-License-Identifier: GPL-2.0-only
/* 6.14: device_find_child() matches against const data. */
#include <linux/device.h>

typeof(struct device *(*)(struct device *, const void *, int (*)(struct device *, const void *)))
	probe_find = device_find_child;
