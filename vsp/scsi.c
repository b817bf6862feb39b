// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SCSI target's table of commands, and what comes before a handler: absent units, attentions,
 * reservations. Calls the handlers of vsp/scsi_*.c. Called by the controller, vsp/storage_srb.c.
 */
#include "vsp/scsi.h"
#include "vsp/storage.h"

/* How a command fares under a reservation of another host. */
enum access {
	FREE,			/* always works */
	READS,			/* not under an exclusive one */
	WRITES,			/* under none */
};

struct command {
	enum access access;
	bool always;		/* no unit attention stands before it */
	enum vsp_scsi_step (*handler)(struct vsp_disk_request *r);
};

static enum vsp_scsi_step nothing(struct vsp_disk_request *r)
{
	return vsp_scsi_good(r, 0);
}

static enum vsp_scsi_step format(struct vsp_disk_request *r)
{
	return vsp_scsi_good(r, r->length);
}

/* The self-test that every device has. */
static enum vsp_scsi_step diagnostic(struct vsp_disk_request *r)
{
	return vsp_be16(r->cdb + 3) ? vsp_scsi_bad_field(r) : vsp_scsi_good(r, 0);
}

static const struct command commands[256] = {
	[0x00] = { READS,  false, nothing },
	[0x03] = { FREE,   true,  vsp_scsi_request_sense },
	[0x04] = { WRITES, false, format },
	[0x08] = { READS,  false, vsp_scsi_read },
	[0x0a] = { WRITES, false, vsp_scsi_write },
	[0x12] = { FREE,   true,  vsp_scsi_inquiry },
	[0x15] = { WRITES, false, vsp_scsi_mode_select },
	[0x16] = { FREE,   false, nothing },
	[0x17] = { FREE,   false, nothing },
	[0x1a] = { READS,  false, vsp_scsi_mode_sense },
	[0x1b] = { FREE,   false, vsp_scsi_start_stop },
	[0x1d] = { WRITES, false, diagnostic },
	[0x1e] = { FREE,   false, nothing },
	[0x25] = { FREE,   false, vsp_scsi_capacity_10 },
	[0x28] = { READS,  false, vsp_scsi_read },
	[0x2a] = { WRITES, false, vsp_scsi_write },
	[0x2e] = { WRITES, false, vsp_scsi_write },
	[0x2f] = { READS,  false, vsp_scsi_verify },
	[0x35] = { WRITES, false, vsp_scsi_flush },
	[0x41] = { WRITES, false, vsp_scsi_write_same },
	[0x42] = { WRITES, false, vsp_scsi_unmap },
	[0x55] = { WRITES, false, vsp_scsi_mode_select },
	[0x5a] = { READS,  false, vsp_scsi_mode_sense },
	[0x5e] = { FREE,   false, vsp_scsi_reserve_in },
	[0x5f] = { FREE,   false, vsp_scsi_reserve_out },
	[0x88] = { READS,  false, vsp_scsi_read },
	[0x8a] = { WRITES, false, vsp_scsi_write },
	[0x8e] = { WRITES, false, vsp_scsi_write },
	[0x8f] = { READS,  false, vsp_scsi_verify },
	[0x91] = { WRITES, false, vsp_scsi_flush },
	[0x93] = { WRITES, false, vsp_scsi_write_same },
	[0x9e] = { FREE,   false, vsp_scsi_service_in_16 },
	[0xa0] = { FREE,   true,  vsp_scsi_report_luns },
	[0xa8] = { READS,  false, vsp_scsi_read },
	[0xaa] = { WRITES, false, vsp_scsi_write },
	[0xae] = { WRITES, false, vsp_scsi_write },
	[0xaf] = { READS,  false, vsp_scsi_verify },
};

static bool conflicts(const struct vsp_disk *d, enum access access)
{
	bool exclusive = d->reservation == VSP_PR_EXCLUSIVE ||
			 d->reservation == VSP_PR_EXCLUSIVE_REGISTRANTS ||
			 d->reservation == VSP_PR_EXCLUSIVE_ALL;

	if (!d->reserved || d->holder == VSP_GUEST || access == FREE)
		return false;
	if (d->reservation >= VSP_PR_WRITE_EXCLUSIVE_REGISTRANTS && vsp_disk_key_of(d, VSP_GUEST))
		return false;
	return access == WRITES || exclusive;
}

static enum vsp_scsi_step absent(struct vsp_disk_request *r)
{
	switch (r->cdb[0]) {
	case 0x12:
		return vsp_scsi_inquiry(r);
	case 0xa0:
		return vsp_scsi_report_luns(r);
	default:
		return vsp_scsi_backend(r, VSP_DISK_GONE);
	}
}

/**
 * vsp_scsi_begin - execute a command, or as much of it as needs no backend
 * @r: cdb, length and segments are set; disk is NULL if there is none of that address
 */
enum vsp_scsi_step vsp_scsi_begin(struct vsp_disk_request *r)
{
	const struct command *c = &commands[r->cdb[0]];
	struct vsp_disk *d = r->disk;
	__u16 code;

	if (!d)
		return absent(r);
	code = c->always ? 0 : vsp_disk_take_attention(d);
	if (code)
		return vsp_scsi_check(r, VSP_KEY_ATTENTION, (__u8)(code >> 8), (__u8)code);
	if (d->dvd && !c->always)
		return vsp_dvd_command(r);
	if (!c->handler)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x20, 0x00);
	if (conflicts(d, c->access))
		return vsp_scsi_fail(r, ENL_SRB_ERROR, VSP_RESERVATION_CONFLICT);
	return c->handler(r);
}

/* The backend is done with what it was given: that is the end, or there is more. */
enum vsp_scsi_step vsp_scsi_continue(struct vsp_disk_request *r, enum vsp_disk_status status)
{
	if (r->kind != VSP_DISK_UNMAP)
		return vsp_scsi_backend(r, status);
	if (status == VSP_DISK_GONE || status == VSP_DISK_ABORTED)
		return vsp_scsi_backend(r, status);
	/* a disk that cannot give space back is none the worse */
	return vsp_scsi_unmap_next(r);
}

/* Which way the data of a command go, for fault plans: VSP_DISK_READ, VSP_DISK_WRITE or neither. */
enum vsp_disk_kind vsp_scsi_direction(__u8 opcode)
{
	switch (opcode) {
	case 0x08: case 0x28: case 0xa8: case 0x88:
		return VSP_DISK_READ;
	case 0x0a: case 0x2a: case 0xaa: case 0x8a:
	case 0x2e: case 0xae: case 0x8e:
		return VSP_DISK_WRITE;
	default:
		return VSP_DISK_KINDS;
	}
}
