// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that come, limits, the map of queues, sense data, lists of LUNs (specification, 7 to 12,
 * 21). Calls the pure half of storvsc/; compiles as a program too. Everything that a host can say
 * is given in memory of exactly its size.
 */
#include <kunit/test.h>
#include "storvsc/model.h"

static enum storvsc_fault check(u32 max_transfer, u32 flags, u16 subs, u16 version,
				enum storvsc_class class, struct storvsc_properties *out)
{
	const struct enl_stor_properties wire = {
		.max_sub_channels = cpu_to_le16(subs), .flags = cpu_to_le32(flags),
		.max_transfer_bytes = cpu_to_le32(max_transfer),
	};

	return storvsc_properties_check(&wire, version, class, out);
}

/* 21.10, P-138, 19.3 (10) */
static void maximum_transfer_is_rounded_and_bounded(struct kunit *test)
{
	static const struct {
		u32 said, scsi, fc;
	} row[] = {
		{ 4096, 4096, 4096 }, { 4097, 4096, 4096 }, { 8191, 4096, 4096 },
		{ 262144, 262144, 262144 }, { 2 << 20, 2 << 20, 512 << 10 },
		{ 8 << 20, 8 << 20, 512 << 10 }, { 0xffffffff, 8 << 20, 512 << 10 },
	};
	struct storvsc_properties p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		KUNIT_EXPECT_EQ(test, check(row[i].said, 0, 0, 0x602, STORVSC_SCSI, &p),
				STORVSC_FAULT_NONE);
		KUNIT_EXPECT_EQ(test, p.max_transfer, row[i].scsi);
		KUNIT_EXPECT_EQ(test, check(row[i].said, 0, 0, 0x602, STORVSC_FC, &p),
				STORVSC_FAULT_NONE);
		KUNIT_EXPECT_EQ(test, p.max_transfer, row[i].fc);
	}
	for (i = 0; i < 4096; i += 455)
		KUNIT_EXPECT_EQ(test, check(i, 0, 0, 0x602, STORVSC_SCSI, &p),
				STORVSC_FAULT_PROPERTIES);
}

/* 4.2, 21.11: garbage before 5.1; never for IDE */
static void sub_channels_need_version_and_flag(struct kunit *test)
{
	struct storvsc_properties p;

	check(1 << 20, 1, 64, 0x0501, STORVSC_SCSI, &p);
	KUNIT_EXPECT_EQ(test, p.max_sub_channels, (u16)64);
	check(1 << 20, 0xfffffffe, 64, 0x0602, STORVSC_SCSI, &p);
	KUNIT_EXPECT_EQ(test, p.max_sub_channels, (u16)0);
	check(1 << 20, 0xffffffff, 64, 0x0402, STORVSC_SCSI, &p);
	KUNIT_EXPECT_EQ(test, p.max_sub_channels, (u16)0);
	check(1 << 20, 1, 64, 0x0602, STORVSC_IDE, &p);
	KUNIT_EXPECT_EQ(test, p.max_sub_channels, (u16)0);
}

/* P-154 */
static void sub_channels_wanted_are_one_less_than_channels(struct kunit *test)
{
	unsigned int cpus, limit, offered, bad = 0;

	for (cpus = 0; cpus <= 300; cpus++) {
		for (limit = 0; limit <= 300; limit += 3) {
			for (offered = 0; offered <= 65535; offered = offered * 3 + 1) {
				u16 n = storvsc_sub_channels_wanted(offered, cpus, limit);

				bad += n > offered || (cpus && n > cpus - 1) || n > 255;
				bad += !cpus && n;
				bad += limit && n > limit - 1;
				bad += !limit && cpus && cpus <= 256 && offered >= cpus &&
				       n != cpus - 1;
			}
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0u);
}

/* P-153, 12.1: what a ring holds; bounded in all */
static void depth_follows_the_ring_and_is_bounded(struct kunit *test)
{
	unsigned int queues;

	KUNIT_EXPECT_EQ(test, storvsc_ring_bytes(0, 256 << 10), 124u << 10);
	KUNIT_EXPECT_EQ(test, storvsc_ring_bytes(0, 1 << 20), 252u << 10);
	KUNIT_EXPECT_EQ(test, storvsc_ring_bytes(64, 8 << 20), 60u << 10);
	KUNIT_EXPECT_EQ(test, storvsc_ring_bytes(17, 0), 12u << 10);
	for (queues = 1; queues <= 256; queues++) {
		u32 depth = storvsc_queue_depth(queues, 124 << 10);

		KUNIT_EXPECT_LE(test, depth * 368, 124u << 10);
		KUNIT_EXPECT_GE(test, depth, 64u);
		KUNIT_EXPECT_TRUE(test, queues > 64 || depth * queues <= 4096);
	}
	KUNIT_EXPECT_EQ(test, storvsc_queue_depth(1, 4092 << 10), 512u);
	KUNIT_EXPECT_EQ(test, storvsc_queue_depth(1, 4096), 16u);
}

/* V18, 21.23 */
static void ide_instance_says_which_disk(struct kunit *test)
{
	static const u8 v18[16] = { 1, 0, 0, 0, 0, 0, 0x99, 0x88 };
	unsigned int bus = 9, drive = 9, i;
	u8 bad[16];

	KUNIT_EXPECT_TRUE(test, storvsc_ide_instance(v18, &bus, &drive));
	KUNIT_EXPECT_EQ(test, bus, 1u);
	KUNIT_EXPECT_EQ(test, drive, 0u);
	for (i = 0; i < 16; i++) {
		memcpy(bad, v18, sizeof(bad));
		bad[i] ^= 0x82;
		KUNIT_EXPECT_FALSE(test, storvsc_ide_instance(bad, &bus, &drive));
	}
	memcpy(bad, v18, sizeof(bad));
	bad[4] = 1;
	KUNIT_EXPECT_TRUE(test, storvsc_ide_instance(bad, &bus, &drive));
	KUNIT_EXPECT_EQ(test, drive, 1u);
}

/* 7.3, P-152, P-160: own queue; else of the node, in turn; else any, in turn */
static void cpus_go_to_the_nearest_queue_evenly(struct kunit *test)
{
	static const int node[8] = { 0, 0, 0, 0, 1, 1, 1, 1 };
	static const unsigned int two[2] = { 1, 2 }, all[8] = { 7, 6, 5, 4, 3, 2, 1, 0 };
	static const unsigned int apart[2] = { 0, 5 }, one[1] = { 3 }, gone[2] = { 99, 98 };
	unsigned int out[8], i, count[2] = { };
	struct storvsc_map map = { .cpus = 8, .node = node, .out = out };

	map.queues = 8;
	map.queue_cpu = all;
	storvsc_map_build(&map);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, out[i], 7 - i);
	map.queues = 2;
	map.queue_cpu = apart;
	storvsc_map_build(&map);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, out[i], i / 4);
	/* node 1 has none: its four CPUs share both */
	map.queue_cpu = two;
	storvsc_map_build(&map);
	KUNIT_EXPECT_EQ(test, out[1], 0u);
	KUNIT_EXPECT_EQ(test, out[2], 1u);
	for (i = 0; i < 8; i++)
		count[out[i]]++;
	KUNIT_EXPECT_EQ(test, count[0], 4u);
	KUNIT_EXPECT_EQ(test, count[1], 4u);
	/* interrupts go to a CPU that is not there */
	map.queue_cpu = gone;
	storvsc_map_build(&map);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, out[i], i & 1);
	map.queues = 1;
	map.queue_cpu = one;
	storvsc_map_build(&map);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, out[i], 0u);
}

/* P-146: never beyond what came */
static void sense_is_read_within_its_length(struct kunit *test)
{
	static const u8 first[] = { 0x70, 0x71, 0x72, 0x73, 0xf0, 0x00, 0x7f, 0x6f };
	struct storvsc_sense s;
	unsigned int i, bytes, valid = 0;

	for (i = 0; i < ARRAY_SIZE(first); i++) {
		for (bytes = 0; bytes <= 20; bytes++) {
			u8 *data = kunit_kzalloc(test, bytes ? bytes : 1, GFP_KERNEL);

			KUNIT_ASSERT_NOT_NULL(test, data);
			memset(data, 0xff, bytes);
			if (bytes)
				data[0] = first[i];
			valid += storvsc_sense_parse(data, bytes, &s);
		}
	}
	/* five response codes, from three bytes on */
	KUNIT_EXPECT_EQ(test, valid, 5u * 18);
}

/* 10.4 */
static void sense_of_both_formats_is_understood(struct kunit *test)
{
	static const u8 fixed[18] = { 0x70, 0, 7, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x27, 0x07 };
	static const u8 descriptor[8] = { 0x72, 0x05, 0x26, 0x01 };
	static const u8 brief[18] = { 0x70, 0, 7, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0x27, 0x07 };
	struct storvsc_sense s;
	u8 made[STORVSC_SENSE_BYTES];

	KUNIT_ASSERT_TRUE(test, storvsc_sense_parse(fixed, 18, &s));
	KUNIT_EXPECT_TRUE(test, s.key == 7 && s.asc == 0x27 && s.ascq == 7);
	KUNIT_ASSERT_TRUE(test, storvsc_sense_parse(descriptor, 8, &s));
	KUNIT_EXPECT_TRUE(test, s.key == 5 && s.asc == 0x26 && s.ascq == 1);
	/* its own length says that there is no more */
	KUNIT_ASSERT_TRUE(test, storvsc_sense_parse(brief, 18, &s));
	KUNIT_EXPECT_TRUE(test, s.key == 7 && s.asc == 0 && s.ascq == 0);
	memset(made, 0xaa, sizeof(made));
	storvsc_sense_put(made, (struct storvsc_sense){ 5, 0x24, 3 });
	KUNIT_ASSERT_TRUE(test, storvsc_sense_parse(made, sizeof(made), &s));
	KUNIT_EXPECT_TRUE(test, s.key == 5 && s.asc == 0x24 && s.ascq == 3);
	KUNIT_EXPECT_EQ(test, made[7], (u8)10);
}

static void sense_asks_for_the_looks_of_the_table(struct kunit *test)
{
	static const struct {
		struct storvsc_sense sense;
		unsigned int events;
	} row[] = {
		{ { 6, 0x2a, 0x09 }, STORVSC_EVENT_RESCAN }, { { 6, 0x2a, 0x01 }, 0 },
		{ { 6, 0x3f, 0x01 }, STORVSC_EVENT_RESCAN },
		{ { 6, 0x3f, 0x02 }, STORVSC_EVENT_RESCAN },
		{ { 6, 0x3f, 0x03 }, 0 }, { { 6, 0x3f, 0x0e }, STORVSC_EVENT_BUS },
		{ { 6, 0x28, 0x00 }, 0 }, { { 6, 0x29, 0x00 }, 0 }, { { 2, 0x3a, 0x01 }, 0 },
		{ { 7, 0x27, 0x07 }, 0 }, { { 3, 0x11, 0x00 }, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++)
		KUNIT_EXPECT_EQ(test, storvsc_sense_events(row[i].sense), row[i].events);
	/* no medium and "not supported" are not worth a line; a medium error is */
	KUNIT_EXPECT_TRUE(test, storvsc_sense_is_quiet((struct storvsc_sense){ 2, 0x3a, 2 }));
	KUNIT_EXPECT_TRUE(test, storvsc_sense_is_quiet((struct storvsc_sense){ 5, 0x20, 0 }));
	KUNIT_EXPECT_FALSE(test, storvsc_sense_is_quiet((struct storvsc_sense){ 3, 0x11, 0 }));
}

static enum storvsc_fault luns(struct kunit *test, const u8 *data, u32 bytes,
			       struct storvsc_luns *out)
{
	u8 *exact = kunit_kzalloc(test, bytes ? bytes : 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, exact);
	memcpy(exact, data, bytes);
	return storvsc_luns_parse(exact, bytes, out);
}

/* D5 */
static void list_of_luns_is_D5(struct kunit *test)
{
	static const u8 d5[32] = { 0, 0, 0, 0x18, [17] = 1, [25] = 0x3f };
	struct storvsc_luns l;
	unsigned int lun, count = 0;

	KUNIT_EXPECT_EQ(test, luns(test, d5, sizeof(d5), &l), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, l.count, 3u);
	for (lun = 0; lun < 300; lun++)
		count += storvsc_luns_has(&l, lun);
	KUNIT_EXPECT_EQ(test, count, 3u);
	KUNIT_EXPECT_TRUE(test, storvsc_luns_has(&l, 0) && storvsc_luns_has(&l, 1) &&
			  storvsc_luns_has(&l, 63));
}

/* 21.25, 19.3 (19) */
static void list_of_luns_must_fit_its_length(struct kunit *test)
{
	u8 data[24] = { };
	struct storvsc_luns l;
	u32 bytes;

	for (bytes = 0; bytes < 8; bytes++)
		KUNIT_EXPECT_EQ(test, luns(test, data, bytes, &l), STORVSC_FAULT_REPORT_LUNS);
	KUNIT_EXPECT_EQ(test, luns(test, data, 8, &l), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, l.count, 0u);
	data[3] = 17;
	KUNIT_EXPECT_EQ(test, luns(test, data, 24, &l), STORVSC_FAULT_REPORT_LUNS);
	data[3] = 24;
	KUNIT_EXPECT_EQ(test, luns(test, data, 24, &l), STORVSC_FAULT_REPORT_LUNS);
	data[0] = 0xff;
	data[3] = 0xf8;
	KUNIT_EXPECT_EQ(test, luns(test, data, 24, &l), STORVSC_FAULT_REPORT_LUNS);
}

/* 12: twice, 255, other ways of addressing: left out, and the others stay */
static void impossible_luns_are_left_out(struct kunit *test)
{
	static const u8 entry[][8] = {
		{ 0, 5 }, { 0, 5 }, { 0, 255 }, { 0x40, 5 }, { 0, 6, 0, 1 }, { 1, 7 }, { 0, 254 },
	};
	u8 data[8 + sizeof(entry)] = { 0, 0, 0, sizeof(entry) };
	struct storvsc_luns l;

	memcpy(data + 8, entry, sizeof(entry));
	KUNIT_EXPECT_EQ(test, luns(test, data, sizeof(data), &l), STORVSC_FAULT_REPORT_LUNS);
	KUNIT_EXPECT_EQ(test, l.count, 2u);
	KUNIT_EXPECT_EQ(test, l.strange, 5u);
	KUNIT_EXPECT_TRUE(test, storvsc_luns_has(&l, 5) && storvsc_luns_has(&l, 254));
}

/* 21.26 */
static void inquiry_of_nothing_is_absent(struct kunit *test)
{
	static const u8 absent[] = { 0x7f, 0x60, 0x1f, 0x3f, 0x65 }, there[] = { 0x00, 0x05, 0x20 };
	unsigned int i;

	for (i = 0; i < sizeof(absent); i++)
		KUNIT_EXPECT_TRUE(test, storvsc_inquiry_absent(absent + i, 1));
	for (i = 0; i < sizeof(there); i++)
		KUNIT_EXPECT_FALSE(test, storvsc_inquiry_absent(there + i, 1));
	KUNIT_EXPECT_FALSE(test, storvsc_inquiry_absent(absent, 0));
}

/* A packet in memory of exactly its size. */
static enum storvsc_fault arrive(struct kunit *test, enum enl_packet_type type, u64 id,
				 u32 operation, u32 bytes, enum storvsc_class class,
				 struct storvsc_arrival *out)
{
	struct enl_stor_packet wire = { .operation = cpu_to_le32(operation) };
	u8 *exact = kunit_kzalloc(test, bytes ? bytes : 1, GFP_KERNEL);
	const struct storvsc_packet p = { .type = type, .id = id, .data = exact, .bytes = bytes };

	KUNIT_ASSERT_NOT_NULL(test, exact);
	memcpy(exact, &wire, bytes < sizeof(wire) ? bytes : sizeof(wire));
	return storvsc_parse(&p, 64, class, out);
}

/* 21.1 to 21.4: types, lengths, ids */
static void completion_is_well_formed_or_a_fault(struct kunit *test)
{
	struct storvsc_arrival a;
	u32 bytes;

	KUNIT_EXPECT_EQ(test, arrive(test, ENL_PACKET_TRANSFER_PAGES, 0x100000001ull, 1, 64,
				     STORVSC_SCSI, &a), STORVSC_FAULT_PACKET_TYPE);
	for (bytes = 0; bytes < 64; bytes++)
		KUNIT_EXPECT_EQ(test, arrive(test, ENL_PACKET_COMPLETION, 0x100000001ull, 1, bytes,
					     STORVSC_SCSI, &a), STORVSC_FAULT_LENGTH);
	KUNIT_EXPECT_EQ(test, arrive(test, ENL_PACKET_COMPLETION, 0x200000001ull, 1, 64,
				     STORVSC_SCSI, &a), STORVSC_FAULT_ID_RANGE);
	KUNIT_EXPECT_EQ(test, arrive(test, ENL_PACKET_COMPLETION, 0x70003002bull, 1, 4096,
				     STORVSC_SCSI, &a), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, (int)a.kind, (int)STORVSC_COMPLETION);
	KUNIT_EXPECT_TRUE(test, a.id.generation == 7 && a.id.queue == 3 && a.id.tag == 0x2a);
}

/* P-145, 21.6, 21.20: every operation, every length, each class */
static void notices_are_those_that_hosts_send(struct kunit *test)
{
	static const struct {
		u32 operation, least;
		enum storvsc_kind kind;
		bool fc;
	} row[] = {
		{ 2, 12, STORVSC_SCAN_NOTICE, false }, { 11, 12, STORVSC_SCAN_NOTICE, false },
		{ 12, 48, STORVSC_WWN_NOTICE, true }, { 14, 16, STORVSC_EVENT_NOTICE, false },
	};
	enum storvsc_fault fault, want;
	struct storvsc_arrival a;
	u32 operation, bytes, i, bad = 0;

	for (operation = 0; operation < 20; operation++) {
		for (bytes = 0; bytes <= 72; bytes++) {
			bool fc = (operation + bytes) & 1;

			for (i = 0; i < ARRAY_SIZE(row) && row[i].operation != operation; i++)
				;
			want = bytes < 12 ? STORVSC_FAULT_NOTICE_LENGTH :
			       i == ARRAY_SIZE(row) || (row[i].fc && !fc) ?
			       STORVSC_FAULT_NOTICE_OPERATION :
			       bytes < row[i].least ? STORVSC_FAULT_NOTICE_LENGTH :
						      STORVSC_FAULT_NONE;
			fault = arrive(test, ENL_PACKET_INBAND, bytes, operation, bytes,
				       fc ? STORVSC_FC : STORVSC_SCSI, &a);
			bad += fault != want || (!want && a.kind != row[i].kind);
			/* id 0, packed as a completion: a notice too, and never a request's end */
			fault = arrive(test, ENL_PACKET_COMPLETION, 0, operation, bytes,
				       fc ? STORVSC_FC : STORVSC_SCSI, &a);
			bad += fault != want;
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0u);
}

/* 21.22 */
static void notice_about_an_impossible_lun_is_a_fault(struct kunit *test)
{
	struct enl_stor_packet wire = { .operation = cpu_to_le32(ENL_STOR_EVENT_NOTIFICATION) };
	const struct storvsc_packet p = {
		.type = ENL_PACKET_INBAND, .data = &wire, .bytes = sizeof(wire),
	};
	struct storvsc_arrival a;

	wire.notification.lun = 254;
	KUNIT_EXPECT_EQ(test, storvsc_parse(&p, 64, STORVSC_SCSI, &a), STORVSC_FAULT_NONE);
	wire.notification.lun = 255;
	KUNIT_EXPECT_EQ(test, storvsc_parse(&p, 64, STORVSC_SCSI, &a), STORVSC_FAULT_NOTICE_LUN);
}

/* 10.1, 19.3 (6), (7): stale, foreign, never sent, or not complete-io */
static void completion_matches_one_request_or_none(struct kunit *test)
{
	const struct storvsc_arrival a = { .id = { .generation = 7 } };
	struct enl_stor_packet p = { .operation = cpu_to_le32(ENL_STOR_COMPLETE_IO) };
	u32 operation;

	KUNIT_EXPECT_EQ(test, storvsc_match(&a, 7, true, &p), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, storvsc_match(&a, 8, true, &p), STORVSC_FAULT_ID_DEAD);
	KUNIT_EXPECT_EQ(test, storvsc_match(&a, 9, true, &p), STORVSC_FAULT_ID_DEAD);
	KUNIT_EXPECT_EQ(test, storvsc_match(&a, 5, true, &p), STORVSC_FAULT_ID_DEAD);
	KUNIT_EXPECT_EQ(test, storvsc_match(&a, 7, false, &p), STORVSC_FAULT_ID_CHANNEL);
	for (operation = 0; operation < 20; operation++) {
		p.operation = cpu_to_le32(operation);
		KUNIT_EXPECT_EQ(test, storvsc_match(&a, 7, true, &p),
				operation == 1 ? STORVSC_FAULT_NONE : STORVSC_FAULT_OPERATION);
	}
}

/* 6 */
static void answer_is_whole_and_complete_io(struct kunit *test)
{
	struct enl_stor_packet p = { .operation = cpu_to_le32(ENL_STOR_COMPLETE_IO) };

	KUNIT_EXPECT_EQ(test, storvsc_answer_check(&p, 36, 24), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, storvsc_answer_check(&p, 35, 24), STORVSC_FAULT_ANSWER);
	KUNIT_EXPECT_EQ(test, storvsc_answer_check(&p, 0, 0), STORVSC_FAULT_ANSWER);
	p.version.version = cpu_to_le16(0x600);
	KUNIT_EXPECT_EQ(test, storvsc_version_check(&p, 0x600), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, storvsc_version_check(&p, 0x602), STORVSC_FAULT_VERSION_ECHO);
	p.operation = cpu_to_le32(ENL_STOR_QUERY_VERSION);
	KUNIT_EXPECT_EQ(test, storvsc_answer_check(&p, 64, 24), STORVSC_FAULT_ANSWER);
}

/* 7.1, 21.13: 0, beyond what was asked, twice; and too late, which is no fault */
static void sub_channel_takes_a_free_queue_once(struct kunit *test)
{
	u16 index[5] = { };
	unsigned int place;

	KUNIT_EXPECT_EQ(test, storvsc_place(index, 5, 4, 3, 3, &place), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, place, 1u);
	index[1] = 3;
	KUNIT_EXPECT_EQ(test, storvsc_place(index, 5, 4, 3, 1, &place), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, place, 2u);
	KUNIT_EXPECT_EQ(test, storvsc_place(index, 5, 4, 3, 3, &place), STORVSC_FAULT_SUB_CHANNEL);
	KUNIT_EXPECT_EQ(test, storvsc_place(index, 5, 4, 3, 0, &place), STORVSC_FAULT_SUB_CHANNEL);
	KUNIT_EXPECT_EQ(test, storvsc_place(index, 5, 4, 3, 4, &place), STORVSC_FAULT_SUB_CHANNEL);
	/* one of the two came late and may not make a third queue */
	KUNIT_EXPECT_EQ(test, storvsc_place(index, 5, 2, 3, 2, &place), STORVSC_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, place, 0u);
	/* twice, though the first stands behind a free queue */
	index[1] = 0;
	index[3] = 2;
	KUNIT_EXPECT_EQ(test, storvsc_place(index, 5, 4, 3, 2, &place), STORVSC_FAULT_SUB_CHANNEL);
	KUNIT_EXPECT_EQ(test, place, 0u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(maximum_transfer_is_rounded_and_bounded),
	KUNIT_CASE(sub_channels_need_version_and_flag),
	KUNIT_CASE(sub_channels_wanted_are_one_less_than_channels),
	KUNIT_CASE(depth_follows_the_ring_and_is_bounded),
	KUNIT_CASE(ide_instance_says_which_disk),
	KUNIT_CASE(cpus_go_to_the_nearest_queue_evenly),
	KUNIT_CASE(sense_is_read_within_its_length),
	KUNIT_CASE(sense_of_both_formats_is_understood),
	KUNIT_CASE(sense_asks_for_the_looks_of_the_table),
	KUNIT_CASE(list_of_luns_is_D5),
	KUNIT_CASE(list_of_luns_must_fit_its_length),
	KUNIT_CASE(impossible_luns_are_left_out),
	KUNIT_CASE(inquiry_of_nothing_is_absent),
	KUNIT_CASE(completion_is_well_formed_or_a_fault),
	KUNIT_CASE(notices_are_those_that_hosts_send),
	KUNIT_CASE(notice_about_an_impossible_lun_is_a_fault),
	KUNIT_CASE(completion_matches_one_request_or_none),
	KUNIT_CASE(answer_is_whole_and_complete_io),
	KUNIT_CASE(sub_channel_takes_a_free_queue_once),
	{ }
};

static struct kunit_suite suite = { .name = "storvsc_model", .test_cases = cases };
kunit_test_suite(suite);
