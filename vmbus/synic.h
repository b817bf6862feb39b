/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers and layouts of the synthetic interrupt controller and of hypercalls, in host order.
 * For platform_hyperv.c alone, which must not include the wire headers beside the kernel's.
 * The same facts for everybody else are in wire/synic.h.
 */
#ifndef ENL_VMBUS_SYNIC_H
#define ENL_VMBUS_SYNIC_H

#include <linux/types.h>

#define SINT		2u
#define SLOT_BYTES	256u
#define PAYLOAD_BYTES	240u
#define FLAG_BITS	2048u

/* Register numbers; the accessors redirect them where a VM needs that. */
#define MSR_SCONTROL	0x40000080u
#define MSR_SIEFP	0x40000082u
#define MSR_SIMP	0x40000083u
#define MSR_EOM		0x40000084u
#define MSR_SINT	(0x40000090u + SINT)
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

struct post_input {
	u32 connection;
	u32 reserved;
	u32 type;
	u32 bytes;
	u8 payload[PAYLOAD_BYTES];
};

#endif
