/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ring buffers and the packets in them (VMBus specification, chapters 8 and 9).
 * Layouts and limits only; vmbus/ring.c is the guest's end, vsp/ring_peer.c the host's.
 * Included by both ends, by the drivers that build page lists, and by fuzzers.
 */
#ifndef ENL_WIRE_RING_H
#define ENL_WIRE_RING_H

#include "wire.h"

/* Control page of one ring. Indices are byte offsets in the data area, multiples of 8. */
struct enl_ring_control {
	__le32 write_index;		/* the sender's */
	__le32 read_index;		/* the receiver's */
	__le32 interrupt_mask;		/* the receiver's: non-zero = do not signal data */
	__le32 pending_send_size;	/* the sender's: bytes it waits for, 0 = not blocked */
	__le32 reserved1[12];
	__le32 feature_bits;		/* the sender's */
	__u8 reserved2[4028];
};
ENL_WIRE_SIZE(struct enl_ring_control, 4096);
ENL_WIRE_AT(struct enl_ring_control, feature_bits, 0x40);

#define ENL_RING_FEATURE_PENDING_SIZE	0x1u

enum enl_packet_type {
	ENL_PACKET_INBAND		= 6,
	ENL_PACKET_TRANSFER_PAGES	= 7,
	ENL_PACKET_GPA_DIRECT		= 9,
	ENL_PACKET_COMPLETION		= 11,
};

#define ENL_PACKET_WANTS_COMPLETION	0x1u	/* the only flag there is */

/* Start of every packet. Offset and length count units of 8 bytes, without the trailer. */
struct enl_packet_desc {
	__le16 type;
	__le16 offset8;
	__le16 length8;
	__le16 flags;
	__le64 transaction_id;
};
ENL_WIRE_SIZE(struct enl_packet_desc, 16);

/* After every packet; written truthfully, never believed. */
struct enl_packet_trailer {
	__le32 reserved;
	__le32 packet_offset;
};
ENL_WIRE_SIZE(struct enl_packet_trailer, 8);

#define ENL_PACKET_MAX_BYTES	(0xffffu * 8)	/* what the 16-bit length can say */

/* GPA-direct: after the descriptor; @range_count ranges follow, then the payload. */
struct enl_gpa_direct {
	__le32 reserved;
	__le32 range_count;
};
ENL_WIRE_SIZE(struct enl_gpa_direct, 8);

/* One range of guest memory: byte offset below 4096, one page number for each page touched. */
struct enl_gpa_range {
	__le32 byte_count;
	__le32 byte_offset;
	__le64 pfn[];
};
ENL_WIRE_SIZE(struct enl_gpa_range, 8);

/* Transfer pages: after the descriptor; the two bytes after the set id may hold garbage. */
struct enl_transfer_pages {
	__le16 set_id;
	__u8 sender_owns_set;
	__u8 reserved;
	__le32 range_count;
};
ENL_WIRE_SIZE(struct enl_transfer_pages, 8);

/* One range within the buffer that was registered under the set id. */
struct enl_transfer_range {
	__le32 byte_count;
	__le32 byte_offset;
};
ENL_WIRE_SIZE(struct enl_transfer_range, 8);

/* Named-pipe channels put this before each payload (chapter 9.6). */
struct enl_pipe_header {
	__le32 type;
	__le32 length;
};
ENL_WIRE_SIZE(struct enl_pipe_header, 8);

#endif
