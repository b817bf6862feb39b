// SPDX-License-Identifier: GPL-2.0-only
/* 6.4, EL 9.4: bus_register() takes a const bus_type. */
#include <linux/device.h>

typeof(int (*)(const struct bus_type *)) probe_register = bus_register;
