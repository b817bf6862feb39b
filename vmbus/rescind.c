// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rescinds; and the queue that works off OFFER and RESCIND in the host's order (11.2, 11.4).
 * Calls offer.c, request.c. Called by message.c, bus.c, suspend.c, and through control_wq.
 * A RESCIND ends all waits where it arrives; what follows from it waits for nobody either.
 */
#include "internal.h"

/* Nothing can be had from the host for @ch any more: all waits end. Any context. */
static void withdraw(struct enl_channel *ch)
{
	unsigned long irq;

	spin_lock_irqsave(&ch->send_lock, irq);
	WRITE_ONCE(ch->rescinded, true);
	spin_unlock_irqrestore(&ch->send_lock, irq);
	enl_requests_end(ch->bus, ch);
	enl_transact_end(ch);
	enl_channel_kick(ch);
}

/*
 * A RESCIND has arrived and is queued behind what came before it. What the host says after it,
 * be it an answer, is not believed any more, and whoever holds up the queue may wait for just
 * this channel. Of an offer that is still in the queue nobody waits for anything. Any context.
 */
void enl_rescind_seen(struct enl_bus *bus, u32 relid)
{
	struct enl_channel *ch = NULL;

	rcu_read_lock();
	if (relid < ENL_RELID_LIMIT)
		ch = rcu_dereference(bus->relid[relid]);
	if (ch && !READ_ONCE(ch->rescinded))
		withdraw(ch);
	rcu_read_unlock();
}

/*
 * The channel is gone for the host. Flips the state, ends all waits and leaves the rest to
 * del_work: nothing here waits for anybody.
 */
void enl_channel_rescind(struct enl_channel *ch)
{
	unsigned long irq;

	if (!READ_ONCE(ch->rescinded))
		withdraw(ch);
	/* Either whoever closes it sees this, or del_work sees it closed. */
	spin_lock_irqsave(&ch->send_lock, irq);
	WRITE_ONCE(ch->leaving, true);
	spin_unlock_irqrestore(&ch->send_lock, irq);
	enl_channel_remove_later(ch);
}

/*
 * Has hibernation lost @ch? The answer is final: an offer that comes from here on is that of a new
 * device, which waits until enl_bus_settle() has removed the old one. May sleep.
 */
bool enl_channel_missed(struct enl_channel *ch)
{
	bool missed;

	mutex_lock(&ch->bus->lock);
	missed = ch->relid == ENL_RELID_NONE;
	if (missed && !ch->rescinded)
		withdraw(ch);
	mutex_unlock(&ch->bus->lock);
	return missed;
}

static void handle_rescind(struct enl_bus *bus, const struct enl_msg_relid *msg)
{
	u32 relid = le32_to_cpu(msg->relid);
	struct enl_channel *ch = NULL;
	bool again = false, parked = false;

	mutex_lock(&bus->lock);
	if (relid && relid < ENL_RELID_LIMIT)
		ch = rcu_dereference_protected(bus->relid[relid], lockdep_is_held(&bus->lock));
	if (ch) {
		again = ch->leaving;
		if (!again)
			enl_channel_rescind(ch);
	} else {
		parked = enl_parked_remove(bus, relid);
	}
	mutex_unlock(&bus->lock);
	if (again)
		enl_bus_fault(bus, ENL_FAULT_RESCIND_AGAIN, relid);
	else if (parked)
		enl_relid_release(bus, relid);
	/* Where the bus gives up all channels the two may cross: the host is not to blame. */
	else if (!ch && !READ_ONCE(bus->closing))
		enl_bus_fault(bus, ENL_FAULT_RESCIND_UNKNOWN, relid);
}

static struct enl_queued *take_queued(struct enl_bus *bus)
{
	struct enl_queued *q;
	unsigned long irq;

	spin_lock_irqsave(&bus->queue_lock, irq);
	q = list_first_entry_or_null(&bus->queued, struct enl_queued, link);
	if (q)
		list_del(&q->link);
	spin_unlock_irqrestore(&bus->queue_lock, irq);
	return q;
}

/* Works off OFFER and RESCIND in the order of arrival. */
void enl_control_work(struct work_struct *work)
{
	struct enl_bus *bus = container_of(work, struct enl_bus, control_work);
	struct enl_queued *q;
	unsigned long irq;

	while ((q = take_queued(bus))) {
		if (le32_to_cpu(q->header.type) == ENL_MSG_OFFER)
			enl_offer_handle(bus, &q->offer);
		else
			handle_rescind(bus, &q->rescind);
		spin_lock_irqsave(&bus->queue_lock, irq);
		list_add(&q->link, &bus->queue_free);
		spin_unlock_irqrestore(&bus->queue_lock, irq);
	}
}
