// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device: bind, unbind, hibernation; messages in, and the one worker that executes requests.
 * Calls every other file of balloon/ and the transport. Called by module.c and by tests.
 * The host waits for each answer, so there is one request in work and room for one behind it.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include "balloon.h"
#include "trace.h"
#include "wire/classes.h"

#define RING_BYTES	16384u
#define PACKET_BYTES	8192u		/* longest inbound packet; messages are at most 4096 */
#define QUEUE_WAIT_S	120		/* longest wait for the worker while pieces come in */

static struct balloon_memory memory;

/* For tests and debugfs: what outlives the device. */
struct balloon_memory *balloon_the_memory(void)
{
	return &memory;
}

/* Nobody is coming for more: answers that are waited for are worth nothing now. */
static void begin_stop(struct balloon *b)
{
	spin_lock(&b->lock);
	WRITE_ONCE(b->stopping, true);
	spin_unlock(&b->lock);
	wake_up_all(&b->wake);
}

/* One request, to its last answer. */
static void execute(struct balloon *b, const struct balloon_message *message)
{
	u32 bytes;

	switch (message->type) {
	case ENL_DM_BALLOON:
		balloon_inflate(b, message->pages);
		return;
	case ENL_DM_UNBALLOON:
		balloon_deflate(b, message);
		return;
	case ENL_DM_HOT_ADD:
		balloon_hot_add(b, message);
		return;
	default:
		/* Hot-remove: not offered, so declined. */
		balloon_count(b->m, BALLOON_COUNT_requests_hot_remove, 1);
		balloon_blame(b, BALLOON_FAULT_HOT_REMOVE);
		bytes = balloon_put_hot_removed(b->message);
		balloon_answer(b, b->message, bytes);
	}
}

static void work(struct work_struct *w)
{
	struct balloon *b = container_of(w, struct balloon, work);
	struct balloon_request *request;

	for (;;) {
		spin_lock(&b->lock);
		/* The host hears the answers in the order of its requests: see balloon_pay(). */
		request = b->used && !b->stopping && !b->owed_bytes ? &b->slot[b->head] : NULL;
		spin_unlock(&b->lock);
		if (!request)
			return;
		/* The slot is ours until it is given up below. */
		execute(b, &request->message);
		spin_lock(&b->lock);
		b->head = !b->head;
		b->used--;
		spin_unlock(&b->lock);
		wake_up_all(&b->wake);
	}
}

/* Copies a request into a free slot. False: there is none. */
static bool enqueue(struct balloon *b, const struct balloon_message *message)
{
	struct balloon_request *slot;
	bool kick, room;

	spin_lock(&b->lock);
	room = b->used < ARRAY_SIZE(b->slot) || b->stopping;
	kick = room && b->state == BALLOON_READY && !b->stopping;
	if (room && !b->stopping) {
		slot = &b->slot[b->head ^ b->used];
		slot->message = *message;
		if (message->type == ENL_DM_UNBALLOON) {
			memcpy(slot->ranges, message->ranges,
			       message->count * sizeof(slot->ranges[0]));
			slot->message.ranges = slot->ranges;
		}
		if (b->used++)
			balloon_count(b->m, BALLOON_COUNT_requests_queued, 1);
	}
	spin_unlock(&b->lock);
	if (kick)
		queue_work(b->wq, &b->work);
	return room;
}

/*
 * The host sends one request and waits, so a third one breaks the rules and is dropped. Pieces of
 * one unballoon request come in a row, though: those wait here, and the ring holds back the rest.
 * Not before the handshake is over: its answer would be behind them.
 */
static void accept_request(struct balloon *b, const struct balloon_message *message)
{
	unsigned long until = jiffies + QUEUE_WAIT_S * HZ;

	while (!enqueue(b, message)) {
		if (message->type != ENL_DM_UNBALLOON || READ_ONCE(b->state) != BALLOON_READY ||
		    time_after(jiffies, until)) {
			balloon_blame(b, BALLOON_FAULT_QUEUE_FULL);
			return;
		}
		wait_event_timeout(b->wake, balloon_stopping(b) ||
				   READ_ONCE(b->used) < ARRAY_SIZE(b->slot), HZ / 10 + 1);
		if (balloon_stopping(b))
			return;
	}
}

static void receive(struct balloon *b, const struct enl_packet *packet)
{
	struct balloon_message message;
	enum balloon_fault fault;

	if (packet->type != ENL_PACKET_INBAND) {
		balloon_blame(b, BALLOON_FAULT_PACKET_TYPE);
		return;
	}
	fault = balloon_parse(packet->data, packet->bytes, &message);
	trace_balloon_received(message.type, packet->bytes, fault);
	if (fault) {
		balloon_blame(b, fault);
		return;
	}
	switch (message.type) {
	case ENL_DM_VERSION_RESPONSE:
	case ENL_DM_CAPABILITIES_RESPONSE:
		balloon_response(b, &message);
		break;
	case ENL_DM_INFO:
		if (message.info == ENL_DM_INFO_MAX_PAGES)
			WRITE_ONCE(b->max_pages, message.max_pages);
		break;
	default:
		accept_request(b, &message);
	}
}

/* Process context. The packet is a private copy; it is checked, and what is needed copied on. */
static void notify(struct enl_channel *ch, void *context)
{
	struct balloon *b = context;
	struct enl_packet packet;

	wake_up_all(&b->wake);
	while (enl_recv(ch, &packet) == 1)
		receive(b, &packet);
}

/* Stops what runs, then closes. The order is that of 17.27; all waits inside see b->stopping. */
static void close_channel(struct balloon *b)
{
	begin_stop(b);
	balloon_report_stop(b);
	cancel_work_sync(&b->work);
	enl_channel_close(b->ch);
	b->state = BALLOON_CLOSED;
	b->running = false;
}

static u64 capabilities(const struct balloon *b)
{
	struct balloon_abilities abilities = {
		.page_shift = PAGE_SHIFT,
		.balloon = balloon_options.balloon,
		/* A VM that may hibernate announces it and declines: hosts want to see both. */
		.hot_add = balloon_options.hot_add && (b->m->hooked || b->refuses),
		.block_bytes = b->m->regions.block_pages << ENL_HVPAGE_SHIFT,
	};

	return balloon_capabilities(&abilities);
}

static int open_channel(struct balloon *b)
{
	const struct enl_channel_setup setup = {
		.send_bytes = RING_BYTES,
		.recv_bytes = RING_BYTES,
		.max_packet = PACKET_BYTES,
		.mode = ENL_NOTIFY_WORK,
		.notify = notify,
		.context = b,
	};
	int ret;

	/* A request that came in a handshake that failed was for a session that is over. */
	b->head = 0;
	b->used = 0;
	b->stopping = false;
	ret = enl_channel_open(b->ch, &setup);
	if (ret)
		return ret;
	ret = balloon_handshake(b, capabilities(b));
	if (ret) {
		begin_stop(b);
		enl_channel_close(b->ch);
		b->state = BALLOON_CLOSED;
		dev_err_ratelimited(b->dev->dev, "no Dynamic Memory, error %d: %s\n", ret,
				    ret == -EIO ? "the host accepts no version of ours" :
				    ret == -ETIMEDOUT ? "no answer; unbind and bind to try again" :
				    "the device went, or the host broke the protocol");
		return ret;
	}
	b->running = true;
	balloon_report_start(b);
	queue_work(b->wq, &b->work);	/* a request may have come early */
	return 0;
}

static void say_hello(struct balloon *b)
{
	struct balloon_demand demand;
	u64 out = atomic64_read(&b->m->ballooned_pages);

	balloon_demand_now(b, &demand);
	dev_info_ratelimited(b->dev->dev,
			     "Dynamic Memory %u.%u%s%s, memory blocks of %llu MiB, floor %llu MiB\n",
			     b->version >> 16, b->version & 0xffff,
			     balloon_options.balloon ? ", balloon" : "",
			     b->m->hooked && balloon_options.hot_add ? ", hot-add" : "",
			     b->m->regions.block_pages >> 8, demand.floor >> (20 - PAGE_SHIFT));
	if (b->refuses)
		dev_info_ratelimited(b->dev->dev,
				     "the VM may hibernate (firmware offers S4): requests of the host for memory are declined\n");
	if (out)
		dev_info_ratelimited(b->dev->dev,
				     "%llu MiB are still with the host from before; it may give them back, a reboot does\n",
				     out >> 8);
}

static int probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	struct balloon *b;
	int ret = -ENOMEM;

	if (memory.user)
		return -EBUSY;
	b = kvzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	b->dev = dev;
	b->ch = enl_channel_primary(dev);
	b->m = &memory;
	b->refuses = enl_device_hibernation(dev);
	spin_lock_init(&b->lock);
	mutex_init(&b->send_lock);
	init_waitqueue_head(&b->wake);
	init_completion(&b->responded);
	INIT_WORK(&b->work, work);
	balloon_report_init(b);
	b->wq = alloc_workqueue("enlight_balloon", WQ_UNBOUND, 0);
	if (!b->wq)
		goto free;
	b->report_wq = alloc_workqueue("enlight_report", WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	if (!b->report_wq)
		goto free_wq;

	memory.user = b;
	memory.devices = dev->dev->kobj.kset;
	/* Some kernels tell the size of a block only by way of their devices. */
	if (!memory.regions.count)
		memory.regions.block_pages = memory.ops->block_bytes(&memory) >> ENL_HVPAGE_SHIFT;
	if (balloon_options.hot_add && !b->refuses && balloon_hotadd_start(&memory))
		dev_warn_ratelimited(dev->dev,
				     "another driver (virtio_mem?) onlines memory: no hot-add, the balloon works\n");
	enl_device_set_drvdata(dev, b);
	ret = open_channel(b);
	if (ret)
		goto forget;
	balloon_reporting_start(b);
	balloon_stats_add(b);
	say_hello(b);
	return 0;

forget:
	enl_device_set_drvdata(dev, NULL);
	balloon_hotadd_stop(&memory);
	memory.user = NULL;
	destroy_workqueue(b->report_wq);
free_wq:
	destroy_workqueue(b->wq);
free:
	kvfree(b);
	return ret;
}

static void remove(struct enl_device *dev)
{
	struct balloon *b = enl_device_drvdata(dev);

	balloon_stats_remove(b);
	if (b->running)
		close_channel(b);
	balloon_reporting_stop(b);
	balloon_hotadd_stop(&memory);
	memory.user = NULL;
	memory.devices = NULL;
	destroy_workqueue(b->report_wq);
	destroy_workqueue(b->wq);
	enl_device_set_drvdata(dev, NULL);
	kvfree(b);
}

/*
 * An image of the guest restored later would not match what the host took or added meanwhile, so
 * there must be nothing of that kind in it. Where S4 is offered there never is.
 */
static bool unfit_for_an_image(void)
{
	if (!atomic64_read(&memory.ballooned_pages) && !READ_ONCE(memory.regions.count))
		return false;
	pr_err_ratelimited("the host holds or has added memory: this VM cannot hibernate. Enable hibernation for the VM, then nothing is taken\n");
	return true;
}

/* Before any device is disturbed, and also while none is bound: pages outlive the device. */
static int hibernation(struct notifier_block *nb, unsigned long event, void *unused)
{
	if (event == PM_HIBERNATION_PREPARE && unfit_for_an_image())
		return notifier_from_errno(-EBUSY);
	return NOTIFY_OK;
}

/*
 * What came since then is found here. The channel closes only if that looks possible, because
 * some hosts forget at its end what they hold; and what came meanwhile is found behind that.
 */
static int suspend(struct enl_device *dev)
{
	struct balloon *b = enl_device_drvdata(dev);
	bool unfit = unfit_for_an_image();

	if (!unfit && b->running) {
		close_channel(b);
		unfit = unfit_for_an_image();
	}
	if (!unfit)
		return 0;
	if (!b->running)
		open_channel(b);
	return -EBUSY;
}

static int resume(struct enl_device *dev)
{
	struct balloon *b = enl_device_drvdata(dev);

	return b->running ? 0 : open_channel(b);
}

static const struct hv_vmbus_device_id ids[] = {
	{ ENL_DEVICE_ID(ENL_CLASS_MEMORY) },
	{ }
};
MODULE_DEVICE_TABLE(vmbus, ids);

static struct enl_driver driver = {
	.name = "hv_balloon",
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.suspend = suspend,
	.resume = resume,
};

/* Once for each copy of the module; @ops is the kernel, or a test's. */
int balloon_start(const struct balloon_mm_ops *ops, void *context)
{
	int ret;

	balloon_memory_init(&memory, ops, context);
	memory.pm.notifier_call = hibernation;
	ret = register_pm_notifier(&memory.pm);
	if (ret)
		goto free;
	ret = enl_driver_register(&driver);
	if (ret)
		goto unhook;
	return 0;

unhook:
	unregister_pm_notifier(&memory.pm);
free:
	balloon_memory_free(&memory);
	return ret;
}

void balloon_stop(void)
{
	enl_driver_unregister(&driver);
	unregister_pm_notifier(&memory.pm);
	balloon_hotadd_stop(&memory);
	balloon_memory_free(&memory);
}
