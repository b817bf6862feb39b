// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in: taking them out of the ring, one at a time (specification, 8.7, 8.9, 9).
 * Calls ring.c, event.c and packet.c. Called by drivers, normally from their notify callback.
 * What a driver sees is private memory; broken framing stops the channel (decision 13).
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include "internal.h"

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
			enl_channel_stop(ch, ch->in.fault, ch->in.read);
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
