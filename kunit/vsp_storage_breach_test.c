// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's storage service notices what a guest must not do: fields, buffers, lost flags.
 * Calls vsp/ and kunit/toystorage.c; compiles as a program too.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "kunit/toystorage.h"

static const u8 read_cdb[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0 };

static struct toystorage *ready(struct kunit *test)
{
	struct toystorage *t = test->priv;

	toystor_open(test, t);
	toystor_shake(test, t, ENL_STOR_VERSION_6_2);
	return t;
}

struct breach {
	enum vsp_violation which;
	u32 at, width, value;		/* of the packet */
};

static void breaches_of_a_request_are_noticed(struct kunit *test)
{
	static const struct breach breaches[] = {
		{ VSP_V_STOR_FORMAT, 4, 4, 3 },		/* flags */
		{ VSP_V_STOR_FORMAT, 8, 4, 1 },		/* status */
		{ VSP_V_STOR_SRB, 12, 2, 0x24 },	/* length for another version */
		{ VSP_V_STOR_SRB, 14, 1, 1 },		/* SRB status */
		{ VSP_V_STOR_SRB, 15, 1, 2 },		/* SCSI status */
		{ VSP_V_STOR_SRB, 20, 1, 17 },		/* CDB length */
		{ VSP_V_STOR_SRB, 21, 1, 18 },		/* sense room */
		{ VSP_V_STOR_SRB, 23, 1, 1 },		/* properties */
		{ VSP_V_STOR_SRB, 48, 2, 1 },		/* reserved */
		{ VSP_V_STOR_SRB, 52, 4, 0x20 },	/* no autosense */
		{ VSP_V_STOR_CDB, 20, 1, 6 },		/* CDB length of another group */
		{ VSP_V_STOR_CDB, 40, 1, 1 },		/* not padded with zeroes */
		{ VSP_V_STOR_CDB, 22, 1, 0 },		/* READ to the device */
		{ VSP_V_STOR_CDB, 36, 1, 2 },		/* two blocks, data for one */
		{ VSP_V_STOR_RANGE, 22, 1, 2 },		/* data, and no direction */
	};
	struct toystorage *t = ready(test);
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(breaches); i++) {
		const struct breach *b = &breaches[i];
		u64 before = vsp_violation_count(t->guest->host, b->which);

		toystor_srb(t, read_cdb, sizeof(read_cdb), STOR_IN, 512);
		for (k = 0; k < b->width; k++)
			((u8 *)&t->ask)[b->at + k] = b->value >> (8 * k);
		toystor_send(t, &t->ring, 0, 0);
		KUNIT_EXPECT_TRUE(test, toystor_hear(t, &t->ring));
		KUNIT_EXPECT_GT_MSG(test, vsp_violation_count(t->guest->host, b->which), before,
				    "case %u", i);
	}
}

static void breaches_of_the_buffer_are_noticed(struct kunit *test)
{
	struct toystorage *t = ready(test);
	struct vsp *v = t->guest->host;

	t->s->strict = false;
	toystor_srb(t, read_cdb, sizeof(read_cdb), STOR_IN, 512);
	toystor_send(t, &t->ring, 0, 32);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	KUNIT_EXPECT_EQ(test, t->s->stats.spare_slots, 1ULL);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
	t->s->strict = true;
	toystor_send(t, &t->ring, 0, 32);
	toystor_hear(t, &t->ring);
	toystor_expect(test, t, VSP_V_STOR_RANGE, 1);

	/* data asked for, and no buffer: refused */
	toystor_srb(t, read_cdb, sizeof(read_cdb), STOR_IN, 0);
	t->ask.srb.transfer_bytes = __cpu_to_le32(512);
	toy_send(t->guest, &t->ring, ENL_PACKET_INBAND, 77, true, &t->ask, 64);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_INVALID_REQUEST);
	toystor_expect(test, t, VSP_V_STOR_RANGE, 2);
	vsp_forgive(v, VSP_V_STOR_RANGE);

	t->s->max_transfer = 4096;
	DO(t, STOR_IN, 8192, 0x28, 0, 0, 0, 0, 0, 0, 0, 16, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8192));
	toystor_expect(test, t, VSP_V_STOR_LIMIT, 1);
	vsp_forgive(v, VSP_V_STOR_LIMIT);

	/* a request that wants no answer gets none */
	toystor_srb(t, read_cdb, 6, STOR_NONE, 0);
	toy_send(t->guest, &t->ring, ENL_PACKET_INBAND, 78, false, &t->ask, 64);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	toystor_expect(test, t, VSP_V_STOR_FORMAT, 1);
	vsp_forgive(v, VSP_V_STOR_FORMAT);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_REMOVE_DEVICE, 0),
			ENL_NT_INVALID_DEVICE_REQUEST);
	toystor_expect(test, t, VSP_V_STOR_FORMAT, 1);
}

static void bad_packet_may_end_the_channel(struct kunit *test)
{
	struct toystorage *t = ready(test);

	t->s->fatal = true;
	toystor_srb(t, read_cdb, 6, STOR_NONE, 0);
	toy_send(t->guest, &t->ring, ENL_PACKET_INBAND, 78, false, &t->ask, 64);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	toystor_srb(t, read_cdb, sizeof(read_cdb), STOR_IN, 512);
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->s->stats.srbs, 0ULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(breaches_of_a_request_are_noticed),
	KUNIT_CASE(breaches_of_the_buffer_are_noticed),
	KUNIT_CASE(bad_packet_may_end_the_channel),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_storage_breach",
	.init = toystor_init,
	.exit = toystor_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
