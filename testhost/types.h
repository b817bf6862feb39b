/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device types, one line each: whoever makes one adds it here and to the table of device.c.
 * Included by device.c and by the files that make the types.
 */
#ifndef TESTHOST_TYPES_H
#define TESTHOST_TYPES_H

#include "testhost/device.h"

extern const struct device_type device_type_balloon;
extern const struct device_type device_type_echo;
extern const struct device_type device_type_storage;

#endif
