// SPDX-License-Identifier: GPL-2.0-only
/*
 * What firmware says of addresses: _CRS of the bus device and those above it, the boot screen. And
 * where in its tree the bus's devices are.
 * Calls ACPI, PCI and window.c. Called through struct enl_platform_ops of the real platform.
 * All of it is optional: a machine without ACPI, device, parent or window has an empty list.
 */
#include <linux/acpi.h>
#include <linux/pci.h>
#include <linux/screen_info.h>
#include "platform_hyperv.h"

#define PCI_VENDOR_HOST		0x1414
#define PCI_DEVICE_SCREEN	0x5353		/* generation 1 */

/* Plain memory descriptors name what the device has, not what it may hand out. */
static acpi_status take_descriptor(struct acpi_resource *r, void *context)
{
	struct enl_windows *windows = context;

	if (r->type == ACPI_RESOURCE_TYPE_ADDRESS32 &&
	    r->data.address32.resource_type == ACPI_MEMORY_RANGE)
		enl_windows_add(windows, r->data.address32.address.minimum,
				r->data.address32.address.maximum);
	else if (r->type == ACPI_RESOURCE_TYPE_ADDRESS64 &&
		 r->data.address64.resource_type == ACPI_MEMORY_RANGE)
		enl_windows_add(windows, r->data.address64.address.minimum,
				r->data.address64.address.maximum);
	return AE_OK;
}

/* The nearest device that has any. The root of the tree is no device: it cannot be asked. */
static void find_windows(struct device *parent, struct enl_windows *windows)
{
	struct acpi_device *adev = ACPI_COMPANION(parent);

	while (adev && adev->handle != ACPI_ROOT_OBJECT && !windows->count) {
		acpi_walk_resources(adev->handle, METHOD_NAME__CRS, take_descriptor, windows);
		adev = acpi_dev_parent(adev);
	}
}

/* Generation 1: the emulated graphics adapter, whether or not a driver serves it. */
static bool pci_screen(struct enl_screen *screen)
{
	struct pci_dev *vga = pci_get_device(PCI_VENDOR_HOST, PCI_DEVICE_SCREEN, NULL);

	if (!vga)
		return false;
	screen->base = pci_resource_start(vga, 0);
	screen->bytes = pci_resource_len(vga, 0);
	screen->exact = true;
	pci_dev_put(vga);
	return screen->base && screen->bytes;
}

/* Generation 2: what the loader was told. Zero in a crash kernel. */
static void efi_screen(struct enl_screen *screen)
{
	const struct screen_info *info = enl_screen_info();

	*screen = (struct enl_screen){ };
	if (!info || info->orig_video_isVGA != VIDEO_TYPE_EFI)
		return;
	screen->base = info->lfb_base;
	if (info->capabilities & VIDEO_CAPABILITY_64BIT_BASE)
		screen->base |= (u64)info->ext_lfb_base << 32;
	screen->bytes = info->lfb_size;
}

void enl_firmware_read(void *p, struct device *parent, struct enl_firmware *fw)
{
	find_windows(parent, &fw->windows);
	if (fw->windows.count && !pci_screen(&fw->screen))
		efi_screen(&fw->screen);
	if (fw->windows.dropped)
		dev_warn(parent, "firmware lists more than %u address windows; %u are not used\n",
			 ENL_WINDOWS, fw->windows.dropped);
}

/*
 * The in-box bus hangs its devices below the node of the ACPI tree. Names of udev are made from the
 * path there (by-path/acpi-VMBUS:00-...), and an installed system goes by them.
 */
struct device *enl_firmware_above(struct device *parent)
{
	struct acpi_device *adev = ACPI_COMPANION(parent);

	return adev ? &adev->dev : parent;
}
