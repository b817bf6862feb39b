// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handshake of storage with a whole host: versions, properties, silence, errors, withdrawal at
 * each step; IDE and Fibre Channel. Calls storvsc_world.h. Numbers 21.n: storage hardening list.
 */
#include <kunit/test.h>
#include "kunit/storvsc_copy.h"
#include "kunit/storvsc_world.h"
#include "wire/classes.h"

/* --- versions */

struct version {
	const char *name;
	u32 without;
	u16 version;
	u32 packet_bytes;
};

static const struct version versions[] = {
	{ "6.2", 0, ENL_STOR_VERSION_6_2, ENL_STOR_PACKET_REV2 },
	{ "6.0", VSP_STORAGE_NO_6_2, ENL_STOR_VERSION_6_0, ENL_STOR_PACKET_REV2 },
	{ "5.1", VSP_STORAGE_NO_6_2 | VSP_STORAGE_NO_6_0, ENL_STOR_VERSION_5_1,
	  ENL_STOR_PACKET_REV2 },
	{ "4.2", VSP_STORAGE_NO_6_2 | VSP_STORAGE_NO_6_0 | VSP_STORAGE_NO_5_1,
	  ENL_STOR_VERSION_4_2, ENL_STOR_PACKET_REV1 },
	{ "2.0", 0x1e, ENL_STOR_VERSION_2_0, ENL_STOR_PACKET_REV1 },
};

static void describe_version(const struct version *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(version, versions, describe_version);

/* P-157: layouts and limits follow the storage version alone, whatever the bus speaks; 21.3. */
static void each_version_moves_data(struct kunit *test)
{
	static const struct vsp_personality * const hosts[] = { &vsp_host_2012r2, &vsp_host_2025 };
	const struct version *v = test->param_value;
	struct storvsc_world *w = storvsc_world(test);
	struct storvsc *s;

	w->host->without = v->without;
	/* The oldest go with a new bus, the newest with an old one. */
	w->options.personality = hosts[v->version < ENL_STOR_VERSION_6_0];
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->version, v->version);
	KUNIT_EXPECT_EQ(test, s->packet_bytes, v->packet_bytes);
	KUNIT_EXPECT_EQ(test, FAKEHOST_PEEK(w->fh, w->host->version), (u32)v->version);
	stor_expect_works(w);
}

/* The device stays unbound, its channel closed, and nothing hangs. */
static void expect_refusal(struct storvsc_world *w)
{
	KUNIT_EXPECT_TRUE(w->test, fakehost_wait_for(stor_host(w, controls) > 0, WORLD_WAIT));
	KUNIT_EXPECT_TRUE(w->test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
	KUNIT_EXPECT_TRUE(w->test, fakehost_settle(w->fh, WORLD_WAIT));
	KUNIT_EXPECT_NULL(w->test, stor_device());
	KUNIT_EXPECT_EQ(w->test, stor_host(w, srbs), 0ULL);
}

static void host_without_a_common_version(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	w->host->without = 0x1f;
	storvsc_world_start(w);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_host(w, controls) == 6, WORLD_WAIT));
	expect_refusal(w);
}

/* --- each step goes wrong in each way */

struct breach {
	const char *name;
	u32 operation;
	struct vsp_storage_fault fault;
	enum storvsc_fault counted;
};

#define BREACHES(step) \
	{ #step " unanswered", ENL_STOR_##step, { .what = VSP_SF_DROP } }, \
	{ #step " refused", ENL_STOR_##step, \
	  { .what = VSP_SF_STATUS, .nt = ENL_NT_UNSUCCESSFUL } }, \
	{ #step " short", ENL_STOR_##step, { .what = VSP_SF_LENGTH, .bytes = 8 }, \
	  STORVSC_FAULT_ANSWER }, \
	{ #step " with another operation", ENL_STOR_##step, \
	  { .what = VSP_SF_OPERATION, .value = ENL_STOR_EXECUTE_SRB }, STORVSC_FAULT_ANSWER }

static const struct breach breaches[] = {
	BREACHES(BEGIN_INIT), BREACHES(QUERY_VERSION), BREACHES(QUERY_PROPERTIES),
	BREACHES(END_INIT),
	{ "QUERY_PROPERTIES without its body", ENL_STOR_QUERY_PROPERTIES,
	  { .what = VSP_SF_LENGTH, .bytes = 32 }, STORVSC_FAULT_ANSWER },
	{ "QUERY_VERSION of another version", ENL_STOR_QUERY_VERSION,
	  { .what = VSP_SF_OVERWRITE, .offset = ENL_STOR_HEADER_BYTES, .width = 2,
	    .value = ENL_STOR_VERSION_5_1 }, STORVSC_FAULT_VERSION_ECHO },
	{ "QUERY_PROPERTIES with a transfer of 0", ENL_STOR_QUERY_PROPERTIES,
	  { .what = VSP_SF_OVERWRITE, .offset = ENL_STOR_HEADER_BYTES + 12, .width = 4 },
	  STORVSC_FAULT_PROPERTIES },
	{ "QUERY_PROPERTIES with a transfer below a page", ENL_STOR_QUERY_PROPERTIES,
	  { .what = VSP_SF_OVERWRITE, .offset = ENL_STOR_HEADER_BYTES + 12, .width = 4,
	    .value = 4095 }, STORVSC_FAULT_PROPERTIES },
};

static void describe_breach(const struct breach *b, char *desc)
{
	strscpy(desc, b->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(breach, breaches, describe_breach);

static void add_breach(struct storvsc_world *w, const struct breach *b)
{
	struct vsp_storage_fault fault = b->fault;

	fault.operation = b->operation;
	stor_fault(w, &fault);
}

/* 21.5, 21.6, 21.7, 21.9, 21.10, 21.34: no disks, and no harm. */
static void broken_step_at_probe(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	storvsc_options.handshake_ms = 700;
	add_breach(w, test->param_value);
	storvsc_world_start(w);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(stor_host(w, faults) == 1, WORLD_WAIT));
	expect_refusal(w);
}

/* The same when a controller comes back: named, counted, and its disks fail at once. */
static void broken_step_at_resume(struct kunit *test)
{
	const struct breach *b = test->param_value;
	struct storvsc_world *w = storvsc_world(test);
	struct scsi_device *sdev;
	struct stor_io *io;

	storvsc_options.handshake_ms = 700;
	storvsc_world_up(w);
	sdev = stor_lun(w, 0);
	io = stor_plain(w, sdev, 0x00);
	KUNIT_ASSERT_EQ(test, stor_suspend(), 0);
	add_breach(w, b);
	KUNIT_EXPECT_NE(test, stor_resume(), 0);
	KUNIT_EXPECT_EQ(test, stor_host(w, faults), 1ULL);
	if (b->counted)
		KUNIT_EXPECT_EQ(test, stor_faults(b->counted), 1ULL);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_open(w->fh, w->relid, false, WORLD_WAIT));
	stor_io_start(io);
	KUNIT_EXPECT_TRUE(test, stor_io_wait(io, WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, stor_host_byte(io), (u8)DID_NO_CONNECT);
}

static const u32 steps[] = {
	ENL_STOR_BEGIN_INIT, ENL_STOR_QUERY_VERSION, ENL_STOR_QUERY_PROPERTIES, ENL_STOR_END_INIT,
};

static bool held_back(struct storvsc_world *w)
{
	return fakehost_wait_for(FAKEHOST_PEEK(w->fh, vsp_storage_held(w->host)) == 1, WORLD_WAIT);
}

static void hold_step(struct storvsc_world *w, u32 operation)
{
	stor_fault(w, &(struct vsp_storage_fault){ .operation = operation, .what = VSP_SF_HOLD });
}

/*
 * P-144: each step takes its time, longer than a hasty driver would wait, and none is asked twice.
 */
static void slow_host_is_waited_for(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	unsigned int i;

	storvsc_options.handshake_ms = WORLD_WAIT;
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		hold_step(w, steps[i]);
	storvsc_world_start(w);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		KUNIT_ASSERT_TRUE(test, held_back(w));
		msleep(300);
		KUNIT_EXPECT_EQ(test, stor_host(w, controls), i + 1ULL);
		FAKEHOST_DO(w->fh, vsp_storage_release(w->host, 1, false));
	}
	KUNIT_ASSERT_TRUE(test, stor_has(w, 0, 0, true));
	KUNIT_EXPECT_EQ(test, stor_host(w, controls), 4ULL);
	stor_expect_works(w);
}

static void describe_step(const u32 *step, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "operation %u", *step);
}

KUNIT_ARRAY_PARAM(step, steps, describe_step);

/* 21.30: the device goes while the handshake waits. */
static void withdrawn_while_waiting_for_a_step(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	storvsc_options.handshake_ms = WORLD_WAIT * 3;
	hold_step(w, *(const u32 *)test->param_value);
	storvsc_world_start(w);
	KUNIT_ASSERT_TRUE(test, held_back(w));
	fakehost_rescind(w->fh, w->relid);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_posted(w->fh, ENL_MSG_RELID_RELEASED, 1, WORLD_WAIT));
	KUNIT_EXPECT_NULL(test, stor_device());
}

/* 21.5: the second answer to a step is nobody's, and is dropped. */
static void second_answer_is_dropped(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		stor_fault(w, &(struct vsp_storage_fault){
			.operation = steps[i], .what = VSP_SF_DUPLICATE });
	storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, stor_host(w, controls), 4ULL);
	stor_expect_works(w);
}

/* --- properties */

struct transfer {
	u32 said, used;
};

static const struct transfer transfers[] = {
	{ 4096, 4096 }, { 8191, 4096 }, { 0x7ffff, 0x7f000 }, { 1 << 20, 1 << 20 },
	{ 64 << 20, ENL_STOR_MAX_TRANSFER }, { 0xffffffff, ENL_STOR_MAX_TRANSFER },
};

static void describe_transfer(const struct transfer *t, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%x", t->said);
}

KUNIT_ARRAY_PARAM(transfer, transfers, describe_transfer);

/* P-138; 21.10: the smaller of what the host says and what any host takes, in whole pages. */
static void maximum_transfer_is_bounded(struct kunit *test)
{
	const struct transfer *t = test->param_value;
	struct storvsc_world *w = storvsc_world(test);
	struct storvsc *s;

	w->host->max_transfer = t->said;
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->properties.max_transfer, t->used);
	KUNIT_EXPECT_EQ(test, s->host->max_sectors, t->used / 512);
	KUNIT_EXPECT_LE(test, s->host->sg_tablesize, (u16)SG_MAX_SEGMENTS);
	if (t->used >= 8192)
		stor_expect_works(w);
}

/* 21.11, 21.12: what hosts before 5.1 leave in reserved fields means nothing. */
static void garbage_of_old_hosts_is_ignored(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct storvsc *s;

	w->host->without = VSP_STORAGE_NO_6_2 | VSP_STORAGE_NO_6_0 | VSP_STORAGE_NO_5_1;
	w->host->garbage = true;
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, s->properties.max_sub_channels, (u16)0);
	KUNIT_EXPECT_EQ(test, s->subs_asked, 0u);
	stor_expect_works(w);
}

/* --- other classes */

/* P-160: one channel, one queue; the disk is at the target that its drive number says. */
static void ide_disk_has_one_queue(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct storvsc *s;

	if (!IS_ENABLED(CONFIG_HYPERV_STORAGE))
		storvsc_options.ide = true;
	w->kind = VSP_STORAGE_IDE;
	w->host->max_sub_channels = 4;
	w->disk[0].target = 1;
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, (int)s->class, (int)STORVSC_IDE);
	KUNIT_EXPECT_EQ(test, s->host->nr_hw_queues, 1u);
	KUNIT_EXPECT_EQ(test, s->queues_made, 1u);
	KUNIT_EXPECT_NOT_NULL(test, stor_find(w, 1, 0));
	KUNIT_EXPECT_NULL(test, stor_find(w, 0, 0));
}

/* 21.23: a name that no IDE disk has. */
static void ide_disk_with_a_strange_name(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	w->kind = VSP_STORAGE_IDE;
	w->disk[0].target = 2;
	storvsc_world_start(w);
	KUNIT_EXPECT_TRUE(test, fakehost_settle(w->fh, WORLD_WAIT));
	msleep(100);
	KUNIT_EXPECT_NULL(test, stor_device());
	KUNIT_EXPECT_EQ(test, stor_host(w, controls), 0ULL);
}

/* 21.24: in an isolated guest neither IDE nor Fibre Channel is touched. */
static void isolated_guest_takes_scsi_only(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);

	w->kind = VSP_STORAGE_FC;
	w->options.isolated = true;
	storvsc_world_start(w);
	KUNIT_EXPECT_TRUE(test, fakehost_settle(w->fh, WORLD_WAIT));
	msleep(100);
	KUNIT_EXPECT_NULL(test, stor_device());
	KUNIT_EXPECT_EQ(test, stor_host(w, controls), 0ULL);
}

/*
 * P-147, P-148; 21.20: names are asked for, kept as they came, and followed when they change. No
 * remote port exists, and none is needed.
 */
static void fibre_channel_names(struct kunit *test)
{
	struct storvsc_world *w = storvsc_world(test);
	struct storvsc *s;
	unsigned int i, updates;
	u8 *wwn = (u8 *)&w->host->wwn;

	for (i = 0; i < sizeof(w->host->wwn); i++)
		wwn[i] = i + 1;
	w->kind = VSP_STORAGE_FC;
	w->host->max_transfer = 1 << 20;
	/* A thousand places to look at take minutes in a debug kernel. */
	storvsc_options.fc_paths = 1;
	storvsc_options.fc_targets = 4;
	s = storvsc_world_up(w);
	KUNIT_EXPECT_EQ(test, (int)s->class, (int)STORVSC_FC);
	KUNIT_EXPECT_MEMEQ(test, &s->wwn, wwn, sizeof(w->host->wwn));
	KUNIT_EXPECT_EQ(test, s->properties.max_transfer, 512u << 10);
	updates = READ_ONCE(storvsc_copy_wwn_updates);
	wwn[0] = 0xee;
	FAKEHOST_RUN(w->fh, vsp_storage_wwn_changed(w->host));
	updates++;
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(READ_ONCE(storvsc_copy_wwn_updates) == updates,
						  WORLD_WAIT));
	KUNIT_EXPECT_EQ(test, READ_ONCE(*(u8 *)&s->wwn), (u8)0xee);
	stor_expect_works(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(each_version_moves_data, version_gen_params),
	KUNIT_CASE(host_without_a_common_version),
	KUNIT_CASE_PARAM(broken_step_at_probe, breach_gen_params),
	KUNIT_CASE_PARAM(broken_step_at_resume, breach_gen_params),
	KUNIT_CASE(slow_host_is_waited_for),
	KUNIT_CASE_PARAM(withdrawn_while_waiting_for_a_step, step_gen_params),
	KUNIT_CASE(second_answer_is_dropped),
	KUNIT_CASE_PARAM(maximum_transfer_is_bounded, transfer_gen_params),
	KUNIT_CASE(garbage_of_old_hosts_is_ignored),
	KUNIT_CASE(ide_disk_has_one_queue),
	KUNIT_CASE(ide_disk_with_a_strange_name),
	KUNIT_CASE(isolated_guest_takes_scsi_only),
	KUNIT_CASE(fibre_channel_names),
	{ }
};

static struct kunit_suite suite = {
	.name = "storvsc_session",
	.exit = storvsc_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
