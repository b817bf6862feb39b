// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every control message of the host passes here: checked by the one table, then dispatched.
 * Calls request.c and rescind.c, queues for control_wq. Called by the platform, not in hardirq.
 * Never blocks and never allocates: while the guest waits for an answer this must go on.
 */
#include <linux/nospec.h>
#include "internal.h"
#include "trace.h"

#define DIR_G 0
#define DIR_H 1
#define ROW(number, name, type, least, version, dir, answer) [number] = { least, DIR_##dir },
static const struct {
	u8 least;
	u8 from_host;
} table[ENL_MSG_LIMIT] = {
	ENL_CONTROL_TABLE(ROW)
};

/* Type, direction and length by the table. */
static enum enl_fault check(const struct enl_msg_header *header, size_t bytes, u32 *type)
{
	if (bytes > ENL_MESSAGE_BYTES)
		return ENL_FAULT_MESSAGE_LONG;
	if (bytes < sizeof(*header))
		return ENL_FAULT_MESSAGE_SHORT;
	*type = le32_to_cpu(header->type);
	if (*type >= ENL_MSG_LIMIT)
		return ENL_FAULT_MESSAGE_TYPE;
	*type = array_index_nospec(*type, ENL_MSG_LIMIT);
	if (!table[*type].least)
		return ENL_FAULT_MESSAGE_TYPE;
	if (!table[*type].from_host)
		return ENL_FAULT_MESSAGE_DIRECTION;
	if (bytes < table[*type].least)
		return ENL_FAULT_MESSAGE_SHORT;
	return ENL_FAULT_NONE;
}

/* Under queue_lock: whoever ends this takes the lock once, and none comes after that (11.7). */
static bool is_welcome(const struct enl_bus *bus, u32 type)
{
	return READ_ONCE(bus->link) == ENL_LINK_UP &&
	       (type == ENL_MSG_RESCIND || !READ_ONCE(bus->closing));
}

/* For control_wq. False: no room, the platform keeps the message in its slot and tries again. */
static bool queue_message(struct enl_bus *bus, u32 type, const void *msg, size_t bytes)
{
	struct enl_queued *q;
	unsigned long irq;

	spin_lock_irqsave(&bus->queue_lock, irq);
	if (!is_welcome(bus, type)) {
		spin_unlock_irqrestore(&bus->queue_lock, irq);
		return true;
	}
	q = list_first_entry_or_null(&bus->queue_free, struct enl_queued, link);
	if (q) {
		q->bytes = min(bytes, sizeof(q->offer));
		memset(&q->offer, 0, sizeof(q->offer));
		memcpy(&q->offer, msg, q->bytes);
		list_move_tail(&q->link, &bus->queued);
		if (type == ENL_MSG_OFFER)
			atomic_long_inc(&bus->offers_seen);
	}
	spin_unlock_irqrestore(&bus->queue_lock, irq);
	if (!q) {
		atomic_long_inc(&bus->faults[ENL_FAULT_MESSAGE_ROOM]);
		return false;
	}
	queue_work(bus->control_wq, &bus->control_work);
	return true;
}

/* What an answer is matched by: the channel number and a second number, 0 where it has none. */
static bool answer(struct enl_bus *bus, u32 type, const void *msg, size_t bytes)
{
	const struct enl_msg_open_result *opened = msg;
	const struct enl_msg_gpadl_created *created = msg;
	const struct enl_msg_gpadl_torndown *torndown = msg;
	const struct enl_msg_modify_response *modified = msg;
	u32 relid = 0, key = 0;

	switch (type) {
	case ENL_MSG_OPEN_RESULT:
		relid = le32_to_cpu(opened->relid);
		key = le32_to_cpu(opened->open_id);
		break;
	case ENL_MSG_GPADL_CREATED:
		relid = le32_to_cpu(created->relid);
		key = le32_to_cpu(created->gpadl);
		break;
	case ENL_MSG_GPADL_TORNDOWN:
		key = le32_to_cpu(torndown->gpadl);
		break;
	case ENL_MSG_MODIFY_CHANNEL_RESPONSE:
		relid = le32_to_cpu(modified->relid);
		break;
	}
	return enl_request_answer(bus, type, relid, key, msg, bytes);
}

static u32 rescind_relid(const void *msg)
{
	const struct enl_msg_relid *rescind = msg;

	return le32_to_cpu(rescind->relid);
}

/* Connected, or about to sleep. */
static bool dispatch(struct enl_bus *bus, u32 type, const void *msg, size_t bytes)
{
	switch (type) {
	case ENL_MSG_RESCIND:
		if (READ_ONCE(bus->link) == ENL_LINK_UP)
			enl_rescind_seen(bus, rescind_relid(msg));
		return queue_message(bus, type, msg, bytes);
	case ENL_MSG_OFFER:
		return queue_message(bus, type, msg, bytes);
	case ENL_MSG_ALL_OFFERS_DELIVERED:
		complete_all(&bus->offers_done);
		return true;
	case ENL_MSG_TL_CONNECT_RESULT:
		/* The socket layer waits by time: nobody to tell. */
		return true;
	case ENL_MSG_VERSION_RESPONSE:
	case ENL_MSG_UNLOAD_COMPLETE:
		enl_bus_fault(bus, ENL_FAULT_MESSAGE_STATE, type);
		return true;
	default:
		if (!answer(bus, type, msg, bytes))
			enl_bus_fault(bus, ENL_FAULT_REPLY_UNEXPECTED, type);
		return true;
	}
}

/*
 * Platform event: one message, private to the caller. False: offer it again. While negotiating
 * only VERSION_RESPONSE counts, since a kexec'd kernel finds stale messages of its predecessor;
 * while unloading only UNLOAD_COMPLETE does.
 */
bool enl_bus_message(void *context, const void *msg, size_t bytes)
{
	struct enl_bus *bus = context;
	enum enl_fault fault;
	u32 type = 0;

	atomic_long_inc(&bus->messages_in);
	fault = check(msg, bytes, &type);
	trace_enl_control_received(type, 0, fault == ENL_FAULT_NONE ? 0 : -EPROTO);
	if (fault != ENL_FAULT_NONE) {
		enl_bus_fault(bus, fault, type);
		return true;
	}
	switch (READ_ONCE(bus->link)) {
	case ENL_LINK_UP:
	case ENL_LINK_ASLEEP:
		return dispatch(bus, type, msg, bytes);
	case ENL_LINK_CONTACT:
		if (type == ENL_MSG_VERSION_RESPONSE && !answer(bus, type, msg, bytes))
			enl_bus_fault(bus, ENL_FAULT_REPLY_UNEXPECTED, type);
		return true;
	case ENL_LINK_UNLOAD:
		if (type == ENL_MSG_UNLOAD_COMPLETE) {
			answer(bus, type, msg, bytes);
			/* A crash polls, but this CPU may have been quicker (11.8). */
			WRITE_ONCE(bus->unload_done, true);
		}
		return true;
	case ENL_LINK_DOWN:
		break;
	}
	return true;
}
