// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's Dynamic Memory service under a toy guest: handshake, both directions, every breach.
 * Calls vsp/ and kunit/toyguest.c; compiles as a program too.
 * Bytes are compared with the vectors of the balloon specification, chapter 18.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "kunit/toyguest.h"
#include "vsp/memory.h"
#include "wire/classes.h"

struct table {
	struct toyguest *guest;		/* first: toy_exit() finds it there */
	struct vsp_memory *m;
	struct toy_ring ring;
	u32 relid;
	u32 id;
	u8 got[4200];			/* last message from the host */
	u32 bytes;
};

static struct table table;

static int init(struct kunit *test)
{
	int err = toy_init(test);

	memset(&table, 0, sizeof(table));
	table.guest = test->priv;
	table.m = vzalloc(sizeof(*table.m));
	return err ? err : table.m ? 0 : -ENOMEM;
}

static void quit(struct kunit *test)
{
	vfree(table.m);
	test->priv = table.guest;
	toy_exit(test);
}

static void open_channel(struct kunit *test)
{
	struct vsp_offer o = {
		.class_id = ENL_CLASS_MEMORY, .provider = &vsp_memory_provider, .state = table.m,
	};

	table.relid = vsp_offer(table.guest->host, &o);
	KUNIT_ASSERT_TRUE(test, toy_connect(table.guest, ENL_VERSION_4_0));
	KUNIT_ASSERT_EQ(test, toy_open(table.guest, &table.ring, table.relid, 8, 1), 0u);
}

/* The next message of the host; its type, or 0. */
static u32 hear(void)
{
	static u8 packet[4300];
	u32 length;

	toy_run(table.guest);
	length = toy_recv(table.guest, &table.ring, packet, sizeof(packet));
	toy_run(table.guest);
	if (length < 24)
		return 0;
	table.bytes = length - 16;
	memcpy(table.got, packet + 16, table.bytes);
	return toy_word(table.got, 0) & 0xffff;
}

static void say(const void *message, u32 bytes)
{
	toy_send(table.guest, &table.ring, ENL_PACKET_INBAND, 0, false, message, bytes);
	toy_run(table.guest);
}

/* A message of 16 bytes and more words: type and size, id, words. */
static void say_words(u32 type, u32 bytes, const u32 *words)
{
	__le32 m[64] = { __cpu_to_le32(type | bytes << 16), __cpu_to_le32(++table.id) };
	u32 i;

	for (i = 2; i < bytes / 4 && words; i++)
		m[i] = __cpu_to_le32(words[i - 2]);
	say(m, bytes);
}

static void shake_hands(struct kunit *test, u32 version)
{
	u32 ask[2] = { version, version == ENL_DM_VERSION_0_3 };
	u32 caps[6] = { 0x1f, 0, 0, 0, 0xffffffff, 0xffffffff };

	open_channel(test);
	say_words(ENL_DM_VERSION_REQUEST, 16, ask);
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_VERSION_RESPONSE);
	KUNIT_ASSERT_EQ(test, toy_word(table.got, 8), 1u);
	say_words(ENL_DM_CAPABILITIES, 32, caps);
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_CAPABILITIES_RESPONSE);
	KUNIT_ASSERT_EQ(test, (int)table.m->state, (int)VSP_DM_READY);
}

/* One response with up to four ranges of { first, pages }. */
static void give(u32 count, bool more, const u32 (*ranges)[2])
{
	u32 words[10] = { 0, count << 1 | more };
	u32 i;

	for (i = 0; i < count; i++) {
		words[2 + 2 * i] = ranges[i][0];
		words[3 + 2 * i] = ranges[i][1] << 8;
	}
	say_words(ENL_DM_BALLOON_RESPONSE, 16 + 8 * count, words);
}

static void expect(struct kunit *test, enum vsp_violation which, u64 times)
{
	KUNIT_EXPECT_EQ_MSG(test, vsp_violation_count(table.guest->host, which), times, "%s",
			    vsp_violation_name(which));
	KUNIT_EXPECT_EQ(test, vsp_violations(table.guest->host), times);
}

static void handshake_falls_back_to_what_the_host_knows(struct kunit *test)
{
	u32 two[2] = { ENL_DM_VERSION_2_0, 0 };
	u32 one[2] = { ENL_DM_VERSION_1_0, 0 };

	table.m->max_version = ENL_DM_VERSION_1_0;
	open_channel(test);
	say_words(ENL_DM_VERSION_REQUEST, 16, two);
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_VERSION_RESPONSE);
	KUNIT_EXPECT_EQ(test, toy_word(table.got, 8), 0u);
	KUNIT_EXPECT_EQ(test, toy_word(table.got, 4), table.id);
	say_words(ENL_DM_VERSION_REQUEST, 16, one);
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_VERSION_RESPONSE);
	KUNIT_EXPECT_EQ(test, toy_word(table.got, 8), 1u);
	KUNIT_EXPECT_EQ(test, table.m->version, ENL_DM_VERSION_1_0);
	expect(test, VSP_V_DM_ORDER, 0);
}

static void requests_are_the_vectors_of_the_specification(struct kunit *test)
{
	static const u8 dm8[] = { 6, 0, 16, 0, 0x10, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 };
	static const u8 dm6[] = {
		12, 0, 32, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0,
		0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0,
	};
	static const u8 dm13[] = {
		10, 0, 24, 0, 0x12, 0, 0, 0, 0, 0, 0x12, 0, 0, 0, 0x80, 0,
		0, 0, 0x12, 0, 0, 0, 0x80, 0,
	};
	static const u8 dm14[] = { 10, 0, 16, 0, 0x13, 0, 0, 0, 0, 0x80, 0x12, 0, 0, 0, 0x80, 0 };
	struct vsp *v = table.guest->host;

	shake_hands(test, ENL_DM_VERSION_2_0);
	table.m->next_id = 0xf;
	table.m->overlap = true;
	vsp_memory_balloon(v, table.m, 65536);
	vsp_memory_info(v, table.m, 524288);
	vsp_memory_hot_add(v, table.m, 0x120000, 0x8000, 0x120000, 0x8000);
	vsp_memory_hot_add(v, table.m, 0x128000, 0x8000, 0, 0);
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_BALLOON);
	KUNIT_EXPECT_MEMEQ(test, table.got, dm8, sizeof(dm8));
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_INFO);
	KUNIT_EXPECT_MEMEQ(test, table.got, dm6, sizeof(dm6));
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_HOT_ADD);
	KUNIT_EXPECT_MEMEQ(test, table.got, dm13, sizeof(dm13));
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_HOT_ADD);
	KUNIT_EXPECT_MEMEQ(test, table.got, dm14, sizeof(dm14));
}

static void pages_go_out_and_come_back(struct kunit *test, enum vsp_dm_grouping grouping,
				       u32 messages)
{
	static const u32 ranges[][2] = {
		{ TOY_PFN + 100, 10 }, { TOY_PFN + 130, 20 },
		{ TOY_PFN + 110, 20 }, { TOY_PFN + 60, 1 },
	};
	struct vsp_ledger l;
	u64 back = 0;
	u32 n = 0, i;

	shake_hands(test, ENL_DM_VERSION_2_0);
	vsp_memory_balloon(table.guest->host, table.m, 51);
	KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_BALLOON);
	give(2, true, ranges);
	give(2, false, ranges + 2);
	vsp_ledger(table.guest->host, &l);
	KUNIT_EXPECT_EQ(test, l.ballooned_pages, 51ULL);
	KUNIT_EXPECT_EQ(test, table.m->owned.count, 2u);
	KUNIT_EXPECT_EQ(test, table.m->last_got, 51ULL);

	vsp_memory_unballoon(table.guest->host, table.m, 0, grouping);
	do {
		KUNIT_ASSERT_EQ(test, hear(), (u32)ENL_DM_UNBALLOON);
		for (i = 0; i < toy_word(table.got, 12); i++)
			back += toy_word(table.got, 20 + 8 * i) >> 8;
		n++;
	} while (toy_word(table.got, 8) & 1);
	KUNIT_EXPECT_EQ(test, n, messages);
	KUNIT_EXPECT_EQ(test, back, 51ULL);
	say_words(ENL_DM_UNBALLOON_RESPONSE, 8, NULL);
	KUNIT_EXPECT_TRUE(test, vsp_memory_idle(table.m));
	KUNIT_EXPECT_EQ(test, table.m->unballooned, 1ULL);
	vsp_ledger(table.guest->host, &l);
	KUNIT_EXPECT_EQ(test, l.ballooned_pages, 0ULL);
	expect(test, VSP_V_DM_PAGE, 0);
}

static void unballoon_one_range_a_message(struct kunit *test)
{
	pages_go_out_and_come_back(test, VSP_DM_ONE_RANGE, 2);
}

static void unballoon_many_ranges(struct kunit *test)
{
	pages_go_out_and_come_back(test, VSP_DM_MANY_RANGES, 1);
}

static void unballoon_in_odd_pieces(struct kunit *test)
{
	pages_go_out_and_come_back(test, VSP_DM_SPLIT, 1);
}

static void unballoon_page_by_page(struct kunit *test)
{
	pages_go_out_and_come_back(test, VSP_DM_SINGLE, 1);
}

static void ballooned_page_that_is_used_is_noticed(struct kunit *test)
{
	static const u32 ranges[][2] = { { TOY_PFN + 100, 10 } };

	shake_hands(test, ENL_DM_VERSION_2_0);
	vsp_memory_balloon(table.guest->host, table.m, 10);
	hear();
	give(1, false, ranges);
	*toy_page(table.guest, 105) ^= 1;
	vsp_memory_unballoon(table.guest->host, table.m, 0, VSP_DM_MANY_RANGES);
	hear();
	expect(test, VSP_V_DM_TOUCHED, 1);
}

static void ballooned_page_that_is_freed_is_noticed(struct kunit *test)
{
	static const u32 ranges[][2] = { { TOY_PFN + 100, 10 } };

	shake_hands(test, ENL_DM_VERSION_2_0);
	vsp_memory_balloon(table.guest->host, table.m, 10);
	hear();
	give(1, false, ranges);
	KUNIT_EXPECT_EQ(test, vsp_quiesce(table.guest->host), 0ULL);
	table.guest->freed[103] = true;
	KUNIT_EXPECT_EQ(test, vsp_quiesce(table.guest->host), 1ULL);
	expect(test, VSP_V_FREED, 1);
}

static void breaches_of_a_balloon_response_are_noticed(struct kunit *test)
{
	static const u32 good[][2] = { { TOY_PFN + 100, 10 }, { TOY_PFN + 120, 10 } };
	static const u32 twice[][2] = { { TOY_PFN + 105, 1 } };
	static const u32 nowhere[][2] = { { 5, 1 } };
	struct vsp *v = table.guest->host;

	shake_hands(test, ENL_DM_VERSION_2_0);
	give(1, false, good);
	KUNIT_EXPECT_EQ(test, vsp_violation_count(v, VSP_V_DM_ORDER), 1ULL);
	vsp_memory_balloon(v, table.m, 15);
	hear();
	give(0, true, NULL);
	KUNIT_EXPECT_EQ(test, vsp_violation_count(v, VSP_V_DM_EMPTY_MORE), 1ULL);
	give(1, true, good);
	give(1, true, twice);
	give(1, true, nowhere);
	KUNIT_EXPECT_EQ(test, vsp_violation_count(v, VSP_V_DM_PAGE), 2ULL);
	give(1, false, good + 1);
	KUNIT_EXPECT_EQ(test, vsp_violation_count(v, VSP_V_DM_TOO_MANY), 1ULL);
	table.id = 0;
	give(0, false, NULL);
	KUNIT_EXPECT_EQ(test, vsp_violation_count(v, VSP_V_DM_ID), 1ULL);
	KUNIT_EXPECT_EQ(test, vsp_violation_count(v, VSP_V_DM_ORDER), 2ULL);
}

static void status_reports_are_timed_and_may_be_forbidden(struct kunit *test)
{
	u32 words[10] = { 716800, 0, 351232, 0 };

	table.m->suppress = true;
	shake_hands(test, ENL_DM_VERSION_2_0);
	KUNIT_EXPECT_EQ(test, toy_word(table.got, 8), 5u);
	say_words(ENL_DM_STATUS, 48, words);
	table.guest->now += 9000000;
	say_words(ENL_DM_STATUS, 48, words);
	KUNIT_EXPECT_EQ(test, table.m->shortest, 9000000ULL);
	KUNIT_EXPECT_EQ(test, __le64_to_cpu(table.m->status.committed), 351232ULL);
	expect(test, VSP_V_DM_STATUS, 2);
}

static void malformed_messages_are_noticed(struct kunit *test)
{
	__le32 m[4] = { 0 };

	shake_hands(test, ENL_DM_VERSION_2_0);
	m[0] = __cpu_to_le32(15 | 16 << 16);		/* unknown type */
	say(m, 16);
	m[0] = __cpu_to_le32(ENL_DM_STATUS | 16 << 16);	/* too short */
	say(m, 16);
	m[0] = __cpu_to_le32(ENL_DM_BALLOON | 16 << 16);	/* the host's */
	say(m, 16);
	m[0] = __cpu_to_le32(ENL_DM_UNBALLOON_RESPONSE | 64 << 16);	/* longer than it is */
	say(m, 16);
	expect(test, VSP_V_DM_FORMAT, 4);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(handshake_falls_back_to_what_the_host_knows),
	KUNIT_CASE(requests_are_the_vectors_of_the_specification),
	KUNIT_CASE(unballoon_one_range_a_message),
	KUNIT_CASE(unballoon_many_ranges),
	KUNIT_CASE(unballoon_in_odd_pieces),
	KUNIT_CASE(unballoon_page_by_page),
	KUNIT_CASE(ballooned_page_that_is_used_is_noticed),
	KUNIT_CASE(ballooned_page_that_is_freed_is_noticed),
	KUNIT_CASE(breaches_of_a_balloon_response_are_noticed),
	KUNIT_CASE(status_reports_are_timed_and_may_be_forbidden),
	KUNIT_CASE(malformed_messages_are_noticed),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_memory",
	.init = init,
	.exit = quit,
	.test_cases = cases,
};

kunit_test_suite(suite);
