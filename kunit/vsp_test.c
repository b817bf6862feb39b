// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host model under a toy guest: connection, channels, GPADLs, rings, doorbells, the ledger.
 * Calls vsp/ and kunit/toyguest.c; compiles as a program too.
 * Half of the cases are rules that the model must keep, half are breaches that it must notice.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "kunit/toyguest.h"
#include "vsp/echo.h"
#include "vsp/ring_peer.h"
#include "wire/classes.h"

/* Exactly these breaches, and no other. */
static void expect_only(struct kunit *test, struct toyguest *g, enum vsp_violation which, u64 times)
{
	u32 i;

	for (i = 0; i < VSP_V_LIMIT; i++)
		KUNIT_EXPECT_EQ_MSG(test, vsp_violation_count(g->host, i),
				    i == which ? times : 0ULL, "%s", vsp_violation_name(i));
}

static void expect_clean(struct kunit *test, struct toyguest *g)
{
	KUNIT_EXPECT_EQ(test, vsp_quiesce(g->host), 0ULL);
	expect_only(test, g, VSP_V_LIMIT, 0);
}

static u32 offer(struct toyguest *g, u32 relid, struct vsp_echo *echo)
{
	struct vsp_offer o = {
		.class_id = ENL_CLASS_HEARTBEAT,
		.instance_id = { { 7 } },
		.relid = relid,
		.monitored = true,
		.provider = echo ? &vsp_echo_provider : NULL,
		.state = echo,
	};

	return vsp_offer(g->host, &o);
}

struct version_case {
	const struct vsp_personality *host;
	u32 version;
	bool accepted;
};

static void versions_are_accepted_by_the_hosts_that_know_them(struct kunit *test)
{
	static const struct version_case cases[] = {
		{ &vsp_host_2012, ENL_VERSION_2_4, true },
		{ &vsp_host_2012, ENL_VERSION_3_0, false },
		{ &vsp_host_2012r2, ENL_VERSION_3_0, true },
		{ &vsp_host_2016, ENL_VERSION_4_0, true },
		{ &vsp_host_2016, ENL_VERSION_4_1, false },
		{ &vsp_host_2019, ENL_VERSION_5_2, true },
		{ &vsp_host_2019, ENL_VERSION_5_3, false },
		{ &vsp_host_2022, ENL_VERSION_5_3, true },
		{ &vsp_host_2022, ENL_VERSION_4_1, true },
		{ &vsp_host_2022, ENL_VERSION_6_0, false },
		{ &vsp_host_2025, ENL_VERSION_6_0, true },
		{ &vsp_host_qemu, ENL_VERSION_4_0, true },
	};
	struct toyguest *g = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		toy_boot(g, cases[i].host);
		g->messages = 0;
		KUNIT_ASSERT_EQ_MSG(test, toy_contact(g, cases[i].version), 0u, "case %u", i);
		KUNIT_ASSERT_EQ_MSG(test, toy_count(g, ENL_MSG_VERSION_RESPONSE), 1u, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, (bool)toy_last(g, ENL_MSG_VERSION_RESPONSE)[8],
				    cases[i].accepted, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, vsp_connected(g->host), cases[i].accepted, "case %u", i);
		expect_clean(test, g);
	}
}

static void old_host_has_no_connection_4(struct kunit *test)
{
	struct toyguest *g = test->priv;

	toy_boot(g, &vsp_host_2016);
	KUNIT_EXPECT_EQ(test, toy_contact(g, ENL_VERSION_5_3), (u32)ENL_HV_INVALID_CONNECTION);
	KUNIT_EXPECT_EQ(test, g->messages, 0u);
	expect_clean(test, g);
}

static void messages_go_where_the_version_response_said(struct kunit *test)
{
	struct toyguest *g = test->priv;

	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	expect_clean(test, g);
	g->connection = ENL_CONNECTION_MESSAGE_MULTI;
	toy_post_relid(g, ENL_MSG_CLOSE, 1);
	expect_only(test, g, VSP_V_CONNECTION, 1);
}

static void offers_come_when_asked_and_end_with_a_marker(struct kunit *test)
{
	struct toyguest *g = test->priv;
	u32 i;

	for (i = 1; i <= 40; i++)
		KUNIT_ASSERT_EQ(test, offer(g, 0, NULL), i);
	KUNIT_ASSERT_EQ(test, toy_contact(g, ENL_VERSION_4_0), 0u);
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_OFFER), 0u);

	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_4_0));
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_OFFER), 40u);
	KUNIT_EXPECT_EQ(test, toy_word(g->inbox[g->messages - 1].message, 0),
			(u32)ENL_MSG_ALL_OFFERS_DELIVERED);
	KUNIT_EXPECT_EQ(test, g->inbox[g->messages - 1].vp, 3u);
	expect_clean(test, g);
}

/* Vector V8 of the specification, but for the class, instance and monitor id. */
static void offer_is_laid_out_as_specified(struct kunit *test)
{
	struct toyguest *g = test->priv;
	struct vsp_offer o = {
		.class_id = ENL_CLASS_SCSI, .relid = 9, .monitored = true,
		.instance_id = ENL_GUID(0x11112222, 0x3333, 0x4444, 0x55, 0x55, 0x66, 0x66, 0x77,
					0x77, 0x88, 0x88),
	};
	const u8 *m;

	vsp_offer(g->host, &o);
	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_4_0));
	m = toy_last(g, ENL_MSG_OFFER);
	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_EXPECT_EQ(test, m[8], 0xd9);
	KUNIT_EXPECT_EQ(test, m[0x18], 0x22);
	KUNIT_EXPECT_EQ(test, toy_word(m, 0xb8), 9u);
	/* monitor 0, allocated, dedicated */
	KUNIT_EXPECT_EQ(test, toy_word(m, 0xbc), 0x00010100u);
	KUNIT_EXPECT_EQ(test, toy_word(m, 0xc0), 0x2009u);
}

static void channel_lives_and_dies_in_order(struct kunit *test)
{
	struct toyguest *g = test->priv;
	struct vsp_ledger l;
	struct toy_ring r;
	u32 relid = offer(g, 0, NULL);

	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, relid, 8, 2), 0u);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.open, 1u);
	KUNIT_EXPECT_EQ(test, l.gpadl_pages, TOY_RING);

	toy_close(g, &r);
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_GPADL_TORNDOWN), 1u);
	toy_post_relid(g, ENL_MSG_RELID_RELEASED, relid);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.open, 0u);
	KUNIT_EXPECT_EQ(test, l.gpadls, 0u);
	KUNIT_EXPECT_EQ(test, l.offers_sent, 1ULL);
	KUNIT_EXPECT_EQ(test, l.relids_released, 1ULL);
	expect_clean(test, g);
}

static void big_gpadl_comes_in_pieces(struct kunit *test)
{
	static const u32 pages[] = { 1, 26, 27, 54, 55, 200 };
	static const u32 messages[] = { 1, 1, 2, 2, 3, 8 };
	struct toyguest *g = test->priv;
	u32 relid = offer(g, 0, NULL);
	u32 i;

	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		u64 before = vsp_posted(g->host, ENL_MSG_GPADL_HEADER) +
			     vsp_posted(g->host, ENL_MSG_GPADL_BODY);
		struct enl_msg_gpadl_teardown down = {
			.header.type = __cpu_to_le32(ENL_MSG_GPADL_TEARDOWN),
			.relid = __cpu_to_le32(relid), .gpadl = __cpu_to_le32(50 + i),
		};

		KUNIT_ASSERT_EQ(test, toy_gpadl(g, relid, 50 + i, 8, pages[i]), 0u);
		KUNIT_EXPECT_EQ(test, vsp_gpadl_pages(g->host, 50 + i), pages[i]);
		KUNIT_EXPECT_PTR_EQ(test, vsp_gpadl_page(g->host, 50 + i, 0),
				    (void *)toy_page(g, 8 + pages[i] - 1));
		KUNIT_EXPECT_EQ(test, vsp_posted(g->host, ENL_MSG_GPADL_HEADER) +
				vsp_posted(g->host, ENL_MSG_GPADL_BODY) - before,
				(u64)messages[i]);
		toy_post(g, &down, sizeof(down));
	}
	expect_clean(test, g);
}

static void echo_comes_back_and_requests_are_completed(struct kunit *test)
{
	static struct vsp_echo echo;
	struct toyguest *g = test->priv;
	u8 packet[256];
	struct toy_ring r;
	u32 relid, n;

	memset(&echo, 0, sizeof(echo));
	relid = offer(g, 0, &echo);
	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, relid, 8, 2), 0u);
	/* many times around both rings */
	for (n = 1; n <= 2000; n++) {
		u32 before = g->events[relid];

		KUNIT_ASSERT_TRUE(test, toy_send(g, &r, ENL_PACKET_INBAND, n, n & 1, &n, 4));
		toy_run(g);
		KUNIT_ASSERT_EQ(test, g->events[relid], before + 1);
		KUNIT_ASSERT_EQ(test, toy_recv(g, &r, packet, sizeof(packet)), 24u);
		KUNIT_ASSERT_EQ(test, (u32)packet[0],
				(u32)(n & 1 ? ENL_PACKET_COMPLETION : ENL_PACKET_INBAND));
		KUNIT_ASSERT_EQ(test, toy_word(packet, 8), n);
		KUNIT_ASSERT_EQ(test, toy_word(packet, 16), n);
		KUNIT_ASSERT_EQ(test, toy_word(packet, 20), 0u);
	}
	KUNIT_EXPECT_EQ(test, echo.packets, 2000ULL);
	KUNIT_EXPECT_EQ(test, echo.completed, 1000ULL);
	KUNIT_EXPECT_EQ(test, g->event_vp[relid], 2u);
	toy_close(g, &r);
	expect_clean(test, g);
}

static void doorbell_is_due_once_for_a_burst(struct kunit *test)
{
	static struct vsp_echo echo = { .quiet = true };
	struct toyguest *g = test->priv;
	struct vsp_ledger l;
	struct toy_ring r;
	u32 relid = offer(g, 0, &echo);
	u32 n;

	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, relid, 8, 2), 0u);
	for (n = 0; n < 20; n++)
		KUNIT_ASSERT_TRUE(test, toy_send(g, &r, ENL_PACKET_INBAND, 0, false, &n, 4));
	toy_run(g);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.doorbells, 1ULL);
	expect_clean(test, g);

	vsp_signal(g->host, 0x2000 + relid);
	vsp_signal(g->host, 0x2000 + relid);
	expect_only(test, g, VSP_V_DOORBELL, 1);
}

static void missing_doorbell_is_noticed_at_rest(struct kunit *test)
{
	static struct vsp_echo echo = { .quiet = true };
	struct toyguest *g = test->priv;
	struct vsp_fault lost = {
		.point = VSP_AT_DOORBELL, .action = VSP_DROP, .key = 0, .times = 1,
	};
	struct toy_ring r;
	u32 relid = offer(g, 0, &echo);

	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, relid, 8, 2), 0u);
	vsp_fault_add(g->host, &lost);
	toy_send(g, &r, ENL_PACKET_INBAND, 0, false, &relid, 4);
	toy_run(g);
	KUNIT_EXPECT_EQ(test, echo.packets, 0ULL);
	KUNIT_EXPECT_EQ(test, vsp_quiesce(g->host), 1ULL);
	expect_only(test, g, VSP_V_DOORBELL_MISSING, 1);
}

static void host_waits_for_room_and_is_woken_once(struct kunit *test)
{
	static struct vsp_echo echo;
	struct toyguest *g = test->priv;
	struct vsp_channel_stats s;
	u8 packet[600];
	struct toy_ring r;
	u32 relid, got = 0, rounds = 0;

	memset(&echo, 0, sizeof(echo));
	relid = offer(g, 0, &echo);
	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, relid, 8, 2), 0u);
	KUNIT_ASSERT_TRUE(test, vsp_echo_flood(g->host, relid, 1000, 200, false));
	toy_run(g);
	vsp_channel_stats(vsp_channel(g->host, relid), &s);
	KUNIT_EXPECT_TRUE(test, s.blocked);
	while (got < 1000 && rounds++ < 10000) {
		while (toy_recv(g, &r, packet, sizeof(packet)))
			got++;
		toy_run(g);
	}
	KUNIT_EXPECT_EQ(test, got, 1000u);
	KUNIT_EXPECT_EQ(test, echo.sent, 1000ULL);
	expect_clean(test, g);
}

static void request_ids_are_kept_in_the_account(struct kunit *test)
{
	static struct vsp_echo echo;
	struct toyguest *g = test->priv;
	struct vsp_ledger l;
	struct toy_ring r;
	u32 relid, n;

	memset(&echo, 0, sizeof(echo));
	echo.hold = true;
	relid = offer(g, 0, &echo);
	KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, relid, 8, 2), 0u);
	for (n = 1; n <= 100; n++)
		KUNIT_ASSERT_TRUE(test, toy_send(g, &r, ENL_PACKET_INBAND, n, true, &n, 4));
	toy_run(g);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.guest_requests, 100u);
	KUNIT_EXPECT_EQ(test, vsp_echo_release(g->host, &echo, 40, true), 40u);
	KUNIT_EXPECT_EQ(test, vsp_echo_release(g->host, &echo, 100, false), 60u);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.guest_requests, 0u);
	expect_clean(test, g);

	toy_send(g, &r, ENL_PACKET_INBAND, 5, true, &n, 4);
	toy_send(g, &r, ENL_PACKET_INBAND, 5, true, &n, 4);
	toy_send(g, &r, ENL_PACKET_INBAND, 0, true, &n, 4);
	toy_run(g);
	expect_only(test, g, VSP_V_REQUEST_ID, 2);
	toy_send(g, &r, ENL_PACKET_COMPLETION, 99, false, &n, 4);
	toy_run(g);
	KUNIT_EXPECT_EQ(test, vsp_violation_count(g->host, VSP_V_COMPLETION), 1ULL);
}

struct bad_packet {
	const char *what;
	u32 offset, value;
	enum vsp_violation noticed;
};

static void bad_packets_are_noticed_by_name(struct kunit *test)
{
	/* words of a good in-band packet of 24 bytes: 06 00 02 00 | 03 00 00 00 | id | payload */
	static const struct bad_packet cases[] = {
		{ "length beyond what was written", 4, 9, VSP_V_RING_LENGTH },
		{ "length below a descriptor", 4, 1, VSP_V_RING_LENGTH },
		{ "offset beyond the packet", 0, 0x00040006, VSP_V_RING_OFFSET },
		{ "offset inside the descriptor", 0, 0x00010006, VSP_V_RING_OFFSET },
		{ "transfer pages from a guest", 0, 0x00020007, VSP_V_RING_TYPE },
		{ "unknown type", 0, 0x00020033, VSP_V_RING_TYPE },
		{ "unknown flag", 4, 0x00020003, VSP_V_RING_FLAGS },
		{ "GPA-direct without ranges", 0, 0x00030009, VSP_V_RANGE },
	};
	struct toyguest *g = test->priv;
	struct toy_ring r;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		__le32 packet[6] = { __cpu_to_le32(0x00020006), __cpu_to_le32(3) };

		toy_boot(g, &vsp_host_2022);
		g->messages = 0;
		offer(g, 1, NULL);
		KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
		KUNIT_ASSERT_EQ(test, toy_open(g, &r, 1, 8, 2), 0u);
		packet[cases[i].offset / 4] = __cpu_to_le32(cases[i].value);
		toy_write(g, &r, packet, sizeof(packet));
		toy_run(g);
		KUNIT_EXPECT_EQ_MSG(test, vsp_violation_count(g->host, cases[i].noticed), 1ULL,
				    "%s", cases[i].what);
		expect_only(test, g, cases[i].noticed, 1);
	}
}

static void ring_words_of_the_host_are_watched(struct kunit *test)
{
	static const struct {
		bool to_guest;
		u32 offset, value;
		enum vsp_violation noticed;
	} cases[] = {
		{ false, 0, 3, VSP_V_RING_INDEX },
		{ false, 0, TOY_DATA, VSP_V_RING_INDEX },
		{ false, 4, 8, VSP_V_RING_OWNER },
		{ false, 8, 1, VSP_V_RING_OWNER },
		{ true, 0, 8, VSP_V_RING_OWNER },
		{ true, 12, 8, VSP_V_RING_OWNER },
	};
	struct toyguest *g = test->priv;
	struct toy_ring r;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		toy_boot(g, &vsp_host_2022);
		g->messages = 0;
		offer(g, 1, NULL);
		KUNIT_ASSERT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
		KUNIT_ASSERT_EQ(test, toy_open(g, &r, 1, 8, 2), 0u);
		*toy_control(g, &r, cases[i].to_guest, cases[i].offset) =
			__cpu_to_le32(cases[i].value);
		vsp_signal(g->host, 0x2001);
		toy_run(g);
		expect_only(test, g, cases[i].noticed, 1);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(versions_are_accepted_by_the_hosts_that_know_them),
	KUNIT_CASE(old_host_has_no_connection_4),
	KUNIT_CASE(messages_go_where_the_version_response_said),
	KUNIT_CASE(offers_come_when_asked_and_end_with_a_marker),
	KUNIT_CASE(offer_is_laid_out_as_specified),
	KUNIT_CASE(channel_lives_and_dies_in_order),
	KUNIT_CASE(big_gpadl_comes_in_pieces),
	KUNIT_CASE(echo_comes_back_and_requests_are_completed),
	KUNIT_CASE(doorbell_is_due_once_for_a_burst),
	KUNIT_CASE(missing_doorbell_is_noticed_at_rest),
	KUNIT_CASE(host_waits_for_room_and_is_woken_once),
	KUNIT_CASE(request_ids_are_kept_in_the_account),
	KUNIT_CASE(bad_packets_are_noticed_by_name),
	KUNIT_CASE(ring_words_of_the_host_are_watched),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_bus",
	.init = toy_init,
	.exit = toy_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
