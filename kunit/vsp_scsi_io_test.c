// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's SCSI target: reading, writing, UNMAP, WRITE SAME, reservations, media that fail.
 * Calls vsp/ and kunit/toystorage.c; compiles as a program too.
 * Contents are compared in memory on both sides, so that a command that moves nothing is found out.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "kunit/toystorage.h"
#include "vsp/scsi.h"

#define LBA	0x12	/* any block */

static struct toystorage *ready(struct kunit *test)
{
	struct toystorage *t = test->priv;

	toystor_open(test, t);
	toystor_shake(test, t, ENL_STOR_VERSION_6_2);
	return t;
}

static void fill(u8 *p, u32 bytes, u8 seed)
{
	while (bytes--)
		*p++ = seed = seed * 5 + 1;
}

struct move {
	u8 bytes;		/* of the CDB */
	u8 cdb[16];		/* two blocks at LBA */
};

static void every_write_is_read_back_by_every_read(struct kunit *test)
{
	static const struct move writes[] = {
		{ 6, { 0x0a, 0, 0, LBA, 2 } },
		{ 10, { 0x2a, 0, 0, 0, 0, LBA, 0, 0, 2 } },
		{ 12, { 0xaa, 0, 0, 0, 0, LBA, 0, 0, 0, 2 } },
		{ 16, { 0x8a, 8, 0, 0, 0, 0, 0, 0, 0, LBA, 0, 0, 0, 2 } },
		{ 10, { 0x2e, 0, 0, 0, 0, LBA, 0, 0, 2 } },
	};
	static const struct move reads[] = {
		{ 6, { 0x08, 0, 0, LBA, 2 } },
		{ 10, { 0x28, 0, 0, 0, 0, LBA, 0, 0, 2 } },
		{ 12, { 0xa8, 0, 0, 0, 0, LBA, 0, 0, 0, 2 } },
		{ 16, { 0x88, 0, 0, 0, 0, 0, 0, 0, 0, LBA, 0, 0, 0, 2 } },
	};
	struct toystorage *t = ready(test);
	u8 *disk = t->memory[0].bytes + LBA * 512;
	u32 w, r;

	for (w = 0; w < ARRAY_SIZE(writes); w++) {
		fill(toystor_data(t, 0), 1024, w);
		KUNIT_ASSERT_TRUE(test, toystor_do(t, writes[w].cdb, writes[w].bytes, STOR_OUT,
						   1024));
		KUNIT_EXPECT_TRUE(test, toystor_good(t, 1024));
		KUNIT_EXPECT_MEMEQ(test, disk, toystor_data(t, 0), 1024);
		KUNIT_EXPECT_EQ(test, disk[-1] | disk[1024], 0);
		for (r = 0; r < ARRAY_SIZE(reads); r++) {
			memset(toystor_data(t, 0), 0xee, 2048);
			KUNIT_ASSERT_TRUE(test, toystor_do(t, reads[r].cdb, reads[r].bytes,
							   STOR_IN, 1024));
			KUNIT_EXPECT_TRUE(test, toystor_good(t, 1024));
			KUNIT_EXPECT_MEMEQ(test, disk, toystor_data(t, 0), 1024);
			KUNIT_EXPECT_EQ(test, *toystor_data(t, 1024), (u8)0xee);
		}
	}
	/* FUA and WRITE AND VERIFY are durable, the rest waits for a flush */
	KUNIT_EXPECT_EQ(test, t->memory[0].dirty, 3ULL);
	DO(t, STOR_NONE, 0, 0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	KUNIT_EXPECT_EQ(test, t->memory[0].dirty, 0ULL);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void data_follow_the_page_list(struct kunit *test)
{
	static const u8 write[] = { 0x2a, 0, 0, 0, 0, 0, 0, 0, 48, 0 };
	struct toystorage *t = ready(test);
	u8 *at = toystor_data(t, 0xe00);

	fill(at, 48 * 512, 7);
	toystor_srb(t, write, 10, STOR_OUT, 48 * 512);
	toystor_send(t, &t->ring, 0xe00, 0);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 48 * 512));
	KUNIT_EXPECT_MEMEQ(test, t->memory[0].bytes, at, 48 * 512);
	KUNIT_EXPECT_EQ(test, t->memory[0].bytes[48 * 512], (u8)0);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void ranges_that_are_not_there_are_refused(struct kunit *test)
{
	struct toystorage *t = ready(test);
	u32 last = TOYSTOR_BYTES / 512 - 1;

	DO(t, STOR_IN, 512, 0x28, 0, 0, 0, last >> 8, last & 0xff, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	DO(t, STOR_IN, 1024, 0x28, 0, 0, 0, last >> 8, last & 0xff, 0, 0, 2, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 5, 0x21, 0));
	DO(t, STOR_OUT, 512, 0x8a, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0,
	   0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 5, 0x21, 0));
	DO(t, STOR_NONE, 0, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	vsp_forgive(t->guest->host, VSP_V_STOR_CDB);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 5, 0x21, 0));
	/* more blocks than the buffer holds */
	DO(t, STOR_IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 5, 0x21, 0));
	toystor_expect(test, t, VSP_V_STOR_CDB, 1);
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_READ], 1ULL);
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_WRITE], 0ULL);
}

static void read_only_disk_is_not_written(struct kunit *test)
{
	static const u8 opcodes[] = { 0x2a, 0x2e };
	struct toystorage *t = ready(test);
	u32 i;

	t->disk[0].read_only = true;
	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		DO(t, STOR_OUT, 512, opcodes[i], 0, 0, 0, 0, 0, 0, 0, 1, 0);
		KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 7, 0x27, 0));
	}
	DO(t, STOR_OUT, 512, 0x41, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 7, 0x27, 0));
	DO(t, STOR_OUT, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 7, 0x27, 0));
	DO(t, STOR_IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
}

static void verify_checks_the_range(struct kunit *test)
{
	struct toystorage *t = ready(test);

	DO(t, STOR_NONE, 0, 0x2f, 0, 0, 0, 0, 0, 0, 0, 8, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	DO(t, STOR_NONE, 0, 0x2f, 0, 0, 0, 0xff, 0xff, 0, 0, 8, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 5, 0x21, 0));
	DO(t, STOR_OUT, 512, 0x2f, 2, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
}

static void write_same_repeats_one_block(struct kunit *test)
{
	struct toystorage *t = ready(test);
	u8 *disk = t->memory[0].bytes;
	u32 i;

	fill(toystor_data(t, 0), 512, 3);
	DO(t, STOR_OUT, 512, 0x41, 0, 0, 0, 0, 4, 0, 0, 3, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 3 * 512));
	for (i = 4; i < 7; i++)
		KUNIT_EXPECT_MEMEQ(test, disk + i * 512, toystor_data(t, 0), 512);
	KUNIT_EXPECT_EQ(test, disk[3 * 512 + 5] | disk[7 * 512 + 5], 0);
	/* no data at all: zeroes */
	DO(t, STOR_NONE, 0, 0x93, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	KUNIT_EXPECT_EQ(test, disk[5 * 512 + 5], (u8)0);
	KUNIT_EXPECT_NE(test, disk[6 * 512 + 5], (u8)0);
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_ZERO], 1ULL);

	DO(t, STOR_OUT, 512, 0x93, 0x10, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	t->disk[0].blocks = 0x100000;
	DO(t, STOR_OUT, 512, 0x93, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 5, 0x21, 0));
	t->disk[0].write_same = false;
	DO(t, STOR_OUT, 512, 0x41, 0, 0, 0, 0, 4, 0, 0, 3, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x20, 0));
}

/* The list of vector D8, with other blocks, and a second descriptor. */
static void unmap_list(struct toystorage *t, u32 count, u32 first, u32 blocks)
{
	u8 *p = toystor_data(t, 0);
	u32 i;

	memset(p, 0, 8 + 16 * count);
	vsp_put_be16(p, 6 + 16 * count);
	vsp_put_be16(p + 2, 16 * count);
	for (i = 0; i < count; i++) {
		vsp_put_be64(p + 8 + 16 * i, first + 2 * i * blocks);
		vsp_put_be32(p + 16 + 16 * i, blocks);
	}
}

static void unmap_drops_each_range(struct kunit *test)
{
	static const u8 d8[] = {
		0x00, 0x16, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20,
		0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	};
	struct toystorage *t = ready(test);
	u8 *disk = t->memory[0].bytes;

	unmap_list(t, 1, 0x200000, 0x10000);
	KUNIT_EXPECT_MEMEQ(test, toystor_data(t, 0), d8, sizeof(d8));
	DO(t, STOR_OUT, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 5, 0x21, 0));
	t->disk[0].blocks = 0x400000;
	t->memory[0].size = 0x400000ULL * 512;
	t->memory[0].bytes = NULL;
	DO(t, STOR_OUT, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	t->memory[0].bytes = disk;
	t->memory[0].size = TOYSTOR_BYTES;

	memset(disk, 0x11, TOYSTOR_BYTES);
	t->memory[0].unmap_fill = 0x99;
	unmap_list(t, 3, 16, 8);
	DO(t, STOR_OUT, 56, 0x42, 0, 0, 0, 0, 0, 0, 0, 56, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_UNMAP], 4ULL);
	KUNIT_EXPECT_EQ(test, disk[16 * 512 - 1], (u8)0x11);
	KUNIT_EXPECT_EQ(test, disk[16 * 512], (u8)0x99);
	KUNIT_EXPECT_EQ(test, disk[24 * 512], (u8)0x11);
	KUNIT_EXPECT_EQ(test, disk[56 * 512 - 1], (u8)0x99);
	KUNIT_EXPECT_EQ(test, disk[56 * 512], (u8)0x11);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void unmap_of_a_disk_that_cannot_is_no_failure(struct kunit *test)
{
	struct toystorage *t = ready(test);

	t->memory[0].fail_first = 16 * 512;
	t->memory[0].fail_bytes = 512;
	t->memory[0].fail_status = VSP_DISK_HARDWARE;
	unmap_list(t, 2, 16, 8);
	DO(t, STOR_OUT, 40, 0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_UNMAP], 1ULL);
}

static void unmap_lists_must_be_exact(struct kunit *test)
{
	struct toystorage *t = ready(test);

	unmap_list(t, 1, 16, 8);
	DO(t, STOR_OUT, 40, 0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x26, 0));
	*toystor_data(t, 3) = 32;	/* the other length inside */
	DO(t, STOR_OUT, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x26, 0));
	DO(t, STOR_OUT, 32, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x1a, 0));
	DO(t, STOR_OUT, 16, 0x42, 0, 0, 0, 0, 0, 0, 0, 16, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x1a, 0));
	DO(t, STOR_OUT, 24, 0x42, 1, 0, 0, 0, 0, 0, 0, 24, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x24, 0));
	DO(t, STOR_NONE, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_UNMAP], 0ULL);
}

struct failure {
	enum vsp_disk_status status;
	u8 srb, scsi, key, asc, ascq;
	bool write;
};

static void failures_of_the_medium_have_their_sense(struct kunit *test)
{
	static const struct failure failures[] = {
		{ VSP_DISK_MEDIUM, 0x84, 2, 3, 0x11, 0, false },
		{ VSP_DISK_MEDIUM, 0x84, 2, 3, 0x03, 0, true },
		{ VSP_DISK_FULL, 0x84, 2, 7, 0x27, 7, true },
		{ VSP_DISK_PROTECTED, 0x84, 2, 7, 0x27, 0, true },
		{ VSP_DISK_HARDWARE, 0x84, 2, 4, 0x44, 0, false },
		{ VSP_DISK_ABORTED, 0x02, 0x40, 0, 0, 0, false },
		{ VSP_DISK_GONE, 0x20, 2, 0, 0, 0, false },
	};
	struct toystorage *t = ready(test);
	u32 i;

	t->memory[0].fail_bytes = 512;
	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		const struct failure *f = &failures[i];
		const struct enl_stor_srb *q = &t->got.srb;

		t->memory[0].fail_status = f->status;
		DO(t, f->write ? STOR_OUT : STOR_IN, 1024, f->write ? 0x2a : 0x28, 0, 0, 0, 0, 0, 0,
		   0, 2, 0);
		KUNIT_EXPECT_EQ(test, q->srb_status, f->srb);
		KUNIT_EXPECT_EQ(test, q->scsi_status, f->scsi);
		KUNIT_EXPECT_EQ(test, q->sense[2], f->key);
		KUNIT_EXPECT_EQ(test, q->sense[12], f->asc);
		KUNIT_EXPECT_EQ(test, q->sense[13], f->ascq);
		KUNIT_EXPECT_EQ(test, q->transfer_bytes, (__le32)0);
		KUNIT_EXPECT_NE(test, t->got.status, (__le32)0);
	}
	KUNIT_EXPECT_EQ(test, t->s->stats.errors, (u64)ARRAY_SIZE(failures));
}

static void blocks_of_4096_bytes(struct kunit *test)
{
	struct toystorage *t = test->priv;

	t->disk[0].block_bytes = 4096;
	t->disk[0].blocks = TOYSTOR_BYTES / 4096;
	ready(test);
	fill(toystor_data(t, 0), 8192, 1);
	DO(t, STOR_OUT, 8192, 0x2a, 0, 0, 0, 0, 3, 0, 0, 2, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8192));
	KUNIT_EXPECT_MEMEQ(test, t->memory[0].bytes + 3 * 4096, toystor_data(t, 0), 8192);
	DO(t, STOR_IN, 512, 0x28, 0, 0, 0, 0, 3, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 5, 0x21, 0));
	toystor_expect(test, t, VSP_V_STOR_CDB, 1);
}

static bool reserve_out(struct toystorage *t, u8 action, u8 type, u64 key, u64 new_key)
{
	u8 *p = toystor_data(t, 0);

	memset(p, 0, 24);
	vsp_put_be64(p, key);
	vsp_put_be64(p + 8, new_key);
	return DO(t, STOR_OUT, 24, 0x5f, action, type, 0, 0, 0, 0, 0, 24, 0);
}

static bool is_conflict(const struct toystorage *t)
{
	return t->got.srb.scsi_status == 0x18 && t->got.srb.srb_status == ENL_SRB_ERROR &&
	       !t->got.srb.transfer_bytes;
}

static void reservations_of_our_own(struct kunit *test)
{
	struct toystorage *t = ready(test);

	reserve_out(t, 1, VSP_PR_EXCLUSIVE, 0xabc, 0);
	KUNIT_EXPECT_TRUE(test, is_conflict(t));
	reserve_out(t, 0, 0, 0, 0xabc);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 24));
	reserve_out(t, 1, VSP_PR_EXCLUSIVE, 0xabc, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 24));
	DO(t, STOR_IN, 64, 0x5e, 0, 0, 0, 0, 0, 0, 0, 64, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 16));
	KUNIT_EXPECT_EQ(test, vsp_be64(toystor_data(t, 8)), 0xabcULL);
	DO(t, STOR_IN, 64, 0x5e, 1, 0, 0, 0, 0, 0, 0, 64, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 24));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 21), (u8)VSP_PR_EXCLUSIVE);
	DO(t, STOR_IN, 8, 0x5e, 2, 0, 0, 0, 0, 0, 0, 8, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8));
	DO(t, STOR_IN, 128, 0x5e, 3, 0, 0, 0, 0, 0, 0, 128, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 56));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 20), (u8)1);
	DO(t, STOR_IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));

	reserve_out(t, 2, VSP_PR_WRITE_EXCLUSIVE, 0xabc, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x26, 4));
	reserve_out(t, 2, VSP_PR_EXCLUSIVE, 0xabc, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 24));
	KUNIT_EXPECT_FALSE(test, t->disk[0].reserved);
	reserve_out(t, 3, 0, 0xabc, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 24));
	DO(t, STOR_IN, 64, 0x5e, 0, 0, 0, 0, 0, 0, 0, 64, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8));
	DO(t, STOR_OUT, 24, 0x5f, 0, 0, 0, 0, 0, 0, 0, 16, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x1a, 0));
	t->disk[0].reservations = false;
	reserve_out(t, 0, 0, 0, 0xabc);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_INVALID_REQUEST, 5, 0x20, 0));
}

static void reservations_of_another_host(struct kunit *test)
{
	struct toystorage *t = ready(test);
	struct vsp_disk *d = &t->disk[0];

	vsp_disk_register(d, 7, 0x777);
	KUNIT_ASSERT_TRUE(test, vsp_disk_reserve(d, 7, VSP_PR_WRITE_EXCLUSIVE));
	DO(t, STOR_OUT, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, is_conflict(t));
	DO(t, STOR_IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	d->reservation = VSP_PR_EXCLUSIVE;
	DO(t, STOR_IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, is_conflict(t));
	DO(t, STOR_IN, 36, 0x12, 0, 0, 0, 36, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 36));

	reserve_out(t, 6, 0, 0, 0x111);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 24));
	reserve_out(t, 1, VSP_PR_EXCLUSIVE, 0x111, 0);
	KUNIT_EXPECT_TRUE(test, is_conflict(t));
	reserve_out(t, 4, VSP_PR_WRITE_EXCLUSIVE_REGISTRANTS, 0x111, 0x777);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 24));
	KUNIT_EXPECT_EQ(test, d->holder, VSP_GUEST);
	DO(t, STOR_OUT, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));

	vsp_disk_register(d, 7, 0x777);
	vsp_disk_preempt(d, 7, VSP_PR_EXCLUSIVE);
	DO(t, STOR_NONE, 0, 0x00, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 6, 0x2a, 5));
	DO(t, STOR_IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, is_conflict(t));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_write_is_read_back_by_every_read),
	KUNIT_CASE(data_follow_the_page_list),
	KUNIT_CASE(ranges_that_are_not_there_are_refused),
	KUNIT_CASE(read_only_disk_is_not_written),
	KUNIT_CASE(verify_checks_the_range),
	KUNIT_CASE(write_same_repeats_one_block),
	KUNIT_CASE(unmap_drops_each_range),
	KUNIT_CASE(unmap_of_a_disk_that_cannot_is_no_failure),
	KUNIT_CASE(unmap_lists_must_be_exact),
	KUNIT_CASE(failures_of_the_medium_have_their_sense),
	KUNIT_CASE(blocks_of_4096_bytes),
	KUNIT_CASE(reservations_of_our_own),
	KUNIT_CASE(reservations_of_another_host),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_scsi_io",
	.init = toystor_init,
	.exit = toystor_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
