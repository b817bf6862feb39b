// SPDX-License-Identifier: GPL-2.0-only
/* 6.1, EL 8.10, EL 9.3: acpi_dev_parent() instead of the member parent. */
#include <linux/acpi.h>

struct acpi_device *probe(struct acpi_device *dev);
struct acpi_device *probe(struct acpi_device *dev)
{
	return acpi_dev_parent(dev);
}
