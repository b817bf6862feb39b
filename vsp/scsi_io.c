// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that move, check or drop blocks: they end in work for the backend of the disk.
 * Calls vsp/scsi_outcome.c and vsp/disk.c. Called by the table of vsp/scsi.c.
 */
#include "vsp/scsi.h"
#include "vsp/storage.h"

/* Block and count of a command, by the group that its opcode is of. */
static void decode(const __u8 *cdb, __u64 *first, __u32 *blocks)
{
	switch (cdb[0] >> 5) {
	case 0:
		*first = vsp_be32(cdb) & 0x1fffff;
		*blocks = cdb[4] ? cdb[4] : 256;
		return;
	case 4:
		*first = vsp_be64(cdb + 2);
		*blocks = vsp_be32(cdb + 10);
		return;
	case 5:
		*first = vsp_be32(cdb + 2);
		*blocks = vsp_be32(cdb + 6);
		return;
	default:
		*first = vsp_be32(cdb + 2);
		*blocks = vsp_be16(cdb + 7);
	}
}

/* Does the command name blocks, and which? */
bool vsp_scsi_region(const struct vsp_disk_request *r, __u64 *first, __u32 *blocks)
{
	switch (r->cdb[0]) {
	case 0x08: case 0x28: case 0xa8: case 0x88:
	case 0x0a: case 0x2a: case 0xaa: case 0x8a:
	case 0x2e: case 0xae: case 0x8e:
	case 0x2f: case 0xaf: case 0x8f:
	case 0x41: case 0x93:
		decode(r->cdb, first, blocks);
		return true;
	default:
		return false;
	}
}

/* Are @blocks from @first on all there? */
static bool inside(const struct vsp_disk *d, __u64 first, __u64 blocks)
{
	return blocks <= d->blocks && first <= d->blocks - blocks;
}

static enum vsp_scsi_step out_of_range(struct vsp_disk_request *r)
{
	return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x21, 0x00);
}

static enum vsp_scsi_step start(struct vsp_disk_request *r, enum vsp_disk_kind kind, __u64 first,
				__u64 blocks)
{
	r->kind = kind;
	r->offset = first * r->disk->block_bytes;
	r->bytes = blocks * r->disk->block_bytes;
	return VSP_SCSI_START;
}

/* READ and WRITE: the blocks exist, there is at least one, and the buffer holds them. */
static enum vsp_scsi_step move(struct vsp_disk_request *r, enum vsp_disk_kind kind)
{
	__u64 first;
	__u32 blocks;

	decode(r->cdb, &first, &blocks);
	if (!blocks || !inside(r->disk, first, blocks) ||
	    (__u64)blocks * r->disk->block_bytes > r->length)
		return out_of_range(r);
	return start(r, kind, first, blocks);
}

enum vsp_scsi_step vsp_scsi_read(struct vsp_disk_request *r)
{
	return move(r, VSP_DISK_READ);
}

/* WRITE and WRITE AND VERIFY; the latter is durable when it ends. */
enum vsp_scsi_step vsp_scsi_write(struct vsp_disk_request *r)
{
	bool verify = (r->cdb[0] & 0x1f) == 0x0e;
	bool fua = r->cdb[0] != 0x0a && r->cdb[1] & 0x08;

	if (r->disk->read_only)
		return vsp_scsi_check(r, VSP_KEY_PROTECT, 0x27, 0x00);
	r->durable = verify || fua;
	return move(r, VSP_DISK_WRITE);
}

/* Without data to compare there is only the range to check. */
enum vsp_scsi_step vsp_scsi_verify(struct vsp_disk_request *r)
{
	__u64 first;
	__u32 blocks;

	if (r->cdb[1] & 0x06)
		return vsp_scsi_bad_field(r);
	decode(r->cdb, &first, &blocks);
	return inside(r->disk, first, blocks) ? vsp_scsi_good(r, 0) : out_of_range(r);
}

enum vsp_scsi_step vsp_scsi_write_same(struct vsp_disk_request *r)
{
	bool sixteen = r->cdb[0] == 0x93;
	bool no_data = sixteen && r->cdb[1] & 0x01;
	const struct vsp_disk *d = r->disk;
	__u64 first, count;
	__u32 blocks;

	if (!d->write_same)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x20, 0x00);
	if (r->cdb[1] & (sixteen ? 0xf6 : 0xf7))
		return vsp_scsi_bad_field(r);
	if (d->read_only)
		return vsp_scsi_check(r, VSP_KEY_PROTECT, 0x27, 0x00);
	decode(r->cdb, &first, &blocks);
	if (!inside(d, first, blocks))
		return out_of_range(r);
	count = blocks ? blocks : d->blocks - first;
	if (!count || count > VSP_MAX_WRITE_SAME / d->block_bytes)
		return out_of_range(r);
	if (!no_data && r->length < d->block_bytes)
		return vsp_scsi_bad_field(r);
	return start(r, no_data ? VSP_DISK_ZERO : VSP_DISK_SAME, first, count);
}

enum vsp_scsi_step vsp_scsi_flush(struct vsp_disk_request *r)
{
	return start(r, VSP_DISK_FLUSH, 0, 0);
}

/* Descriptor @n of an UNMAP: block and count. */
static void descriptor(const struct vsp_disk_request *r, __u32 n, __u64 *first, __u32 *blocks)
{
	__u8 p[16];

	vsp_segments_read(r, 8 + 16 * n, p, sizeof(p));
	*first = vsp_be64(p);
	*blocks = vsp_be32(p + 8);
}

/* The next range of an UNMAP that is under way; the guest may have changed the list meanwhile. */
enum vsp_scsi_step vsp_scsi_unmap_next(struct vsp_disk_request *r)
{
	__u32 count = r->length / 16;
	__u64 first;
	__u32 blocks;

	while (r->progress < count && 8 + 16 * (r->progress + 1) <= r->length) {
		descriptor(r, r->progress++, &first, &blocks);
		if (!inside(r->disk, first, blocks))
			return out_of_range(r);
		if (blocks)
			return start(r, VSP_DISK_UNMAP, first, blocks);
	}
	/* hosts count none of the list as transferred */
	return vsp_scsi_good(r, 0);
}

enum vsp_scsi_step vsp_scsi_unmap(struct vsp_disk_request *r)
{
	__u32 list = vsp_be16(r->cdb + 7);
	__u8 head[8];
	__u64 first;
	__u32 blocks;
	__u32 n;

	if (!r->disk->thin)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x20, 0x00);
	if (r->cdb[1] & 1)
		return vsp_scsi_bad_field(r);
	if (r->disk->read_only)
		return vsp_scsi_check(r, VSP_KEY_PROTECT, 0x27, 0x00);
	if (list != r->length || (list && (list < 8 || list % 16 != 8)))
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x1a, 0x00);
	if (!list)
		return vsp_scsi_good(r, 0);
	vsp_segments_read(r, 0, head, sizeof(head));
	if (vsp_be16(head) != list - 2 || vsp_be16(head + 2) != list - 8 ||
	    list / 16 > VSP_MAX_UNMAPS)
		return vsp_scsi_check(r, VSP_KEY_ILLEGAL, 0x26, 0x00);
	for (n = 0; n < list / 16; n++) {
		descriptor(r, n, &first, &blocks);
		if (!inside(r->disk, first, blocks))
			return out_of_range(r);
	}
	r->progress = 0;
	return vsp_scsi_unmap_next(r);
}
