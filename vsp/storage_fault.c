// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fault plan of a controller: which line strikes a request, and what it does to the answer.
 * Calls vsp/fault.c for overwriting only. Asked by the other files of the storage service.
 */
#include "vsp/storage_internal.h"

/* Adds a line to the plan. Returns its number, or -1 if the plan is full. */
int vsp_storage_fault_add(struct vsp_storage *s, const struct vsp_storage_fault *f)
{
	if (s->faults == VSP_STORAGE_FAULTS)
		return -1;
	s->fault[s->faults] = *f;
	s->fault[s->faults].hits = 0;
	if (!f->times)
		s->fault[s->faults].times = 1;
	return (int)s->faults++;
}

/* The plan is empty. What it held back stays so until it is released. */
void vsp_storage_fault_clear(struct vsp_storage *s)
{
	__u32 i;

	s->faults = 0;
	for (i = 0; i < s->requests; i++)
		s->request[i].fault = 0;
}

__u32 vsp_storage_fault_hits(const struct vsp_storage *s, int fault)
{
	return fault >= 0 && (__u32)fault < s->faults ? s->fault[fault].hits : 0;
}

/* The line that struck @r, or NULL. */
struct vsp_storage_fault *vsp_storage_fault_of(struct vsp_disk_request *r)
{
	return r->fault ? &r->storage->fault[r->fault - 1] : NULL;
}

static bool in_region(const struct vsp_storage_fault *f, const struct vsp_disk_request *r)
{
	__u64 first;
	__u32 blocks;

	if (!f->first && !f->last)
		return true;
	return vsp_scsi_region(r, &first, &blocks) && first <= f->last &&
	       first + (blocks ? blocks : 1) > f->first;
}

static bool matches(const struct vsp_storage_fault *f, const struct vsp_disk_request *r)
{
	enum vsp_disk_kind way;

	if ((f->operation ? f->operation : ENL_STOR_EXECUTE_SRB) != r->operation)
		return false;
	if (r->control)
		return true;
	way = vsp_scsi_direction(r->cdb[0]);
	return (f->opcode == VSP_ANY || f->opcode == r->cdb[0]) &&
	       (f->lun == VSP_ANY || f->lun == r->cdb_lun) &&
	       (f->target == VSP_ANY || f->target == r->cdb_target) &&
	       (!f->reads || way == VSP_DISK_READ) && (!f->writes || way == VSP_DISK_WRITE) &&
	       in_region(f, r);
}

/* Looks for the first line of the plan that strikes @r. Counts. */
void vsp_storage_fault_match(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;
	__u32 i;

	for (i = 0; i < s->faults; i++) {
		struct vsp_storage_fault *f = &s->fault[i];

		if (f->hits == f->times || !matches(f, r))
			continue;
		if (f->skip) {
			f->skip--;
			continue;
		}
		f->hits++;
		s->stats.faults++;
		r->fault = i + 1;
		vsp_trace(s->host, "storage fault", f->what, r->id);
		return;
	}
}

static void set_status(struct vsp_disk_request *r, const struct vsp_storage_fault *f)
{
	r->outcome.srb = f->srb;
	r->outcome.scsi = f->scsi;
	r->outcome.nt = f->nt;
}

/* True: the plan says how it ends, so it is not executed. */
bool vsp_storage_fault_instead(struct vsp_disk_request *r)
{
	const struct vsp_storage_fault *f = vsp_storage_fault_of(r);

	if (!f)
		return false;
	if (f->what & VSP_SF_REJECT) {
		r->outcome.rejected = true;
		r->outcome.nt = f->nt ? f->nt : ENL_NT_UNSUCCESSFUL;
		r->outcome.transferred = r->length;
		return true;
	}
	if (!(f->what & VSP_SF_STATUS) || f->what & VSP_SF_EXECUTE)
		return false;
	set_status(r, f);
	if ((f->srb & ENL_SRB_CODE_MASK) == ENL_SRB_SUCCESS && f->scsi == VSP_GOOD)
		r->outcome.transferred = r->length;
	return true;
}

/* A command has ended honestly: now what the plan makes of it. */
void vsp_storage_fault_outcome(struct vsp_disk_request *r)
{
	const struct vsp_storage_fault *f = vsp_storage_fault_of(r);
	struct vsp_outcome *o = &r->outcome;

	if (!f)
		return;
	if (f->what & VSP_SF_STATUS)
		set_status(r, f);
	if (f->what & VSP_SF_SENSE) {
		__builtin_memcpy(o->sense, f->sense, sizeof(o->sense));
		o->sense_bytes = f->sense_bytes;
		o->sense_said = true;
	}
	if (f->what & VSP_SF_TRANSFER)
		o->transferred = f->transfer;
	if (f->what & VSP_SF_TRANSFER_ADD)
		o->transferred += f->transfer;
	if (f->what & VSP_SF_DATA && !r->orphan) {
		__u32 n = f->bytes < r->length ? f->bytes : r->length;

		vsp_segments_write(r, 0, f->data, n);
		o->transferred = n;
	}
}

/* Does the guest have to throw such an answer away, so that the request stays open? */
bool vsp_storage_fault_spoils(__u32 what)
{
	return what & (VSP_SF_ID | VSP_SF_OPERATION | VSP_SF_TYPE | VSP_SF_LENGTH |
		       VSP_SF_OTHER_CHANNEL | VSP_SF_EXTRA);
}

/* An id of something in flight, best on another channel. */
static __u64 other_id(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;
	__u64 id = ~r->id;
	__u32 i;

	for (i = 0; i < s->requests; i++) {
		struct vsp_disk_request *q = &s->request[i];

		if (q == r || q->state == VSP_RQ_FREE || q->orphan)
			continue;
		id = q->id;
		if (q->channel != r->channel)
			break;
	}
	return id;
}

static __u64 bad_id(struct vsp_disk_request *r, enum vsp_storage_id kind)
{
	switch (kind) {
	case VSP_ID_ZERO:
		return 0;
	case VSP_ID_OTHER:
		return other_id(r);
	case VSP_ID_CONTROL:
		return r->storage->last_control;
	case VSP_ID_ONES:
		return ~0ULL;
	default:
		return r->id ^ 0x5555000000000000ULL;
	}
}

/* Changes the packet of an answer; returns the VSP_SF_ bits that were applied. */
__u32 vsp_storage_fault_packet(struct vsp_disk_request *r, struct vsp_packet *p)
{
	const struct vsp_storage_fault *f = vsp_storage_fault_of(r);
	__u8 *data = r->storage->buffer;

	if (!f)
		return 0;
	__builtin_memset(data, 0, VSP_STORAGE_BUFFER);
	__builtin_memcpy(data, p->data, p->bytes);
	p->data = data;
	if (f->what & VSP_SF_LENGTH)
		p->bytes = f->bytes < VSP_STORAGE_BUFFER ? f->bytes : VSP_STORAGE_BUFFER;
	if (f->what & VSP_SF_OPERATION)
		vsp_put32(data, 0, (__u32)f->value);
	if (f->what & VSP_SF_OVERWRITE) {
		struct vsp_fault o = {
			.action = VSP_OVERWRITE, .a = f->offset, .b = f->value, .width = f->width,
		};

		vsp_fault_overwrite(&o, data, VSP_STORAGE_BUFFER);
	}
	if (f->what & VSP_SF_TYPE)
		p->type = f->type;
	if (f->what & VSP_SF_ID)
		p->id = bad_id(r, f->id_kind);
	return f->what;
}

/* Where the answer goes. */
struct vsp_storage_channel *vsp_storage_fault_channel(struct vsp_disk_request *r)
{
	const struct vsp_storage_fault *f = vsp_storage_fault_of(r);
	struct vsp_storage *s = r->storage;
	__u32 i;

	if (!f || !(f->what & VSP_SF_OTHER_CHANNEL))
		return r->channel;
	for (i = 0; i < VSP_STORAGE_CHANNELS; i++) {
		if (s->channel[i].channel && &s->channel[i] != r->channel)
			return &s->channel[i];
	}
	return r->channel;
}
