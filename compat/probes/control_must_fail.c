// SPDX-License-Identifier: GPL-2.0-only
/* Control: if this compiles, the compiler accepts anything and no answer can be trusted. */
#include <linux/device.h>

int probe(struct device *dev);
int probe(struct device *dev)
{
	return dev->enl_no_such_member + enl_no_such_function(dev);
}
