// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercalls that KVM leaves to us: post a message, signal an event, heat hints.
 * Calls vmbus.c and memory.c; called by vcpu.c. Input is copied once, then checked.
 * Layouts: specification of the bus, chapter 3; of the balloon, chapter 14.
 */
#include <string.h>
#include "testhost/machine.h"
#include "wire/dm.h"
#include "wire/synic.h"

#define CALL_CODE(control)	((control) & 0xffff)
#define CALL_FAST		(1ull << 16)
#define CALL_REPS(control)	((control) >> 32 & 0xfff)
#define CALL_START(control)	((control) >> 48 & 0xfff)

#define CALL_CAPABILITIES	0x8001u
#define CALL_HEAT_HINT		0x8003u
#define CAPABILITY_COLD_DISCARD	(1ull << 8)

/* Copies @bytes of input, which must be aligned and lie in one page. Status 0 if it did. */
static __u16 copy_in(struct machine *m, __u64 gpa, void *to, unsigned int bytes)
{
	const void *from = memory_map(m, gpa, bytes);

	if (gpa % 8)
		return ENL_HV_INVALID_ALIGNMENT;
	if (gpa % ENL_HVPAGE_SIZE + bytes > ENL_HVPAGE_SIZE || !from)
		return ENL_HV_INVALID_PARAMETER;
	memcpy(to, from, bytes);
	return ENL_HV_SUCCESS;
}

static __u16 post(struct machine *m, __u64 control, __u64 gpa)
{
	struct enl_post_message p;
	__u16 status = copy_in(m, gpa, &p, sizeof(p));

	if (control & CALL_FAST)
		return ENL_HV_INVALID_INPUT;
	if (status)
		return status;
	if (p.payload_bytes > sizeof(p.payload))
		return ENL_HV_INVALID_PARAMETER;
	/* of the types that a guest may send, VMBus knows one */
	if (p.message_type != ENL_HV_MESSAGE_VMBUS)
		return ENL_HV_INVALID_PARAMETER;
	return vmbus_post(m, p.connection_id, p.payload, p.payload_bytes);
}

static __u16 signal_event(struct machine *m, __u64 control, __u64 in)
{
	__u16 status = ENL_HV_SUCCESS;

	if (!(control & CALL_FAST))
		status = copy_in(m, in, &in, sizeof(in));
	if (status)
		return status;
	if (in >> 48)
		return ENL_HV_INVALID_INPUT;
	if (in >> 32)
		return ENL_HV_INVALID_PORT;
	vmbus_signal(m, (__u32)in & ENL_CONNECTION_ID_MASK);
	return ENL_HV_SUCCESS;
}

static __u16 capabilities(struct machine *m, __u64 out)
{
	__u64 *to = memory_map(m, out, sizeof(*to));

	if (!m->opt.heat)
		return ENL_HV_ACCESS_DENIED;
	if (!to || out % 8)
		return ENL_HV_INVALID_PARAMETER;
	*to = CAPABILITY_COLD_DISCARD;
	return ENL_HV_SUCCESS;
}

/* One word of a heat hint: pages that the guest does not need. Status 0 if it makes sense. */
static __u16 hint(struct machine *m, __u64 word)
{
	bool large = word & ENL_HINT_LARGE;
	unsigned int shift = large ? (word & ENL_HINT_1G ? 30 : 21) : 12;
	__u64 pages = word % ENL_HINT_RANGE_PAGES + 1;
	__u64 gpa = large ? word >> 21 << 21 : word >> 12 << 12;

	if ((large && word >> 13 & 0xff) || gpa & ((1ull << shift) - 1))
		return ENL_HV_INVALID_PARAMETER;
	/* what is smaller than the host's own blocks it does not want to hear of */
	if ((gpa | pages << shift) & ((ENL_HVPAGE_SIZE << (m->opt.heat - 1)) - 1ull) ||
	    !memory_discard(m, gpa, pages << shift))
		return ENL_HV_INVALID_PARAMETER;
	m->hinted_pages += pages << (shift - 12);
	return ENL_HV_SUCCESS;
}

/* Returns the status, and above it how many repetitions are done. */
static __u64 heat_hint(struct machine *m, __u64 control, __u64 in)
{
	__u64 i = CALL_START(control), reps = CALL_REPS(control);
	__u64 words[ENL_HVPAGE_SIZE / 8];
	__u16 status;

	if (!m->opt.heat)
		return ENL_HV_ACCESS_DENIED;
	if (control & CALL_FAST || !reps || i >= reps || reps >= sizeof(words) / 8)
		return ENL_HV_INVALID_INPUT;
	status = copy_in(m, in, words, 8 + 8 * (unsigned int)reps);
	if (!status && words[0] != ENL_HINT_COLD_DISCARD)
		status = ENL_HV_INVALID_PARAMETER;
	m->hints++;
	for (; !status && i < reps; i++) {
		status = hint(m, words[1 + i]);
		if (status)
			break;
	}
	return status | i << 32;
}

/**
 * hypercall - serve one
 * @m: the machine
 * @control: the guest's RCX
 * @in: its RDX, an address or with the fast form a value
 * @out: its R8
 *
 * Returns what RAX gets.
 */
__u64 hypercall(struct machine *m, __u64 control, __u64 in, __u64 out)
{
	switch (CALL_CODE(control)) {
	case ENL_HYPERCALL_POST:
		return post(m, control, in);
	case ENL_HYPERCALL_SIGNAL:
		return signal_event(m, control, in);
	case CALL_CAPABILITIES:
		return capabilities(m, out);
	case CALL_HEAT_HINT:
		return heat_hint(m, control, in);
	default:
		report(m, "hypercall", "code=0x%llx unknown=1",
		       (unsigned long long)CALL_CODE(control));
		return ENL_HV_INVALID_CODE;
	}
}
