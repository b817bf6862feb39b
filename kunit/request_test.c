// SPDX-License-Identifier: GPL-2.0-only
/*
 * Posting requests and waiting for answers: refusals, silence, wrong, late and doubled answers.
 * Calls the fake host and the drivers' API. Specification 3.4, 11.4, 12.5, 12.25 to 12.28.
 * Every request that the guest knows is tried against each way of not being answered.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "kunit/bus_world.h"

struct scene {
	struct fakehost *fh;
	struct enl_bus *bus;
	struct enl_channel *ch;
	u32 relid;
};

/* A bus with one device whose channel is closed. */
static void set_scene(struct kunit *test, struct scene *s,
		      const struct vsp_personality *personality, unsigned int request_ms)
{
	struct fakehost_options options = { .personality = personality };
	struct enl_bus_options limits = fakehost_limits;

	limits.request_ms = request_ms ?: 10000;
	limits.post_ms = 600;
	s->fh = fakehost_create(test, &options);
	KUNIT_ASSERT_NOT_NULL(test, s->fh);
	s->relid = fakehost_offer(s->fh, &bus_class, 1, NULL, NULL);
	s->bus = bus_up(test, s->fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, s->bus);
	KUNIT_ASSERT_TRUE(test, bus_probed(bus_record.removes + 1));
	s->ch = enl_channel_primary(bus_record.dev);
}

/* P-001, P-002 vmbus.md 3.4: asked to wait, the guest posts again, quickly, and once in all. */
static void refusal_that_passes_is_tried_again(struct kunit *test)
{
	static const u16 statuses[] = {
		ENL_HV_INVALID_CONNECTION, ENL_HV_INSUFFICIENT_MEMORY,
		ENL_HV_INSUFFICIENT_BUFFERS, ENL_HV_TIMEOUT,
	};
	static const unsigned int times[] = { 1, 5, 12 };
	unsigned int i, k, opens = 0, tries = 0;
	u64 tried;
	struct scene s;

	set_scene(test, &s, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		for (k = 0; k < ARRAY_SIZE(times); k++) {
			long retries = atomic_long_read(&s.bus->post_retries);
			unsigned long start = jiffies;

			fakehost_post_status(s.fh, ENL_MSG_OPEN, statuses[i], times[k]);
			KUNIT_EXPECT_EQ(test, enl_channel_open(s.ch, &bus_setup), 0);
			/* 12 delays from 1 us on, doubled, are 4 ms; the rest is this machine */
			KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 5000u);
			enl_channel_close(s.ch);
			opens++;
			tries += 1 + times[k];
			KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_OPEN), (u64)opens);
			tried = FAKEHOST_PEEK(s.fh, vsp_tried(s.fh->host, ENL_MSG_OPEN));
			KUNIT_EXPECT_EQ(test, tried, (u64)tries);
			KUNIT_EXPECT_GE(test, atomic_long_read(&s.bus->post_retries) - retries,
					(long)times[k]);
		}
	}
	KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_POST_FAILED), 0L);
	bus_down(test, s.fh, s.bus);
}

/* P-001: a hundred refusals are more than the limit: POST_FAILED, and the caller hears it. */
static void refusal_that_lasts_is_given_up(struct kunit *test)
{
	unsigned long start;
	struct scene s;

	set_scene(test, &s, NULL, 0);
	start = jiffies;
	fakehost_post_status(s.fh, ENL_MSG_OPEN, ENL_HV_INSUFFICIENT_BUFFERS, 100);
	KUNIT_EXPECT_EQ(test, enl_channel_open(s.ch, &bus_setup), -ETIMEDOUT);
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 10000u);
	KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_POST_FAILED), 1L);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_OPEN), 0ull);
	bus_down(test, s.fh, s.bus);
}

/* P-001 vmbus.md 3.4: no is no, for known and unknown statuses; the channel can be opened later. */
static void refusal_for_good_is_reported_at_once(struct kunit *test)
{
	static const u16 statuses[] = {
		ENL_HV_INVALID_CODE, ENL_HV_INVALID_INPUT, ENL_HV_INVALID_ALIGNMENT,
		ENL_HV_INVALID_PARAMETER, ENL_HV_ACCESS_DENIED, ENL_HV_OPERATION_DENIED,
		ENL_HV_INVALID_PORT, ENL_HV_INVALID_SYNIC_STATE, ENL_HV_OBJECT_IN_USE,
		0x01, 0x7f, 0xfffe, 0xffff,
	};
	static const u32 kinds[] = { ENL_MSG_GPADL_HEADER, ENL_MSG_OPEN };
	unsigned int i, k;
	struct scene s;

	set_scene(test, &s, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		for (k = 0; k < ARRAY_SIZE(kinds); k++) {
			u64 tried = FAKEHOST_PEEK(s.fh, vsp_tried(s.fh->host, kinds[k]));

			fakehost_post_status(s.fh, kinds[k], statuses[i], 1);
			KUNIT_EXPECT_EQ(test, enl_channel_open(s.ch, &bus_setup), -EIO);
			KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(s.fh, vsp_tried(s.fh->host, kinds[k])),
					tried + 1);
			/* two lines of the plan more, of which it holds few */
			FAKEHOST_RUN(s.fh, vsp_fault_clear(s.fh->host));
		}
	}
	KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_POST_FAILED),
			2L * ARRAY_SIZE(statuses));
	KUNIT_EXPECT_EQ(test, enl_channel_open(s.ch, &bus_setup), 0);
	bus_down(test, s.fh, s.bus);
}

/*
 * vmbus.md 12.28, 12.45: no answer to OPEN or to the GPADL before it. ANSWER_LATE; the memory is
 * the host's until it says more, MEMORY_KEPT; a late answer meets nobody.
 */
static void silence_while_opening_ends_in_time_and_keeps_the_memory(struct kunit *test)
{
	static const u32 kinds[] = { ENL_MSG_GPADL_CREATED, ENL_MSG_OPEN_RESULT };
	unsigned int k;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		unsigned long start;
		struct scene s;

		set_scene(test, &s, NULL, 200);
		start = jiffies;
		fakehost_hold(s.fh, kinds[k], true);
		KUNIT_EXPECT_EQ(test, enl_channel_open(s.ch, &bus_setup), -ETIMEDOUT);
		KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 10000u);
		KUNIT_EXPECT_GE(test, bus_faults(s.bus, ENL_FAULT_ANSWER_LATE), 1L);
		KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_MEMORY_KEPT), 1L);
		KUNIT_EXPECT_EQ(test, s.bus->kept_pages, 10u);
		fakehost_hold(s.fh, kinds[k], false);
		KUNIT_EXPECT_TRUE(test, fakehost_wait_for(
			bus_faults(s.bus, ENL_FAULT_REPLY_UNEXPECTED) == 1, BUS_WAIT));
		/* what the host may believe open is not opened a second time */
		if (kinds[k] == ENL_MSG_OPEN_RESULT)
			KUNIT_EXPECT_EQ(test, enl_channel_open(s.ch, &bus_setup), -ETIMEDOUT);
		KUNIT_EXPECT_EQ(test, s.bus->kept_pages, 10u);
		bus_down(test, s.fh, s.bus);
		KUNIT_EXPECT_EQ(test, bus_end.leaked_pages, 0u);
	}
}

/* vmbus.md 12.27, 12.28, 12.45: the ring is not given back; the close ends all the same. */
static void silence_while_closing_ends_in_time_and_keeps_the_memory(struct kunit *test)
{
	unsigned long start;
	struct scene s;

	set_scene(test, &s, NULL, 200);
	KUNIT_ASSERT_EQ(test, enl_channel_open(s.ch, &bus_setup), 0);
	start = jiffies;
	fakehost_hold(s.fh, ENL_MSG_GPADL_TORNDOWN, true);
	enl_channel_close(s.ch);
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 10000u);
	KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_ANSWER_LATE), 1L);
	KUNIT_EXPECT_EQ(test, s.bus->kept_pages, 10u);
	fakehost_hold(s.fh, ENL_MSG_GPADL_TORNDOWN, false);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(
		bus_faults(s.bus, ENL_FAULT_REPLY_UNEXPECTED) == 1, BUS_WAIT));
	bus_down(test, s.fh, s.bus);
	KUNIT_EXPECT_EQ(test, bus_end.leaked_pages, 0u);
}

/* vmbus.md 5.7, 12.28: MODIFY_CHANNEL is waited for from 5.3 on, asked from 4.1 on. */
static void change_of_processor_waits_only_where_it_is_answered(struct kunit *test)
{
	static const struct {
		u32 version;
		int result;
		bool late;
	} rows[] = {
		{ ENL_VERSION_4_0, -EINVAL, false }, { ENL_VERSION_4_1, 0, false },
		{ ENL_VERSION_5_2, 0, false }, { ENL_VERSION_5_3, -ETIMEDOUT, true },
	};
	unsigned int i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vsp_personality only = vsp_host_2022;
		unsigned int from;
		struct scene s;

		only.only_version = rows[i].version;
		set_scene(test, &s, &only, 200);
		KUNIT_ASSERT_EQ(test, enl_channel_open(s.ch, &bus_setup), 0);
		from = enl_channel_cpu(s.ch);
		fakehost_hold(s.fh, ENL_MSG_MODIFY_CHANNEL_RESPONSE, true);
		KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(s.ch, from ? 0 : 1), rows[i].result);
		KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_ANSWER_LATE),
				rows[i].late ? 1L : 0L);
		KUNIT_EXPECT_EQ(test, fakehost_posted(s.fh, ENL_MSG_MODIFY_CHANNEL),
				rows[i].result == -EINVAL ? 0ull : 1ull);
		fakehost_hold(s.fh, ENL_MSG_MODIFY_CHANNEL_RESPONSE, false);
		enl_channel_close(s.ch);
		bus_down(test, s.fh, s.bus);
	}
}

/* vmbus.md 12.5, P-016: the second of two answers meets nobody. */
static void doubled_answers_complete_one_wait_each(struct kunit *test)
{
	static const u32 kinds[] = {
		ENL_MSG_GPADL_CREATED, ENL_MSG_OPEN_RESULT, ENL_MSG_GPADL_TORNDOWN,
	};
	struct scene s;
	unsigned int k;

	set_scene(test, &s, NULL, 0);
	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct vsp_fault twice = {
			.point = VSP_AT_MESSAGE, .action = VSP_REPEAT, .key = kinds[k],
		};

		fakehost_fault(s.fh, &twice);
	}
	for (k = 0; k < 3; k++) {
		KUNIT_EXPECT_EQ(test, enl_channel_open(s.ch, &bus_setup), 0);
		enl_channel_close(s.ch);
	}
	fakehost_settle(s.fh, 2000);
	KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_REPLY_UNEXPECTED), 3L);
	bus_down(test, s.fh, s.bus);
}

/* A message past the host's queue, since those that are held back wait there. */
static void tell(struct scene *s, u32 type, u32 first, u32 second)
{
	__le32 words[5] = {
		cpu_to_le32(type), 0, cpu_to_le32(first), cpu_to_le32(second), 0,
	};
	void *copy = kmemdup(words, sizeof(words), GFP_KERNEL);

	if (copy)
		s->fh->up->message(s->fh->up_context, copy, sizeof(words));
	kfree(copy);
}

/* P-016 vmbus.md 12.25, 12.26, 12.27: kind, channel and number must be those of the request. */
static void answers_to_another_question_are_not_taken(struct kunit *test)
{
	struct vsp_record r;
	struct scene s;
	int err = -1;
	u32 id;

	set_scene(test, &s, NULL, 0);
	/* in no state: nobody opens */
	tell(&s, ENL_MSG_OPEN_RESULT, s.relid, 1);
	KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_REPLY_UNEXPECTED), 1L);
	fakehost_hold(s.fh, ENL_MSG_OPEN_RESULT, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(s.fh, bus_open_call, s.ch), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s.fh, ENL_MSG_OPEN, 1, BUS_WAIT));
	KUNIT_ASSERT_TRUE(test, fakehost_message(s.fh, ENL_MSG_OPEN, 0, &r));
	id = le32_to_cpu(((const struct enl_msg_open *)r.message)->open_id);
	tell(&s, ENL_MSG_OPEN_RESULT, s.relid + 1, id);
	tell(&s, ENL_MSG_OPEN_RESULT, s.relid, id + 1);
	tell(&s, ENL_MSG_OPEN_RESULT, s.relid, 0);
	tell(&s, ENL_MSG_GPADL_CREATED, s.relid, id);
	tell(&s, ENL_MSG_GPADL_TORNDOWN, id, 0);
	tell(&s, ENL_MSG_MODIFY_CHANNEL_RESPONSE, s.relid, 0);
	tell(&s, ENL_MSG_UNLOAD_COMPLETE, 0, 0);
	KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_REPLY_UNEXPECTED), 7L);
	KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_MESSAGE_STATE), 1L);
	KUNIT_EXPECT_FALSE(test, fakehost_called(s.fh, 1, &err));
	fakehost_hold(s.fh, ENL_MSG_OPEN_RESULT, false);
	KUNIT_ASSERT_TRUE(test, fakehost_called(s.fh, BUS_WAIT, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	bus_down(test, s.fh, s.bus);
}

/* vmbus.md 11.4, 11.6, 12.28: a rescind ends each wait of its channel, long before the limit. */
static void rescind_ends_every_wait_of_its_channel(struct kunit *test)
{
	static const u32 kinds[] = {
		ENL_MSG_GPADL_CREATED, ENL_MSG_OPEN_RESULT, ENL_MSG_GPADL_TORNDOWN,
	};
	static const u32 asked[] = {
		ENL_MSG_GPADL_HEADER, ENL_MSG_OPEN, ENL_MSG_GPADL_TEARDOWN,
	};
	unsigned int k;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		bool closing = kinds[k] == ENL_MSG_GPADL_TORNDOWN;
		struct device *dev;
		unsigned long start;
		struct scene s;
		int err = 0;

		set_scene(test, &s, NULL, 60000);
		if (closing)
			KUNIT_ASSERT_EQ(test, enl_channel_open(s.ch, &bus_setup), 0);
		fakehost_hold(s.fh, kinds[k], true);
		/* a driver's thread would be waited for by its remove; this one holds on instead */
		dev = get_device(bus_record.dev->dev);
		start = jiffies;
		KUNIT_ASSERT_EQ(test, fakehost_call(s.fh, closing ? bus_close_call : bus_open_call,
						    s.ch), 0);
		KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s.fh, asked[k], 1, BUS_WAIT));
		fakehost_settle(s.fh, 1000);
		KUNIT_EXPECT_TRUE(test, fakehost_rescind(s.fh, s.relid));
		KUNIT_ASSERT_TRUE(test, fakehost_called(s.fh, BUS_WAIT, &err));
		KUNIT_EXPECT_EQ(test, err, closing ? 0 : -ENODEV);
		KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 30000u);
		KUNIT_EXPECT_EQ(test, bus_faults(s.bus, ENL_FAULT_ANSWER_LATE), 0L);
		KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(s.fh, ENL_MSG_RELID_RELEASED, 1,
							     BUS_WAIT));
		put_device(dev);
		fakehost_hold(s.fh, kinds[k], false);
		bus_down(test, s.fh, s.bus);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refusal_that_passes_is_tried_again),
	KUNIT_CASE(refusal_that_lasts_is_given_up),
	KUNIT_CASE(refusal_for_good_is_reported_at_once),
	KUNIT_CASE(silence_while_opening_ends_in_time_and_keeps_the_memory),
	KUNIT_CASE(silence_while_closing_ends_in_time_and_keeps_the_memory),
	KUNIT_CASE(change_of_processor_waits_only_where_it_is_answered),
	KUNIT_CASE(doubled_answers_complete_one_wait_each),
	KUNIT_CASE(answers_to_another_question_are_not_taken),
	KUNIT_CASE(rescind_ends_every_wait_of_its_channel),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_request",
	.init = bus_world_init,
	.exit = bus_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
