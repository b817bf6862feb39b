// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sub-channels: whose they are, how many there may be, when their driver hears of them.
 * Calls the bus through the stage. Withdrawn together with their primary: withdraw_test.c.
 */
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/string.h>
#include "kunit/stage.h"

/* vmbus.md 12.15: OFFER_ORPHAN; P-050. */
static void refuses_sub_channel_without_its_primary(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);

	enl_device_expect_subchannels(s->dev, 4);
	stage_offer_sub(s, 10, 1);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_ORPHAN), 1L);
	/* The right instance of the wrong class. */
	fakehost_offer_sub(s->fh, &stage_perf_class, 1, 1, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 2));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_ORPHAN), 2L);
	KUNIT_EXPECT_EQ(test, s->subs, 0u);
	stage_down(s);
}

/* vmbus.md 12.15: OFFER_UNASKED: no more than the driver asked for, and none if it did not ask. */
static void refuses_sub_channels_beyond_what_was_asked_for(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);

	stage_offer_sub(s, 1, 1);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_UNASKED), 1L);

	enl_device_expect_subchannels(s->dev, 2);
	stage_offer_sub(s, 1, 1);
	stage_offer_sub(s, 1, 2);
	stage_offer_sub(s, 1, 3);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 2));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_UNASKED), 2L);
	KUNIT_EXPECT_EQ(test, s->subs, 2u);
	stage_down(s);
}

/* P-056: fewer than promised, the same twice, one after another: what came works. */
static void sub_channels_work_as_they_come(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	unsigned int i;

	enl_device_expect_subchannels(s->dev, 8);
	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	for (i = 0; i < 3; i++) {
		stage_offer_sub(s, 1, 3 - i);
		stage_offer_sub(s, 1, 3 - i);
		KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1 + i));
		KUNIT_ASSERT_EQ(test, s->subs, i + 1);
		KUNIT_EXPECT_EQ(test, enl_channel_index(s->sub[i]), (u16)(3 - i));
		KUNIT_EXPECT_PTR_EQ(test, enl_channel_device(s->sub[i]), s->dev);
		KUNIT_EXPECT_EQ(test, stage_open(s, s->sub[i]), 0);
		KUNIT_EXPECT_EQ(test, stage_talk(s, s->sub[i]), 0);
	}
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_DUPLICATE), 3L);
	KUNIT_EXPECT_EQ(test, stage_talk(s, stage_channel(s)), 0);
	for (i = 0; i < 3; i++)
		enl_channel_close(s->sub[i]);
	enl_channel_close(stage_channel(s));
	stage_down(s);
}

static int probe_asks_and_waits(struct stage *s, struct enl_device *dev)
{
	enl_device_expect_subchannels(dev, 2);
	complete_all(&s->gate);
	/* A driver should not; if it does, no offer of anybody may be held up by it. */
	fakehost_wait_for(s->bus && s->bus->channel_count == 4, STAGE_SOON_MS);
	return 0;
}

/* P-055: sub-channels are taken while their primary is probed, and told of right after. */
static void sub_channel_offers_do_not_wait_for_probe(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	unsigned long start;

	s->probe = probe_asks_and_waits;
	stage_offer(s, 10);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&s->gate, HZ * 5));
	start = jiffies;
	stage_offer_sub(s, 10, 1);
	stage_offer_sub(s, 10, 2);
	KUNIT_EXPECT_TRUE(test, stage_wait_probes(s, 2));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(s->subs == 2, STAGE_SOON_MS));
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), STAGE_SOON_MS);
	stage_down(s);
}

/* vmbus.md 10.4, 11.4: what is withdrawn is none of those that were asked for, even in use. */
static void withdrawn_sub_channel_makes_room_for_another(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	u32 relid;

	enl_device_expect_subchannels(s->dev, 1);
	relid = stage_offer_sub(s, 1, 1);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(s->subs == 1, STAGE_SOON_MS));
	KUNIT_ASSERT_EQ(test, stage_open(s, s->sub[0]), 0);
	fakehost_rescind(s->fh, relid);
	KUNIT_EXPECT_TRUE(test, stage_quiet(s));
	KUNIT_EXPECT_EQ(test, s->bus->channel_count, 2u);
	stage_offer_sub(s, 1, 1);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(s->subs == 2, STAGE_SOON_MS));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_UNASKED), 0L);
	KUNIT_EXPECT_EQ(test, stage_open(s, s->sub[1]), 0);
	KUNIT_EXPECT_EQ(test, stage_talk(s, s->sub[1]), 0);
	/* One at a time is one at a time. */
	stage_offer_sub(s, 1, 2);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_OFFER_UNASKED, 1));
	enl_channel_close(s->sub[0]);
	enl_channel_close(s->sub[1]);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 2));
	stage_down(s);
}

/* vmbus.md 12.22: OFFER_LIMIT: the objects stay with the driver, so there is an end to them. */
static void withdrawn_sub_channels_are_not_kept_without_bound(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	unsigned int i;

	enl_device_expect_subchannels(s->dev, 1);
	for (i = 1; i <= 3; i++) {
		u32 relid = stage_offer_sub(s, 1, 1);

		KUNIT_ASSERT_TRUE(test, fakehost_wait_for(s->subs == i, STAGE_SOON_MS));
		fakehost_rescind(s->fh, relid);
		KUNIT_ASSERT_TRUE(test, stage_wait_gone(s, i));
	}
	KUNIT_EXPECT_EQ(test, stage_channel(s)->given_count, 3u);
	/* As if it had gone on for long. */
	device_lock(s->dev->dev);
	stage_channel(s)->given_count += ENL_MAX_GIVEN - 3;
	device_unlock(s->dev->dev);
	stage_offer_sub(s, 1, 1);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_OFFER_LIMIT, 1));
	KUNIT_EXPECT_EQ(test, s->subs, 3u);
	device_lock(s->dev->dev);
	stage_channel(s)->given_count -= ENL_MAX_GIVEN - 3;
	device_unlock(s->dev->dev);
	KUNIT_EXPECT_EQ(test, stage_open(s, stage_channel(s)), 0);
	KUNIT_EXPECT_EQ(test, stage_talk(s, stage_channel(s)), 0);
	enl_channel_close(stage_channel(s));
	stage_down(s);
}

static unsigned int shown;	/* sub-channels that had a directory when the driver heard */

static void given_is_shown(struct stage *s, struct enl_channel *ch)
{
	shown += ch->kobj && !strcmp(kobject_name(ch->kobj->parent), "channels");
}

static int probe_asks(struct stage *s, struct enl_device *dev)
{
	enl_device_expect_subchannels(dev, 1);
	complete_all(&s->entered);
	wait_for_completion_timeout(&s->gate, msecs_to_jiffies(STAGE_SOON_MS));
	return 0;
}

/* P-070: the first sub-channel may be told of before its primary has a directory. */
static void sub_channel_of_a_fresh_device_is_shown(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	unsigned int i;

	shown = 0;
	s->probe = probe_asks;
	s->given = given_is_shown;
	for (i = 0; i < 20; i++) {
		reinit_completion(&s->entered);
		reinit_completion(&s->gate);
		stage_offer(s, 10 + i);
		KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&s->entered, HZ * 5));
		stage_offer_sub(s, 10 + i, 1);
		KUNIT_ASSERT_TRUE(test, fakehost_wait_for(s->bus->channel_count == 3 + 2 * i,
							  STAGE_SOON_MS));
		complete_all(&s->gate);
		KUNIT_ASSERT_TRUE(test, fakehost_wait_for(s->subs == i + 1, STAGE_SOON_MS));
	}
	KUNIT_EXPECT_EQ(test, shown, 20u);
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refuses_sub_channel_without_its_primary),
	KUNIT_CASE(refuses_sub_channels_beyond_what_was_asked_for),
	KUNIT_CASE(sub_channels_work_as_they_come),
	KUNIT_CASE(sub_channel_offers_do_not_wait_for_probe),
	KUNIT_CASE(withdrawn_sub_channel_makes_room_for_another),
	KUNIT_CASE(withdrawn_sub_channels_are_not_kept_without_bound),
	KUNIT_CASE(sub_channel_of_a_fresh_device_is_shown),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_subchannel",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
