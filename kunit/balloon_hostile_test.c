// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host that breaks the rules, or the VM's life that breaks the service: each named fault through
 * the whole driver, full rings, rescind, unbind.
 * Calls balloon_world.h. After each blow the device must still serve, or be gone cleanly.
 */
#include <linux/delay.h>
#include "kunit/balloon_world.h"
#include "wire/classes.h"

static __le64 range_word(u64 first, u64 pages)
{
	return cpu_to_le64(pages << 40 | first);
}

struct unballoon {
	struct enl_dm_unballoon head;
	__le64 range[4];
} __packed;

static struct unballoon unballoon(u32 count)
{
	return (struct unballoon){
		.head.header = { cpu_to_le16(ENL_DM_UNBALLOON), cpu_to_le16(16 + 8 * count), 0 },
		.head.range_count = cpu_to_le32(count),
	};
}

static bool fault_seen(enum balloon_fault fault, u64 times)
{
	return fakehost_wait_for(world_faults(fault) == times, WORLD_WAIT);
}

/* Still at work? */
static void expect_service(struct kunit *test, struct balloon_world *w)
{
	u64 before = world_out();

	KUNIT_EXPECT_TRUE(test, world_balloon(w, 32));
	KUNIT_EXPECT_EQ(test, world_out(), before + 32);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 32, VSP_DM_SINGLE));
	KUNIT_EXPECT_EQ(test, world_out(), before);
}

/* 17.4, 17.6: UNBALLOON_FOREIGN. All or nothing: a page that is ours beside one that is not. */
static void foreign_page_rejects_the_whole_message(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct unballoon m = unballoon(2);
	struct balloon_run ours;

	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, world_balloon(w, 600));
	KUNIT_ASSERT_TRUE(test, balloon_ranges_next(&balloon_the_memory()->ballooned, 0, &ours));
	m.range[0] = range_word(ours.first, 1);
	m.range[1] = range_word(1, 1);
	KUNIT_EXPECT_TRUE(test, world_raw(w, &m, 32));
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_UNBALLOON_FOREIGN, 1));
	/* A page number that no machine has. */
	m.range[1] = range_word((1ULL << 40) - 1, 1);
	KUNIT_EXPECT_TRUE(test, world_raw(w, &m, 32));
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_UNBALLOON_FOREIGN, 2));
	/* One page beyond the end of ours. */
	m = unballoon(1);
	m.range[0] = range_word(ours.first, ours.pages + 1);
	KUNIT_EXPECT_TRUE(test, world_raw(w, &m, 24));
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_UNBALLOON_FOREIGN, 3));
	KUNIT_EXPECT_EQ(test, world_out(), 600ULL);
	expect_service(test, w);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
}

/* 17.4: freed twice is as bad as freed without right */
static void page_named_twice_rejects_the_whole_message(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct unballoon m = unballoon(3);
	struct balloon_run ours;

	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, world_balloon(w, 512));
	KUNIT_ASSERT_TRUE(test, balloon_ranges_next(&balloon_the_memory()->ballooned, 0, &ours));
	m.range[0] = range_word(ours.first + 1, 3);
	m.range[1] = range_word(ours.first + 8, 1);
	m.range[2] = range_word(ours.first + 3, 1);
	KUNIT_EXPECT_TRUE(test, world_raw(w, &m, 40));
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_UNBALLOON_FOREIGN, 1));
	KUNIT_EXPECT_EQ(test, world_out(), 512ULL);
	expect_service(test, w);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
}

/* 17.5: UNBALLOON_RANGE; a count of zero is nothing, wherever it points */
static void range_beyond_the_last_page_number_is_a_fault(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	struct unballoon m = unballoon(1);

	balloon_world_up(w);
	m.range[0] = range_word((1ULL << 40) - 1, 2);
	KUNIT_EXPECT_TRUE(test, world_raw(w, &m, 24));
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_UNBALLOON_RANGE, 1));
	/* Not final, so that no answer is expected. */
	m.head.more = cpu_to_le32(1);
	m.range[0] = range_word((1ULL << 40) - 1, 0);
	KUNIT_EXPECT_TRUE(test, world_raw(w, &m, 24));
	KUNIT_EXPECT_TRUE(test, world_counted(BALLOON_COUNT_requests_unballoon, 2));
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_UNBALLOON_RANGE), 1ULL);
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_UNBALLOON_FOREIGN), 0ULL);
	expect_service(test, w);
}

/* The negative vectors of chapter 18, 17.1, 17.2, 17.3, 17.17 */
static void each_malformed_message_is_one_fault_and_no_more(struct kunit *test)
{
	static const struct {
		enum balloon_fault fault;
		u8 bytes[32];
		u32 count;
	} row[] = {
		{ BALLOON_FAULT_UNBALLOON_COUNT,	/* DM-11, count 2, same length */
		  { 8, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 8, 0, 0, 0, 4 }, 24 },
		{ BALLOON_FAULT_INFO_LENGTH,		/* DM-6, value length 4 */
		  { 12, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0,
		    0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8 }, 32 },
		{ BALLOON_FAULT_LENGTH,			/* DM-8, size 12 */
		  { 6, 0, 12, 0, 0, 0, 0, 0, 0, 0, 1 }, 16 },
		{ BALLOON_FAULT_SIZE, { 6, 0, 17, 0 }, 16 },
		{ BALLOON_FAULT_TYPE, { 15, 0, 16, 0 }, 16 },
		{ BALLOON_FAULT_DIRECTION, { 7, 0, 16, 0 }, 16 },
	};
	struct balloon_world *w = balloon_world(test);
	unsigned int i, j;
	u64 sum;

	balloon_world_up(w);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		KUNIT_EXPECT_TRUE(test, world_raw(w, row[i].bytes, row[i].count));
		KUNIT_EXPECT_TRUE_MSG(test, fault_seen(row[i].fault, 1), "row %u", i);
		for (sum = 0, j = 0; j < BALLOON_FAULT_LIMIT; j++)
			sum += world_faults(j);
		KUNIT_EXPECT_EQ_MSG(test, sum, i + 1ULL, "row %u", i);
	}
	KUNIT_EXPECT_EQ(test, world_device()->max_pages, 0ULL);
	expect_service(test, w);
}

static void send_packet(struct kunit *test, struct balloon_world *w, const struct vsp_packet *p)
{
	KUNIT_EXPECT_EQ(test, FAKEHOST_DO(w->fh, vsp_send(vsp_channel(w->fh->host, w->relid), p)),
			VSP_SENT);
}

/* 17.1, 17.25: PACKET_TYPE, HEADER: what is no message at all */
static void packets_that_are_no_messages_are_dropped(struct kunit *test)
{
	static const u64 words[2] = { 0x100006, 0x10000 };
	struct balloon_world *w = balloon_world(test);
	struct vsp_packet p;

	balloon_world_up(w);
	p = (struct vsp_packet){ ENL_PACKET_COMPLETION, .id = 5, .data = words, .bytes = 16 };
	send_packet(test, w, &p);
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_PACKET_TYPE, 1));
	p = (struct vsp_packet){ ENL_PACKET_INBAND };
	send_packet(test, w, &p);
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_HEADER, 1));
	expect_service(test, w);
}

/* 17.11: HOT_ADD_REGION, HOT_ADD_RANGE, HOT_ADD_OVERLAP: refused, and the next is served */
static void impossible_hot_add_is_refused_and_the_next_is_served(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 0x8000, WORLD_FIRST + 0x8000,
					      0x8000));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->hot_pages), 0u);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->hot_result), 1u);
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_HOT_ADD_REGION), 1ULL);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, (1ULL << 40) - 0x8000, 0x10000, 0, 0));
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_HOT_ADD_RANGE), 1ULL);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 0x8000, 0, 0));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->hot_pages), 0x8000u);
	KUNIT_EXPECT_TRUE(test, world_hot_add(w, WORLD_FIRST, 0x10000, 0, 0));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->hot_pages), 0u);
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_HOT_ADD_OVERLAP), 1ULL);
	KUNIT_EXPECT_EQ(test, w->adds, 1u);
	expect_service(test, w);
}

/* 17.19: HOT_REMOVE */
static void hot_remove_is_declined(struct kunit *test)
{
	struct vsp_dm_command c = { .type = ENL_DM_HOT_REMOVE, .pages = 4096 };
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_EXPECT_TRUE(test, FAKEHOST_DO(w->fh, vsp_memory_command(w->fh->host, w->host, &c)));
	KUNIT_EXPECT_TRUE(test, world_idle(w));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->removes), 1ULL);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->remove_result), 0u);
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_HOT_REMOVE), 1ULL);
	expect_service(test, w);
}

/* P-251, 17.26: counted, not logged: one line a minute for each kind */
static void flood_of_unknown_messages_does_not_disturb(struct kunit *test)
{
	static const u8 unknown[16] = { 99, 0, 16, 0 };
	struct balloon_world *w = balloon_world(test);
	struct vsp_dm_command c = { .raw = unknown, .raw_bytes = sizeof(unknown) };
	unsigned int sent = 0;

	balloon_world_up(w);
	while (sent < 5000) {
		if (FAKEHOST_DO(w->fh, vsp_memory_command(w->fh->host, w->host, &c)))
			sent++;
		else
			usleep_range(200, 500);
	}
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(world_faults(BALLOON_FAULT_TYPE) == sent, 30000));
	/* All but the first of a minute were held back. */
	KUNIT_EXPECT_GE(test, balloon_the_memory()->fault_limit[BALLOON_FAULT_TYPE].missed +
			balloon_the_memory()->fault_limit[BALLOON_FAULT_TYPE].printed, 1);
	KUNIT_EXPECT_LE(test, balloon_the_memory()->fault_limit[BALLOON_FAULT_TYPE].printed, 1);
	expect_service(test, w);
}

/* 17.8: QUEUE_FULL. The second waits and is answered after the first; the third is dropped. */
static void second_request_waits_and_third_is_a_fault(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	unsigned int i;

	w->host->overlap = true;
	balloon_world_up(w);
	WRITE_ONCE(w->gate, true);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, world_ask_balloon(w, 100));
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_QUEUE_FULL, 1));
	KUNIT_EXPECT_EQ(test, world_count(BALLOON_COUNT_requests_queued), 1ULL);
	WRITE_ONCE(w->gate, false);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(world_out() == 200, WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, world_counted(BALLOON_COUNT_responses, 2));
	/* The model, made to break its own rule, expects one answer only. */
	fakehost_settle(w->fh, WORLD_WAIT);
	fakehost_forgive(w->fh, VSP_V_DM_ORDER);
}

/* 22.10: balloon and hot-add at once: each answered, in order */
static void hot_add_behind_a_balloon_request_is_served_after_it(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->host->overlap = true;
	balloon_world_up(w);
	WRITE_ONCE(w->gate, true);
	KUNIT_EXPECT_TRUE(test, world_ask_balloon(w, 100));
	KUNIT_EXPECT_TRUE(test, world_ask_hot_add(w, WORLD_FIRST, 0x8000, 0, 0));
	KUNIT_EXPECT_TRUE(test, world_counted(BALLOON_COUNT_requests_queued, 1));
	KUNIT_EXPECT_EQ(test, w->adds, 0u);
	WRITE_ONCE(w->gate, false);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(FAKEHOST_PEEK(w->fh, w->host->hot_answers) == 1,
						  WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, w->adds, 1u);
	KUNIT_EXPECT_EQ(test, world_out(), 100ULL);
	fakehost_settle(w->fh, WORLD_WAIT);
	fakehost_forgive(w->fh, VSP_V_DM_ORDER);
}

/* Fills the ring with the answers to a request that the host does not read. */
static void fill_ring(struct kunit *test, struct balloon_world *w)
{
	w->max_order = 0;
	w->scatter = true;
	balloon_world_up(w);
	WRITE_ONCE(w->gate, true);
	KUNIT_ASSERT_TRUE(test, world_ask_balloon(w, 6000));
	KUNIT_ASSERT_TRUE(test, world_counted(BALLOON_COUNT_requests_balloon, 1));
	fakehost_settle(w->fh, WORLD_WAIT);
	fakehost_set_manual(w->fh, true);
	WRITE_ONCE(w->gate, false);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(world_count(BALLOON_COUNT_ring_full) > 0, 20000));
}

/* P-253, 17.10, 22.9: RING_FULL. What the host did not hear of is freed. */
static void full_ring_gives_up_in_time_and_keeps_what_was_not_told(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	fill_ring(test, w);
	KUNIT_EXPECT_TRUE(test, fault_seen(BALLOON_FAULT_RING_FULL, 1));
	/* The fault is counted first, the pages are taken back after. */
	KUNIT_EXPECT_TRUE(test,
			  fakehost_wait_for(world_count(BALLOON_COUNT_pages_kept) > 0, WORLD_WAIT));
	KUNIT_EXPECT_LT(test, world_out(), 6000ULL);
	fakehost_set_manual(w->fh, false);
	KUNIT_EXPECT_TRUE(test, world_idle(w));
	KUNIT_EXPECT_EQ(test, world_out(), world_host_pages(w));
	w->scatter = false;
	expect_service(test, w);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
}

/* P-253: the host may wait for a last answer without limit, so it gets it when there is room */
static void answer_without_room_is_owed_and_paid(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	u8 message[16] __aligned(8);
	struct balloon *b;

	balloon_world_up(w);
	b = world_device();
	KUNIT_ASSERT_TRUE(test, fakehost_settle(w->fh, WORLD_WAIT));
	fakehost_set_manual(w->fh, true);
	/* The smallest message leaves no room for any other. */
	while (!balloon_send_once(b, message, balloon_put_unballooned(message)))
		;
	balloon_answer(b, message, balloon_put_hot_added(message, 0, true));
	KUNIT_EXPECT_EQ(test, world_faults(BALLOON_FAULT_RING_FULL), 1ULL);
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->owed_bytes), 16u);
	fakehost_set_manual(w->fh, false);
	KUNIT_EXPECT_TRUE(test, world_counted(BALLOON_COUNT_answers_owed, 1));
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->owed_bytes), 0u);
	/* Nobody had asked for all that. */
	fakehost_settle(w->fh, WORLD_WAIT);
	fakehost_forgive(w->fh, VSP_V_DM_ORDER);
	expect_service(test, w);
}

/* 22.8: gone while a worker waits for room: remove() does not wait for the time limit */
static void rescind_ends_every_wait(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);
	unsigned long start;

	balloon_options.send_ms = 60000;
	fill_ring(test, w);
	start = jiffies;
	FAKEHOST_DO(w->fh, vsp_rescind(w->fh->host, w->relid));
	/* Steps of the host without its reading the ring are not to be had: it reads on. */
	fakehost_set_manual(w->fh, false);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(!world_device(), 20000));
	KUNIT_EXPECT_TRUE(test, time_before(jiffies, start + 20 * HZ));
	/* 13: pages stay out, and the module stays with them. */
	KUNIT_EXPECT_GT(test, world_out(), 0ULL);
	KUNIT_EXPECT_GE(test, world_out(), world_host_pages(w));
	KUNIT_EXPECT_TRUE(test, balloon_the_memory()->held);
}

/* 13, and the rule in balloon.h: the record outlives the channel, and so does the host's right */
static void pages_outlive_the_channel_and_can_come_back_by_the_next(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, world_balloon(w, 700));
	fakehost_rescind(w->fh, w->relid);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(!world_device(), WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, world_out(), 700ULL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&w->taken), 700LL);
	w->relid = fakehost_offer(w->fh, &(struct enl_guid)ENL_CLASS_MEMORY, 1,
				  &vsp_memory_provider, w->host);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(world_device() &&
						  READ_ONCE(world_device()->running), WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, world_idle(w));
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 50));
	KUNIT_EXPECT_EQ(test, world_out(), 750ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_SPLIT));
	KUNIT_EXPECT_EQ(test, world_out(), 0ULL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&w->taken), 0LL);
}

/* The same with a host that forgets at the channel's end, as QEMU does. */
static void host_that_forgets_never_gets_a_page_twice(struct kunit *test)
{
	struct balloon_world *w = balloon_world(test);

	w->host->forget_at_close = true;
	balloon_world_up(w);
	KUNIT_ASSERT_TRUE(test, world_balloon(w, 700));
	fakehost_rescind(w->fh, w->relid);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(!world_device(), WORLD_WAIT));
	w->relid = fakehost_offer(w->fh, &(struct enl_guid)ENL_CLASS_MEMORY, 1,
				  &vsp_memory_provider, w->host);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(world_device() &&
						  READ_ONCE(world_device()->running), WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, world_host_pages(w), 0ULL);
	KUNIT_EXPECT_EQ(test, world_out(), 700ULL);
	KUNIT_EXPECT_TRUE(test, world_balloon(w, 50));
	KUNIT_EXPECT_EQ(test, world_host_pages(w), 50ULL);
	KUNIT_EXPECT_EQ(test, world_out(), 750ULL);
	KUNIT_EXPECT_TRUE(test, world_unballoon(w, 0, VSP_DM_MANY_RANGES));
	KUNIT_EXPECT_EQ(test, world_out(), 700ULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(foreign_page_rejects_the_whole_message),
	KUNIT_CASE(page_named_twice_rejects_the_whole_message),
	KUNIT_CASE(range_beyond_the_last_page_number_is_a_fault),
	KUNIT_CASE(each_malformed_message_is_one_fault_and_no_more),
	KUNIT_CASE(packets_that_are_no_messages_are_dropped),
	KUNIT_CASE(impossible_hot_add_is_refused_and_the_next_is_served),
	KUNIT_CASE(hot_remove_is_declined),
	KUNIT_CASE(flood_of_unknown_messages_does_not_disturb),
	KUNIT_CASE(second_request_waits_and_third_is_a_fault),
	KUNIT_CASE(hot_add_behind_a_balloon_request_is_served_after_it),
	KUNIT_CASE(full_ring_gives_up_in_time_and_keeps_what_was_not_told),
	KUNIT_CASE(answer_without_room_is_owed_and_paid),
	KUNIT_CASE(rescind_ends_every_wait),
	KUNIT_CASE(pages_outlive_the_channel_and_can_come_back_by_the_next),
	KUNIT_CASE(host_that_forgets_never_gets_a_page_twice),
	{ }
};

static struct kunit_suite suite = {
	.name = "balloon_hostile",
	.exit = balloon_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
