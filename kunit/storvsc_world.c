// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of a storage controller under test: see storvsc_world.h.
 * Calls the fake host, storvsc/ and the kernel's SCSI layer. Called by test files.
 * Everything that could block in a test is short here; a wait that runs out fails the case.
 */
#include <linux/device.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include "kunit/storvsc_copy.h"
#include "kunit/storvsc_world.h"

/* --- life */

static const u8 disk_id[16] = {
	0x21, 0x4e, 0xa0, 0x77, 0x52, 0x0c, 0x4d, 0x93,
	0x8b, 0x61, 0x9f, 0x02, 0x3d, 0x55, 0xe8, 0x70,
};

static void make_disks(struct storvsc_world *w)
{
	u32 i;

	for (i = 0; i < WORLD_DISKS; i++) {
		struct vsp_disk *d = &w->disk[i];

		w->memory[i].bytes = vzalloc(WORLD_BYTES);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(w->test, w->memory[i].bytes);
		w->memory[i].size = WORLD_BYTES;
		d->lun = i;
		d->thin = true;
		d->write_cache = true;
		memcpy(d->id, disk_id, sizeof(d->id));
		d->id[15] = i;
		vsp_disk_memory_attach(d, &w->memory[i]);
	}
}

static void set_options(void)
{
	storvsc_options.handshake_ms = 3000;
	storvsc_options.sub_channel_ms = 3000;
	storvsc_options.drain_ms = 3000;
	storvsc_options.barrier_ms = 1000;
	storvsc_options.watch_ms = 50;
	storvsc_options.grace_s = 1;
}

/* A SCSI controller with one disk, and a host that has yet to be started. */
struct storvsc_world *storvsc_world(struct kunit *test)
{
	struct storvsc_world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w);
	w->test = test;
	INIT_LIST_HEAD(&w->ios);
	w->saved = storvsc_options;
	w->disks = 1;
	w->instance = (struct enl_guid){ { 0x51, 0x0d } };
	w->limits = fakehost_limits;
	test->priv = w;
	w->host = vzalloc(sizeof(*w->host));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->host);
	vsp_storage_init(w->host, VSP_STORAGE_SCSI);
	w->host->strict = true;
	w->host->requests = WORLD_REQUESTS;
	w->host->segments = WORLD_REQUESTS * WORLD_SEGMENTS;
	w->host->request = vzalloc(sizeof(*w->host->request) * w->host->requests);
	w->host->segment = vzalloc(sizeof(*w->host->segment) * w->host->segments);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->host->request);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->host->segment);
	make_disks(w);
	set_options();
	return w;
}

/* The driver, the host and the bus. Whether the device comes up is the test's to see. */
void storvsc_world_start(struct storvsc_world *w)
{
	struct kunit *test = w->test;
	unsigned int i;

	w->host->kind = w->kind;
	w->host->multi = w->kind != VSP_STORAGE_IDE;
	for (i = 0; i < w->disks; i++)
		KUNIT_ASSERT_TRUE(test, vsp_storage_add(w->host, &w->disk[i]));
	KUNIT_ASSERT_EQ(test, storvsc_start(), 0);
	w->started = true;
	w->fh = fakehost_create(test, &w->options);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->fh);
	w->bus = fakehost_start_bus(w->fh, &w->limits);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(w->bus));
	/* Only now: the start of a bus waits for the devices that it finds, and these may hang. */
	w->relid = FAKEHOST_DO(w->fh, vsp_storage_offer(w->fh->host, w->host, &w->instance, 0));
	KUNIT_ASSERT_NE(test, w->relid, 0u);
}

static bool all_there(struct storvsc_world *w)
{
	struct storvsc *s = stor_device();
	unsigned int i;

	if (!s || !READ_ONCE(s->host))
		return false;
	for (i = 0; i < w->disks; i++) {
		struct scsi_device *sdev = scsi_device_lookup(s->host, 0, w->disk[i].target,
							      w->disk[i].lun);
		bool bound = sdev && device_is_bound(&sdev->sdev_gendev);

		if (sdev)
			scsi_device_put(sdev);
		if (!bound)
			return false;
	}
	return true;
}

/* Both sides' accounts, when a wait has run out. */
void storvsc_world_tell(struct storvsc_world *w)
{
	struct storvsc *s = stor_device();

	kunit_info(w->test, "host: %llu requests, %llu ended, %llu controls, %llu errors, %u held",
		   stor_host(w, srbs), stor_host(w, completions), stor_host(w, controls),
		   stor_host(w, errors), FAKEHOST_PEEK(w->fh, vsp_storage_held(w->host)));
	if (s)
		kunit_info(w->test, "guest: %u in flight, %llu sent by the first queue, gate %d",
			   storvsc_in_flight(s), (u64)atomic64_read(&s->queue[0].stats.submitted),
			   READ_ONCE(s->gate));
	fakehost_print_trace(w->test, w->fh);
}

/* Up, with all its disks found and looked at by the kernel. */
struct storvsc *storvsc_world_up(struct storvsc_world *w)
{
	bool up;

	storvsc_world_start(w);
	up = fakehost_wait_for(all_there(w), WORLD_WAIT);
	if (!up)
		storvsc_world_tell(w);
	KUNIT_ASSERT_TRUE(w->test, up);
	KUNIT_ASSERT_TRUE(w->test, stor_quiet(w));
	return stor_device();
}

/* What the host has swallowed is not waited for long. */
static void shorten_policies(void)
{
	struct storvsc *s = stor_device();
	struct scsi_device *sdev;

	if (!s || !READ_ONCE(s->host))
		return;
	shost_for_each_device(sdev, s->host) {
		struct storvsc_lun *lun = sdev->hostdata;

		if (!lun)
			continue;
		WRITE_ONCE(lun->policy_s, 1);
		WRITE_ONCE(lun->policy, STORVSC_RECOVER);
	}
}

/* Nothing is held back any more, and nothing goes wrong from now on. */
void storvsc_world_let_go(struct storvsc_world *w)
{
	unsigned int i;

	fakehost_set_manual(w->fh, false);
	for (i = 0; i < WORLD_DISKS; i++)
		stor_hold(w, i, false);
	FAKEHOST_RUN(w->fh, w->host->deaf = false);
	FAKEHOST_RUN(w->fh, vsp_storage_fault_clear(w->host));
	FAKEHOST_DO(w->fh, vsp_storage_release(w->host, ~0u, false));
	for (i = 0; i < WORLD_DISKS; i++)
		stor_release(w, i, ~0u, false);
	FAKEHOST_RUN(w->fh, vsp_storage_wake(w->host));
}

/* References to LUNs: a controller that is withdrawn ends only without. */
void storvsc_world_drop(struct storvsc_world *w)
{
	unsigned int i;

	for (i = 0; i < WORLD_HELD; i++) {
		if (w->held[i])
			scsi_device_put(w->held[i]);
		w->held[i] = NULL;
	}
}

static void stop_bus(struct storvsc_world *w)
{
	enl_bus_stop(w->bus);
	fakehost_settle(w->fh, 1000);
	KUNIT_EXPECT_TRUE(w->test, FAKEHOST_PEEK(w->fh, vsp_storage_idle(w->host)));
	KUNIT_EXPECT_EQ(w->test, stor_host(w, lies), w->lies);
	KUNIT_EXPECT_NULL(w->test, stor_device());
	fakehost_check(w->test, w->fh);
}

/* The exit of each suite. */
void storvsc_world_down(struct kunit *test)
{
	struct storvsc_world *w = test->priv;
	unsigned int i;

	if (!w)
		return;
	test->priv = NULL;
	if (w->fh)
		storvsc_world_let_go(w);
	if (w->started)
		shorten_policies();
	storvsc_world_drop(w);
	stor_io_forget_all(w);
	if (!IS_ERR_OR_NULL(w->bus))
		stop_bus(w);
	stor_io_free_all(w);
	if (w->started)
		storvsc_stop();
	if (w->fh)
		fakehost_destroy(w->fh);
	storvsc_options = w->saved;
	for (i = 0; i < WORLD_DISKS; i++)
		vfree(w->memory[i].bytes);
	if (w->host) {
		vfree(w->host->request);
		vfree(w->host->segment);
	}
	vfree(w->host);
}

/* --- looking */

static int take_device(struct device *dev, void *out)
{
	*(struct storvsc **)out = dev_get_drvdata(dev);
	return 1;
}

/* The controller that is bound, or NULL. */
struct storvsc *stor_device(void)
{
	struct storvsc *s = NULL;

	return driver_for_each_device(&storvsc_copy_driver()->driver, NULL, &s, take_device) == 1 ?
		s : NULL;
}

/* A LUN, or NULL; the exit drops the reference. */
struct scsi_device *stor_find(struct storvsc_world *w, unsigned int target, u64 lun)
{
	struct storvsc *s = stor_device();
	struct scsi_device *sdev;
	unsigned int i;

	if (!s || !READ_ONCE(s->host))
		return NULL;
	sdev = scsi_device_lookup(s->host, 0, target, lun);
	for (i = 0; sdev && i < WORLD_HELD; i++) {
		if (w->held[i] == sdev)
			break;
		if (w->held[i])
			continue;
		w->held[i] = sdev;
		return sdev;
	}
	if (sdev)
		scsi_device_put(sdev);
	return i < WORLD_HELD ? sdev : NULL;
}

/* A LUN of the first target that must be there. */
struct scsi_device *stor_lun(struct storvsc_world *w, u64 lun)
{
	struct scsi_device *sdev = stor_find(w, 0, lun);

	KUNIT_ASSERT_NOT_NULL(w->test, sdev);
	return sdev;
}

static bool is_there(unsigned int target, u64 lun)
{
	struct storvsc *s = stor_device();
	struct scsi_device *sdev = s && READ_ONCE(s->host) ?
		scsi_device_lookup(s->host, 0, target, lun) : NULL;
	bool there = sdev && device_is_bound(&sdev->sdev_gendev);

	if (sdev)
		scsi_device_put(sdev);
	return there;
}

/* Waits until it comes, or goes. */
bool stor_has(struct storvsc_world *w, unsigned int target, u64 lun, bool there)
{
	return fakehost_wait_for(is_there(target, lun) == there, WORLD_WAIT);
}

/* Nothing is in flight, and nobody looks for LUNs or is about to. */
static bool is_quiet(struct storvsc *s)
{
	return s && !READ_ONCE(s->wanted) && !work_busy(&s->attach_work) &&
	       !work_busy(&s->scan_work) && !storvsc_in_flight(s);
}

bool stor_quiet(struct storvsc_world *w)
{
	return fakehost_settle(w->fh, WORLD_WAIT) &&
	       fakehost_wait_for(is_quiet(stor_device()), WORLD_WAIT);
}

int stor_suspend(void)
{
	return storvsc_copy_driver()->suspend(stor_device()->dev);
}

int stor_resume(void)
{
	return storvsc_copy_driver()->resume(stor_device()->dev);
}

/* From now on requests wait in the disk: the host has their memory, and works on it. */
void stor_hold(struct storvsc_world *w, unsigned int disk, bool hold)
{
	FAKEHOST_RUN(w->fh, w->memory[disk].hold = hold);
}

/* Waits until so many do. */
bool stor_held(struct storvsc_world *w, unsigned int disk, u32 count)
{
	return fakehost_wait_for(FAKEHOST_PEEK(w->fh, w->memory[disk].held) == count, WORLD_WAIT);
}

u32 stor_release(struct storvsc_world *w, unsigned int disk, u32 count, bool newest_first)
{
	return FAKEHOST_DO(w->fh, vsp_disk_memory_release(&w->memory[disk], count, newest_first));
}

int stor_fault(struct storvsc_world *w, const struct vsp_storage_fault *fault)
{
	int number = w->fh ? FAKEHOST_DO(w->fh, vsp_storage_fault_add(w->host, fault)) :
			     vsp_storage_fault_add(w->host, fault);

	KUNIT_ASSERT_GE(w->test, number, 0);
	return number;
}

u32 stor_hits(struct storvsc_world *w, int fault)
{
	return FAKEHOST_PEEK(w->fh, vsp_storage_fault_hits(w->host, fault));
}

u64 stor_count(enum storvsc_counter counter)
{
	struct storvsc *s = stor_device();

	return s ? atomic64_read(&s->counters[counter]) : ~0ULL;
}

u64 stor_faults(enum storvsc_fault fault)
{
	struct storvsc *s = stor_device();

	return s ? atomic64_read(&s->faults[fault]) : ~0ULL;
}
