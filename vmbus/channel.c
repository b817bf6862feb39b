// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel object, and opening and closing it (specification, 5.5, 8.2, 11.5).
 * Calls gpadl.c, memory.c, event.c, request.c. Called by drivers, offer.c, rescind.c, cpu.c.
 * Open is a transaction: every failure leaves a closed channel with nothing attached to it.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "internal.h"
#include "trace.h"
#include "wire/classes.h"

#define SMALLEST_PACKET	(sizeof(struct enl_packet_desc) + 8)

static const struct enl_guid perf_classes[] = {
	ENL_CLASS_SCSI, ENL_CLASS_IDE, ENL_CLASS_FIBRE_CHANNEL, ENL_CLASS_NETWORK, ENL_CLASS_RDMA,
};

static bool class_is_perf(const struct enl_guid *class)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(perf_classes); i++) {
		if (enl_guid_equal(class, &perf_classes[i]))
			return true;
	}
	return false;
}

static void channel_release(struct kref *ref)
{
	struct enl_channel *ch = container_of(ref, struct enl_channel, ref);

	if (ch->primary != ch)
		enl_channel_put(ch->primary);
	/* The interrupt path may still look at it under RCU. */
	kfree_rcu(ch, rcu);
}

/* Drop a reference; any context. */
void enl_channel_put(struct enl_channel *ch)
{
	kref_put(&ch->ref, channel_release);
}

/* Have del_work run, with a reference of its own. Any context; the caller holds one. */
void enl_channel_remove_later(struct enl_channel *ch)
{
	kref_get(&ch->ref);
	if (!queue_work(ch->bus->del_wq, &ch->del_work))
		enl_channel_put(ch);
}

/* Where the host's signals go and come from: the part of an offer that a resume may change. */
void enl_channel_address(struct enl_channel *ch, const struct enl_msg_offer *offer)
{
	u32 connection = le32_to_cpu(offer->connection_id);

	ch->relid = le32_to_cpu(offer->relid);
	if (!(le16_to_cpu(offer->interrupt_flags) & ENL_OFFER_DEDICATED_INTERRUPT) && !connection)
		connection = ENL_CONNECTION_EVENT;
	ch->connection_id = connection & ENL_CONNECTION_ID_MASK;
	ch->monitor_id = ENL_MONITOR_NONE;
	if (offer->monitor_flags & ENL_OFFER_MONITOR_ALLOCATED &&
	    offer->monitor_id < ENL_MONITOR_IDS)
		ch->monitor_id = offer->monitor_id;
	/* Their new meaning needs features that we never ask for. */
	ch->offer_flags = le16_to_cpu(offer->flags) & ENL_OFFER_KNOWN_FLAGS &
			  ~ENL_OFFER_FEATURE_FLAGS;
	ch->mmio_megabytes = le16_to_cpu(offer->mmio_megabytes);
	memcpy(ch->user_data, offer->user_defined, sizeof(ch->user_data));
}

/* A channel for a checked offer, as its own primary, with one reference. May sleep. */
struct enl_channel *enl_channel_alloc(struct enl_bus *bus, const struct enl_msg_offer *offer)
{
	struct enl_channel *ch = kzalloc(sizeof(*ch), GFP_KERNEL);

	if (!ch)
		return NULL;
	ch->bus = bus;
	ch->primary = ch;
	kref_init(&ch->ref);
	INIT_LIST_HEAD(&ch->link);
	INIT_LIST_HEAD(&ch->subs);
	INIT_LIST_HEAD(&ch->sub_link);
	INIT_LIST_HEAD(&ch->given);
	INIT_LIST_HEAD(&ch->given_link);
	mutex_init(&ch->mutex);
	spin_lock_init(&ch->send_lock);
	mutex_init(&ch->transact_mutex);
	spin_lock_init(&ch->transact_lock);
	init_completion(&ch->transact_done);
	enl_channel_notify_init(ch);
	ch->class_id = offer->class_id;
	ch->instance_id = offer->instance_id;
	ch->index = le16_to_cpu(offer->sub_channel_index);
	ch->perf = class_is_perf(&ch->class_id);
	enl_channel_address(ch, offer);
	return ch;
}

static int check_setup(const struct enl_channel_setup *setup)
{
	u64 pages = 2 + (u64)setup->send_bytes / ENL_HVPAGE_SIZE +
		    setup->recv_bytes / ENL_HVPAGE_SIZE;

	if (!setup->notify || !setup->send_bytes || !setup->recv_bytes ||
	    setup->send_bytes % ENL_HVPAGE_SIZE || setup->recv_bytes % ENL_HVPAGE_SIZE ||
	    pages > ENL_GPADL_MAX_PAGES || setup->max_packet < SMALLEST_PACKET ||
	    setup->max_packet > ENL_PACKET_MAX_BYTES || setup->mode > ENL_NOTIFY_IRQ)
		return -EINVAL;
	return 0;
}

/* Control page once, data pages twice in a row: no packet ever splits (8.3). */
static void *map_ring(struct enl_bus *bus, struct page **page, unsigned int data_pages)
{
	unsigned int count = 1 + 2 * data_pages;
	struct page **list = kvmalloc_array(count, sizeof(*list), GFP_KERNEL);
	void *map;

	if (!list)
		return NULL;
	memcpy(list, page, (1 + data_pages) * sizeof(*list));
	memcpy(list + 1 + data_pages, page + 1, data_pages * sizeof(*list));
	map = enl_pages_map(bus, list, count);
	kvfree(list);
	return map;
}

static void close_memory(struct enl_channel *ch, enum enl_owner owner)
{
	if (ch->out_map)
		vunmap(ch->out_map);
	if (ch->in_map)
		vunmap(ch->in_map);
	ch->out_map = NULL;
	ch->in_map = NULL;
	enl_pages_done(ch->bus, ch->pages, owner);
	ch->pages = NULL;
	kvfree(ch->copy);
	ch->copy = NULL;
}

static int open_memory(struct enl_channel *ch)
{
	unsigned int send = ch->setup.send_bytes / ENL_HVPAGE_SIZE;
	unsigned int recv = ch->setup.recv_bytes / ENL_HVPAGE_SIZE;
	struct enl_bus *bus = ch->bus;

	ch->pages = enl_pages_alloc(bus, 2 + send + recv, cpu_to_node(ch->cpu));
	if (!ch->pages)
		return -ENOMEM;
	ch->out_map = map_ring(bus, ch->pages->page, send);
	ch->in_map = map_ring(bus, ch->pages->page + 1 + send, recv);
	ch->copy = kvmalloc(ch->setup.max_packet, GFP_KERNEL);
	if (!ch->out_map || !ch->in_map || !ch->copy) {
		close_memory(ch, ENL_OWNER_GUEST);
		return -ENOMEM;
	}
	/* Sharing may have scrambled the pages, and nothing of ours may show in them. */
	memset(ch->out_map, 0, ch->setup.send_bytes + ENL_HVPAGE_SIZE);
	memset(ch->in_map, 0, ch->setup.recv_bytes + ENL_HVPAGE_SIZE);
	enl_ring_init(&ch->out, ch->out_map, ch->out_map + ENL_HVPAGE_SIZE, ch->setup.send_bytes,
		      &ch->in, ch->in_map, ch->in_map + ENL_HVPAGE_SIZE, ch->setup.recv_bytes);
	return 0;
}

/* Post OPEN and wait for its result. -EIO: the host said no. *@posted: it knows of the OPEN. */
static int open_post(struct enl_channel *ch, bool *posted)
{
	struct enl_bus *bus = ch->bus;
	struct enl_request rq = {
		.ch = ch, .answer = ENL_MSG_OPEN_RESULT, .relid = ch->relid, .key = ch->open_id,
	};
	const struct enl_msg_open_result *answer = (const void *)rq.message;
	struct enl_msg_open msg = {
		.header.type = cpu_to_le32(ENL_MSG_OPEN),
		.relid = cpu_to_le32(ch->relid),
		.open_id = cpu_to_le32(ch->open_id),
		.ring_gpadl = cpu_to_le32(ch->ring_gpadl.id),
		.target_vp = cpu_to_le32(bus->ops->vp_index(bus->p, ch->cpu)),
		.downstream_page_offset =
			cpu_to_le32(1 + ch->setup.send_bytes / ENL_HVPAGE_SIZE),
	};
	int err;

	enl_request_add(bus, &rq);
	err = enl_post(bus, ch, &msg, sizeof(msg));
	*posted = !err;
	if (err) {
		enl_request_drop(bus, &rq);
		return err;
	}
	err = enl_request_wait(bus, &rq, bus->options.request_ms);
	if (err)
		return err;
	if (!answer->status)
		return 0;
	dev_err_ratelimited(bus->parent, "channel %u: host refused to open, status 0x%x\n",
			    ch->relid, le32_to_cpu(answer->status));
	return -EIO;
}

static void set_state(struct enl_channel *ch, enum enl_channel_state state)
{
	unsigned long irq;

	lockdep_assert_held(&ch->mutex);
	spin_lock_irqsave(&ch->send_lock, irq);
	WRITE_ONCE(ch->state, state);
	spin_unlock_irqrestore(&ch->send_lock, irq);
}

/* Whose the ring is after OPEN failed; takes it back where the host still answers for it. */
static enum enl_owner open_undo(struct enl_channel *ch, int err)
{
	/*
	 * No answer to OPEN: it may come yet, and the host may use the ring then. If not even the
	 * question was taken, neither would a teardown be.
	 */
	if (err == -ETIMEDOUT) {
		WRITE_ONCE(ch->owed, true);
		return ENL_OWNER_HOST;
	}
	return enl_gpadl_owner(ch, enl_gpadl_teardown(ch, ch->ring_gpadl.id));
}

static int open_locked(struct enl_channel *ch)
{
	struct enl_bus *bus = ch->bus;
	bool posted;
	int err;

	err = open_memory(ch);
	if (err)
		return err;
	err = enl_gpadl_describe(ch, ch->pages->page, ch->pages->count, &ch->ring_gpadl.id);
	if (err) {
		close_memory(ch, enl_gpadl_owner(ch, err));
		return err;
	}
	ch->open_id = (u32)atomic_long_inc_return(&bus->opens);
	/* Callbacks are ready first: data may arrive before the result does. */
	enl_channel_notify_start(ch);
	err = open_post(ch, &posted);
	if (err) {
		enl_channel_notify_stop(ch);
		ch->limbo = posted && err == -ETIMEDOUT;
		close_memory(ch, open_undo(ch, err));
		return err;
	}
	/* From here on the bit is the host's word; it influences nothing but signals. */
	ch->in.host_blocks = le32_to_cpu(READ_ONCE(ch->in.control->feature_bits)) &
			     ENL_RING_FEATURE_PENDING_SIZE;
	return 0;
}

/* A sub-channel that was withdrawn while in use goes as soon as it is closed. */
static void leave_if_withdrawn(struct enl_channel *ch)
{
	if (ch->index && READ_ONCE(ch->leaving))
		enl_channel_remove_later(ch);
}

/**
 * enl_channel_open() - open a channel
 * @ch: a closed channel that was offered
 * @setup: ring sizes and callback; copied
 *
 * The callback may run before this returns, and sending, completions included, is refused with
 * -EINVAL until it has: a driver that must answer at once leaves such packets in the ring. The
 * callback runs once after the open in any case, since a signal that came early is not repeated.
 * May sleep; one open, close or re-target at a time. Protocol chapters 5.5, 7.3, 8.2.
 *
 * Return: 0; -EINVAL bad sizes or not closed; -ENOMEM; -ENODEV rescinded; -EIO the host refused;
 * -ETIMEDOUT no answer. After a failure nothing is attached to the channel.
 */
int enl_channel_open(struct enl_channel *ch, const struct enl_channel_setup *setup)
{
	int err = check_setup(setup);

	if (err)
		return err;
	mutex_lock(&ch->mutex);
	if (READ_ONCE(ch->rescinded)) {
		err = -ENODEV;
	} else if (ch->limbo) {
		err = -ETIMEDOUT;
	} else if (ch->state != ENL_CHANNEL_CLOSED) {
		err = -EINVAL;
	} else {
		ch->setup = *setup;
		WRITE_ONCE(ch->stopped, false);
		ch->was_full = false;
		WRITE_ONCE(ch->returned, false);
		set_state(ch, ENL_CHANNEL_OPENING);
		err = open_locked(ch);
		set_state(ch, err ? ENL_CHANNEL_CLOSED : ENL_CHANNEL_OPEN);
	}
	mutex_unlock(&ch->mutex);
	if (err) {
		leave_if_withdrawn(ch);
		return err;
	}
	trace_enl_open(ch->relid, setup->send_bytes + setup->recv_bytes);
	enl_channel_kick(ch);
	return 0;
}
EXPORT_SYMBOL_GPL(enl_channel_open);

static enum enl_owner close_post(struct enl_channel *ch)
{
	struct enl_msg_relid msg = {
		.header.type = cpu_to_le32(ENL_MSG_CLOSE), .relid = cpu_to_le32(ch->relid),
	};
	int err = enl_post(ch->bus, ch, &msg, sizeof(msg));

	/* A ring is never torn down while the host believes the channel open. */
	ch->limbo = err;
	if (err)
		return READ_ONCE(ch->rescinded) ? ENL_OWNER_GRACE : ENL_OWNER_HOST;
	return enl_gpadl_owner(ch, enl_gpadl_teardown(ch, ch->ring_gpadl.id));
}

/**
 * enl_channel_close_within() - close a channel whose end is worth waiting for
 * @ch: a channel; closed and rescinded ones are fine
 * @ms: how long the host may take to give the rings back, if that is longer than usual
 *
 * As enl_channel_close(). For drivers to which enl_channel_returned() means more than the rings.
 */
void enl_channel_close_within(struct enl_channel *ch, unsigned int ms)
{
	enum enl_owner owner;
	bool opened;

	mutex_lock(&ch->mutex);
	opened = ch->state == ENL_CHANNEL_OPEN;
	if (opened) {
		/* In this order: no sender, no callback, no host, no memory. */
		set_state(ch, ENL_CHANNEL_CLOSING);
		enl_channel_notify_stop(ch);
		enl_transact_end(ch);
		ch->close_ms = ms;
		owner = close_post(ch);
		ch->close_ms = 0;
		WRITE_ONCE(ch->returned, owner == ENL_OWNER_GUEST);
		close_memory(ch, owner);
		WRITE_ONCE(ch->astray, false);
		set_state(ch, ENL_CHANNEL_CLOSED);
	}
	mutex_unlock(&ch->mutex);
	if (!opened)
		return;
	trace_enl_close(ch->relid, 0);
	leave_if_withdrawn(ch);
}
EXPORT_SYMBOL_GPL(enl_channel_close_within);

/**
 * enl_channel_close() - close a channel
 * @ch: a channel; closed and rescinded ones are fine
 *
 * Afterwards no callback runs and the rings are gone. Packets that were not answered are the
 * driver's to finish. May sleep; never from the notify callback. Protocol chapters 5.5, 11.5.
 */
void enl_channel_close(struct enl_channel *ch)
{
	enl_channel_close_within(ch, 0);
}
EXPORT_SYMBOL_GPL(enl_channel_close);

/* -ETIMEDOUT also for an earlier move that the host may still make: one at a time (5.7). */
static int modify_post(struct enl_channel *ch, unsigned int cpu)
{
	struct enl_bus *bus = ch->bus;
	struct enl_request rq = {
		.ch = ch, .answer = ENL_MSG_MODIFY_CHANNEL_RESPONSE, .relid = ch->relid,
	};
	const struct enl_msg_modify_response *answer = (const void *)rq.message;
	struct enl_msg_modify msg = {
		.header.type = cpu_to_le32(ENL_MSG_MODIFY_CHANNEL),
		.relid = cpu_to_le32(ch->relid),
		.target_vp = cpu_to_le32(bus->ops->vp_index(bus->p, cpu)),
	};
	bool answered = bus->version >= ENL_VERSION_5_3;
	int err;

	if (ch->astray)
		return -ETIMEDOUT;
	if (answered)
		enl_request_add(bus, &rq);
	err = enl_post(bus, ch, &msg, sizeof(msg));
	if (err || !answered) {
		if (answered)
			enl_request_drop(bus, &rq);
		return err;
	}
	err = enl_request_wait(bus, &rq, bus->options.request_ms);
	if (!err && answer->status)
		err = -EIO;
	if (err == -ETIMEDOUT) {
		WRITE_ONCE(ch->maybe_cpu, cpu);
		/* Pairs with the acquire in cpu.c. */
		smp_store_release(&ch->astray, true);
	}
	return err;
}

/*
 * Move the interrupts of a channel to @cpu (5.7). May sleep. 0; -EOPNOTSUPP is not in the API:
 * -EINVAL when the protocol is too old for an open channel; -EIO refused; -ENODEV; -ETIMEDOUT.
 */
int enl_channel_retarget(struct enl_channel *ch, unsigned int cpu)
{
	int err = 0;

	mutex_lock(&ch->mutex);
	if (ch->state == ENL_CHANNEL_OPEN && (cpu != ch->cpu || ch->astray))
		err = ch->bus->version < ENL_VERSION_4_1 ? -EINVAL : modify_post(ch, cpu);
	if (!err)
		WRITE_ONCE(ch->cpu, cpu);
	mutex_unlock(&ch->mutex);
	return err;
}
