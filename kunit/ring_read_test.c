// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's receiving half: framing faults, copies, late commit, waking a blocked host, masking.
 * VMBus specification, chapters 8.7, 8.9; hardening items 29 to 34 and 39.
 * Calls vmbus/ring.c against memory and against vsp/ring_peer.c; compiles as a program too.
 */
#include "kunit/ring_pair.h"

static u64 copy[1024];

static void set_write(struct ring_pair *p, u32 write)
{
	ring_pair_set(&p->in.control->write_index, write);
}

/* The result must be this fault, and the read index unmoved. */
static void expect_fault(struct kunit *test, struct ring_pair *p, u32 room, enum enl_fault fault)
{
	u32 read = p->in.read;

	KUNIT_EXPECT_EQ(test, enl_ring_read(&p->in, copy, room), -EPROTO);
	KUNIT_EXPECT_EQ(test, (int)p->in.fault, (int)fault);
	KUNIT_EXPECT_EQ(test, p->in.read, read);
	KUNIT_EXPECT_FALSE(test, enl_ring_commit(&p->in));
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->in.control->read_index), 0u);
}

/* P-029: 0 and nothing else changes */
static void empty_ring_yields_nothing(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);

	KUNIT_EXPECT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 0);
	KUNIT_EXPECT_EQ(test, (int)p->in.fault, (int)ENL_FAULT_NONE);
	KUNIT_EXPECT_FALSE(test, enl_ring_commit(&p->in));
}

/* vmbus.md 12.31, RING_WRITE_INDEX */
static void refuses_write_index_outside_the_ring_or_unaligned(struct kunit *test)
{
	static const u32 bad[] = { 4096, 4104, 4, 25, 0x80000000, 0xffffffff, 0xfffffff8 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ring_pair *p = ring_pair_create(test, 4096);

		set_write(p, bad[i]);
		expect_fault(test, p, sizeof(copy), ENL_FAULT_RING_WRITE_INDEX);
	}
}

/* 8.7 step 1, PACKET_CUT */
static void refuses_less_than_the_smallest_packet(struct kunit *test)
{
	u32 bytes;

	for (bytes = 8; bytes < 24; bytes += 8) {
		struct ring_pair *p = ring_pair_create(test, 4096);

		ring_pair_frame(p, 0, 2, 2);
		set_write(p, bytes);
		expect_fault(test, p, sizeof(copy), ENL_FAULT_PACKET_CUT);
	}
}

/* P-027, P-036; 8.7 step 2, vmbus.md 12.32: all values of both fields that matter */
static void refuses_offset_below_descriptor_or_beyond_packet(struct kunit *test)
{
	static const struct {
		u16 offset8, length8;
	} bad[] = {
		{ 0, 8 }, { 1, 8 }, { 9, 8 }, { 0xffff, 8 }, { 0x8000, 8 },
		{ 2, 0 }, { 2, 1 }, { 0, 0 }, { 1, 1 }, { 0xffff, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ring_pair *p = ring_pair_create(test, 4096);

		ring_pair_frame(p, 0, bad[i].offset8, bad[i].length8);
		set_write(p, 1024);
		expect_fault(test, p, sizeof(copy), ENL_FAULT_PACKET_OFFSET);
	}
}

/* P-027; PACKET_LENGTH: by one unit, and by as much as the field can say */
static void refuses_length_beyond_what_is_in_the_ring(struct kunit *test)
{
	static const u16 bad[] = { 4, 5, 16, 511, 512, 0x2000, 0xffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ring_pair *p = ring_pair_create(test, 4096);

		/* 24 bytes and a trailer: three units are right, four lack the trailer */
		ring_pair_frame(p, 0, 2, bad[i]);
		set_write(p, 32);
		expect_fault(test, p, sizeof(copy), ENL_FAULT_PACKET_LENGTH);
		ring_pair_frame(p, 0, 2, 3);
		p->in.seen = 0;
		KUNIT_EXPECT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 24);
	}
}

/* P-028; vmbus.md 12.33, PACKET_TOO_LONG: the maximum itself is fine, 8 bytes more are not */
static void refuses_packet_longer_than_the_buffer(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	u64 guard = 0x5a5a5a5a5a5a5a5aull;

	ring_pair_frame(p, 0, 2, 9);
	set_write(p, 80);
	copy[8] = guard;
	expect_fault(test, p, 64, ENL_FAULT_PACKET_TOO_LONG);
	ring_pair_frame(p, 0, 2, 8);
	p->in.seen = 0;
	set_write(p, 72);
	KUNIT_EXPECT_EQ(test, enl_ring_read(&p->in, copy, 64), 64);
	KUNIT_EXPECT_EQ(test, copy[8], guard);
}

/* 8.5: a trailer that tells nothing is skipped */
static void never_believes_a_trailer(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	bool wake;
	u32 i;

	ring_pair_attach(test, p);
	p->host_out.garbage_trailers = true;
	for (i = 0; i < 3; i++) {
		struct enl_packet_desc desc = {
			.type = cpu_to_le16(6), .offset8 = cpu_to_le16(2),
			.length8 = cpu_to_le16(2), .transaction_id = cpu_to_le64(i),
		};

		KUNIT_ASSERT_EQ(test, (int)vsp_ring_write(&p->host_out, &desc, 16, &wake),
				(int)VSP_RING_OK);
	}
	ring_pair_mirror_in(p);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 16);
		KUNIT_EXPECT_EQ(test, copy[1], (u64)i);
	}
	KUNIT_EXPECT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 0);
}

/* P-030; 8.3: with the data mapped twice a packet is in one piece wherever it starts */
static void packet_that_wraps_arrives_whole(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	u8 packet[128];
	u32 i, start, wraps = 0;
	bool wake;

	ring_pair_attach(test, p);
	for (i = 0; i < sizeof(packet); i++)
		packet[i] = i;
	packet[0] = 6;
	packet[1] = 0;
	packet[2] = 2;
	packet[3] = 0;
	packet[4] = sizeof(packet) / 8;
	packet[5] = 0;
	for (i = 0; i < 200; i++) {
		start = p->in.read;
		packet[100] = i;
		KUNIT_ASSERT_EQ(test, (int)vsp_ring_write(&p->host_out, packet, sizeof(packet),
							  &wake), (int)VSP_RING_OK);
		ring_pair_mirror_in(p);
		KUNIT_ASSERT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 128);
		KUNIT_ASSERT_EQ(test, memcmp(copy, packet, sizeof(packet)), 0);
		KUNIT_EXPECT_LT(test, p->in.read, 4096u);
		wraps += p->in.read < start;
		enl_ring_commit(&p->in);
	}
	KUNIT_EXPECT_EQ(test, wraps, 200 * 136u / 4096);
}

/* vmbus.md 12.34: what the host does to the ring after the copy is too late */
static void packet_is_private_once_it_was_read(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	const struct enl_packet_desc *desc = (const void *)copy;

	ring_pair_frame(p, 0, 2, 4);
	set_write(p, 40);
	KUNIT_ASSERT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 32);
	memset(p->in.data, 0xff, 4096);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(desc->offset8), 2);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(desc->length8), 4);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc->transaction_id), 0x1122334455667788ull);
}

/* 8.7 step 5: the host may not overwrite before the commit, and one store serves a batch */
static void room_is_given_back_at_the_commit_only(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	u32 i;

	for (i = 0; i < 4; i++)
		ring_pair_frame(p, i * 24, 2, 2);
	set_write(p, 96);
	for (i = 0; i < 4; i++) {
		KUNIT_ASSERT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 16);
		KUNIT_EXPECT_EQ(test, ring_pair_get(p->in.control->read_index), 0u);
	}
	enl_ring_commit(&p->in);
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->in.control->read_index), 96u);
}

/* vmbus.md 12.30: a read index that the host scribbled on is not read back */
static void scribbled_read_index_changes_nothing(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);

	ring_pair_frame(p, 0, 2, 2);
	ring_pair_frame(p, 24, 2, 3);
	set_write(p, 56);
	ring_pair_set(&p->in.control->read_index, 0x12345678);
	KUNIT_EXPECT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 16);
	KUNIT_EXPECT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 24);
	enl_ring_commit(&p->in);
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->in.control->read_index), 56u);
}

/* The same state for each row: D 0xf000, @consumed bytes read, @free_before the batch was. */
static bool commit_at(struct ring_pair *p, u32 free_before, u32 consumed, u32 wanted)
{
	u32 write = (0x100 + 0xf000 - free_before) % 0xf000;

	p->in.bytes = 0xf000;
	p->in.committed = 0x100;
	p->in.read = 0x100 + consumed;
	p->in.seen = p->in.read;
	set_write(p, write);
	ring_pair_set(&p->in.control->pending_send_size, wanted);
	return enl_ring_commit(&p->in);
}

/* P-022; 8.7 steps 6 to 8, 14.3; vmbus.md 12.39, 12.41 */
static void wakes_a_blocked_host_when_the_batch_crosses_what_it_waits_for(struct kunit *test)
{
	static const struct {
		u32 before, consumed, wanted;
		bool signal;
	} rows[] = {
		{ 0x38, 0x48, 0x70, true },
		{ 0x78, 0x48, 0x70, false },	/* there was enough before */
		{ 0x20, 0x48, 0x70, false },	/* still short */
		{ 0x28, 0x48, 0x70, false },	/* exactly as much as wanted is too little */
		{ 0x70, 0x08, 0x70, true },	/* exactly as much was too little */
		{ 0x38, 0x48, 0, false },	/* nobody waits */
		{ 0x38, 0x48, 7, false },	/* rounds to nobody */
		{ 0x70, 0x08, 0x77, true },	/* low bits do not count */
		{ 0x38, 0x48, 0x10000, false },	/* more than the ring: it waits for an empty one */
		{ 0x38, 0xefc8, 0xf000, true },
		{ 0x38, 0xefc8, 0xffffffff, true },
		{ 0x38, 0xefc0, 0xffffffff, false },
		{ 0x38, 0xefc8, 0xeff8, true },
	};
	struct ring_pair *p = ring_pair_create(test, 0xf000);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		p->in.host_blocks = true;
		KUNIT_EXPECT_EQ_MSG(test, commit_at(p, rows[i].before, rows[i].consumed,
						    rows[i].wanted), rows[i].signal, "row %u", i);
		/* the next commit, of nothing, never signals */
		KUNIT_EXPECT_FALSE(test, enl_ring_commit(&p->in));
		p->in.host_blocks = false;
		KUNIT_EXPECT_FALSE(test, commit_at(p, rows[i].before, rows[i].consumed,
						   rows[i].wanted));
	}
}

/* P-022: against the other hosts' form of the rule, in all states of a small ring */
static void crossing_rule_agrees_with_its_other_form(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	const u32 d = 96;
	u32 write, used, consumed, wanted, wrong = 0, signals = 0;

	p->in.bytes = d;
	p->in.host_blocks = true;
	for (write = 0; write < d; write += 8) {
		for (used = 8; used < d; used += 8) {
			for (consumed = 8; consumed <= used; consumed += 8) {
				for (wanted = 0; wanted <= d + 16; wanted += 4) {
					s32 s = min(wanted & ~7u, d - 8);
					s32 after = d - (used - consumed) - 8;
					s32 before = d - used - 8;
					bool want = s && before < s && after >= s;
					bool got;

					p->in.committed = (write + d - used) % d;
					p->in.read = (p->in.committed + consumed) % d;
					p->in.seen = p->in.read;
					set_write(p, write);
					ring_pair_set(&p->in.control->pending_send_size, wanted);
					got = enl_ring_commit(&p->in);
					wrong += got != want;
					signals += got;
				}
			}
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0u);
	KUNIT_EXPECT_GT(test, signals, 1000u);
}

/* vmbus.md 12.39: a broken write index next to a wish decides nothing */
static void broken_write_index_never_makes_a_signal(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);

	p->in.host_blocks = true;
	ring_pair_frame(p, 0, 2, 2);
	set_write(p, 24);
	KUNIT_ASSERT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 16);
	ring_pair_set(&p->in.control->pending_send_size, 8);
	set_write(p, 0xfffffff0);
	KUNIT_EXPECT_FALSE(test, enl_ring_commit(&p->in));
	KUNIT_EXPECT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), -EPROTO);
	KUNIT_EXPECT_EQ(test, (int)p->in.fault, (int)ENL_FAULT_RING_WRITE_INDEX);
}

/* 8.9 */
static void unmasking_tells_whether_something_came(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);

	enl_ring_mask(&p->in);
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->in.control->interrupt_mask), 1u);
	KUNIT_EXPECT_FALSE(test, enl_ring_unmask(&p->in));
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->in.control->interrupt_mask), 0u);
	enl_ring_mask(&p->in);
	ring_pair_frame(p, 0, 2, 2);
	ring_pair_frame(p, 24, 2, 2);
	set_write(p, 48);
	KUNIT_EXPECT_TRUE(test, enl_ring_unmask(&p->in));
	/* half read: the rest counts as well */
	KUNIT_ASSERT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 16);
	KUNIT_EXPECT_TRUE(test, enl_ring_unmask(&p->in));
	KUNIT_ASSERT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 16);
	KUNIT_EXPECT_FALSE(test, enl_ring_unmask(&p->in));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(empty_ring_yields_nothing),
	KUNIT_CASE(refuses_write_index_outside_the_ring_or_unaligned),
	KUNIT_CASE(refuses_less_than_the_smallest_packet),
	KUNIT_CASE(refuses_offset_below_descriptor_or_beyond_packet),
	KUNIT_CASE(refuses_length_beyond_what_is_in_the_ring),
	KUNIT_CASE(refuses_packet_longer_than_the_buffer),
	KUNIT_CASE(never_believes_a_trailer),
	KUNIT_CASE(packet_that_wraps_arrives_whole),
	KUNIT_CASE(packet_is_private_once_it_was_read),
	KUNIT_CASE(room_is_given_back_at_the_commit_only),
	KUNIT_CASE(scribbled_read_index_changes_nothing),
	KUNIT_CASE(wakes_a_blocked_host_when_the_batch_crosses_what_it_waits_for),
	KUNIT_CASE(crossing_rule_agrees_with_its_other_form),
	KUNIT_CASE(broken_write_index_never_makes_a_signal),
	KUNIT_CASE(unmasking_tells_whether_something_came),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_ring_read",
	.test_cases = cases,
};

kunit_test_suite(suite);
