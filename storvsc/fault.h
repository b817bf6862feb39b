/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The named faults of synthetic storage: what a host can get wrong in a packet, one row each.
 * Every one drops the packet that it stands in; the channel goes on. None is ever repaired.
 * Used by state.c (names, counters), by the files that find them, and by the tests.
 */
#ifndef ENL_STORVSC_FAULT_H
#define ENL_STORVSC_FAULT_H

/* clang-format off */
#define STORVSC_FAULT_TABLE(X) \
	/* packets */ \
	X(PACKET_TYPE,		"packet that is neither a completion nor in-band data") \
	X(LENGTH,		"completion shorter than the protocol version says") \
	X(ID_RANGE,		"completion with an id that no request can have") \
	X(ID_DEAD,		"completion of a request that is not in flight") \
	X(ID_CHANNEL,		"completion on another channel than its request was sent on") \
	X(OPERATION,		"completion that does not carry complete-io") \
	X(NOTICE_LENGTH,	"notice shorter than its operation requires") \
	X(NOTICE_OPERATION,	"notice of an operation that hosts do not send") \
	X(NOTICE_LUN,		"notice about a LUN that is not there") \
	/* handshake */ \
	X(ANSWER,		"answer to a control request that is short or not complete-io") \
	X(VERSION_ECHO,		"version accepted that was not asked for") \
	X(PROPERTIES,		"maximum transfer below one page") \
	X(SUB_CHANNEL,		"sub-channel that was not asked for, or came twice") \
	/* data that the driver itself reads */ \
	X(REPORT_LUNS,		"list of LUNs of a wrong length, or with impossible ones in it")
/* clang-format on */

#define STORVSC_FAULT_ENUM(name, text) STORVSC_FAULT_##name,
enum storvsc_fault {
	STORVSC_FAULT_NONE,
	STORVSC_FAULT_TABLE(STORVSC_FAULT_ENUM)
	STORVSC_FAULT_LIMIT
};
#undef STORVSC_FAULT_ENUM

#endif
