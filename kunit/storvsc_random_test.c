// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole storage controller under random plans of faults: requests of random shapes, what the host
 * does wrong with them, storms, withdrawals with requests in flight. Calls storvsc_world.h.
 * What must hold: each request ends; a write that is said to be good is on the disk; a read that
 * is said to be good has the disk's data, as far as it says; the world works again afterwards.
 * A failure names its seed and slice: first_seed=, first_slice= and seeds=1 run that one again.
 */
#include <kunit/test.h>
#include <linux/blkdev.h>
#include "kunit/module.h"
#include "kunit/storvsc_world.h"
#include "vsp/fault.h"

#define USUAL_STEPS	800u
#define SLICE_STEPS	400u
#define AREAS		32u	/* of each disk; no two requests in flight share one */
#define AREA_BYTES	(WORLD_BYTES / AREAS)
#define DISKS		2u
#define FAULTS_AT_ONCE	6u

/* One piece of a disk. */
struct area {
	struct stor_io *io;	/* in flight */
	bool write;
	u32 bytes;		/* of it */
	u32 seed;		/* of the request; of what is there if @known */
	u32 known;		/* so many bytes are what the last good write left */
};

struct chaos {
	struct storvsc_world *w;
	u64 state;
	struct area area[DISKS][AREAS];
	u32 in_flight, next_seed, faults, good, bad;
	unsigned int releases;
};

static u32 below(struct chaos *c, u32 limit)
{
	return (u32)((vsp_next_random(&c->state) >> 32) % limit);
}

/* --- requests */

static void begin(struct chaos *c)
{
	u32 disk = below(c, DISKS), at = below(c, AREAS);
	struct area *a = &c->area[disk][at];
	struct scsi_device *sdev = stor_find(c->w, 0, disk);
	u32 bytes = 512 * (1 + below(c, below(c, 4) ? 16 : AREA_BYTES / 512));
	bool write = below(c, 2);
	u32 block = at * (AREA_BYTES / 512);
	const u8 cdb[10] = {
		write ? 0x2a : 0x28, 0, 0, 0, block >> 8, block, 0, bytes / 512 >> 8, bytes / 512,
	};

	if (a->io || !sdev)
		return;
	a->io = stor_io(c->w, sdev, &(struct stor_ask){
		.cdb = cdb, .write = write, .bytes = bytes, .offset = 4 * below(c, 1024) });
	a->write = write;
	a->bytes = bytes;
	if (write) {
		a->seed = ++c->next_seed;
		stor_io_fill(a->io, a->seed);
	}
	stor_io_start(a->io);
	c->in_flight++;
}

static void judge_write(struct chaos *c, u32 disk, u32 at)
{
	struct area *a = &c->area[disk][at];
	struct stor_io *io = a->io;

	/* Whether one that failed is there, in whole or in part, nobody knows. */
	if (io->result) {
		a->known = 0;
		return;
	}
	a->known = a->bytes - io->resid;
	KUNIT_EXPECT_TRUE_MSG(c->w->test,
			      stor_disk_holds(c->w, disk, at * AREA_BYTES, a->seed, a->known),
			      "a good write of %u bytes, area %u of disk %u", a->bytes, at, disk);
}

static void judge_read(struct chaos *c, u32 disk, u32 at)
{
	struct area *a = &c->area[disk][at];
	u32 got = a->bytes - a->io->resid;

	if (!a->io->result && got <= a->known)
		KUNIT_EXPECT_TRUE_MSG(c->w->test, stor_io_holds(a->io, a->seed, got),
				      "a good read of %u bytes, area %u of disk %u", got, at, disk);
}

/* Whatever has ended is looked at. */
static void reap(struct chaos *c)
{
	u32 disk, at;

	for (disk = 0; disk < DISKS; disk++) {
		for (at = 0; at < AREAS; at++) {
			struct area *a = &c->area[disk][at];

			if (!a->io || !stor_io_done(a->io))
				continue;
			*(a->io->result ? &c->bad : &c->good) += 1;
			if (a->write)
				judge_write(c, disk, at);
			else
				judge_read(c, disk, at);
			a->io = NULL;
			c->in_flight--;
		}
	}
}

static bool all_ended(struct chaos *c)
{
	reap(c);
	return !c->in_flight;
}

/* --- what goes wrong */

/* Never "good" for what was not done: no guest can see through that. */
static void status_fault(struct chaos *c, struct vsp_storage_fault *f)
{
	static const u8 srb[] = {
		ENL_SRB_ABORTED, ENL_SRB_ERROR, ENL_SRB_BUSY, ENL_SRB_TIMEOUT, ENL_SRB_BUS_RESET,
		ENL_SRB_PARITY, ENL_SRB_INTERNAL, ENL_SRB_COMMAND_TIMEOUT, 0x3f, 0xc0,
	};
	static const u8 scsi[] = { 0x00, 0x00, 0x00, 0x08, 0x28, 0x18, 0x6a };
	static const u8 key[] = { 2, 3, 4, 6, 7, 0xb };
	u32 i;

	f->what = VSP_SF_STATUS;
	f->srb = srb[below(c, ARRAY_SIZE(srb))];
	f->scsi = scsi[below(c, ARRAY_SIZE(scsi))];
	if (below(c, 2))
		return;
	f->what |= VSP_SF_SENSE;
	f->srb = ENL_SRB_ERROR | ENL_SRB_AUTOSENSE;
	f->scsi = 0x02;
	for (i = 0; i < sizeof(f->sense); i++)
		f->sense[i] = below(c, 256);
	f->sense[0] = 0x70;
	f->sense[2] = key[below(c, ARRAY_SIZE(key))];
	f->sense_bytes = below(c, 256);
}

/* A bad packet in front of the good one. */
static void packet_fault(struct chaos *c, struct vsp_storage_fault *f)
{
	static const u32 what[] = {
		VSP_SF_ID, VSP_SF_OPERATION, VSP_SF_TYPE, VSP_SF_LENGTH, VSP_SF_DUPLICATE,
		VSP_SF_OTHER_CHANNEL,
	};

	f->what = what[below(c, ARRAY_SIZE(what))];
	if (f->what != VSP_SF_DUPLICATE)
		f->what |= VSP_SF_EXTRA;
	f->id_kind = below(c, 2) ? VSP_ID_UNKNOWN : VSP_ID_ONES;
	f->value = 20 + below(c, 1000);
	f->type = below(c, 2) ? 6 : 9;
	f->bytes = below(c, 60);
}

static void add_fault(struct chaos *c)
{
	struct vsp_storage_fault f = {
		VSP_STORAGE_FAULT_ANY, .times = 1 + below(c, 3), .skip = below(c, 4),
	};

	/* What looks for LUNs and their sizes is left in peace: else there is soon none. */
	f.opcode = below(c, 2) ? 0x28 : 0x2a;
	switch (below(c, 12)) {
	case 0:
		f.what = VSP_SF_REJECT;
		break;
	case 1:
		f.what = VSP_SF_TRANSFER;
		f.transfer = 512 * below(c, 2);
		break;
	case 2:
		f.what = VSP_SF_DELAY;
		f.steps = 1 + below(c, 40);
		break;
	case 3:
		f.what = VSP_SF_HOLD;
		break;
	case 4:
		if (below(c, 3))
			return;
		f.what = VSP_SF_DROP;
		f.times = 1;
		break;
	case 5:
		packet_fault(c, &f);
		break;
	default:
		status_fault(c, &f);
	}
	if (c->faults++ % FAULTS_AT_ONCE == 0)
		FAKEHOST_RUN(c->w->fh, vsp_storage_fault_clear(c->w->host));
	stor_fault(c->w, &f);
}

static void host_acts(struct chaos *c)
{
	struct storvsc_world *w = c->w;

	switch (below(c, 6)) {
	case 0:
		FAKEHOST_RUN(w->fh, vsp_storage_notice(w->host, ENL_STOR_ENUMERATE_BUS, 0,
						       1 + below(c, 50), 0));
		break;
	case 1:
		stor_hold(w, below(c, DISKS), true);
		break;
	case 2:
		FAKEHOST_RUN(w->fh, w->host->deaf = true);
		break;
	case 3:
		FAKEHOST_RUN(w->fh, vsp_disk_resize(&w->disk[1], WORLD_BYTES / 512));
		break;
	default:
		FAKEHOST_DO(w->fh, vsp_storage_release(w->host, 1 + below(c, 4), below(c, 2)));
	}
}

/* Nothing waits for the host's word for ever: what it holds it gives, now and then. */
static void host_goes_on(struct chaos *c)
{
	struct storvsc_world *w = c->w;
	u32 i;

	FAKEHOST_RUN(w->fh, w->host->deaf = false);
	FAKEHOST_RUN(w->fh, vsp_storage_wake(w->host));
	for (i = 0; i < DISKS; i++) {
		stor_hold(w, i, false);
		stor_release(w, i, 1 + below(c, 8), below(c, 2));
	}
	FAKEHOST_DO(w->fh, vsp_storage_release(w->host, ~0u, below(c, 2)));
}

static void step(struct chaos *c)
{
	u32 what = below(c, 32);

	if (what < 17)
		begin(c);
	else if (what < 25)
		add_fault(c);
	else if (what < 26)
		host_acts(c);
	else if (what < 29)
		host_goes_on(c);
	else
		usleep_range(200, 2000);
	reap(c);
}

/* --- ends */

static bool both_there(struct storvsc_world *w)
{
	return stor_has(w, 0, 0, true) && stor_has(w, 0, 1, true);
}

/* With requests in flight, and whatever is being looked at or recovered. */
static void withdrawn_and_given_back(struct chaos *c)
{
	struct storvsc_world *w = c->w;
	struct kunit *test = w->test;
	u32 i;

	for (i = 0; i < 16; i++)
		begin(c);
	fakehost_rescind(w->fh, w->relid);
	storvsc_world_let_go(w);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(all_ended(c), WORLD_WAIT));
	storvsc_world_drop(w);
	KUNIT_ASSERT_TRUE(test, fakehost_wait_posted(w->fh, ENL_MSG_RELID_RELEASED, ++c->releases,
						     WORLD_WAIT));
	KUNIT_ASSERT_TRUE(test, fakehost_wait_for(!stor_device(), WORLD_WAIT));
	w->relid = FAKEHOST_DO(w->fh, vsp_storage_offer(w->fh->host, w->host, &w->instance, 0));
	KUNIT_ASSERT_NE(test, w->relid, 0u);
	KUNIT_ASSERT_TRUE(test, both_there(w));
}

static void nothing_good_that_is_not(struct kunit *test)
{
	const struct enl_kunit_slice *slice = test->param_value;
	struct storvsc_world *w = storvsc_world(test);
	struct chaos *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, c);
	c->w = w;
	c->state = enl_kunit_slice_seed(slice);
	storvsc_options.recover_s = 1;
	w->disks = DISKS;
	w->host->max_sub_channels = slice->seed % 3;
	storvsc_world_up(w);
	for (i = 0; i < slice->steps; i++) {
		step(c);
		if (i % 200 == 150)
			withdrawn_and_given_back(c);
	}
	storvsc_world_let_go(w);
	KUNIT_EXPECT_TRUE(test, fakehost_wait_for(all_ended(c), WORLD_WAIT));
	KUNIT_EXPECT_TRUE(test, stor_quiet(w));
	/* A run in which nothing went well, or nothing went wrong, has shown nothing. */
	KUNIT_EXPECT_GT(test, c->good, slice->steps / 20);
	KUNIT_EXPECT_GT(test, c->bad, 0u);
	kunit_info(test, "%u good, %u bad, %u faults", c->good, c->bad, c->faults);
	stor_expect_works(w);
}

static const void *next_slice(const void *prev, char *desc)
{
	static struct enl_kunit_slice slice;

	return enl_kunit_next_slice(&slice, prev, USUAL_STEPS, 20000, SLICE_STEPS, desc);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(nothing_good_that_is_not, next_slice),
	{ }
};

static struct kunit_suite suite = {
	.name = "storvsc_random",
	.exit = storvsc_world_down,
	.test_cases = cases,
};
kunit_test_suite(suite);
