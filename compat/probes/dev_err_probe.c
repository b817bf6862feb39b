// SPDX-License-Identifier: GPL-2.0-only
/* 5.9, EL 8.4: dev_err_probe(). */
#include <linux/device.h>

int probe(struct device *dev);
int probe(struct device *dev)
{
	return dev_err_probe(dev, -ENODEV, "no\n");
}
