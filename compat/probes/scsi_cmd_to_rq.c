// SPDX-License-Identifier: GPL-2.0-only
/* 5.15: scsi_cmd_to_rq(). */
#include <scsi/scsi_cmnd.h>

struct request *probe(struct scsi_cmnd *cmd);
struct request *probe(struct scsi_cmnd *cmd)
{
	return scsi_cmd_to_rq(cmd);
}
