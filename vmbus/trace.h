/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the transport: control messages both ways, rings full and free, open, close, fault.
 * None lies between a packet and its consumer. trace.c instantiates them; every file may fire them.
 * Enable with: echo 1 > /sys/kernel/tracing/events/enlight/enable
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM enlight

#if !defined(ENL_VMBUS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ENL_VMBUS_TRACE_H

#include <linux/tracepoint.h>

const char *enl_message_name(u32 type);

DECLARE_EVENT_CLASS(enl_control,
	TP_PROTO(u32 type, u32 relid, int result),
	TP_ARGS(type, relid, result),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u32, relid)
		__field(int, result)
		__array(char, name, 24)
	),
	TP_fast_assign(
		__entry->type = type;
		__entry->relid = relid;
		__entry->result = result;
		strscpy(__entry->name, enl_message_name(type), sizeof(__entry->name));
	),
	TP_printk("%s (%u) relid %u result %d", __entry->name, __entry->type, __entry->relid,
		  __entry->result)
);

DEFINE_EVENT(enl_control, enl_control_sent,
	TP_PROTO(u32 type, u32 relid, int result),
	TP_ARGS(type, relid, result));

DEFINE_EVENT(enl_control, enl_control_received,
	TP_PROTO(u32 type, u32 relid, int result),
	TP_ARGS(type, relid, result));

DECLARE_EVENT_CLASS(enl_ring,
	TP_PROTO(u32 relid, u32 bytes),
	TP_ARGS(relid, bytes),
	TP_STRUCT__entry(
		__field(u32, relid)
		__field(u32, bytes)
	),
	TP_fast_assign(
		__entry->relid = relid;
		__entry->bytes = bytes;
	),
	TP_printk("relid %u bytes %u", __entry->relid, __entry->bytes)
);

DEFINE_EVENT(enl_ring, enl_ring_full, TP_PROTO(u32 relid, u32 bytes), TP_ARGS(relid, bytes));
DEFINE_EVENT(enl_ring, enl_ring_room, TP_PROTO(u32 relid, u32 bytes), TP_ARGS(relid, bytes));
DEFINE_EVENT(enl_ring, enl_open, TP_PROTO(u32 relid, u32 bytes), TP_ARGS(relid, bytes));
DEFINE_EVENT(enl_ring, enl_close, TP_PROTO(u32 relid, u32 bytes), TP_ARGS(relid, bytes));

TRACE_EVENT(enl_fault,
	TP_PROTO(u32 relid, const char *name, u32 detail),
	TP_ARGS(relid, name, detail),
	TP_STRUCT__entry(
		__field(u32, relid)
		__field(u32, detail)
		__array(char, name, 24)
	),
	TP_fast_assign(
		__entry->relid = relid;
		__entry->detail = detail;
		strscpy(__entry->name, name, sizeof(__entry->name));
	),
	TP_printk("relid %u %s detail 0x%x", __entry->relid, __entry->name, __entry->detail)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH vmbus
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
