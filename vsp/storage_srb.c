// SPDX-License-Identifier: GPL-2.0-only
/*
 * SCSI requests: read from the packet, checked, executed with the backend's help, and ended.
 * Calls the SCSI target, the backends' start, the fault plan and vsp/storage_send.c.
 * Called by vsp/storage.c for packets, by backends and by owners that release what is held.
 */
#include "vsp/storage_internal.h"

struct vsp_disk *vsp_storage_find(const struct vsp_storage *s, __u8 path, __u8 target, __u8 lun)
{
	struct vsp_disk *d = s->by_lun[lun];

	/* guests get the path of IDE disks wrong: it is the bus, and they all say 0 */
	while (d && (d->target != target || (d->path != path && s->kind != VSP_STORAGE_IDE)))
		d = d->next;
	return d;
}

/* Takes a disk off its address. False: it is not there. */
bool vsp_storage_unlink(struct vsp_storage *s, struct vsp_disk *d)
{
	struct vsp_disk **at = &s->by_lun[d->lun];

	while (*at && *at != d)
		at = &(*at)->next;
	if (!*at)
		return false;
	*at = d->next;
	d->next = NULL;
	d->storage = NULL;
	return true;
}

static void lie(struct vsp_disk_request *r, enum vsp_disk_kind kind, __u64 offset, __u64 bytes)
{
	struct vsp_storage *s = r->storage;
	struct vsp_storage_lie *l = &s->lie[s->stats.lies++ % VSP_STORAGE_LIES];

	l->disk = r->disk;
	l->kind = kind;
	l->offset = offset;
	l->bytes = bytes;
	vsp_trace(s->host, "lie", (__u32)kind, offset);
}

static bool good(const struct vsp_outcome *o)
{
	return !o->rejected && (o->srb & ENL_SRB_CODE_MASK) == ENL_SRB_SUCCESS && !o->scsi;
}

/* Books it when a fault makes the guest believe that something was done, and it was not. */
static void look_for_lies(struct vsp_disk_request *r, bool executed)
{
	const struct vsp_storage_fault *f = vsp_storage_fault_of(r);
	__u64 first = 0;
	__u32 blocks = 0;

	if (!f || !r->disk || !good(&r->outcome) || r->orphan)
		return;
	if (executed && good(&r->honest)) {
		if (r->whole)
			lie(r, r->kind, r->offset + r->bytes, r->whole - r->bytes);
		else if (f->what & VSP_SF_CORRUPT && r->kind == VSP_DISK_READ && r->executed)
			lie(r, r->kind, r->offset, r->bytes);
		return;
	}
	if (vsp_scsi_region(r, &first, &blocks))
		lie(r, vsp_scsi_direction(r->cdb[0]) == VSP_DISK_READ ? VSP_DISK_READ :
								      VSP_DISK_WRITE,
		    first * r->disk->block_bytes, (__u64)blocks * r->disk->block_bytes);
	else if ((r->cdb[0] & 0x1f) == 0x11 || r->cdb[0] == 0x35)
		lie(r, VSP_DISK_FLUSH, 0, 0);
}

static void count(struct vsp_disk_request *r)
{
	struct vsp_storage_stats *s = &r->storage->stats;

	switch (r->kind) {
	case VSP_DISK_READ:
		s->reads++;
		s->bytes_read += r->bytes;
		break;
	case VSP_DISK_FLUSH:
		s->flushes++;
		break;
	case VSP_DISK_UNMAP:
		s->unmaps++;
		break;
	default:
		s->writes++;
		s->bytes_written += r->bytes;
	}
}

/* The data phase is over, or there was none. */
static void end(struct vsp_disk_request *r, bool executed)
{
	r->channel->data -= executed;
	r->honest = r->outcome;
	if (executed && r->whole && good(&r->honest)) {
		r->outcome.transferred = (__u32)r->whole;
		r->honest.transferred = (__u32)r->whole;
	}
	vsp_storage_fault_outcome(r);
	look_for_lies(r, executed);
	vsp_storage_finish(r);
}

/* One byte of what was read is wrong. */
static void corrupt(struct vsp_disk_request *r)
{
	__u32 at = (__u32)(r->bytes / 2);
	__u8 byte;

	vsp_segments_read(r, at, &byte, 1);
	byte ^= 0x5a;
	vsp_segments_write(r, at, &byte, 1);
}

static enum vsp_scsi_step go_on(struct vsp_disk_request *r, enum vsp_disk_status status)
{
	const struct vsp_storage_fault *f = vsp_storage_fault_of(r);

	if (status == VSP_DISK_OK)
		count(r);
	r->executed = status == VSP_DISK_OK;
	if (f && f->what & VSP_SF_CORRUPT && r->kind == VSP_DISK_READ && !status)
		corrupt(r);
	return vsp_scsi_continue(r, status);
}

/* A fault lets only the first bytes be moved. */
static void shorten(struct vsp_disk_request *r)
{
	const struct vsp_storage_fault *f = vsp_storage_fault_of(r);
	__u64 part;

	if (!f || !(f->what & VSP_SF_PARTIAL) || r->kind > VSP_DISK_WRITE || r->whole)
		return;
	part = f->bytes / r->disk->block_bytes * r->disk->block_bytes;
	if (part >= r->bytes)
		return;
	r->whole = r->bytes;
	r->bytes = part;
}

/* Lets the backend work for as long as it answers at once. */
static void run(struct vsp_disk_request *r, enum vsp_scsi_step step)
{
	struct vsp_disk *d = r->disk;

	while (step == VSP_SCSI_START) {
		shorten(r);
		if (r->whole && !r->bytes) {
			step = go_on(r, VSP_DISK_OK);
			continue;
		}
		r->state = VSP_RQ_BACKEND;
		r->started = true;
		r->answered = false;
		d->in_flight++;
		d->ops->start(d, r);
		r->started = false;
		if (!r->answered)
			return;
		step = go_on(r, r->status);
	}
	end(r, true);
}

/**
 * vsp_storage_done - a backend has done what it was asked to, or failed
 * @r: the request; the backend must not touch it any more
 * @status: how it went
 *
 * May be called within the backend's start. Needs the binding's lock, as everything.
 */
void vsp_storage_done(struct vsp_disk_request *r, enum vsp_disk_status status)
{
	r->disk->in_flight--;
	if (r->started) {
		r->answered = true;
		r->status = status;
		return;
	}
	run(r, go_on(r, status));
}

/* The data phase of a request that a fault held back. */
void vsp_storage_execute(struct vsp_disk_request *r)
{
	run(r, vsp_scsi_begin(r));
}

/* The one range of a GPA-direct packet as segments. Its pages were looked at by the transport. */
static bool map(struct vsp_disk_request *r, const __u8 *head)
{
	struct vsp_storage *s = r->storage;
	__u32 most = s->segments / s->requests;
	__u32 offset = vsp_get32(head, 12);
	__u32 left = r->length;
	__u32 n = 0;
	__u32 slot;

	for (slot = 0; left; slot++) {
		__u64 pfn = vsp_get32(head, 16 + 8 * slot) |
			    (__u64)vsp_get32(head, 20 + 8 * slot) << 32;
		__u8 *page = vsp_map(s->host, pfn);
		__u32 bytes = ENL_HVPAGE_SIZE - offset;
		__u64 gpa = pfn * ENL_HVPAGE_SIZE + offset;
		struct vsp_segment *last = n ? &r->segment[n - 1] : NULL;

		if (!page)
			return false;
		bytes = bytes < left ? bytes : left;
		page += offset;
		if (last && last->address + last->bytes == page && last->gpa + last->bytes == gpa) {
			last->bytes += bytes;
		} else {
			if (n == most)
				return false;
			r->segment[n].address = page;
			r->segment[n].gpa = gpa;
			r->segment[n++].bytes = bytes;
		}
		left -= bytes;
		offset = 0;
	}
	r->segments = n;
	return true;
}

/* The buffer: one range, as long as the transfer. False: it cannot be executed. */
static bool data_ok(struct vsp_disk_request *r, const struct vsp_packet *p)
{
	struct vsp_storage_channel *sc = r->channel;
	const __u8 *head = p->head;
	__u32 range;

	if (p->type != ENL_PACKET_GPA_DIRECT) {
		if (r->length)
			vsp_storage_note(sc, VSP_V_STOR_RANGE, r->length);
		return !r->length;
	}
	range = vsp_get32(head, 8);
	if (vsp_get32(head, 4) != 1 || range != r->length || r->direction == ENL_STOR_NO_DATA)
		vsp_storage_note(sc, VSP_V_STOR_RANGE, (__u64)range << 32 | r->length);
	if (vsp_get32(head, 4) != 1 || range < r->length)
		return false;
	if (p->head_bytes > 16 + (vsp_get32(head, 12) + range + 4095) / 4096 * 8) {
		r->storage->stats.spare_slots++;
		if (r->storage->strict)
			vsp_storage_note(sc, VSP_V_STOR_RANGE, p->head_bytes);
	}
	if (r->length > r->storage->max_transfer)
		vsp_storage_note(sc, VSP_V_STOR_LIMIT, r->length);
	if (map(r, head))
		return true;
	vsp_storage_note(sc, VSP_V_TABLE, r->length);
	return false;
}

/* The fields around the CDB. False: the request cannot be executed. */
static bool fields_ok(struct vsp_disk_request *r, const struct enl_stor_srb *q)
{
	struct vsp_storage_channel *sc = r->channel;
	bool rev2 = vsp_storage_rev2(r->storage);
	__u32 body = rev2 ? ENL_STOR_BODY_REV2 : ENL_STOR_BODY_REV1;
	__u32 room = rev2 ? ENL_STOR_SENSE_REV2 : ENL_STOR_SENSE_REV1;

	if (__le16_to_cpu(q->length) != body)
		vsp_storage_note(sc, VSP_V_STOR_SRB, 0x00);
	if (q->srb_status || q->scsi_status)
		vsp_storage_note(sc, VSP_V_STOR_SRB, 0x02);
	if (q->sense_bytes != room)
		vsp_storage_note(sc, VSP_V_STOR_SRB, 0x09);
	if (q->direction > ENL_STOR_NO_DATA)
		vsp_storage_note(sc, VSP_V_STOR_SRB, 0x0a);
	if (q->properties)
		vsp_storage_note(sc, VSP_V_STOR_SRB, 0x0b);
	if (rev2 && q->reserved)
		vsp_storage_note(sc, VSP_V_STOR_SRB, 0x24);
	if (rev2 && r->srb_flags & ENL_SRB_NO_AUTOSENSE)
		vsp_storage_note(sc, VSP_V_STOR_SRB, 0x28);
	if (q->cdb_bytes && q->cdb_bytes <= ENL_STOR_CDB_BYTES)
		return q->direction <= ENL_STOR_NO_DATA;
	vsp_storage_note(sc, VSP_V_STOR_SRB, 0x08);
	return false;
}

/* The CDB goes with its length, and READ and WRITE with their data. */
static void check_cdb(struct vsp_disk_request *r, __u32 cdb_bytes)
{
	static const __u8 group_bytes[] = { 6, 10, 10, 0, 16, 12, 0, 0 };
	__u32 expected = group_bytes[r->cdb[0] >> 5];
	enum vsp_disk_kind way = vsp_scsi_direction(r->cdb[0]);
	struct vsp_storage_channel *sc = r->channel;
	__u64 first;
	__u32 blocks, i;

	if (expected && cdb_bytes != expected)
		vsp_storage_note(sc, VSP_V_STOR_CDB, r->cdb[0]);
	for (i = cdb_bytes; i < ENL_STOR_CDB_BYTES; i++) {
		if (r->cdb[i]) {
			vsp_storage_note(sc, VSP_V_STOR_CDB, r->cdb[0]);
			break;
		}
	}
	if (way == VSP_DISK_KINDS || !r->disk || !vsp_scsi_region(r, &first, &blocks))
		return;
	if ((__u64)blocks * r->disk->block_bytes != r->length ||
	    r->direction != (way == VSP_DISK_READ ? ENL_STOR_FROM_DEVICE : ENL_STOR_TO_DEVICE))
		vsp_storage_note(sc, VSP_V_STOR_CDB, r->cdb[0]);
}

/* What the packet says, in the request. False: answer that it makes no sense. */
static bool parse(struct vsp_disk_request *r, const struct vsp_packet *p)
{
	struct enl_stor_packet q = { 0 };
	bool ok;

	__builtin_memcpy(&q, p->data, r->packet_bytes);
	r->operation = ENL_STOR_EXECUTE_SRB;
	r->length = __le32_to_cpu(q.srb.transfer_bytes);
	r->direction = q.srb.direction;
	r->srb_flags = __le32_to_cpu(q.srb.flags);
	__builtin_memcpy(r->cdb, q.srb.cdb, sizeof(r->cdb));
	r->cdb_path = q.srb.path;
	r->cdb_target = q.srb.target;
	r->cdb_lun = q.srb.lun;
	r->disk = vsp_storage_find(r->storage, q.srb.path, q.srb.target, q.srb.lun);
	ok = fields_ok(r, &q.srb);
	ok &= data_ok(r, p);
	if (ok)
		check_cdb(r, q.srb.cdb_bytes);
	return ok;
}

/* Takes a request. False: not now. */
bool vsp_storage_srb(struct vsp_storage_channel *sc, const struct vsp_packet *p)
{
	struct vsp_storage *s = sc->storage;
	struct vsp_disk_request *r = vsp_storage_take(sc, p);
	const struct vsp_storage_fault *f;

	if (!r)
		return false;
	s->stats.srbs++;
	if (!parse(r, p)) {
		vsp_scsi_fail(r, ENL_SRB_INVALID_REQUEST, VSP_GOOD);
		end(r, false);
		return true;
	}
	vsp_storage_fault_match(r);
	f = vsp_storage_fault_of(r);
	if (s->limit && r->length > s->limit) {
		r->outcome.rejected = true;
		r->outcome.nt = ENL_NT_UNSUCCESSFUL;
		r->outcome.transferred = r->length;
		end(r, false);
		return true;
	}
	if (vsp_storage_fault_instead(r)) {
		end(r, false);
		return true;
	}
	if (f && f->what & VSP_SF_PULL && r->disk) {
		vsp_storage_unlink(s, r->disk);
		r->disk = NULL;
	}
	sc->data++;
	if (f && f->what & VSP_SF_HOLD_DATA)
		r->state = VSP_RQ_HELD_DATA;
	else
		vsp_storage_execute(r);
	return true;
}
