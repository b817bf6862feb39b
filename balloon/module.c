// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: parameters, and the start with the kernel's memory management.
 * Calls main.c. Called by the kernel. Kept apart so that tests can start the driver with another.
 * Parameters have the in-box driver's names where they mean the same.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include "balloon.h"

static char *online = "auto";

module_param_named(balloon, balloon_options.balloon, bool, 0444);
MODULE_PARM_DESC(balloon,
		 "Let the host take memory while the VM runs (bool, default Y). N keeps all of it.");
module_param_named(hot_add, balloon_options.hot_add, bool, 0444);
MODULE_PARM_DESC(hot_add,
		 "Let the host add memory while the VM runs (bool, default Y). N if it disturbs kexec or another memory driver.");
module_param_named(page_reporting, balloon_options.page_reporting, bool, 0444);
MODULE_PARM_DESC(page_reporting,
		 "Tell the hypervisor of free memory (bool, default Y). N if pages must keep their place on the host.");
module_param(online, charp, 0444);
MODULE_PARM_DESC(online,
		 "Who brings added memory online: auto (we, unless the kernel or user space did), online_movable, online_kernel (likewise, into that zone), none (never we). Default auto.");
module_param_named(floor_mib, balloon_options.floor_mib, uint, 0444);
MODULE_PARM_DESC(floor_mib,
		 "Available memory in MiB that the host cannot take, 0 to size of memory (default 0: computed from it). More if a service dies when the host takes memory.");
module_param_named(hot_add_limit_mib, balloon_options.limit_mib, uint, 0444);
MODULE_PARM_DESC(hot_add_limit_mib,
		 "Most memory in MiB that may be added while the host names no maximum (default 1048576).");
module_param_named(pressure_report_delay, balloon_options.report_delay_s, uint, 0444);
MODULE_PARM_DESC(pressure_report_delay,
		 "Seconds before the first report of memory in use, 0 to 3600 (default 45). The host takes memory by these reports; less if it should start sooner after boot.");

static bool parameters_ok(void)
{
	static const char * const word[] = { "auto", "online_movable", "online_kernel", "none" };
	struct sysinfo info;
	int i = sysfs_match_string(word, online);

	if (i < 0) {
		pr_err("online=%s: must be auto, online_movable, online_kernel or none\n", online);
		return false;
	}
	balloon_options.online = i;
	si_meminfo(&info);
	if (balloon_options.floor_mib > info.totalram >> (20 - PAGE_SHIFT)) {
		pr_err("floor_mib=%u: more than the %lu MiB of this machine\n",
		       balloon_options.floor_mib, info.totalram >> (20 - PAGE_SHIFT));
		return false;
	}
	if (balloon_options.report_delay_s > 3600) {
		pr_err("pressure_report_delay=%u: at most 3600 seconds\n",
		       balloon_options.report_delay_s);
		return false;
	}
	return true;
}

static int __init balloon_init(void)
{
	return parameters_ok() ? balloon_start(&balloon_mm_kernel, NULL) : -EINVAL;
}

static void __exit balloon_exit(void)
{
	balloon_stop();
}

module_init(balloon_init);
module_exit(balloon_exit);

MODULE_DESCRIPTION("Enlight: Dynamic Memory of Hyper-V and compatible hosts");
MODULE_LICENSE("GPL");
MODULE_VERSION(ENL_VERSION);
