/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The named faults of the transport: what a host can do wrong, one row each.
 * A row gives name, whether it stops the channel, and the sentence that log and docs show.
 * Used by ring.c (pure), by the bus, by debugfs and by the tests that provoke each of them.
 */
#ifndef ENL_VMBUS_FAULT_H
#define ENL_VMBUS_FAULT_H

/* clang-format off */
#define ENL_FAULT_TABLE(X) \
	/* rings and framing: the channel is stopped */ \
	X(RING_WRITE_INDEX,	1, "host's write index is outside the ring or unaligned") \
	X(RING_READ_INDEX,	1, "host's read index is outside the ring or unaligned") \
	X(PACKET_CUT,		1, "fewer bytes in the ring than the smallest packet") \
	X(PACKET_OFFSET,	1, "payload offset is below the descriptor or beyond the packet") \
	X(PACKET_LENGTH,	1, "packet is longer than what the ring holds") \
	X(PACKET_TOO_LONG,	1, "packet is longer than the channel accepts") \
	/* inside well-framed packets: that packet is dropped */ \
	X(PACKET_TYPE,		0, "packet type that no host sends") \
	X(RANGE_COUNT,		0, "transfer-page ranges do not fit the packet") \
	X(TRANSACT_ID,		0, "answer to an exchange that is not in progress") \
	/* control messages: that message is dropped */ \
	X(MESSAGE_SHORT,	0, "control message shorter than its type requires") \
	X(MESSAGE_LONG,		0, "control message longer than 240 bytes") \
	X(MESSAGE_TYPE,		0, "control message of unknown type") \
	X(MESSAGE_DIRECTION,	0, "control message that only a guest sends") \
	X(MESSAGE_STATE,	0, "control message that fits no state of the connection") \
	X(REPLY_UNEXPECTED,	0, "answer that nobody waits for") \
	X(MESSAGE_ROOM,		0, "more offers and rescinds at once than the queue holds") \
	X(CONTACT_STATE,	0, "version accepted but the connection failed") \
	X(CONTACT_ID,		0, "message connection id with reserved bits set") \
	X(OFFER_RELID,		0, "offer with a channel number that is out of range or in use") \
	X(OFFER_DUPLICATE,	0, "second offer of a device that is still there") \
	X(OFFER_ORPHAN,		0, "sub-channel offered without its primary") \
	X(OFFER_UNASKED,	0, "sub-channel that the driver did not ask for") \
	X(OFFER_MONITOR,	0, "offer with an impossible monitor id") \
	X(OFFER_CONNECTION,	0, "offer with reserved bits in its connection id") \
	X(OFFER_CLASS,		0, "device class that an isolated guest does not accept") \
	X(OFFER_LIMIT,		0, "more channels than the bus has room for") \
	X(RESCIND_UNKNOWN,	0, "rescind of a channel that is not offered") \
	X(RESCIND_AGAIN,	0, "second rescind of one channel") \
	/* driver-visible trouble of the host, counted for the admin */ \
	X(POST_FAILED,		0, "host would not take a control message") \
	X(ANSWER_LATE,		0, "host did not answer in time") \
	X(MEMORY_KEPT,		0, "memory not given back by the host, kept from reuse")
/* clang-format on */

#define ENL_FAULT_ENUM(name, stops, text) ENL_FAULT_##name,
enum enl_fault {
	ENL_FAULT_TABLE(ENL_FAULT_ENUM)
	ENL_FAULT_LIMIT,
	ENL_FAULT_NONE = ENL_FAULT_LIMIT
};
#undef ENL_FAULT_ENUM

#endif
