/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The named faults of Dynamic Memory: what a host can get wrong in a message, one row each.
 * Every one drops the unit that it stands in; the channel goes on. None is ever repaired.
 * Used by parse.c and regions.c (pure), by the driver's counters and by the tests.
 */
#ifndef ENL_BALLOON_FAULT_H
#define ENL_BALLOON_FAULT_H

/* clang-format off */
#define BALLOON_FAULT_TABLE(X) \
	/* framing of a message */ \
	X(PACKET_TYPE,		"packet that is not in-band data") \
	X(HEADER,		"packet shorter than a message header") \
	X(SIZE,			"size field below the header or beyond the packet") \
	X(LENGTH,		"message shorter than its type requires") \
	X(TYPE,			"message type that is not known") \
	X(DIRECTION,		"message type that only a guest sends") \
	X(STATE,		"response that nobody waits for") \
	/* contents */ \
	X(UNBALLOON_COUNT,	"more ranges announced than the message holds") \
	X(UNBALLOON_RANGE,	"range beyond the last page number") \
	X(UNBALLOON_FOREIGN,	"pages to free that were not ballooned, or named twice") \
	X(HOT_ADD_RANGE,	"memory to add lies beyond the last page number") \
	X(HOT_ADD_REGION,	"memory to add lies outside the region named with it") \
	X(HOT_ADD_ALIGN,	"memory to add holds no whole memory block") \
	X(HOT_ADD_OVERLAP,	"memory to add is there already") \
	X(HOT_ADD_LIMIT,	"memory to add exceeds the maximum") \
	X(HOT_REMOVE,		"hot-remove request although the guest did not offer it") \
	X(INFO_LENGTH,		"lengths inside an info message do not fit it") \
	/* order of requests */ \
	X(QUEUE_FULL,		"third request while one runs and one waits") \
	X(RING_FULL,		"host did not take an answer in time")
/* clang-format on */

#define BALLOON_FAULT_ENUM(name, text) BALLOON_FAULT_##name,
enum balloon_fault {
	BALLOON_FAULT_NONE,
	BALLOON_FAULT_TABLE(BALLOON_FAULT_ENUM)
	BALLOON_FAULT_LIMIT
};
#undef BALLOON_FAULT_ENUM

#endif
