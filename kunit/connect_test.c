// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting a bus: versions, connection ids, refusals, silence, and what a failed start leaves.
 * Calls the fake host, enl_bus_start() and enl_bus_stop(). Specification 4.1 to 4.7, 12.8 to 12.13.
 * A start that fails at each step in turn is in start_test.c.
 */
#include <linux/err.h>
#include "kunit/bus_world.h"

static const u32 newest_first[] = {
	ENL_VERSION_5_3, ENL_VERSION_5_2, ENL_VERSION_5_1, ENL_VERSION_5_0,
	ENL_VERSION_4_1, ENL_VERSION_4_0, ENL_VERSION_3_0, ENL_VERSION_2_4,
};

static struct fakehost *host(struct kunit *test, const struct vsp_personality *personality)
{
	struct fakehost_options options = { .personality = personality };
	struct fakehost *fh = fakehost_create(test, &options);

	KUNIT_ASSERT_NOT_NULL(test, fh);
	return fh;
}

/* What INITIATE_CONTACT must look like, whatever is in the pages that it names. */
static void expect_contact(struct kunit *test, struct fakehost *fh, unsigned int nth, u32 version)
{
	struct vsp_record r;
	const struct enl_msg_contact *msg = (const void *)r.message;
	bool multi = version >= ENL_VERSION_5_0;

	KUNIT_ASSERT_TRUE(test, fakehost_message(fh, ENL_MSG_INITIATE_CONTACT, nth, &r));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(msg->version), version);
	KUNIT_EXPECT_EQ(test, (u32)r.bytes, 40u);
	KUNIT_EXPECT_EQ(test, r.connection, multi ? ENL_CONNECTION_MESSAGE_MULTI :
						    ENL_CONNECTION_MESSAGE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(msg->header.pad), 0u);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(msg->target_vp), fakehost_vp(fh, 0));
	if (multi) {
		KUNIT_EXPECT_EQ(test, (u32)msg->sint, 2u);
		KUNIT_EXPECT_EQ(test, (u32)msg->vtl, 0u);
		KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(msg->reserved), 0u);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(msg->feature_flags), 0u);
	} else {
		KUNIT_EXPECT_NE(test, le64_to_cpu(msg->interrupt_page), 0ull);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(msg->interrupt_page) % 4096, 0ull);
	}
	KUNIT_EXPECT_NE(test, le64_to_cpu(msg->monitor_to_host), 0ull);
	KUNIT_EXPECT_NE(test, le64_to_cpu(msg->monitor_to_guest), 0ull);
	KUNIT_EXPECT_NE(test, le64_to_cpu(msg->monitor_to_host),
			le64_to_cpu(msg->monitor_to_guest));
	KUNIT_EXPECT_EQ(test, le64_to_cpu(msg->monitor_to_host) % 4096, 0ull);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(msg->monitor_to_guest) % 4096, 0ull);
}

/* P-009, P-017 vmbus.md 4.2, 4.5, 12.48: a host for each version alone. */
static void agrees_on_the_only_version_that_a_host_accepts(struct kunit *test)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(newest_first); i++) {
		u32 version = newest_first[i];
		struct vsp_personality only = vsp_host_2022;
		struct fakehost *fh;
		struct enl_bus *bus;
		struct vsp_record r;

		only.only_version = version;
		fh = host(test, &only);
		bus = bus_up(test, fh, NULL);
		KUNIT_ASSERT_NOT_NULL(test, bus);
		KUNIT_EXPECT_EQ(test, enl_bus_version(bus), version);
		KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_INITIATE_CONTACT), i + 1ull);
		for (n = 0; n <= i; n++)
			expect_contact(test, fh, n, newest_first[n]);
		KUNIT_ASSERT_TRUE(test, fakehost_message(fh, ENL_MSG_REQUEST_OFFERS, 0, &r));
		KUNIT_EXPECT_EQ(test, r.connection, version >= ENL_VERSION_5_0 ? 0x20u : 1u);
		KUNIT_EXPECT_EQ(test, (u32)r.bytes, 8u);
		KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_REQUEST_OFFERS), 1ull);
		/* 2.4 has no UNLOAD: its pages stay out of use */
		if (version < ENL_VERSION_3_0)
			bus_silent_down(test, fh, bus);
		else
			bus_down(test, fh, bus);
	}
}

/* P-009 vmbus.md 4.6: a connection that does not exist means an older host, not a failure. */
static void falls_back_where_the_newer_connection_does_not_exist(struct kunit *test)
{
	static const struct {
		const struct vsp_personality *host;
		u32 version;
	} hosts[] = {
		{ &vsp_host_2012, ENL_VERSION_2_4 }, { &vsp_host_2012r2, ENL_VERSION_3_0 },
		{ &vsp_host_2016, ENL_VERSION_4_0 }, { &vsp_host_qemu, ENL_VERSION_4_0 },
		{ &vsp_host_2019, ENL_VERSION_5_2 }, { &vsp_host_2022, ENL_VERSION_5_3 },
		{ &vsp_host_2025, ENL_VERSION_5_3 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		struct fakehost *fh = host(test, hosts[i].host);
		struct enl_bus *bus = bus_up(test, fh, NULL);

		KUNIT_ASSERT_NOT_NULL(test, bus);
		KUNIT_EXPECT_EQ(test, enl_bus_version(bus), hosts[i].version);
		if (hosts[i].version < ENL_VERSION_3_0)
			bus_silent_down(test, fh, bus);
		else
			bus_down(test, fh, bus);
	}
}

/* vmbus.md 4.6, 12.13: the cap is where negotiation starts. */
static void option_caps_the_version(struct kunit *test)
{
	struct enl_bus_options limits = fakehost_limits;
	struct fakehost *fh = host(test, NULL);
	struct enl_bus *bus;

	limits.max_version = ENL_VERSION_4_1;
	bus = bus_up(test, fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_EXPECT_EQ(test, enl_bus_version(bus), ENL_VERSION_4_1);
	KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_INITIATE_CONTACT), 1ull);
	bus_down(test, fh, bus);
}

/* vmbus.md 12.9: 24 bits of a connection id count, and all of them are used. */
static void every_message_goes_to_the_connection_that_the_host_named(struct kunit *test)
{
	static const u32 ids[] = { 1, 0x20, 0xabcdef, 0xffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		struct vsp_personality named = vsp_host_2022;
		struct fakehost *fh;
		struct enl_bus *bus;
		struct vsp_record r;

		named.message_connection = ids[i];
		fh = host(test, &named);
		bus = bus_up(test, fh, NULL);
		KUNIT_ASSERT_NOT_NULL(test, bus);
		KUNIT_ASSERT_TRUE(test, fakehost_message(fh, ENL_MSG_REQUEST_OFFERS, 0, &r));
		KUNIT_EXPECT_EQ(test, r.connection, ids[i]);
		bus_down(test, fh, bus);
	}
}

/* P-008, P-098 vmbus.md 4.2: the VP's number is not the CPU's. */
static void names_the_processor_by_its_own_number(struct kunit *test)
{
	struct fakehost_options options = { .reverse_vps = true };
	struct fakehost *fh = fakehost_create(test, &options);
	struct enl_bus *bus;

	KUNIT_ASSERT_NOT_NULL(test, fh);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	expect_contact(test, fh, 0, ENL_VERSION_5_3);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(fh, vsp_connect_vp(fh->host)), nr_cpu_ids);
	bus_down(test, fh, bus);
}

/* vmbus.md 4.6, 12.8: accepted, but no connection: short of memory is asked again, once. */
static void low_resources_are_asked_again_once(struct kunit *test)
{
	struct vsp_fault low = {
		.point = VSP_AT_MESSAGE, .action = VSP_STATUS, .key = ENL_MSG_VERSION_RESPONSE,
		.a = ENL_CONNECTION_LOW_RESOURCES, .times = 1,
	};
	struct fakehost *fh = host(test, NULL);
	struct enl_bus *bus;

	fakehost_fault(fh, &low);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_EXPECT_EQ(test, enl_bus_version(bus), ENL_VERSION_5_3);
	KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_INITIATE_CONTACT), 2ull);
	KUNIT_EXPECT_EQ(test, bus_faults(bus, ENL_FAULT_CONTACT_STATE), 1L);
	enl_bus_stop(bus);

	low.times = 2;
	fakehost_fault(fh, &low);
	bus = bus_try(fh, NULL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)-EIO);
	KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_INITIATE_CONTACT), 4ull);
	KUNIT_EXPECT_EQ(test, bus_end.faults[ENL_FAULT_CONTACT_STATE], 2L);
	fakehost_settle(fh, 1000);
	fakehost_check_rules(test, fh);
	fakehost_destroy(fh);
}

/* A start that the host spoils in one way: its error, the contacts it took, the fault. */
static void expect_spoilt(struct kunit *test, const struct vsp_fault *fault, int err,
			  u64 contacts, enum enl_fault name)
{
	struct enl_bus_options limits = fakehost_limits;
	struct fakehost *fh = host(test, NULL);
	unsigned long start = jiffies;
	struct enl_bus *bus;

	limits.contact_ms = 300;
	limits.post_ms = 300;
	memset(&bus_end, 0, sizeof(bus_end));
	fakehost_fault(fh, fault);
	bus = bus_try(fh, &limits);
	KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)err);
	KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_INITIATE_CONTACT), contacts);
	KUNIT_EXPECT_EQ(test, bus_end.faults[name], 1L);
	KUNIT_EXPECT_TRUE(test, bus_end.pages_there);
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 20000u);
	KUNIT_EXPECT_EQ(test, fh->counts.starts, fh->counts.stops);
	KUNIT_EXPECT_EQ(test, fh->counts.late, 0ull);
	/* the host is as it was, and so is the guest: the next start works */
	FAKEHOST_RUN(fh, vsp_fault_clear(fh->host));
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus_down(test, fh, bus);
}

/* vmbus.md 12.8: CONTACT_STATE is final for a state that is not known to pass. */
static void accepted_without_a_connection_is_final(struct kunit *test)
{
	struct vsp_fault fault = {
		.point = VSP_AT_MESSAGE, .action = VSP_STATUS, .key = ENL_MSG_VERSION_RESPONSE,
		.a = ENL_CONNECTION_FAILED,
	};

	expect_spoilt(test, &fault, -EIO, 1, ENL_FAULT_CONTACT_STATE);
	fault.a = 0xff;
	expect_spoilt(test, &fault, -EIO, 1, ENL_FAULT_CONTACT_STATE);
}

/* vmbus.md 12.9: CONTACT_ID */
static void reserved_bits_in_the_connection_id_are_refused(struct kunit *test)
{
	struct vsp_fault fault = {
		.point = VSP_AT_MESSAGE, .action = VSP_OVERWRITE, .key = ENL_MSG_VERSION_RESPONSE,
		.a = 12, .b = 0x01000020, .width = 4,
	};

	expect_spoilt(test, &fault, -EPROTO, 1, ENL_FAULT_CONTACT_ID);
	fault.b = 0x80000020;
	expect_spoilt(test, &fault, -EPROTO, 1, ENL_FAULT_CONTACT_ID);
}

/* vmbus.md 4.6 (3), 12.13, 12.28: silence ends the start; no older version is tried after it. */
static void silent_host_ends_the_start_in_time(struct kunit *test)
{
	struct vsp_fault fault = {
		.point = VSP_AT_MESSAGE, .action = VSP_DROP, .key = ENL_MSG_VERSION_RESPONSE,
	};

	expect_spoilt(test, &fault, -ETIMEDOUT, 1, ENL_FAULT_ANSWER_LATE);
}

/* vmbus.md 12.2: an answer that is cut short is none. */
static void answer_that_is_cut_short_is_none(struct kunit *test)
{
	struct vsp_fault fault = {
		.point = VSP_AT_MESSAGE, .action = VSP_TRUNCATE, .key = ENL_MSG_VERSION_RESPONSE,
		.a = 15,
	};

	expect_spoilt(test, &fault, -ETIMEDOUT, 1, ENL_FAULT_MESSAGE_SHORT);
}

/* P-001: the contact cannot be posted. */
static void refused_contact_is_reported(struct kunit *test)
{
	struct vsp_fault fault = {
		.point = VSP_AT_POST, .action = VSP_STATUS, .key = ENL_MSG_INITIATE_CONTACT,
		.a = ENL_HV_ACCESS_DENIED,
	};

	expect_spoilt(test, &fault, -EIO, 0, ENL_FAULT_POST_FAILED);
	fault.a = ENL_HV_INSUFFICIENT_BUFFERS;
	fault.times = 1000000;
	expect_spoilt(test, &fault, -ETIMEDOUT, 0, ENL_FAULT_POST_FAILED);
}

/* P-009: none in common is a clean failure, and all were tried. */
static void no_version_in_common_is_a_clean_failure(struct kunit *test)
{
	struct fakehost *fh = host(test, NULL);
	struct enl_bus *bus;
	unsigned int i;

	FAKEHOST_RUN(fh, vsp_personality(fh->host)->refuse_all = true);
	for (i = 1; i <= 2; i++) {
		bus = bus_try(fh, NULL);
		KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)-EPROTONOSUPPORT);
		KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_INITIATE_CONTACT), 8ull * i);
	}
	FAKEHOST_RUN(fh, vsp_personality(fh->host)->refuse_all = false);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus_down(test, fh, bus);
}

/* vmbus.md 12.11, P-122: an isolated guest asks for nothing older than 5.2. */
static void isolated_guest_asks_for_nothing_below_5_2(struct kunit *test)
{
	struct vsp_personality old = vsp_host_2022;
	struct fakehost_options options = { .personality = &old, .isolated = true };
	struct fakehost *fh;
	struct enl_bus *bus;

	old.only_version = ENL_VERSION_5_1;
	fh = fakehost_create(test, &options);
	KUNIT_ASSERT_NOT_NULL(test, fh);
	bus = bus_try(fh, NULL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(bus), (long)-EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, fakehost_posted(fh, ENL_MSG_INITIATE_CONTACT), 2ull);
	FAKEHOST_RUN(fh, vsp_personality(fh->host)->only_version = ENL_VERSION_5_2);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus_down(test, fh, bus);
}

/* Every kind of message there is, and some that are none. */
static void inject_everything(struct fakehost *fh)
{
	u8 body[240] = { };
	u32 type;

	for (type = 0; type <= 26; type++) {
		if (type == ENL_MSG_VERSION_RESPONSE)
			continue;
		memcpy(body, &(__le32){ cpu_to_le32(type) }, 4);
		body[8] = 1;
		fakehost_inject(fh, body, sizeof(body));
	}
}

/* P-016, P-114 vmbus.md 4.6, 11.8: messages and flags for the kernel that was here before us. */
static void stale_messages_and_events_of_a_predecessor_are_swallowed(struct kunit *test)
{
	struct bus_start_call call = { .fh = host(test, NULL) };
	struct fakehost *fh = call.fh;
	struct enl_bus *bus;
	unsigned int i;
	int err = 0;

	fakehost_hold(fh, ENL_MSG_VERSION_RESPONSE, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(fh, bus_start_call, &call), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(fh, ENL_MSG_INITIATE_CONTACT, 1, BUS_WAIT));
	fakehost_settle(fh, 1000);
	inject_everything(fh);
	/* P-020: before there is any table */
	for (i = 0; i < 2048; i += 31)
		fakehost_event(fh, i % nr_cpu_ids, i);
	fakehost_settle(fh, 2000);
	bus = bus_of(fh);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bus->offers_seen), 0L);
	KUNIT_EXPECT_EQ(test, bus_faults(bus, ENL_FAULT_REPLY_UNEXPECTED), 0L);
	fakehost_hold(fh, ENL_MSG_VERSION_RESPONSE, false);
	KUNIT_ASSERT_TRUE(test, fakehost_called(fh, BUS_WAIT, &err));
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bus->offers_seen), 0L);
	KUNIT_EXPECT_TRUE(test, list_empty(&bus->channels));
	bus_down(test, fh, call.bus);
}

/* P-016 vmbus.md 12.5, 12.6: a second answer changes nothing. */
static void second_version_response_changes_nothing(struct kunit *test)
{
	struct enl_msg_version_response again = {
		.header.type = cpu_to_le32(ENL_MSG_VERSION_RESPONSE), .supported = 1,
		.version_or_connection = cpu_to_le32(0x99),
	};
	struct fakehost *fh = host(test, NULL);
	struct enl_bus *bus = bus_up(test, fh, NULL);

	KUNIT_ASSERT_NOT_NULL(test, bus);
	fakehost_inject(fh, &again, sizeof(again));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(bus_faults(bus, ENL_FAULT_MESSAGE_STATE) == 1,
						  BUS_WAIT));
	KUNIT_EXPECT_EQ(test, bus->message_connection, 0x20u);
	KUNIT_EXPECT_EQ(test, enl_bus_version(bus), ENL_VERSION_5_3);
	bus_down(test, fh, bus);
}

/* P-114, P-103 vmbus.md 4.2: whoever was connected before is thrown out by our contact. */
static void takes_over_a_connection_that_was_left_open(struct kunit *test)
{
	struct fakehost *fh = host(test, NULL);
	struct enl_msg_contact contact = {
		.header.type = cpu_to_le32(ENL_MSG_INITIATE_CONTACT),
		.version = cpu_to_le32(ENL_VERSION_5_0), .sint = 2,
	};
	struct enl_msg_header ask = { .type = cpu_to_le32(ENL_MSG_REQUEST_OFFERS) };
	struct enl_bus *bus;

	fakehost_offer(fh, &bus_class, 1, NULL, NULL);
	FAKEHOST_DO(fh, vsp_post(fh->host, 4, &contact, sizeof(contact)));
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(FAKEHOST_PEEK(fh, vsp_connected(fh->host)),
						  BUS_WAIT));
	FAKEHOST_DO(fh, vsp_post(fh->host, 0x20, &ask, sizeof(ask)));
	fakehost_settle(fh, 1000);
	bus = bus_up(test, fh, NULL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_EXPECT_TRUE(test, bus_probed(1));
	bus_down(test, fh, bus);
}

/* vmbus.md 11.3: nothing depends on the end of the list. */
static void goes_on_without_the_end_of_the_list_of_devices(struct kunit *test)
{
	struct enl_bus_options limits = fakehost_limits;
	struct fakehost *fh = host(test, NULL);
	struct enl_bus *bus;

	limits.offers_ms = 300;
	fakehost_offer(fh, &bus_class, 1, NULL, NULL);
	fakehost_hold(fh, ENL_MSG_ALL_OFFERS_DELIVERED, true);
	bus = bus_up(test, fh, &limits);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_EXPECT_TRUE(test, bus_probed(1));
	fakehost_hold(fh, ENL_MSG_ALL_OFFERS_DELIVERED, false);
	fakehost_settle(fh, 1000);
	KUNIT_EXPECT_EQ(test, bus_faults(bus, ENL_FAULT_REPLY_UNEXPECTED), 0L);
	bus_down(test, fh, bus);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(agrees_on_the_only_version_that_a_host_accepts),
	KUNIT_CASE(falls_back_where_the_newer_connection_does_not_exist),
	KUNIT_CASE(option_caps_the_version),
	KUNIT_CASE(every_message_goes_to_the_connection_that_the_host_named),
	KUNIT_CASE(names_the_processor_by_its_own_number),
	KUNIT_CASE(low_resources_are_asked_again_once),
	KUNIT_CASE(accepted_without_a_connection_is_final),
	KUNIT_CASE(reserved_bits_in_the_connection_id_are_refused),
	KUNIT_CASE(silent_host_ends_the_start_in_time),
	KUNIT_CASE(answer_that_is_cut_short_is_none),
	KUNIT_CASE(refused_contact_is_reported),
	KUNIT_CASE(no_version_in_common_is_a_clean_failure),
	KUNIT_CASE(isolated_guest_asks_for_nothing_below_5_2),
	KUNIT_CASE(stale_messages_and_events_of_a_predecessor_are_swallowed),
	KUNIT_CASE(second_version_response_changes_nothing),
	KUNIT_CASE(takes_over_a_connection_that_was_left_open),
	KUNIT_CASE(goes_on_without_the_end_of_the_list_of_devices),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_connect",
	.init = bus_world_init,
	.exit = bus_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
