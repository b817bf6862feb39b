// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dynamic Memory messages byte for byte: every vector of the specification's chapter 18, each way.
 * Calls the parsing and encoding halves of balloon/; compiles as a program too.
 * A vector that the guest sends is produced, one that the host sends is decoded.
 */
#include <kunit/test.h>
#include "balloon/model.h"

static const u8 dm_1[] = { 1, 0, 16, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0 };
static const u8 dm_2[] = { 1, 0, 16, 0, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0 };
static const u8 dm_3[] = { 2, 0, 16, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 };
static const u8 dm_4[] = {
	3, 0, 0x20, 0, 2, 0, 0, 0, 0x1f, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};
static const u8 dm_5[] = { 4, 0, 16, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0 };
static const u8 dm_6[] = {
	0x0c, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0,
	0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0,
};
static const u8 dm_7[] = {
	5, 0, 0x30, 0, 3, 0, 0, 0, 0, 0xf0, 0x0a, 0, 0, 0, 0, 0,
	0, 0x5c, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
static const u8 dm_8[] = { 6, 0, 16, 0, 0x10, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 };
static const u8 dm_9[] = {
	7, 0, 0x20, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0,
	0, 0, 8, 0, 0, 0, 2, 0, 0, 2, 8, 0, 0, 0, 2, 0,
};
static const u8 dm_10[] = { 7, 0, 16, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
static const u8 dm_11[] = {
	8, 0, 0x18, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0, 4, 0,
};
static const u8 dm_12[] = { 9, 0, 8, 0, 6, 0, 0, 0 };
static const u8 dm_13[] = {
	0x0a, 0, 0x18, 0, 0x12, 0, 0, 0, 0, 0, 0x12, 0, 0, 0, 0x80, 0,
	0, 0, 0x12, 0, 0, 0, 0x80, 0,
};
static const u8 dm_14[] = { 0x0a, 0, 16, 0, 0x13, 0, 0, 0, 0, 0x80, 0x12, 0, 0, 0, 0x80, 0 };
static const u8 dm_15[] = { 0x0b, 0, 16, 0, 7, 0, 0, 0, 0, 0x80, 0, 0, 1, 0, 0, 0 };
static const u8 dm_16[] = { 0x0b, 0, 16, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 };
static const u8 dm_17[] = { 0x0b, 0, 16, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

/* What the driver does before it sends: number the message. */
static void number(void *out, u32 id)
{
	((struct enl_dm_header *)out)->trans_id = cpu_to_le32(id);
}

#define EXPECT_SENT(test, vector, id, call) do {						\
	u8 out_[64];										\
	u32 bytes_;										\
												\
	memset(out_, 0xaa, sizeof(out_));							\
	{ u8 *out = out_; bytes_ = (call); }							\
	number(out_, id);									\
	KUNIT_EXPECT_EQ(test, bytes_, (u32)sizeof(vector));					\
	KUNIT_EXPECT_EQ(test, memcmp(out_, vector, sizeof(vector)), 0);				\
	KUNIT_EXPECT_EQ(test, out_[sizeof(vector)], (u8)0xaa);					\
} while (0)

static void version_requests_match_DM_1_and_DM_2(struct kunit *test)
{
	EXPECT_SENT(test, dm_1, 1, balloon_put_version(out, ENL_DM_VERSION_2_0, false));
	EXPECT_SENT(test, dm_2, 3, balloon_put_version(out, ENL_DM_VERSION_0_3, true));
}

static void version_response_matches_DM_3(struct kunit *test)
{
	struct balloon_message m;
	u8 refused[sizeof(dm_3)];

	KUNIT_ASSERT_EQ(test, balloon_parse(dm_3, sizeof(dm_3), &m), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, m.type, ENL_DM_VERSION_RESPONSE);
	KUNIT_EXPECT_TRUE(test, m.accepted);

	memcpy(refused, dm_3, sizeof(refused));
	refused[8] = 0xfe;	/* bit 0 alone decides */
	KUNIT_ASSERT_EQ(test, balloon_parse(refused, sizeof(refused), &m), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_FALSE(test, m.accepted);
}

static void capabilities_match_DM_4(struct kunit *test)
{
	struct balloon_abilities all = {
		.page_shift = 12, .balloon = true, .hot_add = true, .block_bytes = 128 << 20,
	};

	EXPECT_SENT(test, dm_4, 2, balloon_put_capabilities(out, balloon_capabilities(&all)));
}

static void capabilities_response_matches_DM_5(struct kunit *test)
{
	struct balloon_message m;

	KUNIT_ASSERT_EQ(test, balloon_parse(dm_5, sizeof(dm_5), &m), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, m.type, ENL_DM_CAPABILITIES_RESPONSE);
	KUNIT_EXPECT_EQ(test, m.caps, (u64)(ENL_DM_CAPS_ACCEPTED | ENL_DM_CAPS_HOT_REMOVE |
					    ENL_DM_CAPS_SUPPRESS_REPORTS));
}

/* P-254: the host's number, unchanged */
static void info_message_matches_DM_6(struct kunit *test)
{
	struct balloon_message m;

	KUNIT_ASSERT_EQ(test, balloon_parse(dm_6, sizeof(dm_6), &m), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, m.type, ENL_DM_INFO);
	KUNIT_EXPECT_EQ(test, m.info, ENL_DM_INFO_MAX_PAGES);
	KUNIT_EXPECT_EQ(test, m.max_pages, 524288ULL);
}

static void status_report_matches_DM_7(struct kunit *test)
{
	/* 3840 MiB managed, 900 MiB committed */
	u64 floor = balloon_floor(3840 << 8, 12);
	struct balloon_status status = { .available = 2800 << 8, .committed = (900 << 8) + floor };

	KUNIT_EXPECT_EQ(test, floor, 472ULL << 8);
	EXPECT_SENT(test, dm_7, 3, balloon_put_status(out, &status));
}

static void balloon_request_matches_DM_8(struct kunit *test)
{
	struct balloon_message m;

	KUNIT_ASSERT_EQ(test, balloon_parse(dm_8, sizeof(dm_8), &m), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, m.type, ENL_DM_BALLOON);
	KUNIT_EXPECT_EQ(test, m.pages, 65536u);
}

static void balloon_responses_match_DM_9_and_DM_10(struct kunit *test)
{
	static const struct balloon_run runs[] = { { 0x80000, 512 }, { 0x80200, 512 } };

	EXPECT_SENT(test, dm_9, 4, balloon_put_ranges(out, runs, 2, true));
	EXPECT_SENT(test, dm_10, 5, balloon_put_ranges(out, NULL, 0, false));
}

static void unballoon_request_matches_DM_11(struct kunit *test)
{
	struct balloon_message m;
	struct balloon_run run;

	KUNIT_ASSERT_EQ(test, balloon_parse(dm_11, sizeof(dm_11), &m), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, m.type, ENL_DM_UNBALLOON);
	KUNIT_EXPECT_FALSE(test, m.more);
	KUNIT_ASSERT_EQ(test, m.count, 1u);
	run = balloon_run_from_wire(m.ranges[0]);
	KUNIT_EXPECT_EQ(test, run.first, 0x80000ULL);
	KUNIT_EXPECT_EQ(test, run.pages, 1024ULL);
}

static void unballoon_response_matches_DM_12(struct kunit *test)
{
	EXPECT_SENT(test, dm_12, 6, balloon_put_unballooned(out));
}

static void hot_add_requests_match_DM_13_and_DM_14(struct kunit *test)
{
	struct balloon_message m;

	KUNIT_ASSERT_EQ(test, balloon_parse(dm_13, sizeof(dm_13), &m), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, m.range.first, 0x120000ULL);
	KUNIT_EXPECT_EQ(test, m.range.pages, 0x8000ULL);
	KUNIT_EXPECT_TRUE(test, m.has_region);
	KUNIT_EXPECT_EQ(test, m.region.first, 0x120000ULL);
	KUNIT_EXPECT_EQ(test, m.region.pages, 0x8000ULL);

	KUNIT_ASSERT_EQ(test, balloon_parse(dm_14, sizeof(dm_14), &m), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, m.range.first, 0x128000ULL);
	KUNIT_EXPECT_EQ(test, m.range.pages, 0x8000ULL);
	KUNIT_EXPECT_FALSE(test, m.has_region);
}

/* P-252: what one request says of a region is forgotten by the next, in every order of the forms */
static void region_of_one_request_never_reaches_the_next(struct kunit *test)
{
	unsigned int order, i;
	struct balloon_message m;
	bool with;

	for (order = 0; order < 16; order++) {
		for (i = 0; i < 4; i++) {
			with = order >> i & 1;
			if (with)
				KUNIT_ASSERT_EQ(test, balloon_parse(dm_13, sizeof(dm_13), &m),
						BALLOON_FAULT_NONE);
			else
				KUNIT_ASSERT_EQ(test, balloon_parse(dm_14, sizeof(dm_14), &m),
						BALLOON_FAULT_NONE);
			KUNIT_EXPECT_EQ(test, m.has_region, with);
			KUNIT_EXPECT_EQ(test, m.region.pages, with ? 0x8000ULL : 0ULL);
		}
	}
}

static void hot_add_responses_match_DM_15_to_DM_17(struct kunit *test)
{
	EXPECT_SENT(test, dm_15, 7, balloon_put_hot_added(out, 32768, true));
	EXPECT_SENT(test, dm_16, 8, balloon_put_hot_added(out, 0, true));
	EXPECT_SENT(test, dm_17, 9, balloon_put_hot_added(out, 0, false));
}

static void hot_remove_is_declined_without_ranges(struct kunit *test)
{
	static const u8 declined[] = {
		0x0e, 0, 0x18, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};

	EXPECT_SENT(test, declined, 10, balloon_put_hot_removed(out));
}

static void hint_words_match_HH_1(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, balloon_put_hint(0x140000, 2 << 21), 0x140000801ULL);
	KUNIT_EXPECT_EQ(test, balloon_put_hint(0x2345, 64 << 12), 0x234503fULL);
}

static void hint_words_hold_at_most_2048_units_and_only_whole_pages(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, balloon_put_hint(0x140000, 2048ULL << 21), 0x140000fffULL);
	KUNIT_EXPECT_EQ(test, balloon_put_hint(0x140000, 2049ULL << 21), 0ULL);
	KUNIT_EXPECT_EQ(test, balloon_put_hint(0x2345, 2048ULL << 12), 0x23457ffULL);
	KUNIT_EXPECT_EQ(test, balloon_put_hint(0x2345, 2049ULL << 12), 0ULL);
	KUNIT_EXPECT_EQ(test, balloon_put_hint(0x2345, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, balloon_put_hint(0x2345, 4097), 0ULL);
}

/* P-244, P-247: what cannot be is not announced */
static void capabilities_announce_only_what_is_possible(struct kunit *test)
{
	struct balloon_abilities a = {
		.page_shift = 12, .balloon = true, .hot_add = true, .block_bytes = 2048ULL << 20,
	};

	KUNIT_EXPECT_EQ(test, balloon_capabilities(&a), 3ULL | 11 << 2);	/* P-245: 2 GiB */
	a.block_bytes = 32ULL << 30;
	KUNIT_EXPECT_EQ(test, balloon_capabilities(&a), 3ULL | 15 << 2);
	a.block_bytes = 64ULL << 30;	/* the field cannot say it */
	KUNIT_EXPECT_EQ(test, balloon_capabilities(&a), 1ULL);
	a.block_bytes = 3ULL << 20;	/* no power of two */
	KUNIT_EXPECT_EQ(test, balloon_capabilities(&a), 1ULL);
	a.block_bytes = 128ULL << 20;
	a.hot_add = false;		/* kernel without hot-plug, or parameter */
	KUNIT_EXPECT_EQ(test, balloon_capabilities(&a), 1ULL);
	a.balloon = false;
	KUNIT_EXPECT_EQ(test, balloon_capabilities(&a), 0ULL);
	a.balloon = true;
	a.hot_add = true;
	a.page_shift = 14;		/* 16 and 64 KiB pages cannot be split for the host */
	KUNIT_EXPECT_EQ(test, balloon_capabilities(&a), 0ULL);
	a.page_shift = 16;
	KUNIT_EXPECT_EQ(test, balloon_capabilities(&a), 0ULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(version_requests_match_DM_1_and_DM_2),
	KUNIT_CASE(version_response_matches_DM_3),
	KUNIT_CASE(capabilities_match_DM_4),
	KUNIT_CASE(capabilities_response_matches_DM_5),
	KUNIT_CASE(info_message_matches_DM_6),
	KUNIT_CASE(status_report_matches_DM_7),
	KUNIT_CASE(balloon_request_matches_DM_8),
	KUNIT_CASE(balloon_responses_match_DM_9_and_DM_10),
	KUNIT_CASE(unballoon_request_matches_DM_11),
	KUNIT_CASE(unballoon_response_matches_DM_12),
	KUNIT_CASE(hot_add_requests_match_DM_13_and_DM_14),
	KUNIT_CASE(region_of_one_request_never_reaches_the_next),
	KUNIT_CASE(hot_add_responses_match_DM_15_to_DM_17),
	KUNIT_CASE(hot_remove_is_declined_without_ranges),
	KUNIT_CASE(hint_words_match_HH_1),
	KUNIT_CASE(hint_words_hold_at_most_2048_units_and_only_whole_pages),
	KUNIT_CASE(capabilities_announce_only_what_is_possible),
	{ }
};

static struct kunit_suite suite = { .name = "balloon_wire", .test_cases = cases };
kunit_test_suite(suite);
