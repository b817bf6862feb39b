// SPDX-License-Identifier: GPL-2.0-only
/*
 * State of a unit: mode pages, capacity, sense, start and stop.
 * Calls vsp/scsi_outcome.c. Called by the table of vsp/scsi.c.
 * There is one mode page, caching; its one bit cannot be changed, as on Hyper-V.
 */
#include "vsp/scsi.h"
#include "vsp/storage.h"

#define CACHING		0x08
#define ALL_PAGES	0x3f
#define PAGE_BYTES	12u
#define WCE		0x04

enum vsp_scsi_step vsp_scsi_mode_sense(struct vsp_disk_request *r)
{
	bool ten = r->cdb[0] == 0x5a;
	__u32 allocation = ten ? vsp_be16(r->cdb + 7) : r->cdb[4];
	__u32 header = ten ? 8 : 4;
	__u32 bytes = header + PAGE_BYTES;
	__u8 control = r->cdb[2] >> 6;
	__u8 code = r->cdb[2] & 0x3f;
	const struct vsp_disk *d = r->disk;
	__u8 p[8 + PAGE_BYTES] = { 0 };
	__u8 device = (d->read_only ? 0x80 : 0) | (d->fua ? 0x10 : 0);

	if ((code != CACHING && code != ALL_PAGES) || control == 3 ||
	    (r->cdb[3] && !(code == ALL_PAGES && r->cdb[3] == 0xff)))
		return vsp_scsi_bad_field(r);
	if (ten) {
		vsp_put_be16(p, bytes - 2);
		p[3] = device;
	} else {
		p[0] = (__u8)(bytes - 1);
		p[2] = device;
	}
	p[header] = CACHING;
	p[header + 1] = PAGE_BYTES - 2;
	/* control 1 asks which bits can be changed: none */
	p[header + 2] = d->write_cache && control != 1 ? WCE : 0;
	return vsp_scsi_answer(r, p, bytes, allocation);
}

enum vsp_scsi_step vsp_scsi_mode_select(struct vsp_disk_request *r)
{
	bool ten = r->cdb[0] == 0x55;
	__u32 list = ten ? vsp_be16(r->cdb + 7) : r->cdb[4];
	__u32 at = ten ? 8 : 4;
	__u8 p[64] = { 0 };

	if (r->cdb[1] & 1)
		return vsp_scsi_bad_field(r);
	if (!list)
		return vsp_scsi_good(r, 0);
	if (list > r->length || list > sizeof(p) || list < at)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x1a, 0x00);
	vsp_segments_read(r, 0, p, list);
	at += ten ? vsp_be16(p + 6) : p[3];
	if (at == list)
		return vsp_scsi_good(r, list);
	if (at + PAGE_BYTES > list || (p[at] & 0x3f) != CACHING || p[at + 1] != PAGE_BYTES - 2)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x26, 0x00);
	if (!(p[at + 2] & WCE) != !r->disk->write_cache)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x26, 0x00);
	return vsp_scsi_good(r, list);
}

enum vsp_scsi_step vsp_scsi_capacity_10(struct vsp_disk_request *r)
{
	const struct vsp_disk *d = r->disk;
	__u64 last = d->blocks ? d->blocks - 1 : 0;
	__u8 p[8];

	if (r->length < sizeof(p))
		return vsp_scsi_fail(r, ENL_SRB_OVERRUN, VSP_GOOD);
	vsp_put_be32(p, last > 0xffffffffu ? 0xffffffffu : (__u32)last);
	vsp_put_be32(p + 4, d->block_bytes);
	return vsp_scsi_answer(r, p, sizeof(p), sizeof(p));
}

static enum vsp_scsi_step capacity_16(struct vsp_disk_request *r)
{
	const struct vsp_disk *d = r->disk;
	__u8 p[32] = { 0 };

	vsp_put_be64(p, d->blocks ? d->blocks - 1 : 0);
	vsp_put_be32(p + 8, d->block_bytes);
	p[13] = d->physical_exponent & 0x0f;
	p[14] = d->thin ? 0x80 : 0;
	return vsp_scsi_answer(r, p, sizeof(p), vsp_be32(r->cdb + 10));
}

/* All that follows is mapped, which is true enough for a disk that tells no more. */
static enum vsp_scsi_step lba_status(struct vsp_disk_request *r)
{
	__u64 first = vsp_be64(r->cdb + 2);
	__u64 blocks = r->disk->blocks;
	__u8 p[24] = { 0 };

	if (first >= blocks)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x21, 0x00);
	blocks -= first;
	vsp_put_be32(p, sizeof(p) - 4);
	vsp_put_be64(p + 8, first);
	vsp_put_be32(p + 16, blocks > 0xffffffffu ? 0xffffffffu : (__u32)blocks);
	return vsp_scsi_answer(r, p, sizeof(p), vsp_be32(r->cdb + 10));
}

enum vsp_scsi_step vsp_scsi_service_in_16(struct vsp_disk_request *r)
{
	switch (r->cdb[1] & 0x1f) {
	case 0x10:
		return capacity_16(r);
	case 0x12:
		return lba_status(r);
	default:
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x20, 0x00);
	}
}

/* The last sense, or the attention that waits, or none; then it is forgotten. */
enum vsp_scsi_step vsp_scsi_request_sense(struct vsp_disk_request *r)
{
	__u8 p[ENL_STOR_SENSE_REV1] = { 0x70, [7] = 0x0a };
	struct vsp_disk *d = r->disk;

	if (d->have_sense) {
		__builtin_memcpy(p, d->sense, sizeof(p));
		d->have_sense = false;
	} else if (d->attentions) {
		__u16 code = vsp_disk_take_attention(d);

		p[2] = VSP_KEY_ATTENTION;
		p[12] = (__u8)(code >> 8);
		p[13] = (__u8)code;
	}
	return vsp_scsi_answer(r, p, sizeof(p), r->cdb[4]);
}

enum vsp_scsi_step vsp_scsi_start_stop(struct vsp_disk_request *r)
{
	if (r->cdb[1] & 1)
		return vsp_scsi_bad_field(r);
	if (r->cdb[4] & 1)
		return vsp_scsi_good(r, 0);
	return vsp_scsi_flush(r);
}
