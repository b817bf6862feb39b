// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the mid-layer is told, for every pair of SRB and SCSI status (storvsc specification, 10).
 * Calls the pure half of storvsc/; compiles as a program too.
 * The expectations are the specification's table written down once more, by code.
 */
#include <kunit/test.h>
#include "storvsc/model.h"

static const u8 read_10[16] = { 0x28 }, write_10[16] = { 0x2a }, flush[16] = { 0x35 };
static const u8 unmap[16] = { 0x42 }, ready[16] = { 0x00 }, inquiry[16] = { 0x12 };
static const u8 vpd[16] = { 0x12, 1, 0x80 }, mode_6[16] = { 0x1a }, mode_10[16] = { 0x5a };
static const u8 ata_12[16] = { 0xa1 }, ata_16[16] = { 0x85 }, maintenance[16] = { 0xa3 };
static const u8 reserve_in[16] = { 0x5e }, write_same[16] = { 0x93 };

static struct storvsc_verdict judge(const struct storvsc_outcome *o)
{
	struct storvsc_verdict v;

	memset(&v, 0xa5, sizeof(v));
	storvsc_judge(o, &v);
	return v;
}

static bool is_success(const struct storvsc_verdict *v)
{
	return v->host == STORVSC_DID_OK && (v->status == 0 || v->status == 4);
}

/* 10.3, without sense data and without a status that speaks for itself; a READ, disk, no scan */
static enum storvsc_host_byte expected_host(u8 code)
{
	switch (code) {
	case 0x02: case 0x09: case 0x0a: case 0x0b: case 0x16: case 0x23: case 0x24: case 0x25:
		return STORVSC_DID_SOFT_ERROR;
	case 0x05: case 0x22:
		return STORVSC_DID_OK;
	case 0x07: case 0x08: case 0x11: case 0x20: case 0x21:
		return STORVSC_DID_NO_CONNECT;
	case 0x0e:
		return STORVSC_DID_RESET;
	case 0x0f:
		return STORVSC_DID_PARITY;
	default:
		return STORVSC_DID_ERROR;
	}
}

static u8 expected_status(u8 code)
{
	return code == 0x05 ? 0x08 : code == 0x22 ? 0x02 : 0x00;
}

static bool speaks(u8 status)
{
	return status == 0x08 || status == 0x18 || status == 0x28 || status == 0x40;
}

/* P-128, P-129: all 65536 pairs, with a count that would make a good read of it */
static void every_pair_of_statuses_without_sense_is_as_the_table_says(struct kunit *test)
{
	struct storvsc_outcome o = {
		.cdb = read_10, .asked = 4096, .transferred = 4096, .block_bytes = 512,
	};
	unsigned int srb, scsi, bad = 0, good = 0, handed = 0;

	for (srb = 0; srb < 256; srb++) {
		for (scsi = 0; scsi < 256; scsi++) {
			u8 code = srb & 0x3f;
			struct storvsc_verdict v;

			o.srb_status = srb;
			o.scsi_status = scsi;
			v = judge(&o);
			if (speaks(scsi)) {
				bad += v.host != STORVSC_DID_OK || v.status != scsi;
				handed++;
			} else if ((code == 1 && (scsi == 0 || scsi == 4)) ||
				   (code == 0x12 && scsi == 0)) {
				bad += !is_success(&v) || v.residual;
				good++;
			} else {
				bad += v.host != expected_host(code) ||
				       v.status != expected_status(code) || is_success(&v) ||
				       v.residual != 4096;
			}
			bad += v.source == STORVSC_SENSE_HOST;
			/* senseless check condition with host byte OK would stop the whole host */
			bad += v.host == STORVSC_DID_OK && v.status == 0x02 &&
			       v.source == STORVSC_SENSE_NONE;
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0u);
	KUNIT_EXPECT_EQ(test, good, 4u * 2 + 4u);
	KUNIT_EXPECT_EQ(test, handed, 256u * 4);
}

/* P-129: the same for each command that has a rule of its own: no success but the two */
static void nothing_unlisted_ends_as_success(struct kunit *test)
{
	static const u8 * const cdbs[] = {
		read_10, write_10, flush, unmap, ready, inquiry, vpd, mode_6, mode_10, ata_12,
		ata_16, maintenance, reserve_in, write_same,
	};
	static const u32 counts[] = { 0, 1, 512, 4096, 4097, 0xffffffff };
	static const u8 key_5[20] = { 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24 };
	unsigned int c, srb, scsi, n, with, bad = 0, seen = 0;

	for (c = 0; c < ARRAY_SIZE(cdbs); c++) {
		for (srb = 0; srb < 256; srb++) {
			for (scsi = 0; scsi < 256; scsi++) {
				n = (srb + scsi) % ARRAY_SIZE(counts);
				for (with = 0; with < 2; with++) {
					const struct storvsc_outcome o = {
						.srb_status = srb, .scsi_status = scsi,
						.transferred = counts[n], .asked = 4096,
						.write = cdbs[c] == write_10 || cdbs[c] == unmap,
						.cdb = cdbs[c], .sense = key_5,
						.sense_bytes = with ? 20 : 0,
					};
					struct storvsc_verdict v = judge(&o);
					u8 code = srb & 0x3f;

					bad += is_success(&v) &&
					       !(code == 1 && (scsi == 0 || scsi == 4)) &&
					       !(code == 0x12 && scsi == 0);
					bad += v.residual > 4096;
					seen++;
				}
			}
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0u);
	KUNIT_EXPECT_EQ(test, seen, 14u * 65536 * 2);
}

/* V16: rejected before it was executed, whatever else it says */
static void rejected_request_is_an_error(struct kunit *test)
{
	struct storvsc_outcome o = {
		.nt_status = ENL_NT_UNSUCCESSFUL, .transferred = 2 << 20, .asked = 2 << 20,
		.cdb = write_10, .write = true,
	};
	struct storvsc_verdict v = judge(&o);

	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_ERROR);
	o.scsi_status = 0x08;
	v = judge(&o);
	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_ERROR);
	KUNIT_EXPECT_EQ(test, v.residual, 2u << 20);
}

/* V7 */
static void good_completion_is_good(struct kunit *test)
{
	const struct storvsc_outcome o = {
		.srb_status = 1, .transferred = 0x2000, .asked = 0x2000, .cdb = read_10,
	};
	struct storvsc_verdict v = judge(&o);

	KUNIT_EXPECT_TRUE(test, is_success(&v));
	KUNIT_EXPECT_EQ(test, v.residual, 0u);
	KUNIT_EXPECT_EQ(test, v.events, 0u);
	KUNIT_EXPECT_FALSE(test, v.log);
}

/* V8, P-130, P-131: passed up, and the capacity is read again */
static void capacity_change_is_passed_up_and_rescanned(struct kunit *test)
{
	static const u8 sense[20] = { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x2a, 0x09 };
	const struct storvsc_outcome o = {
		.srb_status = 0x84, .scsi_status = 2, .nt_status = ENL_NT_IO_DEVICE_ERROR,
		.asked = 0x2000, .cdb = read_10, .sense = sense, .sense_bytes = 20,
	};
	struct storvsc_verdict v = judge(&o);

	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_OK);
	KUNIT_EXPECT_EQ(test, v.status, (u8)2);
	KUNIT_EXPECT_EQ(test, (int)v.source, (int)STORVSC_SENSE_HOST);
	KUNIT_EXPECT_EQ(test, v.events, STORVSC_EVENT_RESCAN);
	KUNIT_EXPECT_EQ(test, v.residual, 0x2000u);
}

/* V9, P-125: gone, and verified, once a disk is more than a candidate */
static void lun_that_is_gone_is_verified(struct kunit *test)
{
	static const u8 codes[] = { 0x08, 0x20, 0x21 };
	struct storvsc_outcome o = {
		.nt_status = ENL_NT_UNSUCCESSFUL, .asked = 512, .cdb = read_10,
	};
	struct storvsc_verdict v;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		o.srb_status = codes[i];
		v = judge(&o);
		KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_NO_CONNECT);
		KUNIT_EXPECT_EQ(test, v.events, STORVSC_EVENT_VERIFY);
	}
	o.srb_status = 0x0a;
	v = judge(&o);
	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_SOFT_ERROR);
	KUNIT_EXPECT_EQ(test, v.events, STORVSC_EVENT_VERIFY);
	o.scanning = true;
	v = judge(&o);
	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_NO_CONNECT);
	KUNIT_EXPECT_EQ(test, v.events, 0u);
}

/* P-126 */
static void link_down_is_the_transport_of_fibre_channel_only(struct kunit *test)
{
	struct storvsc_outcome o = { .srb_status = 0x25, .asked = 512, .cdb = read_10 };

	o.class = STORVSC_FC;
	KUNIT_EXPECT_EQ(test, (int)judge(&o).host, (int)STORVSC_DID_TRANSPORT_DISRUPTED);
	o.class = STORVSC_SCSI;
	KUNIT_EXPECT_EQ(test, (int)judge(&o).host, (int)STORVSC_DID_SOFT_ERROR);
}

/* V17 and 10.3: overrun is an underrun where somebody looks at the count */
static void underrun_ends_short_or_not_at_all(struct kunit *test)
{
	struct storvsc_outcome o = {
		.srb_status = 0x12, .nt_status = ENL_NT_BUFFER_OVERFLOW, .transferred = 0x24,
		.asked = 96, .cdb = inquiry,
	};
	struct storvsc_verdict v = judge(&o);

	KUNIT_EXPECT_TRUE(test, is_success(&v));
	KUNIT_EXPECT_EQ(test, v.residual, 60u);
	/* P-128: with the other bits set too */
	o.srb_status = 0xd2;
	v = judge(&o);
	KUNIT_EXPECT_EQ(test, v.residual, 60u);
	o.transferred = 97;
	v = judge(&o);
	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_ERROR);
	/* a flush has no count, and of an UNMAP nobody looks at it: not done is not done */
	o.cdb = flush;
	o.asked = 0;
	o.transferred = 0;
	KUNIT_EXPECT_EQ(test, (int)judge(&o).host, (int)STORVSC_DID_ERROR);
	o.cdb = unmap;
	o.asked = 24;
	o.write = true;
	KUNIT_EXPECT_EQ(test, (int)judge(&o).host, (int)STORVSC_DID_ERROR);
}

/* 10.5, P-127: every count that a host may name for a read */
static void residual_is_bounded_and_true(struct kunit *test)
{
	struct storvsc_outcome o = {
		.srb_status = 1, .asked = 8192, .cdb = read_10, .block_bytes = 512,
	};
	struct storvsc_verdict v;
	u32 count, bad = 0;

	for (count = 512; count <= 8192; count++) {
		o.transferred = count;
		v = judge(&o);
		bad += !is_success(&v) || v.residual != 8192 - count;
	}
	o.transferred = 8193;
	v = judge(&o);
	bad += !is_success(&v) || v.residual;
	o.transferred = 0xffffffff;
	v = judge(&o);
	bad += !is_success(&v) || v.residual;
	KUNIT_EXPECT_EQ(test, bad, 0u);
}

/* Success without progress would be sent again at once, for ever */
static void success_without_a_block_is_an_error(struct kunit *test)
{
	static const u32 blocks[] = { 512, 4096 };
	struct storvsc_outcome o = {
		.srb_status = 1, .asked = 8192, .cdb = write_10, .write = true,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		u32 block = blocks[i];
		struct storvsc_verdict v;

		o.block_bytes = block;
		o.transferred = block - 1;
		v = judge(&o);
		KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_ERROR);
		o.transferred = block;
		v = judge(&o);
		KUNIT_EXPECT_TRUE(test, is_success(&v));
		KUNIT_EXPECT_EQ(test, v.residual, 8192 - block);
	}
	/* a tape has no such block */
	o.block_bytes = 0;
	o.transferred = 80;
	KUNIT_EXPECT_EQ(test, judge(&o).residual, 8192u - 80);
}

/* 10.5: hosts count blocks, lists, or nothing for other data to the device */
static void count_of_other_data_to_the_device_means_nothing(struct kunit *test)
{
	static const u32 counts[] = { 0, 1, 24, 512, 8 << 20, 0xffffffff };
	struct storvsc_outcome o = { .srb_status = 1, .asked = 24, .write = true };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		struct storvsc_verdict v;

		o.transferred = counts[i];
		o.cdb = unmap;
		v = judge(&o);
		KUNIT_EXPECT_TRUE(test, is_success(&v) && !v.residual);
		o.cdb = write_same;
		v = judge(&o);
		KUNIT_EXPECT_TRUE(test, is_success(&v) && !v.residual);
	}
}

/* 10.6, 16.3, P-132: an honest no instead of made-up data */
static void unknown_commands_get_the_answer_that_hosts_forget(struct kunit *test)
{
	static const struct {
		const u8 *cdb;
		u8 key, asc;
	} row[] = {
		{ ready, 0x02, 0x04 }, { vpd, 0x05, 0x24 }, { mode_6, 0x05, 0x24 },
		{ mode_10, 0x05, 0x24 }, { ata_12, 0x05, 0x20 }, { ata_16, 0x05, 0x20 },
		{ maintenance, 0x05, 0x20 },
	};
	static const u8 codes[] = { 0x04, 0x06, 0x44 };
	struct storvsc_outcome o = { .asked = 96, .transferred = 96 };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		for (k = 0; k < ARRAY_SIZE(codes); k++) {
			struct storvsc_verdict v;

			o.cdb = row[i].cdb;
			o.srb_status = codes[k];
			o.scsi_status = k == 1 ? 0x02 : 0;
			v = judge(&o);
			KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_OK);
			KUNIT_EXPECT_EQ(test, v.status, (u8)2);
			KUNIT_EXPECT_EQ(test, (int)v.source, (int)STORVSC_SENSE_MADE);
			KUNIT_EXPECT_EQ(test, v.sense.key, row[i].key);
			KUNIT_EXPECT_EQ(test, v.sense.asc, row[i].asc);
			KUNIT_EXPECT_EQ(test, v.residual, 96u);
			KUNIT_EXPECT_FALSE(test, v.log);
		}
	}
	/* the standard INQUIRY has no excuse */
	o.cdb = inquiry;
	KUNIT_EXPECT_EQ(test, (int)judge(&o).host, (int)STORVSC_DID_ERROR);
	/* a LUN that is not there is not there for these either */
	o.srb_status = 0x20;
	o.cdb = vpd;
	KUNIT_EXPECT_EQ(test, (int)judge(&o).host, (int)STORVSC_DID_NO_CONNECT);
}

/* 16.7 */
static void reservation_conflict_reaches_the_mid_layer(struct kunit *test)
{
	struct storvsc_outcome o = {
		.srb_status = 0x04, .scsi_status = 0x18, .asked = 512, .cdb = write_10,
		.write = true,
	};
	struct storvsc_verdict v = judge(&o);

	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_OK);
	KUNIT_EXPECT_EQ(test, v.status, (u8)0x18);
	o.srb_status = 0x02;
	o.scsi_status = 0x40;
	v = judge(&o);
	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_OK);
	KUNIT_EXPECT_EQ(test, v.status, (u8)0x40);
}

/* P-130, 10.2 (4): sense data count with both of their marks, at every length, of every SRB code */
static void sense_counts_only_with_its_marks(struct kunit *test)
{
	u8 *sense = kunit_kzalloc(test, 20, GFP_KERNEL);
	struct storvsc_outcome o = { .asked = 512, .cdb = read_10 };
	unsigned int srb, bytes, bad = 0;

	KUNIT_ASSERT_NOT_NULL(test, sense);
	sense[0] = 0x70;
	sense[2] = 0x03;
	sense[7] = 10;
	sense[12] = 0x11;
	o.sense = sense;
	for (srb = 0; srb < 256; srb++) {
		for (bytes = 0; bytes <= 20; bytes++) {
			bool marked = srb & 0x80 && bytes >= 3;
			struct storvsc_verdict v;

			o.srb_status = srb;
			o.sense_bytes = bytes;
			o.scsi_status = 0x02;
			v = judge(&o);
			bad += (v.source == STORVSC_SENSE_HOST) != marked;
			bad += marked && (v.host != STORVSC_DID_OK || v.status != 2 ||
					  v.sense.key != 3);
			/* stale bytes beside a good status are not looked at */
			o.scsi_status = 0x00;
			bad += judge(&o).source == STORVSC_SENSE_HOST;
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0u);
}

/* A recovered error is a success to the mid-layer: its count has to hold */
static void recovered_error_keeps_its_count(struct kunit *test)
{
	static const u8 sense[18] = { 0x70, 0, 1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x17 };
	struct storvsc_outcome o = {
		.srb_status = 0x84, .scsi_status = 2, .transferred = 4096, .asked = 4096,
		.cdb = read_10, .sense = sense, .sense_bytes = 18, .block_bytes = 512,
	};
	struct storvsc_verdict v = judge(&o);

	KUNIT_EXPECT_EQ(test, v.status, (u8)2);
	KUNIT_EXPECT_EQ(test, v.residual, 0u);
	o.transferred = 0;
	v = judge(&o);
	KUNIT_EXPECT_EQ(test, (int)v.host, (int)STORVSC_DID_ERROR);
}

/* 16.3 */
static void old_hosts_are_not_asked_what_they_mishandle(struct kunit *test)
{
	unsigned int opcode, count = 0;

	for (opcode = 0; opcode < 256; opcode++) {
		count += storvsc_refuses(ENL_STOR_VERSION_5_1, opcode);
		KUNIT_EXPECT_FALSE(test, storvsc_refuses(ENL_STOR_VERSION_6_0, opcode));
	}
	KUNIT_EXPECT_EQ(test, count, 2u);
	KUNIT_EXPECT_TRUE(test, storvsc_refuses(ENL_STOR_VERSION_2_0, 0x41));
	KUNIT_EXPECT_TRUE(test, storvsc_refuses(ENL_STOR_VERSION_4_2, 0x24));
}

/* P-158: each number has something to be called by */
static void every_status_and_operation_has_a_name(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_STREQ(test, storvsc_srb_name(0xa0), "INVALID_LUN");
	KUNIT_EXPECT_STREQ(test, storvsc_srb_name(0x3f), "?");
	KUNIT_EXPECT_STREQ(test, storvsc_operation_name(11), "ENUMERATE_BUS");
	for (i = 0; i < 256; i++) {
		KUNIT_EXPECT_NOT_NULL(test, storvsc_srb_name(i));
		KUNIT_EXPECT_NOT_NULL(test, storvsc_operation_name(i));
	}
	KUNIT_EXPECT_STREQ(test, storvsc_operation_name(0xffffffff), "?");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_pair_of_statuses_without_sense_is_as_the_table_says),
	KUNIT_CASE(nothing_unlisted_ends_as_success),
	KUNIT_CASE(rejected_request_is_an_error),
	KUNIT_CASE(good_completion_is_good),
	KUNIT_CASE(capacity_change_is_passed_up_and_rescanned),
	KUNIT_CASE(lun_that_is_gone_is_verified),
	KUNIT_CASE(link_down_is_the_transport_of_fibre_channel_only),
	KUNIT_CASE(underrun_ends_short_or_not_at_all),
	KUNIT_CASE(residual_is_bounded_and_true),
	KUNIT_CASE(success_without_a_block_is_an_error),
	KUNIT_CASE(count_of_other_data_to_the_device_means_nothing),
	KUNIT_CASE(unknown_commands_get_the_answer_that_hosts_forget),
	KUNIT_CASE(reservation_conflict_reaches_the_mid_layer),
	KUNIT_CASE(sense_counts_only_with_its_marks),
	KUNIT_CASE(recovered_error_keeps_its_count),
	KUNIT_CASE(old_hosts_are_not_asked_what_they_mishandle),
	KUNIT_CASE(every_status_and_operation_has_a_name),
	{ }
};

static struct kunit_suite suite = { .name = "storvsc_status", .test_cases = cases };
kunit_test_suite(suite);
