// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control messages from a host that says anything: every type, every length, floods, no room.
 * Calls the bus's message event as a platform does. Specification 5.1, 11.1, 12.1 to 12.7, 12.24.
 * What is expected comes from the specification's list, written down here a second time.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "kunit/bus_world.h"
#include "kunit/module.h"

/* vmbus.md 12.2: what only a host sends, and the least of it. */
static const struct {
	u32 type;
	size_t least;
} from_host[] = {
	{ 1, 196 }, { 2, 12 }, { 4, 8 }, { 6, 20 }, { 10, 20 }, { 12, 12 }, { 15, 16 },
	{ 17, 8 }, { 23, 44 }, { 24, 16 },
};

static const u32 from_guest[] = { 3, 5, 7, 8, 9, 11, 13, 14, 16, 21, 22 };

static struct fakehost *fh;
static struct enl_bus *bus;

static int init(struct kunit *test)
{
	int err = bus_world_init(test);

	if (err)
		return err;
	fh = fakehost_create(test, NULL);
	KUNIT_ASSERT_NOT_NULL(test, fh);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	return 0;
}

static void quit(struct kunit *test)
{
	bus_world_exit(test);
}

/* Hands over @bytes bytes in memory that ends where they end; again while there is no room. */
static bool tell(const void *message, size_t bytes)
{
	void *copy = kmemdup(message, max_t(size_t, bytes, 1), GFP_KERNEL);
	unsigned int tries;
	bool taken = false;

	for (tries = 0; copy && !taken && tries < 20000; tries++) {
		taken = fh->up->message(fh->up_context, copy, bytes);
		if (!taken)
			usleep_range(500, 1000);
	}
	kfree(copy);
	return taken;
}

/* The fault that a message of @type and @bytes must be, ENL_FAULT_NONE if it must not be one. */
static enum enl_fault expected(u32 type, size_t bytes)
{
	unsigned int i;

	if (bytes < 8)
		return ENL_FAULT_MESSAGE_SHORT;
	for (i = 0; i < ARRAY_SIZE(from_guest); i++) {
		if (from_guest[i] == type)
			return ENL_FAULT_MESSAGE_DIRECTION;
	}
	for (i = 0; i < ARRAY_SIZE(from_host); i++) {
		if (from_host[i].type != type)
			continue;
		if (bytes < from_host[i].least)
			return ENL_FAULT_MESSAGE_SHORT;
		switch (type) {
		case 1:
			return ENL_FAULT_OFFER_RELID;		/* of channel 0 */
		case 2:
			return ENL_FAULT_RESCIND_UNKNOWN;	/* of channel 0 */
		case 15:
		case 17:
			return ENL_FAULT_MESSAGE_STATE;
		case 4:
		case 23:
			return ENL_FAULT_NONE;
		default:
			return ENL_FAULT_REPLY_UNEXPECTED;
		}
	}
	return ENL_FAULT_MESSAGE_TYPE;
}

static void expect_alive(struct kunit *test)
{
	fakehost_offer(fh, &bus_class, 77, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, bus_probed(1));
}

static void tell_type(u32 type, u64 *want, u64 *refused)
{
	u8 message[ENL_MESSAGE_BYTES] = { };
	size_t bytes;

	*(__le32 *)message = cpu_to_le32(type);
	for (bytes = 0; bytes <= sizeof(message); bytes++) {
		want[expected(type, bytes)]++;
		*refused += !tell(message, bytes);
	}
	cond_resched();
}

/* P-005, P-118 vmbus.md 12.2, 12.3, 12.4: MESSAGE_SHORT, MESSAGE_TYPE, MESSAGE_DIRECTION, ... */
static void each_type_at_each_length_is_the_fault_that_it_is(struct kunit *test)
{
	u64 *want = kunit_kcalloc(test, ENL_FAULT_LIMIT + 1, sizeof(*want), GFP_KERNEL);
	u64 refused = 0;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, want);
	for (i = 0; i <= 255; i++)
		tell_type(i, want, &refused);
	tell_type(0x80000001, want, &refused);
	tell_type(0xffffffff, want, &refused);
	flush_workqueue(bus->control_wq);
	KUNIT_EXPECT_EQ(test, refused, 0ull);
	for (i = 0; i < ENL_FAULT_LIMIT; i++) {
		/* how often the queue was full is a matter of speed */
		if (i != ENL_FAULT_MESSAGE_ROOM && bus_faults(bus, i) != (long)want[i])
			KUNIT_FAIL(test, "fault %u: %ld, not %llu", i, bus_faults(bus, i), want[i]);
	}
	KUNIT_EXPECT_GT(test, want[ENL_FAULT_MESSAGE_DIRECTION], 2000ull);
	KUNIT_EXPECT_GT(test, want[ENL_FAULT_REPLY_UNEXPECTED], 800ull);
	expect_alive(test);
	bus_down(test, fh, bus);
}

/* vmbus.md 12.2: MESSAGE_LONG */
static void no_message_is_longer_than_240_bytes(struct kunit *test)
{
	static const size_t lengths[] = { 241, 248, 256, 4096 };
	u8 *message = kunit_kzalloc(test, 4096, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, message);
	message[0] = 4;
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		KUNIT_EXPECT_TRUE(test, tell(message, lengths[i]));
	KUNIT_EXPECT_EQ(test, bus_faults(bus, ENL_FAULT_MESSAGE_LONG), (long)ARRAY_SIZE(lengths));
	expect_alive(test);
	bus_down(test, fh, bus);
}

/* vmbus.md 12.5, 12.24, 12.27: any numbers in any answer: nobody waits for them. */
static void answers_with_random_numbers_meet_nobody(struct kunit *test)
{
	u64 state = enl_kunit_first_seed * 2 + 1;
	u32 words[60];
	unsigned int n, i;

	kunit_info(test, "seed %u", enl_kunit_first_seed);
	for (n = 0; n < 5000; n++) {
		for (i = 0; i < ARRAY_SIZE(words); i++)
			words[i] = (u32)(vsp_next_random(&state) >> 32);
		/* not the first row: offers of devices are another matter */
		i = 1 + (vsp_next_random(&state) >> 40) % (ARRAY_SIZE(from_host) - 1);
		*(__le32 *)words = cpu_to_le32(from_host[i].type);
		KUNIT_EXPECT_TRUE(test, tell(words, from_host[i].least));
	}
	flush_workqueue(bus->control_wq);
	KUNIT_EXPECT_EQ(test, enl_bus_version(bus), ENL_VERSION_5_3);
	KUNIT_EXPECT_TRUE(test, list_empty(&bus->channels));
	KUNIT_EXPECT_GT(test, bus_faults(bus, ENL_FAULT_RESCIND_UNKNOWN), 200L);
	expect_alive(test);
	bus_down(test, fh, bus);
}

/*
 * P-006 vmbus.md 12.22, 12.24: MESSAGE_ROOM. While the queue is full a message stays with the
 * platform, answers still get through, and in the end nothing is lost.
 */
static void full_queue_refuses_and_loses_nothing(struct kunit *test)
{
	struct enl_msg_relid rescind = {
		.header.type = cpu_to_le32(ENL_MSG_RESCIND), .relid = cpu_to_le32(900),
	};
	struct enl_msg_gpadl_torndown answer = {
		.header.type = cpu_to_le32(ENL_MSG_GPADL_TORNDOWN),
	};
	unsigned int taken = 0;

	/* whoever works off the queue stands before this lock */
	mutex_lock(&bus->lock);
	while (taken < 10000 && fh->up->message(fh->up_context, &rescind, sizeof(rescind)))
		taken++;
	KUNIT_EXPECT_GE(test, taken, (unsigned int)ENL_QUEUED_MESSAGES);
	KUNIT_EXPECT_LT(test, taken, 10000u);
	KUNIT_EXPECT_FALSE(test, fh->up->message(fh->up_context, &rescind, sizeof(rescind)));
	KUNIT_EXPECT_EQ(test, bus_faults(bus, ENL_FAULT_MESSAGE_ROOM), 2L);
	KUNIT_EXPECT_TRUE(test, fh->up->message(fh->up_context, &answer, sizeof(answer)));
	KUNIT_EXPECT_EQ(test, bus_faults(bus, ENL_FAULT_REPLY_UNEXPECTED), 1L);
	mutex_unlock(&bus->lock);
	KUNIT_EXPECT_TRUE(test, tell(&rescind, sizeof(rescind)));
	flush_workqueue(bus->control_wq);
	KUNIT_EXPECT_EQ(test, bus_faults(bus, ENL_FAULT_RESCIND_UNKNOWN), (long)taken + 1);
	expect_alive(test);
	bus_down(test, fh, bus);
}

/* P-006: the same with the host's own queue behind it: what was put back comes again, in order. */
static void refused_message_is_offered_again_by_the_platform(struct kunit *test)
{
	struct enl_msg_relid rescind = {
		.header.type = cpu_to_le32(ENL_MSG_RESCIND), .relid = cpu_to_le32(900),
	};
	unsigned int i, taken = 0;

	mutex_lock(&bus->lock);
	while (taken < 10000 && fh->up->message(fh->up_context, &rescind, sizeof(rescind)))
		taken++;
	for (i = 0; i < 400; i++)
		bus_inject(fh, ENL_MSG_RESCIND, 1000 + i);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(fh->counts.refused_messages) > 0,
						  BUS_WAIT));
	mutex_unlock(&bus->lock);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(
		bus_faults(bus, ENL_FAULT_RESCIND_UNKNOWN) == taken + 400, BUS_WAIT));
	KUNIT_EXPECT_GT(test, bus_faults(bus, ENL_FAULT_MESSAGE_ROOM), 0L);
	expect_alive(test);
	bus_down(test, fh, bus);
}

/* vmbus.md 12.7, 11.1: a flood is counted, and requests are answered in its midst. */
static void flood_does_not_stop_the_work(struct kunit *test)
{
	struct enl_msg_relid rescind = {
		.header.type = cpu_to_le32(ENL_MSG_RESCIND), .relid = cpu_to_le32(2047),
	};
	struct enl_channel *ch;
	unsigned int i, k, sent = 0;

	fakehost_offer(fh, &bus_class, 1, NULL, NULL);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	ch = enl_channel_primary(bus_record.dev);
	for (k = 0; k < 3; k++) {
		for (i = 0; i < 1000; i++)
			sent += tell(&rescind, sizeof(rescind));
		KUNIT_EXPECT_EQ(test, enl_channel_open(ch, &bus_setup), 0);
		enl_channel_close(ch);
	}
	flush_workqueue(bus->control_wq);
	KUNIT_EXPECT_EQ(test, sent, 3000u);
	KUNIT_EXPECT_EQ(test, bus_faults(bus, ENL_FAULT_RESCIND_UNKNOWN), 3000L);
	bus_down(test, fh, bus);
}

/* P-017 vmbus.md 5, 12.48: the other direction: all that a guest sends, once, as it must look. */
static void everything_that_the_guest_sends_is_whole_and_clean(struct kunit *test)
{
	static const struct {
		u32 type;
		u16 least, most;
	} rows[] = {
		{ ENL_MSG_INITIATE_CONTACT, 40, 40 }, { ENL_MSG_REQUEST_OFFERS, 8, 8 },
		{ ENL_MSG_GPADL_HEADER, 28 + 8 * 26, 28 + 8 * 26 }, { ENL_MSG_GPADL_BODY, 24, 240 },
		{ ENL_MSG_OPEN, 148, 148 }, { ENL_MSG_CLOSE, 12, 12 },
		{ ENL_MSG_GPADL_TEARDOWN, 16, 16 }, { ENL_MSG_RELID_RELEASED, 12, 12 },
		{ ENL_MSG_TL_CONNECT, 56, 56 }, { ENL_MSG_MODIFY_CHANNEL, 16, 16 },
		{ ENL_MSG_UNLOAD, 8, 8 },
	};
	struct enl_channel_setup setup = bus_setup;
	struct enl_channel *ch;
	struct vsp_record r;
	unsigned int i, k;

	setup.recv_bytes = 40 * 4096;
	fakehost_offer(fh, &bus_class, 1, NULL, NULL);
	KUNIT_ASSERT_TRUE(test, bus_probed(1));
	ch = enl_channel_primary(bus_record.dev);
	KUNIT_EXPECT_EQ(test, enl_channel_open(ch, &setup), 0);
	KUNIT_EXPECT_EQ(test, enl_channel_set_cpu(ch, num_online_cpus() - 1), 0);
	enl_channel_close(ch);
	KUNIT_EXPECT_EQ(test, enl_bus_connect_socket(bus, &bus_class, &bus_perf_class), 0);
	enl_bus_stop(bus);
	fakehost_check(test, fh);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].type == ENL_MSG_MODIFY_CHANNEL && num_online_cpus() < 2)
			continue;
		if (!fakehost_message(fh, rows[i].type, 0, &r)) {
			KUNIT_FAIL(test, "no message of type %u", rows[i].type);
			continue;
		}
		KUNIT_EXPECT_GE(test, r.bytes, rows[i].least);
		KUNIT_EXPECT_LE(test, r.bytes, rows[i].most);
		KUNIT_EXPECT_EQ(test, *(u32 *)(r.message + 4), 0u);
		KUNIT_EXPECT_EQ(test, (u32)r.status, 0u);
	}
	/* user data of OPEN: unused, hence zero */
	KUNIT_ASSERT_TRUE(test, fakehost_message(fh, ENL_MSG_OPEN, 0, &r));
	for (k = 28; k < 148; k++)
		KUNIT_EXPECT_EQ(test, (u32)r.message[k], 0u);
	/* vmbus.md 12.47: numbers that are counted up, no part of an address */
	KUNIT_EXPECT_LT(test, le32_to_cpu(((struct enl_msg_open *)r.message)->open_id), 1000u);
	fakehost_destroy(fh);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_type_at_each_length_is_the_fault_that_it_is),
	KUNIT_CASE(no_message_is_longer_than_240_bytes),
	KUNIT_CASE(answers_with_random_numbers_meet_nobody),
	KUNIT_CASE(full_queue_refuses_and_loses_nothing),
	KUNIT_CASE(refused_message_is_offered_again_by_the_platform),
	KUNIT_CASE(flood_does_not_stop_the_work),
	KUNIT_CASE(everything_that_the_guest_sends_is_whole_and_clean),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_message",
	.init = init,
	.exit = quit,
	.test_cases = cases,
};

kunit_test_suite(suite);
