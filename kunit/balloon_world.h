/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole balloon device in a test: fake host, real bus, the driver, and memory under control.
 * Calls fakehost.h and balloon/; included by the balloon_*_test.c that need more than pure files.
 * Pages that the host takes are real ones, so that it can write into them; blocks that it adds are
 * a map of bytes. A case: w = balloon_world(test), set what differs, balloon_world_up(w), act,
 * expect. The suite's exit brings all of it down and checks that no rule was broken.
 */
#ifndef KUNIT_BALLOON_WORLD_H
#define KUNIT_BALLOON_WORLD_H

#include "balloon/balloon.h"
#include "kunit/fakehost.h"
#include "vsp/memory.h"

#define WORLD_FIRST	0x10000000ULL	/* page number of the address space for new blocks: 1 TiB */
#define WORLD_BLOCKS	8
#define WORLD_WAIT	5000		/* ms; a wait that takes so long has failed */

/* What became of a page of a hot-added block. */
enum world_page {
	WORLD_NOWHERE,
	WORLD_RELEASED,
	WORLD_WITHHELD,
	WORLD_TWICE,			/* released although it was: two owners */
};

/*
 * struct balloon_world - one test's device and its surroundings
 * @options: of the host, before up
 * @host: the Dynamic Memory service; peek with FAKEHOST_PEEK
 * @total, @available: what the guest has, minus what is out
 * @commit: commit accounting
 * @max_order: largest size that can be allocated
 * @budget: pages that can be allocated in all
 * @scatter: pages never lie side by side
 * @interleave: of two blocks, a page of each in turn: side by side, but only once sorted
 * @gate: allocations wait while it is set
 * @block_pages: size of a memory block, before up
 * @page: enum world_page for each page of WORLD_BLOCKS blocks
 * @add_error, @add_errors: what the next so many additions of a block return
 * @auto_online: the kernel brings blocks online while they are added
 * @online_error: what bringing a block online returns
 * @hook_busy: another driver has the hook
 * @hint_supported: the hypervisor takes hints
 * @adds, @onlines, @foreign: how often
 */
struct balloon_world {
	struct kunit *test;
	struct fakehost_options options;
	struct fakehost *fh;
	struct enl_bus *bus;
	struct vsp_memory *host;
	u32 relid;
	struct balloon_mm_ops ops;
	struct balloon_options saved;

	u64 total, available, commit;
	atomic64_t taken;
	unsigned int max_order;
	atomic64_t budget;
	bool scatter, interleave, gate;
	struct list_head aside, pool;

	u64 block_pages;
	u8 *page;
	int add_error;
	unsigned int add_errors;
	bool auto_online, hook_busy, hint_supported;
	int online_error;
	unsigned int adds, onlines, foreign, foreign_order;
	bool started;
};

struct balloon_world *balloon_world(struct kunit *test);
bool balloon_world_up(struct balloon_world *w);
bool balloon_world_try(struct balloon_world *w);
void balloon_world_down(struct kunit *test);

struct balloon *world_device(void);
bool world_idle(struct balloon_world *w);
u64 world_attribute(const char *name);
u64 world_count(enum balloon_counter counter);
u64 world_faults(enum balloon_fault fault);
u64 world_out(void);
u64 world_host_pages(struct balloon_world *w);
bool world_counted(enum balloon_counter counter, u64 times);
bool world_ask_balloon(struct balloon_world *w, u64 pages);
bool world_ask_hot_add(struct balloon_world *w, u64 first, u64 pages, u64 region,
		       u64 region_pages);
bool world_tell_maximum(struct balloon_world *w, u64 pages);
bool world_balloon(struct balloon_world *w, u64 pages);
bool world_unballoon(struct balloon_world *w, u64 pages, enum vsp_dm_grouping grouping);
bool world_hot_add(struct balloon_world *w, u64 first, u64 pages, u64 region, u64 region_pages);
bool world_raw(struct balloon_world *w, const void *bytes, u32 count);
u64 world_pages_that_are(struct balloon_world *w, enum world_page what);
void world_online(struct balloon_world *w, u64 first);
void world_event(struct balloon_world *w, u64 first, enum balloon_event event);

#endif
