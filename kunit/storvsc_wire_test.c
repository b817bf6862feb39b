// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of the storage driver byte for byte (storvsc specification, chapter 22), ids, page
 * numbers. Calls the pure half of storvsc/; compiles as a program too. A vector is a whole packet
 * from the descriptor on; what the transport adds is put around ours here.
 */
#include <kunit/test.h>
#include "storvsc/model.h"

#define INIT_ID		0xfffffffffffffffdull
#define RESET_ID	0xfffffffffffffffcull

struct made {
	u8 bytes[256];
	u32 count;
};

/* Descriptor, ranges if any, payload: as the transport lays them out (vmbus.md 9). */
static void wrap(struct made *m, u64 id, const void *ranges, u32 range_bytes, const void *payload,
		 u32 bytes)
{
	u32 headers = sizeof(struct enl_packet_desc);
	struct enl_packet_desc desc = { .flags = cpu_to_le16(ENL_PACKET_WANTS_COMPLETION) };
	struct enl_gpa_direct gpa = { .range_count = cpu_to_le32(1) };

	memset(m, 0, sizeof(*m));
	if (ranges) {
		memcpy(m->bytes + headers, &gpa, sizeof(gpa));
		headers += sizeof(gpa);
		memcpy(m->bytes + headers, ranges, range_bytes);
		headers += range_bytes;
	}
	memcpy(m->bytes + headers, payload, bytes);
	m->count = headers + bytes;
	desc.type = cpu_to_le16(ranges ? ENL_PACKET_GPA_DIRECT : ENL_PACKET_INBAND);
	desc.offset8 = cpu_to_le16(headers / 8);
	desc.length8 = cpu_to_le16(m->count / 8);
	desc.transaction_id = cpu_to_le64(id);
	memcpy(m->bytes, &desc, sizeof(desc));
}

/* A range over segments, as queue.c makes it: measured, then written. */
struct segment {
	u64 address;
	u32 bytes;
};

static u32 put_range(u8 *out, u32 room, const struct segment *segment, u32 count, u32 total)
{
	struct storvsc_range measure = { .left = total }, write;
	struct enl_gpa_range *wire = (void *)out;
	u32 i;

	for (i = 0; i < count; i++) {
		if (!storvsc_range_add(&measure, segment[i].address, segment[i].bytes))
			return 0;
	}
	if (measure.left || storvsc_range_bytes(measure.pages) > room)
		return 0;
	wire->byte_count = cpu_to_le32(total);
	wire->byte_offset = cpu_to_le32(measure.offset);
	write = (struct storvsc_range){
		.left = total, .room = measure.pages, .out = (void *)(out + sizeof(*wire)),
	};
	for (i = 0; i < count; i++)
		storvsc_range_add(&write, segment[i].address, segment[i].bytes);
	return storvsc_range_bytes(measure.pages);
}

static void expect(struct kunit *test, const struct made *m, const u8 *vector, u32 bytes)
{
	KUNIT_ASSERT_EQ(test, m->count, bytes);
	KUNIT_EXPECT_MEMEQ(test, m->bytes, vector, bytes);
}

/* V1 */
static void begin_initialization_is_vector_1(struct kunit *test)
{
	static const u8 v1[80] = {
		0x06, 0, 0x02, 0, 0x0a, 0, 0x01, 0, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x07, 0, 0, 0, 0x01, 0, 0, 0,
	};
	struct enl_stor_packet packet;
	struct made m;

	memset(&packet, 0xaa, sizeof(packet));
	wrap(&m, INIT_ID, NULL, 0, &packet,
	     storvsc_put_control(&packet, 0, ENL_STOR_BEGIN_INIT));
	expect(test, &m, v1, sizeof(v1));
}

/* V2 */
static void version_query_is_vector_2(struct kunit *test)
{
	static const u8 v2[80] = {
		0x06, 0, 0x02, 0, 0x0a, 0, 0x01, 0, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x09, 0, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x06, 0, 0,
	};
	struct enl_stor_packet packet;
	struct made m;

	memset(&packet, 0xaa, sizeof(packet));
	wrap(&m, INIT_ID, NULL, 0, &packet, storvsc_put_version(&packet, ENL_STOR_VERSION_6_2));
	expect(test, &m, v2, sizeof(v2));
}

/* V5 */
static void sub_channel_request_is_vector_5(struct kunit *test)
{
	static const u8 v5[80] = {
		0x06, 0, 0x02, 0, 0x0a, 0, 0x01, 0, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x0d, 0, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 0, 0x0f, 0, 0, 0,
	};
	struct enl_stor_packet packet;
	struct made m;

	memset(&packet, 0xaa, sizeof(packet));
	wrap(&m, INIT_ID, NULL, 0, &packet,
	     storvsc_put_sub_channels(&packet, ENL_STOR_VERSION_6_2, 15));
	expect(test, &m, v5, sizeof(v5));
}

/* V6: three slots, the first and the last not whole */
static void read_10_is_vector_6(struct kunit *test)
{
	static const u8 v6[120] = {
		0x09, 0, 0x07, 0, 0x0f, 0, 0x01, 0, 0x2b, 0, 0x03, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0x01, 0, 0, 0, 0, 0x20, 0, 0, 0, 0x0e, 0, 0,
		0x45, 0x23, 0x01, 0, 0, 0, 0, 0, 0x46, 0x23, 0x01, 0, 0, 0, 0, 0,
		0xcd, 0xab, 0x02, 0, 0, 0, 0, 0, 0x03, 0, 0, 0, 0x01, 0, 0, 0,
		0, 0, 0, 0, 0x34, 0, 0, 0, 0x02, 0, 0, 0x01, 0x0a, 0x14, 0x01, 0,
		0, 0x20, 0, 0, 0x28, 0, 0, 0x12, 0x34, 0x50, 0, 0, 0x10, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x20, 0x4a, 0x01, 0, 0,
		0x3c, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 cdb[16] = { 0x28, 0, 0, 0x12, 0x34, 0x50, 0, 0, 0x10, 0 };
	static const struct segment list[] = {
		{ 0x12345e00, 0x1200 }, { 0x2abcd000, 0xe00 },
	};
	const struct storvsc_srb srb = {
		.version = ENL_STOR_VERSION_6_2, .port = 2, .lun = 1, .tagged = true, .cdb = cdb,
		.cdb_bytes = 10, .bytes = 0x2000, .timeout_s = storvsc_host_timeout_s(180),
	};
	struct enl_stor_packet packet;
	u8 range[64];
	u32 bytes = put_range(range, sizeof(range), list, ARRAY_SIZE(list), 0x2000);
	struct made m;

	memset(&packet, 0xaa, sizeof(packet));
	/* generation 0, which no request has: for the vector only */
	wrap(&m, storvsc_id_make((struct storvsc_id){ 0, 3, 0x2a }), range, bytes, &packet,
	     storvsc_put_srb(&packet, &srb));
	expect(test, &m, v6, sizeof(v6));
}

/* V11 */
static void synchronize_cache_is_vector_11(struct kunit *test)
{
	static const u8 v11[80] = {
		0x06, 0, 0x02, 0, 0x0a, 0, 0x01, 0, 0x08, 0, 0x01, 0, 0, 0, 0, 0,
		0x03, 0, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 0, 0x34, 0, 0, 0,
		0x02, 0, 0, 0x01, 0x0a, 0x14, 0x02, 0, 0, 0, 0, 0, 0x35, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0xff, 0x20, 0x0a, 0x01, 0, 0, 0x3c, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 cdb[16] = { 0x35 };
	const struct storvsc_srb srb = {
		.version = ENL_STOR_VERSION_6_2, .port = 2, .lun = 1, .tagged = true, .cdb = cdb,
		.cdb_bytes = 10, .timeout_s = 60,
	};
	struct enl_stor_packet packet;
	struct made m;

	memset(&packet, 0xaa, sizeof(packet));
	wrap(&m, storvsc_id_make((struct storvsc_id){ 0, 1, 7 }), NULL, 0, &packet,
	     storvsc_put_srb(&packet, &srb));
	expect(test, &m, v11, sizeof(v11));
}

/* V12 */
static void unmap_is_vector_12(struct kunit *test)
{
	static const u8 v12[104] = {
		0x09, 0, 0x05, 0, 0x0d, 0, 0x01, 0, 0x11, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0x01, 0, 0, 0, 0x18, 0, 0, 0, 0x40, 0x03, 0, 0,
		0, 0x7f, 0, 0, 0, 0, 0, 0, 0x03, 0, 0, 0, 0x01, 0, 0, 0,
		0, 0, 0, 0, 0x34, 0, 0, 0, 0x02, 0, 0, 0x01, 0x0a, 0x14, 0, 0,
		0x18, 0, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0x18, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x20, 0x8a, 0x01, 0, 0,
		0x3c, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 cdb[16] = { 0x42, [8] = 0x18 };
	static const struct segment list[] = { { 0x7f00340, 24 } };
	const struct storvsc_srb srb = {
		.version = ENL_STOR_VERSION_6_2, .port = 2, .lun = 1, .tagged = true, .write = true,
		.cdb = cdb, .cdb_bytes = 10, .bytes = 24, .timeout_s = 60,
	};
	struct enl_stor_packet packet;
	u8 range[16];
	u32 bytes = put_range(range, sizeof(range), list, 1, 24);
	struct made m;

	memset(&packet, 0xaa, sizeof(packet));
	wrap(&m, storvsc_id_make((struct storvsc_id){ 0, 0, 16 }), range, bytes, &packet,
	     storvsc_put_srb(&packet, &srb));
	expect(test, &m, v12, sizeof(v12));
}

/* V13 */
static void reset_bus_is_vector_13(struct kunit *test)
{
	static const u8 v13[80] = {
		0x06, 0, 0x02, 0, 0x0a, 0, 0x01, 0, 0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x06, 0, 0, 0, 0x01, 0, 0, 0,
	};
	struct enl_stor_packet packet;
	struct made m;

	memset(&packet, 0xaa, sizeof(packet));
	wrap(&m, RESET_ID, NULL, 0, &packet,
	     storvsc_put_control(&packet, ENL_STOR_VERSION_6_2, ENL_STOR_RESET_BUS));
	expect(test, &m, v13, sizeof(v13));
}

/* V15: revision 1, a device that is not known to take tags */
static void old_inquiry_is_vector_15(struct kunit *test)
{
	static const u8 v15[88] = {
		0x09, 0, 0x05, 0, 0x0b, 0, 0x01, 0, 0x05, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0x01, 0, 0, 0, 0x24, 0, 0, 0, 0, 0, 0, 0,
		0x5a, 0x5a, 0, 0, 0, 0, 0, 0, 0x03, 0, 0, 0, 0x01, 0, 0, 0,
		0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0, 0, 0, 0x06, 0x12, 0x01, 0,
		0x24, 0, 0, 0, 0x12, 0, 0, 0, 0x24, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 cdb[16] = { 0x12, 0, 0, 0, 0x24, 0 };
	static const struct segment list[] = { { 0x5a5a000, 36 } };
	struct storvsc_srb srb = {
		.version = ENL_STOR_VERSION_4_2, .cdb = cdb, .cdb_bytes = 6, .bytes = 36,
		.timeout_s = 60,
	};
	struct enl_stor_packet packet;
	u8 range[16];
	u32 bytes = put_range(range, sizeof(range), list, 1, 36);
	struct made m;

	memset(&packet, 0xaa, sizeof(packet));
	wrap(&m, storvsc_id_make((struct storvsc_id){ 0, 0, 4 }), range, bytes, &packet,
	     storvsc_put_srb(&packet, &srb));
	expect(test, &m, v15, sizeof(v15));
	/* tags are words of revision 2 */
	srb.tagged = true;
	wrap(&m, storvsc_id_make((struct storvsc_id){ 0, 0, 4 }), range, bytes, &packet,
	     storvsc_put_srb(&packet, &srb));
	expect(test, &m, v15, sizeof(v15));
}

/* P-157: the size follows the storage version, and nothing else */
static void packet_size_follows_the_storage_version(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, storvsc_packet_bytes(0), 64u);
	KUNIT_EXPECT_EQ(test, storvsc_packet_bytes(ENL_STOR_VERSION_2_0), 48u);
	KUNIT_EXPECT_EQ(test, storvsc_packet_bytes(ENL_STOR_VERSION_4_2), 48u);
	KUNIT_EXPECT_EQ(test, storvsc_packet_bytes(ENL_STOR_VERSION_5_1), 64u);
	KUNIT_EXPECT_EQ(test, storvsc_packet_bytes(ENL_STOR_VERSION_6_0), 64u);
	KUNIT_EXPECT_EQ(test, storvsc_packet_bytes(ENL_STOR_VERSION_6_2), 64u);
}

/* P-139, P-140: without data no length and no direction, whatever else is set */
static void command_without_data_has_neither_length_nor_direction(struct kunit *test)
{
	static const u8 cdb[16];
	struct enl_stor_packet packet;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		const struct storvsc_srb srb = {
			.version = ENL_STOR_VERSION_6_0, .cdb = cdb, .cdb_bytes = 6,
			.write = i & 1, .tagged = i & 2, .timeout_s = 60,
		};

		storvsc_put_srb(&packet, &srb);
		KUNIT_EXPECT_EQ(test, packet.srb.direction, (u8)ENL_STOR_NO_DATA);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(packet.srb.transfer_bytes), 0u);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(packet.srb.flags) &
				(ENL_SRB_DATA_IN | ENL_SRB_DATA_OUT), 0u);
	}
}

/* 8.1: 16 bytes of command, and no read beyond what was given */
static void command_is_cut_at_sixteen_bytes(struct kunit *test)
{
	u8 *cdb = kunit_kzalloc(test, 16, GFP_KERNEL);
	struct storvsc_srb srb = { .version = ENL_STOR_VERSION_6_2, .cdb_bytes = 255 };
	struct enl_stor_packet packet;

	KUNIT_ASSERT_NOT_NULL(test, cdb);
	memset(cdb, 0x11, 16);
	srb.cdb = cdb;
	storvsc_put_srb(&packet, &srb);
	KUNIT_EXPECT_EQ(test, packet.srb.cdb_bytes, (u8)16);
	KUNIT_EXPECT_MEMEQ(test, packet.srb.cdb, cdb, 16);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(packet.srb.reserved), 0u);
}

/* 13: the guest's deadline is later than the host's */
static void host_deadline_is_the_shorter(struct kunit *test)
{
	u32 s;

	for (s = 0; s <= 180; s++)
		KUNIT_EXPECT_EQ(test, storvsc_host_timeout_s(s), 60u);
	for (s = 181; s < 100000; s += 97) {
		KUNIT_EXPECT_LT(test, storvsc_host_timeout_s(s), s);
		KUNIT_EXPECT_GE(test, storvsc_host_timeout_s(s), 60u);
	}
}

/* Decision 14: what goes out comes back, and is never what others use */
static void id_survives_the_wire(struct kunit *test)
{
	static const u32 generation[] = { 1, 3, 0x7fffffff, 0xffffffff };
	static const u16 number[] = { 0, 1, 255, 0x7fff, 0xfffe };
	struct storvsc_id id, back;
	unsigned int g, q, t;
	u64 wire;

	for (g = 0; g < ARRAY_SIZE(generation); g++) {
		for (q = 0; q < ARRAY_SIZE(number); q++) {
			for (t = 0; t < ARRAY_SIZE(number); t++) {
				id = (struct storvsc_id){ generation[g], number[q], number[t] };
				wire = storvsc_id_make(id);
				KUNIT_ASSERT_TRUE(test, storvsc_id_split(wire, &back));
				KUNIT_EXPECT_EQ(test, back.generation, id.generation);
				KUNIT_EXPECT_EQ(test, back.queue, id.queue);
				KUNIT_EXPECT_EQ(test, back.tag, id.tag);
				/* the transport's exchanges, and "unsolicited" */
				KUNIT_EXPECT_NE(test, (u32)(wire >> 32), 0xfffffffeu);
				KUNIT_EXPECT_NE(test, wire, 0ull);
			}
		}
	}
	/* V6's shape */
	id = (struct storvsc_id){ 5, 3, 0x2a };
	KUNIT_EXPECT_EQ(test, storvsc_id_make(id), 0x50003002bull);
}

/* 21.4 */
static void impossible_id_is_refused(struct kunit *test)
{
	static const u64 bad[] = {
		0, 1, 0x2b, 0x3002b, 0x100000000ull, 0x1ffff0000ull, 0x200000001ull,
		0xfffffffe00000001ull,
	};
	struct storvsc_id id;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_FALSE(test, storvsc_id_split(bad[i], &id));
}

/* P-135, P-136: against a count made otherwise, for every offset and many lengths */
static void page_numbers_are_those_covered(struct kunit *test)
{
	static const u32 lengths[] = { 1, 511, 512, 4095, 4096, 4097, 8192, 65535, 65536, 131072 };
	__le64 out[40];
	u32 offset, i, k, want, bad = 0;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (offset = 0; offset < 4096; offset += offset < 16 ? 1 : 61) {
			u64 address = 0x123456000ull + offset;
			struct storvsc_range r = {
				.left = lengths[i], .room = ARRAY_SIZE(out), .out = out,
			};

			/* the segment is longer than what was asked for: the rest is not shown */
			bad += !storvsc_range_add(&r, address, lengths[i] + 5000);
			want = (u32)(((address + lengths[i] - 1) >> 12) - (address >> 12) + 1);
			bad += r.left || r.offset != offset || r.pages != want;
			for (k = 0; k < want && k < ARRAY_SIZE(out); k++)
				bad += le64_to_cpu(out[k]) != 0x123456 + k;
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0u);
}

/* 9: every interior boundary lies between pages, on both sides */
static void gap_inside_a_page_is_refused(struct kunit *test)
{
	struct storvsc_range begins = { .left = 8192 }, ends = { .left = 8192 };
	struct storvsc_range good = { .left = 12288 };

	KUNIT_EXPECT_TRUE(test, storvsc_range_add(&begins, 0x1000, 4096));
	KUNIT_EXPECT_FALSE(test, storvsc_range_add(&begins, 0x3200, 4096));
	KUNIT_EXPECT_TRUE(test, storvsc_range_add(&ends, 0x1000, 2048));
	KUNIT_EXPECT_FALSE(test, storvsc_range_add(&ends, 0x3000, 6144));
	KUNIT_EXPECT_TRUE(test, storvsc_range_add(&good, 0x1e00, 0x200));
	KUNIT_EXPECT_TRUE(test, storvsc_range_add(&good, 0x9000, 0x2000));
	KUNIT_EXPECT_TRUE(test, storvsc_range_add(&good, 0x4000, 0xe00));
	KUNIT_EXPECT_EQ(test, good.left, 0u);
	KUNIT_EXPECT_EQ(test, good.pages, 4u);
	/* a segment after the end is not looked at */
	KUNIT_EXPECT_TRUE(test, storvsc_range_add(&good, 0x4321, 77));
	KUNIT_EXPECT_EQ(test, good.pages, 4u);
}

/* P-137: never more than there is room for, whatever the second walk meets */
static void page_numbers_stay_within_their_room(struct kunit *test)
{
	__le64 *out = kunit_kzalloc(test, 2 * sizeof(*out), GFP_KERNEL);
	struct storvsc_range r = { .left = 12288, .room = 2, .out = out };

	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_EXPECT_FALSE(test, storvsc_range_add(&r, 0x1000, 12288));
	KUNIT_EXPECT_TRUE(test, storvsc_range_add(&r, 0x1000, 8192));
	KUNIT_EXPECT_FALSE(test, storvsc_range_add(&r, 0x5000, 4096));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(begin_initialization_is_vector_1),
	KUNIT_CASE(version_query_is_vector_2),
	KUNIT_CASE(sub_channel_request_is_vector_5),
	KUNIT_CASE(read_10_is_vector_6),
	KUNIT_CASE(synchronize_cache_is_vector_11),
	KUNIT_CASE(unmap_is_vector_12),
	KUNIT_CASE(reset_bus_is_vector_13),
	KUNIT_CASE(old_inquiry_is_vector_15),
	KUNIT_CASE(packet_size_follows_the_storage_version),
	KUNIT_CASE(command_without_data_has_neither_length_nor_direction),
	KUNIT_CASE(command_is_cut_at_sixteen_bytes),
	KUNIT_CASE(host_deadline_is_the_shorter),
	KUNIT_CASE(id_survives_the_wire),
	KUNIT_CASE(impossible_id_is_refused),
	KUNIT_CASE(page_numbers_are_those_covered),
	KUNIT_CASE(gap_inside_a_page_is_refused),
	KUNIT_CASE(page_numbers_stay_within_their_room),
	{ }
};

static struct kunit_suite suite = { .name = "storvsc_wire", .test_cases = cases };
kunit_test_suite(suite);
