// SPDX-License-Identifier: GPL-2.0-only
/* 6.3: scsi_execute_cmd() instead of scsi_execute_req(). */
#include <scsi/scsi_device.h>

int probe(struct scsi_device *sdev, const unsigned char *cdb, void *buffer,
	  const struct scsi_exec_args *args);
int probe(struct scsi_device *sdev, const unsigned char *cdb, void *buffer,
	  const struct scsi_exec_args *args)
{
	return scsi_execute_cmd(sdev, cdb, REQ_OP_DRV_IN, buffer, 36, 1, 1, args);
}
