// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: parameters, the root device, and one bus on the real hypervisor.
 * Calls start.c, suspend.c, bus.c. Called by the kernel.
 * Binds to the firmware's VMBus device, through a device of its own where that was not enumerated.
 */
#include <linux/acpi.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/suspend.h>
#include "internal.h"
#include "platform_hyperv.h"

static char *host = "auto";
module_param(host, charp, 0444);
MODULE_PARM_DESC(host, "auto: connect to the hypervisor (default); none: load without a host, for tests only");

static char *max_version = "";
module_param(max_version, charp, 0444);
MODULE_PARM_DESC(max_version, "newest VMBus protocol version to ask for, 2.4 to 5.3 (default: 5.3); lower it only to work around a host");

static unsigned int unload_seconds = 100;
module_param(unload_seconds, uint, 0444);
MODULE_PARM_DESC(unload_seconds, "longest wait, in seconds (10 to 600, default 100), for the host to let go at reboot, kexec or crash");

/* One per machine: the hypervisor has one set of SynIC registers. */
static struct enl_bus *the_bus;
static int start_result;
static bool start_tried;

static int parse_version(const char *text, u32 *version)
{
	unsigned int major, minor;
	char rest;

	*version = 0;
	if (!*text)
		return 0;
	if (sscanf(text, "%u.%u%c", &major, &minor, &rest) != 2 || major > 15 || minor > 15)
		return -EINVAL;
	*version = ENL_PROTOCOL(major, minor);
	return *version >= ENL_VERSION_2_4 && *version <= ENL_VERSION_5_3 ? 0 : -EINVAL;
}

static int read_options(struct enl_bus_options *options)
{
	*options = (struct enl_bus_options){ };
	if (parse_version(max_version, &options->max_version)) {
		pr_err("max_version=%s is no version from 2.4 to 5.3\n", max_version);
		return -EINVAL;
	}
	if (unload_seconds < 10 || unload_seconds > 600) {
		pr_err("unload_seconds=%u is not from 10 to 600\n", unload_seconds);
		return -EINVAL;
	}
	options->unload_ms = unload_seconds * 1000;
	return 0;
}

static int root_probe(struct platform_device *pdev)
{
	struct enl_bus_options options;
	struct enl_bus *bus;

	if (the_bus)
		return -EBUSY;
	start_tried = true;
	start_result = read_options(&options);
	if (start_result)
		return start_result;
	bus = enl_bus_start(&enl_platform_hyperv, NULL, &pdev->dev, &options);
	if (IS_ERR(bus)) {
		start_result = PTR_ERR(bus);
		pr_err("no connection to the host (%d); the in-box drivers can be used instead (enlight=off)\n",
		       start_result);
		return start_result;
	}
	the_bus = bus;
	return 0;
}

static compat_platform_remove_t root_remove(struct platform_device *pdev)
{
	struct enl_bus *bus = xchg(&the_bus, NULL);

	if (bus)
		enl_bus_stop(bus);
	compat_platform_remove_return;
}

/* Reboot, power-off, and before kexec: all devices below are shut down, the host may let go. */
static void root_shutdown(struct platform_device *pdev)
{
	if (the_bus)
		enl_bus_dying(the_bus, false);
}

static int root_suspend(struct device *dev)
{
	return the_bus ? enl_bus_suspend(the_bus) : 0;
}

static int root_resume(struct device *dev)
{
	return the_bus ? enl_bus_resume(the_bus) : 0;
}

/* After the devices, in the same phase; nothing to do for suspend-to-idle. */
static const struct dev_pm_ops root_pm = {
	.freeze_noirq = root_suspend,
	.thaw_noirq = root_resume,
	.poweroff_noirq = root_suspend,
	.restore_noirq = root_resume,
};

static const struct acpi_device_id root_acpi_ids[] = {
	{ "VMBUS", 0 },
	{ "VMBus", 0 },
	{ }
};
MODULE_DEVICE_TABLE(acpi, root_acpi_ids);

static struct platform_driver root_driver = {
	.driver = {
		.name = "enlight_vmbus",
		.acpi_match_table = ACPI_PTR(root_acpi_ids),
		.pm = &root_pm,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
		.suppress_bind_attrs = true,
	},
	.probe = root_probe,
	.remove = root_remove,
	.shutdown = root_shutdown,
};

static struct platform_device *own_root;	/* where firmware has no VMBus device */

static int sleep_notify(struct notifier_block *block, unsigned long event, void *unused)
{
	if (the_bus && (event == PM_POST_HIBERNATION || event == PM_POST_RESTORE))
		enl_bus_settle(the_bus);
	return NOTIFY_DONE;
}

static struct notifier_block sleep_notifier = { .notifier_call = sleep_notify };

/* A guest may be enlightened and have no bus. Asking the host takes minutes; firmware knows. */
static bool firmware_knows_bus(void)
{
	return acpi_disabled || acpi_dev_present("VMBUS", NULL, -1) ||
	       acpi_dev_present("VMBus", NULL, -1);
}

static int start_root(void)
{
	int err;

	if (!firmware_knows_bus()) {
		pr_info("the firmware announces no VMBus; nothing to do\n");
		return -ENODEV;
	}
	err = platform_driver_register(&root_driver);
	if (err)
		return err;
	if (!start_tried) {
		own_root = platform_device_register_simple("enlight_vmbus", -1, NULL, 0);
		if (IS_ERR(own_root)) {
			err = PTR_ERR(own_root);
			own_root = NULL;
		}
	}
	if (!err && the_bus)
		return 0;
	platform_device_unregister(own_root);
	platform_driver_unregister(&root_driver);
	/* "Not for me" is what lets the in-box set take over. */
	if (!err)
		err = start_result == -EINVAL ? -EINVAL : -ENODEV;
	return err;
}

static void stop_root(void)
{
	platform_device_unregister(own_root);
	platform_driver_unregister(&root_driver);
}

static bool without_host(void)
{
	return !strcmp(host, "none");
}

static int __init enlight_vmbus_init(void)
{
	int err;

	if (!without_host() && strcmp(host, "auto")) {
		pr_err("host=%s is neither auto nor none\n", host);
		return -EINVAL;
	}
	if (!without_host()) {
		err = enl_platform_hyperv_usable();
		if (err)
			return err;
	}
	/* The name first: whoever has it owns the interrupt vector. */
	err = enl_bus_type_register();
	if (err)
		return err;
	enl_debugfs_init();
	if (without_host())
		return 0;
	err = start_root();
	if (err) {
		enl_debugfs_exit();
		enl_bus_type_unregister();
		return err;
	}
	register_pm_notifier(&sleep_notifier);
	return 0;
}

static void __exit enlight_vmbus_exit(void)
{
	if (!without_host()) {
		unregister_pm_notifier(&sleep_notifier);
		stop_root();
	}
	enl_debugfs_exit();
	enl_bus_type_unregister();
}

module_init(enlight_vmbus_init);
module_exit(enlight_vmbus_exit);

MODULE_DESCRIPTION("Enlight: VMBus transport for guests of Hyper-V");
MODULE_LICENSE("GPL");
MODULE_VERSION(ENL_VERSION);
