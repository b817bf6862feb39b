// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's SCSI target under a toy guest: identity, capacity, mode pages, sense, the DVD.
 * Calls vsp/ and kunit/toystorage.c; compiles as a program too.
 * Bytes are compared with vectors D1 to D7 of the storage specification, chapter 22.
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

/* The data of the last answer, and zeroes behind up to @whole. */
static void expect_data(struct kunit *test, struct toystorage *t, const u8 *bytes, u32 count,
			u32 whole)
{
	static const u8 zeroes[256];

	KUNIT_EXPECT_TRUE(test, toystor_good(t, whole));
	KUNIT_EXPECT_MEMEQ(test, toystor_data(t, 0), bytes, count);
	KUNIT_EXPECT_MEMEQ(test, toystor_data(t, count), zeroes, whole - count);
}

static void inquiry_is_vector_d1(struct kunit *test)
{
	static const u8 d1[] = {
		0x00, 0x00, 0x05, 0x02, 0x63, 0x00, 0x00, 0x02, 0x4d, 0x73, 0x66, 0x74,
		0x20, 0x20, 0x20, 0x20, 0x56, 0x69, 0x72, 0x74, 0x75, 0x61, 0x6c, 0x20,
		0x44, 0x69, 0x73, 0x6b, 0x20, 0x20, 0x20, 0x20, 0x31, 0x2e, 0x30, 0x20,
	};
	struct toystorage *t = ready(test);

	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 0, 0, 0, 36, 0));
	expect_data(test, t, d1, sizeof(d1), 36);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 104, 0x12, 0, 0, 0, 104, 0));
	expect_data(test, t, d1, sizeof(d1), 104);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 255, 0x12, 0, 0, 0, 255, 0));
	expect_data(test, t, d1, sizeof(d1), 104);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void inquiry_refuses_what_it_does_not_know(struct kunit *test)
{
	struct toystorage *t = ready(test);

	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 1, 0xc7, 0, 36, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 1, 0x80, 0, 36, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 0, 0x83, 0, 36, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 16, 0x12, 0, 0, 0, 36, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
}

static void vpd_pages_are_vectors_d2_d3_and_d7(struct kunit *test)
{
	static const u8 list[] = {
		0x00, 0x00, 0x00, 0x07, 0x00, 0x83, 0xb0, 0xb1, 0xb2, 0xce, 0xcf,
	};
	static const u8 d2[64] = {
		0x00, 0xb0, 0x00, 0x3c, [0x14] = 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x10, 0x00,
		0x00, 0x00, 0x10, 0x00, 0x80, [0x2a] = 0x40,
	};
	static const u8 d3[] = { 0x00, 0xb2, 0x00, 0x04, 0x01, 0x80, 0x02, 0x00 };
	static const u8 d7[] = {
		0x00, 0x83, 0x00, 0x30, 0x01, 0x01, 0x00, 0x18, 0x4d, 0x73, 0x66, 0x74, 0x20, 0x20,
		0x20, 0x20, 0x37, 0xc5, 0xbb, 0xbf, 0x8a, 0x74, 0x56, 0x46, 0xaf, 0x17, 0x61, 0xf4,
		0x3c, 0xd8, 0x4d, 0x1f, 0x01, 0x03, 0x00, 0x10, 0x60, 0x02, 0x24, 0x80, 0x37, 0xc5,
		0xbb, 0xbf, 0x8a, 0x74, 0x61, 0xf4, 0x3c, 0xd8, 0x4d, 0x1f,
	};
	static const u8 b1[] = { 0x00, 0xb1, 0x00, 0x3c, 0x00, 0x01 };
	static const u8 cf[] = {
		0x00, 0xcf, 0x00, 0x14, 0x01, 0x00, 0x00, 0x00, 0x15, 0x8f, 0xa9, 0x89, 0x28, 0xc9,
		0x8b, 0x4d, 0x94, 0xcd, 0xef, 0x51, 0xfa, 0xa9, 0x9d, 0x33,
	};
	struct toystorage *t = test->priv;

	t->s->max_transfer = 8 << 20;
	t->disk[0].unmap_granularity = 0x1000;
	ready(test);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 255, 0x12, 1, 0x00, 0, 255, 0));
	expect_data(test, t, list, sizeof(list), sizeof(list));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 255, 0x12, 1, 0xb0, 0, 255, 0));
	expect_data(test, t, d2, sizeof(d2), 64);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 255, 0x12, 1, 0xb2, 0, 255, 0));
	expect_data(test, t, d3, sizeof(d3), sizeof(d3));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 255, 0x12, 1, 0x83, 0, 255, 0));
	expect_data(test, t, d7, sizeof(d7), sizeof(d7));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 255, 0x12, 1, 0xb1, 0, 255, 0));
	expect_data(test, t, b1, sizeof(b1), 64);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 255, 0x12, 1, 0xcf, 0, 255, 0));
	expect_data(test, t, cf, sizeof(cf), sizeof(cf));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void vpd_pages_follow_the_disk(struct kunit *test)
{
	static const u8 list[] = { 0x00, 0x00, 0x00, 0x05, 0x00, 0x80, 0x83, 0xce, 0xcf };
	static const u8 serial[] = { 0x00, 0x80, 0x00, 0x04, 'A', '1', 'B', '2' };
	struct toystorage *t = test->priv;

	t->disk[0].thin = false;
	strscpy(t->disk[0].serial, "A1B2", sizeof(t->disk[0].serial));
	ready(test);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0x12, 1, 0x00, 0, 64, 0));
	expect_data(test, t, list, sizeof(list), sizeof(list));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0x12, 1, 0x80, 0, 64, 0));
	expect_data(test, t, serial, sizeof(serial), sizeof(serial));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0x12, 1, 0xb0, 0, 64, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_OUT, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x20, 0));
}

static void capacity_is_vector_d4(struct kunit *test)
{
	static const u8 d4[32] = {
		[5] = 0x1f, 0xff, 0xff, 0x00, 0x00, 0x02, 0x00, 0x00, 0x03, 0x80,
	};
	static const u8 ten[] = { 0x00, 0x1f, 0xff, 0xff, 0x00, 0x00, 0x02, 0x00 };
	static const u8 big[] = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x02, 0x00 };
	struct toystorage *t = ready(test);

	t->disk[0].blocks = 0x200000;
	t->disk[0].physical_exponent = 3;
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32,
				   0, 0));
	expect_data(test, t, d4, sizeof(d4), 32);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	expect_data(test, t, ten, sizeof(ten), 8);
	t->disk[0].blocks = 0x200000000ULL;
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	expect_data(test, t, big, sizeof(big), 8);

	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 4, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_OVERRUN);
	KUNIT_EXPECT_EQ(test, __le32_to_cpu(t->got.status), ENL_NT_BUFFER_OVERFLOW);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 32, 0x9e, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32,
				   0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x20, 0));
}

static void report_luns_is_vector_d5(struct kunit *test)
{
	static const u8 d5[] = {
		0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3f, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00,
	};
	struct toystorage *t = ready(test);

	t->disk[2].lun = 63;
	t->disk[3].target = 1;
	vsp_storage_add(t->s, &t->disk[2]);
	vsp_storage_add(t->s, &t->disk[1]);
	vsp_storage_add(t->s, &t->disk[3]);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));	/* the notice */
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0));
	expect_data(test, t, d5, sizeof(d5), sizeof(d5));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 4, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	/* asked of a unit that is not there */
	vsp_storage_remove(t->s, &t->disk[0]);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 16));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 3), (u8)16);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 9), (u8)1);
}

static void caching_page_is_vector_d6_and_does_not_change(struct kunit *test)
{
	static const u8 d6[] = {
		0x0f, 0x00, 0x10, 0x00, 0x08, 0x0a, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 ten[] = { 0, 18, 0, 0x90, 0, 0, 0, 0, 0x08, 0x0a, 0x04 };
	struct toystorage *t = ready(test);

	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 16, 0x1a, 0, 0x08, 0, 16, 0));
	expect_data(test, t, d6, sizeof(d6), 16);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 4, 0x1a, 0, 0x3f, 0, 4, 0));
	expect_data(test, t, d6, 4, 4);
	t->disk[0].read_only = true;
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 32, 0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 32, 0));
	expect_data(test, t, ten, sizeof(ten), 20);
	t->disk[0].read_only = false;
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 16, 0x1a, 0, 0x1c, 0, 16, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 16, 0x1a, 0, 0xc8, 0, 16, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));

	memset(toystor_data(t, 0), 0, 16);
	memcpy(toystor_data(t, 4), d6 + 4, 12);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_OUT, 16, 0x15, 0x10, 0, 0, 16, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 16));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_OUT, 16, 0x15, 0x11, 0, 0, 16, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	*toystor_data(t, 6) = 0;
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_OUT, 16, 0x15, 0x10, 0, 0, 16, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x26, 0));
	KUNIT_EXPECT_TRUE(test, t->disk[0].write_cache);
}

static void sense_is_kept_until_it_is_asked_for(struct kunit *test)
{
	struct toystorage *t = ready(test);

	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 18, 0x03, 0, 0, 0, 18, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 18));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 2), (u8)0);
	DO(t, STOR_NONE, 0, 0xff, 0, 0, 0, 0, 0);
	vsp_forgive(t->guest->host, VSP_V_STOR_CDB);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x20, 0));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 18, 0x03, 0, 0, 0, 18, 0));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 2), (u8)5);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 12), (u8)0x20);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 18, 0x03, 0, 0, 0, 18, 0));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 2), (u8)0);
}

static void resize_is_told_once(struct kunit *test)
{
	struct toystorage *t = ready(test);

	vsp_disk_resize(&t->disk[0], 4096);
	vsp_disk_resize(&t->disk[0], 8192);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 0, 0, 0, 36, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 36));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x00, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 6, 0x2a, 0x09));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x00, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));

	vsp_disk_attention(&t->disk[0], 0x3f, 0x02);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 6, 0x3f, 0x02));
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_FLUSH], 0ULL);
}

static void absent_unit_has_an_inquiry_and_nothing_else(struct kunit *test)
{
	struct toystorage *t = ready(test);
	static const u8 inquiry[] = { 0x12, 0, 0, 0, 36, 0 };
	static const u8 ready_cdb[] = { 0x00, 0, 0, 0, 0, 0 };

	toystor_srb(t, inquiry, 6, STOR_IN, 36);
	t->ask.srb.lun = 1;
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 36));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0), (u8)0x7f);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 8), (u8)0);
	toystor_srb(t, ready_cdb, 6, STOR_NONE, 0);
	t->ask.srb.lun = 1;
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->got.srb.srb_status, (u8)ENL_SRB_INVALID_LUN);
	KUNIT_EXPECT_EQ(test, t->got.srb.scsi_status, (u8)2);
	KUNIT_EXPECT_EQ(test, __le32_to_cpu(t->got.status), ENL_NT_DEVICE_DOES_NOT_EXIST);

	vsp_storage_remove(t->s, &t->disk[0]);
	toystor_hear(t, &t->ring);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 0, 0, 0, 36, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 36));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0), (u8)0x7f);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 8), (u8)'M');
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 1, 0, 0, 36, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
}

/* Vector V9, but for the id. */
static void absent_unit_on_azure_is_vector_v9(struct kunit *test)
{
	static const u8 v9[] = {
		0x01, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x00, 0x00, 0xc0, 0x34, 0x00, 0x20, 0x00,
		0, 0, 0, 0, 0x10, 0x14, 0, 0, 0, 0, 0, 0,
	};
	struct toystorage *t = ready(test);

	t->s->azure = true;
	vsp_storage_remove(t->s, &t->disk[0]);
	toystor_hear(t, &t->ring);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x00, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&t->got, v9, sizeof(v9));
	KUNIT_EXPECT_EQ(test, t->bytes, 64u);
}

static void start_and_stop(struct kunit *test)
{
	struct toystorage *t = ready(test);

	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x1b, 0, 0, 0, 1, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_FLUSH], 0ULL);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x1b, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_FLUSH], 1ULL);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x1b, 1, 0, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x1d, 4, 0, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
}

static void dvd_loses_its_medium(struct kunit *test)
{
	struct toystorage *t = test->priv;
	struct vsp_disk *d = &t->disk[0];

	d->dvd = true;
	d->block_bytes = 2048;
	d->blocks = TOYSTOR_BYTES / 2048;
	ready(test);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 0, 0, 0, 36, 0));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0), (u8)5);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 1), (u8)0x80);
	KUNIT_EXPECT_MEMEQ(test, toystor_data(t, 16), (const u8 *)"Virtual DVD-ROM ", 16);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 20, 0x43, 0, 0, 0, 0, 0, 0, 0, 20, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 20));
	t->memory[0].bytes[2048] = 0x77;
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 2048, 0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 2048));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0), (u8)0x77);

	DO(t, STOR_NONE, 0, 0x1e, 0, 0, 0, 1, 0);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x1b, 0, 0, 0, 2, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x53, 2));
	DO(t, STOR_NONE, 0, 0x1e, 0, 0, 0, 0, 0);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x1b, 0, 0, 0, 2, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_NONE, 0, 0x00, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 2, 0x3a, 2));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 8, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 4), (u8)3);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 5), (u8)1);
	vsp_disk_insert(d, 100);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 8, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 4), (u8)2);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 3), (u8)99);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_OUT, 2048, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x20, 0));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void every_dvd_command_answers_within_its_allocation(struct kunit *test)
{
	struct toystorage *t = test->priv;

	t->disk[0].dvd = true;
	t->disk[0].block_bytes = 2048;
	t->disk[0].blocks = 512;
	ready(test);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 8, 0x46, 2, 0, 0, 0, 0, 0, 0, 8, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 7), (u8)0x10);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0x46, 2, 0, 0, 0, 0, 0, 0, 64, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, *toystor_data(t, 3) + 4));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 64, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, *toystor_data(t, 1) + 2));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0x51, 0, 0, 0, 0, 0, 0, 0, 64, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, *toystor_data(t, 1) + 2));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0x52, 1, 0, 0, 0, 1, 0, 0, 64, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, *toystor_data(t, 1) + 2));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 64, 0xad, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, *toystor_data(t, 1) + 2));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 12, 0x5c, 0, 0, 0, 0, 0, 0, 0, 12, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 12));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 8, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 16, 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(inquiry_is_vector_d1),
	KUNIT_CASE(inquiry_refuses_what_it_does_not_know),
	KUNIT_CASE(vpd_pages_are_vectors_d2_d3_and_d7),
	KUNIT_CASE(vpd_pages_follow_the_disk),
	KUNIT_CASE(capacity_is_vector_d4),
	KUNIT_CASE(report_luns_is_vector_d5),
	KUNIT_CASE(caching_page_is_vector_d6_and_does_not_change),
	KUNIT_CASE(sense_is_kept_until_it_is_asked_for),
	KUNIT_CASE(resize_is_told_once),
	KUNIT_CASE(absent_unit_has_an_inquiry_and_nothing_else),
	KUNIT_CASE(absent_unit_on_azure_is_vector_v9),
	KUNIT_CASE(start_and_stop),
	KUNIT_CASE(dvd_loses_its_medium),
	KUNIT_CASE(every_dvd_command_answers_within_its_allocation),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_scsi",
	.init = toystor_init,
	.exit = toystor_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
