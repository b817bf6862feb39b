// SPDX-License-Identifier: GPL-2.0-only
/*
 * One request and its answer: every way in which the wait can end, and answers that nobody wants.
 * VMBus specification, chapters 9.4 and 9.5; hardening items 5, 28 and 38.
 * Calls enl_transact() against the fake host.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include "kunit/packet_world.h"

struct ask {
	struct packet_world *w;
	unsigned int ms;
	u8 answer[64];
	struct enl_exchange x;
};

static int ask(void *context)
{
	struct ask *a = context;

	return enl_transact(a->w->ch, &a->x, a->ms);
}

static struct ask question(struct packet_world *w, unsigned int ms)
{
	return (struct ask){ .w = w, .ms = ms };
}

static void aim(struct ask *a, u32 room)
{
	a->x.request = "question";
	a->x.request_bytes = 8;
	memset(a->answer, 0x5a, sizeof(a->answer));
	a->x.answer = a->answer;
	a->x.answer_bytes = room;
}

static struct packet_world *ready(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);

	packet_world_open(w);
	return w;
}

/* Asks in a thread, of a host that keeps the answer back; the request is there on return. */
static void ask_and_hold(struct kunit *test, struct ask *a)
{
	a->w->echo->hold = true;
	aim(a, 8);
	KUNIT_ASSERT_EQ(test, fakehost_call(a->w->fh, ask, a), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(READ_ONCE(a->w->echo->packets) == 1, 2000));
}

static void answer_reaches_the_asker_and_nobody_else(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct ask a = question(w, 3000);

	aim(&a, sizeof(a.answer));
	KUNIT_EXPECT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, a.x.answer_bytes, 8u);
	KUNIT_EXPECT_MEMEQ(test, a.answer, "question", 8);
	KUNIT_EXPECT_EQ(test, a.answer[8], 0x5a);
	KUNIT_EXPECT_EQ(test, w->packets, 0ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.late_completions, 0ull);
}

/* Never more than there is room for */
static void long_answer_is_cut_to_the_room(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct ask a = question(w, 3000);
	static const u8 request[40] = "0123456789012345678901234567890123456789";

	aim(&a, 12);
	a.x.request = request;
	a.x.request_bytes = sizeof(request);
	KUNIT_EXPECT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, a.x.answer_bytes, 12u);
	KUNIT_EXPECT_MEMEQ(test, a.answer, request, 12);
	KUNIT_EXPECT_EQ(test, a.answer[12], 0x5a);
}

/* ANSWER_LATE, TRANSACT_ID: the answer that comes after all is dropped, and the next one is not */
static void late_answer_is_dropped_and_counted(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct ask a = question(w, 50);

	w->echo->hold = true;
	aim(&a, 8);
	KUNIT_EXPECT_EQ(test, ask(&a), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, packet_world_fault(w, ENL_FAULT_ANSWER_LATE), 1l);
	memset(a.answer, 0x77, sizeof(a.answer));
	FAKEHOST_DO(w->fh, vsp_echo_release(w->fh->host, w->echo, 1, false));
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->ch->stats.late_completions, 1ull);
	KUNIT_EXPECT_EQ(test, packet_world_fault(w, ENL_FAULT_TRANSACT_ID), 1l);
	KUNIT_EXPECT_EQ(test, a.answer[0], 0x77);
	KUNIT_EXPECT_EQ(test, w->packets, 0ull);
	w->echo->hold = false;
	a.ms = 3000;
	aim(&a, 8);
	KUNIT_EXPECT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_MEMEQ(test, a.answer, "question", 8);
}

/* P-116; vmbus.md 12.5, 12.38: an answer that comes twice ends one exchange once */
static void second_answer_is_dropped(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct vsp_fault twice = { .point = VSP_AT_PACKET, .action = VSP_REPEAT };
	struct ask a = question(w, 3000);

	twice.key = w->relid;
	fakehost_fault(w->fh, &twice);
	aim(&a, 8);
	KUNIT_EXPECT_EQ(test, ask(&a), 0);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, packet_world_fault(w, ENL_FAULT_TRANSACT_ID), 1l);
	KUNIT_EXPECT_EQ(test, w->packets, 0ull);
	aim(&a, 8);
	KUNIT_EXPECT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, packet_world_fault(w, ENL_FAULT_TRANSACT_ID), 1l);
}

/* P-116: guessed ids, before, during and after an exchange */
static void forged_answer_ends_nothing(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct ask a = question(w, 3000);
	struct vsp_packet p = { .type = ENL_PACKET_COMPLETION, .data = "forgery!", .bytes = 8 };
	static const u32 guess[] = { 0, 2, 3, 0x80000001, 0xffffffff };
	unsigned int i;
	int err = -1;

	ask_and_hold(test, &a);
	for (i = 0; i < ARRAY_SIZE(guess); i++) {
		p.id = (u64)ENL_TRANSACT_MARK << 32 | guess[i];
		packet_world_host_sends(w, &p);
	}
	KUNIT_EXPECT_EQ(test, packet_world_fault(w, ENL_FAULT_TRANSACT_ID), i + 0l);
	KUNIT_EXPECT_FALSE(test, fakehost_called(w->fh, 10, &err));
	FAKEHOST_DO(w->fh, vsp_echo_release(w->fh->host, w->echo, 1, false));
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, 2000, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_NE(test, a.answer[0], (u8)'f');
	/* of another type it is no answer at all, but the driver's affair */
	p.type = ENL_PACKET_INBAND;
	packet_world_host_sends(w, &p);
	KUNIT_EXPECT_EQ(test, w->packets, 1ull);
}

/* vmbus.md 12.28; 11.4: long before the time is up */
static void rescind_ends_the_wait(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct ask a = question(w, 30000);
	int err = 0;

	ask_and_hold(test, &a);
	fakehost_rescind(w->fh, w->relid);
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, 3000, &err));
	KUNIT_EXPECT_EQ(test, err, -ENODEV);
	KUNIT_EXPECT_EQ(test, a.x.answer_bytes, 0u);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(w->fh, ENL_MSG_RELID_RELEASED, 1, 3000));
}

static void close_ends_the_wait(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct ask a = question(w, 30000);
	int err = 0;

	ask_and_hold(test, &a);
	enl_channel_close(w->ch);
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, 3000, &err));
	KUNIT_EXPECT_EQ(test, err, -ENODEV);
}

/* Broken framing while an exchange is on, and afterwards: -EPROTO, at once */
static void broken_ring_ends_the_wait(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct ask a = question(w, 30000);
	int err = 0;

	ask_and_hold(test, &a);
	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, true, 0, 0xfff1));
	fakehost_event(w->fh, enl_channel_cpu(w->ch), w->relid);
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, 3000, &err));
	KUNIT_EXPECT_EQ(test, err, -EPROTO);
	KUNIT_EXPECT_EQ(test, packet_world_fault(w, ENL_FAULT_RING_WRITE_INDEX), 1l);
	aim(&a, 8);
	KUNIT_EXPECT_EQ(test, ask(&a), -EPROTO);
}

static void refusals_are_told_at_once(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	struct ask a = question(w, 30000);

	aim(&a, 8);
	KUNIT_EXPECT_EQ(test, ask(&a), -EINVAL);	/* not open */
	packet_world_open(w);
	aim(&a, 8);
	a.x.request_bytes = 20000;
	KUNIT_EXPECT_EQ(test, ask(&a), -EINVAL);	/* never fits */
	w->echo->deaf = true;
	packet_world_fill(w, 8);
	aim(&a, 8);
	KUNIT_EXPECT_EQ(test, ask(&a), -EAGAIN);	/* full */
	w->echo->deaf = false;
	w->echo->quiet = true;
	FAKEHOST_RUN(w->fh, vsp_kick(vsp_channel(w->fh->host, w->relid)));
	packet_world_rest(w);
	aim(&a, 8);
	a.ms = 3000;
	KUNIT_EXPECT_EQ(test, ask(&a), 0);
}

/* Several askers take turns; each gets its own answer */
static int ask_often(void *context)
{
	struct packet_world *w = context;
	unsigned int i;
	int bad = 0;

	for (i = 0; i < 100; i++) {
		u64 request = get_random_u32(), answer = 0;
		struct enl_exchange x = { &request, 8, &answer, 8 };

		bad += enl_transact(w->ch, &x, 5000) || answer != request;
	}
	return bad;
}

static void askers_take_turns(struct kunit *test)
{
	struct packet_world *w = ready(test);
	int bad = -1;

	KUNIT_ASSERT_EQ(test, fakehost_call(w->fh, ask_often, w), 0);
	KUNIT_EXPECT_EQ(test, ask_often(w), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, 20000, &bad));
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_EQ(test, w->packets, 0ull);
}

/* Data packets in between stay the driver's */
static void packets_around_an_answer_are_not_lost(struct kunit *test)
{
	struct packet_world *w = ready(test);
	struct ask a = question(w, 3000);
	int err = -1;

	ask_and_hold(test, &a);
	packet_world_host_inband(w, "before..", 8, 1);
	FAKEHOST_DO(w->fh, vsp_echo_release(w->fh->host, w->echo, 1, false));
	packet_world_host_inband(w, "after...", 8, 2);
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, 2000, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, w->packets, 2ull);
	KUNIT_EXPECT_MEMEQ(test, w->seen[0].data, "before..", 8);
	KUNIT_EXPECT_MEMEQ(test, w->seen[1].data, "after...", 8);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(answer_reaches_the_asker_and_nobody_else),
	KUNIT_CASE(long_answer_is_cut_to_the_room),
	KUNIT_CASE(late_answer_is_dropped_and_counted),
	KUNIT_CASE(second_answer_is_dropped),
	KUNIT_CASE(forged_answer_ends_nothing),
	KUNIT_CASE(rescind_ends_the_wait),
	KUNIT_CASE(close_ends_the_wait),
	KUNIT_CASE(broken_ring_ends_the_wait),
	KUNIT_CASE(refusals_are_told_at_once),
	KUNIT_CASE(askers_take_turns),
	KUNIT_CASE(packets_around_an_answer_are_not_lost),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_transact",
	.init = packet_world_init,
	.exit = packet_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
