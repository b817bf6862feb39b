// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device: bind, unbind, rescind, hibernation (chapters 6, 14).
 * Calls every other file of storvsc/ and the transport. Called by module.c and by tests.
 * Each wait in here has a bound, or is ended by the watch (recover.c) or a rescind.
 */
#include <linux/blk-mq.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "storvsc.h"
#include "wire/classes.h"

static const struct {
	struct enl_guid id;
	enum storvsc_class class;
} classes[] = {
	{ ENL_CLASS_SCSI, STORVSC_SCSI },
	{ ENL_CLASS_IDE, STORVSC_IDE },
	{ ENL_CLASS_FIBRE_CHANNEL, STORVSC_FC },
};

/* Class and whether it may be served at all; a device bound by hand may be anything. */
static int classify(struct storvsc *s)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		if (!memcmp(&classes[i].id, &s->dev->class_id, sizeof(classes[i].id)))
			break;
	}
	if (i == ARRAY_SIZE(classes))
		return -ENODEV;
	s->class = classes[i].class;
	if (s->isolated && s->class != STORVSC_SCSI) {
		dev_err_ratelimited(s->dev->dev, "not in an isolated machine: not used\n");
		return -ENODEV;
	}
	return s->class == STORVSC_IDE ? storvsc_ide_check(s) : 0;
}

static void attach_work(struct work_struct *work)
{
	struct storvsc *s = container_of(work, struct storvsc, attach_work);
	int err = READ_ONCE(s->removing) ? 0 : storvsc_attach(s);

	if (err)
		dev_err_ratelimited(s->dev->dev,
				    "no SCSI host, error %d; unbind and bind to try again\n", err);
}

/* There is room in a ring, or the gate is open again: whoever was put back may come. */
static void room_work(struct work_struct *work)
{
	struct storvsc *s = container_of(work, struct storvsc, room_work);
	struct scsi_device *sdev;

	if (!READ_ONCE(s->host))
		return;
	shost_for_each_device(sdev, s->host)
		blk_mq_run_hw_queues(sdev->request_queue, true);
}

static int make_queues(struct storvsc *s)
{
	unsigned int i, count = 1;

	if (s->class != STORVSC_IDE)
		count = num_possible_cpus() + storvsc_options.poll_queues;
	count = min(count, STORVSC_QUEUES);
	s->queue = kvcalloc(count, sizeof(*s->queue), GFP_KERNEL);
	if (!s->queue)
		return -ENOMEM;
	s->queues_made = count;
	for (i = 0; i < count; i++) {
		s->queue[i].s = s;
		s->queue[i].number = i;
		spin_lock_init(&s->queue[i].poll_lock);
	}
	return 0;
}

static void controller_free(struct storvsc *s)
{
	if (s->wq)
		destroy_workqueue(s->wq);
	if (s->scan_wq)
		destroy_workqueue(s->scan_wq);
	storvsc_slots_free(s);
	kvfree(s->queue);
	kvfree(s);
}

static struct storvsc *controller_alloc(struct enl_device *dev)
{
	struct storvsc *s = kvzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	s->dev = dev;
	s->primary = enl_channel_primary(dev);
	s->isolated = enl_device_isolated(dev);
	storvsc_state_init(s);
	INIT_WORK(&s->attach_work, attach_work);
	INIT_WORK(&s->scan_work, storvsc_scan_work);
	INIT_WORK(&s->room_work, room_work);
	INIT_WORK(&s->recover_work, storvsc_recover_work);
	INIT_DELAYED_WORK(&s->watch_work, storvsc_watch_work);
	INIT_DELAYED_WORK(&s->reap_work, storvsc_reap_work);
	INIT_WORK(&s->sub_work, storvsc_sub_work);
	INIT_WORK(&s->drain_work, storvsc_drain_work);
	s->scan_wq = alloc_ordered_workqueue("enlight_scan", 0);
	s->wq = alloc_workqueue("enlight_storvsc", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!s->scan_wq || !s->wq) {
		controller_free(s);
		return NULL;
	}
	return s;
}

/* The watch, the recovery and what else may begin by itself: over. */
static void stop_work(struct storvsc *s)
{
	cancel_delayed_work_sync(&s->watch_work);
	cancel_work_sync(&s->recover_work);
	cancel_work_sync(&s->sub_work);
	cancel_work_sync(&s->drain_work);
	cancel_work_sync(&s->room_work);
}

static int probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	struct storvsc *s = controller_alloc(dev);
	int err;

	if (!s)
		return -ENOMEM;
	err = classify(s);
	if (!err)
		err = make_queues(s);
	if (err)
		goto free;
	enl_device_set_drvdata(dev, s);
	err = storvsc_open(s);
	if (err)
		goto forget;
	storvsc_stats_add(s);
	/*
	 * The transport tells of sub-channels once we are bound: to wait for them is not for here.
	 */
	if (s->subs_asked) {
		queue_work(s->scan_wq, &s->attach_work);
		return 0;
	}
	err = storvsc_attach(s);
	if (err)
		goto close;
	return 0;

close:
	storvsc_stats_remove(s);
	WRITE_ONCE(s->removing, true);
	storvsc_gate_shut(s);
	mutex_lock(&s->mutex);
	storvsc_close(s);
	mutex_unlock(&s->mutex);
forget:
	enl_device_set_drvdata(dev, NULL);
	stop_work(s);
	cancel_delayed_work_sync(&s->reap_work);
free:
	controller_free(s);
	return err;
}

/* 14.1; after a rescind the gate is shut already, and the reaper set for the end of the grace. */
static void remove(struct enl_device *dev)
{
	struct storvsc *s = enl_device_drvdata(dev);
	bool returned;

	WRITE_ONCE(s->removing, true);
	wake_up_all(&s->wake);
	if (enl_channel_rescinded(s->primary))
		storvsc_gone(s);
	cancel_work_sync(&s->attach_work);
	cancel_work_sync(&s->scan_work);
	storvsc_stats_remove(s);
	/* Caches are flushed here, so requests still go; a lost one is ended by watch or reaper. */
	storvsc_detach(s);
	stop_work(s);
	storvsc_gate_shut(s);
	synchronize_rcu();
	if (!storvsc_drain(s, enl_channel_rescinded(s->primary) ? storvsc_options.grace_s * 1000 :
								  storvsc_options.drain_ms))
		dev_warn_ratelimited(s->dev->dev, "%u requests were not answered\n",
				     storvsc_in_flight(s));
	cancel_delayed_work_sync(&s->reap_work);
	mutex_lock(&s->mutex);
	returned = storvsc_close(s);
	mutex_unlock(&s->mutex);
	/* No callback runs any more, so no work is begun. */
	stop_work(s);
	if (enl_channel_rescinded(s->primary))
		returned = !s->isolated;
	storvsc_abandon(s, returned);
	enl_device_set_drvdata(dev, NULL);
	if (s->host)
		scsi_host_put(s->host);
	controller_free(s);
}

static bool is_idle(struct storvsc *s)
{
	return s->host && storvsc_drain(s, storvsc_options.drain_ms);
}

/* The mid-layer has quiesced its disks; the SCSI host stays (14.3). */
static int suspend(struct enl_device *dev)
{
	struct storvsc *s = enl_device_drvdata(dev);

	flush_work(&s->attach_work);
	cancel_work_sync(&s->scan_work);
	stop_work(s);
	if (!storvsc_gate_close(s))
		return 0;
	if (!is_idle(s)) {
		storvsc_gate_open(s);
		queue_delayed_work(s->wq, &s->watch_work, 0);
		return -EBUSY;
	}
	mutex_lock(&s->mutex);
	storvsc_close(s);
	mutex_unlock(&s->mutex);
	return 0;
}

static int resume(struct enl_device *dev)
{
	struct storvsc *s = enl_device_drvdata(dev);
	int err;

	if (READ_ONCE(s->gate) == STORVSC_GATE_GONE)
		return 0;
	mutex_lock(&s->mutex);
	err = storvsc_reopen(s);
	mutex_unlock(&s->mutex);
	if (err) {
		storvsc_gone(s);
		return err;
	}
	storvsc_gate_open(s);
	queue_delayed_work(s->wq, &s->watch_work, msecs_to_jiffies(storvsc_options.watch_ms));
	set_bit(STORVSC_WANT_BUS, &s->wanted);
	storvsc_want_scan(s);
	return 0;
}

static const struct hv_vmbus_device_id ids[] = {
	{ ENL_DEVICE_ID(ENL_CLASS_SCSI) },
	{ ENL_DEVICE_ID(ENL_CLASS_IDE) },
	{ ENL_DEVICE_ID(ENL_CLASS_FIBRE_CHANNEL) },
	{ }
};
MODULE_DEVICE_TABLE(vmbus, ids);

static struct enl_driver driver = {
	.name = "hv_storvsc",
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.suspend = suspend,
	.resume = resume,
	.subchannel = storvsc_sub_channel,
};

/* Once for each copy of the module. */
int storvsc_start(void)
{
	int err = storvsc_fc_start();

	if (err)
		return err;
	storvsc_stats_start();
	err = enl_driver_register(&driver);
	if (err) {
		storvsc_stats_stop();
		storvsc_fc_stop();
	}
	return err;
}

void storvsc_stop(void)
{
	enl_driver_unregister(&driver);
	storvsc_stats_stop();
	storvsc_fc_stop();
}
