// SPDX-License-Identifier: GPL-2.0-only
/* 6.1: scsi_host_template.map_queues returns nothing. */
#include <scsi/scsi_host.h>

static void map_queues(struct Scsi_Host *host)
{
}

struct scsi_host_template probe = { .map_queues = map_queues };
