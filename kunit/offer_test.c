// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offers: what makes one unusable, what is only masked, duplicates, the queue, end of the list.
 * Calls the bus through the stage; faults of the model change single fields of honest offers.
 * Sub-channels are in subchannel_test.c, offers of devices that are just going in reoffer_test.c.
 */
#include <kunit/test.h>
#include <linux/device.h>
#include "kunit/stage.h"

#define AT(field)	offsetof(struct enl_msg_offer, field)

static u64 released(struct stage *s)
{
	return fakehost_posted(s->fh, ENL_MSG_RELID_RELEASED);
}

/* Offers device @instance with @width bytes at @at changed; waits until the bus has seen it. */
static u32 offer_spoiled(struct stage *s, u32 instance, u32 at, u64 value, u8 width)
{
	u32 relid;

	FAKEHOST_RUN(s->fh, vsp_fault_clear(s->fh->host));
	stage_overwrite(s, ENL_MSG_OFFER, at, value, width);
	relid = stage_offer(s, instance);
	KUNIT_EXPECT_TRUE(s->test, stage_quiet(s));
	return relid;
}

/* The devices that were there before live on. */
static void still_works(struct stage *s)
{
	KUNIT_EXPECT_EQ(s->test, s->removes, 0u);
	KUNIT_ASSERT_EQ(s->test, stage_open(s, stage_channel(s)), 0);
	KUNIT_EXPECT_EQ(s->test, stage_talk(s, stage_channel(s)), 0);
	enl_channel_close(stage_channel(s));
}

/* vmbus.md 12.14: OFFER_RELID; such a number is not given back either. */
static void refuses_channel_number_out_of_range(struct kunit *test)
{
	static const u32 bad[] = { 0, ENL_RELID_LIMIT, ENL_RELID_NONE, 0x80000001 };
	struct stage *s = stage_up(test, NULL);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		offer_spoiled(s, 10 + i, AT(relid), bad[i], 4);
		KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_RELID), 1L + i);
	}
	KUNIT_EXPECT_EQ(test, s->probes, 1u);
	KUNIT_EXPECT_EQ(test, released(s), 0ull);
	still_works(s);
	stage_down(s);
}

/* vmbus.md 12.14, P-051: the channel that has the number keeps it, whatever else is wrong. */
static void refuses_channel_number_in_use(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct enl_msg_offer raw = {
		.header.type = cpu_to_le32(ENL_MSG_OFFER),
		.class_id = stage_class,
		.instance_id = fakehost_instance(77),
		.relid = cpu_to_le32(stage_channel(s)->relid),
		.connection_id = cpu_to_le32(0xff000001),
	};

	offer_spoiled(s, 10, AT(relid), stage_channel(s)->relid, 4);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_RELID), 1L);
	fakehost_inject(s->fh, &raw, sizeof(raw));
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_OFFER_RELID, 2));
	KUNIT_EXPECT_TRUE(test, stage_quiet(s));
	KUNIT_EXPECT_EQ(test, released(s), 0ull);
	still_works(s);
	stage_down(s);
}

/* vmbus.md 12.17: OFFER_CONNECTION, and the number goes back. P-050. */
static void refuses_connection_id_with_reserved_bits(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);

	offer_spoiled(s, 10, AT(connection_id) + 3, 0x80, 1);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_CONNECTION), 1L);
	KUNIT_EXPECT_EQ(test, released(s), 1ull);
	KUNIT_EXPECT_EQ(test, s->probes, 1u);
	still_works(s);
	stage_down(s);
}

/* vmbus.md 12.16, P-040: OFFER_MONITOR; the channel works by hypercall. */
static void monitor_id_out_of_range_means_no_monitor(struct kunit *test)
{
	static const u8 bad[] = { 128, 200, 255 };
	struct stage *s = stage_up(test, NULL);
	struct enl_channel *ch;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		FAKEHOST_RUN(s->fh, vsp_fault_clear(s->fh->host));
		/* id, then flags: allocated */
		stage_overwrite(s, ENL_MSG_OFFER, AT(monitor_id), bad[i] | 0x100, 2);
		stage_offer(s, 10 + i);
		KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2 + i));
		KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_MONITOR), 1L + i);
		ch = stage_channel(s);
		KUNIT_EXPECT_EQ(test, ch->monitor_id, (u8)ENL_MONITOR_NONE);
		still_works(s);
		KUNIT_EXPECT_EQ(test, ch->stats.signals_monitored, 0ull);
		/* a host that reads already needs none */
		KUNIT_EXPECT_GT(test, ch->stats.signals_sent + ch->stats.signals_suppressed, 0ull);
	}
	stage_down(s);
}

/* P-040: without the flag the id means nothing; with it the last group is reached and no more. */
static void monitor_ids_in_range_are_used_if_allocated(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);

	FAKEHOST_RUN(s->fh, vsp_fault_clear(s->fh->host));
	stage_overwrite(s, ENL_MSG_OFFER, AT(monitor_id), 127 | 0x100, 2);
	stage_offer(s, 10);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
	KUNIT_EXPECT_EQ(test, stage_channel(s)->monitor_id, (u8)127);
	stage_overwrite(s, ENL_MSG_OFFER, AT(monitor_id), 3, 2);
	stage_offer(s, 11);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 3));
	KUNIT_EXPECT_EQ(test, stage_channel(s)->monitor_id, (u8)ENL_MONITOR_NONE);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_MONITOR), 0L);
	still_works(s);
	stage_down(s);
}

/* vmbus.md 12.18, 12.20, 12.21: a driver sees checked copies. */
static void driver_sees_masked_flags_and_a_copy_of_the_rest(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct vsp_offer offer = {
		.class_id = stage_class,
		.instance_id = fakehost_instance(10),
		.flags = 0xffff & ~ENL_OFFER_HVSOCK,
		.mmio_megabytes = 0xffff,
		.provider = &vsp_echo_provider,
		.state = s->echo,
	};
	const u8 *data;
	size_t bytes;

	memset(offer.user_defined, 0x5a, sizeof(offer.user_defined));
	fakehost_offer_full(s->fh, &offer);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
	KUNIT_EXPECT_EQ(test, enl_channel_offer_flags(stage_channel(s)),
			(u16)(ENL_OFFER_KNOWN_FLAGS & ~ENL_OFFER_HVSOCK &
			      ~ENL_OFFER_FEATURE_FLAGS));
	KUNIT_EXPECT_EQ(test, enl_channel_mmio_megabytes(stage_channel(s)), 0xffffu);
	data = enl_channel_user_data(stage_channel(s), &bytes);
	KUNIT_EXPECT_EQ(test, bytes, sizeof(offer.user_defined));
	KUNIT_EXPECT_EQ(test, memcmp(data, offer.user_defined, bytes), 0);
	stage_down(s);
}

/* vmbus.md 12.19: OFFER_CLASS; sockets pass, what is not isolated takes everything. */
static void isolated_guest_takes_listed_classes_only(struct kunit *test)
{
	static const struct enl_guid kvp = ENL_CLASS_KVP;
	struct fakehost_options options = { .isolated = true };
	struct stage *s = stage_up(test, &options);
	struct vsp_offer socket = {
		.class_id = ENL_GUID(5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0),
		.instance_id = fakehost_instance(11),
		.flags = ENL_OFFER_HVSOCK,
	};

	stage_offer_class(s, &kvp, 10);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_CLASS), 1L);
	fakehost_offer_full(s->fh, &socket);
	KUNIT_EXPECT_TRUE(test, stage_quiet(s));
	KUNIT_EXPECT_EQ(test, released(s), 1ull);
	KUNIT_EXPECT_EQ(test, s->bus->channel_count, 2u);
	still_works(s);
	stage_down(s);
}

/* P-050, vmbus.md 11.3, 12.23: OFFER_DUPLICATE, by equal GUIDs or by the name alone. */
static void second_offer_of_a_device_that_is_there_is_given_back(struct kunit *test)
{
	static const struct enl_guid kvp = ENL_CLASS_KVP;
	struct stage *s = stage_up(test, NULL);

	stage_offer(s, 1);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_DUPLICATE), 1L);
	stage_offer_class(s, &kvp, 1);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 2));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_DUPLICATE), 2L);
	KUNIT_EXPECT_EQ(test, s->probes, 1u);
	still_works(s);
	stage_down(s);
}

/* vmbus.md 12.22: OFFER_LIMIT */
static void refuses_more_channels_than_there_is_room_for(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);

	/* As if all of them were there. */
	mutex_lock(&s->bus->lock);
	s->bus->channel_count += ENL_MAX_CHANNELS;
	mutex_unlock(&s->bus->lock);
	stage_offer(s, 10);
	KUNIT_EXPECT_TRUE(test, stage_wait_gone(s, 1));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_OFFER_LIMIT), 1L);
	KUNIT_EXPECT_EQ(test, s->probes, 1u);
	mutex_lock(&s->bus->lock);
	s->bus->channel_count -= ENL_MAX_CHANNELS;
	mutex_unlock(&s->bus->lock);
	stage_offer(s, 10);
	KUNIT_EXPECT_TRUE(test, stage_wait_probes(s, 2));
	still_works(s);
	stage_down(s);
}

/* vmbus.md 12.22: MESSAGE_ROOM; what finds no room is taken later, and in order. */
static void queue_of_offers_and_rescinds_is_bounded(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct enl_msg_relid rescind = {
		.header.type = cpu_to_le32(ENL_MSG_RESCIND), .relid = cpu_to_le32(999),
	};
	unsigned int i, taken = 0;

	/* Whoever works the queue off waits for this. */
	mutex_lock(&s->bus->lock);
	while (taken < 2 * ENL_QUEUED_MESSAGES && stage_message(s, &rescind, sizeof(rescind)))
		taken++;
	KUNIT_EXPECT_LE(test, taken, ENL_QUEUED_MESSAGES + 1u);
	for (i = 0; i < 50; i++)
		fakehost_inject(s->fh, &rescind, sizeof(rescind));
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_MESSAGE_ROOM, 2));
	mutex_unlock(&s->bus->lock);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_RESCIND_UNKNOWN, taken + 50));
	still_works(s);
	stage_down(s);
}

/*
 * P-006: each number offered and withdrawn at once: the answer behind it all still gets through, on
 * which whoever holds up the queue may depend.
 */
static void queue_has_room_for_all_that_an_honest_host_can_say(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct enl_msg_offer offer = {
		.header.type = cpu_to_le32(ENL_MSG_OFFER), .class_id = stage_class,
	};
	struct enl_msg_relid rescind = { .header.type = cpu_to_le32(ENL_MSG_RESCIND) };
	u32 relid, own = stage_channel(s)->relid;

	mutex_lock(&s->bus->lock);
	for (relid = 1; relid < ENL_RELID_LIMIT; relid++) {
		bool taken = true;

		offer.relid = cpu_to_le32(relid);
		offer.instance_id = fakehost_instance(1000 + relid);
		rescind.relid = cpu_to_le32(relid);
		if (relid != own)
			taken = stage_message(s, &offer, sizeof(offer)) &&
				stage_message(s, &rescind, sizeof(rescind));
		if (!taken) {
			KUNIT_FAIL(test, "no room for channel %u", relid);
			break;
		}
	}
	/* The numbers are not the model's: nothing is to come of them. */
	WRITE_ONCE(s->bus->closing, true);
	mutex_unlock(&s->bus->lock);
	flush_workqueue(s->bus->control_wq);
	WRITE_ONCE(s->bus->closing, false);
	KUNIT_EXPECT_EQ(test, s->bus->channel_count, 1u);
	still_works(s);
	stage_down(s);
}

/* --- the list of boot devices */

/* P-053: the end marker never comes: the wait is bounded, and later devices are welcome. */
static void start_goes_on_without_the_end_of_the_list(struct kunit *test)
{
	struct stage *s = STAGE(test);

	s->limits.offers_ms = 300;
	stage_host(s, NULL);
	stage_offer(s, 1);
	stage_message_fault(s, ENL_MSG_ALL_OFFERS_DELIVERED, VSP_DROP, 0);
	stage_start(s);
	KUNIT_EXPECT_TRUE(test, stage_wait_probes(s, 1));
	stage_offer(s, 2);
	KUNIT_EXPECT_TRUE(test, stage_wait_probes(s, 2));
	still_works(s);
	stage_down(s);
}

/* P-053: it comes twice, and then late: no harm. The devices of boot are bound when start ends. */
static void end_of_the_list_may_come_twice_or_late(struct kunit *test)
{
	struct stage *s = STAGE(test);
	struct enl_msg_header end = { .type = cpu_to_le32(ENL_MSG_ALL_OFFERS_DELIVERED) };

	stage_host(s, NULL);
	stage_offer(s, 1);
	stage_offer(s, 2);
	stage_message_fault(s, ENL_MSG_ALL_OFFERS_DELIVERED, VSP_REPEAT, 0);
	stage_start(s);
	KUNIT_EXPECT_EQ(test, s->probes, 2u);
	fakehost_inject(s->fh, &end, sizeof(end));
	KUNIT_EXPECT_TRUE(test, stage_quiet(s));
	still_works(s);
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refuses_channel_number_out_of_range),
	KUNIT_CASE(refuses_channel_number_in_use),
	KUNIT_CASE(refuses_connection_id_with_reserved_bits),
	KUNIT_CASE(monitor_id_out_of_range_means_no_monitor),
	KUNIT_CASE(monitor_ids_in_range_are_used_if_allocated),
	KUNIT_CASE(driver_sees_masked_flags_and_a_copy_of_the_rest),
	KUNIT_CASE(isolated_guest_takes_listed_classes_only),
	KUNIT_CASE(second_offer_of_a_device_that_is_there_is_given_back),
	KUNIT_CASE(refuses_more_channels_than_there_is_room_for),
	KUNIT_CASE(queue_of_offers_and_rescinds_is_bounded),
	KUNIT_CASE(queue_has_room_for_all_that_an_honest_host_can_say),
	KUNIT_CASE(start_goes_on_without_the_end_of_the_list),
	KUNIT_CASE(end_of_the_list_may_come_twice_or_late),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_offer",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
