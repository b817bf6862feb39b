/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of storage: requests both ways, control operations, notices, faults, the gate.
 * trace.c instantiates them; every file of storvsc/ may fire them.
 * Enable with: echo 1 > /sys/kernel/tracing/events/enlight_storvsc/enable
 */
#undef TRACE_SYSTEM
#ifdef ENL_TEST_COPY
#define TRACE_SYSTEM enlight_storvsc_test
#else
#define TRACE_SYSTEM enlight_storvsc
#endif

#if !defined(ENL_STORVSC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ENL_STORVSC_TRACE_H

#include <linux/tracepoint.h>

const char *storvsc_operation_name(u32 operation);

TRACE_EVENT(storvsc_sent,
	TP_PROTO(unsigned int host, u64 id, unsigned int lun, u8 opcode, u32 bytes, int result),
	TP_ARGS(host, id, lun, opcode, bytes, result),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(unsigned int, host)
		__field(unsigned int, lun)
		__field(u32, bytes)
		__field(int, result)
		__field(u8, opcode)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->host = host;
		__entry->lun = lun;
		__entry->bytes = bytes;
		__entry->result = result;
		__entry->opcode = opcode;
	),
	TP_printk("host %u id 0x%llx lun %u opcode 0x%02x bytes %u result %d", __entry->host,
		  __entry->id, __entry->lun, __entry->opcode, __entry->bytes, __entry->result)
);

TRACE_EVENT(storvsc_completed,
	TP_PROTO(unsigned int host, u64 id, u8 srb, u8 scsi, u32 nt, unsigned int result,
		 u32 residual),
	TP_ARGS(host, id, srb, scsi, nt, result, residual),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(unsigned int, host)
		__field(unsigned int, result)
		__field(u32, nt)
		__field(u32, residual)
		__field(u8, srb)
		__field(u8, scsi)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->host = host;
		__entry->result = result;
		__entry->nt = nt;
		__entry->residual = residual;
		__entry->srb = srb;
		__entry->scsi = scsi;
	),
	TP_printk("host %u id 0x%llx srb 0x%02x scsi 0x%02x nt 0x%08x result 0x%08x residual %u",
		  __entry->host, __entry->id, __entry->srb, __entry->scsi, __entry->nt,
		  __entry->result, __entry->residual)
);

DECLARE_EVENT_CLASS(storvsc_operation,
	TP_PROTO(u32 operation, u32 value, int result),
	TP_ARGS(operation, value, result),
	TP_STRUCT__entry(
		__field(u32, operation)
		__field(u32, value)
		__field(int, result)
		__array(char, name, 24)
	),
	TP_fast_assign(
		__entry->operation = operation;
		__entry->value = value;
		__entry->result = result;
		strscpy(__entry->name, storvsc_operation_name(operation), sizeof(__entry->name));
	),
	TP_printk("%s (%u) 0x%x result %d", __entry->name, __entry->operation, __entry->value,
		  __entry->result)
);

DEFINE_EVENT(storvsc_operation, storvsc_control, TP_PROTO(u32 operation, u32 value, int result),
	TP_ARGS(operation, value, result));
DEFINE_EVENT(storvsc_operation, storvsc_notice, TP_PROTO(u32 operation, u32 value, int result),
	TP_ARGS(operation, value, result));

TRACE_EVENT(storvsc_fault,
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

TRACE_EVENT(storvsc_gate,
	TP_PROTO(unsigned int gate, unsigned int in_flight),
	TP_ARGS(gate, in_flight),
	TP_STRUCT__entry(
		__field(unsigned int, gate)
		__field(unsigned int, in_flight)
	),
	TP_fast_assign(
		__entry->gate = gate;
		__entry->in_flight = in_flight;
	),
	TP_printk("%s, %u requests in flight",
		  __print_symbolic(__entry->gate, { 0, "open" }, { 1, "closed" }, { 2, "gone" }),
		  __entry->in_flight)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH storvsc
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
