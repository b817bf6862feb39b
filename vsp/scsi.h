/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The SCSI target of the host model: commands in; outcomes, or work for a backend, out.
 * Pure but for the guest's buffer and the state of the disk. Used by the controller alone.
 * vsp/scsi.c has the table of commands; vsp/scsi_*.c have the handlers, a subject each.
 */
#ifndef VSP_SCSI_H
#define VSP_SCSI_H

#include "vsp/disk.h"

/* SCSI statuses. */
#define VSP_GOOD			0x00
#define VSP_CHECK_CONDITION		0x02
#define VSP_RESERVATION_CONFLICT	0x18
#define VSP_TASK_ABORTED		0x40

/* Sense keys. */
#define VSP_KEY_NOT_READY	0x02
#define VSP_KEY_MEDIUM		0x03
#define VSP_KEY_HARDWARE	0x04
#define VSP_KEY_ILLEGAL		0x05
#define VSP_KEY_ATTENTION	0x06
#define VSP_KEY_PROTECT		0x07

/* Kinds of persistent reservations. */
#define VSP_PR_WRITE_EXCLUSIVE			1
#define VSP_PR_EXCLUSIVE			3
#define VSP_PR_WRITE_EXCLUSIVE_REGISTRANTS	5
#define VSP_PR_EXCLUSIVE_REGISTRANTS		6
#define VSP_PR_WRITE_EXCLUSIVE_ALL		7
#define VSP_PR_EXCLUSIVE_ALL			8

/* What GET EVENT STATUS has to tell. */
#define VSP_MEDIA_EJECT_ASKED	1
#define VSP_MEDIA_NEW		2
#define VSP_MEDIA_REMOVED	3

#define VSP_MAX_WRITE_SAME	(8u << 20)
#define VSP_MAX_UNMAPS		4096u

enum vsp_scsi_step {
	VSP_SCSI_FINISHED,		/* the outcome is there */
	VSP_SCSI_START,			/* kind, offset and bytes say what the backend has to do */
};

static inline __u16 vsp_be16(const __u8 *p)
{
	return (__u16)(p[0] << 8 | p[1]);
}

static inline __u32 vsp_be32(const __u8 *p)
{
	return (__u32)vsp_be16(p) << 16 | vsp_be16(p + 2);
}

static inline __u64 vsp_be64(const __u8 *p)
{
	return (__u64)vsp_be32(p) << 32 | vsp_be32(p + 4);
}

static inline void vsp_put_be16(__u8 *p, __u32 value)
{
	p[0] = (__u8)(value >> 8);
	p[1] = (__u8)value;
}

static inline void vsp_put_be32(__u8 *p, __u32 value)
{
	vsp_put_be16(p, value >> 16);
	vsp_put_be16(p + 2, value);
}

static inline void vsp_put_be64(__u8 *p, __u64 value)
{
	vsp_put_be32(p, (__u32)(value >> 32));
	vsp_put_be32(p + 4, (__u32)value);
}

/* vsp/disk.c */
__u16 vsp_disk_take_attention(struct vsp_disk *d);
__u64 vsp_disk_key_of(const struct vsp_disk *d, __u32 initiator);
void vsp_disk_unreserve(struct vsp_disk *d, __u32 initiator);
void vsp_disk_clear_keys(struct vsp_disk *d);
bool vsp_disk_remove_key(struct vsp_disk *d, __u64 key, __u32 except);

/* vsp/scsi_outcome.c: how commands end */
enum vsp_scsi_step vsp_scsi_good(struct vsp_disk_request *r, __u32 transferred);
enum vsp_scsi_step vsp_scsi_check(struct vsp_disk_request *r, __u8 key, __u8 asc, __u8 ascq);
enum vsp_scsi_step vsp_scsi_bad_field(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_fail(struct vsp_disk_request *r, __u8 srb, __u8 scsi);
enum vsp_scsi_step vsp_scsi_answer(struct vsp_disk_request *r, const void *data, __u32 bytes,
				   __u32 allocation);
enum vsp_scsi_step vsp_scsi_backend(struct vsp_disk_request *r, enum vsp_disk_status status);
__u32 vsp_nt_status(__u8 srb, bool azure);

/* Handlers. */
enum vsp_scsi_step vsp_scsi_inquiry(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_report_luns(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_request_sense(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_mode_sense(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_mode_select(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_capacity_10(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_service_in_16(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_read(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_write(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_verify(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_write_same(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_unmap(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_unmap_next(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_flush(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_start_stop(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_reserve_in(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_reserve_out(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_dvd_command(struct vsp_disk_request *r);

/* vsp/scsi.c */
enum vsp_scsi_step vsp_scsi_begin(struct vsp_disk_request *r);
enum vsp_scsi_step vsp_scsi_continue(struct vsp_disk_request *r, enum vsp_disk_status status);
bool vsp_scsi_region(const struct vsp_disk_request *r, __u64 *first, __u32 *blocks);
enum vsp_disk_kind vsp_scsi_direction(__u8 opcode);

#endif
