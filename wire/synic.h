/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message and event-flag pages of the synthetic interrupt controller, and hypercall statuses
 * (specification, chapters 2 and 3). Used by the bus (statuses), the host model and tests;
 * vmbus/platform_hyperv.c takes its layouts from the kernel instead, to keep the names apart.
 */
#ifndef ENL_WIRE_SYNIC_H
#define ENL_WIRE_SYNIC_H

#include "wire.h"

#define ENL_SINTS		16u
#define ENL_EVENT_FLAGS		2048u

/* One slot of the message page; slot n belongs to SINTn. */
struct enl_synic_message {
	__le32 type;			/* 0 = empty */
	__u8 payload_bytes;
	__u8 flags;
	__le16 reserved;
	__le64 sender;
	__u8 payload[240];
};
ENL_WIRE_SIZE(struct enl_synic_message, 256);

#define ENL_SYNIC_PENDING	0x1u	/* flags: another message waits, EOM needed */
#define ENL_SYNIC_TIMER_EXPIRED	0x80000010u

/* Input block of HvPostMessage. */
struct enl_post_message {
	__le32 connection_id;
	__le32 reserved;
	__le32 message_type;
	__le32 payload_bytes;
	__u8 payload[240];
};
ENL_WIRE_SIZE(struct enl_post_message, 256);

#define ENL_HYPERCALL_POST	0x005cu
#define ENL_HYPERCALL_SIGNAL	0x005du

/* Result of a hypercall, low 16 bits (chapter 3.4). */
enum enl_hv_status {
	ENL_HV_SUCCESS			= 0x00,
	ENL_HV_INVALID_CODE		= 0x02,
	ENL_HV_INVALID_INPUT		= 0x03,
	ENL_HV_INVALID_ALIGNMENT	= 0x04,
	ENL_HV_INVALID_PARAMETER	= 0x05,
	ENL_HV_ACCESS_DENIED		= 0x06,
	ENL_HV_OPERATION_DENIED		= 0x08,
	ENL_HV_INSUFFICIENT_MEMORY	= 0x0b,
	ENL_HV_INVALID_PORT		= 0x11,
	ENL_HV_INVALID_CONNECTION	= 0x12,
	ENL_HV_INSUFFICIENT_BUFFERS	= 0x13,
	ENL_HV_INVALID_SYNIC_STATE	= 0x18,
	ENL_HV_OBJECT_IN_USE		= 0x19,
	ENL_HV_TIMEOUT			= 0x78,
};

#endif
