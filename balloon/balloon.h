/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of the balloon: what the host asked, what it holds, what the kernel was told.
 * Private to balloon/. The pure half is model.h; the transport is vmbus/vmbus.h.
 *
 * Who touches what: requests are executed one after the other by the worker (main.c), which alone
 * changes @ballooned and the sets in @regions. The online callback and the memory notifier read
 * and count in @regions under @region_lock. Reports run beside the worker and take what they need
 * from atomics. Order of locks: @send_lock (mutex); @region_lock and @lock (spin), never nested.
 *
 * Rule for pages that are out: they are never freed by the guest, whatever happens to the channel.
 * They stay in @ballooned and in the demand over unbind, rescind and a new channel: a host that
 * remembers may still give them back, and one that forgot (a channel reset means so to some) sees
 * honestly how much less the guest has. No page is reported twice, because it stays allocated.
 * Only a reboot or kexec ends that: the next kernel starts with none. While a page is out or a
 * block is in the kernel the module holds a reference to itself, so rmmod says "in use".
 */
#ifndef ENL_BALLOON_BALLOON_H
#define ENL_BALLOON_BALLOON_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/page_reporting.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "model.h"
#include "vmbus/vmbus.h"

/* Counters: name, and the sentence that debugfs and docs show. They only grow. */
/* clang-format off */
#define BALLOON_COUNTER_TABLE(X) \
	X(requests_balloon,	"requests of the host for memory") \
	X(requests_unballoon,	"messages by which the host gave memory back") \
	X(requests_hot_add,	"requests of the host to add memory") \
	X(requests_hot_remove,	"requests of the host to remove memory; always declined") \
	X(requests_refused,	"requests declined: the VM may hibernate, or a parameter") \
	X(requests_queued,	"requests that came while another was being executed") \
	X(pages_out,		"pages given to the host") \
	X(pages_back,		"pages that came back") \
	X(pages_kept,		"pages freed again because the host did not take the answer") \
	X(alloc_failures,	"allocations that failed while memory was given, of any size") \
	X(floor_stops,		"requests cut short at the floor") \
	X(responses,		"messages that named ballooned pages") \
	X(ring_full,		"sends that found the ring full") \
	X(answers_owed,		"final answers that the host did not take in time and got later") \
	X(reports,		"status reports sent") \
	X(reports_skipped,	"status reports not sent because the ring was full") \
	X(pressure,		"times the kernel ran short of memory") \
	X(blocks_added,		"memory blocks added to the kernel") \
	X(block_retries,	"attempts to add memory that were repeated later") \
	X(block_failures,	"memory blocks that the kernel refused") \
	X(online_failures,	"memory blocks that could not be brought online") \
	X(foreign_chunks,	"chunks of other drivers' memory passed on when brought online") \
	X(hints,		"reports of free memory to the hypervisor") \
	X(hint_pages,		"pages in them") \
	X(hint_failures,	"reports of free memory that failed")
/* clang-format on */

#define BALLOON_COUNTER_ENUM(name, text) BALLOON_COUNT_##name,
enum balloon_counter {
	BALLOON_COUNTER_TABLE(BALLOON_COUNTER_ENUM)
	BALLOON_COUNTERS
};
#undef BALLOON_COUNTER_ENUM

/* Who brings a hot-added block online, and into which zone. */
enum balloon_online {
	BALLOON_ONLINE_AUTO,		/* we, if the kernel did not; the kernel picks the zone */
	BALLOON_ONLINE_MOVABLE,		/* likewise, movable */
	BALLOON_ONLINE_KERNEL,		/* likewise, usable by the kernel itself */
	BALLOON_ONLINE_NONE,		/* kernel or user space; we never */
};

/* Set by module parameters (module.c) and by tests. */
struct balloon_options {
	bool balloon, hot_add, page_reporting;
	enum balloon_online online;
	unsigned int floor_mib;		/* 0: computed */
	unsigned int limit_mib;		/* of hot-added memory while the host names no maximum */
	unsigned int report_delay_s;	/* before the first status report */
	unsigned int report_ms;		/* period */
	unsigned int handshake_ms;	/* for each answer */
	unsigned int send_ms;		/* for room in the ring */
	unsigned int retry_ms;		/* for the kernel to find memory for a new block */
};

extern struct balloon_options balloon_options;

struct balloon;
struct balloon_memory;
struct balloon_reporting;

/**
 * struct balloon_mm_ops - all effects on real memory, so that tests can do without
 * @totals: fill in total, available, commit and swap of a demand, in guest pages
 * @free: free pages
 * @swapped_out: pages ever written to swap
 * @take: allocate 2^@order pages, marked offline and out of the totals. 0 and @pfn, or -ENOMEM.
 * @give: undo @take for any part of it
 * @block_bytes: size of a memory block
 * @clash: true if there is memory in the range already
 * @add: add one block. 0; -ENOMEM or -EAGAIN: worth another try; else final
 * @online: see that a block just added comes online. 0 or a negative errno.
 * @release: naturally aligned 2^@order pages to the allocator
 * @withhold: these pages of an online block are not backed: nobody may touch them
 * @hook: from now on m->hooks hears of blocks going on- and offline. 0 or -EBUSY.
 * @unhook: no more
 * @hint: tell the hypervisor of free memory; as enl_device_heat_hint()
 */
struct balloon_mm_ops {
	void (*totals)(struct balloon_memory *m, struct balloon_demand *demand);
	u64 (*free)(struct balloon_memory *m);
	u32 (*swapped_out)(struct balloon_memory *m);
	int (*take)(struct balloon_memory *m, unsigned int order, u64 *pfn);
	void (*give)(struct balloon_memory *m, u64 pfn, u64 pages);
	u64 (*block_bytes)(struct balloon_memory *m);
	bool (*clash)(struct balloon_memory *m, u64 pfn, u64 pages);
	int (*add)(struct balloon_memory *m, u64 pfn, u64 pages);
	int (*online)(struct balloon_memory *m, u64 pfn, enum balloon_online how);
	void (*release)(struct balloon_memory *m, u64 pfn, unsigned int order);
	void (*withhold)(struct balloon_memory *m, u64 pfn, u64 pages);
	int (*hook)(struct balloon_memory *m);
	void (*unhook)(struct balloon_memory *m);
	int (*hint)(struct balloon *b, const u64 *words, unsigned int count, unsigned int *done);
};

extern const struct balloon_mm_ops balloon_mm_kernel;
u64 balloon_mm_shown_block_bytes(struct balloon_memory *m);

struct balloon_hooks {
	void (*online_page)(struct balloon_memory *m, u64 pfn, unsigned int order);
	void (*event)(struct balloon_memory *m, const struct balloon_run *range,
		      enum balloon_event event);
};

/* Outlives devices: see the rule above. One for each copy of the module. */
struct balloon_memory {
	const struct balloon_mm_ops *ops;
	void *context;			/* of @ops */
	struct kset *devices;		/* all devices of the kernel, for @ops->online */
	struct balloon *user;		/* the one device */

	struct balloon_ranges ballooned;
	atomic64_t ballooned_pages;
	bool held;			/* the module's reference to itself */

	spinlock_t region_lock;		/* guards @regions, see above */
	struct balloon_regions regions;
	const struct balloon_hooks *hooks;
	bool hooked;
	u64 boot_pages;			/* at module load */
	u64 swap_seen;
	struct notifier_block pm;	/* hears of hibernation, with a device or without */

	atomic64_t counters[BALLOON_COUNTERS];
	atomic64_t faults[BALLOON_FAULT_LIMIT];
	struct ratelimit_state fault_limit[BALLOON_FAULT_LIMIT];
};

/* A request that waits for the worker or is being executed. */
struct balloon_request {
	struct balloon_message message;
	__le64 ranges[ENL_DM_RESPONSE_RANGES];	/* what message.ranges points to */
};

enum balloon_state {
	BALLOON_CLOSED,
	BALLOON_NEGOTIATING,
	BALLOON_READY,
};

/* One bound device. */
struct balloon {
	struct enl_device *dev;
	struct enl_channel *ch;
	struct balloon_memory *m;
	struct workqueue_struct *wq;
	struct workqueue_struct *report_wq;	/* its own: it has to work without memory */
	wait_queue_head_t wake;		/* room in ring or queue, or the end */
	bool stopping;

	spinlock_t lock;		/* guards the seven below */
	enum balloon_state state;
	enum enl_dm_type expect;	/* response waited for, or 0 */
	struct balloon_message response;
	struct balloon_request slot[2];	/* the one in work, and the one behind it */
	unsigned int head, used;
	u8 owed[24];			/* a final answer; none is longer */
	u32 owed_bytes;

	struct completion responded;
	u32 version;
	u64 caps;			/* what the host answered */
	bool refuses;			/* the VM may hibernate */
	u64 max_pages;			/* of the info message; 0: none yet */

	struct mutex send_lock;		/* ids go out in order */
	u32 trans_id;

	struct work_struct work;
	struct delayed_work report;
	unsigned long ready_at;		/* jiffies */
	atomic_long_t pressed_at;	/* jiffies */
	atomic_t pressed;		/* @pressed_at is valid; never reset */
	struct notifier_block oom;
	struct balloon_status last;	/* report sent last, for people */

	struct balloon_run runs[ENL_DM_RESPONSE_RANGES];
	u8 message[ENL_DM_MESSAGE_BYTES] __aligned(8);

	struct balloon_reporting *reporting;
	struct dentry *debug;
	bool running;			/* channel open, reports on */
	bool sysfs;
};

/* What page reporting knows of us; exists while it is offered and wanted. */
struct balloon_reporting {
	struct page_reporting_dev_info info;
	struct balloon *b;
	struct work_struct stop;
	unsigned int failures;		/* in a row */
	bool registered;
	bool failed;			/* only ever set; @stop takes the consequence */
};

/* state.c */
void balloon_count(struct balloon_memory *m, enum balloon_counter counter, u64 n);
void balloon_blame(struct balloon *b, enum balloon_fault fault);
bool balloon_stopping(const struct balloon *b);
bool balloon_pause(struct balloon *b, unsigned int ms);
bool balloon_hold(struct balloon_memory *m);
void balloon_unhold(struct balloon_memory *m);
u64 balloon_floor_pages(struct balloon_memory *m, const struct balloon_demand *demand);
void balloon_memory_init(struct balloon_memory *m, const struct balloon_mm_ops *ops,
			 void *context);
void balloon_memory_free(struct balloon_memory *m);

/* protocol.c */
int balloon_send(struct balloon *b, void *message, u32 bytes);
int balloon_send_once(struct balloon *b, void *message, u32 bytes);
void balloon_answer(struct balloon *b, const void *message, u32 bytes);
void balloon_pay(struct balloon *b);
void balloon_response(struct balloon *b, const struct balloon_message *message);
int balloon_handshake(struct balloon *b, u64 capabilities);

/* pages.c */
void balloon_inflate(struct balloon *b, u64 wanted);
void balloon_deflate(struct balloon *b, const struct balloon_message *message);

/* hotadd.c */
void balloon_hot_add(struct balloon *b, const struct balloon_message *message);
int balloon_hotadd_start(struct balloon_memory *m);
void balloon_hotadd_stop(struct balloon_memory *m);
u64 balloon_offline_pages(struct balloon_memory *m);

/* report.c */
void balloon_report_init(struct balloon *b);
void balloon_report_start(struct balloon *b);
void balloon_report_stop(struct balloon *b);
void balloon_demand_now(struct balloon *b, struct balloon_demand *demand);

/* freepage.c */
int balloon_hint_runs(struct balloon *b, const struct balloon_run *runs, unsigned int count);
void balloon_reporting_start(struct balloon *b);
void balloon_reporting_stop(struct balloon *b);

/* stats.c */
extern const struct attribute_group balloon_attributes;
void balloon_stats_add(struct balloon *b);
void balloon_stats_remove(struct balloon *b);

/* main.c */
int balloon_start(const struct balloon_mm_ops *ops, void *context);
void balloon_stop(void);
struct balloon_memory *balloon_the_memory(void);

#endif
