// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test vectors of the VMBus specification, chapter 14, from the real bus: what it posts and
 * sends is compared byte for byte, what a host sends is injected as it stands.
 * Numbers that a run decides (page addresses, GPADL ids, relids) are put into the vector first.
 * Calls the drivers' API against the fake host, whose record of posts is the evidence.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "kunit/packet_world.h"
#include "kunit/vectors.h"
#include "wire/classes.h"

static u8 want[ENL_MESSAGE_BYTES];

static u32 get32(const struct vsp_record *r, u32 at)
{
	__le32 v;

	memcpy(&v, r->message + at, sizeof(v));
	return le32_to_cpu(v);
}

/* These bytes are the run's. */
static void take(const struct vsp_record *r, u32 at, u32 bytes)
{
	memcpy(want + at, r->message + at, bytes);
}

static void expect_message(struct kunit *test, const struct vsp_record *r, u32 bytes)
{
	KUNIT_EXPECT_EQ(test, (u32)r->bytes, bytes);
	KUNIT_EXPECT_MEMEQ(test, r->message, want, bytes);
}

static bool record(struct packet_world *w, u32 type, u64 nth, struct vsp_record *r)
{
	return fakehost_message(w->fh, type, nth, r);
}

/* The last one that was posted; one that the host had no room for was tried more than once. */
static bool last_record(struct packet_world *w, u32 type, struct vsp_record *r)
{
	u64 n = 0;

	while (record(w, type, n, r))
		n++;
	return n != 0;
}

#define LOAD(number) memcpy(want, enl_v##number, sizeof(enl_v##number))

/* V1, V4, V7 */
static void contact_of_a_new_host(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	struct vsp_record r;

	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_INITIATE_CONTACT, 0, &r));
	LOAD(1);
	take(&r, 0x18, 16);
	expect_message(test, &r, sizeof(enl_v1));
	KUNIT_EXPECT_EQ(test, r.connection, ENL_CONNECTION_MESSAGE_MULTI);
	KUNIT_EXPECT_EQ(test, get32(&r, 0x18) & 0xfff, 0u);
	KUNIT_EXPECT_EQ(test, get32(&r, 0x20) & 0xfff, 0u);
	KUNIT_EXPECT_NE(test, get32(&r, 0x18), get32(&r, 0x20));
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_REQUEST_OFFERS, 0, &r));
	LOAD(7);
	expect_message(test, &r, sizeof(enl_v7));
}

/* V2, V5: all newer versions were refused before */
static void contact_of_an_old_host(struct kunit *test)
{
	struct fakehost_options options = { .personality = &vsp_host_2012r2 };
	struct packet_world *w = packet_world_start(test, &options, false);
	struct vsp_record r;
	u32 n = 0;

	while (record(w, ENL_MSG_INITIATE_CONTACT, n, &r) && get32(&r, 8) != ENL_VERSION_3_0)
		n++;
	LOAD(2);
	take(&r, 0x10, 24);
	expect_message(test, &r, sizeof(enl_v2));
	KUNIT_EXPECT_EQ(test, r.connection, ENL_CONNECTION_MESSAGE);
	KUNIT_EXPECT_EQ(test, enl_bus_version(w->bus), ENL_VERSION_3_0);
}

/* V18, V22, V23, V17, V19, V24 and V12: the life of a channel */
static void open_close_and_release(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	struct vsp_record r;
	u32 gpadl;

	w->setup.send_bytes = 15 * 4096;
	w->setup.recv_bytes = 15 * 4096;
	packet_world_open(w);
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_GPADL_HEADER, 0, &r));
	gpadl = get32(&r, 0xc);
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_OPEN, 0, &r));
	LOAD(18);
	take(&r, 0x8, 8);
	take(&r, 0x14, 4);
	*(__le32 *)(want + 0x10) = cpu_to_le32(gpadl);
	expect_message(test, &r, sizeof(enl_v18));
	KUNIT_EXPECT_EQ(test, get32(&r, 0x8), w->relid);
	KUNIT_EXPECT_EQ(test, get32(&r, 0x14), fakehost_vp(w->fh, enl_channel_cpu(w->ch)));

	enl_channel_close(w->ch);
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_CLOSE, 0, &r));
	LOAD(22);
	*(__le32 *)(want + 0x8) = cpu_to_le32(w->relid);
	expect_message(test, &r, sizeof(enl_v22));
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_GPADL_TEARDOWN, 0, &r));
	LOAD(23);
	*(__le32 *)(want + 0x8) = cpu_to_le32(w->relid);
	*(__le32 *)(want + 0xc) = cpu_to_le32(gpadl);
	expect_message(test, &r, sizeof(enl_v23));
	fakehost_rescind(w->fh, w->relid);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(w->fh, ENL_MSG_RELID_RELEASED, 1, 3000));
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_RELID_RELEASED, 0, &r));
	LOAD(12);
	*(__le32 *)(want + 0x8) = cpu_to_le32(w->relid);
	expect_message(test, &r, sizeof(enl_v12));
}

/* V20, V21 */
static void change_of_processor(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	unsigned int cpu;
	struct vsp_record r;

	packet_world_open(w);
	cpu = cpumask_any_but(cpu_online_mask, enl_channel_cpu(w->ch));
	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "one processor only");
	KUNIT_ASSERT_EQ(test, enl_channel_set_cpu(w->ch, cpu), 0);
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_MODIFY_CHANNEL, 0, &r));
	LOAD(20);
	*(__le32 *)(want + 0x8) = cpu_to_le32(w->relid);
	*(__le32 *)(want + 0xc) = cpu_to_le32(fakehost_vp(w->fh, cpu));
	expect_message(test, &r, sizeof(enl_v20));
}

/* Page numbers of a buffer, in place of the vector's. */
static void put_pfns(void *addr, u32 at, u32 first, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		__le64 pfn = cpu_to_le64(vmalloc_to_pfn(addr + (first + i) * PAGE_SIZE));

		memcpy(want + at + 8 * i, &pfn, sizeof(pfn));
	}
}

/* V13 */
static void gpadl_of_nine_pages(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	void *addr = enl_shared_alloc(w->dev, 9 * 4096);
	struct enl_gpadl gpadl;
	struct vsp_record r;

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_EXPECT_EQ(test, enl_gpadl_create(w->ch, addr, 9 * 4096, &gpadl), 0);
	KUNIT_EXPECT_TRUE(test, record(w, ENL_MSG_GPADL_HEADER, 0, &r));
	LOAD(13);
	*(__le32 *)(want + 0x8) = cpu_to_le32(w->relid);
	*(__le32 *)(want + 0xc) = cpu_to_le32(gpadl.id);
	put_pfns(addr, 28, 0, 9);
	expect_message(test, &r, sizeof(enl_v13));
	KUNIT_EXPECT_EQ(test, enl_gpadl_destroy(w->ch, &gpadl), 0);
	enl_shared_free(w->dev, addr, 9 * 4096);
}

/* V14, V15, V16: the header and all ten bodies; P-080: from vmalloc addresses */
static void gpadl_of_300_pages(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	void *addr = enl_shared_alloc(w->dev, 300 * 4096);
	struct enl_gpadl gpadl;
	struct vsp_record r;
	u32 n;

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_EXPECT_EQ(test, enl_gpadl_create(w->ch, addr, 300 * 4096, &gpadl), 0);
	KUNIT_EXPECT_TRUE(test, record(w, ENL_MSG_GPADL_HEADER, 0, &r));
	LOAD(14);
	*(__le32 *)(want + 0x8) = cpu_to_le32(w->relid);
	*(__le32 *)(want + 0xc) = cpu_to_le32(gpadl.id);
	put_pfns(addr, 28, 0, 26);
	expect_message(test, &r, sizeof(enl_v14));
	for (n = 0; n < 10; n++) {
		bool last = n == 9;

		KUNIT_EXPECT_TRUE(test, record(w, ENL_MSG_GPADL_BODY, n, &r));
		KUNIT_EXPECT_EQ(test, (int)r.status, (int)ENL_HV_SUCCESS);
		if (last)
			LOAD(16);
		else
			LOAD(15);
		/* hosts ignore the number */
		take(&r, 0x8, 4);
		*(__le32 *)(want + 0xc) = cpu_to_le32(gpadl.id);
		put_pfns(addr, 16, 26 + 28 * n, last ? 22 : 28);
		expect_message(test, &r, last ? sizeof(enl_v16) : sizeof(enl_v15));
	}
	KUNIT_EXPECT_FALSE(test, record(w, ENL_MSG_GPADL_BODY, 10, &r));
	KUNIT_EXPECT_EQ(test, enl_gpadl_destroy(w->ch, &gpadl), 0);
	enl_shared_free(w->dev, addr, 300 * 4096);
}

/* 14.3: how many messages, and how long the last one is */
static void gpadls_are_split_as_computed(struct kunit *test)
{
	static const struct {
		u32 pages, messages, last, buffer;
	} rows[] = {
		{ 26, 1, 236, 8 + 26 * 8 }, { 27, 2, 24, 8 + 27 * 8 }, { 54, 2, 240, 8 + 54 * 8 },
		{ 55, 3, 24, 8 + 55 * 8 }, { 512, 19, 96, 0x1008 },
	};
	struct packet_world *w = packet_world_start(test, NULL, false);
	u64 headers = 0, bodies = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 bytes = rows[i].pages * 4096;
		void *addr = enl_shared_alloc(w->dev, bytes);
		struct enl_gpadl gpadl;
		struct vsp_record r;

		KUNIT_ASSERT_NOT_NULL(test, addr);
		KUNIT_EXPECT_EQ(test, enl_gpadl_create(w->ch, addr, bytes, &gpadl), 0);
		KUNIT_EXPECT_TRUE(test, last_record(w, ENL_MSG_GPADL_HEADER, &r));
		KUNIT_EXPECT_EQ(test, get32(&r, 0x10) & 0xffff, rows[i].buffer);
		headers++;
		bodies += rows[i].messages - 1;
		KUNIT_EXPECT_EQ(test, fakehost_posted(w->fh, ENL_MSG_GPADL_BODY), bodies);
		if (rows[i].messages > 1)
			KUNIT_EXPECT_TRUE(test, last_record(w, ENL_MSG_GPADL_BODY, &r));
		KUNIT_EXPECT_EQ_MSG(test, (u32)r.bytes, rows[i].last, "%u pages", rows[i].pages);
		KUNIT_EXPECT_EQ(test, enl_gpadl_destroy(w->ch, &gpadl), 0);
		enl_shared_free(w->dev, addr, bytes);
	}
	/* the range-buffer length is 16 bits wide: 8190 pages are the last that fit */
	KUNIT_EXPECT_NULL(test, enl_shared_alloc(w->dev, 8191 * 4096));
	w->setup.send_bytes = 4096 * 4096;
	w->setup.recv_bytes = 4093 * 4096;
	KUNIT_EXPECT_EQ(test, enl_channel_open(w->ch, &w->setup), -EINVAL);
	KUNIT_EXPECT_EQ(test, fakehost_posted(w->fh, ENL_MSG_GPADL_HEADER), headers);
}

/* P-031, P-032: one control page and the data for each ring, in single pages */
static void rings_take_exactly_the_pages_that_they_need(struct kunit *test)
{
	static const struct {
		u32 send, recv;
	} rows[] = { { 1, 1 }, { 1, 5 }, { 7, 3 }, { 15, 15 }, { 33, 64 } };
	struct packet_world *w = packet_world_start(test, NULL, false);
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vsp_record r;

		w->setup.send_bytes = rows[i].send * 4096;
		w->setup.recv_bytes = rows[i].recv * 4096;
		packet_world_open(w);
		KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_GPADL_HEADER, i, &r));
		KUNIT_EXPECT_EQ(test, get32(&r, 0x14), (2 + rows[i].send + rows[i].recv) * 4096);
		KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_OPEN, i, &r));
		KUNIT_EXPECT_EQ(test, get32(&r, 0x18), 1 + rows[i].send);
		for (k = 0; k < w->ch->pages->count; k++) {
			KUNIT_EXPECT_FALSE(test, PageCompound(w->ch->pages->page[k]));
			/* the tail of a larger block would have no count of its own */
			KUNIT_EXPECT_GE(test, page_count(w->ch->pages->page[k]), 1);
		}
		enl_channel_close(w->ch);
	}
	w->setup.send_bytes = 6000;
	KUNIT_EXPECT_EQ(test, enl_channel_open(w->ch, &w->setup), -EINVAL);
	w->setup.send_bytes = 0;
	KUNIT_EXPECT_EQ(test, enl_channel_open(w->ch, &w->setup), -EINVAL);
}

/* V8, V9, V10, V11 as a host sends them; the answer to V11 is V12 */
static void offers_are_understood(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	const struct enl_guid scsi = ENL_CLASS_SCSI;
	struct enl_channel *ch;
	struct vsp_record r;
	const u8 *user;
	size_t bytes;

	packet_world_dirty(w);
	fakehost_inject(w->fh, enl_v8, sizeof(enl_v8));
	fakehost_inject(w->fh, enl_v9, sizeof(enl_v9));
	fakehost_inject(w->fh, enl_v10, sizeof(enl_v10));
	packet_world_offers(w);
	ch = rcu_access_pointer(w->bus->relid[9]);
	KUNIT_ASSERT_NOT_NULL(test, ch);
	KUNIT_EXPECT_MEMEQ(test, &ch->class_id, &scsi, sizeof(scsi));
	KUNIT_EXPECT_MEMEQ(test, &ch->instance_id, enl_v8 + 0x18, 16);
	KUNIT_EXPECT_EQ(test, ch->monitor_id, 0x21);
	KUNIT_EXPECT_EQ(test, ch->connection_id, 0x2009u);
	KUNIT_EXPECT_EQ(test, enl_channel_index(ch), 0);
	ch = rcu_access_pointer(w->bus->relid[0x2c]);
	KUNIT_ASSERT_NOT_NULL(test, ch);
	KUNIT_EXPECT_EQ(test, enl_channel_offer_flags(ch), 0x2011);
	KUNIT_EXPECT_EQ(test, ch->monitor_id, ENL_MONITOR_NONE);
	user = enl_channel_user_data(ch, &bytes);
	KUNIT_EXPECT_EQ(test, bytes, (size_t)120);
	KUNIT_EXPECT_MEMEQ(test, user, enl_v10 + 0x3c, 120);
	/* V9: a sub-channel without its primary is given back at once, with V12 */
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(w->bus->relid[0x1f]));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&w->bus->faults[ENL_FAULT_OFFER_ORPHAN]), 1l);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(w->fh, ENL_MSG_RELID_RELEASED, 1, 3000));
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_RELID_RELEASED, 0, &r));
	LOAD(12);
	expect_message(test, &r, sizeof(enl_v12));
	/* V11: that channel is gone already */
	fakehost_inject(w->fh, enl_v11, sizeof(enl_v11));
	packet_world_offers(w);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&w->bus->faults[ENL_FAULT_RESCIND_UNKNOWN]), 1l);
	enl_bus_stop(w->bus);
	w->bus = NULL;
	/* numbers that the model has not given */
	fakehost_forgive(w->fh, VSP_V_RELID);
}

/* V25, V26 */
static void socket_requests(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	struct vsp_record r;

	KUNIT_EXPECT_EQ(test, enl_bus_connect_socket(w->bus, (const void *)(enl_v25 + 8),
						     (const void *)(enl_v25 + 24)), 0);
	KUNIT_ASSERT_TRUE(test, record(w, ENL_MSG_TL_CONNECT, 0, &r));
	LOAD(25);
	expect_message(test, &r, sizeof(enl_v25));
	fakehost_inject(w->fh, enl_v26, sizeof(enl_v26));
	packet_world_rest(w);
}

/* @bytes of the guest's ring from @at on, as the host sees them. */
static void expect_ring(struct kunit *test, struct packet_world *w, u32 at, const u8 *vector,
			u32 bytes)
{
	u32 i;

	for (i = 0; i < bytes; i += 4) {
		__le32 word = cpu_to_le32(FAKEHOST_PEEK(w->fh, vsp_peek(w->fh->host, w->relid,
									false, 4096 + at + i)));

		memcpy(want + i, &word, sizeof(word));
	}
	KUNIT_EXPECT_MEMEQ(test, want, vector, bytes);
}

/* V29, V31, V32 by the functions that drivers call; the pages do not exist, the host says so */
static void packets_of_drivers(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	struct enl_gpa_list one = { enl_v31 + 24, 32, 1 }, two = { enl_v32 + 24, 32, 2 };
	static const u8 filler[0x1f0 - 0x98 - 24];

	w->echo->quiet = true;
	w->setup.send_bytes = 0xf000;
	packet_world_open(w);
	fakehost_set_manual(w->fh, true);
	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &one, enl_v31 + 56, 16, 0x12,
					   ENL_SEND_WANT_COMPLETION), 0);
	KUNIT_EXPECT_EQ(test, enl_send_gpa(w->ch, &two, enl_v32 + 56, 8, 0x13,
					   ENL_SEND_WANT_COMPLETION), 0);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, filler, sizeof(filler), 0, 0), 0);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, enl_v29 + 16, 20, 0x11,
				       ENL_SEND_WANT_COMPLETION), 0);
	expect_ring(test, w, 0, enl_v31, sizeof(enl_v31));
	expect_ring(test, w, 0x50, enl_v32, sizeof(enl_v32));
	expect_ring(test, w, 0x1f0, enl_v29, sizeof(enl_v29));
	packet_world_rest(w);
	fakehost_forgive(w->fh, VSP_V_RANGE);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(contact_of_a_new_host),
	KUNIT_CASE(contact_of_an_old_host),
	KUNIT_CASE(open_close_and_release),
	KUNIT_CASE(change_of_processor),
	KUNIT_CASE(gpadl_of_nine_pages),
	KUNIT_CASE(gpadl_of_300_pages),
	KUNIT_CASE(gpadls_are_split_as_computed),
	KUNIT_CASE(rings_take_exactly_the_pages_that_they_need),
	KUNIT_CASE(offers_are_understood),
	KUNIT_CASE(socket_requests),
	KUNIT_CASE(packets_of_drivers),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_wire_bus",
	.init = packet_world_init,
	.exit = packet_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
