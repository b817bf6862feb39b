// SPDX-License-Identifier: GPL-2.0-only
/*
 * The random test's driver: each device has a thread that opens, talks, shares, moves and closes.
 * Calls the drivers' API as a driver may, and random_packet.c; the driver core calls it.
 * Every call is timed and its result judged by what the host of the phase is allowed to do.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include "kunit/random.h"
#include "wire/classes.h"

static const struct hv_vmbus_device_id ids[] = {
	{ ENL_DEVICE_ID(ENL_CLASS_HEARTBEAT) },
	{ ENL_DEVICE_ID(ENL_CLASS_SCSI) },
	{ ENL_DEVICE_ID(ENL_CLASS_NETWORK) },
	{ }
};

/* --- channels */

static void draw_setup(struct random_chan *c, bool plain)
{
	u64 *r = &c->d->random;
	enum enl_notify mode = random_below(r, 3);

	c->setup = (struct enl_channel_setup){
		.send_bytes = plain ? 16384 : 4096 * (1 + random_below(r, 4)),
		.recv_bytes = plain ? 16384 : 4096 * (1 + random_below(r, 4)),
		.max_packet = 4096,
		.mode = plain ? ENL_NOTIFY_SOFTIRQ : mode,
		.notify = random_notify,
		.context = c,
	};
}

int random_open(struct random_chan *c, bool plain)
{
	unsigned long since = jiffies;
	int err;

	draw_setup(c, plain);
	random_forget(c);
	WRITE_ONCE(c->shut, false);
	WRITE_ONCE(c->deaf, false);
	err = enl_channel_open(c->ch, &c->setup);
	c->open = !err;
	if (!err)
		atomic64_inc(&c->d->w->opens);
	return random_called(c->d, c, "open", err, since);
}

/* The channel's own faults, before the object may go. */
static void collect(struct random_chan *c)
{
	unsigned int i;

	for (i = 0; i < ENL_FAULT_LIMIT; i++)
		atomic_long_add(atomic_long_xchg(&c->ch->faults[i], 0),
				&c->d->w->channel_faults[i]);
}

/* As a driver must: the consumer ends first, then the channel. */
void random_close(struct random_chan *c)
{
	unsigned long since = jiffies;

	if (!c->open)
		return;
	if (c->setup.mode == ENL_NOTIFY_IRQ) {
		WRITE_ONCE(c->shut, true);
		/* Whoever in an interrupt saw it not shut has queued the consumer by now. */
		synchronize_rcu();
		cancel_work_sync(&c->work);
	}
	collect(c);
	enl_channel_close(c->ch);
	c->open = false;
	random_forget(c);
	random_called(c->d, c, "close", 0, since);
}

/* --- shared memory */

static void drop_buffer(struct random_dev *d)
{
	struct random_chan *c = &d->chan[0];
	unsigned long since = jiffies;

	if (!d->buffer)
		return;
	if (d->gpadl.id)
		random_called(d, c, "destroy", enl_gpadl_destroy(c->ch, &d->gpadl), since);
	enl_shared_free(d->dev, d->buffer, d->buffer_bytes);
	d->buffer = NULL;
}

static void share_buffer(struct random_dev *d)
{
	struct random_chan *c = &d->chan[0];
	u32 pages = 1 + random_below(&d->random, random_below(&d->random, 4) ? 8 : 70);
	unsigned long since;

	if (d->buffer) {
		drop_buffer(d);
		return;
	}
	d->buffer_bytes = pages * ENL_HVPAGE_SIZE;
	d->buffer = enl_shared_alloc(d->dev, d->buffer_bytes);
	if (!d->buffer)
		return;
	since = jiffies;
	random_called(d, c, "create", enl_gpadl_create(c->ch, d->buffer, d->buffer_bytes,
						       &d->gpadl), since);
}

/* --- what the thread does */

static void move(struct random_dev *d, struct random_chan *c)
{
	unsigned int cpu = random_below(&d->random, nr_cpu_ids);
	unsigned long since = jiffies;
	int err;

	if (!cpu_online(cpu))
		return;
	err = enl_channel_set_cpu(c->ch, cpu);
	if (err == -EINVAL && c->ch->bus->version < ENL_VERSION_4_1)
		return;
	random_called(d, c, "set_cpu", err, since);
}

static unsigned int patience(const struct random_dev *d)
{
	return d->w->kind < RANDOM_RINGS ? RANDOM_PATIENT : RANDOM_SHORT;
}

static void want_subs(struct random_dev *d)
{
	u64 words = VSP_ECHO_SUBCHANNELS | (u64)(1 + random_below(&d->random, 2)) << 32;

	enl_device_expect_subchannels(d->dev, RANDOM_CHANS - 1);
	random_ask(&d->chan[0], &words, sizeof(words), patience(d));
}

static void ask_about(struct random_dev *d, struct random_chan *c)
{
	size_t bytes;

	if (enl_channel_device(c->ch) != d->dev && !enl_channel_rescinded(c->ch) &&
	    !enl_channel_rescinded(d->chan[0].ch))
		random_fail(d->w, random_who(d), "channel of another device", c->ch->relid, 0);
	if (!enl_channel_user_data(c->ch, &bytes) || !bytes)
		random_fail(d->w, random_who(d), "no user data", c->ch->relid, 0);
	enl_channel_offer_flags(c->ch);
	enl_channel_mmio_megabytes(c->ch);
	enl_channel_cpu(c->ch);
	enl_channel_index(c->ch);
	if (!enl_reference_time(d->dev))
		random_fail(d->w, random_who(d), "no time", c->ch->relid, 0);
}

/* One action on an open channel. */
static void use(struct random_dev *d, struct random_chan *c)
{
	switch (random_below(&d->random, 24)) {
	case 0:
		random_close(c);
		break;
	case 1:
		move(d, c);
		break;
	case 2:
		share_buffer(d);
		break;
	case 3:
		if (d->chan[0].open && !READ_ONCE(d->chan[0].deaf))
			want_subs(d);
		break;
	case 4:
		WRITE_ONCE(c->deaf, true);
		break;
	case 5:
		ask_about(d, c);
		break;
	case 6:
		enl_channel_set_urgent(c->ch, random_below(&d->random, 2));
		break;
	case 7:
		usleep_range(50, 500);
		break;
	case 8: case 9: case 10: case 11:
		if (!READ_ONCE(c->deaf))
			random_exchange(c, patience(d));
		break;
	default:
		random_send(c);
	}
	if (c->open && READ_ONCE(c->deaf) && !random_below(&d->random, 3)) {
		WRITE_ONCE(c->deaf, false);
		enl_recv_again(c->ch);
	}
	if (c->open && READ_ONCE(c->ch->stopped))
		random_close(c);
}

/* Those that the bus added are complete. */
static unsigned int chans(const struct random_dev *d)
{
	return smp_load_acquire(&d->chans);	/* pairs with add_channel() */
}

static void act(struct random_dev *d)
{
	struct random_chan *c = &d->chan[random_below(&d->random, chans(d))];

	if (c->gone)
		return;
	atomic64_inc(&d->w->steps);
	if (c->open && enl_channel_rescinded(c->ch) && !random_below(&d->random, 4)) {
		random_close(c);
	} else if (c->open) {
		use(d, c);
	} else if (enl_channel_rescinded(c->ch)) {
		/* A primary's driver is removed soon; the place of a sub-channel is free now. */
		if (c == &d->chan[0])
			usleep_range(200, 1000);
		else
			smp_store_release(&c->gone, true);	/* pairs with subchannel() */
	} else if (random_open(c, false)) {
		usleep_range(500, 2000);
	}
}

/* --- orders */

/* Nothing new; what is under way comes to its end. */
static void be_still(struct random_dev *d)
{
	unsigned int i;

	for (i = 0; i < chans(d); i++) {
		if (!d->chan[i].open)
			continue;
		enl_send_flush(d->chan[i].ch);
		WRITE_ONCE(d->chan[i].deaf, false);
		enl_recv_again(d->chan[i].ch);
	}
}

static void tidy(struct random_dev *d)
{
	unsigned int i;

	for (i = chans(d); i--;)
		random_close(&d->chan[i]);
	drop_buffer(d);
}

static void prove_channel(struct random_dev *d, struct random_chan *c)
{
	unsigned int i;

	if (c->gone || enl_channel_rescinded(c->ch))
		return;
	if (random_open(c, true)) {
		random_fail(d->w, random_who(d), "does not open again", c->ch->relid, 0);
		return;
	}
	for (i = 0; i < 8; i++) {
		if (!random_exchange(c, RANDOM_PATIENT))
			random_fail(d->w, random_who(d), "lost an exchange", c->ch->relid, i);
	}
	random_send(c);
	if (!fakehost_wait_for(!random_in_flight(c), RANDOM_PATIENT))
		random_fail(d->w, random_who(d), "lost a completion", c->ch->relid, 0);
	random_close(c);
}

static void obey(struct random_dev *d, u32 order)
{
	unsigned int i;

	if (d->confirmed == order)
		return;
	switch (order % RANDOM_STAGES) {
	case RANDOM_STILL:
		be_still(d);
		break;
	case RANDOM_REST:
		tidy(d);
		break;
	case RANDOM_PROVE:
		for (i = 0; i < chans(d); i++)
			prove_channel(d, &d->chan[i]);
		if (READ_ONCE(d->w->breaking))
			random_recognise(&d->chan[0]);
		break;
	}
	WRITE_ONCE(d->confirmed, order);
}

static int device_thread(void *context)
{
	struct random_dev *d = context;

	while (!kthread_should_stop()) {
		u32 order = READ_ONCE(d->w->order);

		if (order % RANDOM_STAGES == RANDOM_RUN) {
			d->confirmed = order;
			act(d);
			cond_resched();
		} else {
			obey(d, order);
			usleep_range(500, 1500);
		}
	}
	return 0;
}

/* --- the driver */

static struct random_world *world_of(struct enl_device *dev)
{
	return container_of(dev->dev->driver, struct random_world, driver.driver);
}

static void add_channel(struct random_dev *d, struct random_chan *c, struct enl_channel *ch)
{
	c->d = d;
	c->ch = ch;
	INIT_WORK(&c->work, random_poll);
	/* Pairs with chans() and act(): the thread sees it complete. */
	smp_store_release(&c->gone, false);
	if (c == &d->chan[d->chans])
		/* Pairs with random_check.c. */
		smp_store_release(&d->chans, d->chans + 1);
}

static void dev_free(struct random_dev *d)
{
	free_page((unsigned long)d->page[0]);
	free_page((unsigned long)d->page[1]);
	kfree(d);
}

static struct random_dev *dev_alloc(struct random_world *w, struct enl_device *dev)
{
	struct random_dev *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return NULL;
	d->w = w;
	d->dev = dev;
	/* fakehost_instance() puts the number first. */
	d->instance = dev->instance_id.b[0];
	d->random = random_seed(w->seed, 16 + d->instance + w->phases * 16);
	add_channel(d, &d->chan[0], enl_channel_primary(dev));
	d->page[0] = (void *)get_zeroed_page(GFP_KERNEL);
	d->page[1] = (void *)get_zeroed_page(GFP_KERNEL);
	if (d->page[0] && d->page[1])
		return d;
	dev_free(d);
	return NULL;
}

static int probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	struct random_world *w = world_of(dev);
	struct random_dev *d = dev_alloc(w, dev);

	if (!d)
		return -ENOMEM;
	random_note(w, random_who(d), "probe", enl_channel_relid(d->chan[0].ch), 0);
	d->thread = kthread_run(device_thread, d, "random-%u", d->instance);
	if (IS_ERR(d->thread)) {
		dev_free(d);
		return -ENOMEM;
	}
	enl_device_set_drvdata(dev, d);
	mutex_lock(&w->lock);
	list_add_tail(&d->link, &w->devices);
	mutex_unlock(&w->lock);
	return 0;
}

static void remove(struct enl_device *dev)
{
	struct random_dev *d = enl_device_drvdata(dev);
	struct random_world *w = d->w;
	unsigned int i;

	random_note(w, random_who(d), "remove", enl_channel_relid(d->chan[0].ch), 0);
	mutex_lock(&w->lock);
	list_del(&d->link);
	mutex_unlock(&w->lock);
	kthread_stop(d->thread);
	for (i = chans(d); i--;)
		random_close(&d->chan[i]);
	drop_buffer(d);
	dev_free(d);
}

/* A sub-channel; without a place for it, it stays closed. */
static void subchannel(struct enl_device *dev, struct enl_channel *ch)
{
	struct random_dev *d = enl_device_drvdata(dev);
	unsigned int i = 1;

	random_note(d->w, random_who(d), "sub-channel", enl_channel_relid(ch), 0);
	/* Pairs with act(): the thread has let go of it. */
	while (i < d->chans && !smp_load_acquire(&d->chan[i].gone))
		i++;
	if (i < RANDOM_CHANS)
		add_channel(d, &d->chan[i], ch);
}

static int sleep_or_wake(struct enl_device *dev)
{
	return 0;
}

void random_driver_init(struct random_world *w)
{
	w->driver = (struct enl_driver){
		.name = "enlight_random",
		.ids = ids,
		.probe = probe,
		.remove = remove,
		.suspend = sleep_or_wake,
		.resume = sleep_or_wake,
		.subchannel = subchannel,
	};
}
