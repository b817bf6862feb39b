// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data through a whole storage controller: every shape of buffer byte for byte, flush, unmap, full
 * rings, batches, ends in any order. Calls storvsc_world.h.
 * The host checks form, length and pages of each packet by itself: that fails the case too.
 */
#include <kunit/test.h>
#include <linux/blkdev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include "kunit/storvsc_world.h"

/* --- shapes */

struct shape {
	u32 offset, bytes;
};

static const struct shape shapes[] = {
	{ 0, 512 }, { 512, 512 }, { 3584, 512 }, { 3584, 1024 }, { 4, 512 }, { 4092, 4096 },
	{ 0, 4096 }, { 0, 8192 }, { 2048, 8192 }, { 1, 12800 }, { 4095, 512 }, { 0, 65536 },
	{ 1536, 65536 - 512 }, { 0, 256 << 10 }, { 2560, (256 << 10) - 4096 }, { 4095, 256 << 10 },
};

static struct stor_io *shaped(struct storvsc_world *w, const struct shape *shape, bool write)
{
	const u8 cdb[10] = {
		write ? 0x2a : 0x28, [5] = 9, [7] = shape->bytes / 512 >> 8, shape->bytes / 512,
	};

	return stor_io(w, stor_lun(w, 0), &(struct stor_ask){
		.cdb = cdb, .write = write, .bytes = shape->bytes, .offset = shape->offset });
}

static void go_there_and_back(struct storvsc_world *w, const struct shape *shape)
{
	struct kunit *test = w->test;
	u32 seed = shape->bytes + shape->offset;
	u64 writes = stor_host(w, writes);
	struct stor_io *io = shaped(w, shape, true);

	stor_io_fill(io, seed);
	KUNIT_EXPECT_TRUE_MSG(test, stor_io_run(io), "%u at %u", shape->bytes, shape->offset);
	KUNIT_EXPECT_TRUE_MSG(test, stor_disk_holds(w, 0, 9 * 512, seed, shape->bytes),
			      "%u at %u", shape->bytes, shape->offset);
	io = shaped(w, shape, false);
	KUNIT_EXPECT_TRUE_MSG(test, stor_io_run(io), "%u at %u", shape->bytes, shape->offset);
	KUNIT_EXPECT_TRUE_MSG(test, stor_io_holds(io, seed, shape->bytes), "%u at %u",
			      shape->bytes, shape->offset);
	/* Each was one request. */
	KUNIT_EXPECT_EQ(test, stor_host(w, writes), writes + 1);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_undescribable), 0ULL);
}

/*
 * P-135, P-136, P-137: pages that lie anywhere, begin and end anywhere, up to the host's maximum.
 */
static void every_shape_of_buffer(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	unsigned int i;

	storvsc_world_up(w);
	for (i = 0; i < ARRAY_SIZE(shapes); i++)
		go_there_and_back(w, &shapes[i]);
}

static void expect_undescribable(struct storvsc_world *w, struct stor_io *io, u64 times)
{
	u64 srbs = stor_host(w, srbs);

	stor_io_start(io);
	KUNIT_EXPECT_TRUE(w->test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(w->test, stor_host_byte(io), (u8)DID_ERROR);
	KUNIT_EXPECT_EQ(w->test, io->resid, io->bytes);
	KUNIT_EXPECT_EQ(w->test, stor_count(STORVSC_COUNT_undescribable), times);
	KUNIT_EXPECT_EQ(w->test, stor_host(w, srbs), srbs);
}

/* P-135, P-137, P-140: what cannot be told to the host does not go there, and nothing crashes. */
static void what_cannot_be_described(struct kunit *test)
{
	const u8 read[10] = { 0x28, [8] = 16 };
	const u8 longer[32] = { 0x7f, [7] = 24 };
	struct storvsc_world *w = storvsc_world(test);
	struct scsi_device *sdev;
	struct stor_io *io;

	storvsc_world_up(w);
	sdev = stor_lun(w, 0);
	expect_undescribable(w, stor_io(w, sdev, &(struct stor_ask){
		.cdb = read, .bytes = 8192, .hole = true }), 1);
	expect_undescribable(w, stor_rw(w, sdev, false, 0, (256 << 10) + 512), 2);
	/* The mid-layer itself refuses what is longer than we told it. */
	io = stor_io(w, sdev, &(struct stor_ask){ .cdb = longer, .cdb_bytes = sizeof(longer) });
	stor_io_start(io);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_ABORT);
	stor_expect_works(w);
}

/* P-139: no data, no length and no direction, also where the last request of a tag had some. */
static void commands_without_data(struct kunit *test)
{
	static const u8 opcodes[] = { 0x00, 0x35, 0x1b, 0x1e };
	struct storvsc_world *w = storvsc_world(test);
	struct scsi_device *sdev;
	unsigned int i;

	storvsc_world_up(w);
	sdev = stor_lun(w, 0);
	for (i = 0; i < 4 * ARRAY_SIZE(opcodes); i++) {
		KUNIT_EXPECT_TRUE(test, stor_io_run(stor_rw(w, sdev, false, i, 4096)));
		KUNIT_EXPECT_TRUE(test, stor_io_run(stor_plain(w, sdev, opcodes[i % 4])));
	}
	KUNIT_EXPECT_GE(test, stor_host(w, flushes), 4ULL);
}

/* --- the way that file systems take: page cache, sd, block layer */

static struct file *open_disk(struct storvsc_world *w)
{
	struct gendisk *disk = stor_lun(w, 0)->request_queue->disk;
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", disk->disk_name);
	return filp_open(path, O_RDWR | O_LARGEFILE, 0);
}

static bool write_through(struct file *file, const u8 *data, u32 bytes)
{
	loff_t at = 0;

	return kernel_write(file, data, bytes, &at) == bytes && !vfs_fsync(file, 0);
}

/* P-162: large writes, a flush, and a discard that the disk announces, through the disk driver. */
static void disk_as_file_systems_see_it(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	u8 *data = kunit_kzalloc(test, WORLD_BYTES / 2, GFP_KERNEL);
	struct block_device *bdev;
	struct file *file;
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, data);
	w->host->max_transfer = 64 << 10;
	w->memory[0].unmap_fill = 0x77;
	storvsc_world_up(w);
	file = open_disk(w);
	if (IS_ERR(file))
		kunit_skip(test, "no node of the disk in /dev (error %ld)", PTR_ERR(file));
	for (i = 0; i < WORLD_BYTES / 2; i++)
		data[i] = i * 7 + (i >> 10);
	KUNIT_EXPECT_TRUE(test, write_through(file, data, WORLD_BYTES / 2));
	KUNIT_EXPECT_EQ(test, memcmp(w->memory[0].bytes, data, WORLD_BYTES / 2), 0);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->memory[0].dirty), 0ULL);
	KUNIT_EXPECT_GE(test, stor_host(w, flushes), 1ULL);
	bdev = I_BDEV(file->f_mapping->host);
	KUNIT_EXPECT_EQ(test, blkdev_issue_discard(bdev, 8, 64, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, stor_host(w, unmaps), 1ULL);
	for (i = 8 * 512; i < 72 * 512; i++) {
		if (w->memory[0].bytes[i] != 0x77)
			break;
	}
	KUNIT_EXPECT_EQ(test, i, 72u * 512u);
	KUNIT_EXPECT_EQ(test, w->memory[0].bytes[i], data[i]);
	fput(file);
	flush_delayed_fput();
}

/* --- many at once */

#define MANY 30u

static void start_all(struct stor_io **io, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		stor_io_start(io[i]);
}

static bool all_good(struct stor_io **io, unsigned int count)
{
	unsigned int i;
	bool good = true;

	for (i = 0; i < count; i++)
		good &= stor_io_wait(io[i], WORLD_WAIT) && !io[i]->result && !io[i]->resid;
	return good;
}

/*
 * P-133, P-153: a ring of the smallest size, and a host that does not read: put back, sent later.
 */
static void full_ring(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io[MANY];
	struct storvsc *s;
	unsigned int i;
	u64 full;

	storvsc_options.ring_kib = 16;
	s = storvsc_world_up(w);
	for (i = 0; i < MANY; i++)
		io[i] = stor_rw(w, stor_lun(w, 0), false, 0, 256 << 10);
	FAKEHOST_RUN(w->fh, w->host->deaf = true);
	start_all(io, MANY);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(atomic64_read(&s->queue[0].stats.ring_full) > 0,
						  WORLD_WAIT));
	KUNIT_EXPECT_LT(test, storvsc_in_flight(s), MANY);
	full = atomic64_read(&s->queue[0].stats.ring_full);
	msleep(200);
	/* Nobody tries again and again while there is no room. */
	KUNIT_EXPECT_LE(test, atomic64_read(&s->queue[0].stats.ring_full) - full, 400LL);
	FAKEHOST_RUN(w->fh, w->host->deaf = false);
	FAKEHOST_RUN(w->fh, vsp_storage_wake(w->host));
	KUNIT_EXPECT_TRUE(test, all_good(io, MANY));
	KUNIT_EXPECT_EQ(test, storvsc_in_flight(s), 0u);
}

/* 17: what the block layer hands over together is shown to the host together, with one signal. */
static void batch_has_one_signal(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io[MANY];
	struct blk_plug plug;
	unsigned int i;
	u64 signals;

	storvsc_world_up(w);
	for (i = 0; i < MANY; i++)
		io[i] = stor_rw(w, stor_lun(w, 0), false, i, 4096);
	stor_hold(w, 0, true);
	signals = FAKEHOST_PEEK(w->fh, w->fh->counts.signals);
	blk_start_plug(&plug);
	start_all(io, MANY);
	blk_finish_plug(&plug);
	KUNIT_EXPECT_TRUE(test, stor_held(w, 0, MANY));
	KUNIT_EXPECT_LE(test, FAKEHOST_PEEK(w->fh, w->fh->counts.signals) - signals, 4ULL);
	KUNIT_EXPECT_EQ(test, stor_release(w, 0, MANY, false), MANY);
	KUNIT_EXPECT_TRUE(test, all_good(io, MANY));
}

/* P-142: ends come in any order, and each ends its own request; what is in flight is known. */
static void ends_in_reverse_order(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io[MANY];
	struct storvsc *s;
	unsigned int i;

	s = storvsc_world_up(w);
	for (i = 0; i < MANY; i++) {
		io[i] = stor_rw(w, stor_lun(w, 0), true, i * 16, 4096 + i % 4 * 512);
		stor_io_fill(io[i], i);
	}
	stor_hold(w, 0, true);
	start_all(io, MANY);
	KUNIT_ASSERT_TRUE(test, stor_held(w, 0, MANY));
	KUNIT_EXPECT_EQ(test, storvsc_in_flight(s), MANY);
	for (i = MANY; i--;) {
		KUNIT_EXPECT_EQ(test, stor_release(w, 0, 1, true), 1u);
		KUNIT_EXPECT_TRUE(test, stor_io_wait(io[i], WORLD_WAIT));
		KUNIT_EXPECT_EQ(test, io[i]->result, 0);
		if (i)
			KUNIT_EXPECT_FALSE(test, stor_io_done(io[i - 1]));
	}
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_TRUE(test, stor_disk_holds(w, 0, i * 16 * 512, i,
							4096 + i % 4 * 512));
	KUNIT_EXPECT_EQ(test, storvsc_in_flight(s), 0u);
}

/*
 * P-126, P-130: an error of the medium reaches the caller with its sense; what moved is not said.
 */
static void error_of_the_medium(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	storvsc_world_up(w);
	FAKEHOST_RUN(w->fh, w->memory[0].fail_first = 100 * 512);
	FAKEHOST_RUN(w->fh, w->memory[0].fail_status = VSP_DISK_MEDIUM);
	FAKEHOST_RUN(w->fh, w->memory[0].fail_bytes = 512);
	io = stor_rw(w, stor_lun(w, 0), false, 96, 4096);
	stor_io_start(io);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_OK);
	KUNIT_EXPECT_EQ(test, stor_sam(io), (u8)SAM_STAT_CHECK_CONDITION);
	KUNIT_EXPECT_EQ(test, io->sense[2] & 0xf, 3);
	KUNIT_EXPECT_EQ(test, io->sense[12], (u8)0x11);
	KUNIT_EXPECT_EQ(test, io->resid, 4096u);
	stor_expect_works(w);
}

/* P-150, P-161, P-164: what a disk is told to be, and how it is named, as its host says. */
static void disk_is_set_up(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	const struct scsi_vpd *vpd;
	struct scsi_device *sdev;

	w->disk[0].block_bytes = 4096;
	w->disk[0].blocks = WORLD_BYTES / 4096;
	storvsc_world_up(w);
	sdev = stor_lun(w, 0);
	KUNIT_EXPECT_EQ(test, sdev->sector_size, 4096u);
	KUNIT_EXPECT_TRUE(test, sdev->tagged_supported);
	KUNIT_EXPECT_EQ(test, strncmp(sdev->vendor, "Msft", 4), 0);
	KUNIT_EXPECT_TRUE(test, sdev->wce_default_on);
	KUNIT_EXPECT_TRUE(test, sdev->no_write_same);
	KUNIT_EXPECT_TRUE(test, sdev->no_report_opcodes);
	rcu_read_lock();
	vpd = rcu_dereference(sdev->vpd_pg83);
	KUNIT_EXPECT_TRUE(test, vpd && vpd->len >= 4);
	rcu_read_unlock();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_shape_of_buffer),
	KUNIT_CASE(what_cannot_be_described),
	KUNIT_CASE(commands_without_data),
	KUNIT_CASE(disk_as_file_systems_see_it),
	KUNIT_CASE(full_ring),
	KUNIT_CASE(batch_has_one_signal),
	KUNIT_CASE(ends_in_reverse_order),
	KUNIT_CASE(error_of_the_medium),
	KUNIT_CASE(disk_is_set_up),
	{ }
};

static struct kunit_suite suite = {
	.name = "storvsc_io",
	.exit = storvsc_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
