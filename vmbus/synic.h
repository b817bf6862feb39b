/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers and layouts of the synthetic interrupt controller and of hypercalls, in host order.
 * For platform_hyperv.c alone, which must not include the wire headers beside the kernel's.
 * The same facts for everybody else are in wire/synic.h. The functions know no register, so that
 * they have cases of their own (kunit/slot_test.c).
 */
#ifndef ENL_VMBUS_SYNIC_H
#define ENL_VMBUS_SYNIC_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

#define SINT		2u
#define SLOT_BYTES	256u
#define PAYLOAD_BYTES	240u
#define FLAG_BITS	2048u
#define SLOT_PENDING	1u	/* in flags: more is queued */

/* Register numbers; the accessors redirect them where a VM needs that. */
#define MSR_SCONTROL	0x40000080u
#define MSR_SIEFP	0x40000082u
#define MSR_SIMP	0x40000083u
#define MSR_EOM		0x40000084u
#define MSR_SINT	(0x40000090u + SINT)
#define MSR_STIMER0_CONFIG	0x400000b0u
#define MSR_CRASH(n)	(0x40000100u + (n))	/* parameters 0 to 4, then control */
#define CRASH_TEXT	(1ull << 62)		/* 3 and 4 are address and length of a text */
#define CRASH_NOTIFY	(1ull << 63)
#define PAGE_ENABLE	1ull
#define PAGE_FIELDS	(~0xfffull | PAGE_ENABLE)	/* bits 11..1 are preserved */
#define SINT_MASKED	(1ull << 16)
#define SINT_AUTO_EOI	(1ull << 17)
#define SINT_FIELDS	(0xffull | SINT_MASKED | SINT_AUTO_EOI)

#define HINT_NO_AUTO_EOI	(1u << 9)
#define FEATURE_SYNIC		(1u << 2)
#define FEATURE_STIMER		(1u << 3)
#define MISC_DIRECT_TIMER	(1u << 19)
#define MISC_CRASH		(1u << 10)
#define PRIV_POST		(1u << 4)
#define PRIV_SIGNAL		(1u << 5)
#define TIMER_EXPIRED		0x80000010u
#define CALL_POST		0x005c
#define CALL_SIGNAL		0x005d
#define CALL_HEAT_HINT		0x8003
#define EXT_COLD_DISCARD	(1ull << 8)
#define HINT_DISCARD		2ull

/* Under two names in the kernels concerned; both go where this VM's registers are. */
#ifdef HAVE_HV_GET_MSR
#define get_reg(reg) hv_get_msr(reg)
#define set_reg(reg, value) hv_set_msr(reg, value)
#else
#define get_reg(reg) hv_get_register(reg)
#define set_reg(reg, value) hv_set_register(reg, value)
#endif

#ifdef HAVE_HV_ROOT_PARTITION_FUNCTION
#define is_root_partition() hv_root_partition()
#else
#define is_root_partition() hv_root_partition
#endif

#define REFUSED_RETRY_MS	10	/* the bus had no room for a message */
#define DRAIN_TRIES		3	/* event flags of a CPU that goes */

/* A message slot, as the hypervisor writes it. */
struct slot {
	u32 type;
	u8 bytes;
	u8 flags;
	u16 reserved;
	u64 sender;
	u8 payload[PAYLOAD_BYTES];
};

/* Copy a slot that holds something. The copy is looked at, the slot is not. */
static inline bool slot_copy(struct slot *slot, struct slot *copy)
{
	if (!READ_ONCE(slot->type))
		return false;
	/* The hypervisor writes the type last: the rest is read after it. */
	virt_rmb();
	memcpy(copy, slot, sizeof(*copy));
	return copy->type != 0;
}

/*
 * Empty the slot, if it still holds what was handled: the hypervisor or a crashing CPU may have
 * been faster. True: the hypervisor has more queued, and waits for the end-of-message register.
 */
static inline bool slot_release(struct slot *slot, u32 type)
{
	if (cmpxchg(&slot->type, type, 0) != type)
		return false;
	/* The store of 0 is visible before the flag is read, or a queued message stays queued. */
	virt_mb();
	return READ_ONCE(slot->flags) & SLOT_PENDING;
}

/* What the host must grant and does not, in words; NULL: nothing is missing. */
static inline const char *host_withholds(u32 features, u32 privileges)
{
	if (!(features & FEATURE_SYNIC))
		return "the synthetic interrupt controller";
	if (!(privileges & PRIV_POST))
		return "the posting of messages";
	if (!(privileges & PRIV_SIGNAL))
		return "the signalling of events";
	return NULL;
}

struct post_input {
	u32 connection;
	u32 reserved;
	u32 type;
	u32 bytes;
	u8 payload[PAYLOAD_BYTES];
};

#endif
