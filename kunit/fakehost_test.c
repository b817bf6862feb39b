// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fake host itself: each of its modes under the real bus, in the smallest useful form.
 * Calls the fake host and the drivers' API. What the bus must do is tested in files of its own.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/slab.h>
#include "kunit/fakehost.h"
#include "kunit/module.h"
#include "vmbus/vmbus.h"
#include "vsp/echo.h"
#include "wire/classes.h"

static const struct enl_guid class = ENL_CLASS_HEARTBEAT;

/* --- a driver that does nothing but to be there */

static struct enl_device *probed;
static struct completion probe_done;
static unsigned int removed;

static int toy_probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	probed = dev;
	complete_all(&probe_done);
	return 0;
}

static void toy_remove(struct enl_device *dev)
{
	probed = NULL;
	removed++;
}

static const struct hv_vmbus_device_id toy_ids[] = {
	{ ENL_DEVICE_ID(ENL_CLASS_HEARTBEAT) },
	{ }
};

static struct enl_driver toy_driver = {
	.name = "enlight_toy",
	.ids = toy_ids,
	.probe = toy_probe,
	.remove = toy_remove,
};

static void toy_notify(struct enl_channel *ch, void *context)
{
	struct enl_packet packet;

	while (enl_recv(ch, &packet) > 0)
		;
}

static const struct enl_channel_setup setup = {
	.send_bytes = 16384,
	.recv_bytes = 16384,
	.max_packet = 4096,
	.mode = ENL_NOTIFY_SOFTIRQ,
	.notify = toy_notify,
};

static int init(struct kunit *test)
{
	init_completion(&probe_done);
	probed = NULL;
	removed = 0;
	return enl_driver_register(&toy_driver);
}

static void quit(struct kunit *test)
{
	enl_driver_unregister(&toy_driver);
}

/* --- cases */

static void host_by_itself_answers_and_takes_back(struct kunit *test)
{
	struct fakehost *fh = fakehost_create(test, NULL);
	struct enl_bus *bus;
	u32 relid;

	KUNIT_ASSERT_NOT_NULL(test, fh);
	relid = fakehost_offer(fh, &class, 1, NULL, NULL);
	bus = fakehost_start_bus(fh, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(bus));
	KUNIT_EXPECT_EQ(test, enl_bus_version(bus), ENL_VERSION_5_3);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&probe_done, HZ));

	fakehost_rescind(fh, relid);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(fh, ENL_MSG_RELID_RELEASED, 1, 2000));
	KUNIT_EXPECT_EQ(test, removed, 1u);

	enl_bus_stop(bus);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

struct start {
	struct fakehost *fh;
	struct enl_bus *bus;
};

static int start_bus(void *context)
{
	struct start *s = context;

	s->bus = fakehost_start_bus(s->fh, NULL);
	return PTR_ERR_OR_ZERO(s->bus);
}

static void manual_host_does_nothing_until_it_is_stepped(struct kunit *test)
{
	struct fakehost_options options = { .manual = true };
	struct start s = { .fh = fakehost_create(test, &options) };
	struct vsp_record record;
	int result = -1;

	KUNIT_ASSERT_NOT_NULL(test, s.fh);
	KUNIT_ASSERT_EQ(test, fakehost_call(s.fh, start_bus, &s), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s.fh, ENL_MSG_INITIATE_CONTACT, 1, 1000));
	KUNIT_EXPECT_FALSE(test, fakehost_called(s.fh, 50, &result));
	KUNIT_ASSERT_TRUE(test, fakehost_message(s.fh, ENL_MSG_INITIATE_CONTACT, 0, &record));
	KUNIT_EXPECT_EQ(test, record.connection, ENL_CONNECTION_MESSAGE_MULTI);
	KUNIT_EXPECT_EQ(test, record.bytes, (u16)sizeof(struct enl_msg_contact));

	KUNIT_EXPECT_TRUE(test, fakehost_step(s.fh));	/* reads the contact */
	KUNIT_EXPECT_TRUE(test, fakehost_step(s.fh));	/* delivers the answer */
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(s.fh, ENL_MSG_REQUEST_OFFERS, 1, 1000));
	fakehost_run_until_idle(s.fh);
	KUNIT_ASSERT_TRUE(test, fakehost_called(s.fh, 3000, &result));
	KUNIT_EXPECT_EQ(test, result, 0);

	fakehost_set_manual(s.fh, false);
	if (!result)
		enl_bus_stop(s.bus);
	fakehost_check(test, s.fh);
	fakehost_destroy(s.fh);
}

/* One channel: opened, used for @count requests, closed. Returns the requests that came back. */
static unsigned int talk(struct kunit *test, struct enl_device *dev, unsigned int count)
{
	struct enl_channel *ch = enl_channel_primary(dev);
	unsigned int good = 0;
	unsigned int i;
	int err;

	err = enl_channel_open(ch, &setup);
	KUNIT_EXPECT_EQ(test, err, 0);
	for (i = 0; i < count && !err; i++) {
		__le64 question = cpu_to_le64(i * 3 + 1);
		__le64 answer = 0;
		struct enl_exchange x = {
			.request = &question,
			.request_bytes = sizeof(question),
			.answer = &answer,
			.answer_bytes = sizeof(answer),
		};

		err = enl_transact(ch, &x, 5000);
		good += !err && answer == question;
	}
	if (err)
		KUNIT_FAIL(test, "exchange %u: %d", i, err);
	enl_channel_close(ch);
	return good;
}

static void talk_on(struct kunit *test, const struct fakehost_options *options)
{
	struct vsp_echo *echo = kunit_kzalloc(test, sizeof(*echo), GFP_KERNEL);
	struct fakehost *fh = fakehost_create(test, options);
	struct enl_bus *bus;

	KUNIT_ASSERT_NOT_NULL(test, echo);
	KUNIT_ASSERT_NOT_NULL(test, fh);
	fakehost_offer(fh, &class, 1, &vsp_echo_provider, echo);
	bus = fakehost_start_bus(fh, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(bus));
	if (wait_for_completion_timeout(&probe_done, HZ))
		KUNIT_EXPECT_EQ(test, talk(test, probed, 100), 100u);
	else
		KUNIT_FAIL(test, "no probe");
	KUNIT_EXPECT_EQ(test, echo->completed, 100ull);
	enl_bus_stop(bus);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

static void requests_come_back(struct kunit *test)
{
	talk_on(test, NULL);
}

static void requests_come_back_whatever_the_processors_are_called(struct kunit *test)
{
	struct fakehost_options options = { .reverse_vps = true };

	talk_on(test, &options);
}

static void requests_come_back_on_a_host_like_qemu(struct kunit *test)
{
	struct fakehost_options options = { .personality = &vsp_host_qemu };

	talk_on(test, &options);
}

/* Slices, since a loaded machine takes minutes for what an idle one does in seconds. */
static const void *next_slice(const void *prev, char *desc)
{
	static struct enl_kunit_slice slice;

	return enl_kunit_next_slice(&slice, prev, 20000, 200000, 50000, desc);
}

static void random_host_keeps_every_rule(struct kunit *test)
{
	const struct enl_kunit_slice *slice = test->param_value;
	u64 seed = enl_kunit_slice_seed(slice);
	struct vsp_echo *echo = kunit_kzalloc(test, sizeof(*echo), GFP_KERNEL);
	struct fakehost *fh = fakehost_create(test, NULL);
	struct enl_bus *bus;

	KUNIT_ASSERT_NOT_NULL(test, echo);
	KUNIT_ASSERT_NOT_NULL(test, fh);
	fakehost_offer(fh, &class, 1, &vsp_echo_provider, echo);
	bus = fakehost_start_bus(fh, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(bus));
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&probe_done, 5 * HZ));
	FAKEHOST_RUN(fh, vsp_fault_random(fh->host, seed, VSP_PLAN_TIMING, 40));
	KUNIT_ASSERT_EQ(test, fakehost_run_random(fh, seed, slice->steps), 0);
	do {
		KUNIT_EXPECT_EQ(test, talk(test, probed, 20), 20u);
	} while (!fakehost_random_done(fh, 1));
	enl_bus_stop(bus);
	fakehost_check(test, fh);
	fakehost_destroy(fh);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(host_by_itself_answers_and_takes_back),
	KUNIT_CASE(manual_host_does_nothing_until_it_is_stepped),
	KUNIT_CASE(requests_come_back),
	KUNIT_CASE(requests_come_back_whatever_the_processors_are_called),
	KUNIT_CASE(requests_come_back_on_a_host_like_qemu),
	KUNIT_CASE_PARAM(random_host_keeps_every_rule, next_slice),
	{ }
};

static struct kunit_suite suite = {
	.name = "fakehost",
	.init = init,
	.exit = quit,
	.test_cases = cases,
};

kunit_test_suite(suite);
