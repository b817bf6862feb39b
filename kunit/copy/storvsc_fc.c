// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of storvsc/fc.c for the tests: a host without the kernel's Fibre Channel class, which
 * the test module would otherwise need loaded. Called by the copies of main.c, host.c and scan.c.
 */
#include "kunit/storvsc_copy.h"
#include "storvsc/storvsc.h"

unsigned int storvsc_copy_wwn_updates;

int storvsc_fc_start(void)
{
	return 0;
}

void storvsc_fc_stop(void)
{
}

void storvsc_fc_prepare(struct Scsi_Host *host)
{
}

void storvsc_fc_attached(struct storvsc *s)
{
}

void storvsc_fc_update(struct storvsc *s)
{
	storvsc_copy_wwn_updates++;
}

void storvsc_fc_remove(struct storvsc *s)
{
}
