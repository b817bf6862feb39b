// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host that breaks rings: each framing fault stops its channel, that one alone, and is counted;
 * closing and opening makes it good. Observers of rings that are not there. Monitor ids.
 * VMBus specification, chapter 8.7; hardening items 16, 29 to 33.
 * Calls the drivers' API against the fake host.
 */
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include "kunit/packet_world.h"
#include "wire/classes.h"

static struct packet_world *ready(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);

	w->echo->quiet = true;
	packet_world_open(w);
	packet_world_dirty(w);
	return w;
}

/* Interrupt the channel whatever the ring says, and wait until it was looked at. */
static void look(struct packet_world *w)
{
	fakehost_event(w->fh, enl_channel_cpu(w->ch), w->relid);
	packet_world_rest(w);
}

/* The channel is stopped by @fault, once, whatever comes after; a new open starts afresh. */
static void expect_stopped(struct kunit *test, struct packet_world *w, enum enl_fault fault)
{
	struct enl_packet packet;
	u64 packets = w->packets;
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, w->ch->stopped);
	for (i = 0; i < ENL_FAULT_LIMIT; i++)
		KUNIT_EXPECT_EQ_MSG(test, packet_world_fault(w, i), i == fault ? 1l : 0l,
				    "fault %u", i);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, "x", 1, 0, 0), -EPROTO);
	KUNIT_EXPECT_EQ(test, enl_send_completion(w->ch, NULL, 0, 1), -EPROTO);
	KUNIT_EXPECT_EQ(test, enl_recv(w->ch, &packet), -EPROTO);
	KUNIT_EXPECT_TRUE(test, enl_send_room(w->ch, 64));
	look(w);
	KUNIT_EXPECT_EQ(test, w->packets, packets);
	KUNIT_EXPECT_EQ(test, packet_world_fault(w, fault), 1l);

	enl_channel_close(w->ch);
	packet_world_open(w);
	KUNIT_EXPECT_FALSE(test, w->ch->stopped);
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, "x", 1, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, "12345678", 8, 0), VSP_SENT);
	KUNIT_EXPECT_EQ(test, w->packets, packets + 1);
}

/* vmbus.md 12.31 */
static void write_index_outside_the_ring_stops_the_channel(struct kunit *test)
{
	struct packet_world *w = ready(test);

	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, true, 0, 16384));
	look(w);
	expect_stopped(test, w, ENL_FAULT_RING_WRITE_INDEX);
}

/* vmbus.md 12.31 */
static void read_index_outside_the_ring_stops_the_channel(struct kunit *test)
{
	struct packet_world *w = ready(test);

	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, false, 4, 0x80000000));
	KUNIT_EXPECT_EQ(test, enl_send(w->ch, "x", 1, 0, 0), -EPROTO);
	expect_stopped(test, w, ENL_FAULT_RING_READ_INDEX);
}

/* vmbus.md 12.31, 12.32 */
static void less_than_a_packet_stops_the_channel(struct kunit *test)
{
	struct packet_world *w = ready(test);

	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, true, 0, 16));
	look(w);
	expect_stopped(test, w, ENL_FAULT_PACKET_CUT);
}

/* One packet whose descriptor word (offset, length) becomes @value on its way. */
static void send_spoilt(struct packet_world *w, u32 at, u16 value)
{
	struct vsp_fault spoil = {
		.point = VSP_AT_PACKET, .action = VSP_OVERWRITE, .key = w->relid, .a = at,
		.b = value, .width = 2,
	};

	fakehost_fault(w->fh, &spoil);
	packet_world_host_inband(w, "12345678", 8, 0);
}

/* P-036; vmbus.md 12.32 */
static void payload_before_the_descriptor_ends_stops_the_channel(struct kunit *test)
{
	struct packet_world *w = ready(test);

	send_spoilt(w, 2, 1);
	expect_stopped(test, w, ENL_FAULT_PACKET_OFFSET);
}

/* P-027; vmbus.md 12.32 */
static void length_beyond_the_ring_stops_the_channel(struct kunit *test)
{
	struct packet_world *w = ready(test);

	send_spoilt(w, 4, 0xffff);
	expect_stopped(test, w, ENL_FAULT_PACKET_LENGTH);
}

/* P-028; vmbus.md 12.33: one packet of the longest kind, then one of 8 bytes more */
static void packet_longer_than_the_driver_takes_stops_the_channel(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	static const u8 data[72];

	w->echo->quiet = true;
	w->setup.max_packet = 80;
	packet_world_open(w);
	packet_world_dirty(w);
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, data, 64, 0), VSP_SENT);
	KUNIT_EXPECT_EQ(test, w->packets, 1ull);
	KUNIT_EXPECT_EQ(test, packet_world_host_inband(w, data, 72, 0), VSP_SENT);
	expect_stopped(test, w, ENL_FAULT_PACKET_TOO_LONG);
}

/* The neighbour, and the connection, go on */
static void stopped_channel_stops_no_other(struct kunit *test)
{
	struct packet_world *w = ready(test);
	const struct enl_guid class = ENL_CLASS_MOUSE;
	u32 other;

	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, true, 0, 4));
	look(w);
	KUNIT_EXPECT_TRUE(test, w->ch->stopped);
	other = fakehost_offer(w->fh, &class, 2, NULL, NULL);
	packet_world_offers(w);
	KUNIT_EXPECT_NOT_NULL(test, rcu_access_pointer(w->bus->relid[other]));
	fakehost_rescind(w->fh, other);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(w->fh, ENL_MSG_RELID_RELEASED, 1, 3000));
	expect_stopped(test, w, ENL_FAULT_RING_WRITE_INDEX);
}

/* --- observers (P-038) */

/* What a file below channels/<relid> says: bytes, or a negative errno. */
static ssize_t show(struct packet_world *w, const char *name, char *buf, size_t room)
{
	struct kobject *kobj = w->ch ? READ_ONCE(w->ch->kobj) : NULL;
	char *dir = kobj ? kobject_get_path(kobj, GFP_KERNEL) : NULL;
	char *path = dir ? kasprintf(GFP_KERNEL, "/sys%s/%s", dir, name) : NULL;
	ssize_t n = -ENOMEM;
	struct file *file;
	loff_t at = 0;

	if (path) {
		file = filp_open(path, O_RDONLY, 0);
		n = PTR_ERR_OR_ZERO(file);
		if (!IS_ERR(file)) {
			n = kernel_read(file, buf, room - 1, &at);
			filp_close(file, NULL);
		}
	}
	buf[n > 0 ? n : 0] = 0;
	kfree(path);
	kfree(dir);
	return n;
}

static const char * const ring_files[] = { "read_avail", "write_avail", "in_mask", "out_mask" };

static void ring_files_of_a_closed_channel_say_einval(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	char buf[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ring_files); i++)
		KUNIT_EXPECT_EQ(test, show(w, ring_files[i], buf, sizeof(buf)), (ssize_t)-EINVAL);
	KUNIT_EXPECT_GT(test, show(w, "interrupts", buf, sizeof(buf)), (ssize_t)0);
	w->echo->quiet = true;
	packet_world_open(w);
	KUNIT_EXPECT_GT(test, show(w, "write_avail", buf, sizeof(buf)), (ssize_t)0);
	KUNIT_EXPECT_STREQ(test, buf, "16384\n");
	KUNIT_EXPECT_GT(test, show(w, "read_avail", buf, sizeof(buf)), (ssize_t)0);
	KUNIT_EXPECT_STREQ(test, buf, "0\n");
	/* whatever the host has put there: a number, and no further than the ring */
	packet_world_dirty(w);
	FAKEHOST_RUN(w->fh, vsp_scribble(w->fh->host, w->relid, false, 4, 0xfffffff0));
	KUNIT_EXPECT_GT(test, show(w, "write_avail", buf, sizeof(buf)), (ssize_t)0);
	enl_channel_close(w->ch);
	for (i = 0; i < ARRAY_SIZE(ring_files); i++)
		KUNIT_EXPECT_EQ(test, show(w, ring_files[i], buf, sizeof(buf)), (ssize_t)-EINVAL);
}

static bool reading;

static int read_all_the_time(void *context)
{
	struct packet_world *w = context;
	char buf[32];
	int bad = 0;

	while (READ_ONCE(reading)) {
		unsigned int i;

		for (i = 0; i < ARRAY_SIZE(ring_files); i++) {
			ssize_t n = show(w, ring_files[i], buf, sizeof(buf));

			bad += n <= 0 && n != -EINVAL && n != -ENODEV && n != -ENOENT;
		}
		cond_resched();
	}
	return bad;
}

static void files_are_read_while_channels_open_and_close(struct kunit *test)
{
	struct packet_world *w = packet_world_start(test, NULL, false);
	unsigned int i;
	int bad = -1;

	reading = true;
	KUNIT_ASSERT_EQ(test, fakehost_call(w->fh, read_all_the_time, w), 0);
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, enl_channel_open(w->ch, &w->setup), 0);
		usleep_range(500, 1500);
		enl_channel_close(w->ch);
	}
	reading = false;
	KUNIT_ASSERT_TRUE(test, fakehost_called(w->fh, 5000, &bad));
	KUNIT_EXPECT_EQ(test, bad, 0);
}

/* P-040; vmbus.md 12.16, OFFER_MONITOR: the flag decides, and no id leads outside the page */
static void monitor_id_is_believed_only_with_its_flag_and_in_range(struct kunit *test)
{
	static const struct {
		u8 id, flag;
		bool used;
	} rows[] = {
		{ 0, 1, true }, { 127, 1, true }, { 128, 1, false }, { 255, 1, false },
		{ 0, 0, false }, { 127, 0, false }, { 128, 0, false }, { 255, 0, false },
	};
	struct packet_world *w = packet_world_start(test, NULL, false);
	const struct enl_guid class = ENL_CLASS_MOUSE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vsp_fault spoil = {
			.point = VSP_AT_MESSAGE, .action = VSP_OVERWRITE, .key = ENL_MSG_OFFER,
			.a = offsetof(struct enl_msg_offer, monitor_id), .width = 2,
			.b = rows[i].id | rows[i].flag << 8,
		};
		struct enl_channel *ch;
		u32 relid;

		fakehost_fault(w->fh, &spoil);
		relid = fakehost_offer(w->fh, &class, 10 + i, NULL, NULL);
		packet_world_offers(w);
		ch = rcu_access_pointer(w->bus->relid[relid]);
		KUNIT_ASSERT_NOT_NULL(test, ch);
		KUNIT_EXPECT_EQ_MSG(test, ch->monitor_id, rows[i].used ? rows[i].id :
				    ENL_MONITOR_NONE, "id %u flag %u", rows[i].id, rows[i].flag);
	}
	KUNIT_EXPECT_EQ(test, atomic_long_read(&w->bus->faults[ENL_FAULT_OFFER_MONITOR]), 2l);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(write_index_outside_the_ring_stops_the_channel),
	KUNIT_CASE(read_index_outside_the_ring_stops_the_channel),
	KUNIT_CASE(less_than_a_packet_stops_the_channel),
	KUNIT_CASE(payload_before_the_descriptor_ends_stops_the_channel),
	KUNIT_CASE(length_beyond_the_ring_stops_the_channel),
	KUNIT_CASE(packet_longer_than_the_driver_takes_stops_the_channel),
	KUNIT_CASE(stopped_channel_stops_no_other),
	KUNIT_CASE(ring_files_of_a_closed_channel_say_einval),
	KUNIT_CASE(files_are_read_while_channels_open_and_close),
	KUNIT_CASE(monitor_id_is_believed_only_with_its_flag_and_in_range),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_packet_fault",
	.init = packet_world_init,
	.exit = packet_world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
