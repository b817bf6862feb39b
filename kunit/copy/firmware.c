// SPDX-License-Identifier: GPL-2.0-only
/* A second copy of vmbus/firmware.c for the tests, on a machine that exists on paper only. */
#include <linux/acpi.h>
#include <linux/pci.h>
#include <linux/screen_info.h>
#include "kunit/firmware_copy.h"

struct firmware_copy firmware_copy;

static struct acpi_device *copy_parent(const struct acpi_device *adev)
{
	unsigned int i;

	for (i = 0; i + 1 < firmware_copy.nodes; i++) {
		if (firmware_copy.node[i] == adev)
			return firmware_copy.node[i + 1];
	}
	return NULL;
}

static acpi_status copy_walk(acpi_handle handle, const char *name,
			     acpi_status (*each)(struct acpi_resource *r, void *context),
			     void *context)
{
	struct acpi_resource r;
	unsigned int i, k;

	if (handle == ACPI_ROOT_OBJECT)
		firmware_copy.root_asked++;
	for (i = 0; i < firmware_copy.nodes; i++) {
		if (firmware_copy.node[i]->handle != handle)
			continue;
		for (k = 0; k < firmware_copy.count[i]; k++) {
			r = firmware_copy.crs[i][k];
			each(&r, context);
		}
	}
	return AE_OK;
}

/* Nobody looks into it. */
static struct pci_dev *copy_pci(unsigned int vendor, unsigned int device)
{
	firmware_copy.pci_asked++;
	if (vendor != 0x1414 || device != 0x5353 || !firmware_copy.bar_bytes)
		return NULL;
	firmware_copy.pci_held++;
	return (struct pci_dev *)&firmware_copy;
}

#undef ACPI_COMPANION
#undef pci_resource_start
#undef pci_resource_len
#undef enl_screen_info
#define ACPI_COMPANION(dev) (firmware_copy.nodes ? firmware_copy.node[0] : NULL)
#define acpi_dev_parent(adev) copy_parent(adev)
#define acpi_walk_resources(handle, name, each, context) copy_walk(handle, name, each, context)
#define pci_get_device(vendor, device, from) copy_pci(vendor, device)
#define pci_dev_put(dev) (firmware_copy.pci_held--)
#define pci_resource_start(dev, bar) ((bar) ? 0 : firmware_copy.bar_start)
#define pci_resource_len(dev, bar) ((bar) ? 0 : firmware_copy.bar_bytes)
#define enl_screen_info() (firmware_copy.screen)
#define enl_firmware_read enl_copy_firmware_read
#include "vmbus/firmware.c"
