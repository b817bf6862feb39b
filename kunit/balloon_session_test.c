// SPDX-License-Identifier: GPL-2.0-only
/*
 * From one session with the host to the next: hibernation, and its refusal.
 * Calls balloon_world.h. What one session left must not harm the next.
 */
#include <linux/suspend.h>
#include "kunit/balloon_world.h"

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

static struct kunit_case cases[] = {
	KUNIT_CASE(hibernation_waits_until_nothing_is_out),
	KUNIT_CASE(refused_hibernation_leaves_the_channel_open),
	KUNIT_CASE(hibernation_is_refused_each_time),
	{ }
};

static struct kunit_suite suite = {
	.name = "balloon_session",
	.exit = balloon_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
