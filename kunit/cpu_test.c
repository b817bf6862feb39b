// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moving channels between CPUs: by the driver, by CPU hot-plug, on hosts old and new.
 * Calls the bus through the stage. Real CPUs go and come in cpu_hotplug_test.c; which CPU is chosen
 * at first is tested in cpu_pick_test.c.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include "kunit/stage.h"

#define DEVICES	4u

/* Where the host sends the interrupts of a channel. */
static u32 host_vp(struct stage *s, struct enl_channel *ch)
{
	return FAKEHOST_PEEK(s->fh, vsp_channel_vp(vsp_channel(s->fh->host, ch->relid)));
}

/* P-092: the hypervisor's number of the processor, in OPEN and in MODIFY_CHANNEL. */
static void host_gets_processor_numbers_not_cpu_numbers(struct kunit *test)
{
	struct fakehost_options options = { .reverse_vps = true };
	struct stage *s = stage_up_perf(test, &options);
	struct enl_channel *ch = stage_channel(s);
	unsigned int cpu;

	KUNIT_EXPECT_EQ(test, host_vp(s, ch), fakehost_vp(s->fh, enl_channel_cpu(ch)));
	for_each_online_cpu(cpu) {
		KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, cpu), 0);
		KUNIT_EXPECT_EQ(test, host_vp(s, ch), fakehost_vp(s->fh, cpu));
		KUNIT_EXPECT_EQ(test, enl_channel_cpu(ch), cpu);
		KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 5));
	}
	stage_down(s);
}

/* vmbus.md 5.7: from 5.3 on the move is over when the host says so, and not before. */
static void waits_for_the_answer_where_there_is_one(struct kunit *test)
{
	struct stage *s = stage_up_perf(test, NULL);
	struct stage_call call = {
		.s = s, .ch = stage_channel(s), .cpu = stage_other_cpu(stage_channel(s)),
	};
	struct enl_msg_modify_response other = {
		.header.type = cpu_to_le32(ENL_MSG_MODIFY_CHANNEL_RESPONSE),
		.relid = cpu_to_le32(call.ch->relid + 1),
	};
	int err = -1;

	fakehost_hold(s->fh, ENL_MSG_MODIFY_CHANNEL_RESPONSE, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(s->fh, stage_do_set_cpu, &call), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s->fh, ENL_MSG_MODIFY_CHANNEL, 1,
						     STAGE_SOON_MS));
	stage_message(s, &other, sizeof(other));
	KUNIT_EXPECT_FALSE(test, fakehost_called(s->fh, 50, &err));
	KUNIT_EXPECT_NE(test, enl_channel_cpu(call.ch), call.cpu);
	fakehost_hold(s->fh, ENL_MSG_MODIFY_CHANNEL_RESPONSE, false);
	KUNIT_EXPECT_TRUE(test, fakehost_called(s->fh, STAGE_SOON_MS, &err));
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, enl_channel_cpu(call.ch), call.cpu);
	stage_down(s);
}

/* vmbus.md 5.7: refused or not answered: it stays where it is, and works. */
static void channel_stays_if_the_host_does_not_move_it(struct kunit *test)
{
	struct vsp_fault nowhere = {
		.point = VSP_AT_POST,
		.action = VSP_OVERWRITE,
		.key = ENL_MSG_MODIFY_CHANNEL,
		.a = offsetof(struct enl_msg_modify, target_vp),
		.b = 0x3fff,
		.width = 4,
	};
	struct stage *s = STAGE(test);
	struct enl_channel *ch;
	unsigned int cpu;

	s->limits.request_ms = 400;
	stage_up_perf(test, NULL);
	ch = stage_channel(s);
	cpu = enl_channel_cpu(ch);
	fakehost_fault(s->fh, &nowhere);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, stage_other_cpu(ch)), -EIO);
	KUNIT_EXPECT_EQ(test, enl_channel_cpu(ch), cpu);
	fakehost_forgive(s->fh, VSP_V_OPEN_VP);
	fakehost_post_status(s->fh, ENL_MSG_MODIFY_CHANNEL, ENL_HV_INVALID_PARAMETER, 1);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, stage_other_cpu(ch)), -EIO);
	KUNIT_EXPECT_EQ(test, enl_channel_cpu(ch), cpu);
	KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 5));

	/* It moved, and nobody said so: events come to either CPU, and none is lost. */
	stage_message_fault(s, ENL_MSG_MODIFY_CHANNEL_RESPONSE, VSP_DROP, 0);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, stage_other_cpu(ch)), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, enl_channel_cpu(ch), cpu);
	KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 5));
	stage_down(s);
}

/*
 * vmbus.md 5.7: a move that was not answered may come yet: no other is asked for, and both CPUs
 * stay until it is certain again where the channel is.
 */
static void move_without_an_answer_keeps_both_cpus(struct kunit *test)
{
	struct stage *s = STAGE(test);
	unsigned int cpu, other;
	struct enl_channel *ch;

	if (num_online_cpus() < 3)
		kunit_skip(test, "needs three CPUs");
	s->limits.request_ms = 400;
	stage_up_perf(test, NULL);
	ch = stage_channel(s);
	KUNIT_ASSERT_EQ(test, enl_channel_set_cpu(ch, 1), 0);
	cpu = enl_channel_cpu(ch);
	other = num_online_cpus() - 1;
	stage_message_fault(s, ENL_MSG_MODIFY_CHANNEL_RESPONSE, VSP_DROP, 0);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, other), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_MODIFY_CHANNEL), 2ull);
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, other), -EBUSY);
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, cpu), -EBUSY);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, cpu), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_MODIFY_CHANNEL), 2ull);
	KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 5));

	enl_channel_close(ch);
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, other), 0);
	KUNIT_EXPECT_EQ(test, stage_open(s, ch), 0);
	KUNIT_EXPECT_EQ(test, host_vp(s, ch), cpu);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, other), 0);
	KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 5));
	stage_down(s);
}

/* vmbus.md 5.7: 4.1 to 5.2: no answer to wait for; below 4.1 an open channel cannot be moved. */
static void moves_on_older_hosts_as_far_as_they_can(struct kunit *test)
{
	static const struct {
		u32 version;
		int err;
	} host[] = {
		{ ENL_VERSION_5_2, 0 }, { ENL_VERSION_4_1, 0 }, { ENL_VERSION_4_0, -EINVAL },
		{ ENL_VERSION_3_0, -EINVAL },
	};
	struct stage *s = STAGE(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(host); i++) {
		struct vsp_personality personality = vsp_host_2022;
		struct fakehost_options options = { .personality = &personality };
		struct enl_channel *ch;
		unsigned int to;

		personality.max_version = host[i].version;
		personality.multi = host[i].version >= ENL_VERSION_5_0;
		s->probes = 0;
		stage_up_perf(test, &options);
		ch = stage_channel(s);
		to = stage_other_cpu(ch);
		KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, to), host[i].err);
		KUNIT_EXPECT_TRUE(test, stage_quiet(s));
		KUNIT_EXPECT_EQ(test, host_vp(s, ch), enl_channel_cpu(ch));
		KUNIT_EXPECT_EQ(test, enl_channel_cpu(ch) == to, !host[i].err);
		KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 3));
		/* Closed, it is only a note for the next open. */
		enl_channel_close(ch);
		KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, to), 0);
		KUNIT_EXPECT_EQ(test, stage_open(s, ch), 0);
		KUNIT_EXPECT_EQ(test, host_vp(s, ch), to);
		stage_down(s);
		fakehost_destroy(s->fh);
		s->fh = NULL;
	}
}

static void refuses_cpus_that_are_not_there(struct kunit *test)
{
	struct stage *s = stage_up_perf(test, NULL);

	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(stage_channel(s), nr_cpu_ids), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(stage_channel(s), ~0u), -EINVAL);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_MODIFY_CHANNEL), 0ull);
	stage_down(s);
}

/* P-063, P-084: a new bus chooses as the first one did: nothing is remembered. */
static void spread_is_the_same_after_each_reload(struct kunit *test)
{
	struct stage *s = STAGE(test);
	unsigned int round, i, cpu[DEVICES];

	stage_host(s, NULL);
	for (i = 0; i < DEVICES; i++)
		stage_offer_class(s, &stage_perf_class, 1 + i);
	for (round = 0; round < 3; round++) {
		struct enl_channel *ch;

		s->probes = 0;
		stage_start(s);
		KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, DEVICES));
		i = 0;
		list_for_each_entry(ch, &s->bus->channels, link) {
			if (!round)
				cpu[i] = ch->cpu;
			KUNIT_EXPECT_EQ(test, ch->cpu, cpu[i]);
			KUNIT_EXPECT_EQ(test, ch->cpu, i % num_online_cpus());
			i++;
		}
		stage_stop(s);
	}
	fakehost_check(test, s->fh);
}

/* --- hot-plug, as events of the platform */

/* P-088, vmbus.md 2.7: channels leave a CPU that goes, and return with it. */
static void channels_leave_a_cpu_and_come_home(struct kunit *test)
{
	struct stage *s = stage_up_perf(test, NULL);
	unsigned int cpu = num_online_cpus() - 1;
	struct enl_channel *ch;

	stage_offer_many(s, 2 * num_online_cpus(), true);
	ch = stage_on_cpu(s, cpu);
	KUNIT_ASSERT_NOT_NULL(test, ch);
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, cpu), 0);
	KUNIT_EXPECT_NULL(test, stage_on_cpu(s, cpu));
	KUNIT_EXPECT_EQ(test, host_vp(s, ch), enl_channel_cpu(ch));
	KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 5));
	fakehost_cpu_came(s->fh, cpu);
	KUNIT_EXPECT_EQ(test, enl_channel_cpu(ch), cpu);
	KUNIT_EXPECT_EQ(test, host_vp(s, ch), cpu);
	KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 5));
	stage_down(s);
}

/* P-088: the machine stands still while a CPU comes: one channel waits for a silent host, only. */
static void cpu_that_comes_waits_for_a_silent_host_once(struct kunit *test)
{
	unsigned int cpu = num_online_cpus() - 1, moved;
	struct vsp_fault silent = {
		.point = VSP_AT_MESSAGE, .action = VSP_DROP,
		.key = ENL_MSG_MODIFY_CHANNEL_RESPONSE, .times = 100,
	};
	struct stage *s = STAGE(test);

	s->limits.request_ms = 400;
	stage_up_perf(test, NULL);
	stage_offer_many(s, 3 * num_online_cpus(), true);
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, cpu), 0);
	moved = fakehost_posted(s->fh, ENL_MSG_MODIFY_CHANNEL);
	KUNIT_ASSERT_GE(test, moved, 2u);
	fakehost_fault(s->fh, &silent);
	fakehost_cpu_came(s->fh, cpu);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_MODIFY_CHANNEL), moved + 1ull);
	/* The others come home the next time. */
	FAKEHOST_RUN(s->fh, vsp_fault_clear(s->fh->host));
	fakehost_cpu_came(s->fh, cpu);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_MODIFY_CHANNEL), 2ull * moved);
	stage_down(s);
}

/* vmbus.md 2.7: no message moves the CPU of the connection; without one nothing is refused. */
static void connect_cpu_stays_while_connected(struct kunit *test)
{
	struct stage *s = stage_up_perf(test, NULL);

	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, 0), -EBUSY);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_MODIFY_CHANNEL), 0ull);
	enl_channel_close(stage_channel(s));
	fakehost_dying(s->fh, false);
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, 0), 0);
	stage_down(s);
}

/* vmbus.md 2.7: a host older than 4.1 moves no open channel, so the CPU stays. */
static void cpu_stays_if_a_channel_cannot_leave(struct kunit *test)
{
	struct vsp_personality old = vsp_host_2016;
	struct fakehost_options options = { .personality = &old };
	struct stage *s = STAGE(test);
	unsigned int cpu;

	stage_up_perf(test, &options);
	stage_offer_many(s, num_online_cpus(), false);
	cpu = num_online_cpus() - 1;
	KUNIT_ASSERT_EQ(test, stage_open(s, stage_on_cpu(s, cpu)), 0);
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, cpu), -EBUSY);
	KUNIT_EXPECT_TRUE(test, stage_receives(s, stage_on_cpu(s, cpu), 3));
	enl_channel_close(stage_on_cpu(s, cpu));
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, cpu), 0);
	KUNIT_EXPECT_NULL(test, stage_on_cpu(s, cpu));
	stage_down(s);
}

/* P-089: below 5.3 the old CPU gets last events; each channel is looked at once afterwards. */
static void event_for_the_cpu_that_went_is_not_missed(struct kunit *test)
{
	struct vsp_personality host = vsp_host_2019;
	struct fakehost_options options = { .personality = &host };
	struct vsp_fault lost = { .point = VSP_AT_EVENT, .action = VSP_DROP, .times = 1 };
	struct stage *s = STAGE(test);
	struct enl_channel *ch;
	unsigned int cpu;

	host.stale_events = 2;
	stage_up_perf(test, &options);
	stage_offer_many(s, num_online_cpus(), true);
	cpu = num_online_cpus() - 1;
	ch = stage_on_cpu(s, cpu);
	KUNIT_ASSERT_NOT_NULL(test, ch);
	/* One event that no handler sees, as for a CPU that is already deaf. */
	fakehost_fault(s->fh, &lost);
	FAKEHOST_DO(s->fh, vsp_echo_flood(s->fh->host, ch->relid, 1, 32, false));
	KUNIT_EXPECT_TRUE(test, fakehost_settle(s->fh, 1000));
	KUNIT_EXPECT_EQ(test, atomic_read(&s->received), 0);
	KUNIT_EXPECT_EQ(test, fakehost_cpu_going(s->fh, cpu), 0);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(atomic_read(&s->received) == 1,
						  STAGE_SOON_MS));
	/* Those that still come to the old one are served there. */
	KUNIT_EXPECT_TRUE(test, stage_receives(s, ch, 5));
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(host_gets_processor_numbers_not_cpu_numbers),
	KUNIT_CASE(waits_for_the_answer_where_there_is_one),
	KUNIT_CASE(channel_stays_if_the_host_does_not_move_it),
	KUNIT_CASE(move_without_an_answer_keeps_both_cpus),
	KUNIT_CASE(moves_on_older_hosts_as_far_as_they_can),
	KUNIT_CASE(refuses_cpus_that_are_not_there),
	KUNIT_CASE(spread_is_the_same_after_each_reload),
	KUNIT_CASE(channels_leave_a_cpu_and_come_home),
	KUNIT_CASE(cpu_that_comes_waits_for_a_silent_host_once),
	KUNIT_CASE(connect_cpu_stays_while_connected),
	KUNIT_CASE(cpu_stays_if_a_channel_cannot_leave),
	KUNIT_CASE(event_for_the_cpu_that_went_is_not_missed),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_cpu",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
