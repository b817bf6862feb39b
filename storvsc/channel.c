// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels: opening and closing them, sub-channels as they come, which queue has which.
 * Calls init.c, slot.c and the transport; names complete.c as their consumer. Called by main.c,
 * recover.c, and by the transport for each sub-channel.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>
#include "storvsc.h"

/*
 * More than any packet of the protocol: what is too long is dropped, and does not stop a channel.
 */
#define MAX_PACKET	8192u

static int open_one(struct storvsc_queue *q, struct enl_channel *ch)
{
	const struct enl_channel_setup setup = {
		.send_bytes = q->s->ring_bytes,
		.recv_bytes = q->s->ring_bytes,
		.max_packet = MAX_PACKET,
		.mode = q->polled ? ENL_NOTIFY_IRQ : ENL_NOTIFY_SOFTIRQ,
		.notify = storvsc_notify,
		.context = q,
	};
	int err = enl_channel_open(ch, &setup);

	if (!err && q->polled)
		enl_recv_mask(ch);
	return err;
}

/*
 * Which channel serves a queue; NULL: the primary. Senders may see the old one until RCU is over.
 */
void storvsc_set_channel(struct storvsc_queue *q, struct enl_channel *ch)
{
	unsigned long irq;

	lockdep_assert_held(&q->s->mutex);
	spin_lock_irqsave(&q->poll_lock, irq);
	WRITE_ONCE(q->ch, ch);
	spin_unlock_irqrestore(&q->poll_lock, irq);
}

/* The primary alone, and the handshake. May sleep, long. Nothing is open after a failure. */
static int open_primary(struct storvsc *s)
{
	int err = open_one(&s->queue[0], s->primary);

	if (err)
		return err;
	err = storvsc_handshake(s);
	if (err) {
		enl_channel_close(s->primary);
		dev_err_ratelimited(s->dev->dev, "the handshake failed, error %d: %s\n", err,
				    err == -ETIMEDOUT ? "no answer; unbind and bind to try again" :
				    err == -ENODEV ? "the device went" :
				    "the host refused or broke the protocol");
		return err;
	}
	storvsc_set_channel(&s->queue[0], s->primary);
	return 0;
}

/* The last of them; but the first serves what is not polled. Once, before any sub-channel comes. */
static void mark_polled(struct storvsc *s)
{
	unsigned int i, count = 1 + s->subs_asked;

	for (i = 1; i < count; i++)
		s->queue[i].polled = i + storvsc_options.poll_queues >= count;
}

int storvsc_open(struct storvsc *s)
{
	int err;

	mutex_lock(&s->mutex);
	/* Before the properties are known. */
	s->ring_bytes = storvsc_ring_bytes(storvsc_options.ring_kib, 0);
	err = open_primary(s);
	if (!err) {
		s->ring_bytes = storvsc_ring_bytes(storvsc_options.ring_kib,
						   s->properties.max_transfer);
		storvsc_ask_sub_channels(s);
		mark_polled(s);
	}
	mutex_unlock(&s->mutex);
	return err;
}

/*
 * After a close: the host's numbers may be others now. Queues and limits of the SCSI host stay, so
 * less than they were made for is a failure: requests of the old size have been built, wait, and
 * can be neither sent nor split, so that file systems would lose writes one by one instead of all
 * disks at once. More is not used before the next bind. Sub-channels come by themselves.
 */
int storvsc_reopen(struct storvsc *s)
{
	u32 max_transfer = s->properties.max_transfer;
	u16 version = s->version;
	int err = open_primary(s);

	if (err)
		return err;
	if (s->properties.max_transfer < max_transfer || s->version < version) {
		dev_err_ratelimited(s->dev->dev,
				    "the host takes less than before (%u bytes, version 0x%04x; were %u, 0x%04x): unbind and bind the device\n",
				    s->properties.max_transfer, s->version, max_transfer, version);
		storvsc_set_channel(&s->queue[0], NULL);
		enl_channel_close(s->primary);
		return -EIO;
	}
	/* What disks were told of goes on to hold. */
	s->properties.max_transfer = max_transfer;
	storvsc_ask_sub_channels(s);
	return 0;
}

static unsigned int time_left_ms(unsigned long until)
{
	long left = until - jiffies;

	return left > 0 ? jiffies_to_msecs(left) : 0;
}

/*
 * All channels, sub-channels first; with the gate shut and the mutex held. True: the host has
 * confirmed for each that it is done with all memory, within the time that all of them share. May
 * sleep, long.
 */
bool storvsc_close(struct storvsc *s)
{
	unsigned long until = jiffies + msecs_to_jiffies(storvsc_options.barrier_ms);
	bool returned = true;
	unsigned int i;

	for (i = s->queues_made; i--;) {
		struct storvsc_queue *q = &s->queue[i];
		struct enl_channel *ch = q->ch;

		if (!ch)
			continue;
		storvsc_set_channel(q, NULL);
		enl_channel_close_within(ch, time_left_ms(until));
		returned &= enl_channel_returned(ch);
	}
	s->subs_open = 0;
	return returned;
}

/* A queue without a channel of its own, or NULL: @ch came uncalled for, twice, or too late. */
static struct storvsc_queue *place_for(struct storvsc *s, struct enl_channel *ch)
{
	unsigned int i, place, limit = s->queues ?: 1 + s->subs_asked;
	u16 index[STORVSC_QUEUES] = { };
	enum storvsc_fault fault;

	for (i = 1; i < s->queues_made; i++)
		index[i] = s->queue[i].ch ? enl_channel_index(s->queue[i].ch) : 0;
	fault = storvsc_place(index, s->queues_made, limit, s->subs_asked, enl_channel_index(ch),
			      &place);
	if (fault)
		storvsc_blame(s, ch, fault);
	else if (!place)
		storvsc_count(s, STORVSC_COUNT_sub_channels_late);
	return place ? &s->queue[place] : NULL;
}

/* The transport tells of a sub-channel, under the device's lock. One that fails is not used. */
void storvsc_sub_channel(struct enl_device *dev, struct enl_channel *ch)
{
	struct storvsc *s = enl_device_drvdata(dev);
	struct storvsc_queue *q;

	if (!s)
		return;
	mutex_lock(&s->mutex);
	q = !s->removing && s->queue[0].ch ? place_for(s, ch) : NULL;
	if (q && open_one(q, ch)) {
		storvsc_count(s, STORVSC_COUNT_sub_channels_lost);
		q = NULL;
	}
	if (q) {
		storvsc_set_channel(q, ch);
		s->subs_open++;
	}
	mutex_unlock(&s->mutex);
	wake_up_all(&s->wake);
}
