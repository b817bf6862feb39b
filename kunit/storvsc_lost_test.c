// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests without an answer, channels that break, resets: polled for, recovered with the host's
 * word that it is done, given up without it; policies. Calls storvsc_world.h. Design decision 15.
 */
#include <kunit/test.h>
#include <linux/blk-mq.h>
#include <linux/device.h>
#include "kunit/storvsc_world.h"

static const struct vsp_storage_fault lose_a_write = {
	STOR_ON(0x2a), .what = VSP_SF_DROP,
};

static struct stor_io *write_of(struct storvsc_world *w, u32 block, u32 seed)
{
	struct stor_io *io = stor_rw(w, stor_lun(w, 0), true, block, 8192);

	stor_io_fill(io, seed);
	return io;
}

/*
 * P-143: lost once, sent once more after the channel's end was confirmed, and its data are there.
 */
static void lost_request_is_sent_again(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	storvsc_options.recover_s = 1;
	storvsc_world_up(w);
	stor_fault(w, &lose_a_write);
	io = write_of(w, 8, 3);
	stor_io_start(io);
	KUNIT_EXPECT_FALSE(test, stor_io_wait(io, 300));
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, io->result, 0);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_recoveries), 1ULL);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_requeued), 1ULL);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_pages_pinned), 0ULL);
	KUNIT_EXPECT_EQ(test, stor_host(w, writes), 2ULL);
	KUNIT_EXPECT_TRUE(test, stor_disk_holds(w, 0, 8 * 512, 3, 8192));
	stor_expect_works(w);
}

/* Twice in a row is no reason to fail either, as long as it has not waited for too long. */
static void request_is_lost_twice(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct vsp_storage_fault fault = lose_a_write;
	struct stor_io *io;

	storvsc_options.recover_s = 1;
	fault.times = 2;
	storvsc_world_up(w);
	stor_fault(w, &fault);
	io = write_of(w, 8, 3);
	KUNIT_EXPECT_TRUE(test, stor_io_run(io));
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_recoveries), 2ULL);
	stor_expect_works(w);
}

/* P-113, P-143: only the signal was lost. The answer is found, and nothing is reopened. */
static void lost_signal_is_no_lost_request(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct vsp_fault fault = { .point = VSP_AT_EVENT, .action = VSP_DROP };
	struct stor_io *io;

	storvsc_world_up(w);
	fault.key = w->relid;
	KUNIT_ASSERT_GE(test, fakehost_fault(w->fh, &fault), 0);
	io = write_of(w, 8, 3);
	KUNIT_EXPECT_TRUE(test, stor_io_run(io));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, vsp_fault_total_hits(w->fh->host)), 1ULL);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_recoveries), 0ULL);
}

/*
 * Decision 15: the host still works on others when one is lost. All wait for its word that it is
 * done; then all are sent again, and each is done.
 */
static void others_in_flight_are_sent_again(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io[4];
	unsigned int i;

	storvsc_options.recover_s = 1;
	w->limits.request_ms = WORLD_WAIT;
	storvsc_world_up(w);
	stor_hold(w, 0, true);
	stor_fault(w, &(struct vsp_storage_fault){
		STOR_ON(0x2a), .what = VSP_SF_STATUS | VSP_SF_DROP });
	for (i = 0; i < ARRAY_SIZE(io); i++) {
		io[i] = write_of(w, i * 16, i + 20);
		stor_io_start(io[i]);
	}
	KUNIT_ASSERT_TRUE(test, stor_held(w, 0, 3));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
	msleep(500);
	/* The host has their memory: not one of them has ended. */
	for (i = 0; i < ARRAY_SIZE(io); i++)
		KUNIT_EXPECT_FALSE(test, stor_io_done(io[i]));
	storvsc_world_let_go(w);
	for (i = 0; i < ARRAY_SIZE(io); i++) {
		KUNIT_EXPECT_TRUE(test, stor_io_wait(io[i], WORLD_WAIT));
		KUNIT_EXPECT_EQ(test, io[i]->result, 0);
		KUNIT_EXPECT_TRUE(test, stor_disk_holds(w, 0, i * 16 * 512, i + 20, 8192));
	}
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_recoveries), 1ULL);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_requeued), 4ULL);
}

/*
 * Decision 15; 21.34: the host never says that it is done. The request fails, its pages are
 * nobody's until the machine is restarted, and the disks are gone until somebody binds the device
 * again.
 */
static void barrier_that_is_missing(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io, *later;

	storvsc_options.recover_s = 1;
	storvsc_world_up(w);
	stor_hold(w, 0, true);
	io = stor_rw(w, stor_lun(w, 0), false, 0, 16384);
	later = stor_rw(w, stor_lun(w, 0), false, 0, 4096);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE(test, stor_held(w, 0, 1));
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_NO_CONNECT);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_pages_pinned), 4ULL);
	KUNIT_EXPECT_EQ(test, stor_io_pinned(io, false), 4u);
	stor_io_start(later);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(later, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(later), (u8)DID_NO_CONNECT);
	/* Now the host writes to them, and the test may have them back. */
	storvsc_world_let_go(w);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(FAKEHOST_PEEK(w->fh, vsp_storage_idle(w->host)),
						  WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_io_pinned(io, true), 4u);
}

/* --- policies */

static struct device_attribute *policy_attribute(void)
{
	return container_of(storvsc_lun_groups[0]->attrs[0], struct device_attribute, attr);
}

static ssize_t set_policy(struct scsi_device *sdev, const char *text)
{
	return policy_attribute()->store(&sdev->sdev_gendev, policy_attribute(), text,
					 strlen(text));
}

static bool policy_is(struct kunit *test, struct scsi_device *sdev, const char *text)
{
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	return page && policy_attribute()->show(&sdev->sdev_gendev, policy_attribute(), page) > 0 &&
	       !strcmp(strim(page), text);
}

static void policy_is_read_and_written(struct kunit *test)
{
	static const char * const bad[] = {
		"", "never", "wait:1", "recover-after", "recover-after:", "recover-after:0",
		"fail-after:-1", "fail-after:86401", "fail-after:1x", "recover-after:99999999999",
	};
	struct storvsc_world *w = storvsc_world(test);
	struct scsi_device *sdev;
	unsigned int i;

	storvsc_world_up(w);
	sdev = stor_lun(w, 0);
	KUNIT_EXPECT_TRUE(test, policy_is(test, sdev, "recover-after:300"));
	KUNIT_EXPECT_EQ(test, set_policy(sdev, "fail-after:7\n"), (ssize_t)13);
	KUNIT_EXPECT_TRUE(test, policy_is(test, sdev, "fail-after:7"));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, set_policy(sdev, bad[i]), (ssize_t)-EINVAL);
	KUNIT_EXPECT_TRUE(test, policy_is(test, sdev, "fail-after:7"));
	KUNIT_EXPECT_EQ(test, set_policy(sdev, "wait\n"), (ssize_t)5);
	KUNIT_EXPECT_TRUE(test, policy_is(test, sdev, "wait"));
}

/* P-143: fail-after: an error instead of another try, once the host is done with its memory. */
static void policy_to_fail(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	storvsc_world_up(w);
	set_policy(stor_lun(w, 0), "fail-after:1");
	stor_fault(w, &lose_a_write);
	io = write_of(w, 0, 1);
	stor_io_start(io);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_NO_CONNECT);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_abandoned), 1ULL);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_pages_pinned), 0ULL);
	stor_expect_works(w);
}

/* wait: for ever, with a line now and then; another policy takes effect on what waits already. */
static void policy_to_wait(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct scsi_device *sdev;
	struct stor_io *io;

	storvsc_options.recover_s = 0;
	storvsc_options.overdue_ms = 200;
	storvsc_world_up(w);
	sdev = stor_lun(w, 0);
	KUNIT_EXPECT_TRUE(test, policy_is(test, sdev, "wait"));
	stor_fault(w, &lose_a_write);
	io = write_of(w, 0, 1);
	stor_io_start(io);
	KUNIT_EXPECT_FALSE(test, stor_io_wait(io, 3000));
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_recoveries), 0ULL);
	KUNIT_EXPECT_GE(test, stor_count(STORVSC_COUNT_overdue), 1ULL);
	KUNIT_EXPECT_LE(test, stor_count(STORVSC_COUNT_overdue), 8ULL);
	set_policy(sdev, "recover-after:1");
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, io->result, 0);
}

/* --- a channel that breaks */

/* With @io in the host's hands the index of its ring is spoilt, which the watch finds. */
static bool break_ring(struct storvsc_world *w, struct stor_io *io, u64 recoveries)
{
	stor_hold(w, 0, true);
	stor_io_start(io);
	if (!stor_held(w, 0, 1) ||
	    !FAKEHOST_DO(w->fh, vsp_scribble(w->fh->host, w->relid, true, 0, 0xfffffffd)))
		return false;
	return fakehost_wait_for(stor_count(STORVSC_COUNT_recoveries) == recoveries, WORLD_WAIT);
}

/*
 * P-141; 21.28: an index out of its ring stops the channel; it is opened anew, and what was in
 * flight is sent again. The second time within minutes that is over: everything fails, nothing
 * hangs, and the host's word is waited for all the same.
 */
static void broken_ring(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io, *last;

	w->limits.request_ms = WORLD_WAIT;
	storvsc_world_up(w);
	io = write_of(w, 0, 5);
	last = write_of(w, 32, 6);
	KUNIT_ASSERT_TRUE(test, break_ring(w, io, 1));
	KUNIT_EXPECT_FALSE(test, stor_io_wait(io, 300));
	storvsc_world_let_go(w);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, io->result, 0);
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	stor_expect_works(w);

	KUNIT_ASSERT_TRUE(test, break_ring(w, last, 2));
	KUNIT_EXPECT_FALSE(test, stor_io_wait(last, 300));
	storvsc_world_let_go(w);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(last, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(last), (u8)DID_NO_CONNECT);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_recoveries), 2ULL);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_pages_pinned), 0ULL);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
}

/* --- reset */

static int reset_host(struct storvsc_world *w, struct stor_io *io)
{
	struct storvsc *s = stor_device();
	struct scsi_cmnd *cmd = blk_mq_rq_to_pdu(io->rq);

	cmd->device = stor_lun(w, 0);
	return s->host->hostt->eh_host_reset_handler(cmd);
}

/*
 * 13: a reset is answered, and what is in flight ends by itself; a silent host is not waited for.
 */
static void reset_of_the_host(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct stor_io *io;

	storvsc_options.handshake_ms = 700;
	storvsc_world_up(w);
	io = stor_plain(w, stor_lun(w, 0), 0x00);
	KUNIT_EXPECT_EQ(test, reset_host(w, io), SUCCESS);
	KUNIT_EXPECT_EQ(test, stor_host(w, resets), 1ULL);
	stor_fault(w, &(struct vsp_storage_fault){
		.operation = ENL_STOR_RESET_BUS, .what = VSP_SF_DROP });
	KUNIT_EXPECT_EQ(test, reset_host(w, io), FAILED);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_resets), 2ULL);
	KUNIT_EXPECT_TRUE(test, stor_io_run(io));
	stor_expect_works(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lost_request_is_sent_again),
	KUNIT_CASE(request_is_lost_twice),
	KUNIT_CASE(lost_signal_is_no_lost_request),
	KUNIT_CASE(others_in_flight_are_sent_again),
	KUNIT_CASE(barrier_that_is_missing),
	KUNIT_CASE(policy_is_read_and_written),
	KUNIT_CASE(policy_to_fail),
	KUNIT_CASE(policy_to_wait),
	KUNIT_CASE(broken_ring),
	KUNIT_CASE(reset_of_the_host),
	{ }
};

static struct kunit_suite suite = {
	.name = "storvsc_lost",
	.exit = storvsc_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
