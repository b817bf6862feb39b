// SPDX-License-Identifier: GPL-2.0-only
/*
 * One bus from start to stop; everything hangs off struct enl_bus, so that each test has its own.
 * Calls connect.c, message.c, event.c, cpu.c, offer.c, rescind.c, mmio.c, panic.c.
 * Called by main.c and by tests.
 * What is acquired is released in reverse, by the same function for failure and for the end.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include "internal.h"

static const struct enl_platform_events events = {
	.message = enl_bus_message,
	.channels = enl_bus_channels,
	.cpu_going = enl_bus_cpu_going,
	.cpu_came = enl_bus_cpu_came,
	.dying = enl_bus_dying,
};

static const struct enl_bus_options defaults = {
	.contact_ms = 120 * 1000,
	.request_ms = 60 * 1000,
	.unload_ms = 100 * 1000,
	.post_ms = 168 * 1000,
	.offers_ms = 10 * 1000,
	.grace_ms = 10 * 1000,
	.resume_ms = 10 * 1000,
	.stall_ms = 5 * 1000,
};

static void apply_options(struct enl_bus *bus, const struct enl_bus_options *given)
{
	struct enl_bus_options *o = &bus->options;

	if (given)
		*o = *given;
	o->contact_ms = o->contact_ms ?: defaults.contact_ms;
	o->request_ms = o->request_ms ?: defaults.request_ms;
	o->unload_ms = o->unload_ms ?: defaults.unload_ms;
	o->post_ms = o->post_ms ?: defaults.post_ms;
	o->offers_ms = o->offers_ms ?: defaults.offers_ms;
	o->grace_ms = o->grace_ms ?: defaults.grace_ms;
	o->resume_ms = o->resume_ms ?: defaults.resume_ms;
	o->stall_ms = o->stall_ms ?: defaults.stall_ms;
}

static void bus_free(struct enl_bus *bus)
{
	struct workqueue_struct **wq[] = {
		&bus->control_wq, &bus->add_wq, &bus->sub_wq, &bus->del_wq, &bus->notify_wq,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wq); i++) {
		if (*wq[i])
			destroy_workqueue(*wq[i]);
	}
	enl_mmio_exit(bus);
	idr_destroy(&bus->gpadl_ids);
	kvfree(bus->queue_memory);
	kfree(bus);
}

static int alloc_queues(struct enl_bus *bus)
{
	unsigned int i;

	bus->queue_memory = kvcalloc(ENL_QUEUED_MESSAGES, sizeof(*bus->queue_memory), GFP_KERNEL);
	if (!bus->queue_memory)
		return -ENOMEM;
	for (i = 0; i < ENL_QUEUED_MESSAGES; i++)
		list_add_tail(&bus->queue_memory[i].link, &bus->queue_free);
	/* Disks hang on this bus: its work must go on when memory is short. */
	bus->control_wq = alloc_ordered_workqueue("enl_control", WQ_MEM_RECLAIM);
	bus->add_wq = alloc_ordered_workqueue("enl_add", 0);
	bus->sub_wq = alloc_ordered_workqueue("enl_sub", 0);
	bus->del_wq = alloc_workqueue("enl_del", WQ_UNBOUND, 0);
	bus->notify_wq = alloc_workqueue("enl_notify", WQ_MEM_RECLAIM | WQ_HIGHPRI | WQ_PERCPU, 0);
	if (!bus->control_wq || !bus->add_wq || !bus->sub_wq || !bus->del_wq || !bus->notify_wq)
		return -ENOMEM;
	return 0;
}

static struct enl_bus *bus_alloc(const struct enl_platform_ops *ops, void *p,
				 struct device *parent, const struct enl_bus_options *options)
{
	struct enl_bus *bus = kzalloc(sizeof(*bus), GFP_KERNEL);

	if (!bus)
		return NULL;
	bus->ops = ops;
	bus->p = p;
	bus->parent = parent;
	bus->above = ops->above ? ops->above(parent) : parent;
	apply_options(bus, options);
	mutex_init(&bus->lock);
	INIT_LIST_HEAD(&bus->channels);
	INIT_LIST_HEAD(&bus->parked);
	INIT_LIST_HEAD(&bus->connection_pages);
	init_rwsem(&bus->post_lock);
	spin_lock_init(&bus->request_lock);
	INIT_LIST_HEAD(&bus->requests);
	spin_lock_init(&bus->queue_lock);
	INIT_LIST_HEAD(&bus->queued);
	INIT_LIST_HEAD(&bus->queue_free);
	INIT_WORK(&bus->control_work, enl_control_work);
	init_completion(&bus->offers_done);
	init_waitqueue_head(&bus->quiet);
	mutex_init(&bus->gpadl_lock);
	idr_init(&bus->gpadl_ids);
	enl_memory_init(bus);
	enl_stall_init(bus);
	enl_mmio_init(bus);
	if (alloc_queues(bus)) {
		bus_free(bus);
		return NULL;
	}
	return bus;
}

/* Ask for the devices and wait, with a bound, until those that are there now are known. */
int enl_request_offers(struct enl_bus *bus, unsigned int ms)
{
	struct enl_msg_header msg = { .type = cpu_to_le32(ENL_MSG_REQUEST_OFFERS) };
	int err;

	reinit_completion(&bus->offers_done);
	err = enl_post(bus, NULL, &msg, sizeof(msg));
	if (err)
		return err;
	if (!wait_for_completion_timeout(&bus->offers_done, msecs_to_jiffies(ms)))
		dev_warn(bus->parent,
			 "the host has not listed all devices in %u s; going on, they may come later\n",
			 ms / 1000);
	flush_workqueue(bus->control_wq);
	return 0;
}

static struct enl_channel *first_channel(struct enl_bus *bus, bool sub)
{
	struct enl_channel *ch, *found = NULL;

	mutex_lock(&bus->lock);
	list_for_each_entry(ch, &bus->channels, link) {
		if (!!ch->index != sub || ch->forgotten)
			continue;
		found = ch;
		kref_get(&ch->ref);
		break;
	}
	mutex_unlock(&bus->lock);
	return found;
}

/*
 * All devices go, sub-channels after their primaries' drivers. By the same work as for a rescind,
 * which may be under way for some of them. May sleep.
 */
static void remove_channels(struct enl_bus *bus)
{
	struct enl_channel *ch;

	while ((ch = first_channel(bus, false)) || (ch = first_channel(bus, true))) {
		if (ch->index)
			enl_channel_close(ch);
		enl_channel_remove_later(ch);
		flush_work(&ch->del_work);
		enl_channel_put(ch);
	}
}

/* Until nobody refers to a device any more: the code of its release goes with the module. */
static void wait_for_devices(struct enl_bus *bus)
{
	while (!wait_event_timeout(bus->quiet, !atomic_read(&bus->devices), 10 * HZ))
		dev_warn(bus->parent, "waiting for the last user of %d devices\n",
			 atomic_read(&bus->devices));
	/* Whoever let go of the last has let go of the bus, too. */
	spin_lock_irq(&bus->quiet.lock);
	spin_unlock_irq(&bus->quiet.lock);
}

/**
 * enl_bus_start() - connect to a host and register what it offers
 * @ops: the platform
 * @p: handed to each of its calls
 * @parent: device that all devices of this bus hang on; must outlive the bus
 * @options: limits, or NULL for the defaults; copied
 *
 * May sleep, for minutes if the host is slow. Chapters 4 and 5.
 *
 * Return: the bus, or ERR_PTR: -ENOMEM; -EPROTONOSUPPORT no version in common; -ETIMEDOUT the
 * host does not answer; or what the platform's start says. Nothing is left behind then.
 */
struct enl_bus *enl_bus_start(const struct enl_platform_ops *ops, void *p, struct device *parent,
			      const struct enl_bus_options *options)
{
	struct enl_bus *bus = bus_alloc(ops, p, parent, options);
	int err;

	if (!bus)
		return ERR_PTR(-ENOMEM);
	enl_bus_debugfs_add(bus);
	err = ops->start(p, &events, bus);
	if (err)
		goto free_bus;
	enl_panic_start(bus);
	err = enl_connection_pages(bus);
	if (!err)
		err = enl_connect(bus, 0);
	if (err)
		goto stop_platform;
	dev_info(parent, "connected, protocol %u.%u\n", bus->version >> 16, bus->version & 0xffff);
	err = enl_request_offers(bus, bus->options.offers_ms);
	if (err) {
		enl_bus_stop(bus);
		return ERR_PTR(err);
	}
	enl_stall_start(bus);
	/* The devices of boot are registered when the module has loaded. */
	flush_workqueue(bus->add_wq);
	return bus;

stop_platform:
	enl_panic_stop(bus);
	/* First the hypervisor lets go of our pages, then they are freed. */
	ops->stop(p);
	enl_connection_pages_free(bus, enl_contact_is_over(err));
	enl_kept_release(bus, enl_contact_is_over(err));
free_bus:
	enl_bus_debugfs_remove(bus);
	bus_free(bus);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(enl_bus_start);

/* Offers that come from here on are not taken any more; rescinds still end waits. */
static void refuse_offers(struct enl_bus *bus)
{
	unsigned long irq;

	/* With the lock: one that was let in before is queued, and flushed with the queue. */
	spin_lock_irqsave(&bus->queue_lock, irq);
	WRITE_ONCE(bus->closing, true);
	spin_unlock_irqrestore(&bus->queue_lock, irq);
}

/**
 * enl_bus_stop() - remove all devices and end the connection
 * @bus: from enl_bus_start(); gone afterwards
 *
 * Drivers of its devices are unbound. Memory that the host does not give back is leaked, with a
 * line in the log. May sleep, long.
 */
void enl_bus_stop(struct enl_bus *bus)
{
	refuse_offers(bus);
	enl_stall_stop(bus);
	flush_workqueue(bus->control_wq);
	enl_parked_drop(bus);
	flush_workqueue(bus->del_wq);
	remove_channels(bus);
	flush_workqueue(bus->del_wq);
	enl_disconnect(bus);
	enl_panic_stop(bus);
	bus->ops->stop(bus->p);
	/* What a crash, or a waiter that the end overtook, left: the host's answer decides. */
	if (!list_empty(&bus->connection_pages) || !list_empty(&bus->kept)) {
		enl_connection_pages_free(bus, READ_ONCE(bus->unload_done));
		enl_kept_release(bus, READ_ONCE(bus->unload_done));
	}
	wait_for_devices(bus);
	enl_bus_debugfs_remove(bus);
	rcu_barrier();
	bus_free(bus);
}
EXPORT_SYMBOL_GPL(enl_bus_stop);

/**
 * enl_bus_version() - the protocol version that was negotiated
 * @bus: the bus
 *
 * Return: ENL_PROTOCOL(major, minor).
 */
u32 enl_bus_version(const struct enl_bus *bus)
{
	return bus->version;
}
EXPORT_SYMBOL_GPL(enl_bus_version);
