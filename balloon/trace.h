/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the balloon: messages both ways, pages out and back, blocks, faults.
 * trace.c instantiates them; every file of balloon/ may fire them.
 * Enable with: echo 1 > /sys/kernel/tracing/events/enlight_balloon/enable
 */
#undef TRACE_SYSTEM
#ifdef ENL_TEST_COPY
#define TRACE_SYSTEM enlight_balloon_test
#else
#define TRACE_SYSTEM enlight_balloon
#endif

#if !defined(ENL_BALLOON_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ENL_BALLOON_TRACE_H

#include <linux/tracepoint.h>

const char *balloon_type_name(unsigned int type);

DECLARE_EVENT_CLASS(balloon_message,
	TP_PROTO(unsigned int type, u32 bytes, int result),
	TP_ARGS(type, bytes, result),
	TP_STRUCT__entry(
		__field(unsigned int, type)
		__field(u32, bytes)
		__field(int, result)
		__array(char, name, 24)
	),
	TP_fast_assign(
		__entry->type = type;
		__entry->bytes = bytes;
		__entry->result = result;
		strscpy(__entry->name, balloon_type_name(type), sizeof(__entry->name));
	),
	TP_printk("%s (%u) bytes %u result %d", __entry->name, __entry->type, __entry->bytes,
		  __entry->result)
);

DEFINE_EVENT(balloon_message, balloon_sent,
	TP_PROTO(unsigned int type, u32 bytes, int result),
	TP_ARGS(type, bytes, result));

DEFINE_EVENT(balloon_message, balloon_received,
	TP_PROTO(unsigned int type, u32 bytes, int result),
	TP_ARGS(type, bytes, result));

DECLARE_EVENT_CLASS(balloon_pages,
	TP_PROTO(u64 pfn, u64 pages, int result),
	TP_ARGS(pfn, pages, result),
	TP_STRUCT__entry(
		__field(u64, pfn)
		__field(u64, pages)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->pfn = pfn;
		__entry->pages = pages;
		__entry->result = result;
	),
	TP_printk("pfn 0x%llx pages %llu result %d", __entry->pfn, __entry->pages,
		  __entry->result)
);

DEFINE_EVENT(balloon_pages, balloon_out, TP_PROTO(u64 pfn, u64 pages, int result),
	TP_ARGS(pfn, pages, result));
DEFINE_EVENT(balloon_pages, balloon_back, TP_PROTO(u64 pfn, u64 pages, int result),
	TP_ARGS(pfn, pages, result));
DEFINE_EVENT(balloon_pages, balloon_block, TP_PROTO(u64 pfn, u64 pages, int result),
	TP_ARGS(pfn, pages, result));

TRACE_EVENT(balloon_fault,
	TP_PROTO(const char *name),
	TP_ARGS(name),
	TP_STRUCT__entry(
		__array(char, name, 24)
	),
	TP_fast_assign(
		strscpy(__entry->name, name, sizeof(__entry->name));
	),
	TP_printk("%s", __entry->name)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH balloon
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
