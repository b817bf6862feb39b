// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that go and come back: parked offers, numbers used again at once, late events.
 * Calls the bus through the stage. The model counts each number that is given back twice or never.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include "kunit/stage.h"

static u64 released(struct stage *s)
{
	return fakehost_posted(s->fh, ENL_MSG_RELID_RELEASED);
}

/* Device 1 is withdrawn, and its driver's remove does not return before the gate opens. */
static struct stage *stage_with_device_in_use(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);

	s->remove = stage_remove_waits;
	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	fakehost_rescind(s->fh, stage_channel(s)->relid);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&s->entered, HZ * 5));
	return s;
}

static void works(struct stage *s)
{
	KUNIT_ASSERT_EQ(s->test, stage_open(s, stage_channel(s)), 0);
	KUNIT_EXPECT_EQ(s->test, stage_talk(s, stage_channel(s)), 0);
	enl_channel_close(stage_channel(s));
}

static bool is_parked(struct stage *s)
{
	bool parked;

	mutex_lock(&s->bus->lock);
	parked = !list_empty(&s->bus->parked);
	mutex_unlock(&s->bus->lock);
	return parked;
}

/* vmbus.md 11.3: the new self of a device waits until the old one is gone. */
static void offer_of_a_device_in_use_waits_for_its_end(struct kunit *test)
{
	struct stage *s = stage_with_device_in_use(test);

	stage_offer(s, 1);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(is_parked(s), STAGE_SOON_MS));
	KUNIT_EXPECT_EQ(test, s->probes, 1u);
	KUNIT_EXPECT_EQ(test, released(s), 0ull);
	s->remove = NULL;
	complete_all(&s->gate);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
	KUNIT_EXPECT_EQ(test, released(s), 1ull);
	works(s);
	stage_down(s);
}

/* vmbus.md 11.3: a rescind finds the parked offer; its number goes back at once. */
static void parked_offer_can_be_rescinded(struct kunit *test)
{
	struct stage *s = stage_with_device_in_use(test);
	u32 relid = stage_offer(s, 1);

	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(is_parked(s), STAGE_SOON_MS));
	fakehost_rescind(s->fh, relid);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_RELID_RELEASED, 1,
						     STAGE_SOON_MS));
	KUNIT_EXPECT_FALSE(test, is_parked(s));
	complete_all(&s->gate);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 2));
	KUNIT_EXPECT_EQ(test, s->probes, 1u);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_RESCIND_UNKNOWN), 0L);
	stage_down(s);
}

/* vmbus.md 12.22: a host cannot fill memory with offers of a device that nobody lets go. */
static void one_offer_of_a_device_is_parked_at_most(struct kunit *test)
{
	struct stage *s = stage_with_device_in_use(test);
	u32 relid = stage_offer(s, 1);
	struct enl_msg_offer raw = {
		.header.type = cpu_to_le32(ENL_MSG_OFFER),
		.class_id = stage_class,
		.instance_id = fakehost_instance(77),
		.relid = cpu_to_le32(relid),
	};
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(is_parked(s), STAGE_SOON_MS));
	for (i = 0; i < 5; i++)
		stage_offer(s, 1);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_RELID_RELEASED, 5,
						     STAGE_SOON_MS));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_DUPLICATE), 5L);
	/* The number of the parked one is in use as much as any. */
	fakehost_inject(s->fh, &raw, sizeof(raw));
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_OFFER_RELID, 1));

	s->remove = NULL;
	complete_all(&s->gate);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
	KUNIT_EXPECT_EQ(test, stage_channel(s)->relid, relid);
	KUNIT_EXPECT_EQ(test, released(s), 6ull);
	works(s);
	stage_down(s);
}

/* Rescind, offer, rescind, ... faster than the old self goes: each number goes back once. */
static void parked_and_rescinded_in_turns(struct kunit *test)
{
	struct stage *s = stage_with_device_in_use(test);
	unsigned int i;

	for (i = 0; i < 10; i++)
		fakehost_rescind(s->fh, stage_offer(s, 1));
	stage_offer(s, 1);
	/* Offers that never left the host are none. */
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(is_parked(s), STAGE_SOON_MS));
	s->remove = NULL;
	complete_all(&s->gate);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
	works(s);
	stage_down(s);
}

/* The parked one is rescinded at the moment when it comes into its own. */
static void parked_offer_races_with_its_rescind(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	unsigned int i, probes;

	for (i = 0; i < 30; i++) {
		u32 relid = stage_channel(s)->relid;

		probes = s->probes;
		fakehost_rescind(s->fh, relid);
		relid = stage_offer(s, 1);
		/* Of all moments the next few hundred microseconds matter. */
		udelay(i * 40);
		fakehost_rescind(s->fh, relid);
		KUNIT_ASSERT_TRUE(test, stage_quiet(s));
		stage_offer(s, 1);
		KUNIT_ASSERT_TRUE(test, fakehost_wait_for(s->probes > probes && s->dev,
							  STAGE_SOON_MS));
		KUNIT_ASSERT_TRUE(test, stage_quiet(s));
	}
	works(s);
	stage_down(s);
}

/* P-060, vmbus.md 11.4: the number is used again as soon as it was given back. */
static void number_is_free_when_it_is_given_back(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	u32 relid = stage_channel(s)->relid;
	unsigned int i;

	for (i = 1; i <= 10; i++) {
		KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
		FAKEHOST_DO(s->fh, vsp_rescind_and_reoffer(s->fh->host, relid));
		/* Late events of the old self, and early ones of the new. */
		fakehost_event(s->fh, 0, relid);
		KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 1 + i));
		fakehost_event(s->fh, 0, relid);
		KUNIT_EXPECT_EQ(test, stage_channel(s)->relid, relid);
		KUNIT_EXPECT_EQ(test, s->removes, i);
		works(s);
	}
	KUNIT_EXPECT_EQ(test, released(s), 10ull);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_RELID), 0L);
	stage_down(s);
}

/* P-062, P-020: flags of channels that are not there, or not open, mean nothing. */
static void events_of_no_channel_are_ignored(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	u32 flag;

	for (flag = 0; flag < ENL_RELID_LIMIT; flag += 31)
		fakehost_event(s->fh, flag % num_online_cpus(), flag);
	fakehost_event(s->fh, 0, stage_channel(s)->relid);
	fakehost_event(s->fh, 0, ENL_RELID_LIMIT - 1);
	KUNIT_EXPECT_TRUE(test, stage_quiet(s));
	KUNIT_EXPECT_EQ(test, atomic_read(&s->rounds), 0);
	works(s);
	stage_down(s);
}

/* P-052: a device that no driver wants is let go by the bus itself. */
static void device_without_a_driver_goes_and_comes(struct kunit *test)
{
	static const struct enl_guid video = ENL_CLASS_VIDEO;
	struct stage *s = stage_up(test, NULL);
	unsigned int i;

	for (i = 1; i <= 5; i++) {
		u32 relid = stage_offer_class(s, &video, 10);

		KUNIT_EXPECT_TRUE(test, stage_quiet(s));
		KUNIT_EXPECT_EQ(test, s->bus->channel_count, 2u);
		fakehost_rescind(s->fh, relid);
		KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, i));
		KUNIT_EXPECT_EQ(test, s->bus->channel_count, 1u);
	}
	KUNIT_EXPECT_EQ(test, s->probes, 1u);
	stage_down(s);
}

/* P-050: a hundred devices come and go; what was offered is what was given back. */
static void each_offer_that_ends_is_given_back_once(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct vsp_ledger l;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		u32 relid = stage_offer(s, 10 + i % 7);

		if (i % 3)
			usleep_range(100, 3000);
		fakehost_rescind(s->fh, relid);
	}
	KUNIT_ASSERT_TRUE(test, stage_quiet(s));
	fakehost_ledger(s->fh, &l);
	KUNIT_EXPECT_EQ(test, l.offers_sent - 1, l.relids_released);
	KUNIT_EXPECT_EQ(test, l.unreleased, 0u);
	KUNIT_EXPECT_EQ(test, s->bus->channel_count, 1u);
	KUNIT_EXPECT_EQ(test, s->probes - s->removes, 1u);
	KUNIT_EXPECT_EQ(test, (u64)atomic_long_read(&s->bus->offers_seen), l.offers_sent);
	KUNIT_EXPECT_EQ(test, (u64)atomic_long_read(&s->bus->relids_released),
			l.relids_released);
	stage_down(s);
}

/* vmbus.md 11.9: a bus that stops while an offer is parked leaves nothing behind. */
static void bus_stops_with_a_parked_offer(struct kunit *test)
{
	struct stage *s = stage_with_device_in_use(test);

	stage_offer(s, 1);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(is_parked(s), STAGE_SOON_MS));
	complete_all(&s->gate);
	stage_stop(s);
	fakehost_check(test, s->fh);
}

struct late_offer {
	struct stage *s;
	struct enl_msg_offer offer;
	unsigned int cpu;
	struct completion go;
};

static int do_offer_late(void *context)
{
	struct late_offer *late = context;

	set_cpus_allowed_ptr(current, cpumask_of(late->cpu));
	complete_all(&late->s->entered);
	wait_for_completion(&late->go);
	return !stage_message(late->s, &late->offer, sizeof(late->offer));
}

/* An offer on its way in, on another CPU, when the bus ceases to take any. */
static void offer_while_taking_ends(struct stage *s, struct late_offer *late, bool stop)
{
	unsigned long irq;
	int err = -1;

	reinit_completion(&s->entered);
	init_completion(&late->go);
	KUNIT_ASSERT_EQ(s->test, fakehost_call(s->fh, do_offer_late, late), 0);
	wait_for_completion(&s->entered);
	spin_lock_irqsave(&s->bus->queue_lock, irq);
	complete(&late->go);
	/* It has looked at the state, if it ever does so without the lock. */
	mdelay(100);
	if (stop)
		WRITE_ONCE(s->bus->closing, true);
	else
		WRITE_ONCE(s->bus->link, ENL_LINK_ASLEEP);
	spin_unlock_irqrestore(&s->bus->queue_lock, irq);
	KUNIT_EXPECT_TRUE(s->test, fakehost_called(s->fh, STAGE_SOON_MS, &err));
	KUNIT_EXPECT_EQ(s->test, err, 0);
	flush_workqueue(s->bus->control_wq);
	WRITE_ONCE(s->bus->closing, false);
	WRITE_ONCE(s->bus->link, ENL_LINK_UP);
}

/* vmbus.md 11.7 (2), 11.9: what is not queued when taking ends is not taken, wherever it was. */
static void offer_in_flight_is_not_taken_once_the_bus_stops_or_sleeps(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct late_offer *late = kunit_kzalloc(test, sizeof(*late), GFP_KERNEL);
	unsigned int stop;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	KUNIT_ASSERT_NOT_NULL(test, late);
	late->s = s;
	late->cpu = 1;
	late->offer = (struct enl_msg_offer){
		.header.type = cpu_to_le32(ENL_MSG_OFFER),
		.class_id = stage_class,
		.instance_id = fakehost_instance(77),
		.relid = cpu_to_le32(900),
	};
	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (stop = 0; stop < 2; stop++) {
		offer_while_taking_ends(s, late, stop);
		KUNIT_EXPECT_EQ(test, s->bus->channel_count, 1u);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&s->bus->offers_seen), 1L);
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	stage_offer(s, 2);
	KUNIT_EXPECT_TRUE(test, stage_wait_probes(s, 2));
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(offer_of_a_device_in_use_waits_for_its_end),
	KUNIT_CASE(parked_offer_can_be_rescinded),
	KUNIT_CASE(one_offer_of_a_device_is_parked_at_most),
	KUNIT_CASE(parked_and_rescinded_in_turns),
	KUNIT_CASE(parked_offer_races_with_its_rescind),
	KUNIT_CASE(number_is_free_when_it_is_given_back),
	KUNIT_CASE(events_of_no_channel_are_ignored),
	KUNIT_CASE(device_without_a_driver_goes_and_comes),
	KUNIT_CASE(each_offer_that_ends_is_given_back_once),
	KUNIT_CASE(bus_stops_with_a_parked_offer),
	KUNIT_CASE(offer_in_flight_is_not_taken_once_the_bus_stops_or_sleeps),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_reoffer",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
