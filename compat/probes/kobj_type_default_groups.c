// SPDX-License-Identifier: GPL-2.0-only
/* 5.2: kobj_type.default_groups. */
#include <linux/kobject.h>
#include <linux/sysfs.h>

struct kobj_type probe_type = { .default_groups = NULL };
