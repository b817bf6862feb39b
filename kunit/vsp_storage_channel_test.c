// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's storage service and its channels: sub-channels, depth, full rings, close, rescind.
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

static void read_on(struct toystorage *t, struct toy_ring *ring, u8 lba)
{
	toystor_srb(t, read_cdb, sizeof(read_cdb), STOR_IN, 512);
	t->ask.srb.cdb[5] = lba;
	toystor_send(t, ring, 0, 0);
}

static u32 index_of_last_offer(struct toystorage *t)
{
	const struct enl_msg_offer *o = (const void *)toy_last(t->guest, ENL_MSG_OFFER);

	return __le16_to_cpu(o->sub_channel_index);
}

static void sub_channels_come_after_the_answer(struct kunit *test)
{
	struct toystorage *t = test->priv;
	struct toy_ring sub;
	u32 i;

	t->s->max_sub_channels = 4;
	ready(test);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_CREATE_SUB_CHANNELS, 5),
			ENL_NT_INVALID_PARAMETER);
	toystor_expect(test, t, VSP_V_STOR_LIMIT, 1);
	vsp_forgive(t->guest->host, VSP_V_STOR_LIMIT);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_CREATE_SUB_CHANNELS, 3), 0u);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_OFFER), 4u);
	for (i = 1; i <= 3; i++)
		KUNIT_EXPECT_NE(test, vsp_storage_relid(t->s, i), 0u);
	KUNIT_EXPECT_EQ(test, index_of_last_offer(t), 3u);

	KUNIT_ASSERT_EQ(test, toy_open(t->guest, &sub, vsp_storage_relid(t->s, 2), 24, 2), 0u);
	t->memory[0].bytes[512] = 0x21;
	read_on(t, &sub, 1);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &sub));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0), (u8)0x21);
	toystor_expect(test, t, VSP_V_LIMIT, 0);

	/* gone with the primary */
	toy_close(t->guest, &t->ring);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_RESCIND), 3u);
	KUNIT_EXPECT_EQ(test, vsp_storage_relid(t->s, 2), 0u);
}

static void sub_channels_may_come_as_they_like(struct kunit *test)
{
	struct toystorage *t = test->priv;

	t->s->max_sub_channels = 10;
	ready(test);
	t->s->sub = VSP_SUB_LATE | VSP_SUB_REVERSE;
	toystor_control(t, ENL_STOR_CREATE_SUB_CHANNELS, 3);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_OFFER), 1u);
	KUNIT_EXPECT_EQ(test, vsp_storage_offer_late(t->s), 3u);
	toy_run(t->guest);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_OFFER), 4u);
	KUNIT_EXPECT_EQ(test, index_of_last_offer(t), 1u);
	t->s->sub = VSP_SUB_FEWER;
	toystor_control(t, ENL_STOR_CREATE_SUB_CHANNELS, 3);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_OFFER), 6u);
	t->s->sub = VSP_SUB_MORE | VSP_SUB_ZERO;
	toystor_control(t, ENL_STOR_CREATE_SUB_CHANNELS, 1);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_OFFER), 8u);
	KUNIT_EXPECT_EQ(test, index_of_last_offer(t), 0u);
	t->s->sub = VSP_SUB_DUPLICATE | VSP_SUB_OFFER_FIRST;
	toystor_control(t, ENL_STOR_CREATE_SUB_CHANNELS, 2);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_OFFER), 10u);
	KUNIT_EXPECT_EQ(test, index_of_last_offer(t), 8u);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void sub_channel_waits_for_the_handshake(struct kunit *test)
{
	struct toystorage *t = test->priv;
	struct toy_ring sub;

	t->s->max_sub_channels = 1;
	toystor_open(test, t);
	toystor_control(t, ENL_STOR_BEGIN_INIT, 0);
	toystor_control(t, ENL_STOR_QUERY_VERSION, ENL_STOR_VERSION_6_2);
	toystor_control(t, ENL_STOR_QUERY_PROPERTIES, 0);
	toystor_control(t, ENL_STOR_CREATE_SUB_CHANNELS, 1);
	KUNIT_ASSERT_EQ(test, toy_open(t->guest, &sub, vsp_storage_relid(t->s, 1), 24, 2), 0u);
	read_on(t, &sub, 1);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &sub));
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_END_INIT, 0), 0u);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &sub));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void answers_come_in_the_order_of_the_backend(struct kunit *test)
{
	struct toystorage *t = ready(test);
	u64 first;
	u32 i;

	t->memory[0].hold = true;
	for (i = 0; i < 8; i++)
		read_on(t, &t->ring, i);
	toy_run(t->guest);
	first = t->sent - 7;
	KUNIT_EXPECT_EQ(test, t->memory[0].held, 8u);
	KUNIT_EXPECT_EQ(test, t->disk[0].in_flight, 8u);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	vsp_disk_memory_release(&t->memory[0], 1, false);
	vsp_disk_memory_release(&t->memory[0], 7, true);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->id, first);
	for (i = 7; i; i--) {
		KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
		KUNIT_EXPECT_EQ(test, t->id, first + i);
	}
	KUNIT_EXPECT_TRUE(test, vsp_storage_idle(t->s));
	KUNIT_EXPECT_EQ(test, t->s->stats.most, 8u);
	KUNIT_EXPECT_EQ(test, vsp_quiesce(t->guest->host), 0ULL);
}

/* Sends until the ring is full, hears nothing; the host stops at its limit and goes on later. */
static void ring_is_not_read_beyond_the_depth(struct kunit *test)
{
	struct toystorage *t = ready(test);
	u32 i;

	t->s->depth = 4;
	t->memory[0].hold = true;
	for (i = 0; i < 20; i++)
		read_on(t, &t->ring, i);
	toy_run(t->guest);
	KUNIT_EXPECT_EQ(test, t->memory[0].held, 4u);
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, vsp_disk_memory_release(&t->memory[0], 1, false), 1u);
		KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
		KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	}
	KUNIT_EXPECT_EQ(test, t->s->stats.most, 4u);
	KUNIT_EXPECT_EQ(test, t->s->stats.srbs, 20ULL);
	KUNIT_EXPECT_EQ(test, vsp_quiesce(t->guest->host), 0ULL);
}

/* Fewer slots than any channel may use: whoever has to wait goes on when one is free. */
static void channels_share_the_slots(struct kunit *test)
{
	struct toystorage *t = test->priv;
	struct toy_ring sub;
	u32 heard = 0;
	u32 i;

	t->s->max_sub_channels = 1;
	t->s->requests = 2;
	ready(test);
	toystor_control(t, ENL_STOR_CREATE_SUB_CHANNELS, 1);
	KUNIT_ASSERT_EQ(test, toy_open(t->guest, &sub, vsp_storage_relid(t->s, 1), 24, 2), 0u);
	t->memory[0].hold = true;
	for (i = 0; i < 3; i++)
		read_on(t, &t->ring, i);
	toy_run(t->guest);
	for (i = 0; i < 3; i++)
		read_on(t, &sub, i);
	toy_run(t->guest);
	KUNIT_EXPECT_EQ(test, t->memory[0].held, 2u);
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, vsp_disk_memory_release(&t->memory[0], 1, false), 1u);
		heard += toystor_hear(t, &t->ring);
		heard += toystor_hear(t, &sub);
	}
	KUNIT_EXPECT_EQ(test, heard, 6u);
	KUNIT_EXPECT_TRUE(test, vsp_storage_idle(t->s));
	KUNIT_EXPECT_EQ(test, vsp_quiesce(t->guest->host), 0ULL);
}

static void full_completion_ring_stops_the_reading(struct kunit *test)
{
	struct toystorage *t = ready(test);
	u32 sent = 0, heard = 0;
	u32 round;

	/* 12 KiB hold 139 completions of 88 bytes, and 107 requests of 112 */
	for (round = 0; round < 4; round++) {
		u32 i;

		for (i = 0; i < 60; i++, sent++)
			read_on(t, &t->ring, i);
		toy_run(t->guest);
	}
	KUNIT_EXPECT_LT(test, t->s->stats.completions, 140ULL);
	/* those of the last round are still in their ring */
	KUNIT_EXPECT_EQ(test, t->s->stats.srbs, 180ULL);
	while (toystor_hear(t, &t->ring)) {
		KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
		heard++;
	}
	KUNIT_EXPECT_EQ(test, heard, sent);
	KUNIT_EXPECT_EQ(test, vsp_quiesce(t->guest->host), 0ULL);
}

static void close_waits_for_the_backend(struct kunit *test)
{
	struct toystorage *t = ready(test);

	t->memory[0].hold = true;
	read_on(t, &t->ring, 0);
	read_on(t, &t->ring, 1);
	toy_run(t->guest);
	toy_close(t->guest, &t->ring);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_GPADL_TORNDOWN), 0u);
	KUNIT_EXPECT_EQ(test, t->s->stats.orphans, 2ULL);
	vsp_disk_memory_release(&t->memory[0], 1, false);
	toy_run(t->guest);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_GPADL_TORNDOWN), 0u);
	vsp_disk_memory_release(&t->memory[0], 1, false);
	toy_run(t->guest);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_GPADL_TORNDOWN), 1u);
	KUNIT_EXPECT_TRUE(test, vsp_storage_idle(t->s));

	/* and the controller works once more */
	t->memory[0].hold = false;
	KUNIT_ASSERT_EQ(test, toy_open(t->guest, &t->ring, t->relid, 8, 1), 0u);
	toystor_shake(test, t, ENL_STOR_VERSION_6_0);
	read_on(t, &t->ring, 0);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void unload_waits_for_the_backend(struct kunit *test)
{
	struct enl_msg_header unload = { .type = __cpu_to_le32(ENL_MSG_UNLOAD) };
	struct toystorage *t = ready(test);

	t->memory[0].hold = true;
	read_on(t, &t->ring, 0);
	toy_run(t->guest);
	toy_post(t->guest, &unload, sizeof(unload));
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_UNLOAD_COMPLETE), 0u);
	vsp_disk_memory_release(&t->memory[0], 1, false);
	toy_run(t->guest);
	KUNIT_EXPECT_EQ(test, toy_count(t->guest, ENL_MSG_UNLOAD_COMPLETE), 1u);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void backend_may_write_after_a_rescind(struct kunit *test)
{
	struct toystorage *t = ready(test);

	memset(t->memory[0].bytes, 0x31, 512);
	memset(toystor_data(t, 0), 0, 512);
	vsp_storage_fault_add(t->s, &(struct vsp_storage_fault){
		VSP_STORAGE_FAULT_ANY, .what = VSP_SF_HOLD_DATA });
	read_on(t, &t->ring, 0);
	toy_run(t->guest);
	KUNIT_EXPECT_TRUE(test, vsp_rescind(t->guest->host, t->relid));
	toy_run(t->guest);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0), (u8)0);
	/* a guest that gives the page away is found out */
	KUNIT_EXPECT_EQ(test, vsp_check_memory(t->guest->host), 0ULL);
	t->guest->freed[TOYSTOR_DATA] = true;
	KUNIT_EXPECT_EQ(test, vsp_check_memory(t->guest->host), 1ULL);
	toystor_expect(test, t, VSP_V_FREED, 1);
	KUNIT_EXPECT_EQ(test, vsp_storage_release(t->s, 1, false), 1u);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0), (u8)0x31);
	KUNIT_EXPECT_TRUE(test, vsp_storage_idle(t->s));
	vsp_forgive(t->guest->host, VSP_V_FREED);
	KUNIT_EXPECT_EQ(test, vsp_check_memory(t->guest->host), 0ULL);
}

static void unit_is_pulled_with_requests_under_way(struct kunit *test)
{
	struct toystorage *t = ready(test);

	t->memory[0].hold = true;
	read_on(t, &t->ring, 0);
	toy_run(t->guest);
	KUNIT_EXPECT_TRUE(test, vsp_storage_remove(t->s, &t->disk[0]));
	KUNIT_EXPECT_FALSE(test, vsp_storage_remove(t->s, &t->disk[0]));
	read_on(t, &t->ring, 1);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));	/* the notice */
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_INVALID_LUN);
	KUNIT_EXPECT_EQ(test, t->disk[0].in_flight, 1u);
	vsp_disk_memory_release(&t->memory[0], 1, false);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	KUNIT_EXPECT_EQ(test, t->disk[0].in_flight, 0u);

	/* another disk at the same address, and a pull without a word */
	KUNIT_EXPECT_TRUE(test, vsp_storage_add(t->s, &t->disk[1]));
	KUNIT_EXPECT_TRUE(test, vsp_storage_swap(t->s, &t->disk[1], &t->disk[2]));
	KUNIT_EXPECT_PTR_EQ(test, vsp_storage_find(t->s, 0, 0, 1), &t->disk[2]);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	vsp_storage_fault_add(t->s, &(struct vsp_storage_fault){
		VSP_STORAGE_FAULT_ANY, .what = VSP_SF_PULL });
	toystor_srb(t, read_cdb, sizeof(read_cdb), STOR_IN, 512);
	t->ask.srb.lun = 1;
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_INVALID_LUN);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_NULL(test, vsp_storage_find(t->s, 0, 0, 1));
}

static void resets_are_answered_and_do_nothing(struct kunit *test)
{
	struct toystorage *t = ready(test);

	vsp_storage_fault_add(t->s, &(struct vsp_storage_fault){
		VSP_STORAGE_FAULT_ANY, .times = 2, .what = VSP_SF_HOLD_DATA });
	read_on(t, &t->ring, 0);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_RESET_BUS, 0), 0u);
	KUNIT_EXPECT_EQ(test, vsp_storage_held(t->s), 1u);
	vsp_storage_release(t->s, 1, false);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	/* but some hosts mean it */
	t->s->resets_abort = true;
	read_on(t, &t->ring, 0);
	toystor_control(t, ENL_STOR_RESET_BUS, 0);
	KUNIT_EXPECT_EQ(test, vsp_storage_held(t->s), 0u);
	while (t->got.srb.srb_status != ENL_SRB_BUS_RESET && toystor_hear(t, &t->ring))
		;
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_BUS_RESET);
	KUNIT_EXPECT_EQ(test, t->s->stats.resets, 2ULL);
}

static void deaf_host_reads_nothing(struct kunit *test)
{
	struct toystorage *t = ready(test);

	t->s->deaf = true;
	read_on(t, &t->ring, 0);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	t->s->deaf = false;
	vsp_storage_wake(t->s);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sub_channels_come_after_the_answer),
	KUNIT_CASE(sub_channels_may_come_as_they_like),
	KUNIT_CASE(sub_channel_waits_for_the_handshake),
	KUNIT_CASE(answers_come_in_the_order_of_the_backend),
	KUNIT_CASE(ring_is_not_read_beyond_the_depth),
	KUNIT_CASE(channels_share_the_slots),
	KUNIT_CASE(full_completion_ring_stops_the_reading),
	KUNIT_CASE(close_waits_for_the_backend),
	KUNIT_CASE(unload_waits_for_the_backend),
	KUNIT_CASE(backend_may_write_after_a_rescind),
	KUNIT_CASE(unit_is_pulled_with_requests_under_way),
	KUNIT_CASE(resets_are_answered_and_do_nothing),
	KUNIT_CASE(deaf_host_reads_nothing),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_storage_channel",
	.init = toystor_init,
	.exit = toystor_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
