// SPDX-License-Identifier: GPL-2.0-only
/*
 * From event flag to notify callback and back to silence; and the doorbell the other way.
 * Calls ring.c and the platform. Called by the platform (flags), packet.c and channel.c.
 * The interrupt path takes no lock, so that it is the same on a real-time kernel (chapter 10).
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include <asm/sync_bitops.h>
#include "internal.h"

/* A round ends after this, so that a host that keeps filling cannot starve the CPU. */
#define ROUND_PACKETS	256u
#define ROUND_TIME	max(HZ / 500, 1)	/* about 2 ms */

static void queue_round(struct enl_channel *ch)
{
	if (ch->setup.mode == ENL_NOTIFY_WORK)
		queue_work_on(READ_ONCE(ch->cpu), ch->bus->notify_wq, &ch->work);
	else
		tasklet_schedule(&ch->tasklet);
}

/* Hard interrupt context, under RCU. */
static void channel_interrupt(struct enl_channel *ch)
{
	ch->stats.interrupts++;
	/* Not open, or about to close: a flag may come at any time and means nothing then. */
	if (!smp_load_acquire(&ch->live))
		return;
	if (ch->setup.mode == ENL_NOTIFY_IRQ) {
		ch->setup.notify(ch, ch->setup.context);
		return;
	}
	enl_ring_mask(&ch->in);
	queue_round(ch);
}

/*
 * Platform event: flags of one virtual processor. A flag is cleared before its channel is looked
 * at, so that what comes meanwhile sets it again. Hard interrupt context.
 */
void enl_bus_channels(void *context, unsigned long *flags, unsigned int bits)
{
	struct enl_bus *bus = context;
	unsigned int words = min(bits, ENL_RELID_LIMIT) / BITS_PER_LONG, i, bit;

	rcu_read_lock();
	for (i = 0; i < words; i++) {
		unsigned long word = READ_ONCE(flags[i]);

		if (!word)
			continue;
		word = xchg(&flags[i], 0);
		for_each_set_bit(bit, &word, BITS_PER_LONG) {
			struct enl_channel *ch;

			ch = rcu_dereference(bus->relid[i * BITS_PER_LONG + bit]);
			if (ch)
				channel_interrupt(ch);
		}
	}
	rcu_read_unlock();
}

/* Act as if the host had signalled. Any context; harmless at any time. */
void enl_channel_kick(struct enl_channel *ch)
{
	unsigned long flags;

	rcu_read_lock();
	local_irq_save(flags);
	/* Pairs with enl_channel_notify_start(). */
	if (smp_load_acquire(&ch->live)) {
		if (ch->setup.mode == ENL_NOTIFY_IRQ)
			ch->setup.notify(ch, ch->setup.context);
		else
			queue_round(ch);
	}
	local_irq_restore(flags);
	rcu_read_unlock();
}

/* Ring the host's bell for this channel (chapter 10.3). Any context, no lock held. */
void enl_channel_signal(struct enl_channel *ch)
{
	struct enl_bus *bus = ch->bus;
	u8 id = READ_ONCE(ch->monitor_id);

	if (id < ENL_MONITOR_IDS && !READ_ONCE(ch->urgent) && bus->monitor_usable) {
		struct enl_monitor_page *page = (void *)bus->monitor_page;

		/* One locked bit-set: the hypervisor clears bits of the same word. */
		sync_set_bit(id % 32, (unsigned long *)&page->group[id / 32]);
		ch->stats.signals_monitored++;
		return;
	}
	bus->ops->signal_event(bus->p, ch->connection_id);
	ch->stats.signals_sent++;
}

/**
 * enl_recv_commit() - give the room of all packets taken so far back to the host
 * @ch: channel
 *
 * enl_recv() does it when it finds the ring empty, and each round at its end; a driver that polls
 * in a context of its own (NAPI) calls it at the end of each poll. Same context as enl_recv().
 */
void enl_recv_commit(struct enl_channel *ch)
{
	if (!enl_ring_commit(&ch->in))
		return;
	ch->stats.signals_room++;
	enl_channel_signal(ch);
}
EXPORT_SYMBOL_GPL(enl_recv_commit);

/* One round: call the driver, give room back, unmask, look again. One at a time per channel. */
static void run_round(struct enl_channel *ch)
{
	/* Pairs with enl_channel_notify_start(). */
	if (!smp_load_acquire(&ch->live))
		return;
	ch->stats.polls++;
	ch->budget = ROUND_PACKETS;
	ch->round_end = jiffies + ROUND_TIME;
	ch->spent = false;
	ch->drained = false;
	ch->bounded = true;
	ch->setup.notify(ch, ch->setup.context);
	ch->bounded = false;
	enl_recv_commit(ch);
	if (READ_ONCE(ch->stopped))
		return;
	if (ch->spent) {
		ch->stats.polls_cut++;
	} else if (!enl_ring_unmask(&ch->in)) {
		return;
	} else if (!ch->drained) {
		/* The driver stopped by itself and calls enl_recv_again() when it likes. */
		return;
	}
	enl_ring_mask(&ch->in);
	if (READ_ONCE(ch->live))
		queue_round(ch);
}

static void tasklet_round(struct tasklet_struct *tasklet)
{
	run_round(container_of(tasklet, struct enl_channel, tasklet));
}

static void work_round(struct work_struct *work)
{
	run_round(container_of(work, struct enl_channel, work));
}

/* The host was to signal when room appears; if it cannot, or its signal was lost, look again. */
static void room_timeout(struct timer_list *timer)
{
	struct enl_channel *ch = timer_container_of(ch, timer, room_timer);

	enl_channel_kick(ch);
}

/* Once per channel object. */
void enl_channel_notify_init(struct enl_channel *ch)
{
	tasklet_setup(&ch->tasklet, tasklet_round);
	INIT_WORK(&ch->work, work_round);
	timer_setup(&ch->room_timer, room_timeout, 0);
}

/* Before OPEN is posted: the host may signal before it answers. */
void enl_channel_notify_start(struct enl_channel *ch)
{
	/* Pairs with the acquire in the interrupt path: rings and setup before live. */
	smp_store_release(&ch->live, true);
}

/*
 * After it returns no callback runs and none will: the rings may be unmapped. May sleep. Not from
 * the notify callback itself.
 */
void enl_channel_notify_stop(struct enl_channel *ch)
{
	WRITE_ONCE(ch->live, false);
	/* Interrupts that saw the channel live are through; they may have queued a round. */
	synchronize_rcu();
	timer_delete_sync(&ch->room_timer);
	tasklet_kill(&ch->tasklet);
	cancel_work_sync(&ch->work);
}

/**
 * enl_channel_set_urgent() - signal at once instead of through the monitor page
 * @ch: channel
 * @urgent: true: each signal is a hypercall; false: the host's latency is good enough
 *
 * For handshakes on a channel that the host monitors. Any context. Chapter 10.3.
 */
void enl_channel_set_urgent(struct enl_channel *ch, bool urgent)
{
	WRITE_ONCE(ch->urgent, urgent);
}
EXPORT_SYMBOL_GPL(enl_channel_set_urgent);
