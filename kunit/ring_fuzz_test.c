// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random rings against the guest's receiving and sending halves: bounded, no corpus, from seeds.
 * Calls vmbus/ring.c; as a program under the sanitizers, in the kernel under KASAN.
 * What must hold for any contents: the return values, the bounds of the copy, the indices.
 */
#include "kunit/ring_pair.h"

#define RING_BYTES	4096u
#define ROUNDS		20000u

static u64 next(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Numbers that are likely to be wrong in an interesting way. */
static u32 odd_index(u64 *state)
{
	static const u32 edge[] = {
		0, 8, 16, 24, RING_BYTES - 8, RING_BYTES, RING_BYTES + 8, 4, 0x80000000,
		0xfffffff8, 0xffffffff,
	};
	u64 r = next(state);

	if (r % 4 == 0)
		return edge[(r >> 8) % ARRAY_SIZE(edge)];
	if (r % 16 == 1)
		return r >> 32;
	return (u32)(r >> 32) % RING_BYTES & ~7u;
}

/* Mostly well-formed packets one after the other, some of them spoilt. */
static void fill(struct ring_pair *p, u64 *state)
{
	u32 at = 0, i;

	for (i = 0; i < RING_BYTES; i += 8) {
		u64 word = next(state);

		ring_pair_put(p, i, &word, sizeof(word));
	}
	while (at < RING_BYTES) {
		u64 r = next(state);
		u16 length8 = 2 + r % 20;
		u16 offset8 = 2 + (r >> 8) % (length8 - 1);

		if (r >> 60 == 0)
			length8 = r >> 40;
		if (r >> 60 == 1)
			offset8 = r >> 40;
		ring_pair_frame(p, at, offset8, length8);
		at += 8 * (2 + r % 20) + 8;
	}
}

/* One packet, or whatever the host made of it. Returns what was read. */
static int read_one(struct kunit *test, struct ring_pair *p, u8 *copy, u32 room)
{
	const struct enl_packet_desc *desc = (const void *)copy;
	u32 before = p->in.read;
	int n = enl_ring_read(&p->in, copy, room);

	if (n == 0 || n == -EPROTO) {
		KUNIT_ASSERT_EQ(test, p->in.read, before);
		KUNIT_ASSERT_EQ(test, n == -EPROTO, p->in.fault != ENL_FAULT_NONE);
		return n;
	}
	KUNIT_ASSERT_GE(test, n, 16);
	KUNIT_ASSERT_LE(test, n, (int)room);
	KUNIT_ASSERT_EQ(test, le16_to_cpu(desc->length8) * 8, n);
	KUNIT_ASSERT_LE(test, le16_to_cpu(desc->offset8) * 8, n);
	KUNIT_ASSERT_GE(test, le16_to_cpu(desc->offset8) * 8, 16);
	KUNIT_ASSERT_LT(test, p->in.read, RING_BYTES);
	return n;
}

/* P-027, P-036; vmbus.md 12.29 to 12.34: each copy ends where its memory ends */
static void reading_random_rings_stays_within_bounds(struct kunit *test)
{
	static const u32 rooms[] = { 24, 64, 136, 160, 4096 };
	u64 state = 0x123456789abcdefull;
	u64 packets = 0, faults[ENL_FAULT_LIMIT] = { };
	struct ring_pair *p = ring_pair_create(test, RING_BYTES);
	u8 *copy[ARRAY_SIZE(rooms)];
	u32 round, i;
	int n;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		copy[i] = kunit_kzalloc(test, rooms[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, copy[i]);
	}
	for (round = 0; round < ROUNDS; round++) {
		u32 which = next(&state) % ARRAY_SIZE(rooms);

		if (round % 16 == 0)
			fill(p, &state);
		p->in.read = round % 8 ? 0 : odd_index(&state) % RING_BYTES & ~7u;
		p->in.committed = p->in.read;
		p->in.seen = p->in.read;
		p->in.fault = ENL_FAULT_NONE;
		p->in.host_blocks = next(&state) & 1;
		ring_pair_set(&p->in.control->write_index, odd_index(&state));
		ring_pair_set(&p->in.control->pending_send_size, odd_index(&state));
		while ((n = read_one(test, p, copy[which], rooms[which])) > 0) {
			packets++;
			if (next(&state) % 4 == 0)
				enl_ring_commit(&p->in);
		}
		if (n)
			faults[p->in.fault]++;
		enl_ring_commit(&p->in);
		enl_ring_unmask(&p->in);
	}
	/* the smoke is no smoke if it hits one wall all the time */
	KUNIT_ASSERT_GT(test, packets, 10000ull);
	for (i = ENL_FAULT_RING_WRITE_INDEX; i <= ENL_FAULT_PACKET_TOO_LONG; i++) {
		if (i != ENL_FAULT_RING_READ_INDEX)
			KUNIT_ASSERT_GT_MSG(test, faults[i], 10ull, "fault %u", i);
	}
}

/* vmbus.md 12.29, 12.30: whatever the host makes of the control page */
static void writing_to_random_rings_stays_within_bounds(struct kunit *test)
{
	u64 state = 0xfedcba987654321ull;
	struct ring_pair *p = ring_pair_create(test, RING_BYTES);
	u64 written = 0, refused = 0, broken = 0;
	u32 round;

	for (round = 0; round < ROUNDS; round++) {
		u32 old = p->out.write;
		int err;

		ring_pair_set(&p->out.control->write_index, next(&state));
		ring_pair_set(&p->out.control->read_index, odd_index(&state));
		ring_pair_set(&p->out.control->interrupt_mask, next(&state) & 1);
		err = ring_pair_write(p, next(&state) % 512, round);
		written += !err;
		refused += err == -EAGAIN;
		broken += err == -EPROTO;
		KUNIT_ASSERT_LT(test, p->out.write, RING_BYTES);
		KUNIT_ASSERT_EQ(test, p->out.write == old, err != 0);
		if (err)
			enl_ring_want_room(&p->out, next(&state));
		enl_ring_publish(&p->out);
		enl_ring_room_done(&p->out);
		KUNIT_ASSERT_EQ(test, ring_pair_get(p->out.control->pending_send_size), 0u);
	}
	KUNIT_ASSERT_GT(test, written, 1000ull);
	KUNIT_ASSERT_GT(test, refused, 100ull);
	KUNIT_ASSERT_GT(test, broken, 1000ull);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(reading_random_rings_stays_within_bounds),
	KUNIT_CASE(writing_to_random_rings_stays_within_bounds),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_ring_fuzz",
	.test_cases = cases,
};

kunit_test_suite(suite);
