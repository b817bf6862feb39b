// SPDX-License-Identifier: GPL-2.0-only
/* 5.19, EL 8.8, EL 9.2 (gone in 7.x): driver_set_override() for a driver's own attribute. */
#include <linux/device.h>

int probe(struct device *dev, const char **where, const char *s, size_t len);
int probe(struct device *dev, const char **where, const char *s, size_t len)
{
	return driver_set_override(dev, where, s, len);
}
