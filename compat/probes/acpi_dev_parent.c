// SPDX-License-Identifier: GPL-2.0-only
/* 6.0: acpi_dev_parent(); before, the member of that name. */
#include <linux/acpi.h>

struct acpi_device *probe(struct acpi_device *adev);
struct acpi_device *probe(struct acpi_device *adev)
{
	return acpi_dev_parent(adev);
}
