// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual DVD: the multimedia commands that guests ask one for (specification, 16.6).
 * Calls vsp/scsi_outcome.c. Called by vsp/scsi.c for what its own table does not have.
 * One track, one session, never written; a medium may be absent, and then says so.
 */
#include "vsp/scsi.h"
#include "vsp/storage.h"

#define DVD_ROM_PROFILE	0x0010

static enum vsp_scsi_step no_medium(struct vsp_disk_request *r)
{
	return vsp_scsi_check(r, VSP_KEY_NOT_READY, 0x3a, r->disk->tray_open ? 2 : 1);
}

static void put_msf(__u8 *p, __u64 block)
{
	__u64 frames = block + 150;

	p[1] = (__u8)(frames / 75 / 60);
	p[2] = (__u8)(frames / 75 % 60);
	p[3] = (__u8)(frames % 75);
}

static void put_address(__u8 *p, __u64 block, bool msf)
{
	if (msf)
		put_msf(p, block);
	else
		vsp_put_be32(p, (__u32)block);
}

static enum vsp_scsi_step read_toc(struct vsp_disk_request *r)
{
	bool msf = r->cdb[1] & 2;
	__u8 format = r->cdb[2] & 0x0f;
	__u8 p[20] = { 0 };

	if (!format)
		format = r->cdb[9] >> 6;
	if (format > 1)
		return vsp_scsi_bad_field(r);
	p[2] = 1;
	p[3] = 1;
	p[5] = 0x14;				/* a data track */
	p[6] = 1;
	put_address(p + 8, 0, msf);
	if (format == 1) {
		vsp_put_be16(p, 10);
		return vsp_scsi_answer(r, p, 12, vsp_be16(r->cdb + 7));
	}
	p[13] = 0x14;
	p[14] = 0xaa;				/* lead-out */
	put_address(p + 16, r->disk->blocks, msf);
	vsp_put_be16(p, 18);
	return vsp_scsi_answer(r, p, 20, vsp_be16(r->cdb + 7));
}

static enum vsp_scsi_step event_status(struct vsp_disk_request *r)
{
	struct vsp_disk *d = r->disk;
	__u8 p[8] = { 0 };

	if (!(r->cdb[1] & 1))
		return vsp_scsi_bad_field(r);	/* only polled */
	p[3] = 0x10;				/* media events exist */
	if (!(r->cdb[4] & 0x10)) {
		vsp_put_be16(p, 2);
		p[2] = 0x80;
		return vsp_scsi_answer(r, p, 4, vsp_be16(r->cdb + 7));
	}
	vsp_put_be16(p, 6);
	p[2] = 4;
	p[4] = d->media_event;
	p[5] = (d->tray_open ? 1 : 0) | (d->empty ? 0 : 2);
	d->media_event = 0;
	return vsp_scsi_answer(r, p, 8, vsp_be16(r->cdb + 7));
}

static enum vsp_scsi_step configuration(struct vsp_disk_request *r)
{
	static const __u8 features[] = {
		0x00, 0x00, 0x03, 4, 0x00, 0x10, 0x01, 0,		/* profiles: DVD-ROM */
		0x00, 0x01, 0x0b, 8, 0, 0, 0, 1, 1, 0, 0, 0,		/* core, SCSI */
		0x00, 0x03, 0x03, 4, 0x29, 0, 0, 0,			/* removable, tray, lock */
		0x00, 0x10, 0x00, 8, 0, 0, 8, 0, 0, 1, 0, 0,	/* readable at random, 2048 */
		0x00, 0x1f, 0x00, 4, 0, 0, 0, 0,			/* reads DVD */
	};
	__u8 p[8 + sizeof(features)] = { 0 };

	vsp_put_be32(p, sizeof(p) - 4);
	vsp_put_be16(p + 6, r->disk->empty ? 0 : DVD_ROM_PROFILE);
	__builtin_memcpy(p + 8, features, sizeof(features));
	p[8 + 6] = !r->disk->empty;
	return vsp_scsi_answer(r, p, sizeof(p), vsp_be16(r->cdb + 7));
}

/* Page 2A, what the drive can, and that is all there is. */
static enum vsp_scsi_step mode_sense(struct vsp_disk_request *r)
{
	__u8 code = r->cdb[2] & 0x3f;
	__u8 p[8 + 22] = { 0 };

	if ((code != 0x2a && code != 0x3f) || r->cdb[2] >> 6 == 3)
		return vsp_scsi_bad_field(r);
	vsp_put_be16(p, sizeof(p) - 2);
	p[2] = r->disk->empty ? 0x70 : 0x01;
	p[3] = 0x80;
	p[8] = 0x2a;
	p[9] = 20;
	p[10] = 0x08;				/* reads DVD-ROM */
	p[14] = 0x29;				/* tray, eject, lock */
	if (r->disk->locked)
		p[14] |= 0x02;
	return vsp_scsi_answer(r, p, sizeof(p), vsp_be16(r->cdb + 7));
}

static enum vsp_scsi_step track_information(struct vsp_disk_request *r)
{
	__u8 p[36] = { 0 };

	vsp_put_be16(p, sizeof(p) - 2);
	p[2] = 1;
	p[3] = 1;
	p[5] = 0x04;
	p[6] = 0x41;
	vsp_put_be32(p + 24, (__u32)r->disk->blocks);
	return vsp_scsi_answer(r, p, sizeof(p), vsp_be16(r->cdb + 7));
}

static enum vsp_scsi_step disc_information(struct vsp_disk_request *r)
{
	__u8 p[34] = { 0, 32, 0x0e, 1, 1, 1, 1 };	/* complete, last session complete */

	return vsp_scsi_answer(r, p, sizeof(p), vsp_be16(r->cdb + 7));
}

/* Format 0, the physical one, of layer 0. */
static enum vsp_scsi_step dvd_structure(struct vsp_disk_request *r)
{
	__u8 p[4 + 17] = { 0 };

	if (r->cdb[7])
		return vsp_scsi_bad_field(r);
	vsp_put_be16(p, sizeof(p) - 2);
	p[4] = 0x01;
	p[6] = 0x01;
	vsp_put_be32(p + 8, 0x030000);
	vsp_put_be32(p + 12, 0x030000 + (__u32)r->disk->blocks - 1);
	return vsp_scsi_answer(r, p, sizeof(p), vsp_be16(r->cdb + 8));
}

static enum vsp_scsi_step zeroes(struct vsp_disk_request *r, __u32 bytes, __u8 at_1,
				 __u32 allocation)
{
	__u8 p[16] = { 0, at_1 };

	return vsp_scsi_answer(r, p, bytes, allocation);
}

static enum vsp_scsi_step start_stop(struct vsp_disk_request *r)
{
	struct vsp_disk *d = r->disk;

	if (r->cdb[1] & 1)
		return vsp_scsi_bad_field(r);
	if (!(r->cdb[4] & 2))
		return vsp_scsi_good(r, 0);
	if (r->cdb[4] & 1) {
		d->tray_open = false;
		return d->empty ? no_medium(r) : vsp_scsi_good(r, 0);
	}
	if (d->locked)
		return vsp_scsi_check(r, d->empty ? VSP_KEY_NOT_READY : VSP_KEY_ILLEGAL, 0x53, 2);
	/* after an eject by the guest the medium is gone for good */
	vsp_disk_eject(d);
	d->tray_open = true;
	return vsp_scsi_good(r, 0);
}

static enum vsp_scsi_step with_medium(struct vsp_disk_request *r)
{
	if (r->disk->empty)
		return no_medium(r);
	switch (r->cdb[0]) {
	case 0x08: case 0x28: case 0xa8: case 0x88:
		return vsp_scsi_read(r);
	case 0x25:
		return vsp_scsi_capacity_10(r);
	case 0x43:
		return read_toc(r);
	case 0x51:
		return disc_information(r);
	case 0x52:
		return track_information(r);
	case 0xad:
		return dvd_structure(r);
	default:
		return vsp_scsi_good(r, 0);	/* TEST UNIT READY */
	}
}

/**
 * vsp_dvd_command - a command for a virtual DVD, but INQUIRY, REPORT LUNS and REQUEST SENSE
 * @r: the request
 */
enum vsp_scsi_step vsp_dvd_command(struct vsp_disk_request *r)
{
	switch (r->cdb[0]) {
	case 0x00: case 0x08: case 0x28: case 0xa8: case 0x88:
	case 0x25: case 0x43: case 0x51: case 0x52: case 0xad:
		return with_medium(r);
	case 0x1b:
		return start_stop(r);
	case 0x1e:
		r->disk->locked = r->cdb[4] & 1;
		return vsp_scsi_good(r, 0);
	case 0x46:
		return configuration(r);
	case 0x4a:
		return event_status(r);
	case 0x55:
		return vsp_scsi_good(r, r->length);
	case 0x5a:
		return mode_sense(r);
	case 0x5c:
		return zeroes(r, 12, 10, vsp_be16(r->cdb + 7));
	case 0xac:
		return zeroes(r, 8, 0, r->length);
	case 0xb6:
		return vsp_scsi_good(r, r->length);
	case 0xbd:
		return zeroes(r, 8, 0, vsp_be16(r->cdb + 8));
	default:
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x20, 0x00);
	}
}
