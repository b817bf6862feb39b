// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fault plan: which thing of which kind goes wrong, and random plans from a seed.
 * Calls nothing. Asked by the queues, the packet layer and the bus at their fault points.
 * A plan is data, so a failing seed can be printed line by line and cut down by hand.
 */
#include "vsp/internal.h"

/* Adds a line to the plan. Returns its number, or -1 if the plan is full. */
int vsp_fault_add(struct vsp *v, const struct vsp_fault *fault)
{
	struct vsp_fault *f;

	if (v->faults == VSP_FAULTS) {
		vsp_note(v, VSP_V_TABLE, 'F', VSP_FAULTS);
		return -1;
	}
	f = &v->fault[v->faults];
	*f = *fault;
	f->hits = 0;
	if (!f->times)
		f->times = 1;
	return v->faults++;
}

void vsp_fault_clear(struct vsp *v)
{
	v->faults = 0;
}

__u32 vsp_fault_hits(const struct vsp *v, int fault)
{
	return fault >= 0 && (__u32)fault < v->faults ? v->fault[fault].hits : 0;
}

__u64 vsp_fault_total_hits(const struct vsp *v)
{
	__u64 hits = 0;
	__u32 i;

	for (i = 0; i < v->faults; i++)
		hits += v->fault[i].hits;
	return hits;
}

/* The first line of the plan that strikes here, or NULL. Counts. */
const struct vsp_fault *vsp_fault_at(struct vsp *v, enum vsp_fault_point point, __u32 key)
{
	__u32 i;

	for (i = 0; i < v->faults; i++) {
		struct vsp_fault *f = &v->fault[i];

		if (f->point != point || (f->key && f->key != key) || f->hits == f->times)
			continue;
		if (f->skip) {
			f->skip--;
			continue;
		}
		f->hits++;
		vsp_trace(v, "fault", (__u32)f->action, key);
		return f;
	}
	return NULL;
}

/* Does what a truncating or overwriting fault says to @bytes; returns the new length. */
__u32 vsp_fault_overwrite(const struct vsp_fault *fault, void *bytes, __u32 length)
{
	__u8 *p = bytes;
	__u32 i;

	if (fault->action == VSP_TRUNCATE)
		return fault->a < length ? fault->a : length;
	if (fault->action != VSP_OVERWRITE)
		return length;
	for (i = 0; i < fault->width && fault->a + i < length; i++)
		p[fault->a + i] = (__u8)(fault->b >> (8 * i));
	return length;
}

/* xorshift64*: the same numbers for the same seed, on every machine. */
__u64 vsp_next_random(__u64 *state)
{
	__u64 x = *state ? *state : 0x9e3779b97f4a7c15ULL;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

static __u32 below(__u64 *state, __u32 limit)
{
	return (__u32)((vsp_next_random(state) >> 32) % limit);
}

static void plan_timing(struct vsp_fault *f, __u64 *s)
{
	static const __u16 retry[] = {
		ENL_HV_INSUFFICIENT_MEMORY, ENL_HV_INSUFFICIENT_BUFFERS, ENL_HV_TIMEOUT,
	};

	switch (below(s, 5)) {
	case 0:
		f->point = VSP_AT_POST;
		f->action = VSP_STATUS;
		f->a = retry[below(s, 3)];
		break;
	case 1:
		f->point = VSP_AT_POST;
		f->action = VSP_DELAY;
		break;
	case 2:
		f->point = VSP_AT_SLOT;
		f->action = VSP_DELAY;
		break;
	case 3:
		f->point = VSP_AT_EVENT;
		f->action = VSP_REPEAT;
		break;
	default:
		f->point = VSP_AT_EVENT;
		f->action = VSP_DELAY;
	}
	if (f->action == VSP_DELAY)
		f->a = 1 + below(s, 40);
	f->times = 1 + below(s, 5);
}

static void plan_refusals(struct vsp_fault *f, __u64 *s)
{
	static const __u8 answers[] = {
		ENL_MSG_OPEN_RESULT, ENL_MSG_GPADL_CREATED, ENL_MSG_MODIFY_CHANNEL_RESPONSE,
	};

	f->point = VSP_AT_MESSAGE;
	f->key = answers[below(s, 3)];
	f->action = below(s, 2) ? VSP_STATUS : VSP_RESCIND;
	f->a = 0xc0000044u;
}

static void plan_loss(struct vsp_fault *f, __u64 *s)
{
	static const __u8 action[] = { VSP_DROP, VSP_REPEAT, VSP_REORDER };

	f->point = below(s, 3) ? VSP_AT_MESSAGE : VSP_AT_EVENT;
	f->action = action[below(s, 3)];
}

static void plan_hostile(struct vsp_fault *f, __u64 *s)
{
	f->point = below(s, 2) ? VSP_AT_MESSAGE : VSP_AT_PACKET;
	f->action = below(s, 3) ? VSP_OVERWRITE : VSP_TRUNCATE;
	f->a = below(s, f->point == VSP_AT_MESSAGE ? 40 : 64);
	f->width = (__u8)(1u << below(s, 4));
	f->b = below(s, 2) ? vsp_next_random(s) : below(s, 4) * 0x55555555ULL;
}

/**
 * vsp_fault_random - add @count faults that follow from @seed alone
 * @v: the host
 * @seed: any number; print it when a test fails
 * @plan: VSP_PLAN_ bits that may be used
 * @count: faults to add
 */
void vsp_fault_random(struct vsp *v, __u64 seed, __u32 plan, __u32 count)
{
	static void (*const make[])(struct vsp_fault *f, __u64 *s) = {
		plan_timing, plan_refusals, plan_loss, plan_hostile,
	};
	__u64 s = seed * 0x9e3779b97f4a7c15ULL + 1;

	if (!(plan & 0xf))
		return;
	while (count) {
		struct vsp_fault f = { 0 };
		__u32 kind = below(&s, 4);

		if (!(plan & (1u << kind)))
			continue;
		f.skip = below(&s, 200);
		f.times = 1;
		make[kind](&f, &s);
		if (vsp_fault_add(v, &f) < 0)
			return;
		count--;
	}
}
