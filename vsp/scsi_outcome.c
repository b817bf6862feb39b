// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a SCSI command ends: good, with sense, or with an SRB status alone; and the statuses around.
 * Calls vsp/disk.c to fill the guest's buffer. Called by every handler of the SCSI target.
 */
#include "vsp/scsi.h"
#include "vsp/storage.h"

/**
 * vsp_nt_status - the status of the packet header that goes with an SRB status
 * @srb: SRB status; bits 6 and 7 do not matter
 * @azure: real hosts say "unsuccessful" for every failure
 */
__u32 vsp_nt_status(__u8 srb, bool azure)
{
	switch (srb & ENL_SRB_CODE_MASK) {
	case ENL_SRB_SUCCESS:
		return ENL_NT_SUCCESS;
	case ENL_SRB_OVERRUN:
		return ENL_NT_BUFFER_OVERFLOW;
	}
	if (azure)
		return ENL_NT_UNSUCCESSFUL;
	switch (srb & ENL_SRB_CODE_MASK) {
	case ENL_SRB_BUSY:
		return ENL_NT_DEVICE_BUSY;
	case ENL_SRB_FLUSHED:
		return ENL_NT_UNSUCCESSFUL;
	case ENL_SRB_BAD_LENGTH:
	case ENL_SRB_BAD_FUNCTION:
		return ENL_NT_INVALID_DEVICE_REQUEST;
	case ENL_SRB_SELECTION_TIMEOUT:
		return ENL_NT_DEVICE_NOT_CONNECTED;
	case ENL_SRB_TIMEOUT:
	case ENL_SRB_COMMAND_TIMEOUT:
		return ENL_NT_IO_TIMEOUT;
	case ENL_SRB_NO_DEVICE:
	case ENL_SRB_NO_HBA:
	case ENL_SRB_INVALID_LUN:
	case ENL_SRB_INVALID_TARGET:
		return ENL_NT_DEVICE_DOES_NOT_EXIST;
	case ENL_SRB_ABORTED:
		return ENL_NT_CANCELLED;
	default:
		return ENL_NT_IO_DEVICE_ERROR;
	}
}

enum vsp_scsi_step vsp_scsi_good(struct vsp_disk_request *r, __u32 transferred)
{
	r->outcome.srb = ENL_SRB_SUCCESS;
	r->outcome.scsi = VSP_GOOD;
	r->outcome.transferred = transferred;
	return VSP_SCSI_FINISHED;
}

/* An end without sense: the SRB status says it all, and nothing was transferred. */
enum vsp_scsi_step vsp_scsi_fail(struct vsp_disk_request *r, __u8 srb, __u8 scsi)
{
	r->outcome.srb = srb;
	r->outcome.scsi = scsi;
	r->outcome.transferred = 0;
	return VSP_SCSI_FINISHED;
}

/* CHECK CONDITION with fixed sense. Requests that make no sense are "invalid" to the host. */
enum vsp_scsi_step vsp_scsi_check(struct vsp_disk_request *r, __u8 key, __u8 asc, __u8 ascq)
{
	__u8 *sense = r->outcome.sense;
	bool invalid = key == VSP_KEY_ILLEGAL && asc != 0x21;

	__builtin_memset(sense, 0, sizeof(r->outcome.sense));
	sense[0] = 0x70;
	sense[2] = key;
	sense[7] = 0x0a;
	sense[12] = asc;
	sense[13] = ascq;
	if (r->disk) {
		__builtin_memcpy(r->disk->sense, sense, sizeof(r->disk->sense));
		r->disk->have_sense = true;
	}
	return vsp_scsi_fail(r, ENL_SRB_AUTOSENSE | (invalid ? ENL_SRB_INVALID_REQUEST :
							       ENL_SRB_ERROR),
			     VSP_CHECK_CONDITION);
}

enum vsp_scsi_step vsp_scsi_bad_field(struct vsp_disk_request *r)
{
	return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x24, 0x00);
}

/**
 * vsp_scsi_answer - good, with data
 * @r: the request
 * @data: what there is to say
 * @bytes: its length
 * @allocation: what the CDB allows; no more than the buffer is given in any case
 */
enum vsp_scsi_step vsp_scsi_answer(struct vsp_disk_request *r, const void *data, __u32 bytes,
				   __u32 allocation)
{
	__u32 n = bytes < allocation ? bytes : allocation;

	if (n > r->length)
		n = r->length;
	vsp_segments_write(r, 0, data, n);
	vsp_scsi_good(r, n);
	if (r->storage->short_is_overrun && n < r->length)
		r->outcome.srb = ENL_SRB_OVERRUN;
	return VSP_SCSI_FINISHED;
}

/* What a backend said, in the guest's words. */
enum vsp_scsi_step vsp_scsi_backend(struct vsp_disk_request *r, enum vsp_disk_status status)
{
	switch (status) {
	case VSP_DISK_OK:
		return vsp_scsi_good(r, (__u32)r->bytes);
	case VSP_DISK_MEDIUM:
		return vsp_scsi_check(r, VSP_KEY_MEDIUM, r->kind == VSP_DISK_READ ? 0x11 : 0x03, 0);
	case VSP_DISK_FULL:
		return vsp_scsi_check(r, VSP_KEY_PROTECT, 0x27, 0x07);
	case VSP_DISK_PROTECTED:
		return vsp_scsi_check(r, VSP_KEY_PROTECT, 0x27, 0x00);
	case VSP_DISK_GONE:
		return vsp_scsi_fail(r, ENL_SRB_INVALID_LUN,
				     r->storage->azure ? VSP_GOOD : VSP_CHECK_CONDITION);
	case VSP_DISK_ABORTED:
		return vsp_scsi_fail(r, ENL_SRB_ABORTED, VSP_TASK_ABORTED);
	default:
		return vsp_scsi_check(r, VSP_KEY_HARDWARE, 0x44, 0x00);
	}
}
