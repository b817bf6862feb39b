// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of the host: completions end requests, notices ask for a look (chapters 10, 11.1).
 * Calls slot.c, the judge (status.c) and state.c. Called by the transport, and by who polls.
 * The packet is a private copy. Nothing of a request is touched before its slot has been taken.
 */
#include <linux/dma-mapping.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/sched/clock.h>
#include "storvsc.h"
#include "trace.h"

#define POLL_PACKETS	64

static_assert((int)STORVSC_DID_OK == DID_OK);
static_assert((int)STORVSC_DID_NO_CONNECT == DID_NO_CONNECT);
static_assert((int)STORVSC_DID_PARITY == DID_PARITY);
static_assert((int)STORVSC_DID_ERROR == DID_ERROR);
static_assert((int)STORVSC_DID_RESET == DID_RESET);
static_assert((int)STORVSC_DID_SOFT_ERROR == DID_SOFT_ERROR);
static_assert((int)STORVSC_DID_REQUEUE == DID_REQUEUE);
static_assert((int)STORVSC_DID_TRANSPORT_DISRUPTED == DID_TRANSPORT_DISRUPTED);

/*
 * Out of a bounce buffer comes what was accepted, and nothing else that the host left there
 * (21.29).
 */
static void give_back(struct storvsc *s, struct scsi_cmnd *cmd, u32 accepted)
{
	struct device *dev = cmd->device->host->dma_dev;
	struct scatterlist *sg;
	int i;

	if (!s->isolated || !scsi_bufflen(cmd))
		return;
	scsi_for_each_sg(cmd, sg, scsi_sg_count(cmd), i) {
		u32 bytes = min(accepted, sg_dma_len(sg));

		if (!bytes)
			break;
		dma_sync_single_for_cpu(dev, sg_dma_address(sg), bytes, cmd->sc_data_direction);
		accepted -= bytes;
	}
	dma_unmap_sg_attrs(dev, scsi_sglist(cmd), scsi_sg_count(cmd), cmd->sc_data_direction,
			   DMA_ATTR_SKIP_CPU_SYNC);
}

/*
 * End a request without the host: it was given up, or never went. Its slot is the caller's. Without
 * @release a bounce buffer stays as it is: the host may write to it yet.
 */
void storvsc_end(struct storvsc *s, struct scsi_cmnd *cmd, enum storvsc_host_byte host,
		 bool release)
{
	if (release)
		give_back(s, cmd, 0);
	scsi_set_resid(cmd, scsi_bufflen(cmd));
	cmd->result = host << 16;
	enl_scsi_done(cmd);
}

static void count_latency(struct storvsc_queue *q, u64 sent_ns)
{
	s64 ns = local_clock() - sent_ns;
	u32 us = ns > 0 ? min_t(u64, div_u64(ns, NSEC_PER_USEC), U32_MAX) : 0;
	unsigned int bucket = us ? ilog2(us) + 1 : 0;

	atomic64_inc(&q->stats.latency[min(bucket, STORVSC_BUCKETS - 1)]);
}

/* Decoded, and now and then: a disk in trouble must not fill the disk of the log. */
static void say_error(struct scsi_cmnd *cmd, const struct storvsc_outcome *o)
{
	struct storvsc_lun *lun = cmd->device->hostdata;

	if (!lun)
		return;
	atomic64_inc(&lun->errors);
	if (!__ratelimit(&lun->limit))
		return;
	sdev_printk(KERN_WARNING, cmd->device,
		    "command 0x%02x failed: SRB status 0x%02x (%s), SCSI status 0x%02x, NT status 0x%08x, %llu such so far\n",
		    cmd->cmnd[0], o->srb_status, storvsc_srb_name(o->srb_status), o->scsi_status,
		    o->nt_status, (u64)atomic64_read(&lun->errors));
}

static void put_sense(struct scsi_cmnd *cmd, const struct storvsc_outcome *o,
		      const struct storvsc_verdict *v)
{
	if (v->source == STORVSC_SENSE_MADE)
		storvsc_sense_put(cmd->sense_buffer, v->sense);
	else if (v->source == STORVSC_SENSE_HOST)
		memcpy(cmd->sense_buffer, o->sense, o->sense_bytes);
}

static void want(struct storvsc *s, struct scsi_device *sdev, unsigned int events)
{
	struct storvsc_lun *lun = sdev->hostdata;

	if (!events || !lun)
		return;
	if (events & STORVSC_EVENT_BUS)
		set_bit(STORVSC_WANT_BUS, &s->wanted);
	/* What is only being looked for is not lost yet. */
	if (events & STORVSC_EVENT_VERIFY && sdev->sdev_state != SDEV_CREATED)
		set_bit(STORVSC_LUN_VERIFY, &lun->wanted);
	if (events & STORVSC_EVENT_RESCAN)
		set_bit(STORVSC_LUN_RESCAN, &lun->wanted);
	storvsc_want_scan(s);
}

/* The request is ours: what the host said of it becomes what the mid-layer is told. */
static void finish(struct storvsc *s, struct scsi_cmnd *cmd, u64 id,
		   const struct enl_stor_packet *packet)
{
	const struct enl_stor_srb *srb = &packet->srb;
	u32 room = s->packet_bytes == ENL_STOR_PACKET_REV1 ? ENL_STOR_SENSE_REV1 :
							     ENL_STOR_SENSE_REV2;
	const struct storvsc_outcome outcome = {
		.srb_status = srb->srb_status,
		.scsi_status = srb->scsi_status,
		.nt_status = le32_to_cpu(packet->status),
		.sense = srb->sense,
		.sense_bytes = min_t(u32, srb->sense_bytes, room),
		.transferred = le32_to_cpu(srb->transfer_bytes),
		.asked = scsi_bufflen(cmd),
		.write = cmd->sc_data_direction == DMA_TO_DEVICE,
		.cdb = cmd->cmnd,
		.block_bytes = cmd->device->sector_size,
		.class = s->class,
		.scanning = cmd->device->sdev_state == SDEV_CREATED,
	};
	struct storvsc_verdict verdict;

	storvsc_judge(&outcome, &verdict);
	give_back(s, cmd, outcome.asked - verdict.residual);
	cmd->result = verdict.host << 16 | verdict.status;
	scsi_set_resid(cmd, verdict.residual);
	trace_storvsc_completed(s->host->host_no, id, outcome.srb_status, outcome.scsi_status,
				outcome.nt_status, cmd->result, verdict.residual);
	if (unlikely(verdict.source != STORVSC_SENSE_NONE))
		put_sense(cmd, &outcome, &verdict);
	if (unlikely(verdict.log)) {
		storvsc_count(s, STORVSC_COUNT_errors);
		say_error(cmd, &outcome);
	}
	if (unlikely(verdict.events))
		want(s, cmd->device, verdict.events);
	enl_scsi_done(cmd);
}

/* The slot that an id names, or NULL. */
static struct storvsc_slot *find_slot(struct storvsc *s, const struct storvsc_id *id)
{
	struct storvsc_slot *slots;

	if (id->queue >= s->queues_made)
		return NULL;
	/* Pairs with the release when it is allocated. */
	slots = smp_load_acquire(&s->queue[id->queue].slot);
	return slots && id->tag < s->depth ? slots + id->tag : NULL;
}

/* The id is well-formed; the rest in the order of 10.1. Then it is taken, by one only. */
static enum storvsc_fault completion(struct storvsc *s, struct enl_channel *ch, u64 wire_id,
				     const struct storvsc_arrival *arrival,
				     const struct enl_stor_packet *packet)
{
	struct storvsc_slot *slot = find_slot(s, &arrival->id);
	enum storvsc_fault fault;
	struct scsi_cmnd *cmd;
	u64 sent_ns;
	u32 word;

	if (!slot)
		return STORVSC_FAULT_ID_RANGE;
	/* Pairs with storvsc_slot_claim(). */
	word = smp_load_acquire(&slot->word);
	fault = storvsc_match(arrival, word, READ_ONCE(slot->ch) == ch, packet);
	if (unlikely(fault))
		return fault;
	cmd = READ_ONCE(slot->cmd);
	sent_ns = READ_ONCE(slot->sent_ns);
	if (!storvsc_slot_take(slot, word))
		return STORVSC_FAULT_ID_DEAD;
	count_latency(&s->queue[arrival->id.queue], sent_ns);
	finish(s, cmd, wire_id, packet);
	return STORVSC_FAULT_NONE;
}

/* No answer is sent (11.1). However many come, there is one look and one more. */
static void notice(struct storvsc *s, enum storvsc_kind kind, const struct enl_stor_packet *packet)
{
	unsigned long irq;

	trace_storvsc_notice(le32_to_cpu(packet->operation), 0, 0);
	storvsc_count(s, STORVSC_COUNT_notices);
	switch (kind) {
	case STORVSC_WWN_NOTICE:
		spin_lock_irqsave(&s->wwn_lock, irq);
		s->wwn = packet->wwn;
		spin_unlock_irqrestore(&s->wwn_lock, irq);
		set_bit(STORVSC_WANT_WWN, &s->wanted);
		break;
	case STORVSC_EVENT_NOTICE:
		set_bit(packet->notification.lun, s->media);
		set_bit(STORVSC_WANT_MEDIA, &s->wanted);
		break;
	default:
		set_bit(STORVSC_WANT_BUS, &s->wanted);
	}
	storvsc_want_scan(s);
}

static void receive(struct storvsc *s, struct enl_channel *ch, const struct enl_packet *p)
{
	const struct storvsc_packet packet = {
		.type = p->type, .id = p->id, .data = p->data, .bytes = p->bytes,
	};
	struct storvsc_arrival arrival;
	enum storvsc_fault fault;

	fault = storvsc_parse(&packet, s->packet_bytes, s->class, &arrival);
	if (likely(!fault && arrival.kind == STORVSC_COMPLETION))
		fault = completion(s, ch, p->id, &arrival, p->data);
	else if (!fault)
		notice(s, arrival.kind, p->data);
	if (unlikely(fault))
		storvsc_blame(s, ch, fault);
}

/* What a channel has to say besides packets: it was withdrawn, or somebody waited for room. */
static void look_around(struct storvsc *s, struct enl_channel *ch)
{
	if (unlikely(enl_channel_rescinded(ch))) {
		if (ch == s->primary)
			storvsc_gone(s);
		else
			queue_work(s->wq, &s->sub_work);
	}
	/* Pairs with the full barrier in enl_send_room(): set before the wish was. */
	if (unlikely(READ_ONCE(s->starved)) && xchg(&s->starved, false))
		queue_work(s->wq, &s->room_work);
}

/* At most @limit packets; how many. */
static int drain(struct storvsc *s, struct enl_channel *ch, int limit)
{
	struct enl_packet packet;
	int count = 0, got = 1;

	while (count < limit) {
		got = enl_recv(ch, &packet);
		if (got != 1)
			break;
		receive(s, ch, &packet);
		count++;
	}
	if (unlikely(got < 0))
		storvsc_broken(s);
	return count;
}

/*
 * Softirq, in rounds that the transport bounds; for a polled queue hard interrupt: its interrupts
 * are masked, so that this comes for a request only that nobody polls for any more.
 */
void storvsc_notify(struct enl_channel *ch, void *context)
{
	struct storvsc_queue *q = context;
	struct storvsc *s = q->s;

	if (q->polled) {
		enl_recv_mask(ch);
		queue_work(s->wq, &s->drain_work);
	} else {
		drain(s, ch, INT_MAX);
	}
	look_around(s, ch);
}

/* Takes what lies in a polled queue. With its lock: without a channel, requests went elsewhere. */
static int drain_polled(struct storvsc_queue *q)
{
	int count = q->ch ? drain(q->s, q->ch, POLL_PACKETS) : 0;

	if (count)
		enl_recv_commit(q->ch);
	return count;
}

/* The safety net of polled queues, in a context that may end requests on any kernel. */
void storvsc_drain_work(struct work_struct *work)
{
	struct storvsc *s = container_of(work, struct storvsc, drain_work);
	unsigned long irq;
	unsigned int i;

	for (i = 1; i < s->queues_made; i++) {
		struct storvsc_queue *q = &s->queue[i];
		int count;

		if (!q->polled)
			continue;
		do {
			spin_lock_irqsave(&q->poll_lock, irq);
			count = drain_polled(q);
			spin_unlock_irqrestore(&q->poll_lock, irq);
			cond_resched();
		} while (count == POLL_PACKETS);
	}
}

/* The block layer polls a queue: how many requests it found. Any context. */
int storvsc_poll(struct Scsi_Host *host, unsigned int number)
{
	struct storvsc *s = storvsc_of(host);
	struct storvsc_queue *q;
	unsigned long irq;
	int count;

	if (number >= s->queues)
		return 0;
	q = &s->queue[number];
	if (!q->polled || !spin_trylock_irqsave(&q->poll_lock, irq))
		return 0;
	count = drain_polled(q);
	spin_unlock_irqrestore(&q->poll_lock, irq);
	atomic64_add(count, &q->stats.polled);
	return count;
}
