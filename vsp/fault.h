/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault plans: at the n-th thing of a kind, misbehave in one way, so many times.
 * Data only; vsp/fault.c keeps the plan, the other files of vsp/ ask it at their fault points.
 * Tests add faults by hand, or take a random plan from a seed.
 */
#ifndef VSP_FAULT_H
#define VSP_FAULT_H

#include "vsp/vsp.h"

/**
 * enum vsp_fault_point - where a fault strikes, and what its key means
 * @VSP_AT_POST: the guest posts a control message of type @key; all actions but RESCIND
 * @VSP_AT_MESSAGE: a control message of type @key leaves for the guest
 * @VSP_AT_PACKET: a packet leaves for the guest on relid @key
 * @VSP_AT_EVENT: an event flag @key is raised
 * @VSP_AT_DOORBELL: the guest signals relid @key
 * @VSP_AT_SLOT: a control message of type @key is about to be delivered
 * @VSP_AT_LIMIT: how many points there are
 */
enum vsp_fault_point {
	VSP_AT_POST,
	VSP_AT_MESSAGE,
	VSP_AT_PACKET,
	VSP_AT_EVENT,
	VSP_AT_DOORBELL,
	VSP_AT_SLOT,
	VSP_AT_LIMIT
};

/**
 * enum vsp_fault_action - what happens instead
 * @VSP_DROP: it is lost
 * @VSP_DELAY: it comes @a steps later (at AT_SLOT: the slot is busy that long; at
 *	AT_PACKET: an extra event)
 * @VSP_REPEAT: it comes twice
 * @VSP_REORDER: it changes places with the one before it
 * @VSP_TRUNCATE: only @a bytes of it
 * @VSP_OVERWRITE: @width (1, 2, 4, 8) bytes at offset @a become @b
 * @VSP_STATUS: hypercall status @a at AT_POST; at AT_MESSAGE the answer says status @a, and what
 *	was asked for has not happened if that is a refusal
 * @VSP_RESCIND: at AT_MESSAGE: the channel is rescinded and the message is not sent
 * @VSP_ACTION_LIMIT: how many actions there are
 */
enum vsp_fault_action {
	VSP_DROP,
	VSP_DELAY,
	VSP_REPEAT,
	VSP_REORDER,
	VSP_TRUNCATE,
	VSP_OVERWRITE,
	VSP_STATUS,
	VSP_RESCIND,
	VSP_ACTION_LIMIT
};

/**
 * struct vsp_fault - one line of a plan
 * @point: where
 * @action: what
 * @key: 0 means any
 * @skip: how many to let pass first
 * @times: how many to hit then; 0 means 1
 * @a: steps, offset, length or status, as the action says
 * @b: value that VSP_OVERWRITE writes
 * @width: bytes of it
 * @hits: how many it has hit (the model counts)
 */
struct vsp_fault {
	enum vsp_fault_point point;
	enum vsp_fault_action action;
	__u32 key;
	__u32 skip;
	__u32 times;
	__u32 a;
	__u64 b;
	__u8 width;
	__u32 hits;
};

/* Which faults a random plan may hold. */
#define VSP_PLAN_TIMING		0x1u	/* delays, busy slots, retryable statuses, spurious and
					 * doubled events: a correct guest works all the same
					 */
#define VSP_PLAN_REFUSALS	0x2u	/* answers that say no, rescinds */
#define VSP_PLAN_LOSS		0x4u	/* lost, doubled, swapped messages; lost events */
#define VSP_PLAN_HOSTILE	0x8u	/* cut and overwritten messages and packets */

int vsp_fault_add(struct vsp *v, const struct vsp_fault *fault);
void vsp_fault_clear(struct vsp *v);
__u32 vsp_fault_hits(const struct vsp *v, int fault);
__u64 vsp_fault_total_hits(const struct vsp *v);
void vsp_fault_random(struct vsp *v, __u64 seed, __u32 plan, __u32 count);
const struct vsp_fault *vsp_fault_at(struct vsp *v, enum vsp_fault_point point, __u32 key);
__u32 vsp_fault_overwrite(const struct vsp_fault *fault, void *bytes, __u32 length);
__u64 vsp_next_random(__u64 *state);

#endif
