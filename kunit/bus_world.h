/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bus in a test: fake host, a driver that records what happens to it, and the bus's last words.
 * Calls fakehost.h and looks into vmbus/internal.h for counters; included by tests of the bus.
 * A case: bus_host(), offers, bus_up(), act, expect, bus_down(), which checks the ledger too.
 */
#ifndef KUNIT_BUS_WORLD_H
#define KUNIT_BUS_WORLD_H

#include "kunit/fakehost.h"
#include "vmbus/internal.h"
#include "wire/classes.h"

#define BUS_WAIT	20000		/* ms; a wait that takes so long has failed */

/**
 * struct bus_end - the bus when its platform was stopped, the last moment to look at it
 * @stops: how often that was
 * @faults: counters by name
 * @leaked_pages: pages that the host never gave back
 * @pages_there: the shared pages of the connection were not freed yet
 */
struct bus_end {
	unsigned int stops;
	long faults[ENL_FAULT_LIMIT];
	unsigned int leaked_pages;
	bool pages_there;
};

/**
 * struct bus_record - what the driver of the tests saw, and what it shall do
 * @probes: calls of probe
 * @removes: calls of remove
 * @shutdowns: calls of shutdown
 * @suspends: calls of suspend
 * @resumes: calls of resume
 * @subs: sub-channels that it was told of
 * @dev: the device that was bound last, NULL when removed
 * @sub: the last sub-channel
 * @id: what probe was given
 * @probe_result: what probe returns
 * @opens: open the channel in probe and resume, close it in remove and suspend
 * @open_result: what the open returned
 */
struct bus_record {
	unsigned int probes, removes, shutdowns, suspends, resumes, subs;
	struct enl_device *dev;
	struct enl_channel *sub;
	struct hv_vmbus_device_id id;
	int probe_result;
	bool opens;
	int open_result;
};

extern struct bus_end bus_end;
extern struct bus_record bus_record;
extern struct enl_driver bus_driver;		/* serves heartbeat and network */
extern const struct enl_channel_setup bus_setup;
extern const struct enl_guid bus_class, bus_perf_class;

/* A bus with one device of the spread class, bound; short waits. */
struct bus_scene {
	struct fakehost *fh;
	struct enl_bus *bus;
	struct enl_device *dev;
	struct enl_channel *ch;
	u32 relid;
};

int bus_world_init(struct kunit *test);
void bus_world_exit(struct kunit *test);

struct enl_bus *bus_try(struct fakehost *fh, const struct enl_bus_options *limits);
struct enl_bus *bus_up(struct kunit *test, struct fakehost *fh,
		       const struct enl_bus_options *limits);
void bus_down(struct kunit *test, struct fakehost *fh, struct enl_bus *bus);
void bus_silent_down(struct kunit *test, struct fakehost *fh, struct enl_bus *bus);
bool bus_probed(unsigned int probes);

static inline long bus_faults(struct enl_bus *bus, enum enl_fault fault)
{
	return atomic_long_read(&bus->faults[fault]);
}

/* The bus while it is still starting. */
static inline struct enl_bus *bus_of(struct fakehost *fh)
{
	return READ_ONCE(fh->up_context);
}

/* One control message without a body, or with one number in it. */
static inline void bus_inject(struct fakehost *fh, u32 type, u32 word)
{
	struct enl_msg_relid msg = {
		.header.type = cpu_to_le32(type), .relid = cpu_to_le32(word),
	};

	fakehost_inject(fh, &msg, sizeof(msg));
}

void bus_set_scene(struct kunit *test, struct bus_scene *s);
void bus_expect_works(struct kunit *test, struct bus_scene *s);

/* An attribute by its name, NULL if there is none; and written to as sysfs does. */
struct attribute *bus_attribute(const struct attribute_group **groups, const char *name);
ssize_t bus_device_store(struct enl_device *dev, const char *name, const char *text);
ssize_t bus_driver_store(struct enl_driver *drv, const char *name, const char *text);

/* enl_bus_start() in a thread: fakehost_call(fh, bus_start_call, &call). */
struct bus_start_call {
	struct fakehost *fh;
	const struct enl_bus_options *limits;
	struct enl_bus *bus;
};

int bus_start_call(void *context);
int bus_open_call(void *channel);
int bus_close_call(void *channel);
int bus_stop_call(void *bus);

#endif
