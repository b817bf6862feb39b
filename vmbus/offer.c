// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offers, sub-channels and rescinds, in the order in which the host sent them (11.2 to 11.4).
 * Calls channel.c, cpu.c, bus.c. Called through control_wq, which message.c feeds.
 * Each offer that ends is answered by exactly one RELID_RELEASED, whatever became of it.
 */
#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/slab.h>
#include "internal.h"
#include "wire/classes.h"

/* An offer of a device whose old self is not gone yet. */
struct enl_parked {
	struct list_head link;
	struct enl_msg_offer offer;
};

/* What an isolated guest lets in (chapter 6); everything else has an unhardened history. */
static const struct enl_guid isolated_classes[] = {
	ENL_CLASS_SCSI, ENL_CLASS_NETWORK, ENL_CLASS_PCI, ENL_CLASS_SHUTDOWN, ENL_CLASS_TIMESYNC,
	ENL_CLASS_HEARTBEAT,
};

static bool class_allowed(struct enl_bus *bus, const struct enl_msg_offer *offer)
{
	unsigned int i;

	if (!bus->ops->isolated(bus->p) || le16_to_cpu(offer->flags) & ENL_OFFER_HVSOCK)
		return true;
	for (i = 0; i < ARRAY_SIZE(isolated_classes); i++) {
		if (enl_guid_equal(&offer->class_id, &isolated_classes[i]))
			return true;
	}
	return false;
}

static void release_relid(struct enl_bus *bus, u32 relid)
{
	struct enl_msg_relid msg = {
		.header.type = cpu_to_le32(ENL_MSG_RELID_RELEASED), .relid = cpu_to_le32(relid),
	};

	if (!enl_post(bus, NULL, &msg, sizeof(msg)))
		atomic_long_inc(&bus->relids_released);
}

/* The values that make an offer unusable, or that are only counted. */
static enum enl_fault check_offer(struct enl_bus *bus, const struct enl_msg_offer *offer)
{
	u32 connection = le32_to_cpu(offer->connection_id);

	if (offer->monitor_flags & ENL_OFFER_MONITOR_ALLOCATED &&
	    offer->monitor_id >= ENL_MONITOR_IDS)
		enl_bus_fault(bus, ENL_FAULT_OFFER_MONITOR, offer->monitor_id);
	if (connection & ~ENL_CONNECTION_ID_MASK)
		return ENL_FAULT_OFFER_CONNECTION;
	if (!class_allowed(bus, offer))
		return ENL_FAULT_OFFER_CLASS;
	return ENL_FAULT_NONE;
}

static bool same_guids(const struct enl_channel *ch, const struct enl_msg_offer *offer)
{
	return enl_guid_equal(&ch->instance_id, &offer->instance_id) &&
	       enl_guid_equal(&ch->class_id, &offer->class_id);
}

/* The primary with the instance of @offer, which names a device. Under bus->lock. */
static struct enl_channel *find_primary(struct enl_bus *bus, const struct enl_msg_offer *offer)
{
	struct enl_channel *ch;

	lockdep_assert_held(&bus->lock);
	list_for_each_entry(ch, &bus->channels, link) {
		if (!ch->index && enl_guid_equal(&ch->instance_id, &offer->instance_id))
			return ch;
	}
	return NULL;
}

/* Is the number of @offer one that the host may not give out now? Under bus->lock. */
static bool relid_in_use(struct enl_bus *bus, const struct enl_msg_offer *offer)
{
	const struct enl_parked *parked;

	if (rcu_access_pointer(bus->relid[le32_to_cpu(offer->relid)]))
		return true;
	list_for_each_entry(parked, &bus->parked, link) {
		if (parked->offer.relid == offer->relid)
			return true;
	}
	return false;
}

static bool device_is_parked(struct enl_bus *bus, const struct enl_msg_offer *offer)
{
	const struct enl_parked *parked;

	list_for_each_entry(parked, &bus->parked, link) {
		if (enl_guid_equal(&parked->offer.instance_id, &offer->instance_id))
			return true;
	}
	return false;
}

static bool sub_exists(const struct enl_channel *primary, u16 index)
{
	const struct enl_channel *sub;

	list_for_each_entry(sub, &primary->subs, sub_link) {
		if (sub->index == index && !sub->rescinded)
			return true;
	}
	return false;
}

/* Into list and table, and on its CPU. Under bus->lock. */
static void publish_channel(struct enl_channel *ch, struct enl_channel *primary)
{
	struct enl_bus *bus = ch->bus;

	if (primary) {
		kref_get(&primary->ref);
		ch->primary = primary;
		ch->device = primary->device;
		list_add_tail(&ch->sub_link, &primary->subs);
		primary->sub_count++;
	}
	ch->cpu = enl_cpu_pick(ch, -1);
	ch->home_cpu = ch->cpu;
	list_add_tail(&ch->link, &bus->channels);
	bus->channel_count++;
	/* The interrupt path sees a complete channel or none. */
	rcu_assign_pointer(bus->relid[ch->relid], ch);
}

/* A device that slept through hibernation: same object, new numbers (11.7). Under bus->lock. */
static bool wake_primary(struct enl_bus *bus, struct enl_channel *ch,
			 const struct enl_msg_offer *offer)
{
	if (ch->relid != ENL_RELID_NONE || ch->rescinded)
		return false;
	enl_channel_address(ch, offer);
	ch->awake = true;
	ch->limbo = false;
	ch->owed = false;
	rcu_assign_pointer(bus->relid[ch->relid], ch);
	wake_up_all(&bus->quiet);
	return true;
}

/* What to do about an offer of known GUIDs: a fault to count, or NONE when it is settled. */
static enum enl_fault known_primary(struct enl_bus *bus, struct enl_channel *old,
				    const struct enl_msg_offer *offer)
{
	struct enl_parked *parked;

	if (wake_primary(bus, old, offer))
		return ENL_FAULT_NONE;
	/* One may wait for the old self to go; a second would be a duplicate of that. */
	if (!old->rescinded || device_is_parked(bus, offer))
		return ENL_FAULT_OFFER_DUPLICATE;
	parked = kzalloc(sizeof(*parked), GFP_KERNEL);
	if (!parked)
		return ENL_FAULT_OFFER_LIMIT;
	parked->offer = *offer;
	list_add_tail(&parked->link, &bus->parked);
	return ENL_FAULT_NONE;
}

static enum enl_fault check_sub(struct enl_channel *primary, u16 index)
{
	if (!primary || primary->rescinded || !primary->device)
		return ENL_FAULT_OFFER_ORPHAN;
	if (primary->sub_count >= primary->sub_limit)
		return ENL_FAULT_OFFER_UNASKED;
	if (sub_exists(primary, index))
		return ENL_FAULT_OFFER_DUPLICATE;
	return ENL_FAULT_NONE;
}

/* Registers a device, hence runs its probe; or tells the driver of a sub-channel. */
static void add_work(struct work_struct *work)
{
	struct enl_channel *ch = container_of(work, struct enl_channel, add_work);

	if (READ_ONCE(ch->rescinded))
		return;
	enl_channel_debugfs_add(ch);
	if (ch->index)
		enl_device_give(ch);
	else if (enl_device_add(ch))
		enl_channel_remove_later(ch);
}

/*
 * The end of a channel: its device goes, then itself. For an open sub-channel it comes again
 * when the driver has closed it.
 */
static void del_work(struct work_struct *work)
{
	struct enl_channel *ch = container_of(work, struct enl_channel, del_work);

	/* Not yet added: never will be. Being added: the rescind has woken it up. */
	cancel_work_sync(&ch->add_work);
	if (!ch->index)
		enl_device_remove(ch);
	if (READ_ONCE(ch->state) == ENL_CHANNEL_CLOSED)
		enl_channel_forget(ch);
	enl_channel_put(ch);
}

/* Under bus->lock. *@made: the new channel, NULL if the offer needed none. */
static enum enl_fault place_offer(struct enl_bus *bus, const struct enl_msg_offer *offer,
				  struct enl_channel **made)
{
	u32 relid = le32_to_cpu(offer->relid);
	u16 index = le16_to_cpu(offer->sub_channel_index);
	struct enl_channel *primary, *ch;
	enum enl_fault fault;

	/* A number that cannot be a channel's, or is one's. */
	if (!relid || relid >= ENL_RELID_LIMIT || relid_in_use(bus, offer))
		return ENL_FAULT_OFFER_RELID;
	fault = check_offer(bus, offer);
	if (fault != ENL_FAULT_NONE)
		return fault;
	primary = find_primary(bus, offer);
	/* One name, two classes: no such device, and it would have no place in sysfs. */
	if (primary && !same_guids(primary, offer))
		return index ? ENL_FAULT_OFFER_ORPHAN : ENL_FAULT_OFFER_DUPLICATE;
	if (index)
		fault = check_sub(primary, index);
	else if (primary)
		return known_primary(bus, primary, offer);
	if (fault != ENL_FAULT_NONE)
		return fault;
	if (bus->channel_count >= ENL_MAX_CHANNELS)
		return ENL_FAULT_OFFER_LIMIT;
	ch = enl_channel_alloc(bus, offer);
	if (!ch)
		return ENL_FAULT_OFFER_LIMIT;
	INIT_WORK(&ch->add_work, add_work);
	INIT_WORK(&ch->del_work, del_work);
	publish_channel(ch, index ? primary : NULL);
	*made = ch;
	return ENL_FAULT_NONE;
}

/*
 * Under bus->lock, with CPU hot-plug held off: what place_offer() says. The work is queued with the
 * lock, so that a rescind that follows finds and cancels it.
 */
static enum enl_fault take_offer(struct enl_bus *bus, const struct enl_msg_offer *offer)
{
	struct enl_channel *ch = NULL;
	enum enl_fault fault = place_offer(bus, offer, &ch);

	if (ch)
		queue_work(ch->index ? bus->sub_wq : bus->add_wq, &ch->add_work);
	return fault;
}

static void refuse_offer(struct enl_bus *bus, const struct enl_msg_offer *offer,
			 enum enl_fault fault)
{
	u32 relid = le32_to_cpu(offer->relid);

	if (fault == ENL_FAULT_NONE)
		return;
	enl_bus_fault(bus, fault, relid);
	/* A number that is no channel's, or a live one's, is not ours to give back. */
	if (fault != ENL_FAULT_OFFER_RELID)
		release_relid(bus, relid);
}

static void handle_offer(struct enl_bus *bus, const struct enl_msg_offer *offer)
{
	enum enl_fault fault;

	cpus_read_lock();
	mutex_lock(&bus->lock);
	fault = take_offer(bus, offer);
	mutex_unlock(&bus->lock);
	cpus_read_unlock();
	refuse_offer(bus, offer, fault);
}

static bool rescind_parked(struct enl_bus *bus, u32 relid)
{
	struct enl_parked *parked;
	bool found = false;

	mutex_lock(&bus->lock);
	list_for_each_entry(parked, &bus->parked, link) {
		if (le32_to_cpu(parked->offer.relid) != relid)
			continue;
		list_del(&parked->link);
		kfree(parked);
		found = true;
		break;
	}
	mutex_unlock(&bus->lock);
	if (found)
		release_relid(bus, relid);
	return found;
}

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

static void handle_rescind(struct enl_bus *bus, const struct enl_msg_relid *msg)
{
	u32 relid = le32_to_cpu(msg->relid);
	struct enl_channel *ch = NULL;
	bool again = false;

	mutex_lock(&bus->lock);
	if (relid && relid < ENL_RELID_LIMIT)
		ch = rcu_dereference_protected(bus->relid[relid], lockdep_is_held(&bus->lock));
	if (ch) {
		again = ch->leaving;
		if (!again)
			enl_channel_rescind(ch);
	}
	mutex_unlock(&bus->lock);
	if (again)
		enl_bus_fault(bus, ENL_FAULT_RESCIND_AGAIN, relid);
	/* Where the bus gives up all channels the two may cross: the host is not to blame. */
	else if (!ch && !rescind_parked(bus, relid) && !READ_ONCE(bus->closing))
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
			handle_offer(bus, &q->offer);
		else
			handle_rescind(bus, &q->rescind);
		spin_lock_irqsave(&bus->queue_lock, irq);
		list_add(&q->link, &bus->queue_free);
		spin_unlock_irqrestore(&bus->queue_lock, irq);
	}
}

/*
 * An offer that waited for @gone to go. At no moment is it neither parked nor placed, or a rescind
 * of it would find nothing to withdraw, and the device would stay for ever.
 */
static void unpark(struct enl_bus *bus, const struct enl_channel *gone)
{
	struct enl_parked *parked, *found = NULL;
	enum enl_fault fault = ENL_FAULT_NONE;

	cpus_read_lock();
	mutex_lock(&bus->lock);
	list_for_each_entry(parked, &bus->parked, link) {
		if (!same_guids(gone, &parked->offer))
			continue;
		list_del(&parked->link);
		fault = take_offer(bus, &parked->offer);
		found = parked;
		break;
	}
	mutex_unlock(&bus->lock);
	cpus_read_unlock();
	if (found)
		refuse_offer(bus, &found->offer, fault);
	kfree(found);
}

/*
 * Out of list and table, and give the number back. The table entry goes before the host learns
 * that it may use the number again. Drops the reference of the list, once. May sleep.
 */
void enl_channel_forget(struct enl_channel *ch)
{
	struct enl_bus *bus = ch->bus;
	u32 relid = ch->relid;
	bool again;

	mutex_lock(&bus->lock);
	again = ch->forgotten;
	ch->forgotten = true;
	mutex_unlock(&bus->lock);
	if (again)
		return;
	enl_channel_sysfs_remove(ch);
	enl_channel_debugfs_remove(ch);
	mutex_lock(&bus->lock);
	if (relid < ENL_RELID_LIMIT)
		RCU_INIT_POINTER(bus->relid[relid], NULL);
	list_del_init(&ch->link);
	bus->channel_count--;
	if (ch->index) {
		list_del_init(&ch->sub_link);
		ch->primary->sub_count--;
	}
	mutex_unlock(&bus->lock);
	synchronize_rcu();
	/* With memory still out the number is not given up: the end of the connection does that. */
	if (relid < ENL_RELID_LIMIT &&
	    (READ_ONCE(ch->rescinded) || !(READ_ONCE(ch->owed) || READ_ONCE(ch->limbo))))
		release_relid(bus, relid);
	unpark(bus, ch);
	wake_up_all(&bus->quiet);
	enl_channel_put(ch);
}

/* Offers still parked when the bus ends: nobody takes them any more. */
void enl_parked_drop(struct enl_bus *bus)
{
	struct enl_parked *parked, *next;

	mutex_lock(&bus->lock);
	list_for_each_entry_safe(parked, next, &bus->parked, link) {
		list_del(&parked->link);
		kfree(parked);
	}
	mutex_unlock(&bus->lock);
}

/**
 * enl_device_expect_subchannels() - how many sub-channels the host may offer
 * @dev: device
 * @count: as many as the driver is about to ask for in its own protocol
 *
 * Offers beyond it are refused. Call before asking. Any context. Chapter 10.4.
 */
void enl_device_expect_subchannels(struct enl_device *dev, u16 count)
{
	WRITE_ONCE(dev->primary->sub_limit, count);
}
EXPORT_SYMBOL_GPL(enl_device_expect_subchannels);
