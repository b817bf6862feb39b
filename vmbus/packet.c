// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets: sending, receiving, and one exchange at a time (specification, chapter 9).
 * Calls ring.c and event.c. Called by drivers; transact.c sends through it.
 * What a driver sees is private memory; broken framing stops the channel (decision 13).
 */
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

static void stop_channel(struct enl_channel *ch, enum enl_fault fault, u32 detail)
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

static int send_pieces(struct enl_channel *ch, const struct enl_ring_piece *pieces,
		       unsigned int count, u32 bytes, unsigned int flags)
{
	unsigned long irq;
	bool signal = false;
	int err;

	spin_lock_irqsave(&ch->send_lock, irq);
	err = send_state(ch);
	if (!err)
		err = enl_ring_write(&ch->out, pieces, count);
	if (!err)
		count_sent(ch, bytes);
	else if (err == -EAGAIN)
		count_full(ch, bytes);
	/* A refused packet must not hold back those before it. */
	if (err == -EAGAIN || (!err && !(flags & ENL_SEND_MORE)))
		signal = publish(ch);
	spin_unlock_irqrestore(&ch->send_lock, irq);

	if (signal)
		enl_channel_signal(ch);
	if (err == -EPROTO && !READ_ONCE(ch->stopped))
		stop_channel(ch, ch->out.fault, 0);
	return err == -EMSGSIZE ? -EINVAL : err;
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

/* Ranges of a transfer-page packet must lie between its headers and its payload. */
static bool parse_ranges(const u8 *copy, u32 offset, struct enl_packet *packet)
{
	const void *headers = copy + sizeof(struct enl_packet_desc);
	const struct enl_transfer_pages *pages = headers;
	u64 need = sizeof(struct enl_packet_desc) + sizeof(*pages);

	if (offset < need)
		return false;
	packet->set_id = le16_to_cpu(pages->set_id);
	packet->range_count = le32_to_cpu(pages->range_count);
	need += (u64)packet->range_count * sizeof(struct enl_transfer_range);
	if (offset < need)
		return false;
	packet->ranges = (const void *)(pages + 1);
	return true;
}

/* From the private copy. Returns the fault, or ENL_FAULT_NONE. */
static enum enl_fault parse(const u8 *copy, u32 bytes, struct enl_packet *packet)
{
	const struct enl_packet_desc *desc = (const void *)copy;
	u32 offset = le16_to_cpu(desc->offset8) * 8;

	/* Field by field: a compound literal clears it all first, by a slow string instruction. */
	packet->type = le16_to_cpu(desc->type);
	packet->wants_completion = le16_to_cpu(desc->flags) & ENL_PACKET_WANTS_COMPLETION;
	packet->id = le64_to_cpu(desc->transaction_id);
	packet->data = copy + offset;
	packet->bytes = bytes - offset;
	packet->set_id = 0;
	packet->range_count = 0;
	packet->ranges = NULL;
	switch (packet->type) {
	case ENL_PACKET_INBAND:
	case ENL_PACKET_COMPLETION:
		return ENL_FAULT_NONE;
	case ENL_PACKET_TRANSFER_PAGES:
		return parse_ranges(copy, offset, packet) ? ENL_FAULT_NONE :
							    ENL_FAULT_RANGE_COUNT;
	default:
		return ENL_FAULT_PACKET_TYPE;
	}
}

/* Takes answers to enl_transact() out of the stream. */
static bool take_transact(struct enl_channel *ch, const struct enl_packet *packet)
{
	struct enl_exchange *x;
	unsigned long irq;

	if (packet->type != ENL_PACKET_COMPLETION || packet->id >> 32 != ENL_TRANSACT_MARK)
		return false;
	spin_lock_irqsave(&ch->transact_lock, irq);
	x = ch->transact_id == packet->id ? ch->transact : NULL;
	if (x) {
		x->answer_bytes = min(x->answer_bytes, packet->bytes);
		memcpy(x->answer, packet->data, x->answer_bytes);
		ch->transact = NULL;
		ch->transact_id = 0;
		complete(&ch->transact_done);
	}
	spin_unlock_irqrestore(&ch->transact_lock, irq);
	if (!x) {
		ch->stats.late_completions++;
		/* A rescind ends the exchange, though its answer may lie in the ring already. */
		if (!READ_ONCE(ch->rescinded))
			enl_channel_fault_at(ch, ENL_FAULT_TRANSACT_ID, (u32)packet->id);
	}
	return true;
}

static bool round_over(struct enl_channel *ch)
{
	if (!ch->bounded)
		return false;
	if (ch->budget && time_before_eq(jiffies, ch->round_end)) {
		ch->budget--;
		return false;
	}
	ch->spent = true;
	return true;
}

/**
 * enl_recv() - take the next packet
 * @ch: an open channel; one consumer at a time, normally its notify callback
 * @packet: filled in; points into memory that is good until the next call
 *
 * Packets of types that no host sends, or whose ranges do not fit them, are dropped and counted.
 * Takes no lock. Chapters 8.7, 9.
 *
 * Return: 1 a packet; 0 nothing now (the ring is empty, or the round has taken enough: the
 * callback comes again); -EPROTO the channel is stopped.
 */
int enl_recv(struct enl_channel *ch, struct enl_packet *packet)
{
	enum enl_fault fault;
	int bytes;

	for (;;) {
		if (READ_ONCE(ch->stopped))
			return -EPROTO;
		if (round_over(ch))
			return 0;
		bytes = enl_ring_read(&ch->in, ch->copy, ch->setup.max_packet);
		if (bytes < 0) {
			stop_channel(ch, ch->in.fault, ch->in.read);
			return -EPROTO;
		}
		if (!bytes) {
			ch->drained = true;
			enl_recv_commit(ch);
			return 0;
		}
		ch->stats.packets_in++;
		ch->stats.bytes_in += bytes;
		fault = parse(ch->copy, bytes, packet);
		if (fault != ENL_FAULT_NONE)
			enl_channel_fault_at(ch, fault, packet->type);
		else if (!take_transact(ch, packet))
			return 1;
	}
}
EXPORT_SYMBOL_GPL(enl_recv);

/**
 * enl_recv_again() - ask for the notify callback
 * @ch: channel
 *
 * For a driver that stopped taking packets before the ring was empty. Any context.
 */
void enl_recv_again(struct enl_channel *ch)
{
	enl_channel_kick(ch);
}
EXPORT_SYMBOL_GPL(enl_recv_again);

/**
 * enl_recv_mask() - no more interrupts for this channel (ENL_NOTIFY_IRQ)
 * @ch: channel
 *
 * Any context. Chapter 8.9.
 */
void enl_recv_mask(struct enl_channel *ch)
{
	enl_ring_mask(&ch->in);
}
EXPORT_SYMBOL_GPL(enl_recv_mask);

/**
 * enl_recv_unmask() - interrupts again (ENL_NOTIFY_IRQ)
 * @ch: channel
 *
 * Gives room back first. Same context as enl_recv().
 *
 * Return: true if something came meanwhile: mask and poll again.
 */
bool enl_recv_unmask(struct enl_channel *ch)
{
	enl_recv_commit(ch);
	return enl_ring_unmask(&ch->in);
}
EXPORT_SYMBOL_GPL(enl_recv_unmask);
