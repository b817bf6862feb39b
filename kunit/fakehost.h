/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fake host: vsp/ behind struct enl_platform_ops, a whole host for each test case.
 * Calls vsp/ and the bus through vmbus/platform.h; included by the KUnit files that need a host.
 * Three ways to drive it: by itself (default), step by step (manual), or at random (a thread).
 *
 * The smallest complete test:
 *
 *	static void answers_a_contact(struct kunit *test)
 *	{
 *		const struct enl_guid class = ENL_CLASS_HEARTBEAT;
 *		struct fakehost *fh = fakehost_create(test, NULL);
 *		struct enl_bus *bus;
 *		u32 relid;
 *
 *		relid = fakehost_offer(fh, &class, 1, NULL, NULL);
 *		bus = fakehost_start_bus(fh, NULL);
 *		KUNIT_ASSERT_FALSE(test, IS_ERR(bus));
 *		KUNIT_EXPECT_EQ(test, enl_bus_version(bus), ENL_VERSION_5_3);
 *
 *		fakehost_rescind(fh, relid);
 *		KUNIT_EXPECT_TRUE(test,
 *				  fakehost_wait_posted(fh, ENL_MSG_RELID_RELEASED, 1, 1000));
 *
 *		enl_bus_stop(bus);
 *		fakehost_check(test, fh);	// no rule broken, nothing left open
 *		fakehost_destroy(fh);
 *	}
 *
 * By itself: whatever the guest posts or signals wakes a thread that steps until nothing is left to
 * do, in a fixed order, so that a blocking call such as enl_channel_open() just works.
 * Manual (options.manual, or fakehost_set_manual()): nothing happens until fakehost_step(). A
 * blocking call must then run in another thread: fakehost_call() starts one, fakehost_called()
 * waits for it.
 * At random (fakehost_run_random()): a thread takes so many steps in an order that follows from a
 * seed, delivers with interrupts or softirqs off, and adds spurious events.
 *
 * Everything the host model can do is reached with FAKEHOST_DO(fh, vsp_...(fh->host, ...)), which
 * takes the lock; the functions below are the common cases. Faults: fakehost_fault().
 */
#ifndef KUNIT_FAKEHOST_H
#define KUNIT_FAKEHOST_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include "vmbus/platform.h"
#include "vsp/fault.h"
#include "vsp/vsp.h"

#define FAKEHOST_HINTS	64u		/* words of heat hints that are remembered */
#define FAKEHOST_TRACE	64u		/* last things that happened, printed when a check fails */

/**
 * struct fakehost_options - a host other than the usual one; all zero is the usual one
 * @personality: which host; NULL is vsp_host_2022
 * @manual: nothing happens without fakehost_step()
 * @isolated: the guest is isolated: the host sees shared pages only
 * @hibernation: firmware offers S4
 * @reverse_vps: the processors' numbers run backwards, with a gap
 * @no_hypercalls: post_message answers -ENXIO
 * @fail_start: what start returns
 */
struct fakehost_options {
	const struct vsp_personality *personality;
	bool manual;
	bool isolated;
	bool hibernation;
	bool reverse_vps;
	bool no_hypercalls;
	int fail_start;
};

/**
 * struct fakehost_counts - what passed the seam
 * @starts: calls of start
 * @stops: calls of stop
 * @suspends: calls of suspend
 * @resumes: calls of resume
 * @polls: calls of poll
 * @posts: calls of post_message
 * @refused_posts: of them, those that got a status other than 0
 * @signals: calls of signal_event
 * @messages: handed to the bus
 * @refused_messages: of them, those that were not taken
 * @events: event flags that were raised
 * @interrupts: of them, those that interrupted (the flag was clear)
 * @lost_events: for a processor that is not online
 * @shares: pages that share was called for
 * @unshares: pages that unshare was called for
 * @shared_pages: pages that are shared now
 * @hints: calls of heat_hint
 * @hint_words: words in them
 * @late: calls of the seam after stop
 */
struct fakehost_counts {
	u64 starts, stops, suspends, resumes, polls;
	u64 posts, refused_posts, signals;
	u64 messages, refused_messages, events, interrupts, lost_events;
	u64 shares, unshares, shared_pages;
	u64 hints, hint_words;
	u64 late;
};

/* private: one thing that happened in the model */
struct fakehost_line {
	const char *what;
	u32 a;
	u64 b;
};

/**
 * struct fakehost - the host of one test
 * @host: the model; only with @lock held (FAKEHOST_DO)
 * @lock: guards @host, @counts and the queues; taken in any context
 * @options: read only
 * @counts: what passed the seam
 * @parent: a device to hang the bus on
 * @user: the test's own
 * @frozen: the trace ends here
 */
struct fakehost {
	struct vsp *host;
	raw_spinlock_t lock;
	struct fakehost_options options;
	struct fakehost_counts counts;
	struct device *parent;
	void *user;
	bool frozen;
	/* private: */
	const struct enl_platform_events *up;
	void *up_context;
	bool started, suspended, manual;
	struct mutex step_lock;		/* one step at a time, delivery included */
	struct task_struct *pump;
	struct task_struct *random;
	struct completion random_done;
	u64 random_state, random_steps;
	bool kicked, running, random_delivery;
	struct irq_work raise;
	unsigned int raise_vp;
	unsigned long (*flags)[ENL_EVENT_FLAGS / BITS_PER_LONG];
	struct xarray shared;		/* pages that the host may see, when isolated */
	unsigned int fail_share, fail_unshare;	/* the n-th next call fails; 0 none */
	int hint_status;
	unsigned int hint_done;
	u64 hint_words[FAKEHOST_HINTS];
	struct task_struct *caller;
	int (*call)(void *context);
	void *call_context;
	int call_result;
	struct completion call_done;
	struct fakehost_line trace[FAKEHOST_TRACE];
	unsigned int traced;
};

/* Evaluates a call of the model under the lock and yields its value. */
#define FAKEHOST_DO(fh, call) ({ \
	unsigned long __flags; \
	__typeof__(call) __value; \
	raw_spin_lock_irqsave(&(fh)->lock, __flags); \
	__value = (call); \
	raw_spin_unlock_irqrestore(&(fh)->lock, __flags); \
	fakehost_kick(fh); \
	__value; })

/* The same for a call that gives the host nothing to do. */
#define FAKEHOST_PEEK(fh, call) ({ \
	unsigned long __flags; \
	__typeof__(call) __value; \
	raw_spin_lock_irqsave(&(fh)->lock, __flags); \
	__value = (call); \
	raw_spin_unlock_irqrestore(&(fh)->lock, __flags); \
	__value; })

/* For a call without a value. */
#define FAKEHOST_RUN(fh, call) do { \
	unsigned long __flags; \
	raw_spin_lock_irqsave(&(fh)->lock, __flags); \
	call; \
	raw_spin_unlock_irqrestore(&(fh)->lock, __flags); \
	fakehost_kick(fh); \
} while (0)

/* Waits until @condition holds, looking every millisecond. False after @ms. */
#define fakehost_wait_for(condition, ms) ({ \
	unsigned long __end = jiffies + msecs_to_jiffies(ms) + 1; \
	bool __ok; \
	while (!(__ok = (condition)) && time_before(jiffies, __end)) \
		usleep_range(500, 1000); \
	__ok || (condition); })

extern const struct enl_platform_ops fakehost_ops;
extern const struct enl_bus_options fakehost_limits;	/* short waits, for tests */

/* Life. The bus is the test's: stop it before fakehost_destroy(). NULL: out of memory. */
struct fakehost *fakehost_create(struct kunit *test, const struct fakehost_options *options);
void fakehost_destroy(struct fakehost *fh);
struct enl_bus *fakehost_start_bus(struct fakehost *fh, const struct enl_bus_options *limits);

/* Driving it. */
bool fakehost_step(struct fakehost *fh);
bool fakehost_step_kind(struct fakehost *fh, enum vsp_kind first);
unsigned int fakehost_run_until_idle(struct fakehost *fh);
void fakehost_set_manual(struct fakehost *fh, bool manual);
void fakehost_kick(struct fakehost *fh);
bool fakehost_settle(struct fakehost *fh, unsigned int ms);
int fakehost_run_random(struct fakehost *fh, u64 seed, u64 steps);
bool fakehost_random_done(struct fakehost *fh, unsigned int ms);
int fakehost_call(struct fakehost *fh, int (*call)(void *context), void *context);
bool fakehost_called(struct fakehost *fh, unsigned int ms, int *result);

/* What the host does to the guest. */
u32 fakehost_offer(struct fakehost *fh, const struct enl_guid *class_id, u32 instance,
		   const struct vsp_provider *provider, void *state);
u32 fakehost_offer_full(struct fakehost *fh, const struct vsp_offer *offer);
u32 fakehost_offer_sub(struct fakehost *fh, const struct enl_guid *class_id, u32 instance,
		       u16 index, const struct vsp_provider *provider, void *state);
struct enl_guid fakehost_instance(u32 instance);
bool fakehost_rescind(struct fakehost *fh, u32 relid);
void fakehost_inject(struct fakehost *fh, const void *message, u32 bytes);
void fakehost_event(struct fakehost *fh, unsigned int cpu, u32 flag);
void fakehost_hold(struct fakehost *fh, u32 type, bool hold);
int fakehost_fault(struct fakehost *fh, const struct vsp_fault *fault);
void fakehost_post_status(struct fakehost *fh, u32 type, u16 status, u32 times);
void fakehost_fail_share(struct fakehost *fh, unsigned int share, unsigned int unshare);
void fakehost_hint_answer(struct fakehost *fh, int status, unsigned int done);
int fakehost_cpu_going(struct fakehost *fh, unsigned int cpu);
void fakehost_cpu_came(struct fakehost *fh, unsigned int cpu);
void fakehost_dying(struct fakehost *fh, bool crash);
u32 fakehost_vp(struct fakehost *fh, unsigned int cpu);

/* What the guest did. Counts are since the start; types are of enum enl_msg_type. */
u64 fakehost_posted(struct fakehost *fh, u32 type);
bool fakehost_wait_posted(struct fakehost *fh, u32 type, u64 count, unsigned int ms);
bool fakehost_message(struct fakehost *fh, u32 type, u64 nth, struct vsp_record *record);
bool fakehost_wait_open(struct fakehost *fh, u32 relid, bool open, unsigned int ms);
u64 fakehost_violations(struct fakehost *fh);
void fakehost_forgive(struct fakehost *fh, enum vsp_violation which);
void fakehost_ledger(struct fakehost *fh, struct vsp_ledger *ledger);
void fakehost_check(struct kunit *test, struct fakehost *fh);
void fakehost_check_rules(struct kunit *test, struct fakehost *fh);
void fakehost_print_trace(struct kunit *test, struct fakehost *fh);

#endif
