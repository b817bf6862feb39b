// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the doorbell rings, what the counters say, waiting for room in both directions.
 * VMBus specification, chapters 8.6 to 8.9; hardening items 39 and 41.
 * Calls the drivers' API against the fake host, which is stepped by hand and counts doorbells.
 */
#include <linux/delay.h>
#include "kunit/packet_world.h"

static const u8 data[1024];

/* P-023, P-024: exact numbers; the host is asleep before each row and looks once after it */
static void rings_once_for_what_the_host_finds_at_once(struct kunit *test)
{
	static const struct {
		u32 packets;
		bool more;
		u32 suppressed;
	} rows[] = {
		{ 1, false, 0 }, { 2, false, 1 }, { 10, false, 9 },
		{ 1, true, 0 }, { 10, true, 0 }, { 64, true, 0 },
	};
	struct packet_world *w = packet_world_ready(test);
	u64 bytes = 0, sent = 0, suppressed = 0;
	u32 r, i;

	for (r = 0; r < ARRAY_SIZE(rows); r++) {
		u64 before = packet_world_signals(w);

		for (i = 0; i < rows[r].packets; i++)
			KUNIT_ASSERT_EQ(test, enl_send(w->ch, data, 8, 0,
						       rows[r].more ? ENL_SEND_MORE : 0), 0);
		if (rows[r].more) {
			/* nothing shows before the flush */
			KUNIT_EXPECT_EQ(test, packet_world_signals(w), before);
			KUNIT_EXPECT_EQ(test, w->ch->out.published,
					FAKEHOST_PEEK(w->fh, vsp_peek(w->fh->host, w->relid,
								      false, 0)));
			KUNIT_EXPECT_NE(test, w->ch->out.published, w->ch->out.write);
			enl_send_flush(w->ch);
		}
		KUNIT_EXPECT_EQ_MSG(test, packet_world_signals(w), before + 1, "row %u", r);
		packet_world_rest(w);
		sent += rows[r].packets;
		suppressed += rows[r].suppressed;
		bytes += 24ull * rows[r].packets;
		KUNIT_EXPECT_EQ(test, w->echo->packets, sent);
		KUNIT_EXPECT_EQ(test, w->ch->stats.signals_sent, r + 1ull);
		KUNIT_EXPECT_EQ(test, w->ch->stats.signals_suppressed, suppressed);
	}
	KUNIT_EXPECT_EQ(test, w->ch->stats.packets_out, sent);
	KUNIT_EXPECT_EQ(test, w->ch->stats.bytes_out, bytes);
	/* a flush of nothing is nothing */
	enl_send_flush(w->ch);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_sent, (u64)ARRAY_SIZE(rows));
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_suppressed, suppressed);
}

/* P-023: while the host reads it has masked, and needs no doorbell */
static void never_rings_while_the_host_is_reading(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);

	KUNIT_ASSERT_EQ(test, enl_send(w->ch, data, 8, 0, 0), 0);
	KUNIT_ASSERT_EQ(test, enl_send(w->ch, data, 8, 0, 0), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_step(w->fh));
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, vsp_peek(w->fh->host, w->relid, false, 8)), 1u);
	KUNIT_ASSERT_EQ(test, enl_send(w->ch, data, 8, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_sent, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_suppressed, 2ull);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, 3ull);
}

/* P-033: refused sends use nothing up, and are counted */
static void full_ring_refuses_and_changes_nothing(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u32 write, i, n;

	w->echo->deaf = true;
	n = packet_world_fill(w, 100);
	/* 128 bytes with descriptor, padding and trailer, and never the last byte */
	KUNIT_EXPECT_EQ(test, n, 16384u / 128 - 1);
	KUNIT_EXPECT_EQ(test, w->ch->stats.ring_full, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.ring_full_first, 1ull);
	write = w->ch->out.write;
	for (i = 0; i < 10000; i++)
		KUNIT_ASSERT_EQ(test, enl_send(w->ch, data, 100, i + 1,
					       ENL_SEND_WANT_COMPLETION), -EAGAIN);
	KUNIT_EXPECT_EQ(test, w->ch->out.write, write);
	KUNIT_EXPECT_EQ(test, w->ch->stats.ring_full, 10001ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.ring_full_first, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.packets_out, (u64)n);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_sent, 1ull);
	w->echo->deaf = false;
	FAKEHOST_RUN(w->fh, vsp_kick(vsp_channel(w->fh->host, w->relid)));
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, (u64)n);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, data, 100, 0, 0), 0);
	packet_world_rest(w);
	w->echo->deaf = true;
	packet_world_fill(w, 100);
	KUNIT_EXPECT_EQ(test, w->ch->stats.ring_full_first, 2ull);
	w->echo->deaf = false;
	FAKEHOST_RUN(w->fh, vsp_kick(vsp_channel(w->fh->host, w->relid)));
	packet_world_rest(w);
}

/* A refused packet must not hold back those before it */
static void packets_before_a_refused_one_are_published(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u32 n = 0;

	w->echo->deaf = true;
	while (!enl_send(w->ch, data, 1000, 0, ENL_SEND_MORE))
		n++;
	KUNIT_EXPECT_GT(test, n, 10u);
	KUNIT_EXPECT_EQ(test, w->ch->out.published, w->ch->out.write);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_sent, 1ull);
	w->echo->deaf = false;
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, (u64)n);
}

static u32 pending(struct packet_world *w)
{
	return FAKEHOST_PEEK(w->fh, vsp_peek(w->fh->host, w->relid, false, 12));
}

/* 8.8, P-034: told once when there is room; the wish is gone before the next packet */
static void host_tells_when_there_is_room(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u32 need = enl_send_packet_bytes(0, 1000);
	u64 calls, events;

	KUNIT_EXPECT_EQ(test, need, 1024u);
	KUNIT_EXPECT_TRUE(test, enl_send_room(w->ch, need));
	KUNIT_EXPECT_EQ(test, pending(w), 0u);
	w->echo->deaf = true;
	packet_world_fill(w, 1000);
	packet_world_rest(w);
	calls = w->calls;
	KUNIT_EXPECT_FALSE(test, enl_send_room(w->ch, need));
	KUNIT_EXPECT_EQ(test, pending(w), need);
	KUNIT_EXPECT_EQ(test, w->ch->stats.room_waits, 1ull);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, pending(w), need);
	w->echo->deaf = false;
	events = w->fh->counts.events;
	FAKEHOST_RUN(w->fh, vsp_kick(vsp_channel(w->fh->host, w->relid)));
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->fh->counts.events, events + 1);
	KUNIT_EXPECT_GT(test, w->calls, calls);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, data, 1000, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, pending(w), 0u);
	packet_world_rest(w);
}

/* 8.8 (c): what came free before the wish was stored needs no wake-up */
static void room_that_is_there_is_told_at_once(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);

	w->echo->deaf = true;
	packet_world_fill(w, 1000);
	w->echo->deaf = false;
	packet_world_rest(w);
	KUNIT_EXPECT_TRUE(test, enl_send_room(w->ch, 1024));
	KUNIT_EXPECT_EQ(test, pending(w), 0u);
	KUNIT_EXPECT_EQ(test, w->ch->stats.room_waits, 0ull);
}

static int open_channel(void *context)
{
	struct packet_world *w = context;

	return enl_channel_open(w->ch, &w->setup);
}

/* Opens it, and stops where the host has opened it and its answer is on the way. */
static void open_half_way(struct kunit *test, struct packet_world *w)
{
	fakehost_hold(w->fh, ENL_MSG_OPEN_RESULT, true);
	KUNIT_ASSERT_EQ(test, fakehost_call(w->fh, open_channel, w), 0);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_open(w->fh, w->relid, true, 2000));
	KUNIT_EXPECT_TRUE(test, fakehost_settle(w->fh, 2000));
}

static void open_the_rest(struct kunit *test, struct packet_world *w)
{
	int err = -1;

	fakehost_hold(w->fh, ENL_MSG_OPEN_RESULT, false);
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, 3000, &err));
	KUNIT_ASSERT_EQ(test, err, 0);
	packet_world_rest(w);
}

/* 8.8: a host that cannot signal room, by its feature bit: the guest looks by itself */
static void polls_for_room_when_the_host_cannot_tell(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	struct vsp_fault lost = { .point = VSP_AT_EVENT, .action = VSP_DROP, .times = 1000 };
	u64 calls;

	w->echo->quiet = true;
	open_half_way(test, w);
	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, true, 0x40, 0));
	open_the_rest(test, w);
	KUNIT_EXPECT_FALSE(test, w->ch->in.host_blocks);
	w->echo->deaf = true;
	packet_world_fill(w, 1000);
	fakehost_settle(w->fh, 1000);
	lost.key = w->relid;
	fakehost_fault(w->fh, &lost);
	calls = READ_ONCE(w->calls);
	KUNIT_EXPECT_FALSE(test, enl_send_room(w->ch, 1024));
	w->echo->deaf = false;
	FAKEHOST_RUN(w->fh, vsp_kick(vsp_channel(w->fh->host, w->relid)));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(w->calls) > calls, 700));
	KUNIT_EXPECT_TRUE(test, enl_send_room(w->ch, 1024));
}

/* And with a host that can but whose signal was lost: later, but not never */
static void lost_signal_of_room_is_made_good(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	struct vsp_fault lost = { .point = VSP_AT_EVENT, .action = VSP_DROP, .times = 1000 };
	u64 calls;

	w->echo->quiet = true;
	packet_world_open(w);
	w->echo->deaf = true;
	packet_world_fill(w, 1000);
	fakehost_settle(w->fh, 1000);
	lost.key = w->relid;
	fakehost_fault(w->fh, &lost);
	calls = READ_ONCE(w->calls);
	KUNIT_EXPECT_FALSE(test, enl_send_room(w->ch, 1024));
	w->echo->deaf = false;
	FAKEHOST_RUN(w->fh, vsp_kick(vsp_channel(w->fh->host, w->relid)));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(w->calls) > calls, 5000));
	KUNIT_EXPECT_TRUE(test, enl_send_room(w->ch, 1024));
}

/* P-022: the host fills the ring and waits; one doorbell, when the guest has made room */
static void blocked_host_is_woken_once(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u64 before;

	w->deaf = true;
	KUNIT_EXPECT_TRUE(test, FAKEHOST_DO(w->fh, vsp_echo_flood(w->fh->host, w->relid, 300, 500,
								  false)));
	packet_world_rest(w);
	/* its wish stands in the ring; nothing was read */
	KUNIT_EXPECT_GT(test, FAKEHOST_PEEK(w->fh, vsp_peek(w->fh->host, w->relid, true, 12)), 0u);
	KUNIT_EXPECT_LT(test, w->echo->sent, 32ull);
	before = packet_world_signals(w);
	w->deaf = false;
	enl_recv_again(w->ch);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(w->packets) >= 31, 2000));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(packet_world_signals(w) > before, 2000));
	KUNIT_EXPECT_EQ(test, packet_world_signals(w), before + 1);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_room, 1ull);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->packets, 300ull);
}

/*
 * P-022: the ring may be full, and drained, before the guest knows that the host has opened the
 * channel and what it can do: a host that waits for room then must be woken all the same.
 */
static void host_that_blocks_before_the_open_ends_is_woken(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);

	w->deaf = true;
	open_half_way(test, w);
	FAKEHOST_RUN(w->fh, vsp_echo_flood(w->fh->host, w->relid, 100, 500, false));
	fakehost_settle(w->fh, 1000);
	w->deaf = false;
	enl_recv_again(w->ch);
	fakehost_wait_for(READ_ONCE(w->packets) == 100, 1000);
	open_the_rest(test, w);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(w->packets) == 100, 1000));
}

/* vmbus.md 12.41: a host without the feature is never signalled for room, whatever stands there */
static void host_that_cannot_block_is_never_woken(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);

	open_half_way(test, w);
	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, true, 0x40, 0));
	open_the_rest(test, w);
	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, true, 12, 16320));
	FAKEHOST_RUN(w->fh, vsp_echo_flood(w->fh->host, w->relid, 20, 500, false));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(w->packets) == 20, 2000));
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->ch->stats.signals_room, 0ull);
	KUNIT_EXPECT_EQ(test, packet_world_signals(w), 0ull);
}

/* P-035: both rings full, and nothing stands still for ever */
static void full_rings_in_both_directions_drain(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	u32 sent = 0, i;

	packet_world_open(w);
	FAKEHOST_RUN(w->fh, vsp_echo_flood(w->fh->host, w->relid, 2000, 400, false));
	for (i = 0; i < 20000 && sent < 2000; i++) {
		int err = enl_send(w->ch, data, 400, 0, 0);

		sent += !err;
		if (err == -EAGAIN && !enl_send_room(w->ch, enl_send_packet_bytes(0, 400)))
			usleep_range(50, 200);
	}
	KUNIT_EXPECT_EQ(test, sent, 2000u);
	/* all of the flood, and an echo for each of ours */
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(w->packets) == 4000, 5000));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rings_once_for_what_the_host_finds_at_once),
	KUNIT_CASE(never_rings_while_the_host_is_reading),
	KUNIT_CASE(full_ring_refuses_and_changes_nothing),
	KUNIT_CASE(packets_before_a_refused_one_are_published),
	KUNIT_CASE(host_tells_when_there_is_room),
	KUNIT_CASE(room_that_is_there_is_told_at_once),
	KUNIT_CASE(polls_for_room_when_the_host_cannot_tell),
	KUNIT_CASE(lost_signal_of_room_is_made_good),
	KUNIT_CASE(blocked_host_is_woken_once),
	KUNIT_CASE(host_that_blocks_before_the_open_ends_is_woken),
	KUNIT_CASE(host_that_cannot_block_is_never_woken),
	KUNIT_CASE(full_rings_in_both_directions_drain),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_flow",
	.init = packet_world_init,
	.exit = packet_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
