// SPDX-License-Identifier: GPL-2.0-only
/*
 * A rescind at every message boundary of whatever a driver can have under way.
 * Steps the host by hand: n things happen, then the channel is withdrawn, then all goes on.
 * The host lingers on the memory of what it withdrew, and the model looks for pages freed early.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include "kunit/stage.h"

#define BUFFER_BYTES	(60 * ENL_HVPAGE_SIZE)	/* a header and two bodies */
#define MOST_STEPS	60u
#define IDLE_MS		3000u

static struct vsp_personality slow_host;

/* A host that goes on using memory for 0.3 s, and a bus that allows for 1 s. */
static struct stage *stage_up_slow(struct kunit *test)
{
	struct fakehost_options options = { .personality = &slow_host };
	struct stage *s = STAGE(test);

	slow_host = vsp_host_2022;
	slow_host.linger = 3000000;
	s->limits.grace_ms = 1000;
	s->remove = stage_remove_joins;
	return stage_up(test, &options);
}

/* The parts of one round. @prepare and @call for a channel that was just bound. */
struct round {
	void (*prepare)(struct stage *s, struct stage_call *call);
	int (*call)(void *call);
	void (*remove)(struct stage *s, struct enl_device *dev);
};

/* True if the call was over before the rescind. */
static bool one_round(struct stage *s, const struct round *r, unsigned int steps)
{
	struct stage_call *call = s->data;
	unsigned int i;
	int err = 1;
	bool over;

	*call = (struct stage_call){ .s = s, .ch = stage_channel(s), .bytes = BUFFER_BYTES };
	if (r->prepare)
		r->prepare(s, call);
	stage_quiet(s);
	fakehost_set_manual(s->fh, true);
	KUNIT_ASSERT_EQ(s->test, fakehost_call(s->fh, r->call, call), 0);
	for (i = 0; i < steps && stage_take_step(s, IDLE_MS); i++)
		;
	over = i < steps;
	if (!fakehost_rescind(s->fh, call->ch->relid))
		KUNIT_FAIL(s->test, "after %u steps: nothing to rescind", i);
	fakehost_set_manual(s->fh, false);
	/* P-041, P-042: no wait outlives its channel. */
	if (!fakehost_wait_for(completion_done(&s->fh->call_done), STAGE_SOON_MS))
		KUNIT_FAIL(s->test, "after %u steps: the call hangs", i);
	fakehost_check_rules(s->test, s->fh);
	if (!fakehost_called(s->fh, 2 * STAGE_LONG_MS, &err) || (err && err != -ENODEV))
		KUNIT_FAIL(s->test, "after %u steps: %d", i, err);
	if (over && err && r->call != stage_do_destroy)
		KUNIT_FAIL(s->test, "%d without a rescind", err);
	return over;
}

static void at_each_boundary(struct kunit *test, const struct round *r, unsigned int least)
{
	struct stage *s = stage_up_slow(test);
	struct stage_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);
	unsigned int steps;
	bool over = false;

	KUNIT_ASSERT_NOT_NULL(test, call);
	s->data = call;
	if (r->remove)
		s->remove = r->remove;
	for (steps = 0; !over; steps++) {
		KUNIT_ASSERT_LT(test, steps, MOST_STEPS);
		over = one_round(s, r, steps);
		KUNIT_ASSERT_TRUE(test, stage_wait_gone(s, steps + 1));
		KUNIT_EXPECT_EQ(test, s->removes, steps + 1);
		fakehost_check_rules(test, s->fh);
		stage_offer(s, 10 + steps);
		KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, steps + 2));
	}
	/* One for each message there and back, or the case has not tried them all. */
	KUNIT_EXPECT_GT(test, steps, least);
	KUNIT_EXPECT_EQ(test, stage_open(s, stage_channel(s)), 0);
	KUNIT_EXPECT_EQ(test, stage_talk(s, stage_channel(s)), 0);
	/* Everything that was kept was given back in time. */
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(!READ_ONCE(s->bus->kept_pages), 5000));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_MEMORY_KEPT), 0L);
	stage_down(s);
}

/* P-041, P-042, vmbus.md 11.4: GPADL header, its answer, OPEN, its answer */
static void rescind_at_each_boundary_of_open(struct kunit *test)
{
	static const struct round r = { .call = stage_do_open };

	at_each_boundary(test, &r, 4);
}

static void prepare_open(struct stage *s, struct stage_call *call)
{
	KUNIT_ASSERT_EQ(s->test, stage_open(s, call->ch), 0);
}

/* P-078, vmbus.md 11.4: CLOSE, TEARDOWN, its answer */
static void rescind_at_each_boundary_of_close(struct kunit *test)
{
	static const struct round r = { .prepare = prepare_open, .call = stage_do_close };

	at_each_boundary(test, &r, 3);
}

static void remove_buffer(struct stage *s, struct enl_device *dev)
{
	struct stage_call *call = s->data;

	stage_remove_joins(s, dev);
	/* the last device of the case takes no part in a round */
	if (!call->buffer)
		return;
	enl_gpadl_destroy(call->ch, &call->gpadl);
	enl_shared_free(dev, call->buffer, call->bytes);
	call->buffer = NULL;
}

static void prepare_buffer(struct stage *s, struct stage_call *call)
{
	call->buffer = enl_shared_alloc(s->dev, call->bytes);
	KUNIT_ASSERT_NOT_NULL(s->test, call->buffer);
}

/* P-061, vmbus.md 11.4: header, two bodies, the answer */
static void rescind_at_each_boundary_of_a_new_gpadl(struct kunit *test)
{
	static const struct round r = {
		.prepare = prepare_buffer, .call = stage_do_create, .remove = remove_buffer,
	};

	at_each_boundary(test, &r, 4);
}

static void prepare_gpadl(struct stage *s, struct stage_call *call)
{
	prepare_buffer(s, call);
	KUNIT_ASSERT_EQ(s->test, enl_gpadl_create(call->ch, call->buffer, call->bytes,
						  &call->gpadl), 0);
}

/* P-078: teardown, the answer */
static void rescind_at_each_boundary_of_a_teardown(struct kunit *test)
{
	static const struct round r = {
		.prepare = prepare_gpadl, .call = stage_do_destroy, .remove = remove_buffer,
	};

	at_each_boundary(test, &r, 2);
}

static void prepare_move(struct stage *s, struct stage_call *call)
{
	prepare_open(s, call);
	call->cpu = enl_channel_cpu(call->ch) ? 0 : 1;
}

/* P-059: MODIFY_CHANNEL, the answer */
static void rescind_at_each_boundary_of_a_move(struct kunit *test)
{
	static const struct round r = { .prepare = prepare_move, .call = stage_do_set_cpu };

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	at_each_boundary(test, &r, 2);
}

static int do_talk(void *call)
{
	struct stage_call *c = call;

	return stage_talk(c->s, c->ch);
}

/* P-049: a request under way ends when its channel does. */
static void rescind_at_each_boundary_of_an_exchange(struct kunit *test)
{
	static const struct round r = { .prepare = prepare_open, .call = do_talk };

	at_each_boundary(test, &r, 2);
}

/* --- probe */

static int probe_does_everything(struct stage *s, struct enl_device *dev)
{
	struct enl_channel *ch = enl_channel_primary(dev);
	struct enl_gpadl gpadl = { };
	void *buffer;
	int err;

	err = stage_open(s, ch);
	if (err)
		return err;
	buffer = enl_shared_alloc(dev, BUFFER_BYTES);
	err = buffer ? enl_gpadl_create(ch, buffer, BUFFER_BYTES, &gpadl) : -ENOMEM;
	if (!err)
		err = stage_talk(s, ch);
	enl_channel_close(ch);
	enl_gpadl_destroy(ch, &gpadl);
	enl_shared_free(dev, buffer, BUFFER_BYTES);
	return err;
}

/* P-041, P-044, vmbus.md 11.1: from the offer to the end of probe, and no wait hangs. */
static void rescind_at_each_boundary_of_probe(struct kunit *test)
{
	struct stage *s = stage_up_slow(test);
	unsigned int steps, i;
	u32 relid;

	s->probe = probe_does_everything;
	for (steps = 1; steps < MOST_STEPS; steps++) {
		fakehost_set_manual(s->fh, true);
		relid = stage_offer(s, 10 + steps);
		for (i = 0; i < steps && stage_take_step(s, IDLE_MS); i++)
			;
		fakehost_rescind(s->fh, relid);
		fakehost_set_manual(s->fh, false);
		if (!stage_wait_gone(s, steps))
			KUNIT_FAIL(test, "after %u steps: never given back", i);
		fakehost_check_rules(test, s->fh);
		if (i < steps)
			break;
	}
	KUNIT_EXPECT_GT(test, steps, 12u);
	KUNIT_EXPECT_LT(test, steps, MOST_STEPS);
	KUNIT_EXPECT_EQ(test, s->bus->channel_count, 1u);
	KUNIT_EXPECT_GT(test, s->failed_probes, 3u);
	stage_down(s);
}

/* --- sub-channels */

static void given_opens(struct stage *s, struct enl_channel *ch)
{
	int err = stage_open(s, ch);

	if (!err)
		err = stage_talk(s, ch);
	if (err && err != -ENODEV)
		KUNIT_FAIL(s->test, "sub-channel: %d", err);
}

static void remove_closes_subs(struct stage *s, struct enl_device *dev)
{
	unsigned int i;

	stage_remove_joins(s, dev);
	for (i = 0; i < min(s->subs, STAGE_SUBS); i++) {
		if (s->sub[i])
			enl_channel_close(s->sub[i]);
		s->sub[i] = NULL;
	}
}

/* P-058: from the offer of a sub-channel until it is in use; it stays until the driver closes. */
static void rescind_at_each_boundary_of_a_sub_channel(struct kunit *test)
{
	struct stage *s = stage_up_slow(test);
	unsigned int steps, i;
	u32 relid;

	s->given = given_opens;
	s->remove = remove_closes_subs;
	enl_device_expect_subchannels(s->dev, 1);
	for (steps = 1; steps < MOST_STEPS; steps++) {
		fakehost_set_manual(s->fh, true);
		relid = stage_offer_sub(s, 1, 1);
		for (i = 0; i < steps && stage_take_step(s, IDLE_MS); i++)
			;
		fakehost_rescind(s->fh, relid);
		fakehost_set_manual(s->fh, false);
		KUNIT_EXPECT_TRUE(test, stage_quiet(s));
		/* If it was open it goes when its driver lets go. */
		for (i = 0; i < min(s->subs, STAGE_SUBS); i++) {
			if (s->sub[i])
				enl_channel_close(s->sub[i]);
		}
		if (!stage_wait_gone(s, steps))
			KUNIT_FAIL(test, "after %u steps: never given back", steps);
		fakehost_check_rules(test, s->fh);
		if (steps > 12)
			break;
	}
	KUNIT_EXPECT_EQ(test, s->removes, 0u);
	KUNIT_EXPECT_EQ(test, s->bus->channel_count, 1u);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_UNASKED), 0L);
	stage_down(s);
}

/* P-058, P-050: opened later, by another thread of the driver; nobody closes after the failure. */
static void sub_channel_rescinded_while_it_opens_is_given_back(struct kunit *test)
{
	struct stage *s = stage_up_slow(test);
	struct stage_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);
	unsigned int steps, i;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, call);
	for (steps = 0; steps < 3; steps++) {
		enl_device_expect_subchannels(s->dev, 1);
		stage_offer_sub(s, 1, 1);
		KUNIT_ASSERT_TRUE(test, fakehost_wait_for(s->subs == steps + 1, STAGE_SOON_MS));
		stage_quiet(s);
		*call = (struct stage_call){ .s = s, .ch = s->sub[steps] };
		fakehost_set_manual(s->fh, true);
		KUNIT_ASSERT_EQ(test, fakehost_call(s->fh, stage_do_open, call), 0);
		KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_GPADL_HEADER,
							     steps + 1, STAGE_SOON_MS));
		for (i = 0; i < steps; i++)
			stage_take_step(s, IDLE_MS);
		fakehost_rescind(s->fh, call->ch->relid);
		fakehost_set_manual(s->fh, false);
		KUNIT_ASSERT_TRUE(test, fakehost_called(s->fh, STAGE_SOON_MS, &err));
		KUNIT_EXPECT_EQ(test, err, -ENODEV);
		if (!stage_wait_gone(s, steps + 1))
			KUNIT_FAIL(test, "after %u steps: never given back", steps);
	}
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rescind_at_each_boundary_of_open),
	KUNIT_CASE(rescind_at_each_boundary_of_close),
	KUNIT_CASE(rescind_at_each_boundary_of_a_new_gpadl),
	KUNIT_CASE(rescind_at_each_boundary_of_a_teardown),
	KUNIT_CASE(rescind_at_each_boundary_of_a_move),
	KUNIT_CASE(rescind_at_each_boundary_of_an_exchange),
	KUNIT_CASE(rescind_at_each_boundary_of_probe),
	KUNIT_CASE(rescind_at_each_boundary_of_a_sub_channel),
	KUNIT_CASE(sub_channel_rescinded_while_it_opens_is_given_back),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_rescind",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
