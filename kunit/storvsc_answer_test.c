// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a whole host may answer to a request, honestly or not: statuses end to end, sense, counts,
 * lengths, ids, duplicates, notices, lists of LUNs. Calls storvsc_world.h. The table of all
 * statuses is storvsc_status_test.c; here a sample goes all the way to the caller.
 *
 * Numbers 21.n are the storage hardening list. Of those without a case here or in the other
 * suites, 21.1 is the transport's (packet_fault_test.c), 21.27 that of sd and of file systems, and
 * 21.29 and 21.32 are in docs/testing.md with P-134 and P-158.
 */
#include <kunit/test.h>
#include "kunit/storvsc_world.h"

/* --- statuses */

#define FIXED_SENSE(key, asc, ascq) { 0x70, [2] = key, [7] = 10, [12] = asc, [13] = ascq }
#define ALL 0xffffffffu

struct sample {
	const char *name;
	u8 opcode;
	struct vsp_storage_fault fault;
	u8 host_byte, sam;
	u8 key, asc;		/* key 0: no sense */
	u32 resid;
};

#define SRB(status) { .what = VSP_SF_STATUS, .srb = status }
#define BOTH(s, c) { .what = VSP_SF_STATUS, .srb = s, .scsi = c }

static const struct sample samples[] = {
	{ "aborted", 0x28, SRB(ENL_SRB_ABORTED), DID_SOFT_ERROR, .resid = ALL },
	{ "error", 0x28, SRB(ENL_SRB_ERROR), DID_ERROR, .resid = ALL },
	{ "internal error, P-129", 0x28, SRB(0x30), DID_ERROR, .resid = ALL },
	{ "a status that does not exist, P-129, 21.15", 0x28, SRB(0x3f), DID_ERROR, .resid = ALL },
	{ "flags alone, P-128", 0x28, SRB(0xc0), DID_ERROR, .resid = ALL },
	{ "success with flags, P-128", 0x28,
	  { .what = VSP_SF_STATUS | VSP_SF_EXECUTE, .srb = ENL_SRB_SUCCESS | 0x40 } },
	{ "bus reset", 0x28, SRB(ENL_SRB_BUS_RESET), DID_RESET, .resid = ALL },
	{ "parity", 0x28, SRB(ENL_SRB_PARITY), DID_PARITY, .resid = ALL },
	{ "no path", 0x28, SRB(ENL_SRB_INVALID_PATH), DID_NO_CONNECT, .resid = ALL },
	{ "timeout of the host", 0x2a, SRB(ENL_SRB_COMMAND_TIMEOUT), DID_SOFT_ERROR, .resid = ALL },
	{ "busy", 0x28, SRB(ENL_SRB_BUSY) },
	{ "SCSI busy", 0x28, BOTH(ENL_SRB_ERROR, SAM_STAT_BUSY) },
	{ "queue full", 0x28, BOTH(ENL_SRB_ERROR, SAM_STAT_TASK_SET_FULL) },
	{ "conflict", 0x2a, BOTH(ENL_SRB_ERROR, SAM_STAT_RESERVATION_CONFLICT), DID_OK,
	  SAM_STAT_RESERVATION_CONFLICT, .resid = ALL },
	{ "unknown SCSI status, 21.16", 0x28, BOTH(ENL_SRB_SUCCESS, 0x6a), DID_ERROR,
	  .resid = ALL },
	{ "rejected", 0x28, { .what = VSP_SF_REJECT }, DID_ERROR, .resid = ALL },
	{ "unit attention, P-130", 0x28,
	  { .what = VSP_SF_STATUS | VSP_SF_SENSE, .srb = ENL_SRB_ERROR | ENL_SRB_AUTOSENSE,
	    .scsi = SAM_STAT_CHECK_CONDITION, .sense = FIXED_SENSE(6, 0x29, 0), .sense_bytes = 18 },
	  DID_OK, SAM_STAT_CHECK_CONDITION, 6, 0x29, ALL },
	{ "write protected, P-130", 0x2a,
	  { .what = VSP_SF_STATUS | VSP_SF_SENSE, .srb = ENL_SRB_ERROR | ENL_SRB_AUTOSENSE,
	    .scsi = SAM_STAT_CHECK_CONDITION, .sense = FIXED_SENSE(7, 0x27, 0), .sense_bytes = 18 },
	  DID_OK, SAM_STAT_CHECK_CONDITION, 7, 0x27, ALL },
	{ "sense without its mark, 21.17", 0x28,
	  { .what = VSP_SF_STATUS | VSP_SF_SENSE, .srb = ENL_SRB_ERROR,
	    .scsi = SAM_STAT_CHECK_CONDITION, .sense = FIXED_SENSE(6, 0x29, 0), .sense_bytes = 18 },
	  DID_ERROR, .resid = ALL },
	{ "MODE SENSE that is not known, P-132", 0x1a, SRB(ENL_SRB_ERROR), DID_OK,
	  SAM_STAT_CHECK_CONDITION, 5, 0x24 },
	{ "pass-through with overrun, P-132", 0x85, SRB(ENL_SRB_OVERRUN), DID_OK,
	  SAM_STAT_CHECK_CONDITION, 5, 0x20 },
	{ "MAINTENANCE IN with overrun, P-132", 0xa3, SRB(ENL_SRB_OVERRUN), DID_OK,
	  SAM_STAT_CHECK_CONDITION, 5, 0x20 },
	{ "function not supported, P-132", 0x5e, SRB(ENL_SRB_BAD_FUNCTION), DID_OK,
	  SAM_STAT_CHECK_CONDITION, 5, 0x20 },
	{ "flush that failed", 0x35, SRB(ENL_SRB_ERROR), DID_ERROR },
	{ "flush with overrun", 0x35, SRB(ENL_SRB_OVERRUN), DID_ERROR },
	{ "short, P-127", 0x28,
	  { .what = VSP_SF_TRANSFER, .transfer = 1024 }, .resid = 4096 - 1024 },
	{ "nothing, P-127", 0x28, { .what = VSP_SF_TRANSFER }, DID_ERROR, .resid = ALL },
	{ "more than asked for, P-127, 21.18", 0x28,
	  { .what = VSP_SF_TRANSFER, .transfer = 0xffffffff } },
};

static struct stor_io *command(struct storvsc_world *w, u8 opcode)
{
	struct scsi_device *sdev = stor_lun(w, 0);

	return opcode == 0x28 || opcode == 0x2a ? stor_rw(w, sdev, opcode == 0x2a, 0, 4096) :
						  stor_plain(w, sdev, opcode);
}

static void sample_reaches_the_caller(struct storvsc_world *w, const struct sample *sample)
{
	struct kunit *test = w->test;
	struct vsp_storage_fault fault = sample->fault;
	const char *name = sample->name;
	struct stor_io *io;
	int number;

	fault.opcode = sample->opcode;
	fault.lun = VSP_ANY;
	fault.target = VSP_ANY;
	number = stor_fault(w, &fault);
	io = command(w, sample->opcode);
	stor_io_start(io);
	KUNIT_ASSERT_TRUE_MSG(test, stor_io_wait(io, WORLD_WAIT), "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, stor_hits(w, number), 1u, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, stor_host_byte(io), sample->host_byte, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, stor_sam(io), sample->sam, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, io->resid, min(sample->resid, io->bytes), "%s", name);
	if (sample->key) {
		KUNIT_EXPECT_EQ_MSG(test, io->sense[2] & 0xf, (int)sample->key, "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, io->sense[12], sample->asc, "%s", name);
	}
	FAKEHOST_RUN(w->fh, vsp_storage_fault_clear(w->host));
	stor_expect_works(w);
	KUNIT_EXPECT_TRUE_MSG(test, stor_quiet(w), "%s", name);
}

/* One controller for all: to bring one up for each takes minutes in a debug kernel. */
static void status_reaches_the_caller(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	unsigned int i;

	storvsc_world_up(w);
	for (i = 0; i < ARRAY_SIZE(samples); i++)
		sample_reaches_the_caller(w, &samples[i]);
}

/* P-146; 21.17: whatever length the host says, no more is copied than the protocol has room for. */
static void every_length_of_sense(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct vsp_storage_fault fault = {
		STOR_ON(0x28), .what = VSP_SF_STATUS | VSP_SF_SENSE,
		.srb = ENL_SRB_ERROR | ENL_SRB_AUTOSENSE, .scsi = SAM_STAT_CHECK_CONDITION,
	};
	static const u32 lengths[] = { 0, 1, 2, 3, 8, 13, 17, 18, 19, 20, 21, 96, 97, 254, 255 };
	unsigned int i, k;

	storvsc_world_up(w);
	memset(fault.sense, 0xa5, sizeof(fault.sense));
	fault.sense[0] = 0x70;
	fault.sense[2] = 3;
	fault.sense[7] = 0xff;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct stor_io *io = command(w, 0x28);

		fault.sense_bytes = lengths[i];
		stor_fault(w, &fault);
		stor_io_start(io);
		KUNIT_ASSERT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
		KUNIT_EXPECT_NE(test, io->result, 0);
		for (k = min(lengths[i], ENL_STOR_SENSE_REV2); k < sizeof(io->sense); k++)
			KUNIT_EXPECT_NE(test, io->sense[k], (u8)0xa5);
	}
	stor_expect_works(w);
}

/* --- packets that end nothing */

struct stray {
	const char *name;
	struct vsp_storage_fault fault;
	enum storvsc_fault counted;
	u64 times;
};

static const struct stray strays[] = {
	{ "short, 21.3", { .what = VSP_SF_LENGTH, .bytes = 56 }, STORVSC_FAULT_LENGTH, 1 },
	{ "empty", { .what = VSP_SF_LENGTH, .bytes = 0 }, STORVSC_FAULT_LENGTH, 1 },
	{ "of another operation, 21.6",
	  { .what = VSP_SF_OPERATION, .value = ENL_STOR_REMOVE_DEVICE },
	  STORVSC_FAULT_OPERATION, 1 },
	{ "of an operation that is none",
	  { .what = VSP_SF_OPERATION, .value = 0xffffffff }, STORVSC_FAULT_OPERATION, 1 },
	{ "with an id of the past, 21.4", { .what = VSP_SF_ID, .id_kind = VSP_ID_UNKNOWN },
	  STORVSC_FAULT_ID_DEAD, 1 },
	{ "with an id of ones, 21.4", { .what = VSP_SF_ID, .id_kind = VSP_ID_ONES },
	  STORVSC_FAULT_ID_RANGE, 1 },
	{ "with id 0, 21.4", { .what = VSP_SF_ID, .id_kind = VSP_ID_ZERO },
	  STORVSC_FAULT_NOTICE_OPERATION, 1 },
	{ "as a notice", { .what = VSP_SF_TYPE, .type = ENL_PACKET_INBAND },
	  STORVSC_FAULT_NOTICE_OPERATION, 1 },
	{ "of a control operation, 21.5", { .what = VSP_SF_ID, .id_kind = VSP_ID_CONTROL } },
	{ "longer than any, 21.3", { .what = VSP_SF_LENGTH, .bytes = 4088 } },
};

static void describe_stray(const struct stray *s, char *desc)
{
	strscpy(desc, s->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(stray, strays, describe_stray);

/* P-145; 21.2, 21.8: dropped, counted, and the good answer behind it ends the request. */
static void stray_answer_ends_nothing(struct kunit *test)
{
	const struct stray *stray = test->param_value;
	struct storvsc_world *w = storvsc_world(test);
	struct vsp_storage_fault fault = stray->fault;
	struct stor_io *io;

	storvsc_world_up(w);
	fault.opcode = 0x28;
	fault.lun = VSP_ANY;
	fault.target = VSP_ANY;
	/* One that is only too long is a good answer, with something behind it. */
	if (stray->fault.bytes != 4088)
		fault.what |= VSP_SF_EXTRA;
	stor_fault(w, &fault);
	io = command(w, 0x28);
	KUNIT_EXPECT_TRUE(test, stor_io_run(io));
	KUNIT_EXPECT_EQ(test, stor_host(w, faults), 1ULL);
	if (stray->counted)
		KUNIT_EXPECT_EQ(test, stor_faults(stray->counted), stray->times);
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_recoveries), 0ULL);
	stor_expect_works(w);
}

/* 21.4: one request, two answers: the second one finds nothing to end. */
static void second_answer_ends_nothing(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	storvsc_world_up(w);
	stor_fault(w, &(struct vsp_storage_fault){
		STOR_ON(0x28), .what = VSP_SF_DUPLICATE });
	KUNIT_EXPECT_TRUE(test, stor_io_run(command(w, 0x28)));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_faults(STORVSC_FAULT_ID_DEAD) == 1,
						  WORLD_WAIT));
	stor_expect_works(w);
}

/* 21.7, 21.8, 21.14, 21.19: what else a completion says of the request is not looked at. */
static void address_fields_are_ignored(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	u32 at;

	storvsc_world_up(w);
	/* All but the operation, and the two statuses of the request. */
	for (at = 4; at < ENL_STOR_PACKET_REV2; at += 4) {
		stor_fault(w, &(struct vsp_storage_fault){
			STOR_ON(0x28), .what = VSP_SF_OVERWRITE,
			.offset = at, .width = at == ENL_STOR_HEADER_BYTES ? 2 : 4,
			.value = 0xffffffff });
		KUNIT_EXPECT_TRUE(test, stor_io_run(command(w, 0x28)));
	}
	stor_expect_works(w);
}

/* --- notices that are none */

static bool notice(struct storvsc_world *w, u32 operation, u32 bytes)
{
	u64 before = stor_host(w, notices);

	FAKEHOST_RUN(w->fh, vsp_storage_notice(w->host, operation, bytes, 1, 0));
	return fakehost_wait_for(stor_host(w, notices) == before + 1, WORLD_WAIT);
}

/* P-145; 21.6, 21.20, 21.22: wrong operation, wrong class, too short, about nobody. */
static void notices_that_mean_nothing(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	u64 scans;

	storvsc_world_up(w);
	scans = stor_count(STORVSC_COUNT_scans);
	KUNIT_EXPECT_TRUE(test, notice(w, ENL_STOR_EXECUTE_SRB, 0));
	KUNIT_EXPECT_TRUE(test, notice(w, ENL_STOR_FC_HBA_DATA, 0));
	KUNIT_EXPECT_TRUE(test, notice(w, 0xffffffff, 0));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_faults(STORVSC_FAULT_NOTICE_OPERATION) == 3,
						  WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, notice(w, ENL_STOR_ENUMERATE_BUS, 8));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_faults(STORVSC_FAULT_NOTICE_LENGTH) == 1,
						  WORLD_WAIT));
	FAKEHOST_RUN(w->fh, vsp_storage_notify_event(w->host, 0, 255, 1));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_faults(STORVSC_FAULT_NOTICE_LUN) == 1,
						  WORLD_WAIT));
	FAKEHOST_RUN(w->fh, vsp_storage_notify_event(w->host, 0, 77, 1));
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_faults(STORVSC_FAULT_NOTICE_LUN) == 2,
						  WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_scans), scans);
	stor_expect_works(w);
}

/* --- lists of LUNs */

static const u8 lists[][32] = {
	{ 0, 0, 0, 7 },				/* not whole entries */
	{ 0xff, 0xff, 0xff, 0xf8 },		/* longer than what came */
	{ 0, 0, 0, 16, [8] = 0x40, 0x01, [16] = 0, 0xff },	/* no LUNs of this protocol */
	{ 0, 0, 0, 24, [10] = 1 },		/* LUN 0 with something behind it; 0 twice */
};

/* 21.25, 21.33: a strange list is counted, and takes no disk away. */
static void strange_list_removes_nothing(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	unsigned int i;
	int fault;

	w->disks = 2;
	storvsc_world_up(w);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		fault = stor_fault(w, &(struct vsp_storage_fault){
			STOR_ON(0xa0), .what = VSP_SF_DATA,
			.data = lists[i], .bytes = sizeof(lists[i]) });
		FAKEHOST_RUN(w->fh, vsp_storage_changed(w->host));
		KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_hits(w, fault) == 1, WORLD_WAIT));
		KUNIT_EXPECT_TRUE(test, stor_quiet(w));
		KUNIT_EXPECT_EQ(test, stor_faults(STORVSC_FAULT_REPORT_LUNS), i + 1ULL);
	}
	KUNIT_EXPECT_EQ(test, stor_count(STORVSC_COUNT_luns_removed), 0ULL);
	KUNIT_EXPECT_TRUE(test, stor_has(w, 0, 1, true));
	stor_expect_works(w);
}

/* 21.31: more packets than a pass may take: everything is taken in the end, and nothing hangs. */
static void flood_of_notices(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	storvsc_world_up(w);
	FAKEHOST_RUN(w->fh, vsp_storage_notice(w->host, 0x55, 0, 5000, 0));
	stor_expect_works(w);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_faults(STORVSC_FAULT_NOTICE_OPERATION) ==
						  5000, WORLD_WAIT));
	stor_expect_works(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(status_reaches_the_caller),
	KUNIT_CASE(every_length_of_sense),
	KUNIT_CASE_PARAM(stray_answer_ends_nothing, stray_gen_params),
	KUNIT_CASE(second_answer_ends_nothing),
	KUNIT_CASE(address_fields_are_ignored),
	KUNIT_CASE(notices_that_mean_nothing),
	KUNIT_CASE(strange_list_removes_nothing),
	KUNIT_CASE(flood_of_notices),
	{ }
};

static struct kunit_suite suite = {
	.name = "storvsc_answer",
	.exit = storvsc_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
