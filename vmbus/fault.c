// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting and naming of faults: the one place where host misbehaviour reaches the log.
 * Calls nothing of the bus. Called from any context by every other file of vmbus/.
 * One line per fault and interval: what, the number, the consequence, what to do.
 */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/ratelimit.h>
#include "internal.h"
#include "trace.h"

#define FAULT_ROW(name, stops, text) [ENL_FAULT_##name] = { #name, text, stops },
static const struct {
	const char *name;
	const char *text;
	bool stops;
} rows[ENL_FAULT_LIMIT] = {
	ENL_FAULT_TABLE(FAULT_ROW)
};

#define MESSAGE_ROW(number, name, type, least, version, dir, answer) [number] = #name,
static const char * const message_names[ENL_MSG_LIMIT] = {
	ENL_CONTROL_TABLE(MESSAGE_ROW)
};

/* For counters and log: the name of a fault. */
const char *enl_fault_name(enum enl_fault fault)
{
	return fault < ENL_FAULT_LIMIT ? rows[fault].name : "NONE";
}

/* For counters and log: what the host did. */
const char *enl_fault_text(enum enl_fault fault)
{
	return fault < ENL_FAULT_LIMIT ? rows[fault].text : "no fault";
}

/* For traces: the name of a control message. */
const char *enl_message_name(u32 type)
{
	return type < ENL_MSG_LIMIT && message_names[type] ? message_names[type] : "?";
}

/* A fault that no channel can be blamed for. */
void enl_bus_fault(struct enl_bus *bus, enum enl_fault fault, u32 detail)
{
	atomic_long_inc(&bus->faults[fault]);
	trace_enl_fault(0, rows[fault].name, detail);
	dev_warn_ratelimited(bus->parent,
			     "host fault %s (0x%x): %s; ignored, see docs/debugging.md\n",
			     rows[fault].name, detail, rows[fault].text);
}

/* A fault of one channel. Framing faults stop it: see packet.c, which sets ch->stopped. */
void enl_channel_fault_at(struct enl_channel *ch, enum enl_fault fault, u32 detail)
{
	atomic_long_inc(&ch->faults[fault]);
	trace_enl_fault(ch->relid, rows[fault].name, detail);
	if (rows[fault].stops)
		dev_err_ratelimited(ch->bus->parent,
				    "channel %u: host fault %s (0x%x): %s; channel stopped, unbind and bind %pUl to recover\n",
				    ch->relid, rows[fault].name, detail, rows[fault].text,
				    ch->instance_id.b);
	else
		dev_warn_ratelimited(ch->bus->parent,
				     "channel %u: host fault %s (0x%x): %s; dropped\n",
				     ch->relid, rows[fault].name, detail, rows[fault].text);
}

/**
 * enl_channel_fault() - trace a fault that a driver found in a message of its own protocol
 * @ch: channel that it came by
 * @name: the driver's name for it, a constant string
 *
 * Counting and logging are the driver's; this puts the fault beside the transport's own in the
 * trace. Any context.
 */
void enl_channel_fault(struct enl_channel *ch, const char *name)
{
	trace_enl_fault(ch->relid, name, 0);
}
EXPORT_SYMBOL_GPL(enl_channel_fault);
