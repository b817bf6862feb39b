/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A storage controller: its channels and queues, what is in flight, and who may touch what.
 * Private to storvsc/. The pure half is model.h; the transport is vmbus/vmbus.h.
 *
 * Requests. Each hardware queue of the block layer is a channel and has one slot for each tag. A
 * slot's word is odd while the host has its request, and changes hands by compare-and-exchange
 * only: whoever makes it even (the completion, or the recovery that gave the request up) ends it,
 * once. Nothing else keeps count of requests in flight: who has to know looks at the slots.
 *
 * The gate. Requests are sent under rcu_read_lock() after a look at @gate; to close it and to wait
 * for synchronize_rcu() is to know that no slot becomes odd any more.
 *
 * Rule for data: memory that a request names is released by its completion, after the host has
 * confirmed the end of the channel, or after the grace period of a channel that it withdrew. If it
 * does not confirm, a reference to each page is kept for good.
 *
 * Locks, outermost first: @mutex (opens and closes channels, changes queue->ch); queue->poll_lock
 * (spin: who takes packets of a polled queue). Work: @scan_wq brings up the SCSI host and looks for
 * LUNs, and may wait for disks; @wq does what disks may wait for, and can run out of memory.
 */
#ifndef ENL_STORVSC_STORVSC_H
#define ENL_STORVSC_STORVSC_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include "model.h"
#include "vmbus/vmbus.h"

/* A variable that is written whole before it is read: kernels that clear the stack leave it out. */
#if __has_attribute(__uninitialized__)
#define STORVSC_UNCLEARED __attribute__((__uninitialized__))
#else
#define STORVSC_UNCLEARED
#endif

#define STORVSC_BUCKETS		24u	/* of latency: bucket n ends at 2^n microseconds */
#define STORVSC_BLOCK_TIMEOUT_S	180
#define STORVSC_QUEUES		256u	/* at most, whatever host and machine have */

/* Counters of a controller: name, and the sentence that debugfs and docs show. They only grow. */
/* clang-format off */
#define STORVSC_COUNTER_TABLE(X) \
	X(notices,		"notices of the host: LUNs came or went, names or media changed") \
	X(scans,		"looks at the set of LUNs") \
	X(luns_added,		"LUNs that a look found") \
	X(luns_removed,		"LUNs that a look confirmed to be gone") \
	X(luns_swapped,		"LUNs behind which another disk was found") \
	X(verifications,	"LUNs asked whether they are still there") \
	X(rescans,		"LUNs whose capacity or parameters were read again") \
	X(errors,		"requests that ended with what is no ordinary answer of a device") \
	X(refused,		"commands answered by us because the host mishandles them") \
	X(undescribable,	"requests whose memory cannot be described to the host") \
	X(map_failures,		"requests put back because the DMA layer had no room") \
	X(slot_busy,		"requests put back because the host still had their tag") \
	X(overdue,		"log lines about requests without an answer") \
	X(recoveries,		"times the channels were closed and opened for a lost request") \
	X(requeued,		"requests sent again after that") \
	X(abandoned,		"requests given up: the device went, or by policy") \
	X(pages_pinned,		"pages kept for good because the host may write to them") \
	X(resets,		"bus resets that somebody asked for") \
	X(sub_channels_late,	"sub-channels that came too late to be used") \
	X(sub_channels_lost,	"sub-channels withdrawn or not opened")
/* clang-format on */

#define STORVSC_COUNTER_ENUM(name, text) STORVSC_COUNT_##name,
enum storvsc_counter {
	STORVSC_COUNTER_TABLE(STORVSC_COUNTER_ENUM)
	STORVSC_COUNTERS
};
#undef STORVSC_COUNTER_ENUM

/* Parameters (module.c); the second half is for tests. */
struct storvsc_options {
	unsigned int ring_kib;
	unsigned int channels;
	unsigned int poll_queues;
	unsigned int paths;
	unsigned int targets;
	unsigned int fc_paths;
	unsigned int fc_targets;
	unsigned int recover_s;
	unsigned int grace_s;
	bool write_same;
	bool ide;
	unsigned int handshake_ms;
	unsigned int sub_channel_ms;
	unsigned int drain_ms;
	unsigned int barrier_ms;
	unsigned int watch_ms;
	unsigned int overdue_ms;
};

extern struct storvsc_options storvsc_options;

enum storvsc_policy { STORVSC_WAIT, STORVSC_RECOVER, STORVSC_FAIL };

#define STORVSC_LUN_VERIFY	0	/* bits of storvsc_lun.wanted */
#define STORVSC_LUN_RESCAN	1

/* A scsi_device's own; lives as long, and until RCU readers are through. */
struct storvsc_lun {
	struct rcu_head rcu;
	u64 number;
	unsigned long wanted;		/* what scan.c is to do with it */
	enum storvsc_policy policy;
	unsigned int policy_s;
	struct ratelimit_state limit;	/* of log lines about its errors */
	atomic64_t errors;		/* that were worth a line */
};

/* A request in flight, or the place for one. */
struct storvsc_slot {
	u32 word;			/* odd: the host has it; the generation of its id */
	u8 opcode;			/* for the log */
	struct enl_channel *ch;		/* that it was sent on */
	struct scsi_cmnd *cmd;		/* for whoever took the slot only */
	struct storvsc_lun *lun;	/* may be looked at under RCU while @word stays */
	u64 sent_ns;			/* local_clock() */
};

/* Two lines: senders and the consumer are seldom on one CPU. */
struct storvsc_queue_stats {
	atomic64_t submitted;		/* requests sent */
	atomic64_t ring_full;		/* requests put back because the ring was full */
	atomic64_t gate_closed;		/* requests put back while channels were reopened */
	atomic64_t polled ____cacheline_aligned_in_smp; /* of the completed: found by polling */
	atomic64_t latency[STORVSC_BUCKETS]; /* completed, by time; the sum is all that completed */
};

struct storvsc_queue {
	struct storvsc *s;
	unsigned int number;
	bool polled;
	struct enl_channel *ch;		/* NULL: requests go by the primary */
	struct storvsc_slot *slot;	/* one for each tag; NULL before the SCSI host exists */
	spinlock_t poll_lock;		/* guards taking packets, and @ch against it, if @polled */
	struct storvsc_queue_stats stats;
};

enum storvsc_gate {
	STORVSC_GATE_OPEN,
	STORVSC_GATE_CLOSED,		/* for a while: requests are put back */
	STORVSC_GATE_GONE,		/* for good: requests fail */
};

#define STORVSC_WANT_BUS	0	/* bits of storvsc.wanted */
#define STORVSC_WANT_MEDIA	1
#define STORVSC_WANT_WWN	2

struct storvsc {
	struct enl_device *dev;
	struct enl_channel *primary;
	enum storvsc_class class;
	bool isolated;			/* data go through the DMA layer */
	unsigned int ide_target;

	/* From the handshake; only a new one changes them, with the gate closed. */
	u16 version;			/* 0 until it is agreed */
	u32 packet_bytes;
	struct storvsc_properties properties;
	u32 ring_bytes;
	struct enl_stor_wwn wwn;	/* FC; under wwn_lock */
	spinlock_t wwn_lock;

	enum storvsc_gate gate;		/* written under @gate_lock, read anywhere */
	spinlock_t gate_lock;
	bool removing;			/* no more work is begun */
	bool reaping;			/* the grace period has begun */
	bool broken;			/* a channel was stopped; cleared by a recovery */
	unsigned long broken_at;	/* jiffies of the last such recovery; 0: none */
	bool starved;			/* somebody waits for room in a ring */

	struct mutex mutex;		/* see above */
	struct storvsc_queue *queue;
	unsigned int queues_made;	/* entries of @queue */
	unsigned int queues;		/* hardware queues of @host; 0 before it exists */
	unsigned int polled;		/* the last of them */
	u32 depth;			/* slots of each */
	unsigned int subs_asked, subs_open;
	wait_queue_head_t wake;

	struct Scsi_Host *host;		/* NULL until attached */
	struct workqueue_struct *scan_wq, *wq;
	struct work_struct attach_work, scan_work, room_work, recover_work, sub_work, drain_work;
	struct delayed_work watch_work, reap_work;
	unsigned long wanted;
	DECLARE_BITMAP(media, 256);	/* LUNs of event notifications */

	atomic64_t counters[STORVSC_COUNTERS];
	atomic64_t faults[STORVSC_FAULT_LIMIT];
	struct ratelimit_state fault_limit[STORVSC_FAULT_LIMIT];
	struct dentry *debug;
};

static inline struct storvsc *storvsc_of(struct Scsi_Host *host)
{
	return *(struct storvsc **)shost_priv(host);
}

/* state.c */
void storvsc_count(struct storvsc *s, enum storvsc_counter counter);
void storvsc_blame(struct storvsc *s, struct enl_channel *ch, enum storvsc_fault fault);
const char *storvsc_fault_name(enum storvsc_fault fault);
const char *storvsc_fault_text(enum storvsc_fault fault);
const char *storvsc_counter_name(enum storvsc_counter counter);
const char *storvsc_counter_text(enum storvsc_counter counter);
bool storvsc_gate_close(struct storvsc *s);
void storvsc_gate_open(struct storvsc *s);
void storvsc_gate_shut(struct storvsc *s);
void storvsc_gone(struct storvsc *s);
void storvsc_broken(struct storvsc *s);
void storvsc_want_scan(struct storvsc *s);
void storvsc_state_init(struct storvsc *s);

/* slot.c */
int storvsc_slots_alloc(struct storvsc *s);
void storvsc_slots_free(struct storvsc *s);
u32 storvsc_slot_claim(struct storvsc_slot *slot, struct enl_channel *ch, struct scsi_cmnd *cmd);
bool storvsc_slot_take(struct storvsc_slot *slot, u32 word);
u64 storvsc_slot_age_ms(const struct storvsc_slot *slot);
unsigned int storvsc_in_flight(struct storvsc *s);
void storvsc_look_again(struct storvsc *s);
bool storvsc_drain(struct storvsc *s, unsigned int ms);
typedef void (*storvsc_slot_visit)(struct storvsc_queue *q, struct storvsc_slot *slot, u32 word,
				   void *context);
void storvsc_slots_visit(struct storvsc *s, storvsc_slot_visit visit, void *context);

/* complete.c */
void storvsc_notify(struct enl_channel *ch, void *context);
int storvsc_poll(struct Scsi_Host *host, unsigned int number);
void storvsc_drain_work(struct work_struct *work);
void storvsc_end(struct storvsc *s, struct scsi_cmnd *cmd, enum storvsc_host_byte host,
		 bool release);

/* queue.c */
int storvsc_submit(struct storvsc_queue *q, u16 tag, struct scsi_cmnd *cmd, bool last);
void storvsc_commit(struct storvsc_queue *q);

/* init.c */
int storvsc_handshake(struct storvsc *s);
int storvsc_ask_sub_channels(struct storvsc *s);
int storvsc_reset_bus(struct storvsc *s);

/* channel.c */
int storvsc_open(struct storvsc *s);
int storvsc_reopen(struct storvsc *s);
bool storvsc_close(struct storvsc *s);
void storvsc_set_channel(struct storvsc_queue *q, struct enl_channel *ch);
void storvsc_sub_channel(struct enl_device *dev, struct enl_channel *ch);

/* scan.c */
void storvsc_scan_work(struct work_struct *work);

/* recover.c */
void storvsc_watch_work(struct work_struct *work);
void storvsc_recover_work(struct work_struct *work);
void storvsc_reap_work(struct work_struct *work);
void storvsc_sub_work(struct work_struct *work);
void storvsc_abandon(struct storvsc *s, bool returned);

/* host.c */
int storvsc_attach(struct storvsc *s);
void storvsc_detach(struct storvsc *s);

/* lun.c */
extern const struct attribute_group *storvsc_lun_groups[];
int storvsc_lun_init(struct scsi_device *sdev);
int storvsc_lun_configure(struct scsi_device *sdev);
void storvsc_lun_destroy(struct scsi_device *sdev);

/* stats.c */
void storvsc_stats_start(void);
void storvsc_stats_stop(void);
void storvsc_stats_add(struct storvsc *s);
void storvsc_stats_remove(struct storvsc *s);

/* ide.c */
int storvsc_ide_check(struct storvsc *s);

/* fc.c */
#if IS_ENABLED(CONFIG_SCSI_FC_ATTRS)
int storvsc_fc_start(void);
void storvsc_fc_stop(void);
void storvsc_fc_prepare(struct Scsi_Host *host);
void storvsc_fc_attached(struct storvsc *s);
void storvsc_fc_update(struct storvsc *s);
void storvsc_fc_remove(struct storvsc *s);
#else
static inline int storvsc_fc_start(void)
{
	return 0;
}

static inline void storvsc_fc_stop(void)
{
}

static inline void storvsc_fc_prepare(struct Scsi_Host *host)
{
}

static inline void storvsc_fc_attached(struct storvsc *s)
{
}

static inline void storvsc_fc_update(struct storvsc *s)
{
}

static inline void storvsc_fc_remove(struct storvsc *s)
{
}
#endif

/* main.c */
int storvsc_start(void);
void storvsc_stop(void);

#endif
