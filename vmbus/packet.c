// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets out: sending, publishing, waiting for room (specification, 8.6, 8.8, 9.1 to 9.4).
 * Calls ring.c and event.c. Called by drivers; transact.c sends through it.
 * Broken framing stops the channel (decision 13), whoever finds it: recv.c too.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include "internal.h"
#include "trace.h"

#define ROOM_POLL_MS	10	/* the host cannot signal room */
#define ROOM_WATCH_MS	1000	/* it can, but a signal may be lost */

/* End the exchange in progress, if any, without an answer. Any context. */
void enl_transact_end(struct enl_channel *ch)
{
	unsigned long irq;

	spin_lock_irqsave(&ch->transact_lock, irq);
	if (ch->transact) {
		ch->transact->answer_bytes = 0;
		ch->transact = NULL;
		complete(&ch->transact_done);
	}
	spin_unlock_irqrestore(&ch->transact_lock, irq);
}

/* The rings cannot be trusted any more. Once per open; any context. */
void enl_channel_stop(struct enl_channel *ch, enum enl_fault fault, u32 detail)
{
	if (xchg(&ch->stopped, true))
		return;
	enl_channel_fault_at(ch, fault, detail);
	enl_transact_end(ch);
}

/* 0, or why nothing can be sent. Under send_lock, which rescind and close take too. */
static int send_state(const struct enl_channel *ch)
{
	if (ch->rescinded)
		return -ENODEV;
	if (READ_ONCE(ch->stopped))
		return -EPROTO;
	return ch->state == ENL_CHANNEL_OPEN ? 0 : -EINVAL;
}

/* Publish what was written; returns whether to signal. Under send_lock. */
static bool publish(struct enl_channel *ch)
{
	bool any = ch->out.published != ch->out.write;
	bool signal = enl_ring_publish(&ch->out);

	if (any && !signal)
		ch->stats.signals_suppressed++;
	return signal;
}

static void count_full(struct enl_channel *ch, u32 bytes)
{
	ch->stats.ring_full++;
	if (ch->was_full)
		return;
	ch->was_full = true;
	ch->stats.ring_full_first++;
	trace_enl_ring_full(ch->relid, bytes);
}

/* The wish that went may be another sender's, to whom no signal comes now: it has to look again. */
static void wish_gone(struct enl_channel *ch)
{
	if (READ_ONCE(ch->live))
		mod_timer(&ch->room_timer, jiffies + 1);
}

static void count_sent(struct enl_channel *ch, u32 bytes)
{
	ch->stats.packets_out++;
	ch->stats.bytes_out += bytes;
	if (ch->out.waiting) {
		enl_ring_room_done(&ch->out);
		wish_gone(ch);
	}
	if (!ch->was_full)
		return;
	ch->was_full = false;
	trace_enl_ring_room(ch->relid, bytes);
}

/*
 * What follows a write, or a refusal to: @err says which. Under send_lock. True: signal the host.
 */
static bool after_write(struct enl_channel *ch, int err, u32 bytes, unsigned int flags)
{
	if (!err)
		count_sent(ch, bytes);
	else if (err == -EAGAIN)
		count_full(ch, bytes);
	/* A refused packet must not hold back those before it. */
	return (err == -EAGAIN || (!err && !(flags & ENL_SEND_MORE))) && publish(ch);
}

/* The same without the lock: signals, judges a broken ring. Returns what the driver is told. */
static int after_send(struct enl_channel *ch, int err, bool signal)
{
	if (signal)
		enl_channel_signal(ch);
	if (err == -EPROTO && !READ_ONCE(ch->stopped))
		enl_channel_stop(ch, ch->out.fault, 0);
	return err == -EMSGSIZE ? -EINVAL : err;
}

static int send_pieces(struct enl_channel *ch, const struct enl_ring_piece *pieces,
		       unsigned int count, u32 bytes, unsigned int flags)
{
	unsigned long irq;
	bool signal;
	int err;

	spin_lock_irqsave(&ch->send_lock, irq);
	err = send_state(ch);
	if (!err)
		err = enl_ring_write(&ch->out, pieces, count);
	signal = after_write(ch, err, bytes, flags);
	spin_unlock_irqrestore(&ch->send_lock, irq);
	return after_send(ch, err, signal);
}

static void fill_desc(struct enl_packet_desc *desc, u16 type, u32 headers, u32 len, u64 id,
		      unsigned int flags)
{
	desc->type = cpu_to_le16(type);
	desc->offset8 = cpu_to_le16(headers / 8);
	desc->length8 = cpu_to_le16(DIV_ROUND_UP(headers + len, 8));
	desc->flags = cpu_to_le16(flags & ENL_SEND_WANT_COMPLETION);
	desc->transaction_id = cpu_to_le64(id);
}

static int send_plain(struct enl_channel *ch, u16 type, const void *data, u32 len, u64 id,
		      unsigned int flags)
{
	struct enl_packet_desc desc;
	struct enl_ring_piece pieces[] = {
		{ &desc, sizeof(desc) },
		{ data, len },
	};

	if (len > ENL_PACKET_MAX_BYTES - sizeof(desc))
		return -EINVAL;
	fill_desc(&desc, type, sizeof(desc), len, id, flags);
	return send_pieces(ch, pieces, ARRAY_SIZE(pieces), sizeof(desc) + len, flags);
}

/**
 * enl_send() - send an in-band packet
 * @ch: an open channel
 * @data: payload, copied before the call returns
 * @len: its bytes
 * @id: transaction id, the driver's; not 0 if a completion is wanted, and never a pointer. Ids
 *	whose upper half is 0xfffffffe belong to enl_transact().
 * @flags: ENL_SEND_WANT_COMPLETION, ENL_SEND_MORE
 *
 * Any context in which a spinlock may be taken. Chapters 8.6, 9.1.
 *
 * Return: 0; -EAGAIN ring full: ask enl_send_room(); -ENODEV rescinded; -EPROTO the channel is
 * stopped; -EINVAL not open, or larger than the ring can ever hold.
 */
int enl_send(struct enl_channel *ch, const void *data, u32 len, u64 id, unsigned int flags)
{
	return send_plain(ch, ENL_PACKET_INBAND, data, len, id, flags);
}
EXPORT_SYMBOL_GPL(enl_send);

/**
 * enl_send_completion() - answer a packet of the host that wants a completion
 * @ch: channel that it came by
 * @data: payload, copied; may be NULL if @len is 0
 * @len: its bytes
 * @id: transaction id of that packet, unchanged
 *
 * As enl_send(). After -EAGAIN the driver must keep the answer and try again: a lost completion
 * costs the host a buffer for good. Chapter 9.4.
 *
 * Return: as enl_send().
 */
int enl_send_completion(struct enl_channel *ch, const void *data, u32 len, u64 id)
{
	return send_plain(ch, ENL_PACKET_COMPLETION, data, len, id, 0);
}
EXPORT_SYMBOL_GPL(enl_send_completion);

/**
 * enl_send_gpa() - send a packet that names guest memory
 * @ch: an open channel
 * @gpas: ranges in wire layout, at least one, well-formed (chapter 7.1); copied
 * @data: payload, copied
 * @len: its bytes
 * @id: as for enl_send()
 * @flags: as for enl_send()
 *
 * The memory that the ranges name belongs to the host until its completion. Chapter 9.2.
 *
 * Return: as enl_send().
 */
int enl_send_gpa(struct enl_channel *ch, const struct enl_gpa_list *gpas,
		 const void *data, u32 len, u64 id, unsigned int flags)
{
	struct {
		struct enl_packet_desc desc;
		struct enl_gpa_direct gpa;
	} head;
	struct enl_ring_piece pieces[] = {
		{ &head, sizeof(head) },
		{ gpas->ranges, gpas->bytes },
		{ data, len },
	};
	u32 headers = sizeof(head) + gpas->bytes;

	if (!gpas->count || gpas->bytes % 8 || gpas->bytes > ENL_PACKET_MAX_BYTES ||
	    len > ENL_PACKET_MAX_BYTES - headers)
		return -EINVAL;
	fill_desc(&head.desc, ENL_PACKET_GPA_DIRECT, headers, len, id, flags);
	head.gpa.reserved = 0;
	head.gpa.range_count = cpu_to_le32(gpas->count);
	return send_pieces(ch, pieces, ARRAY_SIZE(pieces), headers + len, flags);
}
EXPORT_SYMBOL_GPL(enl_send_gpa);

/**
 * enl_send_gpa_fill() - send a packet that names guest memory, its ranges written in place
 * @ch: an open channel
 * @gpas: how many bytes of ranges there will be, and who writes them
 * @data: payload, copied
 * @len: its bytes
 * @id: as for enl_send()
 * @flags: as for enl_send()
 *
 * As enl_send_gpa(), for lists that are long or not at hand in wire layout: nothing is built beside
 * the ring and copied, so nothing need be allocated. @gpas->fill runs once, only if there is room,
 * with interrupts off and the channel's send lock held: it writes and does nothing else. The memory
 * that it writes to is shared with the host; it must not be read back. Chapter 9.2.
 *
 * Return: as enl_send().
 */
int enl_send_gpa_fill(struct enl_channel *ch, const struct enl_gpa_fill *gpas,
		      const void *data, u32 len, u64 id, unsigned int flags)
{
	struct {
		struct enl_packet_desc desc;
		struct enl_gpa_direct gpa;
	} head;
	u32 headers = sizeof(head) + gpas->bytes;
	unsigned long irq;
	bool signal;
	u8 *at;
	int err;

	if (!gpas->count || !gpas->bytes || gpas->bytes % 8 ||
	    gpas->bytes > ENL_PACKET_MAX_BYTES || len > ENL_PACKET_MAX_BYTES - headers)
		return -EINVAL;
	fill_desc(&head.desc, ENL_PACKET_GPA_DIRECT, headers, len, id, flags);
	head.gpa.reserved = 0;
	head.gpa.range_count = cpu_to_le32(gpas->count);
	spin_lock_irqsave(&ch->send_lock, irq);
	err = send_state(ch);
	if (!err) {
		at = enl_ring_reserve(&ch->out, headers + len);
		err = PTR_ERR_OR_ZERO(at);
	}
	if (!err) {
		memcpy(at, &head, sizeof(head));
		gpas->fill(at + sizeof(head), gpas->bytes, gpas->context);
		memcpy(at + headers, data, len);
	}
	signal = after_write(ch, err, headers + len, flags);
	spin_unlock_irqrestore(&ch->send_lock, irq);
	return after_send(ch, err, signal);
}
EXPORT_SYMBOL_GPL(enl_send_gpa_fill);

/**
 * enl_send_flush() - publish packets that were sent with ENL_SEND_MORE
 * @ch: channel
 *
 * One publication and at most one signal for the batch. Any context that may take a spinlock.
 */
void enl_send_flush(struct enl_channel *ch)
{
	unsigned long irq;
	bool signal = false;

	spin_lock_irqsave(&ch->send_lock, irq);
	if (!send_state(ch))
		signal = publish(ch);
	spin_unlock_irqrestore(&ch->send_lock, irq);
	if (signal)
		enl_channel_signal(ch);
}
EXPORT_SYMBOL_GPL(enl_send_flush);

/**
 * enl_send_packet_bytes() - what a packet occupies, for enl_send_room()
 * @gpa_bytes: bytes of ranges of a GPA-direct packet; 0 for the others
 * @len: bytes of payload
 *
 * Return: bytes in the ring.
 */
u32 enl_send_packet_bytes(u32 gpa_bytes, u32 len)
{
	u32 gpa = gpa_bytes ? sizeof(struct enl_gpa_direct) + gpa_bytes : 0;

	return enl_ring_packet_bytes(sizeof(struct enl_packet_desc) + gpa + len);
}
EXPORT_SYMBOL_GPL(enl_send_packet_bytes);

/**
 * enl_send_room() - after -EAGAIN: is there room, and if not, be told
 * @ch: channel
 * @bytes: what the packet needs, from enl_send_packet_bytes(), or more
 *
 * If it returns false the channel's notify callback comes when there is room: by the host's
 * signal, or by a timer where the host cannot signal that. Any context that may take a spinlock.
 * Chapter 8.8.
 *
 * Return: true if a packet of @bytes fits now, or if sending can only fail for another reason.
 */
bool enl_send_room(struct enl_channel *ch, u32 bytes)
{
	bool room = true, waited;
	unsigned long irq;

	spin_lock_irqsave(&ch->send_lock, irq);
	if (!send_state(ch)) {
		waited = ch->out.waiting;
		room = enl_ring_want_room(&ch->out, bytes);
		if (room && waited)
			wish_gone(ch);
		if (!room && READ_ONCE(ch->live)) {
			ch->stats.room_waits++;
			mod_timer(&ch->room_timer, jiffies + 1 +
				  msecs_to_jiffies(ch->in.host_blocks ? ROOM_WATCH_MS :
						   ROOM_POLL_MS));
		}
	}
	spin_unlock_irqrestore(&ch->send_lock, irq);
	return room;
}
EXPORT_SYMBOL_GPL(enl_send_room);
