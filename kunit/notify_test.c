// SPDX-License-Identifier: GPL-2.0-only
/*
 * The notify callback: its three contexts, masking, and how much work one round may do.
 * VMBus specification, chapters 8.9 and 10.1; hardening item 40; monitor page and doorbell (10.3).
 * Calls the drivers' API against the fake host.
 */
#include <linux/delay.h>
#include <linux/preempt.h>
#include "kunit/packet_world.h"

#define ENDLESS	2000u

/* A host that puts a new packet into the ring for each one that is taken. Any context. */
static void refill(struct packet_world *w, const struct enl_packet *packet)
{
	struct vsp_packet p = { .type = ENL_PACKET_INBAND, .data = "12345678", .bytes = 8 };

	if (w->packets < ENDLESS)
		FAKEHOST_RUN(w->fh, vsp_send(vsp_channel(w->fh->host, w->relid), &p));
}

static void refill_slowly(struct packet_world *w, const struct enl_packet *packet)
{
	if (w->packets < 60) {
		refill(w, packet);
		mdelay(1);
	}
}

static struct packet_world *ready(struct kunit *test, enum enl_notify mode)
{
	struct packet_world *w = packet_world_start(test, NULL, false);

	w->echo->quiet = true;
	w->setup.mode = mode;
	packet_world_open(w);
	fakehost_set_manual(w->fh, true);
	return w;
}

/* P-093, P-037; vmbus.md 12.40: 256 packets in one round, then others have their turn */
static void endless_host_cannot_keep_the_callback(struct kunit *test, enum enl_notify mode)
{
	struct packet_world *w = ready(test, mode);
	u64 polls = w->ch->stats.polls;

	w->each = refill;
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, "12345678", 8, 0), VSP_SENT);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(w->packets) == ENDLESS, 5000));
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->packets, (u64)ENDLESS);
	KUNIT_EXPECT_LE(test, w->most, 256u);
	KUNIT_EXPECT_GE(test, w->ch->stats.polls_cut, (u64)ENDLESS / 256 - 1);
	KUNIT_EXPECT_EQ(test, w->ch->stats.polls - polls, w->ch->stats.polls_cut + 1);
	/* and in the end interrupts are on again */
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, vsp_peek(w->fh->host, w->relid, true, 8)), 0u);
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, "12345678", 8, 0), VSP_SENT);
	KUNIT_EXPECT_EQ(test, w->packets, ENDLESS + 1ull);
}

static void endless_host_cannot_keep_a_softirq(struct kunit *test)
{
	endless_host_cannot_keep_the_callback(test, ENL_NOTIFY_SOFTIRQ);
}

static void endless_host_cannot_keep_a_worker(struct kunit *test)
{
	endless_host_cannot_keep_the_callback(test, ENL_NOTIFY_WORK);
}

/* P-093: a driver that needs long for each packet is cut by time */
static void slow_driver_is_cut_by_time(struct kunit *test)
{
	struct packet_world *w = ready(test, ENL_NOTIFY_SOFTIRQ);

	w->each = refill_slowly;
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, "12345678", 8, 0), VSP_SENT);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(w->packets) == 60, 5000));
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->packets, 60ull);
	/* about 2 ms, to the next jiffy */
	KUNIT_EXPECT_LE(test, w->most, 4u + jiffies_to_msecs(2));
	KUNIT_EXPECT_GT(test, w->ch->stats.polls_cut, 2ull);
}

/* P-037: what fits a round is not spread over several */
static void batch_is_taken_in_one_round(struct kunit *test)
{
	struct packet_world *w = ready(test, ENL_NOTIFY_SOFTIRQ);
	u64 polls = w->ch->stats.polls, events = w->fh->counts.events;
	u64 interrupts = w->ch->stats.interrupts;

	FAKEHOST_RUN(w->fh, vsp_echo_flood(w->fh->host, w->relid, 100, 8, false));
	/* all 100 are there before the first event is handed out */
	while (w->echo->sent < 100 && fakehost_step_kind(w->fh, VSP_DO_CHANNEL))
		;
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->packets, 100ull);
	KUNIT_EXPECT_EQ(test, w->fh->counts.events, events + 1);
	KUNIT_EXPECT_EQ(test, w->ch->stats.interrupts, interrupts + 1);
	KUNIT_EXPECT_EQ(test, w->ch->stats.polls, polls + 1);
	KUNIT_EXPECT_EQ(test, w->ch->stats.polls_cut, 0ull);
}

static bool context_was_right;

static void check_softirq(struct packet_world *w, const struct enl_packet *packet)
{
	context_was_right = in_serving_softirq();
}

static void check_work(struct packet_world *w, const struct enl_packet *packet)
{
	might_sleep();
	context_was_right = !in_interrupt() && !irqs_disabled() && current->flags & PF_WQ_WORKER;
}

static void callback_runs_where_the_driver_asked(struct kunit *test)
{
	struct packet_world *w = ready(test, ENL_NOTIFY_SOFTIRQ);

	context_was_right = false;
	w->each = check_softirq;
	packet_world_host_inband(w, "12345678", 8, 0);
	KUNIT_EXPECT_TRUE(test, context_was_right);
	fakehost_set_manual(w->fh, false);
	enl_channel_close(w->ch);
	w->setup.mode = ENL_NOTIFY_WORK;
	packet_world_open(w);
	fakehost_set_manual(w->fh, true);
	context_was_right = false;
	w->each = check_work;
	packet_world_host_inband(w, "12345678", 8, 0);
	KUNIT_EXPECT_TRUE(test, context_was_right);
	KUNIT_EXPECT_EQ(test, w->packets, 2ull);
}

/* 8.9, the driver's own masking, as NAPI does it: no event between mask and unmask */
static void driver_that_polls_masks_and_unmasks(struct kunit *test)
{
	struct packet_world *w = ready(test, ENL_NOTIFY_IRQ);
	u64 events;

	/* the call at open masked */
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&w->poll, HZ));
	KUNIT_EXPECT_FALSE(test, enl_recv_unmask(w->ch));
	packet_world_host_inband(w, "12345678", 8, 0);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&w->poll, HZ));
	events = w->fh->counts.events;
	/* masked: more packets, no more events */
	packet_world_host_inband(w, "12345678", 8, 0);
	packet_world_take(w);
	packet_world_host_inband(w, "12345678", 8, 0);
	KUNIT_EXPECT_EQ(test, w->fh->counts.events, events);
	KUNIT_EXPECT_EQ(test, w->packets, 2ull);
	/* unmasking says that there is something, for which no event will come */
	KUNIT_EXPECT_TRUE(test, enl_recv_unmask(w->ch));
	enl_recv_mask(w->ch);
	packet_world_take(w);
	KUNIT_EXPECT_EQ(test, w->packets, 3ull);
	KUNIT_EXPECT_FALSE(test, enl_recv_unmask(w->ch));
	packet_world_host_inband(w, "12345678", 8, 0);
	KUNIT_EXPECT_EQ(test, w->fh->counts.events, events + 1);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&w->poll, HZ));
	packet_world_take(w);
	KUNIT_EXPECT_EQ(test, w->packets, 4ull);
	/* no bound on a driver that has bounds of its own */
	KUNIT_EXPECT_EQ(test, w->ch->stats.polls, 0ull);
}

/* A driver that stops before the ring is empty is left alone until it asks */
static void driver_that_stopped_early_asks_again(struct kunit *test)
{
	struct packet_world *w = ready(test, ENL_NOTIFY_SOFTIRQ);
	u64 calls;

	w->deaf = true;
	packet_world_host_inband(w, "12345678", 8, 0);
	calls = w->calls;
	msleep(20);
	KUNIT_EXPECT_EQ(test, w->calls, calls);
	w->deaf = false;
	enl_recv_again(w->ch);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->packets, 1ull);
}

/* vmbus.md 10.1: flags of nothing, of a closed channel, and of an idle one are normal */
static void spurious_events_do_no_harm(struct kunit *test)
{
	struct packet_world *w = ready(test, ENL_NOTIFY_SOFTIRQ);
	u64 interrupts = w->ch->stats.interrupts;
	unsigned int i;

	for (i = 0; i < 2048; i += 31)
		fakehost_event(w->fh, 0, i);
	fakehost_event(w->fh, 0, w->relid);
	packet_world_rest(w);
	KUNIT_EXPECT_GT(test, w->ch->stats.interrupts, interrupts);
	KUNIT_EXPECT_EQ(test, w->packets, 0ull);
	fakehost_set_manual(w->fh, false);
	enl_channel_close(w->ch);
	fakehost_event(w->fh, 0, w->relid);
	fakehost_settle(w->fh, 1000);
	packet_world_open(w);
	fakehost_set_manual(w->fh, true);
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, "12345678", 8, 0), VSP_SENT);
	KUNIT_EXPECT_EQ(test, w->packets, 1ull);
}

/* 10.3: through the monitor page where the host offered one, at once where the driver insists */
static void monitored_channel_sets_a_bit_instead_of_a_hypercall(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, true);

	w->echo->quiet = true;
	packet_world_open(w);
	fakehost_set_manual(w->fh, true);
	KUNIT_ASSERT_LT(test, (u32)w->ch->monitor_id, ENL_MONITOR_IDS);
	KUNIT_ASSERT_EQ(test, enl_send(w->ch, "x", 1, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_monitored, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_sent, 0ull);
	KUNIT_EXPECT_EQ(test, packet_world_signals(w), 0ull);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, 1ull);
	enl_channel_set_urgent(w->ch, true);
	KUNIT_ASSERT_EQ(test, enl_send(w->ch, "x", 1, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_sent, 1ull);
	KUNIT_EXPECT_EQ(test, packet_world_signals(w), 1ull);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, 2ull);
}

static void look_for_stalls(struct packet_world *w)
{
	mod_delayed_work(w->bus->notify_wq, &w->bus->stall_work, 0);
	/* not flush_delayed_work(): it queues itself again, and that would make a second look */
	flush_work(&w->bus->stall_work.work);
	packet_world_rest(w);
}

/* P-113: an event that is lost leaves a packet behind; it is found at the second look */
static void lost_interrupt_is_made_up_for(struct kunit *test)
{
	struct packet_world *w = ready(test, ENL_NOTIFY_SOFTIRQ);
	struct vsp_fault lost = { .point = VSP_AT_EVENT, .action = VSP_DROP, .key = w->relid };

	look_for_stalls(w);
	fakehost_fault(w->fh, &lost);
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, "12345678", 8, 0), VSP_SENT);
	KUNIT_ASSERT_EQ(test, w->packets, 0ull);
	look_for_stalls(w);
	KUNIT_EXPECT_EQ(test, w->packets, 0ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.interrupts_lost, 0ull);
	look_for_stalls(w);
	KUNIT_EXPECT_EQ(test, w->packets, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.interrupts_lost, 1ull);
	/* and no more than that */
	look_for_stalls(w);
	look_for_stalls(w);
	KUNIT_EXPECT_EQ(test, w->ch->stats.interrupts_lost, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_lost, 0ull);
}

/* P-113: the same the other way: the host is rung again */
static void lost_doorbell_is_made_up_for(struct kunit *test)
{
	struct packet_world *w = ready(test, ENL_NOTIFY_SOFTIRQ);
	struct vsp_fault lost = { .point = VSP_AT_DOORBELL, .action = VSP_DROP, .key = w->relid };

	fakehost_fault(w->fh, &lost);
	KUNIT_ASSERT_EQ(test, enl_send(w->ch, "x", 1, 0, 0), 0);
	packet_world_rest(w);
	KUNIT_ASSERT_EQ(test, w->echo->packets, 0ull);
	look_for_stalls(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, 0ull);
	look_for_stalls(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_lost, 1ull);
	look_for_stalls(w);
	look_for_stalls(w);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_lost, 1ull);
	/* the model knows of the first doorbell, and takes the second for one too many */
	fakehost_forgive(w->fh, VSP_V_DOORBELL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(endless_host_cannot_keep_a_softirq),
	KUNIT_CASE(endless_host_cannot_keep_a_worker),
	KUNIT_CASE(slow_driver_is_cut_by_time),
	KUNIT_CASE(batch_is_taken_in_one_round),
	KUNIT_CASE(callback_runs_where_the_driver_asked),
	KUNIT_CASE(driver_that_polls_masks_and_unmasks),
	KUNIT_CASE(driver_that_stopped_early_asks_again),
	KUNIT_CASE(spurious_events_do_no_harm),
	KUNIT_CASE(monitored_channel_sets_a_bit_instead_of_a_hypercall),
	KUNIT_CASE(lost_interrupt_is_made_up_for),
	KUNIT_CASE(lost_doorbell_is_made_up_for),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_notify",
	.init = packet_world_init,
	.exit = packet_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
