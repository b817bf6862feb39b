// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host that changes the ring between every two looks of the guest (P-027, P-039): the code of
 * vmbus/ring.c once more, with each access to shared words followed by an attack on them.
 * Calls that copy alone; compiles as a program too, where the sanitizers watch the copies.
 */
#include <kunit/test.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/barrier.h>

/* A third copy in the program, under names of its own. */
#define enl_ring_init		flip_ring_init
#define enl_ring_used		flip_ring_used
#define enl_ring_packet_bytes	flip_ring_packet_bytes
#define enl_ring_reserve	flip_ring_reserve
#define enl_ring_write		flip_ring_write
#define enl_ring_publish	flip_ring_publish
#define enl_ring_want_room	flip_ring_want_room
#define enl_ring_room_done	flip_ring_room_done
#define enl_ring_read		flip_ring_read
#define enl_ring_commit		flip_ring_commit
#define enl_ring_mask		flip_ring_mask
#define enl_ring_unmask		flip_ring_unmask
#include "vmbus/ring.h"

#define RING_BYTES	4096u
#define ROUNDS		30000u

static struct {
	struct enl_ring_out out;
	struct enl_ring_in in;
	u8 *memory[2];			/* control page, data, and its mirror */
	u64 state;
	u64 flips;
} f;

static u32 next(void)
{
	f.state ^= f.state << 13;
	f.state ^= f.state >> 7;
	f.state ^= f.state << 17;
	return f.state >> 16;
}

static u32 some_index(void)
{
	u32 r = next();

	return r % 32 == 0 ? next() : r % RING_BYTES & ~7u;
}

/* What stands at @at is a packet of that form from now on, in both mappings. */
static void put_head(u32 at)
{
	u32 length8 = 2 + next() % 24;
	u64 head = 6 | (u64)(2 + next() % (length8 - 1)) << 16 | (u64)length8 << 32;

	if (next() % 16 == 0)
		head ^= (u64)next() << (next() % 32);
	memcpy(f.memory[1] + 4096 + at, &head, sizeof(head));
	memcpy(f.memory[1] + 4096 + RING_BYTES + at, &head, sizeof(head));
}

/* The attack: any word of the host's, and the packet that is looked at. */
static void flip(void)
{
	if (!f.memory[1] || next() % 4 == 0)
		return;
	f.flips++;
	put_head(f.in.read);
	if (next() % 8 == 0)
		f.in.control->write_index = cpu_to_le32(some_index());
	if (next() % 8 == 0)
		f.in.control->pending_send_size = cpu_to_le32(some_index());
	if (next() % 2 == 0)
		f.out.control->read_index = cpu_to_le32(some_index());
	if (next() % 2 == 0)
		f.out.control->interrupt_mask = cpu_to_le32(next() % 2);
}

#undef READ_ONCE
#undef virt_mb
#undef virt_rmb
#undef virt_load_acquire
#define READ_ONCE(x) ({ \
	__typeof__(x) seen_ = *(const volatile __typeof__(x) *)&(x); \
	flip(); \
	seen_; })
#define virt_mb() flip() /* one thread: nothing to order */
#define virt_rmb() flip() /* the same */
#define virt_load_acquire(p) READ_ONCE(*(p)) /* the same */
#include "vmbus/ring.c"

static void begin(struct kunit *test)
{
	u8 *memory[2];
	u32 i;

	memset(&f, 0, sizeof(f));
	f.state = 0x9e3779b97f4a7c15ull;
	for (i = 0; i < 2; i++) {
		memory[i] = kunit_kzalloc(test, 4096 + 2 * RING_BYTES, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, memory[i]);
	}
	flip_ring_init(&f.out, memory[0], memory[0] + 4096, RING_BYTES,
		       &f.in, memory[1], memory[1] + 4096, RING_BYTES);
	f.in.host_blocks = true;
	f.memory[0] = memory[0];
	f.memory[1] = memory[1];
	for (i = 0; i < RING_BYTES; i += 8)
		put_head(i);
}

/* P-027; vmbus.md 12.29, 12.32 to 12.34: what was checked is what was used, in length and offset */
static void what_was_checked_is_what_was_read(struct kunit *test)
{
	const u32 room = 160;
	u64 packets = 0, faults = 0;
	u8 *copy;
	u32 i;

	begin(test);
	copy = kunit_kzalloc(test, room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	for (i = 0; i < ROUNDS; i++) {
		const struct enl_packet_desc *desc = (const void *)copy;
		int n;

		f.in.control->write_index = cpu_to_le32(some_index());
		n = flip_ring_read(&f.in, copy, room);
		if (n > 0) {
			packets++;
			KUNIT_ASSERT_GE(test, n, 16);
			KUNIT_ASSERT_LE(test, n, (int)room);
			KUNIT_ASSERT_EQ(test, le16_to_cpu(desc->length8) * 8, n);
			KUNIT_ASSERT_GE(test, le16_to_cpu(desc->offset8) * 8, 16);
			KUNIT_ASSERT_LE(test, le16_to_cpu(desc->offset8) * 8, n);
			KUNIT_ASSERT_LT(test, f.in.read, RING_BYTES);
		} else if (n) {
			KUNIT_ASSERT_EQ(test, n, -EPROTO);
			faults++;
			/* a channel would be stopped here: start again elsewhere */
			f.in.read = some_index() % RING_BYTES & ~7u;
			f.in.committed = f.in.read;
			f.in.seen = f.in.read;
		}
		flip_ring_commit(&f.in);
		flip_ring_mask(&f.in);
		flip_ring_unmask(&f.in);
	}
	KUNIT_EXPECT_GT(test, packets, 1000ull);
	KUNIT_EXPECT_GT(test, faults, 100ull);
	KUNIT_EXPECT_GT(test, f.flips, (u64)ROUNDS);
}

/* vmbus.md 12.30, 12.31: where the next packet goes is decided by one look at the host's index */
static void what_was_checked_is_where_it_was_written(struct kunit *test)
{
	static const u8 payload[512];
	u64 written = 0;
	u32 i;

	begin(test);
	for (i = 0; i < ROUNDS; i++) {
		struct enl_ring_piece piece = { payload, 16 + next() % 496 };
		u32 old = f.out.write;
		int err = flip_ring_write(&f.out, &piece, 1);

		KUNIT_ASSERT_EQ(test, f.out.write == old, err != 0);
		KUNIT_ASSERT_LT(test, f.out.write, RING_BYTES);
		KUNIT_ASSERT_EQ(test, f.out.write & 7, 0u);
		written += !err;
		if (err)
			flip_ring_want_room(&f.out, next());
		flip_ring_publish(&f.out);
		flip_ring_room_done(&f.out);
	}
	KUNIT_EXPECT_GT(test, written, 1000ull);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_was_checked_is_what_was_read),
	KUNIT_CASE(what_was_checked_is_where_it_was_written),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_ring_flip",
	.test_cases = cases,
};

kunit_test_suite(suite);
