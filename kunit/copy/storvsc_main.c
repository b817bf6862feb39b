// SPDX-License-Identifier: GPL-2.0-only
/* A second copy of storvsc/main.c for the tests: kbuild allows an object in one module only. */
#include <linux/module.h>
#include "kunit/storvsc_copy.h"

/* Else udev would load the tests wherever there is a disk. */
#undef MODULE_DEVICE_TABLE
#define MODULE_DEVICE_TABLE(type, name)
#include "storvsc/main.c"

struct enl_driver *storvsc_copy_driver(void)
{
	return &driver;
}
