// SPDX-License-Identifier: GPL-2.0-only
/*
 * One message of the host: from bytes to a struct balloon_message, or to a named fault.
 * Pure: calls nothing, touches nothing but its arguments. Called by main.c and by tests.
 * The bytes are a private copy, so each field is read where it is used.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include "model.h"

#define TYPE_ROW(number, name, least, dir, since) \
	[number] = { #name, least, #dir[0] == 'H' },
static const struct {
	const char *name;
	u16 least;
	bool from_host;
} types[ENL_DM_TYPE_LIMIT] = {
	ENL_DM_TABLE(TYPE_ROW)
};

#define FAULT_ROW(name, text) [BALLOON_FAULT_##name] = { #name, text },
static const struct {
	const char *name;
	const char *text;
} faults[BALLOON_FAULT_LIMIT] = {
	[BALLOON_FAULT_NONE] = { "NONE", "no fault" },
	BALLOON_FAULT_TABLE(FAULT_ROW)
};

/* For counters and log: the name of a fault. */
const char *balloon_fault_name(enum balloon_fault fault)
{
	return fault < BALLOON_FAULT_LIMIT ? faults[fault].name : "?";
}

/* For counters and log: what the host did. */
const char *balloon_fault_text(enum balloon_fault fault)
{
	return fault < BALLOON_FAULT_LIMIT ? faults[fault].text : "?";
}

/* For traces: the name of a message type. */
const char *balloon_type_name(unsigned int type)
{
	return type < ENL_DM_TYPE_LIMIT && types[type].name ? types[type].name : "?";
}

/* Both fields of a page range; the caller judges whether they make sense. */
struct balloon_run balloon_run_from_wire(__le64 word)
{
	u64 value = le64_to_cpu(word);

	return (struct balloon_run){
		.first = value & ENL_DM_RANGE_PFN_MASK,
		.pages = value >> ENL_DM_RANGE_PFN_BITS,
	};
}

static enum balloon_fault parse_unballoon(const void *data, u32 size, struct balloon_message *m)
{
	const struct enl_dm_unballoon *wire = data;

	m->more = le32_to_cpu(wire->more) & 1;
	m->count = le32_to_cpu(wire->range_count);
	m->ranges = wire->ranges;
	/* Divide the room, do not multiply the count: the count is the host's. */
	if (m->count > (size - sizeof(*wire)) / sizeof(wire->ranges[0]))
		return BALLOON_FAULT_UNBALLOON_COUNT;
	return BALLOON_FAULT_NONE;
}

static enum balloon_fault parse_hot_add(const void *data, u32 size, struct balloon_message *m)
{
	const struct enl_dm_hot_add_region *wire = data;

	m->range = balloon_run_from_wire(wire->base.range);
	m->region = (struct balloon_run){ 0 };
	if (size >= sizeof(*wire))
		m->region = balloon_run_from_wire(wire->region);
	/* An empty region cannot contain anything: the host has none to name. */
	m->has_region = m->region.pages != 0;
	return BALLOON_FAULT_NONE;
}

static enum balloon_fault parse_info(const void *data, u32 size, struct balloon_message *m)
{
	const struct enl_dm_info *wire = data;
	const struct enl_dm_info_max_pages *blob = (const void *)wire->blob;
	u32 bytes = le32_to_cpu(wire->blob_bytes);
	u32 head = offsetof(struct enl_dm_info_max_pages, pages);

	m->info = ~0u;
	m->max_pages = 0;
	if (bytes > size - sizeof(*wire) || bytes < head)
		return BALLOON_FAULT_INFO_LENGTH;
	m->info = le32_to_cpu(blob->type);
	if (m->info != ENL_DM_INFO_MAX_PAGES)
		return BALLOON_FAULT_NONE;
	if (le32_to_cpu(blob->value_bytes) != sizeof(blob->pages) || bytes < sizeof(*blob))
		return BALLOON_FAULT_INFO_LENGTH;
	m->max_pages = le64_to_cpu(blob->pages);
	return BALLOON_FAULT_NONE;
}

/* One packet's payload: what it says, or what is wrong. Lengths, then type, then contents. */
enum balloon_fault balloon_parse(const void *data, u32 bytes, struct balloon_message *message)
{
	const struct enl_dm_header *header = data;
	u32 size, type;

	memset(message, 0, sizeof(*message));
	if (bytes < sizeof(*header))
		return BALLOON_FAULT_HEADER;
	size = le16_to_cpu(header->size);
	type = le16_to_cpu(header->type);
	if (size < sizeof(*header) || size > bytes || size > ENL_DM_MESSAGE_BYTES)
		return BALLOON_FAULT_SIZE;
	if (type >= ENL_DM_TYPE_LIMIT || !types[type].name)
		return BALLOON_FAULT_TYPE;
	if (!types[type].from_host)
		return BALLOON_FAULT_DIRECTION;
	if (size < types[type].least)
		return BALLOON_FAULT_LENGTH;

	message->type = type;
	switch (message->type) {
	case ENL_DM_VERSION_RESPONSE:
		message->accepted =
			le64_to_cpu(((const struct enl_dm_version_response *)data)->accepted) & 1;
		return BALLOON_FAULT_NONE;
	case ENL_DM_CAPABILITIES_RESPONSE:
		message->caps =
			le64_to_cpu(((const struct enl_dm_capabilities_response *)data)->flags);
		return BALLOON_FAULT_NONE;
	case ENL_DM_BALLOON:
		message->pages = le32_to_cpu(((const struct enl_dm_balloon *)data)->pages);
		return BALLOON_FAULT_NONE;
	case ENL_DM_UNBALLOON:
		return parse_unballoon(data, size, message);
	case ENL_DM_HOT_ADD:
		return parse_hot_add(data, size, message);
	case ENL_DM_INFO:
		return parse_info(data, size, message);
	default:
		/* Hot-remove: nothing of it is used, it is always declined. */
		return BALLOON_FAULT_NONE;
	}
}
