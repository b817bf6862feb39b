/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The random test's world: one fake host, one bus, a driver whose devices each have a thread.
 * Calls the fake host and looks into vmbus/internal.h and vsp/internal.h; included by random_*.c.
 *
 * Who acts: the host's thread (random_host.c) takes steps and misbehaves, the devices' threads
 * (random_guest.c, random_packet.c) do what drivers do, the case itself (random_test.c) does what
 * an administrator does. A slice is a world; a world has phases; a phase has a kind, which says
 * what the host does wrong, hence what must hold all the same. Each draws from its own numbers.
 */
#ifndef KUNIT_RANDOM_H
#define KUNIT_RANDOM_H

#include "kunit/fakehost.h"
#include "vmbus/internal.h"
#include "vsp/echo.h"

#define RANDOM_DEVICES	6u		/* instances that the host may offer */
#define RANDOM_CHANS	4u		/* channels of one device, its primary included */
#define RANDOM_SLOTS	32u		/* requests of one channel in flight */
#define RANDOM_OWED	1024u		/* completions that found no room */
#define RANDOM_WORDS	256u		/* longest payload, in 8 bytes */
#define RANDOM_LOG	160u		/* actions that are remembered */
#define RANDOM_BOUND_MS	30000u		/* no call takes longer, on however slow a machine */
#define RANDOM_PATIENT	20000u		/* limits of waits that an honest host never reaches */
#define RANDOM_SHORT	400u		/* limits where answers are lost for good */
#define RANDOM_SET	7u		/* transfer-page set of the host */
#define RANDOM_SET_BYTES	4096u

/**
 * enum random_kind - what the host of a phase does, each kind what those before it do too
 * @RANDOM_CALM: offers, withdraws, floods, holds answers; everything by the rules
 * @RANDOM_TIMING: late, busy, refused for now; nonsense that is to be ignored
 * @RANDOM_REFUSALS: says no, or withdraws instead of an answer
 * @RANDOM_RINGS: the first two, and broken rings and packets
 * @RANDOM_LOSS: the first three, and lost, doubled and swapped messages
 * @RANDOM_LIES: everything, and cut and overwritten messages; only for a guest that shares
 *	nothing but what it gives (isolated), since such a host uses what it said it gave back
 * @RANDOM_KINDS: how many
 */
enum random_kind {
	RANDOM_CALM,
	RANDOM_TIMING,
	RANDOM_REFUSALS,
	RANDOM_RINGS,
	RANDOM_LOSS,
	RANDOM_LIES,
	RANDOM_KINDS
};

/* What the threads do; the orders are numbered, so that each can be confirmed. */
enum random_stage {
	RANDOM_RUN,		/* whatever comes to mind */
	RANDOM_STILL,		/* nothing new, all channels stay as they are */
	RANDOM_REST,		/* nothing is open any more */
	RANDOM_PROVE,		/* each device: open, exchange, close, all of which must work */
	RANDOM_STAGES
};

/* One action. @who: 'H' host, 'A' administrator, a digit for a device. */
struct random_line {
	u32 order;
	char who;
	const char *what;
	u64 a;
	s64 b;
};

struct random_world;
struct random_dev;

/* One channel of a device, and what is in flight on it. */
struct random_chan {
	struct random_dev *d;
	struct enl_channel *ch;
	bool open;
	bool gone;			/* withdrawn and closed: its place is free */
	struct enl_channel_setup setup;
	struct work_struct work;	/* the consumer, for ENL_NOTIFY_IRQ */
	bool shut;			/* it is not to be queued */
	bool deaf;			/* leave packets where they are for a while */
	u64 serial;
	atomic64_t slot[RANDOM_SLOTS];	/* ids of requests in flight */
	u64 last;			/* id of the last packet that came back, one by one */
	u64 owed[RANDOM_OWED];		/* the consumer's */
	unsigned int owes;
};

/* A bound device and its thread. */
struct random_dev {
	struct list_head link;
	struct random_world *w;
	struct enl_device *dev;
	u32 instance;
	u64 random;
	struct task_struct *thread;
	struct random_chan chan[RANDOM_CHANS];
	unsigned int chans;
	u32 confirmed;			/* order */
	void *buffer;
	u32 buffer_bytes;
	struct enl_gpadl gpadl;
	void *page[2];			/* for GPA-direct */
	u64 out[RANDOM_WORDS], in[RANDOM_WORDS];
};

struct random_world {
	struct kunit *test;
	struct fakehost *fh;
	struct enl_bus *bus;		/* NULL while there is none */
	struct enl_bus_options limits;
	struct vsp_personality host;
	struct vsp_echo echo;
	struct enl_driver driver;
	bool registered;
	u64 seed;
	enum random_kind kind, next_kind;
	u32 order;			/* number of the order * RANDOM_STAGES + stage */
	bool acting;			/* the host does more than it is asked for */
	bool dirty;			/* rings or packets were broken in this phase */
	bool lossy;			/* so were messages: the two sides may disagree */
	bool breaking;			/* when proving, also break rings and see it noticed */
	bool broken;			/* there is no connection, until the bus starts anew */
	atomic64_t steps;
	u64 goal;
	unsigned int phases;

	struct mutex lock;		/* @devices */
	struct list_head devices;

	/* The host's thread. */
	struct task_struct *thread;
	u64 random;
	unsigned int idle;		/* steps without anything to do, in a row */
	struct mutex up_lock;		/* held by the case while the connection changes */
	u32 next_false;			/* number of the next offer that is none of the model's */
	u64 strikes;			/* of plans that are over */

	/* What was injected and has to be recognised, and what was. */
	atomic_long_t injected[ENL_FAULT_LIMIT];
	long faults[ENL_FAULT_LIMIT];	/* of buses that are gone */
	long known[ENL_FAULT_LIMIT];	/* at the beginning of the phase */
	atomic_long_t channel_faults[ENL_FAULT_LIMIT];
	long leaked;			/* pages that buses wrote off */
	long leaked_before, stopping;	/* of the bus there is; of the one that just stopped */
	u64 false_offers, recognised;
	atomic64_t sent, received, answered, exchanges, opens, spoilt;

	raw_spinlock_t log_lock;	/* @log, @failures, @first */
	struct random_line log[RANDOM_LOG];
	u32 logged;
	unsigned int failures, reported;
	struct random_line first;
	enum random_kind first_kind;
};

/* random_log.c */
void random_note(struct random_world *w, char who, const char *what, u64 a, s64 b);
void random_fail(struct random_world *w, char who, const char *what, u64 a, s64 b);
void random_report(struct random_world *w);
const char *random_fault_name(enum enl_fault fault);
u64 random_seed(u64 seed, u32 who);
u32 random_below(u64 *state, u32 limit);
void random_order(struct random_world *w, enum random_stage stage);
bool random_wait_order(struct random_world *w);
bool random_allowed(const struct random_world *w, int err);
int random_called(struct random_dev *d, struct random_chan *c, const char *what, int err,
		  unsigned long since);
bool random_may_rise(const struct random_world *w, enum enl_fault fault);
bool random_may_break(const struct random_world *w, enum vsp_violation which);

/* random_packet.c */
void random_notify(struct enl_channel *ch, void *context);
void random_poll(struct work_struct *work);
void random_send(struct random_chan *c);
bool random_exchange(struct random_chan *c, unsigned int ms);
int random_ask(struct random_chan *c, u64 *words, u32 bytes, unsigned int ms);
bool random_in_flight(const struct random_chan *c);
void random_forget(struct random_chan *c);

/* random_guest.c */
void random_driver_init(struct random_world *w);
int random_open(struct random_chan *c, bool plain);
void random_close(struct random_chan *c);

/* random_host.c */
int random_host_start(struct random_world *w);
void random_host_stop(struct random_world *w);
void random_host_plan(struct random_world *w);
void random_host_honest(struct random_world *w);
void random_host_offer(struct random_world *w);
unsigned int random_host_devices(struct random_world *w);
void random_host_print(struct random_world *w);
void random_host_clean(struct random_world *w);

/* random_inject.c */
void random_inject(struct random_world *w, u64 *state);
void random_garbage(struct random_world *w, u64 *state);
void random_scribble(struct random_world *w, u64 *state);
void random_recognise(struct random_chan *c);

/* random_check.c */
void random_begin(struct random_world *w);
void random_settle(struct random_world *w);
void random_check_phase(struct random_world *w);
void random_check_still(struct random_world *w);
void random_check_rest(struct random_world *w);
void random_check_bound(struct random_world *w);
u64 random_unloads(struct random_world *w);
void random_check_leak(struct random_world *w, u64 answers);
void random_check_stopped(struct random_world *w, u64 answers);
void random_check_unstarted(struct random_world *w, int err);
void random_summary(struct random_world *w);

/* random_test.c */
void random_restart(struct random_world *w, u64 *state);

static inline enum random_stage random_stage(const struct random_world *w)
{
	return READ_ONCE(w->order) % RANDOM_STAGES;
}

static inline char random_who(const struct random_dev *d)
{
	return '0' + d->instance;
}

#endif
