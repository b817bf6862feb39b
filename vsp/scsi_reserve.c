// SPDX-License-Identifier: GPL-2.0-only
/*
 * Persistent reservations: PERSISTENT RESERVE IN and OUT of the guest, one of many initiators.
 * Calls vsp/disk.c (keys and holder) and vsp/scsi_outcome.c. Called by the table of vsp/scsi.c.
 * The other initiators are played by the owner of the disk: vsp_disk_register() and its like.
 */
#include "vsp/scsi.h"
#include "vsp/storage.h"

#define LIST_BYTES	24u
#define FULL_BYTES	48u	/* one full status: 24, and a transport id of 24 */

static enum vsp_scsi_step conflict(struct vsp_disk_request *r)
{
	return vsp_scsi_fail(r, ENL_SRB_ERROR, VSP_RESERVATION_CONFLICT);
}

static bool for_all(const struct vsp_disk *d)
{
	return d->reservation >= VSP_PR_WRITE_EXCLUSIVE_ALL;
}

static bool holds(const struct vsp_disk *d, __u32 initiator)
{
	return d->reserved && (d->holder == initiator ||
			       (for_all(d) && vsp_disk_key_of(d, initiator)));
}

static __u32 read_keys(const struct vsp_disk *d, __u8 *p)
{
	__u32 bytes = 8;
	__u32 i;

	for (i = 0; i < VSP_DISK_KEYS; i++) {
		if (!d->key[i].used)
			continue;
		vsp_put_be64(p + bytes, d->key[i].key);
		bytes += 8;
	}
	return bytes;
}

static __u32 read_reservation(const struct vsp_disk *d, __u8 *p)
{
	if (!d->reserved)
		return 8;
	vsp_put_be64(p + 8, for_all(d) ? 0 : vsp_disk_key_of(d, d->holder));
	p[8 + 13] = d->reservation;
	return 24;
}

static __u32 read_full_status(const struct vsp_disk *d, __u8 *p)
{
	__u32 bytes = 8;
	__u32 i;

	for (i = 0; i < VSP_DISK_KEYS; i++) {
		__u8 *q = p + bytes;

		if (!d->key[i].used)
			continue;
		vsp_put_be64(q, d->key[i].key);
		if (holds(d, d->key[i].initiator)) {
			q[12] = 0x01;
			q[13] = d->reservation;
		}
		vsp_put_be16(q + 18, 1);
		vsp_put_be32(q + 20, 24);
		q[24] = 0x06;			/* a SAS address; the initiator is its last byte */
		q[24 + 11] = (__u8)d->key[i].initiator;
		bytes += FULL_BYTES;
	}
	return bytes;
}

static enum vsp_scsi_step capabilities(struct vsp_disk_request *r, __u32 allocation)
{
	__u8 p[8] = { 0, 8, 0x00, 0x80 };	/* type mask valid, nothing persists a power loss */

	p[4] = 0xea;				/* types 1, 3, 5, 6, 7 ... */
	p[5] = 0x01;				/* ... and 8 */
	return vsp_scsi_answer(r, p, sizeof(p), allocation);
}

enum vsp_scsi_step vsp_scsi_reserve_in(struct vsp_disk_request *r)
{
	__u32 allocation = vsp_be16(r->cdb + 7);
	const struct vsp_disk *d = r->disk;
	__u8 *p = r->storage->buffer;
	__u32 bytes;

	if (!d->reservations)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x20, 0x00);
	__builtin_memset(p, 0, 8 + FULL_BYTES * VSP_DISK_KEYS);
	switch (r->cdb[1] & 0x1f) {
	case 0:
		bytes = read_keys(d, p);
		break;
	case 1:
		bytes = read_reservation(d, p);
		break;
	case 2:
		return capabilities(r, allocation);
	case 3:
		bytes = read_full_status(d, p);
		break;
	default:
		return vsp_scsi_bad_field(r);
	}
	vsp_put_be32(p, d->generation);
	vsp_put_be32(p + 4, bytes - 8);
	return vsp_scsi_answer(r, p, bytes, allocation);
}

static bool type_ok(__u8 type)
{
	return type == VSP_PR_WRITE_EXCLUSIVE || type == VSP_PR_EXCLUSIVE ||
	       (type >= VSP_PR_WRITE_EXCLUSIVE_REGISTRANTS && type <= VSP_PR_EXCLUSIVE_ALL);
}

static enum vsp_scsi_step register_key(struct vsp_disk_request *r, __u64 key)
{
	if (!key && !vsp_disk_key_of(r->disk, VSP_GUEST))
		return vsp_scsi_good(r, LIST_BYTES);
	if (!vsp_disk_register(r->disk, VSP_GUEST, key))
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x55, 0x04);
	return vsp_scsi_good(r, LIST_BYTES);
}

static enum vsp_scsi_step release(struct vsp_disk_request *r, __u8 type)
{
	struct vsp_disk *d = r->disk;

	if (!holds(d, VSP_GUEST))
		return vsp_scsi_good(r, LIST_BYTES);
	if (d->reservation != type)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x26, 0x04);
	vsp_disk_unreserve(d, VSP_GUEST);
	return vsp_scsi_good(r, LIST_BYTES);
}

/* Throws the registrations of @key out, and takes the reservation if one of them had it. */
static enum vsp_scsi_step preempt(struct vsp_disk_request *r, __u64 key, __u8 type)
{
	struct vsp_disk *d = r->disk;
	bool takes = d->reserved && (for_all(d) ? !key : vsp_disk_key_of(d, d->holder) == key);
	bool found;

	if (!key && !takes)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x26, 0x00);
	found = vsp_disk_remove_key(d, key, VSP_GUEST);
	if (!found && !takes)
		return conflict(r);
	d->generation++;
	if (takes) {
		d->reserved = true;
		d->holder = VSP_GUEST;
		d->reservation = type;
	}
	return vsp_scsi_good(r, LIST_BYTES);
}

static enum vsp_scsi_step reserve(struct vsp_disk_request *r, __u8 type)
{
	struct vsp_disk *d = r->disk;

	if (d->reserved && for_all(d) && d->reservation == type)
		return vsp_scsi_good(r, LIST_BYTES);
	return vsp_disk_reserve(d, VSP_GUEST, type) ? vsp_scsi_good(r, LIST_BYTES) : conflict(r);
}

enum vsp_scsi_step vsp_scsi_reserve_out(struct vsp_disk_request *r)
{
	__u8 action = r->cdb[1] & 0x1f;
	__u8 type = r->cdb[2] & 0x0f;
	struct vsp_disk *d = r->disk;
	__u64 mine = vsp_disk_key_of(d, VSP_GUEST);
	__u8 p[LIST_BYTES];
	__u64 key;

	if (!d->reservations)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x20, 0x00);
	if (vsp_be32(r->cdb + 5) != LIST_BYTES || r->length < LIST_BYTES)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x1a, 0x00);
	if (action > 6 || (action != 0 && action != 6 && action != 3 &&
			   (r->cdb[2] >> 4 || !type_ok(type))))
		return vsp_scsi_bad_field(r);
	vsp_segments_read(r, 0, p, sizeof(p));
	key = vsp_be64(p);
	if (action == 6)
		return register_key(r, vsp_be64(p + 8));
	if (key != mine || (!mine && action))
		return conflict(r);
	switch (action) {
	case 0:
		return register_key(r, vsp_be64(p + 8));
	case 1:
		return reserve(r, type);
	case 2:
		return release(r, type);
	case 3:
		vsp_disk_clear_keys(d);
		return vsp_scsi_good(r, LIST_BYTES);
	default:
		return preempt(r, vsp_be64(p + 8), type);
	}
}
