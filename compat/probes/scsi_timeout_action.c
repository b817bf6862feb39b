// SPDX-License-Identifier: GPL-2.0-only
/* 6.2: scsi_host_template.eh_timed_out returns enum scsi_timeout_action. */
#include <scsi/scsi_host.h>

static enum scsi_timeout_action timed_out(struct scsi_cmnd *cmd)
{
	return SCSI_EH_RESET_TIMER;
}

struct scsi_host_template probe = { .eh_timed_out = timed_out };
