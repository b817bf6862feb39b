// SPDX-License-Identifier: GPL-2.0-only
/* A second copy of balloon/main.c for the tests: kbuild allows an object in one module only. */
#include <linux/module.h>

/* Else udev would load the tests wherever there is a balloon device. */
#undef MODULE_DEVICE_TABLE
#define MODULE_DEVICE_TABLE(type, name)
#include "balloon/main.c"
