/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine's firmware on paper for the second copy of vmbus/firmware.c.
 * Filled in by firmware_test.c; read by kunit/copy/firmware.c in place of ACPI, PCI and the boot
 * loader's screen.
 */
#ifndef KUNIT_FIRMWARE_COPY_H
#define KUNIT_FIRMWARE_COPY_H

#include <linux/acpi.h>
#include <linux/screen_info.h>
#include "vmbus/platform.h"

#define FIRMWARE_COPY_DEVICES	4u

/**
 * struct firmware_copy - the machine
 * @node: the bus device first, then each one's parent
 * @nodes: how many there are; none: the bus device is not one of ACPI
 * @crs: descriptors of each
 * @count: how many of them
 * @root_asked: the root of the tree was taken for a device
 * @bar_start: of the graphics adapter
 * @bar_bytes: likewise; 0: there is no adapter
 * @pci_asked: somebody looked for it
 * @pci_held: references to it
 * @screen: the boot loader's; NULL: unknown
 */
struct firmware_copy {
	struct acpi_device *node[FIRMWARE_COPY_DEVICES];
	unsigned int nodes;
	const struct acpi_resource *crs[FIRMWARE_COPY_DEVICES];
	unsigned int count[FIRMWARE_COPY_DEVICES];
	unsigned int root_asked;
	u64 bar_start, bar_bytes;
	unsigned int pci_asked;
	int pci_held;
	const struct screen_info *screen;
};

extern struct firmware_copy firmware_copy;

void enl_copy_firmware_read(void *p, struct device *parent, struct enl_firmware *fw);

#endif
