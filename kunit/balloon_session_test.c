// SPDX-License-Identifier: GPL-2.0-only
/*
 * From one session with the host to the next: hibernation, requests that come too early or while
 * an answer is owed, reports beside a request. Calls balloon_world.h.
 * What one session left must not harm the next, and no answer may be lost or overtake another.
 */
#include <linux/delay.h>
#include <linux/suspend.h>
#include "kunit/balloon_world.h"
#include "wire/classes.h"

#define BLOCK 0x8000ULL

static struct enl_driver *driver_of(struct balloon *b)
{
	return container_of(b->dev->dev->driver, struct enl_driver, driver);
}

static int suspend(void)
{
	return driver_of(world_device())->suspend(world_device()->dev);
}

static int resume(void *unused)
{
	return driver_of(world_device())->resume(world_device()->dev);
}

static int prepare_hibernation(void)
{
	struct notifier_block *nb = &balloon_the_memory()->pm;

	return notifier_to_errno(nb->notifier_call(nb, PM_HIBERNATION_PREPARE, NULL));
}

/* Still at work? */
static void expect_service(struct kunit *test, struct balloon_world *w)
{
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 32));
	KUNIT_EXPECT_EQ(test, world_host_pages(w), 32ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_SINGLE));
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
}

/* P-112: an image must not contain what the host will not remember */
static void hibernation_waits_until_nothing_is_out(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_EQ(test, prepare_hibernation(), 0);
	KUNIT_ASSERT_TRUE(test, world_balloon(w, 10));
	KUNIT_EXPECT_EQ(test, prepare_hibernation(), -EBUSY);
	KUNIT_EXPECT_EQ(test, suspend(), -EBUSY);
	KUNIT_EXPECT_TRUE(test, world_device()->running);
	KUNIT_EXPECT_TRUE(test, world_idle(w));
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_SINGLE));

	KUNIT_EXPECT_EQ(test, prepare_hibernation(), 0);
	KUNIT_EXPECT_EQ(test, suspend(), 0);
	KUNIT_EXPECT_FALSE(test, FAKEHOST_PEEK(w->fh, vsp_channel_open(w->fh->host, w->relid)));
	KUNIT_EXPECT_EQ(test, resume(NULL), 0);
	KUNIT_EXPECT_TRUE(test, world_idle(w));
	expect_service(test, w);
}

/* P-112: a host that forgets at the channel's end, as QEMU does, is not made to for nothing. */
static void refused_hibernation_leaves_the_channel_open(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->host->forget_at_close = true;
	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, world_balloon(w, 10));
	KUNIT_EXPECT_EQ(test, suspend(), -EBUSY);
	KUNIT_EXPECT_EQ(test, world_host_pages(w), 10ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_SINGLE));
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
}

/* P-112: the second attempt is refused as the first one was, whether or not the host answers. */
static void hibernation_is_refused_each_time(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	unsigned int i;

	balloon_options.handshake_ms = 300;
	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, world_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	w->host->silent = true;
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, prepare_hibernation(), -EBUSY);
		KUNIT_EXPECT_EQ(test, suspend(), -EBUSY);
	}
	/* Nor does it help to take the driver away. */
	fakehost_rescind(w->fh, w->relid);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(!world_device(), WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, prepare_hibernation(), -EBUSY);
}

/* 17.8: what came in a handshake that failed is not executed after the next one. */
static void request_of_a_failed_handshake_is_forgotten(struct kunit *test)
{
	static const u64 request[2] = { 0x100006, 100 };	/* a balloon request: 100 pages */
	const struct vsp_packet p = { ENL_PACKET_INBAND, .data = request, .bytes = 16 };
	struct balloon_world *w = balloon_world(test);
	int ret = 0;

	balloon_world_up(w);
	KUNIT_ASSERT_EQ(test, suspend(), 0);
	w->host->silent = true;
	KUNIT_ASSERT_EQ(test, fakehost_call(w->fh, resume, NULL), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_open(w->fh, w->relid, true, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, FAKEHOST_DO(w->fh, vsp_send(vsp_channel(w->fh->host, w->relid), &p)),
			VSP_SENT);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(world_device()->used) == 1, 1000));
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, WORLD_WAIT, &ret));
	KUNIT_EXPECT_EQ(test, ret, -ETIMEDOUT);

	w->host->silent = false;
	KUNIT_ASSERT_EQ(test, resume(NULL), 0);
	KUNIT_EXPECT_TRUE(test, world_idle(w));
	expect_service(test, w);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_requests_balloon), 1ULL);
}

/* P-253: an answer that is owed goes out before the next request is begun, let alone answered. */
static void no_request_is_begun_while_an_answer_is_owed(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	u8 message[16] __aligned(8);
	struct balloon *b;
	u32 sent;

	w->host->overlap = true;
	balloon_world_up(w);
	b = world_device();
	WRITE_ONCE(w->gate, true);
	KUNIT_ASSERT_TRUE(test, world_ask_balloon(w, 100));
	KUNIT_ASSERT_TRUE(test, world_ask_hot_add(w, WORLD_FIRST, BLOCK, 0, 0));
	KUNIT_ASSERT_TRUE(test, world_counted(BALLOON_COUNT_requests_queued, 1));
	KUNIT_ASSERT_TRUE(test, fakehost_settle(w->fh, WORLD_WAIT));
	fakehost_set_manual(w->fh, true);
	while (!balloon_send_once(b, message, balloon_put_unballooned(message)))
		;
	sent = READ_ONCE(b->trans_id);
	WRITE_ONCE(w->gate, false);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(b->owed_bytes), WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(b->used) == 1, WORLD_WAIT));
	msleep(200);
	KUNIT_EXPECT_EQ(test, w->adds, 0u);
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->trans_id), sent);

	/* Both answers, and nothing else. The host, made to overlap, expects the second only. */
	fakehost_set_manual(w->fh, false);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(FAKEHOST_PEEK(w->fh, w->host->hot_answers) == 1,
						  WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->hot_pages), (u32)BLOCK);
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_answers_owed), 1ULL);
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->trans_id), sent + 2);
	fakehost_settle(w->fh, WORLD_WAIT);
	fakehost_forgive(w->fh, VSP_V_DM_ORDER);
}

/* 13: the report that asks for memory does not queue behind the request that takes it. */
static void reports_need_nothing_of_the_worker(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	u64 before;

	balloon_options.report_delay_s = 0;
	balloon_world_up(w);
	/* As if there were no memory for a second worker. */
	workqueue_set_max_active(world_device()->wq, 1);
	WRITE_ONCE(w->gate, true);
	KUNIT_ASSERT_TRUE(test, world_ask_balloon(w, 10));
	KUNIT_ASSERT_TRUE(test, world_counted(BALLOON_COUNT_requests_balloon, 1));
	msleep(100);
	before = world_count(BALLOON_COUNT_reports);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(world_count(BALLOON_COUNT_reports) > before + 2,
						  WORLD_WAIT));
	WRITE_ONCE(w->gate, false);
	KUNIT_EXPECT_TRUE(test, world_idle(w));
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_SINGLE));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(hibernation_waits_until_nothing_is_out),
	KUNIT_CASE(refused_hibernation_leaves_the_channel_open),
	KUNIT_CASE(hibernation_is_refused_each_time),
	KUNIT_CASE(request_of_a_failed_handshake_is_forgotten),
	KUNIT_CASE(no_request_is_begun_while_an_answer_is_owed),
	KUNIT_CASE(reports_need_nothing_of_the_worker),
	{ }
};

static struct kunit_suite suite = {
	.name = "balloon_session",
	.exit = balloon_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
