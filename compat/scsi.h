/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What SCSI drivers meet differently in different kernels. Macros only, so that no other file of
 * the suite is made to read the kernel's SCSI headers. Included by compat.h alone. Forms: as in the
 * newest kernel by its name where that can be; else enl_scsi_*, ENL_*.
 */
#ifndef ENL_COMPAT_SCSI_H
#define ENL_COMPAT_SCSI_H

/* End a command. Where the member exists error handling may have put something of its own there. */
#ifdef HAVE_SCSI_DONE_MEMBER
#define enl_scsi_done(cmd) ((cmd)->scsi_done(cmd))
#else
#define enl_scsi_done(cmd) scsi_done(cmd)
#endif

#ifndef HAVE_SCSI_CMD_TO_RQ
#define scsi_cmd_to_rq(cmd) ((cmd)->request)
#endif

/* static enl_scsi_qc queuecommand(struct Scsi_Host *, struct scsi_cmnd *) */
#ifdef HAVE_SCSI_QC_STATUS
#define enl_scsi_qc enum scsi_qc_status
#else
#define enl_scsi_qc int
#endif

/* static enum scsi_timeout_action timed_out(struct scsi_cmnd *) */
#ifndef HAVE_SCSI_TIMEOUT_ACTION
#define scsi_timeout_action blk_eh_timer_return
#define SCSI_EH_RESET_TIMER BLK_EH_RESET_TIMER
#endif

/* .map_queues = ENL_MAP_QUEUES(name), after ENL_DEFINE_MAP_QUEUES(name) for a void function */
#ifdef HAVE_MAP_QUEUES_RETURNS_VOID
#define ENL_DEFINE_MAP_QUEUES(name)
#define ENL_MAP_QUEUES(name) name
#else
#define ENL_DEFINE_MAP_QUEUES(name)                                                                \
	static int name##_thunk(struct Scsi_Host *host)                                            \
	{                                                                                          \
		name(host);                                                                        \
		return 0;                                                                          \
	}
#define ENL_MAP_QUEUES(name) name##_thunk
#endif

/* ENL_SDEV_OPS(init, configure, destroy), after ENL_DEFINE_SDEV_CONFIGURE(configure) */
#ifdef HAVE_SDEV_CONFIGURE
#define ENL_DEFINE_SDEV_CONFIGURE(name)                                                            \
	static int name##_limits(struct scsi_device *sdev, struct queue_limits *limits)            \
	{                                                                                          \
		return name(sdev);                                                                 \
	}
#define ENL_SDEV_OPS(init, configure, destroy)                                                     \
	.sdev_init = init, .sdev_configure = configure##_limits, .sdev_destroy = destroy
#else
#define ENL_DEFINE_SDEV_CONFIGURE(name)
#define ENL_SDEV_OPS(init, configure, destroy)                                                     \
	.slave_alloc = init, .slave_configure = configure, .slave_destroy = destroy
#endif

/*
 * No segment begins or ends inside a boundary but the first and the last; then they have no limit.
 */
#ifdef HAVE_HOST_VIRT_BOUNDARY
#define enl_scsi_host_boundary(host, mask)                                                         \
	((host)->virt_boundary_mask = (mask), (host)->max_segment_size = UINT_MAX)
#define enl_scsi_device_boundary(sdev, mask) ((void)(sdev), (void)(mask))
#else
#define enl_scsi_host_boundary(host, mask) ((void)(host), (void)(mask))
#define enl_scsi_device_boundary(sdev, mask)                                                       \
	(blk_queue_max_segment_size((sdev)->request_queue, UINT_MAX),                              \
	 blk_queue_virt_boundary((sdev)->request_queue, mask))
#endif

/* Only for data from the device. */
#ifndef HAVE_SCSI_EXECUTE_CMD
struct scsi_sense_hdr;
struct scsi_exec_args {
	struct scsi_sense_hdr *sshdr;
	int *resid;
};
#define scsi_execute_cmd(sdev, cdb, opf, buffer, bytes, timeout, retries, args)                    \
	scsi_execute_req(sdev, cdb, DMA_FROM_DEVICE, buffer, bytes, (args)->sshdr, timeout,        \
			 retries, (args)->resid)
#endif

#ifdef HAVE_SCSI_RESCAN_DEVICE_SDEV
#define enl_scsi_rescan(sdev) scsi_rescan_device(sdev)
#else
#define enl_scsi_rescan(sdev) scsi_rescan_device(&(sdev)->sdev_gendev)
#endif

#endif
