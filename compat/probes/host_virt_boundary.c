// SPDX-License-Identifier: GPL-2.0-only
/* 5.2: Scsi_Host.virt_boundary_mask and max_segment_size; before: of each queue. */
#include <scsi/scsi_host.h>

void probe(struct Scsi_Host *host);
void probe(struct Scsi_Host *host)
{
	host->virt_boundary_mask = 4095;
	host->max_segment_size = ~0u;
}
