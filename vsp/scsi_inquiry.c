// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a logical unit says of itself: INQUIRY, its VPD pages, and which units there are.
 * Calls vsp/scsi_outcome.c. Called by the table of vsp/scsi.c, for absent units too.
 * Values as the synthetic disks of Hyper-V give them (storvsc specification, 16.2 and 16.6).
 */
#include "vsp/scsi.h"
#include "vsp/storage.h"

/* 89a98f15-c928-4d8b-94cd-ef51faa99d33 */
static const struct enl_guid msft_page =
	ENL_GUID(0x89a98f15, 0xc928, 0x4d8b, 0x94, 0xcd, 0xef, 0x51, 0xfa, 0xa9, 0x9d, 0x33);

static __u32 text_bytes(const char *text, __u32 most)
{
	__u32 n = 0;

	while (n < most && text[n])
		n++;
	return n;
}

static void pad(__u8 *to, const char *text, __u32 width)
{
	__u32 n = text_bytes(text, width);

	__builtin_memset(to, ' ', width);
	__builtin_memcpy(to, text, n);
}

static enum vsp_scsi_step standard(struct vsp_disk_request *r, __u32 allocation)
{
	const struct vsp_disk *d = r->disk;
	bool dvd = d && d->dvd;
	__u8 *p = r->storage->buffer;

	__builtin_memset(p, 0, 104);
	p[0] = !d ? 0x7f : dvd ? 0x05 : 0x00;
	p[1] = dvd ? 0x80 : 0;
	p[2] = dvd ? 0 : 5;
	p[3] = 2;
	p[4] = dvd ? 31 : 99;
	p[7] = d && !dvd ? 0x02 : 0;
	if (d || !r->cdb_lun) {
		pad(p + 8, d && d->vendor[0] ? d->vendor : "Msft", 8);
		pad(p + 16, d && d->product[0] ? d->product :
			    dvd ? "Virtual DVD-ROM" : "Virtual Disk", 16);
		pad(p + 32, "1.0", 4);
	}
	return vsp_scsi_answer(r, p, dvd ? 36 : 104, allocation);
}

static __u32 page_list(const struct vsp_disk *d, __u8 *p)
{
	__u32 n = 0;

	p[n++] = 0x00;
	if (!d->dvd && d->serial[0])
		p[n++] = 0x80;
	p[n++] = 0x83;
	if (d->dvd)
		return n;
	if (d->thin) {
		p[n++] = 0xb0;
		p[n++] = 0xb1;
		p[n++] = 0xb2;
	}
	p[n++] = 0xce;
	p[n++] = 0xcf;
	return n;
}

/* A T10 vendor descriptor and an NAA-6 one, both made of the disk's id. */
static __u32 identification(const struct vsp_disk *d, __u8 *p)
{
	static const __u8 head[] = { 0x01, 0x01, 0x00, 24, 'M', 's', 'f', 't', ' ', ' ', ' ', ' ' };
	static const __u8 naa[] = { 0x01, 0x03, 0x00, 16, 0x60, 0x02, 0x24, 0x80 };

	__builtin_memcpy(p, head, sizeof(head));
	__builtin_memcpy(p + 12, d->id, 16);
	__builtin_memcpy(p + 28, naa, sizeof(naa));
	__builtin_memcpy(p + 36, d->id, 6);
	__builtin_memcpy(p + 42, d->id + 10, 6);
	return 48;
}

/* VPD 0xb0; offsets are those of the page, which starts 4 bytes before @p. */
static __u32 limits(const struct vsp_disk *d, __u8 *p)
{
	__u32 most = d->storage->max_transfer;

	if (most > VSP_MAX_WRITE_SAME)
		most = VSP_MAX_WRITE_SAME;
	vsp_put_be32(p + 0x14 - 4, 0xffffffffu);
	vsp_put_be32(p + 0x18 - 4, VSP_MAX_UNMAPS);
	vsp_put_be32(p + 0x1c - 4, d->unmap_granularity ? d->unmap_granularity : 1);
	p[0x20 - 4] = 0x80;
	if (d->write_same)
		vsp_put_be64(p + 0x24 - 4, most / d->block_bytes);
	return 0x3c;
}

static __u32 page(const struct vsp_disk *d, __u8 code, __u8 *p)
{
	__u32 n;

	switch (code) {
	case 0x00:
		return page_list(d, p);
	case 0x80:
		n = text_bytes(d->serial, sizeof(d->serial));
		__builtin_memcpy(p, d->serial, n);
		return n;
	case 0x83:
		return identification(d, p);
	case 0xb0:
		return limits(d, p);
	case 0xb1:
		vsp_put_be16(p, d->rotational ? 7200 : 1);
		return 0x3c;
	case 0xb2:
		p[0] = 1;
		p[1] = 0x80;
		p[2] = 2;
		return 4;
	case 0xce:
		p[0] = 1;
		p[1] = 1;
		return 4;
	case 0xcf:
		p[0] = 1;
		p[1] = d->zero_after_unmap;
		__builtin_memcpy(p + 4, &msft_page, sizeof(msft_page));
		return 20;
	default:
		return 0;
	}
}

enum vsp_scsi_step vsp_scsi_inquiry(struct vsp_disk_request *r)
{
	__u32 allocation = vsp_be16(r->cdb + 3);
	__u8 *p = r->storage->buffer;
	__u8 listed[16];
	__u32 n, i;

	if (allocation > r->length)
		return vsp_scsi_bad_field(r);
	if (!(r->cdb[1] & 1))
		return r->cdb[2] ? vsp_scsi_bad_field(r) : standard(r, allocation);
	if (!r->disk)
		return vsp_scsi_bad_field(r);
	n = page_list(r->disk, listed);
	for (i = 0; i < n && listed[i] != r->cdb[2]; i++)
		;
	if (i == n)
		return vsp_scsi_bad_field(r);
	__builtin_memset(p, 0, 128);
	p[0] = r->disk->dvd ? 0x05 : 0x00;
	p[1] = r->cdb[2];
	n = page(r->disk, r->cdb[2], p + 4);
	vsp_put_be16(p + 2, n);
	return vsp_scsi_answer(r, p, n + 4, allocation);
}

/* The units of the addressed path and target, whether the addressed one exists or not. */
enum vsp_scsi_step vsp_scsi_report_luns(struct vsp_disk_request *r)
{
	__u32 allocation = vsp_be32(r->cdb + 6);
	struct vsp_storage *s = r->storage;
	__u32 bytes = 8;
	__u32 lun;

	if (r->cdb[2] > 2)
		return vsp_scsi_bad_field(r);
	if (r->length < 8)
		return vsp_scsi_good(r, 0);
	__builtin_memset(s->buffer, 0, sizeof(s->buffer));
	for (lun = 0; lun < 256; lun++) {
		const struct vsp_disk *d = s->by_lun[lun];

		while (d && (d->path != r->cdb_path || d->target != r->cdb_target))
			d = d->next;
		if (!d)
			continue;
		s->buffer[bytes + 1] = (__u8)lun;
		bytes += 8;
	}
	vsp_put_be32(s->buffer, bytes - 8);
	return vsp_scsi_answer(r, s->buffer, bytes, allocation);
}
