// SPDX-License-Identifier: GPL-2.0-only
/* 6.14: scsi_host_template.sdev_init, sdev_configure and sdev_destroy, before: slave_*. */
#include <scsi/scsi_host.h>

struct queue_limits;
static int configure(struct scsi_device *sdev, struct queue_limits *limits)
{
	return 0;
}

struct scsi_host_template probe = { .sdev_configure = configure };
