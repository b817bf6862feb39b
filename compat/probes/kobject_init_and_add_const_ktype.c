// SPDX-License-Identifier: GPL-2.0-only
/* 5.17, EL 9.1: kobject_init_and_add() takes a const kobj_type. */
#include <linux/kobject.h>

typeof(int (*)(struct kobject *, const struct kobj_type *, struct kobject *, const char *, ...))
	probe_add = kobject_init_and_add;
