// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: parameters and their limits.
 * Calls main.c. Called by the kernel. Kept apart so that tests can start the driver without it.
 * Defaults are right for nearly everybody; each says when they are not.
 */
#include <linux/module.h>
#include "storvsc.h"

module_param_named(ring_kib, storvsc_options.ring_kib, uint, 0444);
MODULE_PARM_DESC(ring_kib,
		 "Size of each ring in KiB, 16 to 4096 (default 0: 128, or 256 where the host takes 1 MiB at once). More if ring_full in debugfs grows fast.");
module_param_named(channels, storvsc_options.channels, uint, 0444);
MODULE_PARM_DESC(channels,
		 "Most channels, hence hardware queues, of a controller, 1 to 256 (default 0: one per CPU, as far as the host has them). Less to save memory on large machines.");
module_param_named(poll_queues, storvsc_options.poll_queues, uint, 0444);
MODULE_PARM_DESC(poll_queues,
		 "Of them, queues for polled I/O (io_uring IOPOLL), 0 to 64 (default 0). They need sub-channels.");
module_param_named(paths, storvsc_options.paths, uint, 0444);
MODULE_PARM_DESC(paths,
		 "SCSI paths to look at on a controller, 1 to 8 (default 1; no host is known to have more).");
module_param_named(targets, storvsc_options.targets, uint, 0444);
MODULE_PARM_DESC(targets,
		 "SCSI targets to look at on each path, 1 to 16 (default 2).");
module_param_named(recover_after, storvsc_options.recover_s, uint, 0444);
MODULE_PARM_DESC(recover_after,
		 "Seconds until a request without an answer has its controller reopened, 1 to 86400; 0: never (default 300). Disks can differ: timeout_policy in sysfs.");
module_param_named(rescind_grace, storvsc_options.grace_s, uint, 0444);
MODULE_PARM_DESC(rescind_grace,
		 "Seconds that requests in flight get when the host takes a controller away, 0 to 600 (default 10). More if the host is slow to end them.");
module_param_named(write_same, storvsc_options.write_same, bool, 0444);
MODULE_PARM_DESC(write_same,
		 "Let WRITE SAME be used on hosts of 2012 R2 and later (bool, default N).");
module_param_named(ide, storvsc_options.ide, bool, 0444);
MODULE_PARM_DESC(ide,
		 "Serve IDE disks although the kernel lacks the in-box driver (bool, default N). Only if nothing uses the emulated disks: data are lost otherwise.");

struct limit {
	const char *name;
	unsigned int *value, least, most;
	bool zero;		/* stands for a default, or for never */
};

static const struct limit limits[] = {
	{ "ring_kib", &storvsc_options.ring_kib, 16, 4096, true },
	{ "channels", &storvsc_options.channels, 1, 256, true },
	{ "poll_queues", &storvsc_options.poll_queues, 0, 64, true },
	{ "paths", &storvsc_options.paths, 1, 8, false },
	{ "targets", &storvsc_options.targets, 1, 16, false },
	{ "recover_after", &storvsc_options.recover_s, 1, 86400, true },
	{ "rescind_grace", &storvsc_options.grace_s, 0, 600, true },
};

static bool parameters_ok(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct limit *l = &limits[i];

		if ((l->zero && !*l->value) || (*l->value >= l->least && *l->value <= l->most))
			continue;
		pr_err("%s=%u: must be %u to %u\n", l->name, *l->value, l->least, l->most);
		return false;
	}
	return true;
}

static int __init storvsc_module_init(void)
{
	return parameters_ok() ? storvsc_start() : -EINVAL;
}

static void __exit storvsc_module_exit(void)
{
	storvsc_stop();
}

module_init(storvsc_module_init);
module_exit(storvsc_module_exit);

MODULE_DESCRIPTION("Enlight: synthetic storage of Hyper-V and compatible hosts");
MODULE_LICENSE("GPL");
MODULE_VERSION(ENL_VERSION);
