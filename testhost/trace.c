// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control messages by name: for --trace, for the script ("after 2 OPEN"), for the plan of faults.
 * Calls report.c; called by vmbus.c for each message that passes.
 * What is decoded here is for people; the model checks what matters.
 */
#include <string.h>
#include <strings.h>
#include "testhost/machine.h"

static const struct {
	__u32 type;
	const char *name;
} names[] = {
#define NAME(number, name, type, least, version, direction, answer) { number, #name },
	ENL_CONTROL_TABLE(NAME)
#undef NAME
};

const char *trace_name(__u32 type)
{
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].type == type)
			return names[i].name;
	}
	return "UNKNOWN";
}

/* The number of a message by its name in any case; 0: there is none of that name. */
__u32 trace_type(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcasecmp(names[i].name, name))
			return names[i].type;
	}
	return 0;
}

static __u32 get(const __u8 *message, __u32 bytes, __u32 at)
{
	__u32 value = 0;

	if (at + 4 <= bytes)
		memcpy(&value, message + at, 4);
	return value;
}

/* Fields of four bytes that are worth a word, and where they stand. */
static const struct {
	__u32 type;
	const char *field;
	__u32 at;
} fields[] = {
	{ ENL_MSG_OFFER, "relid", 0xb8 },
	{ ENL_MSG_OFFER, "connection", 0xc0 },
	{ ENL_MSG_RESCIND, "relid", 8 },
	{ ENL_MSG_OPEN, "relid", 8 },
	{ ENL_MSG_OPEN, "gpadl", 16 },
	{ ENL_MSG_OPEN, "vp", 20 },
	{ ENL_MSG_OPEN, "downstream", 24 },
	{ ENL_MSG_OPEN_RESULT, "relid", 8 },
	{ ENL_MSG_OPEN_RESULT, "status", 16 },
	{ ENL_MSG_CLOSE, "relid", 8 },
	{ ENL_MSG_GPADL_HEADER, "relid", 8 },
	{ ENL_MSG_GPADL_HEADER, "gpadl", 12 },
	{ ENL_MSG_GPADL_HEADER, "bytes", 20 },
	{ ENL_MSG_GPADL_BODY, "number", 8 },
	{ ENL_MSG_GPADL_BODY, "gpadl", 12 },
	{ ENL_MSG_GPADL_CREATED, "relid", 8 },
	{ ENL_MSG_GPADL_CREATED, "gpadl", 12 },
	{ ENL_MSG_GPADL_CREATED, "status", 16 },
	{ ENL_MSG_GPADL_TEARDOWN, "relid", 8 },
	{ ENL_MSG_GPADL_TEARDOWN, "gpadl", 12 },
	{ ENL_MSG_GPADL_TORNDOWN, "gpadl", 8 },
	{ ENL_MSG_RELID_RELEASED, "relid", 8 },
	{ ENL_MSG_INITIATE_CONTACT, "version", 8 },
	{ ENL_MSG_INITIATE_CONTACT, "vp", 12 },
	{ ENL_MSG_INITIATE_CONTACT, "monitor", 24 },
	{ ENL_MSG_VERSION_RESPONSE, "supported", 8 },
	{ ENL_MSG_VERSION_RESPONSE, "connection", 12 },
	{ ENL_MSG_MODIFY_CHANNEL, "relid", 8 },
	{ ENL_MSG_MODIFY_CHANNEL, "vp", 12 },
	{ ENL_MSG_MODIFY_CHANNEL_RESPONSE, "relid", 8 },
	{ ENL_MSG_MODIFY_CHANNEL_RESPONSE, "status", 12 },
	{ ENL_MSG_TL_CONNECT_RESULT, "status", 40 },
};

static unsigned int decode(char *to, unsigned int room, const __u8 *message, __u32 bytes)
{
	__u32 type = get(message, bytes, 0);
	unsigned int i, n = 0;

	*to = 0;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]) && n < room; i++) {
		__u32 value = get(message, bytes, fields[i].at);

		if (fields[i].type != type)
			continue;
		if (word_is(fields[i].field, "version"))
			n += snprintf(to + n, room - n, " version=%u.%u", value >> 16,
				      value & 0xffff);
		else
			n += snprintf(to + n, room - n,
				      value > 0xffff ? " %s=0x%x" : " %s=%u", fields[i].field,
				      value);
	}
	return n;
}

/* One line for one message: direction as the arrow between host and guest shows. */
void trace_message(struct machine *m, bool to_guest, const __u8 *message, __u32 bytes,
		   __u32 connection, __u32 status)
{
	__u32 type = get(message, bytes, 0);
	char text[256];

	if (!m->opt.trace)
		return;
	decode(text, sizeof(text), message, bytes);
	if (to_guest)
		report_line(m, "trace", "host->guest %s(%u) bytes=%u%s", trace_name(type), type,
			    bytes, text);
	else
		report_line(m, "trace", "guest->host %s(%u) bytes=%u connection=%u%s%s",
			    trace_name(type), type, bytes, connection, text,
			    status ? wrong(" refused=0x%x", status) : "");
}
