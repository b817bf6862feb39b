// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers on their way to the guest: request slots, the queue of each channel, packets, delays.
 * Calls vsp/send.c, the fault plan and vsp/storage_sub.c. Called by the files that make answers,
 * and by owners to let go of what a fault holds back.
 */
#include "vsp/storage_internal.h"

void vsp_storage_note(struct vsp_storage_channel *sc, enum vsp_violation which, __u64 what)
{
	vsp_note(sc->storage->host, which, sc->relid, what);
}

/* The rings are looked at again: there may be room for another request. */
void vsp_storage_wake(struct vsp_storage *s)
{
	__u32 i;

	for (i = 0; i < VSP_STORAGE_CHANNELS; i++) {
		if (s->channel[i].channel)
			vsp_kick(s->channel[i].channel);
	}
}

/* A slot for the request in @p, or NULL: then the packet has to wait in its ring. */
struct vsp_disk_request *vsp_storage_take(struct vsp_storage_channel *sc,
					  const struct vsp_packet *p)
{
	struct vsp_storage *s = sc->storage;
	struct vsp_disk_request *r = s->free;
	struct vsp_segment *segment;

	if (sc->outstanding >= (s->depth ? s->depth : VSP_STORAGE_DEPTH))
		return NULL;
	if (!r) {
		s->starved = true;
		return NULL;
	}
	s->free = r->next;
	segment = r->segment;
	__builtin_memset(r, 0, sizeof(*r));
	r->segment = segment;
	r->storage = s;
	r->channel = sc;
	r->state = VSP_RQ_NEW;
	r->id = p->id;
	r->number = s->taken++;
	r->packet_bytes = p->bytes < ENL_STOR_PACKET_REV2 ? p->bytes : ENL_STOR_PACKET_REV2;
	sc->outstanding++;
	if (++s->in_flight > s->stats.most)
		s->stats.most = s->in_flight;
	return r;
}

/* The slot is free again. */
void vsp_storage_give(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;

	if (!r->orphan)
		r->channel->outstanding--;
	if (r->channel->channel)
		vsp_kick(r->channel->channel);
	r->state = VSP_RQ_FREE;
	r->fault = 0;
	r->next = s->free;
	s->free = r;
	s->in_flight--;
	if (s->starved) {
		s->starved = false;
		vsp_storage_wake(s);
	}
}

/* Its answer is sent when its turn comes. */
void vsp_storage_queue(struct vsp_disk_request *r)
{
	struct vsp_storage_channel *sc = r->channel;

	r->state = VSP_RQ_READY;
	r->next = NULL;
	if (sc->last)
		sc->last->next = r;
	else
		sc->first = r;
	sc->last = r;
	if (sc->channel)
		vsp_kick(sc->channel);
}

static void dequeue(struct vsp_storage_channel *sc)
{
	struct vsp_disk_request *r = sc->first;

	sc->first = r->next;
	if (!sc->first)
		sc->last = NULL;
	vsp_storage_give(r);
}

/* What is to be sent is known: send it, or do with it what the plan says. */
void vsp_storage_finish(struct vsp_disk_request *r)
{
	const struct vsp_storage_fault *f = vsp_storage_fault_of(r);
	struct vsp_storage *s = r->storage;
	__u32 what = f ? f->what : 0;

	if (r->orphan || what & VSP_SF_DROP) {
		s->stats.dropped += !r->orphan;
		vsp_storage_give(r);
	} else if (what & VSP_SF_HOLD) {
		r->state = VSP_RQ_HELD;
	} else if (what & (VSP_SF_DELAY | VSP_SF_DELAY_TIME)) {
		r->state = VSP_RQ_DELAYED;
		r->due_step = what & VSP_SF_DELAY ? s->host->step + f->steps : 0;
		r->due_time = what & VSP_SF_DELAY_TIME ?
			      s->host->binding.time(s->host->binding.context) + f->time : 0;
		r->channel->delayed += !r->due_time;
		if (r->channel->channel)
			vsp_kick(r->channel->channel);
	} else {
		vsp_storage_queue(r);
	}
}

static void fill_srb(const struct vsp_disk_request *r, struct enl_stor_packet *p)
{
	bool rev2 = vsp_storage_rev2(r->storage);
	const struct vsp_outcome *o = &r->outcome;
	struct enl_stor_srb *srb = &p->srb;

	srb->length = __cpu_to_le16(rev2 ? ENL_STOR_BODY_REV2 : ENL_STOR_BODY_REV1);
	srb->transfer_bytes = __cpu_to_le32(o->transferred);
	if (o->rejected)
		return;
	srb->srb_status = o->srb;
	srb->scsi_status = o->scsi;
	srb->cdb_bytes = ENL_STOR_CDB_BYTES;
	srb->sense_bytes = rev2 ? ENL_STOR_SENSE_REV2 : ENL_STOR_SENSE_REV1;
	if (o->sense_said)
		srb->sense_bytes = o->sense_bytes;
	__builtin_memcpy(srb->sense, o->sense, sizeof(srb->sense));
}

/* The answer as an honest host sends it, as long as the request was. */
static void fill(struct vsp_disk_request *r, struct enl_stor_packet *p)
{
	__builtin_memset(p, 0, sizeof(*p));
	if (r->control)
		__builtin_memcpy(p->body, r->answer, sizeof(p->body));
	else
		fill_srb(r, p);
	p->operation = __cpu_to_le32(ENL_STOR_COMPLETE_IO);
	p->status = __cpu_to_le32(r->outcome.nt || r->control || r->outcome.rejected ?
				  r->outcome.nt :
				  vsp_nt_status(r->outcome.srb, r->storage->azure));
}

static void count(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;
	const struct vsp_outcome *o = &r->outcome;

	if (r->control)
		return;
	s->stats.completions++;
	s->stats.errors += o->rejected || o->scsi ||
			   (o->srb & ENL_SRB_CODE_MASK) != ENL_SRB_SUCCESS;
}

/* Sends the first of the queue. False: nothing to send, or no room. */
static bool send_first(struct vsp_storage_channel *sc)
{
	struct vsp_disk_request *r = sc->first;
	struct vsp_storage *s = sc->storage;
	struct enl_stor_packet answer;
	struct vsp_packet p = { .type = ENL_PACKET_COMPLETION };
	struct vsp_storage_channel *to;
	__u32 what;
	int result;

	if (!r)
		return false;
	fill(r, &answer);
	p.id = r->id;
	p.data = &answer;
	p.bytes = r->packet_bytes;
	what = vsp_storage_fault_packet(r, &p);
	to = vsp_storage_fault_channel(r);
	result = vsp_send(to->channel, &p);
	if (result == VSP_NO_ROOM)
		return false;
	if (result == VSP_SENT && what & VSP_SF_EXTRA) {
		r->fault = 0;		/* next comes the good one */
		return true;
	}
	if (result == VSP_SENT && what & VSP_SF_DUPLICATE && !r->repeated) {
		r->repeated = true;
		return true;
	}
	if (!vsp_storage_fault_spoils(what))
		vsp_request_done(s->host, sc->relid, false, r->id);
	count(r);
	if (r->operation == ENL_STOR_CREATE_SUB_CHANNELS && !(s->sub & VSP_SUB_LATE))
		vsp_storage_offer_late(s);
	dequeue(sc);
	return true;
}

static void ripen(struct vsp_storage_channel *sc)
{
	struct vsp_storage *s = sc->storage;
	__u32 i;

	for (i = 0; sc->delayed && i < s->requests; i++) {
		struct vsp_disk_request *r = &s->request[i];

		if (r->channel != sc || r->state != VSP_RQ_DELAYED || r->due_time ||
		    r->due_step > s->host->step)
			continue;
		sc->delayed--;
		vsp_storage_queue(r);
	}
}

/* One answer on its way. True: that, or one has to wait for a step. */
bool vsp_storage_send(struct vsp_storage_channel *sc)
{
	if (sc->delayed)
		ripen(sc);
	return send_first(sc) || sc->delayed;
}

/* When the next answer is due that is delayed by time; 0: none. */
__u64 vsp_storage_deadline(const struct vsp_storage *s)
{
	__u64 first = 0;
	__u32 i;

	for (i = 0; i < s->requests; i++) {
		const struct vsp_disk_request *r = &s->request[i];

		if (r->state == VSP_RQ_DELAYED && r->due_time && (!first || r->due_time < first))
			first = r->due_time;
	}
	return first;
}

/* Time has passed. */
void vsp_storage_tick(struct vsp_storage *s)
{
	__u64 now = s->host->binding.time(s->host->binding.context);
	__u32 i;

	for (i = 0; i < s->requests; i++) {
		struct vsp_disk_request *r = &s->request[i];

		if (r->state == VSP_RQ_DELAYED && r->due_time && r->due_time <= now)
			vsp_storage_queue(r);
	}
}
