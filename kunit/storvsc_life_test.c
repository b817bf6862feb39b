// SPDX-License-Identifier: GPL-2.0-only
/*
 * LUNs that come, go, grow and change; a controller that is withdrawn, unbound, suspended and
 * resumed, at bad moments. Calls storvsc_world.h. Every wait has an end.
 */
#include <kunit/test.h>
#include <linux/blkdev.h>
#include <linux/device.h>
#include "kunit/storvsc_world.h"

static bool add_disk_of(struct storvsc_world *w, unsigned int disk)
{
	return FAKEHOST_DO(w->fh, vsp_storage_add(w->host, &w->disk[disk]));
}

static bool remove_disk_of(struct storvsc_world *w, unsigned int disk)
{
	return FAKEHOST_DO(w->fh, vsp_storage_remove(w->host, &w->disk[disk]));
}

/* P-150: a LUN comes behind a gap, and goes again; those around it are left alone. */
static void lun_comes_and_goes(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	unsigned int i;

	storvsc_world_up(w);
	for (i = 1; i <= 3; i++) {
		KUNIT_ASSERT_TRUE(test, add_disk_of(w, 3));
		KUNIT_EXPECT_TRUE(test, stor_has(w, 0, 3, true));
		KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_luns_added), (u64)i);
		KUNIT_ASSERT_TRUE(test, remove_disk_of(w, 3));
		KUNIT_EXPECT_TRUE(test, stor_has(w, 0, 3, false));
		KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_luns_removed), (u64)i);
	}
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	stor_expect_works(w);
}

/*
 * P-163: two targets have a LUN of the same number; the one that goes is the one that is removed.
 */
static void right_target_is_removed(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	w->disks = 3;
	w->disk[1].target = 1;
	w->disk[1].lun = 0;
	w->disk[2].target = 1;
	storvsc_world_up(w);
	KUNIT_ASSERT_TRUE(test, remove_disk_of(w, 1));
	KUNIT_EXPECT_TRUE(test, stor_has(w, 1, 0, false));
	KUNIT_EXPECT_TRUE(test, stor_has(w, 1, 2, true));
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_luns_removed), 1ULL);
	stor_expect_works(w);
}

/*
 * P-131: the disk says that its size changed: it is read again, once, and the caller hears of it.
 */
static void disk_grows(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct scsi_device *sdev;
	struct stor_io *io;

	w->disk[0].blocks = 1024;
	storvsc_world_up(w);
	sdev = stor_lun(w, 0);
	KUNIT_EXPECT_EQ(test, get_capacity(sdev->request_queue->disk), (sector_t)1024);
	FAKEHOST_RUN(w->fh, vsp_disk_resize(&w->disk[0], 2048));
	io = stor_plain(w, sdev, 0x00);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_sam(io), (u8)SAM_STAT_CHECK_CONDITION);
	KUNIT_EXPECT_EQ(test, io->sense[12], (u8)0x2a);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(get_capacity(sdev->request_queue->disk) == 2048,
						  WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_rescans), 1ULL);
}

/* 11.2: another disk at the same address is another disk, whatever was known of the first one. */
static void disk_is_swapped(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	w->disks = 2;
	storvsc_world_up(w);
	memset(w->memory[2].bytes, 0, 4096);
	KUNIT_ASSERT_TRUE(test, FAKEHOST_DO(w->fh, vsp_storage_swap(w->host, &w->disk[1],
								    &w->disk[2])));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_count(STORVSC_COUNT_luns_swapped) == 1,
						  WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	KUNIT_ASSERT_TRUE(test, stor_has(w, 0, 1, true));
	io = stor_rw(w, stor_lun(w, 1), true, 0, 4096);
	stor_io_fill(io, 4);
	KUNIT_EXPECT_TRUE(test, stor_io_run(io));
	KUNIT_EXPECT_TRUE(test, stor_disk_holds(w, 2, 0, 4, 4096));
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_luns_removed), 0ULL);
}

/* P-149; 21.21: any number of notices is one look, and one more for those that came meanwhile. */
static void storm_of_notices(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	u64 scans;

	w->disks = 3;
	storvsc_world_up(w);
	scans = stor_count(STORVSC_COUNT_scans);
	FAKEHOST_RUN(w->fh, vsp_storage_notice(w->host, ENL_STOR_ENUMERATE_BUS, 0, 1000, 0));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_count(STORVSC_COUNT_notices) >= 1000,
						  WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	KUNIT_EXPECT_GE(test, stor_count(STORVSC_COUNT_scans), scans + 1);
	KUNIT_EXPECT_LE(test, stor_count(STORVSC_COUNT_scans), scans + 3);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_luns_removed), 0ULL);
	stor_expect_works(w);
}

static const u8 discovery[] = { 0x12, 0xa0, 0x00, 0x25, 0x9e, 0x1a, 0x28 };

static void describe_opcode(const u8 *opcode, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%02x", *opcode);
}

KUNIT_ARRAY_PARAM(opcode, discovery, describe_opcode);

/* P-125: "invalid LUN" while a disk is looked at ends the look, whichever command it hits. */
static void invalid_lun_while_looking(struct kunit *test)
{
	const u8 opcode = *(const u8 *)test->param_value;
	struct storvsc_world *w = storvsc_world(test);
	u64 scans;

	storvsc_world_up(w);
	scans = stor_count(STORVSC_COUNT_scans);
	stor_fault(w, &(struct vsp_storage_fault){
		.opcode = opcode, .lun = opcode == 0xa0 ? VSP_ANY : 1, .target = VSP_ANY,
		.what = VSP_SF_STATUS, .srb = ENL_SRB_INVALID_LUN, .times = 100 });
	KUNIT_ASSERT_TRUE(test, add_disk_of(w, 1));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_count(STORVSC_COUNT_scans) > scans,
						  WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	stor_expect_works(w);
}

/* 10.3, 21.33: one answer that a LUN is gone is a reason to look, and nothing else. */
static void lun_that_only_seems_to_be_gone(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	storvsc_world_up(w);
	stor_fault(w, &(struct vsp_storage_fault){
		STOR_ON(0x28), .what = VSP_SF_STATUS,
		.srb = ENL_SRB_INVALID_LUN });
	io = stor_rw(w, stor_lun(w, 0), false, 0, 4096);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_NO_CONNECT);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_count(STORVSC_COUNT_verifications) == 1,
						  WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_luns_removed), 0ULL);
	stor_expect_works(w);
}

/* 21.26: what INQUIRY says is not there goes, and is not added again. */
static void lun_pulled_under_a_request(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	w->disks = 2;
	storvsc_world_up(w);
	stor_fault(w, &(struct vsp_storage_fault){
		.opcode = 0x28, .lun = 1, .target = VSP_ANY, .what = VSP_SF_PULL });
	io = stor_rw(w, stor_lun(w, 1), false, 0, 4096);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_NO_CONNECT);
	KUNIT_EXPECT_TRUE(test, stor_has(w, 0, 1, false));
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_luns_removed), 1ULL);
	stor_expect_works(w);
}

/* --- withdrawn */

static bool released(struct storvsc_world *w)
{
	return fakehost_wait_posted(w->fh, ENL_MSG_RELID_RELEASED, 1, WORLD_WAIT) &&
	       fakehost_wait_for(!stor_device(), WORLD_WAIT);
}

/*
 * 14.2; 21.30, 21.34: the device goes while the host works on the requests' memory. They end when
 * the grace period is over and not before, as do those that come later at once.
 */
static void withdrawn_with_requests_in_flight(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io[4];
	unsigned int i;

	storvsc_options.grace_s = 2;
	storvsc_world_up(w);
	for (i = 0; i < ARRAY_SIZE(io); i++)
		io[i] = stor_rw(w, stor_lun(w, 0), i & 1, i * 16, 8192);
	stor_hold(w, 0, true);
	for (i = 0; i < 3; i++)
		stor_io_start(io[i]);
	KUNIT_ASSERT_TRUE(test, stor_held(w, 0, 3));
	fakehost_rescind(w->fh, w->relid);
	KUNIT_EXPECT_FALSE(test, stor_io_wait(io[0], 400));
	KUNIT_EXPECT_FALSE(test, stor_io_done(io[1]) || stor_io_done(io[2]));
	/* The mid-layer may refuse it before we do, in words of its own. */
	stor_io_start(io[3]);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io[3], WORLD_WAIT));
	KUNIT_EXPECT_NE(test, stor_host_byte(io[3]), (u8)DID_OK);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, stor_io_wait(io[i], WORLD_WAIT));
		KUNIT_EXPECT_EQ(test, stor_host_byte(io[i]), (u8)DID_NO_CONNECT);
	}
	KUNIT_EXPECT_TRUE(test, released(w));
}

/* P-155; 21.30: the device goes in the middle of the first look at its LUNs. */
static void withdrawn_while_scanning(struct kunit *test)
{
	const u8 opcode = *(const u8 *)test->param_value;
	struct storvsc_world *w = storvsc_world(test);

	stor_fault(w, &(struct vsp_storage_fault){
		STOR_ON(opcode), .what = VSP_SF_HOLD });
	storvsc_world_start(w);
	/* Not every kernel sends each of them. */
	if (!fakehost_wait_for(FAKEHOST_PEEK(w->fh, vsp_storage_held(w->host)) == 1, 5000))
		kunit_skip(test, "this kernel does not send it");
	fakehost_rescind(w->fh, w->relid);
	KUNIT_EXPECT_TRUE(test, released(w));
}

/* P-155: the device goes in the middle of a later look, with more reasons to look coming in. */
static void withdrawn_in_a_storm(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	w->disks = 2;
	storvsc_world_up(w);
	FAKEHOST_RUN(w->fh, vsp_storage_notice(w->host, ENL_STOR_ENUMERATE_BUS, 0, 500, 0));
	remove_disk_of(w, 1);
	fakehost_rescind(w->fh, w->relid);
	KUNIT_EXPECT_TRUE(test, released(w));
}

/* --- unbound */

static int unbind(void *dev)
{
	device_release_driver(dev);
	return 0;
}

/*
 * 14.1: the driver is taken off with a request that the host has lost, and that may wait for ever.
 */
static void unbound_with_a_lost_request(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;
	int ret;

	storvsc_options.recover_s = 0;
	storvsc_options.drain_ms = 1000;
	storvsc_world_up(w);
	stor_fault(w, &(struct vsp_storage_fault){
		STOR_ON(0x28), .what = VSP_SF_DROP });
	io = stor_rw(w, stor_lun(w, 0), false, 0, 4096);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(stor_host(w, dropped) == 1, WORLD_WAIT));
	KUNIT_ASSERT_EQ(test, fakehost_call(w->fh, unbind, stor_device()->dev->dev), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, WORLD_WAIT, &ret));
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_NO_CONNECT);
	KUNIT_EXPECT_NULL(test, stor_device());
}

/* 14.1; 21.34: likewise with one that the host works on and does not end: it keeps the pages. */
static void unbound_while_the_host_works(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;
	int ret;

	storvsc_options.recover_s = 0;
	storvsc_options.drain_ms = 500;
	storvsc_world_up(w);
	io = stor_rw(w, stor_lun(w, 0), false, 0, 8192);
	stor_hold(w, 0, true);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, stor_held(w, 0, 1));
	KUNIT_ASSERT_EQ(test, fakehost_call(w->fh, unbind, stor_device()->dev->dev), 0);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_NO_CONNECT);
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, WORLD_WAIT, &ret));
	KUNIT_EXPECT_EQ(test, stor_io_pinned(io, false), 2u);
	storvsc_world_let_go(w);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(FAKEHOST_PEEK(w->fh, vsp_storage_idle(w->host)),
						  WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_io_pinned(io, true), 2u);
}

/* --- hibernation */

/* 14.3: what changed meanwhile is found, sub-channels are asked for anew, data goes on. */
static void suspend_and_resume(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct storvsc *s;
	unsigned int i, subs;

	w->host->max_sub_channels = 2;
	w->disks = 2;
	s = storvsc_world_up(w);
	subs = s->subs_open;
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, stor_suspend(), 0);
		KUNIT_EXPECT_TRUE(test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
		if (i)
			KUNIT_EXPECT_TRUE(test, add_disk_of(w, 1));
		else
			KUNIT_EXPECT_TRUE(test, remove_disk_of(w, 1));
		KUNIT_ASSERT_EQ(test, stor_resume(), 0);
		KUNIT_EXPECT_TRUE(test, stor_has(w, 0, 1, i));
		KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(s->subs_open) == subs,
							  WORLD_WAIT));
		KUNIT_EXPECT_TRUE(test, stor_quiet(w));
		stor_expect_works(w);
	}
}

/* 14.3: a host that takes less than disks were told of: all fail at once, and it is said why. */
static void resumed_on_a_lesser_host(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	storvsc_world_up(w);
	io = stor_rw(w, stor_lun(w, 0), false, 0, 4096);
	KUNIT_ASSERT_EQ(test, stor_suspend(), 0);
	w->host->max_transfer = 64 << 10;
	KUNIT_EXPECT_EQ(test, stor_resume(), -EIO);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_NO_CONNECT);
}

/* A request that the host still has is in the way of hibernation, and is not harmed by the try. */
static void suspend_with_a_request_in_flight(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	storvsc_options.drain_ms = 300;
	storvsc_world_up(w);
	io = stor_rw(w, stor_lun(w, 0), false, 0, 4096);
	stor_hold(w, 0, true);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, stor_held(w, 0, 1));
	KUNIT_EXPECT_EQ(test, stor_suspend(), -EBUSY);
	KUNIT_EXPECT_FALSE(test, stor_io_done(io));
	storvsc_world_let_go(w);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, io->result, 0);
	stor_expect_works(w);
	KUNIT_EXPECT_EQ(test, stor_suspend(), 0);
	KUNIT_EXPECT_EQ(test, stor_resume(), 0);
	stor_expect_works(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lun_comes_and_goes),
	KUNIT_CASE(right_target_is_removed),
	KUNIT_CASE(disk_grows),
	KUNIT_CASE(disk_is_swapped),
	KUNIT_CASE(storm_of_notices),
	KUNIT_CASE_PARAM(invalid_lun_while_looking, opcode_gen_params),
	KUNIT_CASE(lun_that_only_seems_to_be_gone),
	KUNIT_CASE(lun_pulled_under_a_request),
	KUNIT_CASE(withdrawn_with_requests_in_flight),
	KUNIT_CASE_PARAM(withdrawn_while_scanning, opcode_gen_params),
	KUNIT_CASE(withdrawn_in_a_storm),
	KUNIT_CASE(unbound_with_a_lost_request),
	KUNIT_CASE(unbound_while_the_host_works),
	KUNIT_CASE(suspend_and_resume),
	KUNIT_CASE(resumed_on_a_lesser_host),
	KUNIT_CASE(suspend_with_a_request_in_flight),
	{ }
};

static struct kunit_suite suite = {
	.name = "storvsc_life",
	.exit = storvsc_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
