/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stage for tests of the transport: a fake host, a bus, and one driver that does as it is told.
 * Calls the fake host and the drivers' API; included by the vmbus_* suites.
 * A suite uses stage_init() and stage_exit(): whatever a failed case left open is ended there.
 */
#ifndef KUNIT_STAGE_H
#define KUNIT_STAGE_H

#include "kunit/fakehost.h"
#include "vmbus/internal.h"
#include "vsp/echo.h"
#include "wire/classes.h"

#define STAGE_SUBS	16u
#define STAGE_RING	16384u
#define STAGE_LONG_MS	20000u	/* a limit that no case reaches: whoever waits so long hangs */
#define STAGE_SOON_MS	8000u	/* much longer than anything takes, and less than the limit */

/**
 * struct stage - everything of one case
 * @test: the case
 * @fh: the host
 * @bus: the bus, NULL when stopped
 * @echo: serves every channel that stage_offer() offers
 * @limits: of the bus; a case may change them before stage_up()
 * @setup: how stage_open() opens
 * @driver: serves heartbeat (not spread over CPUs), SCSI and network
 * @probe: what its probe does, or NULL
 * @remove: likewise
 * @given: likewise, of a sub-channel
 * @dev: bound last, NULL when removed
 * @sub: sub-channels that it was told of
 * @subs: how many
 * @probes: successful ones
 * @failed_probes: the others
 * @removes: calls of remove
 * @rounds: calls of notify
 * @received: packets
 * @entered: a callback that waits has been entered
 * @gate: what it waits for
 * @data: the case's own
 */
struct stage {
	struct kunit *test;
	struct fakehost *fh;
	struct enl_bus *bus;
	struct vsp_echo *echo;
	struct enl_bus_options limits;
	struct enl_channel_setup setup;
	struct enl_driver driver;
	int (*probe)(struct stage *s, struct enl_device *dev);
	void (*remove)(struct stage *s, struct enl_device *dev);
	void (*given)(struct stage *s, struct enl_channel *ch);
	struct enl_device *dev;
	struct enl_channel *sub[STAGE_SUBS];
	unsigned int subs;
	unsigned int probes, failed_probes, removes;
	atomic_t rounds, received;
	struct completion entered, gate;
	void *data;
	/* private: */
	bool registered;
};

/* One call that stage_call() runs in a thread. */
struct stage_call {
	struct stage *s;
	struct enl_channel *ch;
	void *buffer;
	u32 bytes;
	struct enl_gpadl gpadl;
	unsigned int cpu;
};

int stage_init(struct kunit *test);
void stage_exit(struct kunit *test);

void stage_host(struct stage *s, const struct fakehost_options *options);
void stage_start(struct stage *s);
struct stage *stage_up(struct kunit *test, const struct fakehost_options *options);
void stage_stop(struct stage *s);
void stage_down(struct stage *s);

u32 stage_offer(struct stage *s, u32 instance);
u32 stage_offer_class(struct stage *s, const struct enl_guid *class_id, u32 instance);
u32 stage_offer_sub(struct stage *s, u32 instance, u16 index);
struct enl_channel *stage_channel(struct stage *s);
bool stage_wait_probes(struct stage *s, unsigned int count);
bool stage_wait_gone(struct stage *s, u64 released);
bool stage_quiet(struct stage *s);
void stage_count(struct stage *s, const char *what, u64 got, u64 want);

int stage_open(struct stage *s, struct enl_channel *ch);
int stage_talk(struct stage *s, struct enl_channel *ch);
long stage_fault(struct stage *s, enum enl_fault fault);
bool stage_wait_fault(struct stage *s, enum enl_fault fault, long count);

struct stage *stage_up_perf(struct kunit *test, const struct fakehost_options *options);
void stage_offer_many(struct stage *s, unsigned int devices, bool open);
struct enl_channel *stage_on_cpu(struct stage *s, unsigned int cpu);
unsigned int stage_other_cpu(struct enl_channel *ch);
bool stage_receives(struct stage *s, struct enl_channel *ch, unsigned int packets);

/* In a thread, while the case drives the host. */
int stage_do_open(void *call);
int stage_do_close(void *call);
int stage_do_create(void *call);
int stage_do_destroy(void *call);
int stage_do_set_cpu(void *call);
void stage_remove_waits(struct stage *s, struct enl_device *dev);
void stage_remove_joins(struct stage *s, struct enl_device *dev);
bool stage_take_step(struct stage *s, unsigned int ms);

/* A fault that changes @width bytes at @at of the next message of @type to the guest. */
void stage_overwrite(struct stage *s, u32 type, u32 at, u64 value, u8 width);
void stage_message_fault(struct stage *s, u32 type, enum vsp_fault_action action, u32 a);

void stage_quota(struct stage *s, u32 pages);
bool stage_message(struct stage *s, const void *message, size_t bytes);

extern const struct enl_guid stage_class, stage_perf_class;

#define STAGE(test)	((struct stage *)(test)->priv)

#endif
