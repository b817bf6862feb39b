// SPDX-License-Identifier: GPL-2.0-only
/* 7.0: scsi_host_template.queuecommand returns enum scsi_qc_status. */
#include <scsi/scsi_host.h>

static enum scsi_qc_status queuecommand(struct Scsi_Host *host, struct scsi_cmnd *cmd)
{
	return SCSI_MLQUEUE_HOST_BUSY;
}

struct scsi_host_template probe = { .queuecommand = queuecommand };
