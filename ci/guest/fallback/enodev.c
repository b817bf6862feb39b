// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for a bus module that refuses to start. Has the name, the alias and the version of the real one,
 * so that everything around it believes in it. Built and put into test images by ci/fallback-images.sh.
 */
#include <linux/acpi.h>
#include <linux/module.h>

static int __init refuse_init(void)
{
	pr_err("enlight_vmbus: stand-in: not starting\n");
	return -ENODEV;
}
module_init(refuse_init);

static const struct acpi_device_id ids[] = { { "VMBUS", 0 }, { "VMBus", 0 }, { } };
MODULE_DEVICE_TABLE(acpi, ids);
MODULE_VERSION(ENL_VERSION);
MODULE_DESCRIPTION("Stand-in for tests that refuses to start");
MODULE_LICENSE("GPL");
