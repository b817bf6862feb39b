// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sub-channels of a controller with a whole host: asked for, fewer, more, late, twice, lost alone;
 * queues and the CPUs that they serve; polled queues. Calls storvsc_world.h.
 */
#include <kunit/test.h>
#include <linux/blk-mq.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include "kunit/storvsc_world.h"

#define OFFERED	3u

/* How many a machine of that many CPUs asks for. */
static unsigned int wanted(void)
{
	return min(OFFERED, num_online_cpus() - 1);
}

static struct storvsc_world *with_subs(struct kunit *test, u32 habits)
{
	struct storvsc_world *w;

	if (num_online_cpus() < 3)
		kunit_skip(test, "needs 3 CPUs");
	w = storvsc_world(test);
	w->host->max_sub_channels = OFFERED;
	w->host->sub = habits;
	return w;
}

/* One request from each CPU; true if all went well. */
static bool from_each_cpu(struct storvsc_world *w)
{
	const struct cpumask *before = cpu_possible_mask;
	struct scsi_device *sdev = stor_lun(w, 0);
	unsigned int cpu;
	bool ok = true;

	for_each_online_cpu(cpu) {
		struct stor_io *io;

		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		io = stor_rw(w, sdev, false, cpu * 8, 4096);
		ok &= stor_io_run(io);
	}
	set_cpus_allowed_ptr(current, before);
	return ok;
}

static u64 submitted(struct storvsc *s, unsigned int queue)
{
	return atomic64_read(&s->queue[queue].stats.submitted);
}

/*
 * P-152, P-154, P-160: one queue for each channel, each used by the CPUs that its channel serves.
 */
static void each_queue_has_its_channel(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, 0);
	struct storvsc *s = storvsc_world_up(w);
	u64 before[1 + OFFERED];
	unsigned int i, cpu, served = 0;

	KUNIT_ASSERT_EQ(test, s->queues, 1 + wanted());
	KUNIT_EXPECT_EQ(test, s->host->nr_hw_queues, 1 + wanted());
	for (i = 1; i < s->queues; i++)
		KUNIT_EXPECT_NE(test, enl_channel_index(s->queue[i].ch), (u16)0);
	for (i = 0; i < s->queues; i++)
		before[i] = submitted(s, i);
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
	for (i = 0; i < s->queues; i++)
		served += submitted(s, i) > before[i];
	KUNIT_EXPECT_GE(test, served, 2u);
	/* Where a channel interrupts a CPU, that CPU's requests go by it. */
	for_each_online_cpu(cpu) {
		unsigned int q = s->host->tag_set.map[HCTX_TYPE_DEFAULT].mq_map[cpu];
		bool own = false;

		for (i = 0; i < s->queues; i++)
			own |= enl_channel_cpu(s->queue[i].ch) == cpu;
		if (own)
			KUNIT_EXPECT_EQ(test, enl_channel_cpu(s->queue[q].ch), cpu);
	}
}

/* Those that came are used, and nobody waits longer than the limit for the others. */
static void fewer_than_asked_for(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, VSP_SUB_FEWER);
	struct storvsc *s;

	storvsc_options.sub_channel_ms = 4000;
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->queues, wanted());
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
}

/* 21.13: what nobody asked for goes back. */
static void more_than_asked_for(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, VSP_SUB_MORE);
	struct storvsc *s = storvsc_world_up(w);

	KUNIT_EXPECT_EQ(test, s->queues, 1 + wanted());
	KUNIT_EXPECT_EQ(test, s->subs_open, wanted());
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
}

static void in_any_order_and_before_the_answer(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, VSP_SUB_OFFER_FIRST | VSP_SUB_REVERSE);
	struct storvsc *s = storvsc_world_up(w);

	KUNIT_EXPECT_EQ(test, s->queues, 1 + wanted());
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
}

/* 21.13: the same index twice, or index 0: one of them is used, the service goes on. */
static void same_index_twice(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, VSP_SUB_DUPLICATE);
	struct storvsc *s;

	storvsc_options.sub_channel_ms = 4000;
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->queues, wanted());
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
}

static void index_zero(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, VSP_SUB_ZERO);
	struct storvsc *s;

	storvsc_options.sub_channel_ms = 4000;
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->queues, wanted());
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
}

/* An index beyond what was asked for, which the transport cannot know to be wrong. */
static void index_beyond_what_was_asked_for(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, VSP_SUB_LATE);
	struct storvsc *s;

	storvsc_options.sub_channel_ms = 100;
	s = storvsc_world_up(w);
	FAKEHOST_RUN(w->fh, w->host->next_index = 100);
	FAKEHOST_DO(w->fh, vsp_storage_offer_late(w->host));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_faults(STORVSC_FAULT_SUB_CHANNEL) ==
						  wanted(), WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, s->subs_open, 0u);
	stor_expect_works(w);
}

/* After the SCSI host exists the number of queues is fixed: late ones are counted and left. */
static void too_late(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, VSP_SUB_LATE);
	struct storvsc *s;

	storvsc_options.sub_channel_ms = 100;
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->queues, 1u);
	KUNIT_EXPECT_EQ(test, FAKEHOST_DO(w->fh, vsp_storage_offer_late(w->host)), wanted());
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_count(STORVSC_COUNT_sub_channels_late) ==
						  wanted(), WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
}

/* Refused, or not answered: one channel serves all. */
static void sub_channels_refused(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, 0);
	struct storvsc *s;

	stor_fault(w, &(struct vsp_storage_fault){
		.operation = ENL_STOR_CREATE_SUB_CHANNELS, .what = VSP_SF_STATUS,
		.nt = ENL_NT_UNSUCCESSFUL });
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->queues, 1u);
	KUNIT_EXPECT_EQ(test, s->subs_asked, 0u);
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
}

static void sub_channels_unanswered(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, VSP_SUB_LATE);
	struct storvsc *s;

	storvsc_options.handshake_ms = 700;
	stor_fault(w, &(struct vsp_storage_fault){
		.operation = ENL_STOR_CREATE_SUB_CHANNELS, .what = VSP_SF_DROP });
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->queues, 1u);
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
}

/* One request that goes by queue @queue. */
static struct stor_io *by_queue(struct storvsc_world *w, unsigned int queue)
{
	struct storvsc *s = stor_device();
	struct stor_io *io;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		if (s->host->tag_set.map[HCTX_TYPE_DEFAULT].mq_map[cpu] == queue)
			break;
	}
	KUNIT_ASSERT_LT(w->test, cpu, nr_cpu_ids);
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	io = stor_rw(w, stor_lun(w, 0), false, 0, 4096);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	return io;
}

/*
 * 7.1, 21.30: a sub-channel goes alone, with a request that the host still works on. That gets its
 * grace period and ends with an error; the primary serves the queue from then on.
 */
static void sub_channel_goes_alone(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, 0);
	struct stor_io *io;
	struct storvsc *s;
	u32 relid;

	storvsc_options.grace_s = 2;
	s = storvsc_world_up(w);
	relid = enl_channel_relid(s->queue[1].ch);
	io = by_queue(w, 1);
	stor_hold(w, 0, true);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, stor_held(w, 0, 1));
	fakehost_rescind(w->fh, relid);
	KUNIT_EXPECT_FALSE(test, stor_io_wait(io, 500));
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_SOFT_ERROR);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_count(STORVSC_COUNT_sub_channels_lost) == 1,
						  WORLD_WAIT));
	storvsc_world_let_go(w);
	KUNIT_EXPECT_NULL(test, READ_ONCE(s->queue[1].ch));
	KUNIT_EXPECT_TRUE(test, from_each_cpu(w));
	stor_expect_works(w);
}

/* 21.4: an answer on another channel than the request's ends nothing. */
static void answer_on_another_channel(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, 0);
	struct stor_io *io;

	storvsc_world_up(w);
	stor_fault(w, &(struct vsp_storage_fault){
		STOR_ON(0x28),
		.what = VSP_SF_OTHER_CHANNEL | VSP_SF_EXTRA });
	io = by_queue(w, 1);
	KUNIT_EXPECT_TRUE(test, stor_io_run(io));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_faults(STORVSC_FAULT_ID_CHANNEL) == 1,
						  WORLD_WAIT));
}

/* Polled queues: no interrupt is needed, and a request that nobody polls for ends all the same. */
static void polled_queue(struct kunit *test)
{
	struct storvsc_world *w = with_subs(test, 0);
	struct storvsc *s;
	struct stor_io *io;
	unsigned long end = jiffies + msecs_to_jiffies(WORLD_WAIT);
	const u8 cdb[10] = { 0x28, [8] = 8 };
	const struct stor_ask ask = { .cdb = cdb, .bytes = 4096, .flags = REQ_POLLED };

	storvsc_options.poll_queues = 1;
	s = storvsc_world_up(w);
	KUNIT_ASSERT_EQ(test, s->polled, 1u);
	KUNIT_ASSERT_TRUE(test, s->queue[s->queues - 1].polled);
	io = stor_io(w, stor_lun(w, 0), &ask);
	stor_io_start(io);
	while (!stor_io_done(io) && time_before(jiffies, end)) {
		storvsc_poll(s->host, s->queues - 1);
		cond_resched();
	}
	KUNIT_EXPECT_TRUE(test, stor_io_done(io));
	KUNIT_EXPECT_EQ(test, io->result, 0);
	KUNIT_EXPECT_EQ(test, submitted(s, s->queues - 1), 1ULL);
	io = stor_io(w, stor_lun(w, 0), &ask);
	KUNIT_EXPECT_TRUE(test, stor_io_run(io));
	KUNIT_EXPECT_EQ(test, submitted(s, s->queues - 1), 2ULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_queue_has_its_channel),
	KUNIT_CASE(fewer_than_asked_for),
	KUNIT_CASE(more_than_asked_for),
	KUNIT_CASE(in_any_order_and_before_the_answer),
	KUNIT_CASE(same_index_twice),
	KUNIT_CASE(index_zero),
	KUNIT_CASE(index_beyond_what_was_asked_for),
	KUNIT_CASE(too_late),
	KUNIT_CASE(sub_channels_refused),
	KUNIT_CASE(sub_channels_unanswered),
	KUNIT_CASE(sub_channel_goes_alone),
	KUNIT_CASE(answer_on_another_channel),
	KUNIT_CASE(polled_queue),
	{ }
};

static struct kunit_suite suite = {
	.name = "storvsc_sub",
	.exit = storvsc_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
