// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's sending half: space, layout, publication, the decision to signal, waiting for room.
 * VMBus specification, chapters 8.2 to 8.6 and 8.8; hardening items 29 to 31 and 39, 48.
 * Calls vmbus/ring.c against memory and against vsp/ring_peer.c; compiles as a program too.
 */
#include "kunit/ring_pair.h"

static void set_indices(struct enl_ring_out *out, u32 write, u32 read)
{
	out->write = write;
	out->published = write;
	ring_pair_set(&out->control->write_index, write);
	ring_pair_set(&out->control->read_index, read);
}

/* 8.2 */
static void init_leaves_what_a_host_expects_at_open(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	static const struct enl_ring_control want = { .feature_bits = cpu_to_le32(1) };
	struct vsp_ring host = { .binding = &p->binding, .pfns = p->pfns[0] };

	KUNIT_EXPECT_MEMEQ(test, p->out.control, &want, sizeof(want));
	KUNIT_EXPECT_MEMEQ(test, p->in.control, &want, sizeof(want));
	KUNIT_EXPECT_TRUE(test, vsp_ring_is_clean(&host));
	host.pfns = p->pfns[1];
	host.host_sends = true;
	KUNIT_EXPECT_TRUE(test, vsp_ring_is_clean(&host));
}

/* 8.4, 14.3 */
static void used_follows_the_indices(struct kunit *test)
{
	u32 write, read;

	KUNIT_EXPECT_EQ(test, enl_ring_used(0x8, 0xefe8, 0xf000), 0x20u);
	KUNIT_EXPECT_EQ(test, 0xf000 - enl_ring_used(0x8, 0xefe8, 0xf000), 0xefe0u);
	KUNIT_EXPECT_EQ(test, enl_ring_used(0, 0, 0xf000), 0u);
	for (write = 0; write < 128; write += 8) {
		for (read = 0; read < 128; read += 8) {
			u32 used = enl_ring_used(write, read, 128);
			u32 there = (read + used) % 128;

			KUNIT_EXPECT_EQ(test, there, write);
			KUNIT_EXPECT_LT(test, used, 128u);
		}
	}
}

/* 8.4 */
static void packets_are_padded_to_eight_and_have_a_trailer(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, enl_ring_packet_bytes(16), 24u);
	KUNIT_EXPECT_EQ(test, enl_ring_packet_bytes(17), 32u);
	KUNIT_EXPECT_EQ(test, enl_ring_packet_bytes(24), 32u);
	KUNIT_EXPECT_EQ(test, enl_ring_packet_bytes(36), 48u);
	KUNIT_EXPECT_EQ(test, enl_ring_packet_bytes(ENL_PACKET_MAX_BYTES),
			ENL_PACKET_MAX_BYTES + 8);
}

/* P-025: for every ring size, packet size and pair of indices, exactly what leaves a byte fits. */
static void ring_is_never_filled_to_the_last_byte(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	u32 bytes, payload, write, read;
	u32 wrong = 0, fitted = 0, refused = 0;

	for (bytes = 64; bytes <= 136; bytes += 8) {
		p->out.bytes = bytes;
		for (payload = 0; payload <= bytes - 40; payload += 4) {
			u32 total = enl_ring_packet_bytes(16 + payload);

			for (write = 0; write < bytes; write += 8) {
				for (read = 0; read < bytes; read += 8) {
					u32 room = bytes - enl_ring_used(write, read, bytes);
					int err;

					set_indices(&p->out, write, read);
					err = ring_pair_write(p, payload, 1);
					if (room > total) {
						fitted++;
						wrong += err != 0 || p->out.write == read ||
							 p->out.write >= bytes ||
							 enl_ring_used(p->out.write, read, bytes) +
							 room != bytes + total;
					} else {
						refused++;
						wrong += err != -EAGAIN || p->out.write != write;
					}
				}
			}
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0u);
	KUNIT_EXPECT_GT(test, fitted, 1000u);
	KUNIT_EXPECT_GT(test, refused, 1000u);
}

/* 8.4, 14.3: with its trailer the data area less 16 bytes */
static void largest_packet_leaves_sixteen_bytes(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 0xf000);

	KUNIT_EXPECT_EQ(test, ring_pair_write(p, 0xeff0 - 24 + 1, 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, ring_pair_write(p, 0xeff0 - 24, 1), 0);
	KUNIT_EXPECT_EQ(test, p->out.write, 0xeff0u);
	KUNIT_EXPECT_EQ(test, ring_pair_write(p, 0, 1), -EAGAIN);
}

/* 8.4: the length field counts 65535 units of 8 bytes */
static void refuses_more_than_the_length_field_can_say(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	static const u8 nothing[16];
	struct enl_ring_piece piece = { nothing, ENL_PACKET_MAX_BYTES + 1 };

	p->out.bytes = 1u << 20;
	KUNIT_EXPECT_EQ(test, enl_ring_write(&p->out, &piece, 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, p->out.write, 0u);
}

/* 8.5, 8.3; vmbus.md 12.48: nothing of what was there before is left between and behind packets */
static void writes_zero_padding_and_a_truthful_trailer(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	static const u8 end[] = {
		0x33, 0x33, 0x33, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0xe0, 0x0f, 0, 0,
	};

	set_indices(&p->out, 4096 - 32, 4096 - 32);
	KUNIT_ASSERT_EQ(test, ring_pair_write(p, 19, 0x33), 0);
	/* 16 + 16 bytes up to the end of the ring; the rest once behind it and once at its start */
	KUNIT_EXPECT_MEMEQ(test, p->out.data + 4096, end, sizeof(end));
	KUNIT_EXPECT_MEMEQ(test, p->out.data, end, sizeof(end));
	KUNIT_EXPECT_EQ(test, p->out.write, 16u);
	KUNIT_EXPECT_EQ(test, p->out.data[16], 0xe7);
}

/* 8.6 steps 4 and 5 */
static void host_sees_nothing_before_publication(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);

	ring_pair_attach(test, p);
	KUNIT_ASSERT_EQ(test, ring_pair_write(p, 8, 1), 0);
	KUNIT_ASSERT_EQ(test, ring_pair_write(p, 8, 2), 0);
	KUNIT_EXPECT_EQ(test, (int)vsp_ring_has_data(&p->host_in), (int)VSP_RING_EMPTY);
	enl_ring_publish(&p->out);
	KUNIT_EXPECT_EQ(test, (int)vsp_ring_has_data(&p->host_in), (int)VSP_RING_OK);
}

/* P-023, P-024; 8.6 steps 7 to 9 */
static void signals_when_the_ring_was_empty_and_unmasked_and_only_then(struct kunit *test)
{
	static const struct {
		u32 read, mask;
		bool signal;
	} rows[] = {
		{ 0x100, 0, true },	/* the host had read all that was published before */
		{ 0x100, 1, false },
		{ 0x100, 0x80000000, false },
		{ 0x0f8, 0, false },	/* it was not through with what was there */
		{ 0x120, 0, false },	/* it has read the new packet already */
		{ 0x000, 0, false },
	};
	struct ring_pair *p = ring_pair_create(test, 4096);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		set_indices(&p->out, 0x100, 0x100);
		KUNIT_ASSERT_EQ(test, ring_pair_write(p, 8, 1), 0);
		ring_pair_set(&p->out.control->read_index, rows[i].read);
		ring_pair_set(&p->out.control->interrupt_mask, rows[i].mask);
		KUNIT_EXPECT_EQ_MSG(test, enl_ring_publish(&p->out), rows[i].signal, "row %u", i);
		KUNIT_EXPECT_EQ(test, ring_pair_get(p->out.control->write_index), 0x120u);
		/* nothing new: nothing to say */
		KUNIT_EXPECT_FALSE(test, enl_ring_publish(&p->out));
	}
}

/* P-023: a batch is compared with where the last publication ended, and costs one signal */
static void batch_is_published_at_once(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);

	set_indices(&p->out, 0x40, 0x40);
	KUNIT_ASSERT_EQ(test, ring_pair_write(p, 8, 1), 0);
	KUNIT_ASSERT_EQ(test, ring_pair_write(p, 8, 2), 0);
	KUNIT_ASSERT_EQ(test, ring_pair_write(p, 8, 3), 0);
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->out.control->write_index), 0x40u);
	KUNIT_EXPECT_TRUE(test, enl_ring_publish(&p->out));
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->out.control->write_index), 0x40 + 3 * 32u);
	KUNIT_ASSERT_EQ(test, ring_pair_write(p, 8, 4), 0);
	KUNIT_EXPECT_FALSE(test, enl_ring_publish(&p->out));
}

/* vmbus.md 12.29, 12.30: what we own is never read back */
static void scribbled_write_index_changes_nothing(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);

	set_indices(&p->out, 0x100, 0x100);
	ring_pair_set(&p->out.control->write_index, 0xfffffff8);
	KUNIT_ASSERT_EQ(test, ring_pair_write(p, 8, 1), 0);
	KUNIT_EXPECT_TRUE(test, enl_ring_publish(&p->out));
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->out.control->write_index), 0x120u);
}

/* vmbus.md 12.31, RING_READ_INDEX */
static void refuses_read_index_outside_the_ring_or_unaligned(struct kunit *test)
{
	static const u32 bad[] = { 4096, 4104, 4, 7, 0x80000000, 0xffffffff, 0xfffffff8 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ring_pair *p = ring_pair_create(test, 4096);

		ring_pair_set(&p->out.control->read_index, bad[i]);
		KUNIT_EXPECT_EQ(test, ring_pair_write(p, 8, 1), -EPROTO);
		KUNIT_EXPECT_EQ(test, (int)p->out.fault, (int)ENL_FAULT_RING_READ_INDEX);
		KUNIT_EXPECT_EQ(test, p->out.write, 0u);
		KUNIT_EXPECT_EQ(test, p->out.data[0], 0xe7);
		KUNIT_EXPECT_FALSE(test, enl_ring_want_room(&p->out, 64));
	}
}

/* 8.8: a multiple of 8, at most what could ever be there */
static void wish_for_room_is_rounded_and_clamped(struct kunit *test)
{
	static const struct {
		u32 bytes, pending;
	} rows[] = {
		{ 0x70, 0x70 }, { 0x71, 0x78 }, { 1, 8 },
		{ 4080, 4080 }, { 4081, 4080 }, { 4096, 4080 }, { 0xffffffff, 4080 },
	};
	struct ring_pair *p = ring_pair_create(test, 4096);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		set_indices(&p->out, 0, 8);	/* 8 bytes free */
		KUNIT_EXPECT_FALSE(test, enl_ring_want_room(&p->out, rows[i].bytes));
		KUNIT_EXPECT_EQ(test, ring_pair_get(p->out.control->pending_send_size),
				rows[i].pending);
		enl_ring_room_done(&p->out);
		KUNIT_EXPECT_EQ(test, ring_pair_get(p->out.control->pending_send_size), 0u);
	}
}

/* P-034; 8.8 (c): what became free meanwhile is seen, and no wish is left behind */
static void wish_is_withdrawn_when_there_is_room(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	u32 read;

	for (read = 8; read < 256; read += 8) {
		set_indices(&p->out, 0, read);
		KUNIT_EXPECT_EQ(test, enl_ring_want_room(&p->out, 0x70), read > 0x70);
		KUNIT_EXPECT_EQ(test, ring_pair_get(p->out.control->pending_send_size),
				read > 0x70 ? 0u : 0x70u);
		enl_ring_room_done(&p->out);
	}
	/* a writer that never waited does not touch the word */
	ring_pair_set(&p->out.control->pending_send_size, 0x5a5a);
	enl_ring_room_done(&p->out);
	KUNIT_EXPECT_EQ(test, ring_pair_get(p->out.control->pending_send_size), 0x5a5au);
}

/* P-034, 14.2 V34: the other end signals once, on the read that makes enough room */
static void host_wakes_a_waiting_writer_once(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 4096);
	static u64 copy[512];
	u32 bytes, wakes = 0, reads = 0, at = 0;
	bool wake;

	ring_pair_attach(test, p);
	while (!ring_pair_write(p, 8, 1))
		enl_ring_publish(&p->out);
	KUNIT_EXPECT_FALSE(test, enl_ring_want_room(&p->out, 0x70));
	while (vsp_ring_read(&p->host_in, copy, sizeof(copy), &bytes) == VSP_RING_OK) {
		KUNIT_ASSERT_EQ(test, (int)vsp_ring_commit(&p->host_in, &wake), (int)VSP_RING_OK);
		reads++;
		wakes += wake;
		if (wake)
			at = 4096 - enl_ring_used(p->out.write,
						  ring_pair_get(p->out.control->read_index), 4096);
	}
	KUNIT_EXPECT_EQ(test, wakes, 1u);
	KUNIT_EXPECT_EQ(test, reads, 127u);
	KUNIT_EXPECT_GT(test, at, 0x70u);
	KUNIT_EXPECT_LE(test, at, 0x70u + 32);
	KUNIT_EXPECT_EQ(test, ring_pair_write(p, 0x70 - 24, 1), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(init_leaves_what_a_host_expects_at_open),
	KUNIT_CASE(used_follows_the_indices),
	KUNIT_CASE(packets_are_padded_to_eight_and_have_a_trailer),
	KUNIT_CASE(ring_is_never_filled_to_the_last_byte),
	KUNIT_CASE(largest_packet_leaves_sixteen_bytes),
	KUNIT_CASE(refuses_more_than_the_length_field_can_say),
	KUNIT_CASE(writes_zero_padding_and_a_truthful_trailer),
	KUNIT_CASE(host_sees_nothing_before_publication),
	KUNIT_CASE(signals_when_the_ring_was_empty_and_unmasked_and_only_then),
	KUNIT_CASE(batch_is_published_at_once),
	KUNIT_CASE(scribbled_write_index_changes_nothing),
	KUNIT_CASE(refuses_read_index_outside_the_ring_or_unaligned),
	KUNIT_CASE(wish_for_room_is_rounded_and_clamped),
	KUNIT_CASE(wish_is_withdrawn_when_there_is_room),
	KUNIT_CASE(host_wakes_a_waiting_writer_once),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_ring_send",
	.test_cases = cases,
};

kunit_test_suite(suite);
