// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IDE accelerator of Generation 1 machines: one channel for each disk (chapters 1, 16.5).
 * Calls limits.c. Called by main.c at probe, before anything is opened.
 * The same disk is on the emulated controller too: written to by both it is lost.
 */
#include <linux/kernel.h>
#include "storvsc.h"

/*
 * Where a kernel is built with the in-box storage driver its ata_piix leaves the disks alone; where
 * not, only the administrator can know that nothing else has them.
 */
static bool emulated_disk_is_ours(void)
{
	return IS_ENABLED(CONFIG_HYPERV_STORAGE) || storvsc_options.ide;
}

/* 0: serve it; then s->ide_target is its SCSI id, as the in-box driver numbers it. */
int storvsc_ide_check(struct storvsc *s)
{
	unsigned int bus, drive;

	if (!storvsc_ide_instance(s->dev->instance_id.b, &bus, &drive)) {
		dev_err_ratelimited(s->dev->dev, "not the id of an IDE disk: not used\n");
		return -EINVAL;
	}
	if (!emulated_disk_is_ours()) {
		dev_warn_ratelimited(s->dev->dev,
				     "this kernel's ata_piix may use the same disk (bus %u, drive %u): not used. If it does not, load with ide=1\n",
				     bus, drive);
		return -ENODEV;
	}
	s->ide_target = drive;
	return 0;
}
