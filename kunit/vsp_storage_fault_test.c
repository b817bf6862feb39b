// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's storage service when things go wrong: each fault of its plan does what it says, and
 * each breach of the guest is noticed. Calls vsp/ and kunit/toystorage.c; a program too.
 * A lie about data is booked as one, and nothing else is.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "kunit/toystorage.h"

static struct toystorage *ready(struct kunit *test)
{
	struct toystorage *t = test->priv;

	toystor_open(test, t);
	toystor_shake(test, t, ENL_STOR_VERSION_6_2);
	return t;
}

#define FAULT(t, ...) \
	vsp_storage_fault_add((t)->s, &(struct vsp_storage_fault){ VSP_STORAGE_FAULT_ANY, \
								   __VA_ARGS__ })
#define FAULT_AT(t, cdb_0, unit, ...) \
	vsp_storage_fault_add((t)->s, &(struct vsp_storage_fault){ \
		.opcode = cdb_0, .lun = unit, .target = VSP_ANY, __VA_ARGS__ })

static bool read_one(struct toystorage *t, u8 lba)
{
	return DO(t, STOR_IN, 512, 0x28, 0, 0, 0, 0, lba, 0, 0, 1, 0);
}

static bool write_one(struct toystorage *t, u8 lba)
{
	return DO(t, STOR_OUT, 512, 0x2a, 0, 0, 0, 0, lba, 0, 0, 1, 0);
}

static void statuses_are_what_the_plan_says(struct kunit *test)
{
	static const u8 scsi[] = { 0x00, 0x02, 0x08, 0x18, 0x28, 0x40 };
	struct toystorage *t = ready(test);
	u32 srb, i;
	u64 lies = 0;

	for (srb = 0; srb < 256; srb++) {
		for (i = 0; i < ARRAY_SIZE(scsi); i++) {
			vsp_storage_fault_clear(t->s);
			FAULT(t, .what = VSP_SF_STATUS, .srb = srb, .scsi = scsi[i]);
			KUNIT_ASSERT_TRUE(test, write_one(t, 3));
			KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)srb);
			KUNIT_EXPECT_EQ(test, t->got.srb.scsi_status, scsi[i]);
			KUNIT_EXPECT_EQ(test, !t->got.status, (srb & 0x3f) == ENL_SRB_SUCCESS);
			lies += (srb & 0x3f) == ENL_SRB_SUCCESS && !scsi[i];
		}
	}
	/* good, and nothing was written: four times, with each of bits 6 and 7 */
	KUNIT_EXPECT_EQ(test, lies, 4ULL);
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, lies);
	KUNIT_EXPECT_EQ(test, (int)t->s->lie[0].kind, (int)VSP_DISK_WRITE);
	KUNIT_EXPECT_EQ(test, t->s->lie[0].offset, 3 * 512ULL);
	KUNIT_EXPECT_EQ(test, t->s->lie[0].bytes, 512ULL);
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_WRITE], 0ULL);
	KUNIT_EXPECT_EQ(test, t->s->stats.faults, 256ULL * ARRAY_SIZE(scsi));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void executed_commands_may_still_look_failed(struct kunit *test)
{
	struct toystorage *t = ready(test);

	FAULT(t, .what = VSP_SF_STATUS | VSP_SF_EXECUTE, .srb = ENL_SRB_ERROR, .scsi = 2,
	      .nt = ENL_NT_UNSUCCESSFUL);
	*toystor_data(t, 0) = 0x66;
	KUNIT_ASSERT_TRUE(test, write_one(t, 0));
	KUNIT_EXPECT_EQ(test, __le32_to_cpu(t->got.status), ENL_NT_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, t->memory[0].bytes[0], (u8)0x66);
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 0ULL);
	/* the medium failed, and the fault hides it */
	t->memory[0].fail_bytes = 512;
	t->memory[0].fail_status = VSP_DISK_MEDIUM;
	FAULT(t, .what = VSP_SF_STATUS | VSP_SF_EXECUTE, .srb = ENL_SRB_SUCCESS);
	KUNIT_ASSERT_TRUE(test, read_one(t, 0));
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 1ULL);
	FAULT_AT(t, 0x35, 0, .what = VSP_SF_STATUS, .srb = ENL_SRB_SUCCESS);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 2ULL);
	KUNIT_EXPECT_EQ(test, (int)t->s->lie[1].kind, (int)VSP_DISK_FLUSH);
}

static void lines_of_the_plan_strike_where_they_should(struct kunit *test)
{
	struct toystorage *t = ready(test);
	int a, b, c;

	a = FAULT_AT(t, 0x28, VSP_ANY, .first = 10, .last = 12, .times = 99, .what = VSP_SF_STATUS,
		     .srb = ENL_SRB_ERROR);
	b = FAULT(t, .writes = true, .skip = 1, .what = VSP_SF_STATUS, .srb = ENL_SRB_BUSY);
	c = FAULT_AT(t, VSP_ANY, 1, .times = 99, .what = VSP_SF_STATUS, .srb = ENL_SRB_TIMEOUT);
	read_one(t, 9);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	DO(t, STOR_IN, 1024, 0x28, 0, 0, 0, 0, 9, 0, 0, 2, 0);
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_ERROR);
	read_one(t, 12);
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_ERROR);
	read_one(t, 13);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	write_one(t, 11);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	write_one(t, 11);
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_BUSY);
	write_one(t, 11);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	KUNIT_EXPECT_EQ(test, vsp_storage_fault_hits(t->s, a), 2u);
	KUNIT_EXPECT_EQ(test, vsp_storage_fault_hits(t->s, b), 1u);
	KUNIT_EXPECT_EQ(test, vsp_storage_fault_hits(t->s, c), 0u);
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 0ULL);
}

static void sense_and_lengths_may_be_anything(struct kunit *test)
{
	static const u8 lengths[] = { 0, 3, 7, 8, 18, 20, 255 };
	struct toystorage *t = ready(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		FAULT(t, .what = VSP_SF_STATUS | VSP_SF_SENSE, .srb = 0x84, .scsi = 2,
		      .sense = { 0x72, 0x0b }, .sense_bytes = lengths[i]);
		read_one(t, 0);
		KUNIT_EXPECT_EQ(test, t->got.srb.sense_bytes, lengths[i]);
		KUNIT_EXPECT_EQ(test, t->got.srb.sense[0], (u8)0x72);
	}
	FAULT(t, .what = VSP_SF_TRANSFER, .transfer = 0xffffffff);
	read_one(t, 0);
	KUNIT_EXPECT_EQ(test, __le32_to_cpu(t->got.srb.transfer_bytes), 0xffffffffu);
	FAULT(t, .what = VSP_SF_TRANSFER_ADD, .transfer = -511);
	read_one(t, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 1));
	FAULT(t, .what = VSP_SF_REJECT);
	read_one(t, 0);
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status | t->got.srb.scsi_status, 0);
	KUNIT_EXPECT_EQ(test, __le32_to_cpu(t->got.status), ENL_NT_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 0ULL);
}

static void data_may_be_wrong_and_then_it_is_booked(struct kunit *test)
{
	struct toystorage *t = ready(test);

	memset(t->memory[0].bytes, 0x44, 4096);
	memset(toystor_data(t, 0), 0xee, 2048);
	FAULT(t, .what = VSP_SF_PARTIAL, .bytes = 1024 + 7);
	DO(t, STOR_IN, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 2048));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 1023), (u8)0x44);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 1024), (u8)0xee);
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 1ULL);
	KUNIT_EXPECT_EQ(test, t->s->lie[0].offset, 1024ULL);
	KUNIT_EXPECT_EQ(test, t->s->lie[0].bytes, 1024ULL);

	FAULT(t, .what = VSP_SF_PARTIAL, .bytes = 0);
	DO(t, STOR_OUT, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_WRITE], 0ULL);
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 2ULL);

	FAULT(t, .what = VSP_SF_CORRUPT);
	read_one(t, 1);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 256), (u8)(0x44 ^ 0x5a));
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 3ULL);
	read_one(t, 1);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 256), (u8)0x44);
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 3ULL);

	FAULT_AT(t, 0xa0, 0, .what = VSP_SF_DATA, .data = "\0\0\0\x9ghijkl", .bytes = 10);
	DO(t, STOR_IN, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 10));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 3), (u8)9);
	KUNIT_EXPECT_EQ(test, t->s->stats.lies, 3ULL);
}

static void completions_get_lost_delayed_and_doubled(struct kunit *test)
{
	struct toystorage *t = ready(test);
	struct vsp_ledger l;

	FAULT(t, .what = VSP_SF_DROP);
	KUNIT_EXPECT_FALSE(test, read_one(t, 0));
	KUNIT_EXPECT_EQ(test, t->s->stats.dropped, 1ULL);
	vsp_ledger(t->guest->host, &l);
	KUNIT_EXPECT_EQ(test, l.guest_requests, 1u);

	FAULT(t, .what = VSP_SF_DUPLICATE);
	KUNIT_EXPECT_TRUE(test, read_one(t, 0));
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->id, t->sent);

	FAULT(t, .what = VSP_SF_DELAY, .steps = 500);
	KUNIT_EXPECT_TRUE(test, read_one(t, 0));

	FAULT(t, .what = VSP_SF_DELAY_TIME, .time = 5000);
	KUNIT_EXPECT_FALSE(test, read_one(t, 0));
	KUNIT_EXPECT_EQ(test, vsp_storage_deadline(t->s), t->guest->now + 5000);
	vsp_storage_tick(t->s);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	t->guest->now += 5000;
	vsp_storage_tick(t->s);
	KUNIT_EXPECT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, vsp_storage_deadline(t->s), 0ULL);

	FAULT(t, .times = 2, .what = VSP_SF_HOLD);
	KUNIT_EXPECT_FALSE(test, read_one(t, 0));
	KUNIT_EXPECT_FALSE(test, read_one(t, 1));
	KUNIT_EXPECT_EQ(test, vsp_storage_held(t->s), 2u);
	KUNIT_EXPECT_EQ(test, vsp_storage_release(t->s, 9, true), 2u);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->id, t->sent);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->id, t->sent - 1);
	KUNIT_EXPECT_TRUE(test, vsp_storage_idle(t->s));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void packets_of_answers_may_be_anything(struct kunit *test)
{
	static const u32 lengths[] = { 0, 8, 16, 48, 64, 80, 4096 };
	struct toystorage *t = ready(test);
	u32 i;

	FAULT(t, .what = VSP_SF_ID | VSP_SF_EXTRA, .id_kind = VSP_ID_UNKNOWN);
	read_one(t, 0);
	KUNIT_EXPECT_NE(test, t->id, t->sent);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->id, t->sent);
	FAULT(t, .what = VSP_SF_ID, .id_kind = VSP_ID_ZERO);
	read_one(t, 0);
	KUNIT_EXPECT_EQ(test, t->id, 0ULL);
	FAULT(t, .what = VSP_SF_ID, .id_kind = VSP_ID_ONES);
	read_one(t, 0);
	KUNIT_EXPECT_EQ(test, t->id, ~0ULL);
	FAULT(t, .what = VSP_SF_ID, .id_kind = VSP_ID_CONTROL);
	read_one(t, 0);
	KUNIT_EXPECT_EQ(test, t->id, 0xfffffffffffffffdULL);
	FAULT(t, .what = VSP_SF_OPERATION, .value = ENL_STOR_ENUMERATE_BUS);
	read_one(t, 0);
	KUNIT_EXPECT_EQ(test, t->got.operation, __cpu_to_le32(ENL_STOR_ENUMERATE_BUS));
	FAULT(t, .what = VSP_SF_TYPE, .type = ENL_PACKET_INBAND);
	read_one(t, 0);
	KUNIT_EXPECT_EQ(test, t->type, (u16)ENL_PACKET_INBAND);
	FAULT(t, .what = VSP_SF_OVERWRITE, .offset = 12, .width = 2, .value = 0x1234);
	read_one(t, 0);
	KUNIT_EXPECT_EQ(test, t->got.srb.length, __cpu_to_le16(0x1234));
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		FAULT(t, .what = VSP_SF_LENGTH, .bytes = lengths[i]);
		read_one(t, 0);
		KUNIT_EXPECT_EQ(test, t->bytes, lengths[i]);
	}
}

static void handshake_may_go_wrong_at_each_step(struct kunit *test)
{
	struct toystorage *t = test->priv;

	toystor_open(test, t);
	FAULT(t, .operation = ENL_STOR_BEGIN_INIT, .what = VSP_SF_STATUS,
	      .nt = ENL_NT_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_BEGIN_INIT, 0), ENL_NT_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, (int)t->s->state, (int)VSP_STOR_BEGIN);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_BEGIN_INIT, 0), 0u);
	FAULT(t, .operation = ENL_STOR_QUERY_VERSION, .what = VSP_SF_OVERWRITE, .offset = 12,
	      .width = 2, .value = 0x0501);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_QUERY_VERSION, 0x0602), 0u);
	KUNIT_EXPECT_EQ(test, t->got.version.version, __cpu_to_le16(0x0501));
	FAULT(t, .operation = ENL_STOR_QUERY_PROPERTIES, .what = VSP_SF_OVERWRITE, .offset = 24,
	      .width = 4, .value = 511);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_QUERY_PROPERTIES, 0), 0u);
	KUNIT_EXPECT_EQ(test, t->got.properties.max_transfer_bytes, __cpu_to_le32(511));
	FAULT(t, .operation = ENL_STOR_END_INIT, .what = VSP_SF_DROP);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_END_INIT, 0), 1u);
	KUNIT_EXPECT_EQ(test, (int)t->s->state, (int)VSP_STOR_READY);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(statuses_are_what_the_plan_says),
	KUNIT_CASE(executed_commands_may_still_look_failed),
	KUNIT_CASE(lines_of_the_plan_strike_where_they_should),
	KUNIT_CASE(sense_and_lengths_may_be_anything),
	KUNIT_CASE(data_may_be_wrong_and_then_it_is_booked),
	KUNIT_CASE(completions_get_lost_delayed_and_doubled),
	KUNIT_CASE(packets_of_answers_may_be_anything),
	KUNIT_CASE(handshake_may_go_wrong_at_each_step),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_storage_fault",
	.init = toystor_init,
	.exit = toystor_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
