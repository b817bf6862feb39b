// SPDX-License-Identifier: GPL-2.0-only
/*
 * The message slot, shared with a hypervisor that does not wait, and what a host must grant.
 * VMBus specification, chapters 1.3 and 2.6; hardening item 1. Calls what vmbus/synic.h declares.
 * The rest of the real platform needs a hypervisor: make boot.
 */
#include <kunit/test.h>
#include "vmbus/synic.h"

#define MESSAGE	1u

static struct slot shared;

static void fill(u32 type, u8 flags, u8 mark)
{
	memset(&shared, 0, sizeof(shared));
	memset(shared.payload, mark, sizeof(shared.payload));
	shared.bytes = sizeof(shared.payload);
	shared.flags = flags;
	shared.type = type;
}

static void empty_slot_holds_nothing(struct kunit *test)
{
	struct slot copy;

	fill(0, SLOT_PENDING, 7);
	KUNIT_EXPECT_FALSE(test, slot_copy(&shared, &copy));
}

/* vmbus.md 12.1: what happens to the slot afterwards does not change the copy */
static void copy_is_a_copy(struct kunit *test)
{
	struct slot copy;

	fill(MESSAGE, 0, 7);
	KUNIT_ASSERT_TRUE(test, slot_copy(&shared, &copy));
	fill(MESSAGE, 0, 8);
	KUNIT_EXPECT_EQ(test, copy.bytes, (u8)PAYLOAD_BYTES);
	KUNIT_EXPECT_EQ(test, copy.payload[0], (u8)7);
	KUNIT_EXPECT_EQ(test, copy.payload[PAYLOAD_BYTES - 1], (u8)7);
}

static void released_slot_is_empty(struct kunit *test)
{
	struct slot copy;

	fill(MESSAGE, 0, 7);
	KUNIT_EXPECT_FALSE(test, slot_release(&shared, MESSAGE));
	KUNIT_EXPECT_EQ(test, shared.type, 0u);
	KUNIT_EXPECT_FALSE(test, slot_copy(&shared, &copy));
}

/* 2.6: without the end-of-message write the next message never comes */
static void queued_message_asks_for_end_of_message(struct kunit *test)
{
	fill(MESSAGE, SLOT_PENDING, 7);
	KUNIT_EXPECT_TRUE(test, slot_release(&shared, MESSAGE));
	KUNIT_EXPECT_EQ(test, shared.type, 0u);
}

/* P-007: a timer message that came between copy and release stays, and so does its turn */
static void message_that_came_meanwhile_survives(struct kunit *test)
{
	struct slot copy;

	fill(MESSAGE, SLOT_PENDING, 7);
	KUNIT_ASSERT_TRUE(test, slot_copy(&shared, &copy));
	/* another CPU released it, and the hypervisor was fast */
	fill(TIMER_EXPIRED, SLOT_PENDING, 8);
	KUNIT_EXPECT_FALSE(test, slot_release(&shared, copy.type));
	KUNIT_EXPECT_EQ(test, shared.type, TIMER_EXPIRED);
	KUNIT_EXPECT_EQ(test, shared.payload[0], (u8)8);
	KUNIT_EXPECT_TRUE(test, slot_release(&shared, TIMER_EXPIRED));
}

/* P-018: each right by itself, and every other bit is of no interest */
static void each_missing_right_is_named(struct kunit *test)
{
	const u32 rights = PRIV_POST | PRIV_SIGNAL;
	unsigned int bit;

	KUNIT_EXPECT_NULL(test, host_withholds(FEATURE_SYNIC, rights));
	KUNIT_EXPECT_NULL(test, host_withholds(~0u, ~0u));
	KUNIT_EXPECT_NOT_NULL(test, host_withholds(0, 0));
	for (bit = 0; bit < 32; bit++) {
		const char *feature = host_withholds(~BIT(bit), ~0u);
		const char *right = host_withholds(~0u, ~BIT(bit));

		KUNIT_EXPECT_EQ(test, !!feature, BIT(bit) == FEATURE_SYNIC);
		KUNIT_EXPECT_EQ(test, !!right, BIT(bit) == PRIV_POST || BIT(bit) == PRIV_SIGNAL);
	}
	KUNIT_EXPECT_STREQ(test, host_withholds(~0u, PRIV_POST), "the signalling of events");
	KUNIT_EXPECT_STREQ(test, host_withholds(~0u, PRIV_SIGNAL), "the posting of messages");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(empty_slot_holds_nothing),
	KUNIT_CASE(copy_is_a_copy),
	KUNIT_CASE(released_slot_is_empty),
	KUNIT_CASE(queued_message_asks_for_end_of_message),
	KUNIT_CASE(message_that_came_meanwhile_survives),
	KUNIT_CASE(each_missing_right_is_named),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_slot",
	.test_cases = cases,
};

kunit_test_suite(suite);
