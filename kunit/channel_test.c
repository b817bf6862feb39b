// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening and closing channels: each step fails once, answers are late, wrong, lost or early.
 * Calls the drivers' API through the stage; the host model checks the order of messages.
 * Rescinds in the middle are in rescind_test.c, the memory itself in gpadl_test.c.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include "kunit/stage.h"

#define RING_PAGES	(2 + 2 * STAGE_RING / ENL_HVPAGE_SIZE)
#define SHORT_MS	500u

static unsigned int kept_pages(struct stage *s)
{
	return READ_ONCE(s->bus->kept_pages);
}

static u32 live_gpadls(struct stage *s)
{
	struct vsp_ledger l;

	fakehost_ledger(s->fh, &l);
	return l.gpadls;
}

/* An isolated guest: every page that the host may see is counted, and must be taken back. */
static const struct fakehost_options counted = { .isolated = true };

/* P-012: what a channel took it gives back, as often as one likes. */
static void opens_and_closes_again_and_again(struct kunit *test)
{
	struct stage *s = stage_up(test, &counted);
	u64 shared = s->fh->counts.shared_pages;
	unsigned int i;

	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
		stage_count(s, "shared while open", s->fh->counts.shared_pages,
			    shared + RING_PAGES);
		KUNIT_EXPECT_EQ(test, stage_talk(s, stage_channel(s)), 0);
		enl_channel_close(stage_channel(s));
		stage_count(s, "shared when closed", s->fh->counts.shared_pages, shared);
		KUNIT_EXPECT_EQ(test, live_gpadls(s), 0u);
	}
	stage_count(s, "opens", s->echo->opens, 10);
	stage_count(s, "closes", s->echo->closes, 10);
	stage_down(s);
}

/* The ways in which an open can fail, one at a time. */
enum step {
	STEP_SHARE,
	STEP_GPADL_POST,
	STEP_GPADL_REFUSED,
	STEP_GPADL_LOST,
	STEP_OPEN_POST,
	STEP_OPEN_REFUSED,
	STEP_OPEN_REFUSED_TEARDOWN_LOST,
	STEP_LIMIT
};

/* The host gets an OPEN with a ring that is none, and refuses it. */
static void spoil_open(struct stage *s)
{
	struct vsp_fault fault = {
		.point = VSP_AT_POST,
		.action = VSP_OVERWRITE,
		.key = ENL_MSG_OPEN,
		.a = offsetof(struct enl_msg_open, ring_gpadl),
		.b = 0x7777,
		.width = 4,
	};

	fakehost_fault(s->fh, &fault);
}

static int arm(struct stage *s, enum step step)
{
	switch (step) {
	case STEP_SHARE:
		fakehost_fail_share(s->fh, 3, 0);
		return -ENOMEM;
	case STEP_GPADL_POST:
		fakehost_post_status(s->fh, ENL_MSG_GPADL_HEADER, ENL_HV_INVALID_PARAMETER, 1);
		return -EIO;
	case STEP_GPADL_REFUSED:
		stage_quota(s, 1);
		return -EIO;
	case STEP_GPADL_LOST:
		stage_message_fault(s, ENL_MSG_GPADL_CREATED, VSP_DROP, 0);
		return -ETIMEDOUT;
	case STEP_OPEN_POST:
		fakehost_post_status(s->fh, ENL_MSG_OPEN, ENL_HV_INVALID_PARAMETER, 1);
		return -EIO;
	case STEP_OPEN_REFUSED_TEARDOWN_LOST:
		stage_message_fault(s, ENL_MSG_GPADL_TORNDOWN, VSP_DROP, 0);
		fallthrough;
	default:
		spoil_open(s);
		return -EIO;
	}
}

/* P-044, P-074 */
static void failed_open_at_each_step_is_forgotten_by_the_next(struct kunit *test)
{
	struct stage *s = STAGE(test);
	enum step step;
	int want;

	s->limits.request_ms = SHORT_MS;
	stage_up(test, &counted);
	for (step = 0; step < STEP_LIMIT; step++) {
		FAKEHOST_RUN(s->fh, vsp_fault_clear(s->fh->host));
		want = arm(s, step);
		if (stage_open(s, stage_channel(s)) != want)
			KUNIT_FAIL(test, "step %u: not %d", step, want);
		stage_quota(s, 0);
		KUNIT_EXPECT_EQ(test, (int)stage_channel(s)->state, (int)ENL_CHANNEL_CLOSED);
		KUNIT_EXPECT_NULL(test, stage_channel(s)->pages);
		if (stage_open(s, stage_channel(s)))
			KUNIT_FAIL(test, "step %u: no open after it", step);
		else
			KUNIT_EXPECT_EQ(test, stage_talk(s, stage_channel(s)), 0);
		enl_channel_close(stage_channel(s));
	}
	fakehost_forgive(s->fh, VSP_V_OPEN_GPADL);
	/* The two rings whose fate the host did not tell, and the page whose sharing failed. */
	KUNIT_EXPECT_EQ(test, kept_pages(s), 2 * RING_PAGES);
	KUNIT_EXPECT_EQ(test, s->bus->leaked_pages, 1u);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_MEMORY_KEPT), 3L);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_POST_FAILED), 2L);
	stage_down(s);
}

/* P-043, vmbus.md 12.45: no answer to OPEN does not mean that the host will not use the ring. */
static void open_without_answer_keeps_the_ring_from_reuse(struct kunit *test)
{
	struct stage *s = STAGE(test);
	struct enl_channel *ch;
	u64 opens;

	s->limits.request_ms = SHORT_MS;
	stage_up(test, &counted);
	ch = stage_channel(s);
	fakehost_hold(s->fh, ENL_MSG_OPEN_RESULT, true);
	KUNIT_EXPECT_EQ(test, stage_open(s, ch), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, kept_pages(s), RING_PAGES);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_MEMORY_KEPT), 1L);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_ANSWER_LATE), 1L);
	/* The model looks at each page of the ring that it holds open. */
	fakehost_check_rules(test, s->fh);

	/* The late answer meets nobody; the host would not answer a second OPEN. */
	fakehost_hold(s->fh, ENL_MSG_OPEN_RESULT, false);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_REPLY_UNEXPECTED, 1));
	opens = fakehost_posted(s->fh, ENL_MSG_OPEN);
	KUNIT_EXPECT_EQ(test, stage_open(s, ch), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_OPEN), opens);
	fakehost_check_rules(test, s->fh);
	stage_down(s);
}

/* A host that is too busy to take OPEN never has the ring: the channel may be opened later. */
static void open_that_was_never_posted_can_be_tried_again(struct kunit *test)
{
	struct stage *s = STAGE(test);

	s->limits.post_ms = 100;
	stage_up(test, NULL);
	fakehost_post_status(s->fh, ENL_MSG_OPEN, ENL_HV_INSUFFICIENT_BUFFERS, 100000);
	KUNIT_EXPECT_EQ(test, stage_open(s, stage_channel(s)), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_POST_FAILED), 1L);
	FAKEHOST_RUN(s->fh, vsp_fault_clear(s->fh->host));
	KUNIT_EXPECT_EQ(test, stage_open(s, stage_channel(s)), 0);
	KUNIT_EXPECT_EQ(test, stage_talk(s, stage_channel(s)), 0);
	enl_channel_close(stage_channel(s));
	stage_down(s);
}

/* P-064, P-076: CLOSE arrived, its ring is not given back: lost memory, not a lost device. */
static void close_without_answer_keeps_the_ring_and_opens_again(struct kunit *test)
{
	struct stage *s = STAGE(test);
	int before;

	s->limits.request_ms = SHORT_MS;
	stage_up(test, &counted);
	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	fakehost_hold(s->fh, ENL_MSG_GPADL_TORNDOWN, true);
	enl_channel_close(stage_channel(s));
	KUNIT_EXPECT_EQ(test, kept_pages(s), RING_PAGES);
	fakehost_hold(s->fh, ENL_MSG_GPADL_TORNDOWN, false);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_REPLY_UNEXPECTED, 1));

	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	before = atomic_read(&s->received);
	FAKEHOST_DO(s->fh, vsp_echo_flood(s->fh->host, stage_channel(s)->relid, 5, 64, false));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(atomic_read(&s->received) == before + 5,
						  STAGE_SOON_MS));
	enl_channel_close(stage_channel(s));
	stage_down(s);
}

/* P-064, P-076: the teardown was never posted; its ring must not reach the allocator. */
static void close_whose_teardown_fails_keeps_the_ring_and_opens_again(struct kunit *test)
{
	struct stage *s = stage_up(test, &counted);

	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	fakehost_post_status(s->fh, ENL_MSG_GPADL_TEARDOWN, ENL_HV_INVALID_PARAMETER, 1);
	enl_channel_close(stage_channel(s));
	KUNIT_EXPECT_EQ(test, kept_pages(s), RING_PAGES);
	fakehost_check_rules(test, s->fh);
	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	KUNIT_EXPECT_EQ(test, stage_talk(s, stage_channel(s)), 0);
	enl_channel_close(stage_channel(s));
	stage_down(s);
}

/* P-064: CLOSE was never posted: the host goes on, so nothing is torn down or opened. */
static void close_that_was_never_posted_tears_nothing_down(struct kunit *test)
{
	struct stage *s = stage_up(test, &counted);

	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	fakehost_post_status(s->fh, ENL_MSG_CLOSE, ENL_HV_INVALID_PARAMETER, 1);
	enl_channel_close(stage_channel(s));
	KUNIT_EXPECT_EQ(test, kept_pages(s), RING_PAGES);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_GPADL_TEARDOWN), 0ull);
	KUNIT_EXPECT_EQ(test, stage_open(s, stage_channel(s)), -ETIMEDOUT);
	/* The open ring is still all there. */
	fakehost_check_rules(test, s->fh);
	stage_down(s);
}

/* P-047, vmbus.md 11.5: first CLOSE, then TEARDOWN of the ring; never the other way. */
static void closes_before_it_tears_down(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct vsp_record close, teardown;

	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	enl_channel_close(stage_channel(s));
	KUNIT_ASSERT_TRUE(test, fakehost_message(s->fh, ENL_MSG_CLOSE, 0, &close));
	KUNIT_ASSERT_TRUE(test, fakehost_message(s->fh, ENL_MSG_GPADL_TEARDOWN, 0, &teardown));
	KUNIT_EXPECT_LT(test, close.number, teardown.number);
	stage_down(s);
}

/* P-047, P-048: a host that floods with data and interrupts while the ring comes and goes. */
static void closes_under_a_flood_of_interrupts(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct enl_channel *ch = stage_channel(s);
	unsigned int i;

	for (i = 0; i < 20; i++) {
		unsigned int spurious;

		s->setup.mode = i % 2 ? ENL_NOTIFY_WORK : ENL_NOTIFY_SOFTIRQ;
		KUNIT_ASSERT_EQ(test, stage_open(s, ch), 0);
		FAKEHOST_DO(s->fh, vsp_echo_flood(s->fh->host, ch->relid, 1u << 30, 200, false));
		for (spurious = 0; spurious < 50; spurious++)
			fakehost_event(s->fh, spurious % num_online_cpus(), ch->relid);
		enl_channel_close(ch);
		KUNIT_EXPECT_FALSE(test, ch->live);
	}
	s->echo->flood = 0;
	KUNIT_EXPECT_GT(test, atomic_read(&s->received), 0);
	stage_down(s);
}

static void notify_waits(struct enl_channel *ch, void *context)
{
	struct stage *s = context;

	atomic_inc(&s->rounds);
	wait_for_completion_timeout(&s->gate, msecs_to_jiffies(STAGE_SOON_MS));
	atomic_inc(&s->received);
}

/* P-047: memory goes only after the callback that uses it has returned. */
static void close_waits_for_the_callback_that_runs(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct stage_call call = { .s = s, .ch = stage_channel(s) };

	s->setup.mode = ENL_NOTIFY_WORK;
	s->setup.notify = notify_waits;
	KUNIT_ASSERT_EQ(test, stage_open(s, call.ch), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(atomic_read(&s->rounds), STAGE_SOON_MS));
	KUNIT_ASSERT_EQ(test, fakehost_call(s->fh, stage_do_close, &call), 0);
	KUNIT_EXPECT_FALSE(test, fakehost_called(s->fh, 100, NULL));
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_CLOSE), 0ull);
	complete_all(&s->gate);
	KUNIT_EXPECT_TRUE(test, fakehost_called(s->fh, STAGE_SOON_MS, NULL));
	KUNIT_EXPECT_EQ(test, atomic_read(&s->received), atomic_read(&s->rounds));
	stage_down(s);
}

static void open_early(struct kunit *test, bool signal_lost)
{
	struct stage *s = stage_up(test, NULL);
	struct stage_call call = { .s = s, .ch = stage_channel(s) };
	struct vsp_fault lost = { .point = VSP_AT_EVENT, .action = VSP_DROP, .times = 1000 };
	int err = -1;

	if (signal_lost)
		fakehost_fault(s->fh, &lost);
	fakehost_hold(s->fh, ENL_MSG_OPEN_RESULT, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(s->fh, stage_do_open, &call), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_open(s->fh, call.ch->relid, true, STAGE_SOON_MS));
	FAKEHOST_DO(s->fh, vsp_echo_flood(s->fh->host, call.ch->relid, 3, 64, false));
	KUNIT_EXPECT_EQ(test, fakehost_wait_for(atomic_read(&s->received) == 3,
						signal_lost ? 50 : STAGE_SOON_MS), !signal_lost);
	KUNIT_EXPECT_FALSE(test, fakehost_called(s->fh, 1, &err));
	fakehost_hold(s->fh, ENL_MSG_OPEN_RESULT, false);
	KUNIT_EXPECT_TRUE(test, fakehost_called(s->fh, STAGE_SOON_MS, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	/* The look that follows each open: nobody would ring again. */
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(atomic_read(&s->received) == 3, STAGE_SOON_MS));
	enl_channel_close(call.ch);
	stage_down(s);
}

/* P-057: the callback runs as soon as the host can reach it, before the open has returned. */
static void data_before_the_answer_to_open_is_received(struct kunit *test)
{
	open_early(test, false);
}

/* P-067: a doorbell that rang too early is not missed. */
static void looks_once_after_open_without_a_doorbell(struct kunit *test)
{
	open_early(test, true);
}

/* vmbus.md 12.25, P-016: only the answer to this very OPEN opens. */
static void takes_no_answer_to_another_open(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct stage_call call = { .s = s, .ch = stage_channel(s) };
	struct enl_msg_open_result fake = {
		.header.type = cpu_to_le32(ENL_MSG_OPEN_RESULT),
		.relid = cpu_to_le32(call.ch->relid),
	};
	struct vsp_record record;
	int err = -1;

	fakehost_hold(s->fh, ENL_MSG_OPEN_RESULT, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(s->fh, stage_do_open, &call), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_open(s->fh, call.ch->relid, true, STAGE_SOON_MS));
	KUNIT_ASSERT_TRUE(test, fakehost_message(s->fh, ENL_MSG_OPEN, 0, &record));
	/* Past the model's hold, straight to the bus. */
	memcpy(&fake.open_id, record.message + 12, sizeof(fake.open_id));
	le32_add_cpu(&fake.open_id, 1);
	stage_message(s, &fake, sizeof(fake));
	le32_add_cpu(&fake.open_id, -1);
	le32_add_cpu(&fake.relid, 1);
	stage_message(s, &fake, sizeof(fake));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_REPLY_UNEXPECTED), 2L);
	KUNIT_EXPECT_FALSE(test, fakehost_called(s->fh, 20, &err));

	/* The right one counts once, its repetition not at all. */
	stage_message_fault(s, ENL_MSG_OPEN_RESULT, VSP_REPEAT, 0);
	fakehost_hold(s->fh, ENL_MSG_OPEN_RESULT, false);
	KUNIT_EXPECT_TRUE(test, fakehost_called(s->fh, STAGE_SOON_MS, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	le32_add_cpu(&fake.relid, -1);
	stage_message(s, &fake, sizeof(fake));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_REPLY_UNEXPECTED), 3L);
	enl_channel_close(call.ch);
	stage_down(s);
}

/* vmbus.md 12.47: what the host gets as a number is a number. */
static void numbers_that_the_host_sees_are_no_addresses(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct vsp_record record;
	const struct enl_msg_open *open = (const void *)record.message;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
		enl_channel_close(stage_channel(s));
		KUNIT_ASSERT_TRUE(test, fakehost_message(s->fh, ENL_MSG_OPEN, i, &record));
		KUNIT_EXPECT_EQ(test, le32_to_cpu(open->open_id), i + 1);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(open->ring_gpadl), 0xe1e10 + i);
	}
	stage_down(s);
}

/* Bad calls are refused before anything is allocated or posted. */
static void refuses_what_cannot_be_opened(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct enl_channel *ch = stage_channel(s);
	const struct enl_channel_setup good = s->setup;
	const u32 sizes[] = { 0, 1, 4095, 4097, 6144, 0xfffff000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		s->setup.send_bytes = sizes[i];
		KUNIT_EXPECT_EQ(test, stage_open(s, ch), -EINVAL);
		s->setup = good;
		s->setup.recv_bytes = sizes[i];
		KUNIT_EXPECT_EQ(test, stage_open(s, ch), -EINVAL);
		s->setup = good;
	}
	s->setup.max_packet = 16;
	KUNIT_EXPECT_EQ(test, stage_open(s, ch), -EINVAL);
	s->setup = good;
	s->setup.notify = NULL;
	KUNIT_EXPECT_EQ(test, stage_open(s, ch), -EINVAL);
	s->setup = good;
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_GPADL_HEADER), 0ull);

	enl_channel_close(ch);
	KUNIT_ASSERT_EQ(test, stage_open(s, ch), 0);
	KUNIT_EXPECT_EQ(test, stage_open(s, ch), -EINVAL);
	KUNIT_EXPECT_EQ(test, stage_talk(s, ch), 0);
	enl_channel_close(ch);
	enl_channel_close(ch);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_CLOSE), 1ull);
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(opens_and_closes_again_and_again),
	KUNIT_CASE(failed_open_at_each_step_is_forgotten_by_the_next),
	KUNIT_CASE(open_without_answer_keeps_the_ring_from_reuse),
	KUNIT_CASE(open_that_was_never_posted_can_be_tried_again),
	KUNIT_CASE(close_without_answer_keeps_the_ring_and_opens_again),
	KUNIT_CASE(close_whose_teardown_fails_keeps_the_ring_and_opens_again),
	KUNIT_CASE(close_that_was_never_posted_tears_nothing_down),
	KUNIT_CASE(closes_before_it_tears_down),
	KUNIT_CASE(closes_under_a_flood_of_interrupts),
	KUNIT_CASE(close_waits_for_the_callback_that_runs),
	KUNIT_CASE(data_before_the_answer_to_open_is_received),
	KUNIT_CASE(looks_once_after_open_without_a_doorbell),
	KUNIT_CASE(takes_no_answer_to_another_open),
	KUNIT_CASE(numbers_that_the_host_sees_are_no_addresses),
	KUNIT_CASE(refuses_what_cannot_be_opened),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_channel",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
