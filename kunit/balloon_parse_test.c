// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hostile Dynamic Memory messages: each named fault of parsing, each length rule.
 * Calls the parsing half of balloon/; compiles as a program too, where the sanitizers watch every
 * read beyond the bytes that were given.
 */
#include <kunit/test.h>
#include "balloon/model.h"

/* A message in memory of exactly its size, so that a sanitizer sees a read beyond. */
struct made {
	u8 *bytes;
	u32 count;
};

static struct made make(struct kunit *test, u16 type, u16 size, u32 count)
{
	struct made m = { .count = count };
	struct enl_dm_header header = { cpu_to_le16(type), cpu_to_le16(size), cpu_to_le32(77) };

	m.bytes = kunit_kzalloc(test, count ? count : 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m.bytes);
	memcpy(m.bytes, &header, min_t(u32, count, sizeof(header)));
	return m;
}

static void put32(struct made m, u32 offset, u32 value)
{
	__le32 wire = cpu_to_le32(value);

	memcpy(m.bytes + offset, &wire, sizeof(wire));
}

static void put64(struct made m, u32 offset, u64 value)
{
	__le64 wire = cpu_to_le64(value);

	memcpy(m.bytes + offset, &wire, sizeof(wire));
}

static enum balloon_fault parse(struct made m)
{
	struct balloon_message out;

	return balloon_parse(m.bytes, m.count, &out);
}

/* 17.1 */
static void refuses_packet_shorter_than_a_header(struct kunit *test)
{
	u32 n;

	for (n = 0; n < 8; n++)
		KUNIT_EXPECT_EQ(test, parse(make(test, ENL_DM_BALLOON, 16, n)),
				BALLOON_FAULT_HEADER);
}

/* 17.1 */
static void refuses_size_below_header_or_beyond_packet(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, parse(make(test, ENL_DM_BALLOON, 7, 16)), BALLOON_FAULT_SIZE);
	KUNIT_EXPECT_EQ(test, parse(make(test, ENL_DM_BALLOON, 0, 16)), BALLOON_FAULT_SIZE);
	KUNIT_EXPECT_EQ(test, parse(make(test, ENL_DM_BALLOON, 17, 16)), BALLOON_FAULT_SIZE);
	KUNIT_EXPECT_EQ(test, parse(make(test, ENL_DM_BALLOON, 0xffff, 16)), BALLOON_FAULT_SIZE);
	KUNIT_EXPECT_EQ(test, parse(make(test, ENL_DM_UNBALLOON, 4104, 4104)), BALLOON_FAULT_SIZE);
}

/* 17.2, negative vector: DM-8 with size field 12 */
static void refuses_message_shorter_than_its_type_requires(struct kunit *test)
{
	static const struct {
		u16 type, least;
	} row[] = {
		{ ENL_DM_VERSION_RESPONSE, 16 }, { ENL_DM_CAPABILITIES_RESPONSE, 16 },
		{ ENL_DM_BALLOON, 16 }, { ENL_DM_UNBALLOON, 16 }, { ENL_DM_HOT_ADD, 16 },
		{ ENL_DM_INFO, 16 }, { ENL_DM_HOT_REMOVE, 24 },
	};
	unsigned int i;
	u32 size;

	for (i = 0; i < ARRAY_SIZE(row); i++)
		for (size = 8; size < row[i].least; size++)
			KUNIT_EXPECT_EQ_MSG(test, parse(make(test, row[i].type, size, 32)),
					    BALLOON_FAULT_LENGTH, "type %u size %u", row[i].type,
					    size);
	KUNIT_EXPECT_EQ(test, parse(make(test, ENL_DM_BALLOON, 12, 16)), BALLOON_FAULT_LENGTH);
}

/* P-251, negative vector: any type 15 */
static void names_unknown_types(struct kunit *test)
{
	u32 type;

	KUNIT_EXPECT_EQ(test, parse(make(test, 0, 16, 16)), BALLOON_FAULT_TYPE);
	for (type = 15; type <= 0xffff; type += type < 32 ? 1 : 127)
		KUNIT_EXPECT_EQ(test, parse(make(test, type, 16, 16)), BALLOON_FAULT_TYPE);
}

static void refuses_types_that_only_a_guest_sends(struct kunit *test)
{
	static const u16 type[] = {
		ENL_DM_VERSION_REQUEST, ENL_DM_CAPABILITIES, ENL_DM_STATUS, ENL_DM_BALLOON_RESPONSE,
		ENL_DM_UNBALLOON_RESPONSE, ENL_DM_HOT_ADD_RESPONSE, ENL_DM_HOT_REMOVE_RESPONSE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(type); i++)
		KUNIT_EXPECT_EQ(test, parse(make(test, type[i], 48, 48)), BALLOON_FAULT_DIRECTION);
}

/* 17.3, negative vector: DM-11 with count 2 and the same length */
static void unballoon_count_must_fit_without_overflow(struct kunit *test)
{
	static const u32 bad[] = { 2, 3, 0x1fffffff, 0x20000000, 0x20000001, 0x80000000,
				   0xffffffff };
	struct made m = make(test, ENL_DM_UNBALLOON, 24, 24);
	unsigned int i;

	put32(m, 12, 1);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_NONE);
	put32(m, 12, 0);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_NONE);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		put32(m, 12, bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, parse(m), BALLOON_FAULT_UNBALLOON_COUNT, "count %u",
				    bad[i]);
	}
	/* The size field counts, not what else the packet holds. */
	m = make(test, ENL_DM_UNBALLOON, 24, 4096);
	put32(m, 12, 2);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_UNBALLOON_COUNT);
	m = make(test, ENL_DM_UNBALLOON, 4096, 4096);
	put32(m, 12, 510);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_NONE);
	put32(m, 12, 511);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_UNBALLOON_COUNT);
}

/* 17.17, negative vector: DM-6 with value length 4 */
static void info_lengths_must_both_fit(struct kunit *test)
{
	struct made m = make(test, ENL_DM_INFO, 32, 32);
	struct balloon_message out;

	put32(m, 12, 16);
	put32(m, 20, 8);
	put64(m, 24, 4242);
	KUNIT_ASSERT_EQ(test, balloon_parse(m.bytes, m.count, &out), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, out.max_pages, 4242ULL);

	put32(m, 20, 4);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_INFO_LENGTH);
	put32(m, 20, 9);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_INFO_LENGTH);
	put32(m, 20, 8);
	put32(m, 12, 17);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_INFO_LENGTH);
	put32(m, 12, 0xfffffff0);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_INFO_LENGTH);
	put32(m, 12, 15);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_INFO_LENGTH);
	put32(m, 12, 7);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_INFO_LENGTH);

	/* An empty blob in a message of the least size. */
	m = make(test, ENL_DM_INFO, 16, 16);
	KUNIT_EXPECT_EQ(test, parse(m), BALLOON_FAULT_INFO_LENGTH);
}

/* 17.17 */
static void unknown_information_is_no_fault_and_no_maximum(struct kunit *test)
{
	struct made m = make(test, ENL_DM_INFO, 24, 24);
	struct balloon_message out;

	put32(m, 12, 8);
	put32(m, 16, 1);
	put32(m, 20, 99);
	KUNIT_ASSERT_EQ(test, balloon_parse(m.bytes, m.count, &out), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, out.info, 1u);
	KUNIT_EXPECT_EQ(test, out.max_pages, 0ULL);
}

/* 17.19 */
static void hot_remove_parses(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, parse(make(test, ENL_DM_HOT_REMOVE, 24, 24)), BALLOON_FAULT_NONE);
}

static void hot_add_between_its_two_sizes_has_no_region(struct kunit *test)
{
	struct made m = make(test, ENL_DM_HOT_ADD, 20, 24);
	struct balloon_message out;

	put64(m, 8, 0x0080000000120000ULL);
	put64(m, 16, ~0ULL);
	KUNIT_ASSERT_EQ(test, balloon_parse(m.bytes, m.count, &out), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_FALSE(test, out.has_region);
	/* A region of no pages, as older hosts send it. */
	m = make(test, ENL_DM_HOT_ADD, 24, 24);
	put64(m, 8, 0x0080000000120000ULL);
	KUNIT_ASSERT_EQ(test, balloon_parse(m.bytes, m.count, &out), BALLOON_FAULT_NONE);
	KUNIT_EXPECT_FALSE(test, out.has_region);
}

/* Random bytes: nothing is asked but that the sanitizers stay silent and the answer has a name. */
static void random_bytes_end_in_a_name(struct kunit *test)
{
	u32 seed = 0x51ed270b, i, j, seen = 0;
	struct balloon_message out;
	enum balloon_fault fault;
	struct made m;
	u64 sum = 0;

	m = make(test, 0, 0, 64);
	for (i = 0; i < 50000; i++) {
		for (j = 0; j < 64; j++) {
			seed = seed * 1664525 + 1013904223;
			m.bytes[j] = seed >> 24;
		}
		/* Most of the time a type and a size that lead further in. */
		if (i % 8) {
			m.bytes[0] %= 15;
			m.bytes[1] = 0;
			m.bytes[2] %= 65;
			m.bytes[3] = 0;
		}
		fault = balloon_parse(m.bytes, m.count, &out);
		KUNIT_ASSERT_LT(test, fault, BALLOON_FAULT_LIMIT);
		KUNIT_ASSERT_STRNEQ(test, balloon_fault_name(fault), "?");
		if (fault == BALLOON_FAULT_NONE && out.type == ENL_DM_UNBALLOON)
			for (j = 0; j < out.count; j++)
				sum += balloon_run_from_wire(out.ranges[j]).pages;
		seen |= 1u << fault;
	}
	KUNIT_EXPECT_TRUE(test, seen & 1u << BALLOON_FAULT_NONE);
	KUNIT_EXPECT_TRUE(test, seen & 1u << BALLOON_FAULT_UNBALLOON_COUNT);
	KUNIT_EXPECT_GT(test, sum + 1, 0ULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refuses_packet_shorter_than_a_header),
	KUNIT_CASE(refuses_size_below_header_or_beyond_packet),
	KUNIT_CASE(refuses_message_shorter_than_its_type_requires),
	KUNIT_CASE(names_unknown_types),
	KUNIT_CASE(refuses_types_that_only_a_guest_sends),
	KUNIT_CASE(unballoon_count_must_fit_without_overflow),
	KUNIT_CASE(info_lengths_must_both_fit),
	KUNIT_CASE(unknown_information_is_no_fault_and_no_maximum),
	KUNIT_CASE(hot_remove_parses),
	KUNIT_CASE(hot_add_between_its_two_sizes_has_no_region),
	KUNIT_CASE(random_bytes_end_in_a_name),
	{ }
};

static struct kunit_suite suite = { .name = "balloon_parse", .test_cases = cases };
kunit_test_suite(suite);
