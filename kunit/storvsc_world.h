/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole storage controller in a test: fake host, real bus, the driver, the kernel's SCSI and sd.
 * Calls fakehost.h, vsp/ and storvsc/; included by the storvsc_*_test.c that need more than pure
 * files. A case: w = storvsc_world(test), set what differs, storvsc_world_up(w), act, expect. The
 * suite's exit lets go of all that is held, brings everything down, and checks that no rule was
 * broken.
 */
#ifndef KUNIT_STORVSC_WORLD_H
#define KUNIT_STORVSC_WORLD_H

#include "kunit/fakehost.h"
#include "storvsc/storvsc.h"
#include "vsp/disk_memory.h"
#include "vsp/storage.h"

#define WORLD_DISKS	4
#define WORLD_BYTES	(1u << 20)	/* of each disk */
#define WORLD_REQUESTS	192u		/* that the host has room for */
#define WORLD_SEGMENTS	68u		/* of each */
#define WORLD_HELD	24		/* references to LUNs that one case can take */
#define WORLD_WAIT	40000		/* ms; a wait that takes so long has failed */

struct stor_io;

/**
 * struct storvsc_world - one test's controller and its surroundings
 * @test: the test
 * @options: of the host, before up
 * @kind: of controller, before up
 * @disks: how many are there from the start, at LUN 0 and up
 * @instance: names the device, unless it is an IDE disk
 * @fh: the host
 * @bus: the bus
 * @host: the storage service; peek with FAKEHOST_PEEK
 * @disk: LUN n of target 0; change before up, or add and remove later
 * @memory: behind each of them
 * @relid: of the primary
 * @limits: of the bus
 * @lies: how many lies of the host are expected
 * @saved: the driver's options before the test
 * @started: the driver is registered
 * @held: references to be dropped
 * @ios: all requests of the test
 */
struct storvsc_world {
	struct kunit *test;
	struct fakehost_options options;
	enum vsp_storage_kind kind;
	unsigned int disks;
	struct enl_guid instance;
	struct fakehost *fh;
	struct enl_bus *bus;
	struct vsp_storage *host;
	struct vsp_disk disk[WORLD_DISKS];
	struct vsp_disk_memory memory[WORLD_DISKS];
	u32 relid;
	struct enl_bus_options limits;
	u64 lies;
	struct storvsc_options saved;
	bool started;
	struct scsi_device *held[WORLD_HELD];
	struct list_head ios;
};

/* storvsc_world.c: life, and looking */
struct storvsc_world *storvsc_world(struct kunit *test);
void storvsc_world_start(struct storvsc_world *w);
struct storvsc *storvsc_world_up(struct storvsc_world *w);
void storvsc_world_tell(struct storvsc_world *w);
void storvsc_world_let_go(struct storvsc_world *w);
void storvsc_world_drop(struct storvsc_world *w);
void storvsc_world_down(struct kunit *test);

struct storvsc *stor_device(void);
struct scsi_device *stor_find(struct storvsc_world *w, unsigned int target, u64 lun);
struct scsi_device *stor_lun(struct storvsc_world *w, u64 lun);
bool stor_has(struct storvsc_world *w, unsigned int target, u64 lun, bool there);
bool stor_quiet(struct storvsc_world *w);
int stor_suspend(void);
int stor_resume(void);
void stor_hold(struct storvsc_world *w, unsigned int disk, bool hold);
bool stor_held(struct storvsc_world *w, unsigned int disk, u32 count);
u32 stor_release(struct storvsc_world *w, unsigned int disk, u32 count, bool newest_first);
int stor_fault(struct storvsc_world *w, const struct vsp_storage_fault *fault);
u32 stor_hits(struct storvsc_world *w, int fault);
u64 stor_count(enum storvsc_counter counter);
u64 stor_faults(enum storvsc_fault fault);

/* A fault for the next command of that opcode, whatever LUN it is for. */
#define STOR_ON(code) .opcode = (code), .lun = VSP_ANY, .target = VSP_ANY

/* One of the host's counters. */
#define stor_host(w, member) FAKEHOST_PEEK((w)->fh, (w)->host->stats.member)

/**
 * struct stor_io - a command from the test to a LUN, and what became of it
 * @w: the test's world
 * @link: in its list
 * @rq: until it has ended
 * @bio: describes the pages
 * @page: the buffer, no two of them side by side
 * @pages: how many
 * @offset: of the first byte in the first page
 * @bytes: in all
 * @done: it has ended
 * @started: it was sent off
 * @result: host byte and SAM status, as the mid-layer has them
 * @resid: bytes that were not transferred
 * @sense: sense data
 */
struct stor_io {
	struct storvsc_world *w;
	struct list_head link;
	struct request *rq;
	struct bio *bio;
	struct page **page;
	unsigned int pages;
	u32 offset, bytes;
	struct completion done;
	bool started;
	int result;
	u32 resid;
	u8 sense[SCSI_SENSE_BUFFERSIZE];
};

/**
 * struct stor_ask - what a command of the test is
 * @cdb: the command
 * @cdb_bytes: its length; 0: as its opcode says
 * @write: data go to the device
 * @bytes: of data
 * @offset: of the first of them in its page
 * @hole: the second page is not used from its beginning, which nobody can describe to the host
 * @flags: more flags of the request
 */
struct stor_ask {
	const u8 *cdb;
	u32 cdb_bytes;
	bool write;
	u32 bytes;
	u32 offset;
	bool hole;
	blk_opf_t flags;
};

/* storvsc_world_io.c: doing */
struct stor_io *stor_io(struct storvsc_world *w, struct scsi_device *sdev,
			const struct stor_ask *ask);
struct stor_io *stor_rw(struct storvsc_world *w, struct scsi_device *sdev, bool write, u32 block,
			u32 bytes);
struct stor_io *stor_plain(struct storvsc_world *w, struct scsi_device *sdev, u8 opcode);
void stor_io_start(struct stor_io *io);
bool stor_io_wait(struct stor_io *io, unsigned int ms);
bool stor_io_done(const struct stor_io *io);
bool stor_io_run(struct stor_io *io);
void stor_io_fill(struct stor_io *io, u32 seed);
bool stor_io_holds(const struct stor_io *io, u32 seed, u32 bytes);
unsigned int stor_io_pinned(struct stor_io *io, bool drop);
void stor_io_forget_all(struct storvsc_world *w);
void stor_io_free_all(struct storvsc_world *w);
bool stor_disk_holds(struct storvsc_world *w, unsigned int disk, u32 at, u32 seed, u32 bytes);
void stor_expect_works(struct storvsc_world *w);

static inline u8 stor_host_byte(const struct stor_io *io)
{
	return io->result >> 16 & 0xff;
}

static inline u8 stor_sam(const struct stor_io *io)
{
	return io->result & 0xff;
}

#endif
