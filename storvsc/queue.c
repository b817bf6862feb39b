// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the mid-layer to the ring: one request, in one packet, without an allocation (chapters 8,
 * 9). Calls slot.c, encode.c, complete.c and the transport. Called by host.c. Packets are staged
 * and published with the last of a batch, and on every way out that sends none.
 */
#include <linux/blkdev.h>
#include <linux/scatterlist.h>
#include "storvsc.h"
#include "trace.h"

/* A request on its way. On the sender's stack. */
struct sending {
	struct storvsc *s;
	struct scsi_cmnd *cmd;
	struct enl_channel *ch;
	int segments;		/* as mapped */
	u32 pages;
	u32 offset;
	unsigned int flags;
};

static struct enl_channel *channel_of(struct storvsc_queue *q)
{
	return READ_ONCE(q->ch) ?: q->s->primary;
}

/* All that was staged is published. */
void storvsc_commit(struct storvsc_queue *q)
{
	enl_send_flush(channel_of(q));
}

static __always_inline bool walk(const struct sending *x, struct storvsc_range *range)
{
	struct scatterlist *sg;
	int i;

	range->left = scsi_bufflen(x->cmd);
	scsi_for_each_sg(x->cmd, sg, x->segments, i) {
		if (x->s->isolated ? !storvsc_range_add(range, sg_dma_address(sg), sg_dma_len(sg)) :
				     !storvsc_range_add(range, sg_phys(sg), sg->length))
			return false;
	}
	return !range->left;
}

/* Into the ring, under its lock: nothing but stores. */
static void fill_range(void *to, u32 bytes, void *context)
{
	const struct sending *x = context;
	struct enl_gpa_range *header = to;
	struct storvsc_range range = { .room = x->pages, .out = header->pfn };

	header->byte_count = cpu_to_le32(scsi_bufflen(x->cmd));
	header->byte_offset = cpu_to_le32(x->offset);
	walk(x, &range);
}

static int send_packet(struct sending *x, const struct enl_stor_packet *packet, u32 bytes, u64 id)
{
	const struct enl_gpa_fill fill = {
		.bytes = storvsc_range_bytes(x->pages),
		.count = 1,
		.fill = fill_range,
		.context = x,
	};

	if (!x->pages)
		return enl_send(x->ch, packet, bytes, id, x->flags);
	return enl_send_gpa_fill(x->ch, &fill, packet, bytes, id, x->flags);
}

static u32 ring_bytes(const struct sending *x)
{
	return enl_send_packet_bytes(x->pages ? storvsc_range_bytes(x->pages) : 0,
				     x->s->packet_bytes);
}

static u32 build(const struct sending *x, struct enl_stor_packet *packet)
{
	struct scsi_cmnd *cmd = x->cmd;
	const struct storvsc_srb srb = {
		.version = x->s->version,
		.port = x->s->host->host_no,
		.path = cmd->device->channel,
		.target = cmd->device->id,
		.lun = cmd->device->lun,
		.tagged = cmd->device->tagged_supported,
		.write = cmd->sc_data_direction == DMA_TO_DEVICE,
		.cdb = cmd->cmnd,
		.cdb_bytes = cmd->cmd_len,
		.bytes = scsi_bufflen(cmd),
		.timeout_s = storvsc_host_timeout_s(scsi_cmd_to_rq(cmd)->timeout / HZ),
	};

	return storvsc_put_srb(packet, &srb);
}

/*
 * The ring is full: the mid-layer tries again as soon as a request ends, and we say so when there
 * is room. True: there is, already.
 */
static bool wait_for_room(struct storvsc_queue *q, struct sending *x)
{
	WRITE_ONCE(q->s->starved, true);
	if (enl_send_room(x->ch, ring_bytes(x)))
		return true;
	atomic64_inc(&q->stats.ring_full);
	return false;
}

/* Claimed and sent, or neither. 0, SCSI_MLQUEUE_*, or -errno: it can never be sent. */
static int claim_and_send(struct storvsc_queue *q, u16 tag, struct sending *x)
{
	struct storvsc_slot *slot = &q->slot[tag];
	struct storvsc_id id = { .queue = q->number, .tag = tag };
	unsigned int lun = x->cmd->device->lun, bytes, asked = scsi_bufflen(x->cmd);
	struct enl_stor_packet packet STORVSC_UNCLEARED;
	u8 opcode = x->cmd->cmnd[0];
	int err;

	bytes = build(x, &packet);
again:
	id.generation = storvsc_slot_claim(slot, x->ch, x->cmd);
	if (!id.generation) {
		storvsc_count(q->s, STORVSC_COUNT_slot_busy);
		return SCSI_MLQUEUE_HOST_BUSY;
	}
	err = send_packet(x, &packet, bytes, storvsc_id_make(id));
	/* From here on the command is the host's, and may be gone. */
	trace_storvsc_sent(q->s->host->host_no, storvsc_id_make(id), lun, opcode, asked, err);
	if (likely(!err)) {
		atomic64_inc(&q->stats.submitted);
		return 0;
	}
	/* Somebody has given it up meanwhile, and ended it. */
	if (!storvsc_slot_take(slot, id.generation))
		return 0;
	if (err != -EAGAIN)
		return err;
	if (wait_for_room(q, x))
		goto again;
	return SCSI_MLQUEUE_DEVICE_BUSY;
}

/* 0: mapped, measured; else what to return or to end with. */
static int prepare(struct sending *x)
{
	struct storvsc_range range = { };

	if (!scsi_bufflen(x->cmd))
		return 0;
	x->segments = scsi_sg_count(x->cmd);
	if (x->s->isolated) {
		x->segments = scsi_dma_map(x->cmd);
		if (x->segments < 0) {
			storvsc_count(x->s, STORVSC_COUNT_map_failures);
			return SCSI_MLQUEUE_DEVICE_BUSY;
		}
	}
	if (!walk(x, &range)) {
		storvsc_count(x->s, STORVSC_COUNT_undescribable);
		return -EINVAL;
	}
	x->pages = range.pages;
	x->offset = range.offset;
	return 0;
}

/* A transport that is gone or stopped: this request fails, the rest is recover.c's. */
static enum storvsc_host_byte failure(struct storvsc *s, int err)
{
	switch (err) {
	case -EPROTO:
		storvsc_broken(s);
		return STORVSC_DID_REQUEUE;
	case -ENODEV:
		/* A sub-channel alone may have gone: the primary serves. */
		return enl_channel_rescinded(s->primary) ? STORVSC_DID_NO_CONNECT :
							   STORVSC_DID_SOFT_ERROR;
	default:
		return STORVSC_DID_ERROR;
	}
}

/* What never goes to the host. True: ended. */
static bool end_at_once(struct storvsc *s, enum storvsc_gate gate, struct scsi_cmnd *cmd)
{
	const struct storvsc_sense unsupported = { 0x05, 0x20, 0x00 };

	if (unlikely(gate == STORVSC_GATE_GONE)) {
		cmd->result = DID_NO_CONNECT << 16;
	} else if (unlikely(storvsc_refuses(s->version, cmd->cmnd[0]))) {
		storvsc_count(s, STORVSC_COUNT_refused);
		storvsc_sense_put(cmd->sense_buffer, unsupported);
		cmd->result = SAM_STAT_CHECK_CONDITION;
	} else if (unlikely(cmd->sc_data_direction == DMA_BIDIRECTIONAL ||
			    cmd->cmd_len > ENL_STOR_CDB_BYTES ||
			    cmd->device->lun >= STORVSC_LUNS ||
			    scsi_bufflen(cmd) > s->properties.max_transfer)) {
		storvsc_count(s, STORVSC_COUNT_undescribable);
		cmd->result = DID_ERROR << 16;
	} else {
		return false;
	}
	scsi_set_resid(cmd, scsi_bufflen(cmd));
	enl_scsi_done(cmd);
	return true;
}

/* Under RCU: whoever closes the gate waits for us. 0, or SCSI_MLQUEUE_*: not taken. */
static int submit(struct storvsc_queue *q, u16 tag, struct scsi_cmnd *cmd, bool last)
{
	struct storvsc *s = q->s;
	enum storvsc_gate gate = READ_ONCE(s->gate);
	struct sending x = {
		.s = s,
		.cmd = cmd,
		.ch = channel_of(q),
		.flags = ENL_SEND_WANT_COMPLETION | (last ? 0 : ENL_SEND_MORE),
	};
	int ret;

	/* Before anything else: while it is closed version and limits are not settled. */
	if (unlikely(gate == STORVSC_GATE_CLOSED)) {
		atomic64_inc(&q->stats.gate_closed);
		return SCSI_MLQUEUE_HOST_BUSY;
	}
	if (end_at_once(s, gate, cmd)) {
		if (last)
			storvsc_commit(q);
		return 0;
	}
	ret = prepare(&x);
	if (likely(!ret))
		ret = claim_and_send(q, tag, &x);
	if (likely(!ret))
		return 0;
	if (ret < 0) {
		storvsc_end(s, cmd, failure(s, ret), true);
		ret = 0;
	} else if (s->isolated && x.segments > 0) {
		scsi_dma_unmap(cmd);
	}
	storvsc_commit(q);
	return ret;
}

/* Any context. @last: no other follows at once. 0 taken, or SCSI_MLQUEUE_*. */
int storvsc_submit(struct storvsc_queue *q, u16 tag, struct scsi_cmnd *cmd, bool last)
{
	int ret;

	rcu_read_lock();
	ret = submit(q, tag, cmd, last);
	rcu_read_unlock();
	return ret;
}
