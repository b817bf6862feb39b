// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queues between guest and host: posted messages, messages to the guest, event flags.
 * Each entry may have to wait for a step number, which is how delays and held answers are made.
 * Asks the fault plan; called by vsp/bus.c, by everything that answers the guest, and by tests.
 */
#include "vsp/internal.h"

static __u32 type_of(const void *message, __u32 bytes)
{
	return bytes >= 4 ? vsp_get32(message, 0) : 0;
}

static __u32 counted(__u32 type)
{
	return type < VSP_TYPES ? type : 0;
}

/* Puts a message to the guest into place @at of the queue. */
static void out_insert(struct vsp *v, __u32 at, const struct vsp_queued *q)
{
	__u32 i;

	if (v->outs == VSP_OUT) {
		vsp_note(v, VSP_V_TABLE, 'O', VSP_OUT);
		return;
	}
	for (i = v->outs++; i > at; i--)
		v->out[i] = v->out[i - 1];
	v->out[at] = *q;
}

static void out_remove(struct vsp *v, __u32 at)
{
	__u32 i;

	v->outs--;
	for (i = at; i < v->outs; i++)
		v->out[i] = v->out[i + 1];
}

/* Where each answer has its status, for faults that make it say no. 0: it has none. */
static __u32 status_offset(__u32 type)
{
	switch (type) {
	case ENL_MSG_OPEN_RESULT:
	case ENL_MSG_GPADL_CREATED:
		return 16;
	case ENL_MSG_MODIFY_CHANNEL_RESPONSE:
		return 12;
	case ENL_MSG_TL_CONNECT_RESULT:
		return 40;
	default:
		return 0;
	}
}

static void overwrite_status(struct vsp_queued *q, __u32 type, __u32 status)
{
	__u32 at = status_offset(type);

	if (at && at + 4 <= q->bytes)
		vsp_put32(q->message, at, status);
	else if (type == ENL_MSG_VERSION_RESPONSE)
		q->message[9] = (__u8)status;
}

/*
 * A message starts its way to the guest; the plan may have something in store for it. True: the
 * plan made the answer a refusal.
 */
static bool out_add(struct vsp *v, struct vsp_queued *q)
{
	__u32 type = type_of(q->message, q->bytes);
	const struct vsp_fault *f = vsp_fault_at(v, VSP_AT_MESSAGE, type);
	__u32 at = v->outs;
	__u32 copies = 1;
	bool refused = false;

	if (type < 64 && v->held_types & 1ULL << type)
		q->not_before = VSP_NEVER;
	switch (f ? f->action : VSP_ACTION_LIMIT) {
	case VSP_DROP:
		return false;
	case VSP_DELAY:
		q->not_before = v->step + f->a;
		break;
	case VSP_REPEAT:
		copies = 2;
		break;
	case VSP_REORDER:
		at = at ? at - 1 : 0;
		break;
	case VSP_TRUNCATE:
	case VSP_OVERWRITE:
		q->bytes = vsp_fault_overwrite(f, q->message, q->bytes);
		break;
	case VSP_STATUS:
		overwrite_status(q, type, f->a);
		refused = f->a;
		break;
	case VSP_RESCIND:
		/* answers name their channel first, all but TORNDOWN */
		if (type == ENL_MSG_RESCIND)
			break;
		v->rescind_due = vsp_get32(q->message, 8);
		return false;
	default:
		break;
	}
	while (copies--)
		out_insert(v, at, q);
	return refused;
}

static bool send_to(struct vsp *v, __u32 vp, const void *message, __u32 bytes)
{
	struct vsp_queued q = { 0 };

	q.vp = vp;
	q.bytes = bytes <= ENL_MESSAGE_BYTES ? bytes : ENL_MESSAGE_BYTES;
	__builtin_memcpy(q.message, message, q.bytes);
	return out_add(v, &q);
}

/**
 * vsp_send_message - send any bytes to the guest as a control message
 * @v: the host
 * @vp: to which processor
 * @message: the bytes; need not make sense
 * @bytes: at most 240
 */
void vsp_send_message(struct vsp *v, __u32 vp, const void *message, __u32 bytes)
{
	send_to(v, vp, message, bytes);
}

/* True: the plan made it a refusal, so what was asked for must not have happened. */
bool vsp_reply(struct vsp *v, const void *message, __u32 bytes)
{
	return send_to(v, v->connect_vp, message, bytes);
}

/* The next message that is due, unless the guest's slot is busy. */
bool vsp_out_take(struct vsp *v, struct vsp_out *out)
{
	const struct vsp_fault *f;
	__u32 type;
	__u32 i;

	if (v->step < v->slot_busy_until)
		return false;
	for (i = 0; i < v->outs && v->out[i].not_before > v->step; i++)
		;
	if (i == v->outs)
		return false;
	type = type_of(v->out[i].message, v->out[i].bytes);
	f = vsp_fault_at(v, VSP_AT_SLOT, type);
	if (f && f->action == VSP_DELAY) {
		v->slot_busy_until = v->step + f->a;
		return false;
	}
	out->vp = v->out[i].vp;
	out->bytes = v->out[i].bytes;
	__builtin_memcpy(out->message, v->out[i].message, ENL_MESSAGE_BYTES);
	out_remove(v, i);
	v->delivered[counted(type)]++;
	vsp_trace(v, "to guest", type, out->bytes >= 12 ? vsp_get32(out->message, 8) : 0);
	return true;
}

/* The guest had no room for what vsp_step() handed out: it comes first next time. */
void vsp_put_back(struct vsp *v, const struct vsp_out *out)
{
	struct vsp_queued q = { 0 };

	q.vp = out->vp;
	q.bytes = out->bytes;
	__builtin_memcpy(q.message, out->message, out->bytes);
	out_insert(v, 0, &q);
	/* the host does other things before it tries again */
	v->slot_busy_until = v->step + 16;
	v->delivered[counted(type_of(out->message, out->bytes))]--;
}

/* The host does not read on while the guest does not take what it has. */
bool vsp_out_blocked(const struct vsp *v)
{
	__u32 due = 0;
	__u32 i;

	if (v->outs < v->host.out_depth)
		return false;
	for (i = 0; i < v->outs; i++)
		due += v->out[i].not_before != VSP_NEVER;
	return due >= v->host.out_depth || v->outs + 8 >= VSP_OUT;
}

/* An answer of @type for @relid is on its way and not there yet. */
bool vsp_answer_waits(const struct vsp *v, __u32 type, __u32 relid)
{
	__u32 i;

	for (i = 0; i < v->outs; i++) {
		if (type_of(v->out[i].message, v->out[i].bytes) == type &&
		    v->out[i].bytes >= 12 && vsp_get32(v->out[i].message, 8) == relid)
			return true;
	}
	return false;
}

/* A message is due that the guest has no room for, or that nobody took yet. */
bool vsp_delivery_waits(const struct vsp *v)
{
	__u32 i;

	for (i = 0; i < v->outs; i++) {
		if (v->out[i].not_before != VSP_NEVER)
			return true;
	}
	return false;
}

void vsp_out_clear(struct vsp *v)
{
	v->outs = 0;
	v->slot_busy_until = 0;
}

/* @hold: answers of @type wait from now on, until this is called again without it. */
void vsp_hold(struct vsp *v, __u32 type, bool hold)
{
	__u32 i;

	if (type >= 64)
		return;
	if (hold) {
		v->held_types |= 1ULL << type;
		return;
	}
	v->held_types &= ~(1ULL << type);
	for (i = 0; i < v->outs; i++) {
		if (type_of(v->out[i].message, v->out[i].bytes) == type)
			v->out[i].not_before = 0;
	}
}

static void event_add(struct vsp *v, __u32 vp, __u32 flag, __u64 not_before)
{
	if (v->events == VSP_EVENTS) {
		vsp_note(v, VSP_V_TABLE, 'E', VSP_EVENTS);
		return;
	}
	v->event[v->events].vp = vp;
	v->event[v->events].flag = flag;
	v->event[v->events].not_before = not_before;
	v->events++;
}

/* Raise event flag @flag of @vp, past the fault plan: a spurious interrupt. */
void vsp_send_event(struct vsp *v, __u32 vp, __u32 flag)
{
	event_add(v, vp, flag, 0);
}

void vsp_raise(struct vsp *v, __u32 vp, __u32 flag)
{
	const struct vsp_fault *f = vsp_fault_at(v, VSP_AT_EVENT, flag);

	if (f && f->action == VSP_DROP)
		return;
	event_add(v, vp, flag, f && f->action == VSP_DELAY ? v->step + f->a : 0);
	if (f && f->action == VSP_REPEAT)
		event_add(v, vp, flag, 0);
}

bool vsp_event_take(struct vsp *v, struct vsp_out *out)
{
	__u32 i, k;

	for (i = 0; i < v->events && v->event[i].not_before > v->step; i++)
		;
	if (i == v->events)
		return false;
	out->vp = v->event[i].vp;
	out->flag = v->event[i].flag;
	v->events--;
	for (k = i; k < v->events; k++)
		v->event[k] = v->event[k + 1];
	vsp_trace(v, "event", out->flag, out->vp);
	return true;
}

static void in_add(struct vsp *v, const struct vsp_inbound *p, bool swap)
{
	__u32 at = v->ins;

	if (v->ins == VSP_IN) {
		vsp_note(v, VSP_V_TABLE, 'I', VSP_IN);
		return;
	}
	v->in[v->ins++] = *p;
	if (swap && at) {
		v->in[at] = v->in[at - 1];
		v->in[at - 1] = *p;
	}
}

static void remember(struct vsp *v, __u32 connection, const __u8 *message, __u32 bytes,
		     __u16 status)
{
	struct vsp_record *r = &v->record[v->records % VSP_RECORDS];
	__u32 type = counted(type_of(message, bytes));

	__builtin_memset(r, 0, sizeof(*r));
	r->number = v->records++;
	r->connection = connection;
	r->status = status;
	r->bytes = (__u16)bytes;
	__builtin_memcpy(r->message, message, bytes);
	v->tried[type]++;
	v->posted[type] += !status;
	vsp_trace(v, "from guest", type, status);
}

/* A post that the connection accepts: into the queue, or not as the plan says. */
static __u16 accept(struct vsp *v, struct vsp_inbound *p)
{
	const struct vsp_fault *f = vsp_fault_at(v, VSP_AT_POST, type_of(p->message, p->bytes));
	enum vsp_fault_action action = f ? f->action : VSP_ACTION_LIMIT;

	if (action == VSP_STATUS)
		return (__u16)f->a;
	if (v->ins >= v->host.in_depth)
		return ENL_HV_INSUFFICIENT_BUFFERS;
	if (action == VSP_DROP)
		return ENL_HV_SUCCESS;
	if (action == VSP_DELAY)
		p->not_before = v->step + f->a;
	if (action == VSP_TRUNCATE || action == VSP_OVERWRITE)
		p->bytes = vsp_fault_overwrite(f, p->message, p->bytes);
	in_add(v, p, action == VSP_REORDER);
	if (action == VSP_REPEAT)
		in_add(v, p, false);
	return ENL_HV_SUCCESS;
}

/**
 * vsp_post - the guest's HvPostMessage
 * @v: the host
 * @connection: where to
 * @message: the bytes
 * @bytes: how many
 *
 * Returns the status of the hypercall. The message is handled by a later step.
 */
__u16 vsp_post(struct vsp *v, __u32 connection, const void *message, __u32 bytes)
{
	struct vsp_inbound p = { 0 };
	__u16 status;

	if (bytes > ENL_MESSAGE_BYTES) {
		vsp_note(v, VSP_V_LENGTH, 0, bytes);
		return ENL_HV_INVALID_PARAMETER;
	}
	/* the port outlives the connection: guests release their relids after UNLOAD */
	p.connection = connection & ENL_CONNECTION_ID_MASK;
	p.bytes = bytes;
	__builtin_memcpy(p.message, message, bytes);
	if (p.connection != ENL_CONNECTION_MESSAGE &&
	    !(v->host.multi && p.connection == ENL_CONNECTION_MESSAGE_MULTI) &&
	    !(v->message_connection && p.connection == v->message_connection)) {
		if (type_of(message, bytes) != ENL_MSG_INITIATE_CONTACT)
			vsp_note(v, VSP_V_CONNECTION, type_of(message, bytes), connection);
		status = ENL_HV_INVALID_CONNECTION;
	} else {
		status = accept(v, &p);
	}
	remember(v, connection, message, bytes, status);
	return status;
}

/* The guest's messages stay in order: one that is delayed holds up those behind it. */
bool vsp_in_take(struct vsp *v, struct vsp_inbound *message)
{
	__u32 i;

	if (!v->ins || v->in[0].not_before > v->step)
		return false;
	*message = v->in[0];
	v->ins--;
	for (i = 0; i < v->ins; i++)
		v->in[i] = v->in[i + 1];
	return true;
}

/* Something will be due at a later step, so an idle step is not the end. */
bool vsp_waiting_for_time(const struct vsp *v)
{
	__u32 i;

	if (v->step < v->slot_busy_until && v->outs)
		return true;
	for (i = 0; i < v->outs; i++) {
		if (v->out[i].not_before > v->step && v->out[i].not_before != VSP_NEVER)
			return true;
	}
	if (v->ins && v->in[0].not_before > v->step)
		return true;
	for (i = 0; i < v->events; i++) {
		if (v->event[i].not_before > v->step)
			return true;
	}
	return false;
}
