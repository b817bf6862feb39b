// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver and the device of the packet tests.
 * Calls the fake host and the drivers' API; called by the packet tests.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include "kunit/packet_world.h"
#include "wire/classes.h"

static const struct enl_guid class = ENL_CLASS_KEYBOARD;
static struct packet_world *world;

static int probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	if (!world)
		return -ENODEV;
	world->dev = dev;
	world->ch = enl_channel_primary(dev);
	complete_all(&world->probed);
	return 0;
}

static void remove(struct enl_device *dev)
{
	if (!world)
		return;
	enl_channel_close(world->ch);
	/* the object may go at any time from here on */
	world->ch = NULL;
}

static const struct hv_vmbus_device_id ids[] = {
	{ ENL_DEVICE_ID(ENL_CLASS_KEYBOARD) },
	{ }
};

static struct enl_driver driver = {
	.name = "enlight_packet_test",
	.ids = ids,
	.probe = probe,
	.remove = remove,
};

static void remember(struct packet_world *w, const struct enl_packet *packet)
{
	struct packet_seen *s = &w->seen[w->packets % PACKET_WORLD_KEPT];

	s->type = packet->type;
	s->wants_completion = packet->wants_completion;
	s->id = packet->id;
	s->bytes = packet->bytes;
	s->set_id = packet->set_id;
	s->range_count = packet->range_count;
	memset(s->data, 0, sizeof(s->data));
	memcpy(s->data, packet->data, min_t(u32, packet->bytes, sizeof(s->data)));
	w->completions += packet->type == ENL_PACKET_COMPLETION;
	/* Pairs with the tests' look at the count: the packet first. */
	smp_store_release(&w->packets, w->packets + 1);
}

/* Take what there is, as a driver's callback does; by a test too, where it is the consumer. */
void packet_world_take(struct packet_world *w)
{
	struct enl_packet packet;
	u32 taken = 0;
	int n;

	while ((n = enl_recv(w->ch, &packet)) == 1) {
		remember(w, &packet);
		taken++;
		if (w->each)
			w->each(w, &packet);
	}
	w->end = n;
	w->most = max(w->most, taken);
}

static void notify(struct enl_channel *ch, void *context)
{
	struct packet_world *w = context;

	WRITE_ONCE(w->calls, w->calls + 1);
	if (w->setup.mode == ENL_NOTIFY_IRQ) {
		enl_recv_mask(ch);
		complete(&w->poll);
	} else if (!READ_ONCE(w->deaf)) {
		packet_world_take(w);
	}
}

int packet_world_init(struct kunit *test)
{
	return enl_driver_register(&driver);
}

/* A host with one device, bound, closed; rings of 16384 bytes. */
struct packet_world *packet_world_start(struct kunit *test,
					const struct fakehost_options *options, bool monitored)
{
	struct packet_world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	struct vsp_offer offer = {
		.class_id = class,
		.instance_id = fakehost_instance(1),
		.monitored = monitored,
		.provider = &vsp_echo_provider,
	};

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->test = test;
	w->echo = kunit_kzalloc(test, sizeof(*w->echo), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w->echo);
	offer.state = w->echo;
	init_completion(&w->probed);
	init_completion(&w->poll);
	w->setup = (struct enl_channel_setup){
		.send_bytes = 16384,
		.recv_bytes = 16384,
		.max_packet = 4096,
		.mode = ENL_NOTIFY_SOFTIRQ,
		.notify = notify,
		.context = w,
	};
	w->fh = fakehost_create(test, options);
	KUNIT_ASSERT_NOT_NULL(test, w->fh);
	world = w;
	w->relid = fakehost_offer_full(w->fh, &offer);
	w->bus = fakehost_start_bus(w->fh, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(w->bus));
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&w->probed, 2 * HZ));
	return w;
}

/* Opens it, and waits until both sides have nothing to do. */
void packet_world_open(struct packet_world *w)
{
	KUNIT_ASSERT_EQ(w->test, enl_channel_open(w->ch, &w->setup), 0);
	packet_world_rest(w);
}

/* The usual beginning: open, the service sends nothing by itself, the host is stepped by hand. */
struct packet_world *packet_world_ready(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);

	w->echo->quiet = true;
	packet_world_open(w);
	fakehost_set_manual(w->fh, true);
	return w;
}

static bool callback_over(struct packet_world *w)
{
	return !w->ch || (!READ_ONCE(w->ch->tasklet.state) && !work_busy(&w->ch->work));
}

/* Until the host has nothing to do and the guest's callback, if one is due, is over. */
void packet_world_rest(struct packet_world *w)
{
	unsigned int steps;

	do {
		steps = w->fh->manual ? fakehost_run_until_idle(w->fh) : 0;
		if (!w->fh->manual)
			KUNIT_EXPECT_TRUE(w->test, fakehost_settle(w->fh, 3000));
		KUNIT_EXPECT_TRUE(w->test, fakehost_wait_for(callback_over(w), 3000));
	} while (steps);
}

/* Until what the host offered or took back is worked off. */
void packet_world_offers(struct packet_world *w)
{
	packet_world_rest(w);
	flush_workqueue(w->bus->control_wq);
	flush_workqueue(w->bus->add_wq);
}

/* The host was made to break rules, or to lose things: only the guest's memory is checked. */
void packet_world_dirty(struct packet_world *w)
{
	w->dirty = true;
}

void packet_world_exit(struct kunit *test)
{
	struct packet_world *w = world;

	if (w && w->fh) {
		fakehost_set_manual(w->fh, false);
		fakehost_called(w->fh, 5000, NULL);
		if (!IS_ERR_OR_NULL(w->bus))
			enl_bus_stop(w->bus);
		if (w->dirty)
			fakehost_check_rules(test, w->fh);
		else
			fakehost_check(test, w->fh);
		fakehost_destroy(w->fh);
	}
	world = NULL;
	enl_driver_unregister(&driver);
}

/* One packet from the host, and its interrupt. Returns what vsp_send() says. */
int packet_world_host_sends(struct packet_world *w, const struct vsp_packet *p)
{
	struct fakehost *fh = w->fh;
	int err = FAKEHOST_DO(fh, vsp_send(vsp_channel(fh->host, w->relid), p));

	packet_world_rest(w);
	return err;
}

int packet_world_host_inband(struct packet_world *w, const void *data, u32 bytes, u64 id)
{
	struct vsp_packet p = {
		.type = ENL_PACKET_INBAND, .id = id, .data = data, .bytes = bytes,
	};

	return packet_world_host_sends(w, &p);
}

/* Doorbells so far: hypercalls that the host saw. */
u64 packet_world_signals(struct packet_world *w)
{
	return READ_ONCE(w->fh->counts.signals);
}

long packet_world_fault(const struct packet_world *w, enum enl_fault fault)
{
	return atomic_long_read(&w->ch->faults[fault]);
}

/* Sends packets of @bytes until the ring is full; the number that went. The host must be deaf. */
u32 packet_world_fill(struct packet_world *w, u32 bytes)
{
	static const u8 data[1024];
	u32 n = 0;
	int err;

	while (!(err = enl_send(w->ch, data, bytes, 0, 0)))
		n++;
	KUNIT_EXPECT_EQ(w->test, err, -EAGAIN);
	return n;
}
