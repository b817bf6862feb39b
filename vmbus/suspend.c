// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hibernation: leave the host, find it and the devices again (specification, 11.7).
 * Calls connect.c, offer.c, rescind.c, channel.c. Called by main.c (noirq phase) and by tests.
 * Drivers have closed their channels before, and open them after.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include "internal.h"

#define LOOK_MS	10

typedef bool (*channel_test)(const struct enl_channel *ch);

static bool is_sub(const struct enl_channel *ch)
{
	return ch->index;
}

static bool is_socket(const struct enl_channel *ch)
{
	return ch->offer_flags & ENL_OFFER_HVSOCK && !ch->rescinded;
}

/* What drop_transient() does not close. */
static bool is_in_use(const struct enl_channel *ch)
{
	return !is_sub(ch) && !is_socket(ch) && !ch->rescinded &&
	       ch->state != ENL_CHANNEL_CLOSED;
}

static bool is_awaited(const struct enl_channel *ch)
{
	return ch->relid == ENL_RELID_NONE && !ch->rescinded;
}

/* Also those that its driver was told of already (enl_channel_missed()). */
static bool is_missing(const struct enl_channel *ch)
{
	return ch->relid == ENL_RELID_NONE && !ch->leaving;
}

/* A channel that passes @test, with a reference, or NULL. */
static struct enl_channel *find(struct enl_bus *bus, channel_test test)
{
	struct enl_channel *ch, *found = NULL;

	mutex_lock(&bus->lock);
	list_for_each_entry(ch, &bus->channels, link) {
		if (ch->forgotten || !test(ch))
			continue;
		found = ch;
		kref_get(&ch->ref);
		break;
	}
	mutex_unlock(&bus->lock);
	return found;
}

/* Sockets never come back, sub-channels are asked for anew: both are dropped here. */
static void drop_transient(struct enl_bus *bus)
{
	struct enl_channel *ch;

	while ((ch = find(bus, is_socket))) {
		enl_channel_rescind(ch);
		flush_work(&ch->del_work);
		enl_channel_put(ch);
	}
	while ((ch = find(bus, is_sub))) {
		enl_channel_close(ch);
		enl_channel_remove_later(ch);
		flush_work(&ch->del_work);
		enl_device_ungive(ch);
		enl_channel_put(ch);
	}
}

static void put_to_sleep(struct enl_bus *bus)
{
	struct enl_channel *ch;

	mutex_lock(&bus->lock);
	list_for_each_entry(ch, &bus->channels, link) {
		if (ch->relid < ENL_RELID_LIMIT)
			RCU_INIT_POINTER(bus->relid[ch->relid], NULL);
		WRITE_ONCE(ch->relid, ENL_RELID_NONE);
	}
	mutex_unlock(&bus->lock);
	synchronize_rcu();
}

/* After it returns no offer or rescind is let in any more; those that were are queued. */
static void fall_asleep(struct enl_bus *bus)
{
	unsigned long irq;

	enl_link_sleep(bus, true);
	spin_lock_irqsave(&bus->queue_lock, irq);
	spin_unlock_irqrestore(&bus->queue_lock, irq);
}

/* Until nothing that was let in is under way: an end may begin a device, a failure end it. */
static void flush_all(struct enl_bus *bus)
{
	flush_workqueue(bus->control_wq);
	flush_workqueue(bus->del_wq);
	flush_workqueue(bus->add_wq);
	flush_workqueue(bus->sub_wq);
	flush_workqueue(bus->del_wq);
}

static bool none_in_use(struct enl_bus *bus)
{
	struct enl_channel *ch = find(bus, is_in_use);

	if (!ch)
		return true;
	dev_err(bus->parent, "channel %u of %pUl is still open: no hibernation\n", ch->relid,
		ch->instance_id.b);
	enl_channel_put(ch);
	return false;
}

/**
 * enl_bus_suspend() - leave the host before a memory image is made
 * @bus: the bus; all drivers have closed their channels
 *
 * May sleep, long: the host may flush its caches.
 *
 * Return: 0; -EBUSY a channel is still open, nothing is changed then.
 */
int enl_bus_suspend(struct enl_bus *bus)
{
	/* Before offers and rescinds are ignored: what the host says now is not said again. */
	flush_all(bus);
	if (!none_in_use(bus))
		return -EBUSY;
	fall_asleep(bus);
	flush_all(bus);
	/* Nobody but the probe of a device that has just come can have opened one. */
	if (!none_in_use(bus)) {
		enl_link_sleep(bus, false);
		return -EBUSY;
	}
	enl_parked_drop(bus);
	drop_transient(bus);
	put_to_sleep(bus);
	enl_disconnect(bus);
	return 0;
}
EXPORT_SYMBOL_GPL(enl_bus_suspend);

static bool all_awake(struct enl_bus *bus)
{
	struct enl_channel *ch = find(bus, is_awaited);

	if (ch)
		enl_channel_put(ch);
	return !ch;
}

/**
 * enl_bus_resume() - find the host and the devices of before again
 * @bus: a suspended bus
 *
 * With the same protocol version, since layouts depend on it. Devices that the host does not
 * offer within the limit are named in the log; enl_bus_settle() removes them later.
 *
 * Return: 0, or why there is no connection: then no device works.
 */
int enl_bus_resume(struct enl_bus *bus)
{
	unsigned long end;
	int err;

	err = enl_connection_pages(bus);
	if (!err)
		err = enl_connect(bus, bus->version);
	if (err) {
		dev_err(bus->parent, "no connection after hibernation (%d): no device will work\n",
			err);
		enl_connection_pages_free(bus, enl_contact_is_over(err));
		return err;
	}
	err = enl_request_offers(bus, bus->options.resume_ms);
	if (err)
		return err;
	end = jiffies + msecs_to_jiffies(bus->options.resume_ms);
	while (!all_awake(bus) && time_before(jiffies, end))
		msleep(LOOK_MS);
	return 0;
}
EXPORT_SYMBOL_GPL(enl_bus_resume);

/**
 * enl_bus_settle() - remove the devices that hibernation lost
 * @bus: a resumed bus, once all devices may be used again
 *
 * May sleep.
 */
void enl_bus_settle(struct enl_bus *bus)
{
	struct enl_channel *ch;

	while ((ch = find(bus, is_missing))) {
		dev_warn(bus->parent, "device %pUl is gone since hibernation\n",
			 ch->instance_id.b);
		enl_channel_rescind(ch);
		flush_work(&ch->del_work);
		enl_channel_put(ch);
	}
}
EXPORT_SYMBOL_GPL(enl_bus_settle);
