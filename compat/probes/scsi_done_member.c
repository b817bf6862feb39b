// SPDX-License-Identifier: GPL-2.0-only
/* Until 5.15, and in EL 9 beside the function: scsi_cmnd.scsi_done. Where it is, it is to be called. */
#include <scsi/scsi_cmnd.h>

void probe(struct scsi_cmnd *cmd);
void probe(struct scsi_cmnd *cmd)
{
	cmd->scsi_done(cmd);
}
