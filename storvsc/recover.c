// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests without an answer: watched, sent again, or given up (decision 15; 13, 14.2).
 * Calls slot.c, complete.c, channel.c. Called through work queues that may run out of memory.
 * The end of a channel, confirmed by the host, is the only proof that it leaves our memory alone.
 */
#include <linux/highmem.h>
#include <linux/jiffies.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include "storvsc.h"

#define BROKEN_AGAIN	(600 * HZ)	/* a channel that is stopped twice within this stays so */

/* What the policy of its disk says of a request of that age. */
static bool is_lost(const struct storvsc_lun *lun, u64 age_ms)
{
	return lun && lun->policy != STORVSC_WAIT && age_ms >= lun->policy_s * 1000ull;
}

/* Nobody is there to wait any more: the removal of the disks does, and has to end (14.1). */
static bool is_in_the_way(const struct storvsc *s, u64 age_ms)
{
	return READ_ONCE(s->removing) && age_ms >= storvsc_options.drain_ms;
}

/* --- the watch: looks at the age of all that is in flight */

struct watch {
	struct storvsc *s;
	u64 oldest_ms;
	u8 opcode;
	u64 lun;
	unsigned int count;
	bool lost;
};

/*
 * A request may end while it is looked at, and its command be reused: only the slot is read, and
 * the LUN's own, which is freed after a grace period of RCU: it lived while the word was the same.
 */
static void watch_one(struct storvsc_queue *q, struct storvsc_slot *slot, u32 word, void *context)
{
	u64 age_ms = storvsc_slot_age_ms(slot);
	const struct storvsc_lun *lun;
	struct watch *w = context;

	w->count++;
	rcu_read_lock();
	lun = READ_ONCE(slot->lun);
	/* Pairs with the full barrier of storvsc_slot_take(). */
	smp_rmb();
	if (lun && READ_ONCE(slot->word) == word) {
		w->lost |= is_lost(lun, age_ms) || is_in_the_way(w->s, age_ms);
		if (age_ms > w->oldest_ms) {
			w->oldest_ms = age_ms;
			w->opcode = READ_ONCE(slot->opcode);
			w->lun = lun->number;
		}
	}
	rcu_read_unlock();
}

/* Old enough for a line: at 30 s, and at each doubling. */
static bool line_is_due(u64 age_ms)
{
	u64 due = storvsc_options.overdue_ms;

	while (due * 2 <= age_ms)
		due *= 2;
	/* The watch comes by once in the time that follows. */
	return age_ms >= due && age_ms - due < storvsc_options.watch_ms;
}

void storvsc_watch_work(struct work_struct *work)
{
	struct storvsc *s = container_of(to_delayed_work(work), struct storvsc, watch_work);
	struct watch w = { .s = s };

	storvsc_slots_visit(s, watch_one, &w);
	/* First of all: perhaps only the signal was lost. */
	if (w.oldest_ms >= storvsc_options.watch_ms)
		storvsc_look_again(s);
	if (line_is_due(w.oldest_ms)) {
		storvsc_count(s, STORVSC_COUNT_overdue);
		dev_warn_ratelimited(s->dev->dev,
				     "no answer to command 0x%02x for LUN %llu since %llu s, %u requests wait; timeout_policy of the disk says what follows\n",
				     w.opcode, w.lun, w.oldest_ms / 1000, w.count);
	}
	if (w.lost && READ_ONCE(s->gate) == STORVSC_GATE_OPEN)
		queue_work(s->wq, &s->recover_work);
	queue_delayed_work(s->wq, &s->watch_work, msecs_to_jiffies(storvsc_options.watch_ms));
}

/* --- giving requests up */

struct giving_up {
	struct storvsc *s;
	const struct enl_channel *ch;	/* only of this channel; NULL: of all */
	bool returned;			/* the host is done with their memory, or had its time */
	bool again;			/* send them again, where that makes sense */
	enum storvsc_host_byte host;	/* else this */
	unsigned int count;
};

/* The host may write to its pages at any time from now on: they are never anybody else's again. */
static void pin_pages(struct storvsc *s, struct scsi_cmnd *cmd)
{
	struct scatterlist *sg;
	unsigned int i, k;

	scsi_for_each_sg(cmd, sg, scsi_sg_count(cmd), i) {
		for (k = 0; k < PFN_UP(sg->offset + sg->length); k++) {
			get_page(nth_page(sg_page(sg), k));
			storvsc_count(s, STORVSC_COUNT_pages_pinned);
		}
	}
}

/*
 * Once: a request that has been lost twice has waited for twice its limit since it was made. The
 * disk that fails by policy gets its errors at once.
 */
static enum storvsc_host_byte fate(const struct storvsc *s, const struct scsi_cmnd *cmd,
				   u64 age_ms)
{
	const struct storvsc_lun *lun = cmd->device->hostdata;
	unsigned long twice;

	if (!lun || is_in_the_way(s, age_ms))
		return STORVSC_DID_NO_CONNECT;
	if (lun->policy == STORVSC_FAIL && is_lost(lun, age_ms))
		return STORVSC_DID_NO_CONNECT;
	twice = 2ul * max(lun->policy_s, 30u) * HZ;
	return time_before(jiffies, cmd->jiffies_at_alloc + twice) ? STORVSC_DID_REQUEUE :
								     STORVSC_DID_SOFT_ERROR;
}

static void give_up_one(struct storvsc_queue *q, struct storvsc_slot *slot, u32 word,
			void *context)
{
	struct giving_up *g = context;
	struct scsi_cmnd *cmd = READ_ONCE(slot->cmd);
	u64 age_ms = storvsc_slot_age_ms(slot);
	enum storvsc_host_byte host = g->host;

	if ((g->ch && READ_ONCE(slot->ch) != g->ch) || !storvsc_slot_take(slot, word))
		return;
	g->count++;
	if (!g->returned && !g->s->isolated)
		pin_pages(g->s, cmd);
	if (g->returned && g->again)
		host = fate(g->s, cmd, age_ms);
	storvsc_count(g->s, host == STORVSC_DID_REQUEUE ? STORVSC_COUNT_requeued :
							  STORVSC_COUNT_abandoned);
	storvsc_end(g->s, cmd, host, g->returned);
}

/*
 * After the channels were closed for good. Without the host's word that it is done, what was in
 * flight keeps its pages.
 */
void storvsc_abandon(struct storvsc *s, bool returned)
{
	struct giving_up g = {
		.s = s, .returned = returned, .host = STORVSC_DID_NO_CONNECT,
	};

	storvsc_slots_visit(s, give_up_one, &g);
	if (!returned && g.count)
		dev_err_ratelimited(s->dev->dev,
				    "the host did not confirm the end of the channel: %u requests fail, their memory is lost until reboot\n",
				    g.count);
}

/* The grace period after a rescind is over: there is no confirmation to wait for (14.2). */
void storvsc_reap_work(struct work_struct *work)
{
	struct storvsc *s = container_of(to_delayed_work(work), struct storvsc, reap_work);
	/*
	 * A bounce buffer is not given to anybody else on the strength of a time that has passed.
	 */
	struct giving_up g = {
		.s = s, .returned = !s->isolated, .host = STORVSC_DID_NO_CONNECT,
	};

	/* Whoever saw the gate open has sent by then. */
	synchronize_rcu();
	storvsc_slots_visit(s, give_up_one, &g);
	if (g.count)
		dev_warn_ratelimited(s->dev->dev,
				     "the device went with %u requests unanswered: they fail\n",
				     g.count);
}

/* --- recovery: the channels are closed and opened again */

/*
 * With the mutex and the gate shut. All channels are closed, whatever follows: that alone says that
 * the host is done with what was in flight. Without @again that is the end.
 */
static int start_over(struct storvsc *s, bool again)
{
	struct giving_up g = { .s = s, .again = true, .host = STORVSC_DID_NO_CONNECT };
	int err;

	g.returned = storvsc_close(s);
	/* There is no confirmation from a host that took the device away: only its grace period. */
	if (enl_channel_rescinded(s->primary))
		return -ENODEV;
	if (!g.returned || !again) {
		storvsc_abandon(s, g.returned);
		return g.returned ? -EPROTO : -ETIMEDOUT;
	}
	/* Sent again as soon as the gate opens: until then the mid-layer gets them back. */
	storvsc_slots_visit(s, give_up_one, &g);
	err = storvsc_reopen(s);
	if (!err)
		dev_warn_ratelimited(s->dev->dev, "channels were reopened, %u requests sent again\n",
				     g.count);
	return err;
}

/* Broken once: try again. Broken again soon: it would go on for ever. */
static bool beyond_help(struct storvsc *s)
{
	bool again = s->broken_at && time_before(jiffies, s->broken_at + BROKEN_AGAIN);

	if (!READ_ONCE(s->broken))
		return false;
	s->broken_at = jiffies ?: 1;
	return again;
}

void storvsc_recover_work(struct work_struct *work)
{
	struct storvsc *s = container_of(work, struct storvsc, recover_work);
	unsigned int noio = memalloc_noio_save();
	int err = -ENODEV;

	mutex_lock(&s->mutex);
	if (storvsc_gate_close(s)) {
		storvsc_count(s, STORVSC_COUNT_recoveries);
		err = start_over(s, !beyond_help(s));
		WRITE_ONCE(s->broken, false);
		if (err) {
			dev_err_ratelimited(s->dev->dev,
					    "the controller is lost (error %d): all its disks fail. Unbind and bind the device to try again\n",
					    err);
			storvsc_gone(s);
		} else {
			storvsc_gate_open(s);
		}
	}
	mutex_unlock(&s->mutex);
	if (!err)
		queue_work(s->wq, &s->room_work);
	memalloc_noio_restore(noio);
}

/* --- a sub-channel went alone (7.1): the primary serves its CPUs from now on */

/* How many requests went by @ch and are not answered. */
static void count_of_channel(struct storvsc_queue *q, struct storvsc_slot *slot, u32 word,
			     void *context)
{
	struct giving_up *g = context;

	if (READ_ONCE(slot->ch) == g->ch)
		g->count++;
}

static void retire(struct storvsc *s, struct storvsc_queue *q)
{
	unsigned long until = jiffies + storvsc_options.grace_s * HZ;
	struct giving_up g = {
		.s = s, .ch = q->ch, .returned = !s->isolated, .host = STORVSC_DID_SOFT_ERROR,
	};
	struct enl_channel *ch = q->ch;

	storvsc_set_channel(q, NULL);
	synchronize_rcu();
	for (;;) {
		g.count = 0;
		storvsc_slots_visit(s, count_of_channel, &g);
		if (!g.count || time_after(jiffies, until))
			break;
		enl_recv_again(ch);
		schedule_timeout_uninterruptible(HZ / 50 + 1);
	}
	storvsc_slots_visit(s, give_up_one, &g);
	s->subs_open--;
	storvsc_count(s, STORVSC_COUNT_sub_channels_lost);
	enl_channel_close(ch);
}

void storvsc_sub_work(struct work_struct *work)
{
	struct storvsc *s = container_of(work, struct storvsc, sub_work);
	unsigned int i, noio = memalloc_noio_save();

	mutex_lock(&s->mutex);
	for (i = 1; i < s->queues_made; i++) {
		struct storvsc_queue *q = &s->queue[i];

		if (q->ch && enl_channel_rescinded(q->ch))
			retire(s, q);
	}
	mutex_unlock(&s->mutex);
	memalloc_noio_restore(noio);
}
