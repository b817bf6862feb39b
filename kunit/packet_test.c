// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets through the bus: every kind, both directions, what a driver sees and what a host gets.
 * VMBus specification, chapter 9; hardening items 34 to 38, 47 and 48.
 * Calls the drivers' API against the fake host, which is stepped by hand.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "kunit/packet_world.h"

static void inband_packet_arrives_as_it_was_sent(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	static const u8 data[13] = "thirteen byte";
	u8 padded[16] = { };

	memcpy(padded, data, sizeof(data));
	KUNIT_ASSERT_EQ(test, enl_send(w->ch, data, sizeof(data), 7, 0), 0);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, 1ull);
	KUNIT_EXPECT_EQ(test, w->echo->last_bytes, 16u);
	/* vmbus.md 12.48: the rest of the last word is zero */
	KUNIT_EXPECT_MEMEQ(test, w->echo->last, padded, sizeof(padded));
	KUNIT_EXPECT_EQ(test, w->ch->stats.packets_out, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.bytes_out, 16 + 13ull);
}

static void payload_may_be_empty(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);

	KUNIT_ASSERT_EQ(test, enl_send(w->ch, NULL, 0, 7, 0), 0);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, 1ull);
	KUNIT_EXPECT_EQ(test, w->echo->last_bytes, 0u);
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, NULL, 0, 9), VSP_SENT);
	KUNIT_ASSERT_EQ(test, w->packets, 1ull);
	KUNIT_EXPECT_EQ(test, packet_world_last(w)->bytes, 0u);
}

static void host_packet_arrives_as_it_was_sent(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	static const u8 data[16] = "sixteen bytes !!";
	const struct packet_seen *s;

	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, data, sizeof(data), 0), VSP_SENT);
	KUNIT_ASSERT_EQ(test, w->packets, 1ull);
	s = packet_world_last(w);
	KUNIT_EXPECT_EQ(test, (int)s->type, (int)ENL_PACKET_INBAND);
	KUNIT_EXPECT_FALSE(test, s->wants_completion);
	KUNIT_EXPECT_EQ(test, s->id, 0ull);
	KUNIT_EXPECT_EQ(test, s->bytes, 16u);
	KUNIT_EXPECT_MEMEQ(test, s->data, data, sizeof(data));
	KUNIT_EXPECT_EQ(test, w->ch->stats.packets_in, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.bytes_in, 32ull);
}

/* P-030: the mapping of the data behind itself, over many turns of the ring, in both directions */
static void packets_survive_every_wrap(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	u8 data[508];
	u32 i, k, bad = 0;

	packet_world_open(w);
	for (i = 0; i < 200; i++) {
		u32 len = 1 + (i * 61) % sizeof(data);

		for (k = 0; k < len; k++)
			data[k] = i + k * 7;
		KUNIT_ASSERT_EQ(test, enl_send(w->ch, data, len, i, 0), 0);
		/* Pairs with the release where packets are kept. */
		if (!fakehost_wait_for(smp_load_acquire(&w->packets) == i + 1, 2000))
			break;
		bad += memcmp(packet_world_last(w)->data, data, min(len, 64u)) != 0;
		bad += packet_world_last(w)->bytes != (len + 7) / 8 * 8;
	}
	KUNIT_EXPECT_EQ(test, i, 200u);
	KUNIT_EXPECT_EQ(test, bad, 0u);
	KUNIT_EXPECT_GT(test, w->ch->stats.bytes_out, 3 * 16384ull);
}

/* 9.4 */
static void request_of_the_host_is_completed_once(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	struct vsp_packet p = {
		.type = ENL_PACKET_INBAND, .flags = ENL_PACKET_WANTS_COMPLETION, .id = 0xd00d0001,
	};
	struct vsp_ledger ledger;

	KUNIT_EXPECT_EQ(test, packet_world_host_sends(w, &p), VSP_SENT);
	KUNIT_ASSERT_EQ(test, w->packets, 1ull);
	KUNIT_EXPECT_TRUE(test, packet_world_last(w)->wants_completion);
	KUNIT_EXPECT_EQ(test, packet_world_last(w)->id, 0xd00d0001ull);
	KUNIT_EXPECT_EQ(test, enl_send_completion(w->ch, "done", 4, 0xd00d0001), 0);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->completions, 1ull);
	fakehost_ledger(w->fh, &ledger);
	KUNIT_EXPECT_EQ(test, ledger.host_requests, 0u);
}

/* 9.4, 9.5: in any order, each with its own id, by the driver's callback */
static void completions_come_back_in_any_order(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u32 i;

	w->echo->hold = true;
	for (i = 1; i <= 8; i++)
		KUNIT_ASSERT_EQ(test, enl_send(w->ch, &i, 4, 0x100 + i, ENL_SEND_WANT_COMPLETION),
				0);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->packets, 0ull);
	KUNIT_EXPECT_EQ(test, FAKEHOST_DO(w->fh, vsp_echo_release(w->fh->host, w->echo, 8, true)),
			8u);
	packet_world_rest(w);
	KUNIT_ASSERT_EQ(test, w->completions, 8ull);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, w->seen[i].id, 0x108ull - i);
}

/* P-117: completions with id 0, or ids that no driver gave, are the driver's to judge by type */
static void unsolicited_packets_keep_their_id(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	struct vsp_packet p = { .type = ENL_PACKET_COMPLETION };
	static const u64 ids[] = { 0, 1, 0xffffffffffffffffull, 0xffffffff00000001ull };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		p.id = ids[i];
		KUNIT_EXPECT_EQ(test, packet_world_host_sends(w, &p), VSP_SENT);
		KUNIT_ASSERT_EQ(test, w->packets, i + 1ull);
		KUNIT_EXPECT_EQ(test, (int)packet_world_last(w)->type, (int)ENL_PACKET_COMPLETION);
		KUNIT_EXPECT_EQ(test, packet_world_last(w)->id, ids[i]);
	}
}

/* One range over @pages pages, in wire layout. Returns its bytes. */
static u32 range(u8 *at, u32 offset, u32 count, void **page, u32 pages)
{
	struct enl_gpa_range r = {
		.byte_count = cpu_to_le32(count), .byte_offset = cpu_to_le32(offset),
	};
	u32 i;

	memcpy(at, &r, sizeof(r));
	for (i = 0; i < pages; i++) {
		__le64 pfn = cpu_to_le64(virt_to_phys(page[i]) >> PAGE_SHIFT);

		memcpy(at + sizeof(r) + 8 * i, &pfn, sizeof(pfn));
	}
	return sizeof(r) + 8 * pages;
}

/* 9.2: the host checks the form: one range of many pages, and many ranges */
static void ranges_of_guest_memory_are_well_formed(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u8 *list = kunit_kzalloc(test, 1024, GFP_KERNEL);
	struct enl_gpa_list gpas = { .ranges = list };
	void *page[16];
	u32 i, before;

	KUNIT_ASSERT_NOT_NULL(test, list);
	for (i = 0; i < 16; i++) {
		page[i] = (void *)get_zeroed_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page[i]);
	}
	gpas.bytes = range(list, 0xe00, 0x2200, page, 3);
	gpas.count = 1;
	before = w->ch->out.write;
	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &gpas, "payload!", 8, 0x11,
					   ENL_SEND_WANT_COMPLETION), 0);
	/* what enl_send_room() is to be asked for is what was used */
	KUNIT_EXPECT_EQ(test, w->ch->out.write - before, enl_send_packet_bytes(gpas.bytes, 8));
	gpas.bytes = 0;
	for (i = 0; i < 16; i++)
		gpas.bytes += range(list + gpas.bytes, 17 * i, 64 + i, page + i, 1);
	gpas.count = 16;
	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &gpas, "sixteen!", 8, 0x12,
					   ENL_SEND_WANT_COMPLETION), 0);
	gpas.bytes = range(list, 0, 16 * PAGE_SIZE, page, 16);
	gpas.count = 1;
	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &gpas, NULL, 0, 0x13,
					   ENL_SEND_WANT_COMPLETION), 0);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, 3ull);
	KUNIT_EXPECT_EQ(test, w->completions, 3ull);
	KUNIT_EXPECT_EQ(test, fakehost_violations(w->fh), 0ull);
	for (i = 0; i < 16; i++)
		free_page((unsigned long)page[i]);
}

struct filled {
	const void *ranges;
	u32 bytes;
	unsigned int calls;
};

static void fill_ranges(void *to, u32 bytes, void *context)
{
	struct filled *f = context;

	f->calls++;
	f->bytes = bytes;
	memcpy(to, f->ranges, bytes);
}

/* The same packet as enl_send_gpa() makes of a list, at every fill of the last word */
static void ranges_written_in_place_are_what_a_list_would_be(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u8 *list = kunit_kzalloc(test, 4096, GFP_KERNEL);
	void *page[3];
	struct filled f = { list };
	struct enl_gpa_fill fill = { .count = 1, .fill = fill_ranges, .context = &f };
	struct enl_gpa_list gpas = { list, 0, 1 };
	u32 i, len, first, second;

	KUNIT_ASSERT_NOT_NULL(test, list);
	for (i = 0; i < 3; i++) {
		page[i] = (void *)get_zeroed_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page[i]);
	}
	gpas.bytes = range(list, 0xe00, 0x2200, page, 3);
	fill.bytes = gpas.bytes;
	for (len = 0; len <= 8; len++) {
		first = w->ch->out.write;
		KUNIT_ASSERT_EQ(test, enl_send_gpa(w->ch, &gpas, "payload!", len, 0x11,
						   ENL_SEND_WANT_COMPLETION | ENL_SEND_MORE), 0);
		second = w->ch->out.write;
		KUNIT_ASSERT_EQ(test, enl_send_gpa_fill(w->ch, &fill, "payload!", len, 0x11,
							ENL_SEND_WANT_COMPLETION | ENL_SEND_MORE),
				0);
		/* all but the trailer, which says where the packet began */
		KUNIT_EXPECT_MEMEQ(test, w->ch->out.data + first, w->ch->out.data + second,
				   second - first - 8);
		KUNIT_EXPECT_EQ(test, w->ch->out.write - second, second - first);
		enl_send_flush(w->ch);
		packet_world_rest(w);
	}
	KUNIT_EXPECT_EQ(test, f.calls, 9u);
	KUNIT_EXPECT_EQ(test, f.bytes, gpas.bytes);
	KUNIT_EXPECT_EQ(test, w->completions, 18ull);
	KUNIT_EXPECT_EQ(test, fakehost_violations(w->fh), 0ull);
	for (i = 0; i < 3; i++)
		free_page((unsigned long)page[i]);
}

/* A packet that is refused leaves nothing behind, and its writer is not called */
static void ranges_are_not_written_without_room(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u8 *list = kunit_kzalloc(test, 4096, GFP_KERNEL);
	struct filled f = { list };
	struct enl_gpa_fill fill = { 4096, 1, fill_ranges, &f };
	struct enl_gpa_fill none = { 16, 0, fill_ranges, &f }, empty = { 0, 1, fill_ranges, &f };
	struct enl_gpa_fill odd = { 12, 1, fill_ranges, &f };
	struct enl_gpa_fill huge = { ENL_PACKET_MAX_BYTES + 8, 1, fill_ranges, &f };
	struct enl_gpa_fill beyond = { 65536, 1, fill_ranges, &f };
	void **pages = kunit_kcalloc(test, 511, sizeof(*pages), GFP_KERNEL);
	void *page = (void *)get_zeroed_page(GFP_KERNEL);
	u32 before, sent = 0;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, list);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_ASSERT_NOT_NULL(test, page);
	memset_p(pages, page, 511);
	KUNIT_ASSERT_EQ(test, range(list, 0, 511 * PAGE_SIZE, pages, 511), 4096u);
	KUNIT_EXPECT_EQ(test, enl_send_gpa_fill(w->ch, &none, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send_gpa_fill(w->ch, &empty, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send_gpa_fill(w->ch, &odd, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send_gpa_fill(w->ch, &huge, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send_gpa_fill(w->ch, &beyond, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, w->ch->out.write, 0u);
	do {
		before = w->ch->out.write;
		err = enl_send_gpa_fill(w->ch, &fill, NULL, 0, 1, ENL_SEND_MORE);
		sent += !err;
	} while (!err && sent < 1000);
	KUNIT_EXPECT_EQ(test, err, -EAGAIN);
	KUNIT_EXPECT_EQ(test, f.calls, sent);
	KUNIT_EXPECT_EQ(test, w->ch->out.write, before);
	/* what was staged before it is published */
	KUNIT_EXPECT_EQ(test, w->ch->out.published, w->ch->out.write);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->packets, (u64)sent);
	/* to give the rings back, the host has to go by itself */
	fakehost_set_manual(w->fh, false);
	enl_channel_close(w->ch);
	KUNIT_EXPECT_EQ(test, enl_send_gpa_fill(w->ch, &fill, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_TRUE(test, enl_channel_returned(w->ch));
	free_page((unsigned long)page);
}

static void refuses_gpa_packet_without_ranges_or_too_long(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	static const u8 list[16];
	struct enl_gpa_list none = { list, 16, 0 }, odd = { list, 12, 1 };
	struct enl_gpa_list huge = { list, ENL_PACKET_MAX_BYTES + 8, 1 };
	struct enl_gpa_list wraps = { list, 0xfffffff8, 1 };

	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &none, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &odd, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &huge, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &wraps, NULL, 0, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, w->ch->out.write, 0u);
}

/* Larger than this ring can ever hold, or than a packet can be: for good, not "again" */
static void refuses_packet_that_can_never_fit(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u8 *data = kunit_kzalloc(test, 16384, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, data, 16384 - 16 - 24 + 1, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, data, ENL_PACKET_MAX_BYTES - 15, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, data, 0xffffffff, 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_send_completion(w->ch, data, 0xfffffff0, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, w->ch->stats.ring_full, 0ull);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, data, 16384 - 16 - 24, 1, 0), 0);
	/* longer than this host takes; it is not asked to */
	packet_world_dirty(w);
	packet_world_rest(w);
	fakehost_forgive(w->fh, VSP_V_RING_LENGTH);
}

/* 9.3: set, ranges, and the completion that gives them back */
static void transfer_pages_show_their_ranges(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	struct {
		struct enl_transfer_pages pages;
		struct enl_transfer_range range[2];
	} head = {
		.pages = { cpu_to_le16(0xcafe), 0x0d, 0xd0, cpu_to_le32(2) },
		.range = { { cpu_to_le32(0x6c), 0 }, { cpu_to_le32(0x62a), cpu_to_le32(0x6a4) } },
	};
	struct vsp_packet p = {
		.type = ENL_PACKET_TRANSFER_PAGES, .flags = ENL_PACKET_WANTS_COMPLETION,
		.id = 0xd00d0007, .head = &head, .head_bytes = sizeof(head),
		.data = "k", .bytes = 1,
	};
	const struct packet_seen *s;

	KUNIT_EXPECT_EQ(test, packet_world_host_sends(w, &p), VSP_SENT);
	KUNIT_ASSERT_EQ(test, w->packets, 1ull);
	s = packet_world_last(w);
	KUNIT_EXPECT_EQ(test, (int)s->type, (int)ENL_PACKET_TRANSFER_PAGES);
	KUNIT_EXPECT_EQ(test, s->set_id, 0xcafe);
	KUNIT_EXPECT_EQ(test, s->range_count, 2u);
	KUNIT_EXPECT_EQ(test, s->bytes, 8u);
	KUNIT_EXPECT_EQ(test, s->data[0], 'k');
	KUNIT_EXPECT_EQ(test, enl_send_completion(w->ch, NULL, 0, s->id), 0);
	packet_world_rest(w);
	KUNIT_EXPECT_EQ(test, w->echo->completions, 1ull);
}

/* vmbus.md 12.36, RANGE_COUNT: counts that only fit if the product wraps; that packet is dropped */
static void drops_transfer_pages_whose_ranges_do_not_fit(struct kunit *test)
{
	static const struct {
		u32 count, head_bytes;
		bool fits;
	} rows[] = {
		{ 1, 16, true }, { 2, 16, false }, { 0x20000000, 16, false },
		{ 0x20000001, 16, false }, { 0xffffffff, 16, false }, { 0, 8, true },
		{ 1, 8, false }, { 0, 0, false },
	};
	struct packet_world *w = packet_world_ready(test);
	u64 packets = 0;
	long faults = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct {
			struct enl_transfer_pages pages;
			struct enl_transfer_range range;
		} head = { .pages.range_count = cpu_to_le32(rows[i].count) };
		struct vsp_packet p = {
			.type = ENL_PACKET_TRANSFER_PAGES, .head = &head,
			.head_bytes = rows[i].head_bytes, .data = "12345678", .bytes = 8,
		};

		KUNIT_EXPECT_EQ(test, packet_world_host_sends(w, &p), VSP_SENT);
		packets += rows[i].fits;
		faults += !rows[i].fits;
		KUNIT_EXPECT_EQ_MSG(test, w->packets, packets, "row %u", i);
		KUNIT_EXPECT_EQ(test, packet_world_fault(w, ENL_FAULT_RANGE_COUNT), faults);
	}
	KUNIT_EXPECT_FALSE(test, w->ch->stopped);
}

/* vmbus.md 12.35, PACKET_TYPE: such a packet never reaches a driver, the next one does */
static void drops_packet_of_a_type_that_no_host_sends(struct kunit *test)
{
	static const u16 types[] = { 0, 1, 2, 3, 4, 5, 8, 9, 0xa, 0xc, 0xd, 0xe, 0x106, 0xffff };
	struct packet_world *w = packet_world_ready(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct vsp_packet p = { .type = types[i], .data = "12345678", .bytes = 8 };

		KUNIT_EXPECT_EQ(test, packet_world_host_sends(w, &p), VSP_SENT);
		KUNIT_EXPECT_EQ(test, w->packets, 0ull);
		KUNIT_EXPECT_EQ(test, packet_world_fault(w, ENL_FAULT_PACKET_TYPE), i + 1l);
	}
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, "12345678", 8, 0), VSP_SENT);
	KUNIT_EXPECT_EQ(test, w->packets, 1ull);
	KUNIT_EXPECT_EQ(test, w->ch->stats.packets_in, ARRAY_SIZE(types) + 1ull);
}

/* vmbus.md 12.35: unknown flag bits do not reach a driver */
static void ignores_unknown_flags(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	struct vsp_packet p = { .type = ENL_PACKET_INBAND, .flags = 0xfffe };

	KUNIT_EXPECT_EQ(test, packet_world_host_sends(w, &p), VSP_SENT);
	KUNIT_ASSERT_EQ(test, w->packets, 1ull);
	KUNIT_EXPECT_FALSE(test, packet_world_last(w)->wants_completion);
}

/* P-116; vmbus.md 12.38, 12.47: what the guest put on the wire is the driver's number, unchanged */
static void ids_on_the_wire_are_the_numbers_that_the_driver_gave(struct kunit *test)
{
	struct packet_world *w = packet_world_ready(test);
	u32 low, high;

	KUNIT_ASSERT_EQ(test, enl_send(w->ch, "x", 1, 0x0123456789abcdefull,
				       ENL_SEND_WANT_COMPLETION), 0);
	low = FAKEHOST_PEEK(w->fh, vsp_peek(w->fh->host, w->relid, false, 4096 + 8));
	high = FAKEHOST_PEEK(w->fh, vsp_peek(w->fh->host, w->relid, false, 4096 + 12));
	KUNIT_EXPECT_EQ(test, low, 0x89abcdefu);
	KUNIT_EXPECT_EQ(test, high, 0x01234567u);
	packet_world_rest(w);
	KUNIT_ASSERT_EQ(test, w->completions, 1ull);
	KUNIT_EXPECT_EQ(test, packet_world_last(w)->id, 0x0123456789abcdefull);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(inband_packet_arrives_as_it_was_sent),
	KUNIT_CASE(payload_may_be_empty),
	KUNIT_CASE(host_packet_arrives_as_it_was_sent),
	KUNIT_CASE(packets_survive_every_wrap),
	KUNIT_CASE(request_of_the_host_is_completed_once),
	KUNIT_CASE(completions_come_back_in_any_order),
	KUNIT_CASE(unsolicited_packets_keep_their_id),
	KUNIT_CASE(ranges_of_guest_memory_are_well_formed),
	KUNIT_CASE(ranges_written_in_place_are_what_a_list_would_be),
	KUNIT_CASE(ranges_are_not_written_without_room),
	KUNIT_CASE(refuses_gpa_packet_without_ranges_or_too_long),
	KUNIT_CASE(refuses_packet_that_can_never_fit),
	KUNIT_CASE(transfer_pages_show_their_ranges),
	KUNIT_CASE(drops_transfer_pages_whose_ranges_do_not_fit),
	KUNIT_CASE(drops_packet_of_a_type_that_no_host_sends),
	KUNIT_CASE(ignores_unknown_flags),
	KUNIT_CASE(ids_on_the_wire_are_the_numbers_that_the_driver_gave),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_packet",
	.init = packet_world_init,
	.exit = packet_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
