// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's fault plan, its rescinds, and the breaches of control messages that it notices.
 * Calls vsp/ and kunit/toyguest.c; compiles as a program too.
 * A model that misbehaves on order must do just that, and count none of it against the guest.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "kunit/toyguest.h"
#include "wire/classes.h"

static u32 offer(struct toyguest *g, u32 relid)
{
	struct vsp_offer o = {
		.class_id = ENL_CLASS_HEARTBEAT, .instance_id = { { relid } }, .relid = relid,
	};

	return vsp_offer(g->host, &o);
}

static void fault(struct toyguest *g, enum vsp_fault_point point, enum vsp_fault_action action,
		  u32 key, u32 a)
{
	struct vsp_fault f = { .point = point, .action = action, .key = key, .a = a };

	vsp_fault_add(g->host, &f);
}

static void connect_one(struct kunit *test, u32 version)
{
	struct toyguest *g = test->priv;

	offer(g, 1);
	KUNIT_ASSERT_TRUE(test, toy_connect(g, version));
}

static void expect(struct kunit *test, enum vsp_violation which, u64 times)
{
	struct toyguest *g = test->priv;

	KUNIT_EXPECT_EQ(test, vsp_quiesce(g->host), times);
	KUNIT_EXPECT_EQ_MSG(test, vsp_violation_count(g->host, which), times, "%s",
			    vsp_violation_name(which));
}

static void posts_are_refused_as_often_as_the_plan_says(struct kunit *test)
{
	struct toyguest *g = test->priv;
	struct vsp_fault f = {
		.point = VSP_AT_POST, .action = VSP_STATUS, .key = ENL_MSG_INITIATE_CONTACT,
		.a = ENL_HV_INSUFFICIENT_MEMORY, .skip = 1, .times = 3,
	};
	u32 i;

	vsp_fault_add(g->host, &f);
	KUNIT_EXPECT_EQ(test, toy_contact(g, ENL_VERSION_5_3), 0u);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, toy_contact(g, ENL_VERSION_5_3),
				(u32)ENL_HV_INSUFFICIENT_MEMORY);
	KUNIT_EXPECT_EQ(test, toy_contact(g, ENL_VERSION_5_3), 0u);
	KUNIT_EXPECT_EQ(test, vsp_posted(g->host, ENL_MSG_INITIATE_CONTACT), 2ULL);
	KUNIT_EXPECT_EQ(test, vsp_tried(g->host, ENL_MSG_INITIATE_CONTACT), 5ULL);
	expect(test, VSP_V_TYPE, 0);
}

static void answers_are_lost_doubled_and_cut(struct kunit *test)
{
	struct toyguest *g = test->priv;

	fault(g, VSP_AT_MESSAGE, VSP_DROP, ENL_MSG_GPADL_CREATED, 0);
	fault(g, VSP_AT_MESSAGE, VSP_REPEAT, ENL_MSG_GPADL_CREATED, 0);
	fault(g, VSP_AT_MESSAGE, VSP_TRUNCATE, ENL_MSG_GPADL_CREATED, 11);
	fault(g, VSP_AT_MESSAGE, VSP_STATUS, ENL_MSG_GPADL_CREATED, 0xc0000044);
	connect_one(test, ENL_VERSION_5_3);
	KUNIT_EXPECT_EQ(test, toy_gpadl(g, 1, 10, 8, 2), 0xffffffffu);
	KUNIT_EXPECT_EQ(test, toy_gpadl(g, 1, 11, 12, 2), 0u);
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_GPADL_CREATED), 2u);
	toy_gpadl(g, 1, 12, 16, 2);
	KUNIT_EXPECT_EQ(test, g->inbox[g->messages - 1].bytes, 11u);
	KUNIT_EXPECT_EQ(test, toy_gpadl(g, 1, 13, 20, 2), 0xc0000044u);
	KUNIT_EXPECT_EQ(test, vsp_gpadl_pages(g->host, 13), 0u);
	KUNIT_EXPECT_EQ(test, vsp_fault_total_hits(g->host), 4ULL);
	expect(test, VSP_V_GPADL_ID, 0);
}

static void held_answers_come_when_released(struct kunit *test)
{
	struct toyguest *g = test->priv;

	connect_one(test, ENL_VERSION_5_3);
	vsp_hold(g->host, ENL_MSG_GPADL_CREATED, true);
	KUNIT_EXPECT_EQ(test, toy_gpadl(g, 1, 10, 8, 2), 0xffffffffu);
	KUNIT_EXPECT_EQ(test, toy_run(g), 0u);
	vsp_hold(g->host, ENL_MSG_GPADL_CREATED, false);
	toy_run(g);
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_GPADL_CREATED), 1u);
}

static void host_with_a_full_slot_stops_reading(struct kunit *test)
{
	struct toyguest *g = test->priv;
	struct enl_msg_gpadl_header bad = {
		.header.type = __cpu_to_le32(ENL_MSG_GPADL_HEADER), .relid = __cpu_to_le32(1),
	};
	u32 i;
	u16 status = 0;

	connect_one(test, ENL_VERSION_5_3);
	g->busy = true;
	for (i = 0; i < 100 && !status; i++)
		status = toy_post(g, &bad, sizeof(bad));
	KUNIT_EXPECT_EQ(test, status, (u16)ENL_HV_INSUFFICIENT_BUFFERS);
	/* a queue of answers, a queue of posts, and what was in between */
	KUNIT_EXPECT_GE(test, i, 32u);
	KUNIT_EXPECT_LE(test, i, 40u);
	g->busy = false;
	toy_run(g);
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_GPADL_CREATED), i - 1);
}

static void rescind_instead_of_an_answer(struct kunit *test)
{
	struct toyguest *g = test->priv;
	struct vsp_ledger l;
	struct toy_ring r;

	fault(g, VSP_AT_MESSAGE, VSP_RESCIND, ENL_MSG_OPEN_RESULT, 0);
	connect_one(test, ENL_VERSION_5_3);
	KUNIT_EXPECT_EQ(test, toy_open(g, &r, 1, 8, 2), 0xffffffffu);
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_RESCIND), 1u);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.unreleased, 1u);
	KUNIT_EXPECT_EQ(test, l.gpadls, 0u);
	toy_post_relid(g, ENL_MSG_RELID_RELEASED, 1);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.unreleased, 0u);
	expect(test, VSP_V_RELID, 0);
}

static void released_number_is_offered_again_at_once(struct kunit *test)
{
	struct toyguest *g = test->priv;
	struct toy_ring r;

	connect_one(test, ENL_VERSION_5_3);
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, 1, 8, 2), 0u);
	KUNIT_EXPECT_TRUE(test, vsp_rescind_and_reoffer(g->host, 1));
	KUNIT_EXPECT_FALSE(test, vsp_rescind(g->host, 1));
	toy_run(g);
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_OFFER), 1u);
	toy_post_relid(g, ENL_MSG_RELID_RELEASED, 1);
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_OFFER), 2u);
	KUNIT_EXPECT_EQ(test, toy_open(g, &r, 1, 8, 2), 0u);
	expect(test, VSP_V_RELID, 0);
}

static void slow_host_owns_the_pages_of_a_rescinded_channel(struct kunit *test)
{
	struct toyguest *g = test->priv;
	struct vsp_ledger l;
	struct toy_ring r;

	vsp_personality(g->host)->linger = 1000;
	connect_one(test, ENL_VERSION_5_3);
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, 1, 8, 2), 0u);
	vsp_rescind(g->host, 1);
	toy_run(g);
	toy_post_relid(g, ENL_MSG_RELID_RELEASED, 1);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.lingering_pages, TOY_RING);
	g->freed[9] = true;
	expect(test, VSP_V_FREED, 1);
	g->now += 1000;
	KUNIT_EXPECT_EQ(test, vsp_quiesce(g->host), 1ULL);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.lingering_pages, 0u);
}

static void unload_ends_everything(struct kunit *test)
{
	struct toyguest *g = test->priv;
	struct enl_msg_header unload = { .type = __cpu_to_le32(ENL_MSG_UNLOAD) };
	struct vsp_ledger l;
	struct toy_ring r;

	connect_one(test, ENL_VERSION_5_3);
	KUNIT_ASSERT_EQ(test, toy_open(g, &r, 1, 8, 2), 0u);
	toy_post(g, &unload, sizeof(unload));
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_UNLOAD_COMPLETE), 1u);
	vsp_ledger(g->host, &l);
	KUNIT_EXPECT_EQ(test, l.open + l.gpadls + l.monitor_pages + l.offered, 0u);
	expect(test, VSP_V_DISCONNECTED, 0);
	KUNIT_EXPECT_TRUE(test, toy_connect(g, ENL_VERSION_5_3));
	KUNIT_EXPECT_EQ(test, toy_count(g, ENL_MSG_OFFER), 2u);
	expect(test, VSP_V_DISCONNECTED, 0);
}

struct breach {
	enum vsp_violation noticed;
	u32 type, bytes;
	u32 word[6];			/* from offset 8 on */
};

static void breaches_of_control_messages_are_noticed_by_name(struct kunit *test)
{
	static const struct breach cases[] = {
		{ VSP_V_TYPE, ENL_MSG_OFFER, 196, { 0 } },
		{ VSP_V_TYPE, 18, 28, { 0 } },
		{ VSP_V_TYPE, 77, 8, { 0 } },
		{ VSP_V_LENGTH, ENL_MSG_CLOSE, 8, { 0 } },
		{ VSP_V_OFFERS_TWICE, ENL_MSG_REQUEST_OFFERS, 8, { 0 } },
		{ VSP_V_CLOSE_STATE, ENL_MSG_CLOSE, 12, { 1 } },
		{ VSP_V_CLOSE_STATE, ENL_MSG_CLOSE, 12, { 0x7fffffff } },
		{ VSP_V_RELID, ENL_MSG_RELID_RELEASED, 12, { 2047 } },
		{ VSP_V_RELID, ENL_MSG_RELID_RELEASED, 12, { 0xffffffff } },
		{ VSP_V_MODIFY_STATE, ENL_MSG_MODIFY_CHANNEL, 16, { 1, 0 } },
		{ VSP_V_GPADL_TEARDOWN, ENL_MSG_GPADL_TEARDOWN, 16, { 1, 5 } },
		{ VSP_V_GPADL_RANGE, ENL_MSG_GPADL_HEADER, 36, { 1, 5, 0x10 | 2 << 16, 4096 } },
		{ VSP_V_GPADL_RANGE, ENL_MSG_GPADL_HEADER, 36, { 1, 5, 0x10 | 1 << 16, 4095 } },
		{ VSP_V_GPADL_RANGE, ENL_MSG_GPADL_HEADER, 36, { 1, 5, 0x18 | 1 << 16, 4096 } },
		{ VSP_V_GPADL_ID, ENL_MSG_GPADL_HEADER, 36, { 1, 0, 0x10 | 1 << 16, 4096 } },
		{ VSP_V_GPADL_PAGE, ENL_MSG_GPADL_HEADER, 36,
		  { 1, 5, 0x10 | 1 << 16, 4096, 0, 3 } },
		{ VSP_V_GPADL_PAGE_TWICE, ENL_MSG_GPADL_HEADER, 36,
		  { 1, 5, 0x10 | 1 << 16, 4096, 0, TOY_PFN } },
		{ VSP_V_GPADL_BODY, ENL_MSG_GPADL_BODY, 24, { 0, 5 } },
		{ VSP_V_OPEN_GPADL, ENL_MSG_OPEN, 148, { 1, 1, 5, 0, 4 } },
		{ VSP_V_OPEN_VP, ENL_MSG_OPEN, 148, { 1, 1, 5, VSP_VPS, 4 } },
	};
	struct toyguest *g = test->priv;
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		__le32 m[60] = { __cpu_to_le32(cases[i].type) };

		for (k = 0; k < ARRAY_SIZE(cases[i].word); k++)
			m[2 + k] = __cpu_to_le32(cases[i].word[k]);
		toy_boot(g, &vsp_host_2022);
		g->messages = 0;
		connect_one(test, ENL_VERSION_5_3);
		toy_post(g, m, cases[i].bytes);
		KUNIT_EXPECT_EQ_MSG(test, vsp_violation_count(g->host, cases[i].noticed), 1ULL,
				    "case %u: %s", i, vsp_violation_name(cases[i].noticed));
		KUNIT_EXPECT_EQ_MSG(test, vsp_violations(g->host), 1ULL, "case %u", i);
	}
}

static void same_seed_makes_the_same_plan(struct kunit *test)
{
	struct toyguest *g = test->priv;
	u32 round;
	u64 hits[2];

	for (round = 0; round < 2; round++) {
		u32 i;

		toy_boot(g, &vsp_host_2022);
		g->messages = 0;
		vsp_fault_random(g->host, 42, VSP_PLAN_TIMING | VSP_PLAN_LOSS, 30);
		for (i = 0; i < 300; i++) {
			toy_contact(g, ENL_VERSION_4_0);
			vsp_send_event(g->host, 0, 3);
			toy_run(g);
		}
		hits[round] = vsp_fault_total_hits(g->host);
	}
	KUNIT_EXPECT_GT(test, hits[0], 0ULL);
	KUNIT_EXPECT_EQ(test, hits[0], hits[1]);
}

/* Whatever a guest sends: no crash, no loop without end, and the model stays in its tables. */
static void random_guest_cannot_break_the_model(struct kunit *test)
{
	struct toyguest *g = test->priv;
	u64 state = 7;
	u32 round, i;

	for (round = 0; round < 20; round++) {
		toy_boot(g, &vsp_host_2025);
		for (i = 1; i < 8; i++)
			offer(g, i);
		toy_connect(g, ENL_VERSION_5_3);
		for (i = 0; i < 2000; i++) {
			__le32 m[60];
			u32 k;

			for (k = 0; k < ARRAY_SIZE(m); k++) {
				u64 r = vsp_next_random(&state);

				m[k] = __cpu_to_le32(r & 0x300 ? (r >> 32) % 9 : r >> 32);
			}
			m[0] = __cpu_to_le32((vsp_next_random(&state) >> 20) % 26);
			m[1] = 0;
			toy_post(g, m, (vsp_next_random(&state) >> 20) % 241);
			vsp_signal(g->host, 0x2000 + (i % 10));
			if (i % 64 == 0)
				vsp_rescind(g->host, i / 64 % 8);
			toy_run(g);
		}
		KUNIT_EXPECT_GT(test, vsp_violations(g->host), 0ULL);
		KUNIT_EXPECT_EQ(test, vsp_violation_count(g->host, VSP_V_TABLE), 0ULL);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(posts_are_refused_as_often_as_the_plan_says),
	KUNIT_CASE(answers_are_lost_doubled_and_cut),
	KUNIT_CASE(held_answers_come_when_released),
	KUNIT_CASE(host_with_a_full_slot_stops_reading),
	KUNIT_CASE(rescind_instead_of_an_answer),
	KUNIT_CASE(released_number_is_offered_again_at_once),
	KUNIT_CASE(slow_host_owns_the_pages_of_a_rescinded_channel),
	KUNIT_CASE(unload_ends_everything),
	KUNIT_CASE(breaches_of_control_messages_are_noticed_by_name),
	KUNIT_CASE(same_seed_makes_the_same_plan),
	KUNIT_CASE(random_guest_cannot_break_the_model),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_fault",
	.init = toy_init,
	.exit = toy_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
