// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that really go offline and come back, under load and while the host is slow.
 * Calls the bus through the stage, and the kernel's CPU hot-plug with a state of the case's own.
 * Who goes and comes as an event of the platform alone is in cpu_test.c.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include "kunit/stage.h"

static struct stage *hotplug_stage;	/* of the case that registered the state */

static int cpu_up(unsigned int cpu)
{
	fakehost_cpu_came(hotplug_stage->fh, cpu);
	return 0;
}

static int cpu_down(unsigned int cpu)
{
	return fakehost_cpu_going(hotplug_stage->fh, cpu);
}

static int hotplug_begin(struct stage *s)
{
	hotplug_stage = s;
	return cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "enlight:kunit", cpu_up, cpu_down);
}

/* P-088, P-090, P-091, P-094: a CPU goes and comes while channels are used, opened and moved. */
static void cpus_go_and_come_under_load(struct kunit *test)
{
	struct stage *s = stage_up_perf(test, NULL);
	unsigned int cpu = num_online_cpus() - 1, round;
	int state;

	stage_offer_many(s, num_online_cpus() + 2, true);
	state = hotplug_begin(s);
	KUNIT_ASSERT_GE(test, state, 0);
	for (round = 0; round < 4; round++) {
		struct enl_channel *ch = stage_on_cpu(s, cpu);

		if (!ch) {
			KUNIT_FAIL(test, "nothing on CPU %u", cpu);
			break;
		}
		FAKEHOST_DO(s->fh, vsp_echo_flood(s->fh->host, ch->relid, 2000, 100, false));
		KUNIT_EXPECT_EQ(test, remove_cpu(cpu), 0);
		KUNIT_EXPECT_NULL(test, stage_on_cpu(s, cpu));
		KUNIT_EXPECT_EQ(test, stage_talk(s, ch), 0);
		KUNIT_EXPECT_EQ(test, add_cpu(cpu), 0);
		KUNIT_EXPECT_TRUE(test, fakehost_wait_for(!READ_ONCE(s->echo->flood),
							  STAGE_SOON_MS));
		KUNIT_EXPECT_EQ(test, stage_talk(s, ch), 0);
	}
	KUNIT_EXPECT_NE(test, remove_cpu(0), 0);
	cpuhp_remove_state_nocalls(state);
	stage_down(s);
}

static int do_remove_cpu(void *call)
{
	struct stage_call *c = call;

	return remove_cpu(c->cpu);
}

/*
 * P-042: a CPU that goes waits for the move of a channel, an offer waits for the CPU, and behind
 * the offer stands the rescind that must end it all.
 */
static void rescind_ends_the_wait_of_a_cpu_that_goes(struct kunit *test)
{
	struct stage *s = stage_up_perf(test, NULL);
	struct stage_call call = { .s = s, .cpu = num_online_cpus() - 1 };
	int state, err = -1;

	stage_offer_many(s, num_online_cpus(), true);
	call.ch = stage_on_cpu(s, call.cpu);
	KUNIT_ASSERT_NOT_NULL(test, call.ch);
	state = hotplug_begin(s);
	KUNIT_ASSERT_GE(test, state, 0);
	fakehost_hold(s->fh, ENL_MSG_MODIFY_CHANNEL_RESPONSE, true);
	KUNIT_EXPECT_EQ(test, fakehost_call(s->fh, do_remove_cpu, &call), 0);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_MODIFY_CHANNEL, 1,
						     STAGE_SOON_MS));
	stage_offer_class(s, &stage_perf_class, 99);
	fakehost_settle(s->fh, 100);
	fakehost_rescind(s->fh, call.ch->relid);
	if (!fakehost_called(s->fh, STAGE_SOON_MS, &err)) {
		KUNIT_FAIL(test, "the CPU waits for a channel that is gone");
		fakehost_called(s->fh, 2 * STAGE_LONG_MS, &err);
	}
	fakehost_hold(s->fh, ENL_MSG_MODIFY_CHANNEL_RESPONSE, false);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	KUNIT_EXPECT_TRUE(test, cpu_online(call.cpu) || !add_cpu(call.cpu));
	cpuhp_remove_state_nocalls(state);
	stage_down(s);
}

static bool is_parked(struct stage *s)
{
	bool parked;

	mutex_lock(&s->bus->lock);
	parked = !list_empty(&s->bus->parked);
	mutex_unlock(&s->bus->lock);
	return parked;
}

/*
 * vmbus.md 11.3, P-050: an offer that comes into its own waits for a CPU that is just going. It is
 * parked as long as it waits, and its rescind finds it there.
 */
static void parked_offer_that_waits_for_a_cpu_can_be_rescinded(struct kunit *test)
{
	struct stage *s = stage_up_perf(test, NULL);
	struct stage_call call = { .s = s, .cpu = num_online_cpus() - 1 };
	unsigned int probes;
	int state, err = -1;
	u32 relid;

	stage_offer_many(s, num_online_cpus(), true);
	KUNIT_ASSERT_NOT_NULL(test, stage_on_cpu(s, call.cpu));
	probes = s->probes + 1;
	relid = stage_offer(s, 50);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, probes));
	s->remove = stage_remove_waits;
	fakehost_rescind(s->fh, relid);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&s->entered, HZ * 5));
	relid = stage_offer(s, 50);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(is_parked(s), STAGE_SOON_MS));

	state = hotplug_begin(s);
	KUNIT_ASSERT_GE(test, state, 0);
	fakehost_hold(s->fh, ENL_MSG_MODIFY_CHANNEL_RESPONSE, true);
	KUNIT_EXPECT_EQ(test, fakehost_call(s->fh, do_remove_cpu, &call), 0);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_MODIFY_CHANNEL, 1,
						     STAGE_SOON_MS));
	complete_all(&s->gate);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_RELID_RELEASED, 1,
						     STAGE_SOON_MS));
	msleep(100);
	fakehost_rescind(s->fh, relid);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_RELID_RELEASED, 2,
						     STAGE_SOON_MS));
	fakehost_hold(s->fh, ENL_MSG_MODIFY_CHANNEL_RESPONSE, false);
	KUNIT_EXPECT_TRUE(test, fakehost_called(s->fh, 2 * STAGE_LONG_MS, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, stage_quiet(s));
	KUNIT_EXPECT_EQ(test, s->probes, probes);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_RESCIND_UNKNOWN), 0L);
	KUNIT_EXPECT_TRUE(test, cpu_online(call.cpu) || !add_cpu(call.cpu));
	cpuhp_remove_state_nocalls(state);
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(cpus_go_and_come_under_load),
	KUNIT_CASE(rescind_ends_the_wait_of_a_cpu_that_goes),
	KUNIT_CASE(parked_offer_that_waits_for_a_cpu_can_be_rescinded),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_cpu_hotplug",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
