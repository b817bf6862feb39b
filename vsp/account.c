// SPDX-License-Identifier: GPL-2.0-only
/*
 * The account: violations by name and requests in flight.
 * Calls the binding's trace only.
 * Fed by every other file of vsp/; read by tests and by vsp/ledger.c.
 */
#include "vsp/internal.h"

static const char *const names[] = {
#define NAME(name, text) #name,
	VSP_VIOLATIONS(NAME)
#undef NAME
};

static const char *const texts[] = {
#define TEXT(name, text) text,
	VSP_VIOLATIONS(TEXT)
#undef TEXT
};

const char *vsp_violation_name(enum vsp_violation which)
{
	return which < VSP_V_LIMIT ? names[which] : "?";
}

const char *vsp_violation_text(enum vsp_violation which)
{
	return which < VSP_V_LIMIT ? texts[which] : "?";
}

void vsp_trace(struct vsp *v, const char *what, __u32 a, __u64 b)
{
	if (v->binding.trace)
		v->binding.trace(v->binding.context, what, a, b);
}

/* Counts a breach. @a is a relid, message type or VP; @b whatever was wrong. */
void vsp_note(struct vsp *v, enum vsp_violation which, __u32 a, __u64 b)
{
	if (!vsp_violations(v)) {
		v->first = which;
		v->first_a = a;
		v->first_b = b;
	}
	v->violation[which]++;
	vsp_trace(v, names[which], a, b);
}

__u64 vsp_violations(const struct vsp *v)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < VSP_V_LIMIT; i++)
		sum += v->violation[i];
	return sum;
}

__u64 vsp_violation_count(const struct vsp *v, enum vsp_violation which)
{
	return which < VSP_V_LIMIT ? v->violation[which] : 0;
}

/* The first breach and its numbers, for the message of a test that fails. */
bool vsp_first_violation(const struct vsp *v, enum vsp_violation *which, __u32 *a, __u64 *b)
{
	if (!vsp_violations(v))
		return false;
	*which = v->first;
	*a = v->first_a;
	*b = v->first_b;
	return true;
}

/* A test that provokes a breach on purpose takes it off the account with this. */
void vsp_forgive(struct vsp *v, enum vsp_violation which)
{
	if (which < VSP_V_LIMIT)
		v->violation[which] = 0;
}

static __u32 slot_of(__u32 relid, bool from_host, __u64 id)
{
	__u64 x = id * 0x9e3779b97f4a7c15ULL ^ ((__u64)relid << 1 | from_host);

	x *= 0xbf58476d1ce4e5b9ULL;
	return (__u32)(x >> 40) % VSP_REQUESTS;
}

static struct vsp_request *request_find(struct vsp *v, __u32 relid, bool from_host, __u64 id)
{
	__u32 i = slot_of(relid, from_host, id);
	__u32 n;

	for (n = 0; n < VSP_REQUESTS && v->request[i].relid; n++) {
		struct vsp_request *q = &v->request[i];

		if (q->relid == relid && q->from_host == from_host && q->id == id)
			return q;
		i = (i + 1) % VSP_REQUESTS;
	}
	return NULL;
}

/* False: the id is in flight already. */
bool vsp_request_add(struct vsp *v, __u32 relid, bool from_host, __u64 id)
{
	__u32 i = slot_of(relid, from_host, id);

	if (request_find(v, relid, from_host, id))
		return false;
	if (v->guest_requests + v->host_requests >= VSP_REQUESTS - 1) {
		vsp_note(v, VSP_V_TABLE, 'R', VSP_REQUESTS);
		return true;
	}
	while (v->request[i].relid)
		i = (i + 1) % VSP_REQUESTS;
	v->request[i].relid = relid;
	v->request[i].from_host = from_host;
	v->request[i].id = id;
	if (from_host)
		v->host_requests++;
	else
		v->guest_requests++;
	return true;
}

/* Takes an entry out and moves up the ones that collided with it. */
static void request_remove(struct vsp *v, struct vsp_request *q)
{
	__u32 hole = (__u32)(q - v->request);
	__u32 i = hole;

	if (q->from_host)
		v->host_requests--;
	else
		v->guest_requests--;
	for (;;) {
		struct vsp_request *next;
		__u32 home;

		v->request[hole].relid = 0;
		do {
			i = (i + 1) % VSP_REQUESTS;
			next = &v->request[i];
			if (!next->relid)
				return;
			home = slot_of(next->relid, next->from_host, next->id);
		} while ((i - home) % VSP_REQUESTS < (i - hole) % VSP_REQUESTS);
		v->request[hole] = *next;
		hole = i;
	}
}

/* False: nobody waits for it. */
bool vsp_request_done(struct vsp *v, __u32 relid, bool from_host, __u64 id)
{
	struct vsp_request *q = request_find(v, relid, from_host, id);

	if (q)
		request_remove(v, q);
	return q;
}

/* The channel is gone, and its requests with it. */
void vsp_request_drop(struct vsp *v, __u32 relid)
{
	__u32 i = 0;

	if (!v->guest_requests && !v->host_requests)
		return;
	while (i < VSP_REQUESTS) {
		if (v->request[i].relid == relid)
			request_remove(v, &v->request[i]);
		else
			i++;
	}
}
