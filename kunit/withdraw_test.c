// SPDX-License-Identifier: GPL-2.0-only
/*
 * After a rescind: what fails and how, who goes first, and when the memory may be used again.
 * Calls the bus through the stage; in some cases the driver does not let go until told to.
 * Rescinds in the middle of something are in rescind_test.c.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include "kunit/stage.h"

#define RING_PAGES	(2 + 2 * STAGE_RING / ENL_HVPAGE_SIZE)
#define BUFFER_BYTES	(4 * ENL_HVPAGE_SIZE)

static u64 released(struct stage *s)
{
	return fakehost_posted(s->fh, ENL_MSG_RELID_RELEASED);
}

static void rescind_message(struct stage *s, u32 relid)
{
	struct enl_msg_relid msg = {
		.header.type = cpu_to_le32(ENL_MSG_RESCIND), .relid = cpu_to_le32(relid),
	};

	fakehost_inject(s->fh, &msg, sizeof(msg));
}

/* vmbus.md 12.24, P-051: RESCIND_UNKNOWN */
static void rescind_of_an_unknown_number_is_ignored(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	u32 relid = stage_offer(s, 2);
	const u32 unknown[] = { 0, relid, 999, ENL_RELID_LIMIT - 1, ENL_RELID_LIMIT,
				ENL_RELID_NONE };
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
	fakehost_rescind(s->fh, relid);
	KUNIT_ASSERT_TRUE(test, stage_wait_gone(s, 1));
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		rescind_message(s, unknown[i]);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_RESCIND_UNKNOWN, i));
	KUNIT_EXPECT_TRUE(test, stage_quiet(s));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_RESCIND_UNKNOWN), (long)i);
	KUNIT_EXPECT_EQ(test, released(s), 1ull);
	KUNIT_EXPECT_EQ(test, s->removes, 1u);
	stage_down(s);
}

/* vmbus.md 12.24, P-051: RESCIND_AGAIN, while the first one is still worked on */
static void second_rescind_of_a_channel_is_ignored(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	u32 relid = stage_channel(s)->relid;
	unsigned int i;

	s->remove = stage_remove_waits;
	fakehost_rescind(s->fh, relid);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&s->entered, 5 * HZ));
	for (i = 0; i < 3; i++)
		rescind_message(s, relid);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_RESCIND_AGAIN, 3));
	complete_all(&s->gate);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	KUNIT_EXPECT_EQ(test, s->removes, 1u);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_RESCIND_UNKNOWN), 0L);
	stage_down(s);
}

/* P-049, P-078, vmbus.md 12.28: nothing is posted, nothing waits, all of it says "no device". */
static void withdrawn_channel_answers_no_device(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct enl_channel *ch = stage_channel(s);
	struct enl_device *dev = s->dev;
	u8 payload[64] = { };
	struct enl_gpadl gpadl, none;
	void *buffer, *other;
	u64 posts;

	s->remove = stage_remove_waits;
	buffer = enl_shared_alloc(dev, BUFFER_BYTES);
	other = enl_shared_alloc(dev, BUFFER_BYTES);
	KUNIT_ASSERT_NOT_NULL(test, buffer);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_ASSERT_EQ(test, stage_open(s, ch), 0);
	KUNIT_ASSERT_EQ(test, enl_gpadl_create(ch, buffer, BUFFER_BYTES, &gpadl), 0);
	fakehost_rescind(s->fh, ch->relid);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&s->entered, 5 * HZ));

	posts = s->fh->counts.posts;
	KUNIT_EXPECT_TRUE(test, enl_channel_rescinded(ch));
	KUNIT_EXPECT_EQ(test, enl_send(ch, payload, sizeof(payload), 1, 0), -ENODEV);
	KUNIT_EXPECT_EQ(test, enl_send_completion(ch, payload, 8, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, stage_talk(s, ch), -ENODEV);
	KUNIT_EXPECT_EQ(test, enl_gpadl_create(ch, other, BUFFER_BYTES, &none), -ENODEV);
	KUNIT_EXPECT_EQ(test, none.id, 0u);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, ch->cpu ? 0 : num_online_cpus() - 1),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, enl_gpadl_destroy(ch, &gpadl), -ENODEV);
	enl_channel_close(ch);
	KUNIT_EXPECT_EQ(test, stage_open(s, ch), -ENODEV);
	KUNIT_EXPECT_EQ(test, s->fh->counts.posts, posts);
	enl_shared_free(dev, buffer, BUFFER_BYTES);
	enl_shared_free(dev, other, BUFFER_BYTES);
	complete_all(&s->gate);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	stage_down(s);
}

/* P-059: late answers for a channel that is gone meet nobody, whatever they answer. */
static void late_answers_for_a_withdrawn_channel_are_dropped(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	u32 relid = stage_channel(s)->relid;
	struct enl_msg_open_result opened = {
		.header.type = cpu_to_le32(ENL_MSG_OPEN_RESULT),
		.relid = cpu_to_le32(relid), .open_id = cpu_to_le32(1),
	};
	struct enl_msg_gpadl_created created = {
		.header.type = cpu_to_le32(ENL_MSG_GPADL_CREATED),
		.relid = cpu_to_le32(relid), .gpadl = cpu_to_le32(0xe1e10),
	};
	struct enl_msg_gpadl_torndown torndown = {
		.header.type = cpu_to_le32(ENL_MSG_GPADL_TORNDOWN), .gpadl = cpu_to_le32(0xe1e10),
	};
	struct enl_msg_modify_response moved = {
		.header.type = cpu_to_le32(ENL_MSG_MODIFY_CHANNEL_RESPONSE),
		.relid = cpu_to_le32(relid),
	};

	s->remove = stage_remove_waits;
	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	fakehost_rescind(s->fh, relid);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&s->entered, 5 * HZ));
	fakehost_inject(s->fh, &opened, sizeof(opened));
	fakehost_inject(s->fh, &created, sizeof(created));
	fakehost_inject(s->fh, &torndown, sizeof(torndown));
	fakehost_inject(s->fh, &moved, sizeof(moved));
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_REPLY_UNEXPECTED, 4));
	complete_all(&s->gate);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	stage_down(s);
}

/* --- memory */

static struct vsp_personality slow_host;

static struct stage *stage_up_slow(struct kunit *test, bool isolated)
{
	struct fakehost_options options = { .personality = &slow_host, .isolated = isolated };
	struct stage *s = STAGE(test);

	slow_host = vsp_host_2022;
	slow_host.linger = 4000000;
	s->limits.grace_ms = 800;
	return stage_up(test, &options);
}

/* vmbus.md 7.4, 12.45: a rescind is no barrier; the host's worker is slower than its messages. */
static void ring_is_not_reused_before_the_grace_period_ends(struct kunit *test)
{
	struct stage *s = stage_up_slow(test, false);

	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	fakehost_rescind(s->fh, stage_channel(s)->relid);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_RELID_RELEASED, 1,
						     STAGE_SOON_MS));
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), RING_PAGES);
	fakehost_check_rules(test, s->fh);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(!READ_ONCE(s->bus->kept_pages), 5000));
	fakehost_check_rules(test, s->fh);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_MEMORY_KEPT), 0L);
	stage_down(s);
}

/* vmbus.md 7.4, 12.44, 12.46: in an isolated guest only the end of the connection is a barrier. */
static void isolated_guest_keeps_the_ring_until_unload(struct kunit *test)
{
	struct stage *s = stage_up_slow(test, true);
	u64 shared = s->fh->counts.shared_pages;

	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	fakehost_rescind(s->fh, stage_channel(s)->relid);
	KUNIT_ASSERT_TRUE(test, stage_wait_gone(s, 1));
	msleep(1200);
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), RING_PAGES);
	stage_count(s, "shared", s->fh->counts.shared_pages, shared + RING_PAGES);
	stage_down(s);
	stage_count(s, "shared after unload", s->fh->counts.shared_pages, 0);
}

/* P-076: the RESCIND came first, so a TORNDOWN right behind it proves nothing (7.4). */
static void torndown_behind_a_rescind_frees_nothing(struct kunit *test)
{
	struct stage *s = stage_up_slow(test, false);
	struct stage_call call = { .s = s, .ch = stage_channel(s) };
	u32 relid = call.ch->relid;

	s->remove = stage_remove_joins;
	KUNIT_ASSERT_EQ(test, stage_open(s, call.ch), 0);
	KUNIT_ASSERT_TRUE(test, stage_quiet(s));
	fakehost_set_manual(s->fh, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(s->fh, stage_do_close, &call), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_GPADL_TEARDOWN, 1,
						     STAGE_SOON_MS));
	fakehost_rescind(s->fh, relid);
	/* Whoever works off rescinds is busy; the host says both things meanwhile. */
	mutex_lock(&s->bus->lock);
	fakehost_run_until_idle(s->fh);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(completion_done(&s->fh->call_done),
						  STAGE_SOON_MS));
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), RING_PAGES);
	fakehost_check_rules(test, s->fh);
	mutex_unlock(&s->bus->lock);
	fakehost_set_manual(s->fh, false);
	KUNIT_EXPECT_TRUE(test, fakehost_called(s->fh, STAGE_SOON_MS, NULL));
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	stage_down(s);
}

/* One rescind after another must not put off the end of the first one's grace. */
static void kept_memory_is_freed_while_more_comes(struct kunit *test)
{
	struct stage *s = STAGE(test);
	unsigned int i;

	s->limits.grace_ms = 400;
	stage_up(test, NULL);
	for (i = 0; i < 12; i++) {
		KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
		fakehost_rescind(s->fh, stage_channel(s)->relid);
		KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_RELID_RELEASED, i + 1,
							     STAGE_SOON_MS));
		stage_offer(s, 10 + i);
		KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, i + 2));
		msleep(200);
	}
	KUNIT_EXPECT_LT(test, READ_ONCE(s->bus->kept_pages), 11 * RING_PAGES);
	stage_down(s);
}

/* --- sub-channels and their primary */

static void remove_closes_all(struct stage *s, struct enl_device *dev)
{
	unsigned int i;

	for (i = 0; i < s->subs; i++)
		enl_channel_close(s->sub[i]);
	s->subs = 0;
	enl_channel_close(enl_channel_primary(dev));
}

/* A device with three sub-channels; channel 0 is the primary. */
static void offer_family(struct stage *s, u32 instance, bool open, u32 relid[4])
{
	unsigned int i, probes = s->probes;

	relid[0] = stage_offer(s, instance);
	KUNIT_ASSERT_TRUE(s->test, stage_wait_probes(s, probes + 1));
	enl_device_expect_subchannels(s->dev, 3);
	for (i = 1; i <= 3; i++)
		relid[i] = stage_offer_sub(s, instance, i);
	KUNIT_ASSERT_TRUE(s->test, fakehost_wait_for(s->subs == 3, STAGE_SOON_MS));
	for (i = 0; open && i < 3; i++)
		KUNIT_ASSERT_EQ(s->test, stage_open(s, s->sub[i]), 0);
	if (open)
		KUNIT_ASSERT_EQ(s->test, stage_open(s, stage_channel(s)), 0);
}

/* P-058: primary first, sub-channels first, and every mixture that the host may think of. */
static void family_is_withdrawn_in_any_order(struct kunit *test)
{
	static const u8 order[][4] = {
		{ 0, 1, 2, 3 }, { 1, 2, 3, 0 }, { 1, 0, 3, 2 }, { 3, 2, 0, 1 },
	};
	struct stage *s = stage_up(test, NULL);
	unsigned int i, k, round;
	u32 relid[4];

	s->remove = remove_closes_all;
	for (round = 0; round < 3 * ARRAY_SIZE(order); round++) {
		unsigned int removes = s->removes;

		i = round % ARRAY_SIZE(order);
		offer_family(s, 10 + round, round % 3 != 1, relid);
		for (k = 0; k < 4; k++) {
			fakehost_rescind(s->fh, relid[order[i][k]]);
			/* All at once, or each when the one before has been worked on. */
			if (round % 3 == 2)
				KUNIT_ASSERT_TRUE(test, stage_quiet(s));
		}
		if (!stage_wait_gone(s, 4 * (round + 1)))
			KUNIT_FAIL(test, "order %u, round %u: not all given back", i, round);
		KUNIT_EXPECT_EQ(test, s->removes, removes + 1);
		KUNIT_EXPECT_EQ(test, s->bus->channel_count, 1u);
	}
	stage_down(s);
}

/* P-058, vmbus.md 10.4: after the primary's removal a sub-channel waits for its own rescind. */
static void sub_channel_outlives_its_primary(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	u32 relid[4];

	s->remove = remove_closes_all;
	offer_family(s, 10, true, relid);
	fakehost_rescind(s->fh, relid[0]);
	KUNIT_ASSERT_TRUE(test, stage_wait_gone(s, 1));
	KUNIT_EXPECT_EQ(test, s->bus->channel_count, 4u);
	/* They belong to nobody: the next self of the device has its own. */
	stage_offer(s, 10);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 3));
	fakehost_rescind(s->fh, relid[2]);
	fakehost_rescind(s->fh, relid[1]);
	fakehost_rescind(s->fh, relid[3]);
	KUNIT_ASSERT_TRUE(test, stage_wait_gone(s, 4));
	KUNIT_EXPECT_EQ(test, s->bus->channel_count, 2u);
	KUNIT_EXPECT_EQ(test, stage_open(s, stage_channel(s)), 0);
	KUNIT_EXPECT_EQ(test, stage_talk(s, stage_channel(s)), 0);
	enl_channel_close(stage_channel(s));
	stage_down(s);
}

/* P-058: the bus stops with a family of which a part is withdrawn. */
static void bus_stops_with_half_a_family(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	u32 relid[4];

	s->remove = remove_closes_all;
	offer_family(s, 10, true, relid);
	fakehost_rescind(s->fh, relid[2]);
	fakehost_rescind(s->fh, relid[0]);
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rescind_of_an_unknown_number_is_ignored),
	KUNIT_CASE(second_rescind_of_a_channel_is_ignored),
	KUNIT_CASE(withdrawn_channel_answers_no_device),
	KUNIT_CASE(late_answers_for_a_withdrawn_channel_are_dropped),
	KUNIT_CASE(ring_is_not_reused_before_the_grace_period_ends),
	KUNIT_CASE(isolated_guest_keeps_the_ring_until_unload),
	KUNIT_CASE(torndown_behind_a_rescind_frees_nothing),
	KUNIT_CASE(kept_memory_is_freed_while_more_comes),
	KUNIT_CASE(family_is_withdrawn_in_any_order),
	KUNIT_CASE(sub_channel_outlives_its_primary),
	KUNIT_CASE(bus_stops_with_half_a_family),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_withdraw",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
