// SPDX-License-Identifier: GPL-2.0-only
/* 6.6: scsi_rescan_device() takes the scsi_device. */
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

void probe(struct scsi_device *sdev);
void probe(struct scsi_device *sdev)
{
	scsi_rescan_device(sdev);
}
