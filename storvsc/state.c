// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options, counters, faults, the gate, and the beginning of each piece of work.
 * Calls the transport's smallest functions. Called by every other file of the impure half.
 * The one place where the host's mistakes reach the log: once a minute for each kind.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include "storvsc.h"
#include "trace.h"

struct storvsc_options storvsc_options = {
	.paths = 1,
	.targets = 2,
	.fc_paths = 8,
	.fc_targets = 128,
	.recover_s = 300,
	.grace_s = 10,
	.handshake_ms = 180000,
	.sub_channel_ms = 3000,
	.drain_ms = 180000,
	.barrier_ms = 180000,
	.watch_ms = 5000,
	.overdue_ms = 30000,
};

#define FAULT_ROW(name, text) [STORVSC_FAULT_##name] = { #name, text },
#define COUNTER_ROW(name, text) [STORVSC_COUNT_##name] = { #name, text },
struct row {
	const char *name;
	const char *text;
};

static const struct row faults[STORVSC_FAULT_LIMIT] = { STORVSC_FAULT_TABLE(FAULT_ROW) };
static const struct row counters[STORVSC_COUNTERS] = { STORVSC_COUNTER_TABLE(COUNTER_ROW) };

const char *storvsc_fault_name(enum storvsc_fault fault)
{
	return faults[fault].name;
}

const char *storvsc_fault_text(enum storvsc_fault fault)
{
	return faults[fault].text;
}

const char *storvsc_counter_name(enum storvsc_counter counter)
{
	return counters[counter].name;
}

const char *storvsc_counter_text(enum storvsc_counter counter)
{
	return counters[counter].text;
}

/* Any context. */
void storvsc_count(struct storvsc *s, enum storvsc_counter counter)
{
	atomic64_inc(&s->counters[counter]);
}

/* Something in a packet breaks a rule: count it, trace it, say it now and then. Any context. */
void storvsc_blame(struct storvsc *s, struct enl_channel *ch, enum storvsc_fault fault)
{
	u64 times = atomic64_inc_return(&s->faults[fault]);

	trace_storvsc_fault(storvsc_fault_name(fault));
	enl_channel_fault(ch, storvsc_fault_name(fault));
	if (!__ratelimit(&s->fault_limit[fault]))
		return;
	dev_warn(s->dev->dev, "host fault %s, %llu so far: %s; dropped, see docs/debugging.md\n",
		 storvsc_fault_name(fault), times, storvsc_fault_text(fault));
}

/* False: it is shut for good. The caller then waits for those who saw it open. Any context. */
static bool gate_set(struct storvsc *s, enum storvsc_gate gate)
{
	unsigned long irq;
	bool ok;

	spin_lock_irqsave(&s->gate_lock, irq);
	ok = s->gate != STORVSC_GATE_GONE;
	if (ok)
		WRITE_ONCE(s->gate, gate);
	spin_unlock_irqrestore(&s->gate_lock, irq);
	if (ok)
		trace_storvsc_gate(gate, 0);
	return ok;
}

/* From its return on nothing is sent. May sleep. */
bool storvsc_gate_close(struct storvsc *s)
{
	bool ok = gate_set(s, STORVSC_GATE_CLOSED);

	synchronize_rcu();
	return ok;
}

void storvsc_gate_open(struct storvsc *s)
{
	gate_set(s, STORVSC_GATE_OPEN);
}

/* Requests fail from now on; those in flight go on. Any context. */
void storvsc_gate_shut(struct storvsc *s)
{
	gate_set(s, STORVSC_GATE_GONE);
	wake_up_all(&s->wake);
}

/*
 * The device went, or is beyond help. Requests in flight get a while to end by themselves (14.2),
 * then recover.c gives them up. Any context.
 */
void storvsc_gone(struct storvsc *s)
{
	storvsc_gate_shut(s);
	/* The time counts from the first word of it. */
	if (!xchg(&s->reaping, true))
		queue_delayed_work(s->wq, &s->reap_work, storvsc_options.grace_s * HZ);
}

/*
 * The rings of a channel cannot be trusted any more, and the transport has stopped it. The gate is
 * closed at once: recover.c opens all channels anew, unless that has just been done. Any context.
 */
void storvsc_broken(struct storvsc *s)
{
	if (xchg(&s->broken, true) || !gate_set(s, STORVSC_GATE_CLOSED))
		return;
	queue_work(s->wq, &s->recover_work);
}

/* Some bit of @wanted, here or at a LUN, is set. One look for any number of them. Any context. */
void storvsc_want_scan(struct storvsc *s)
{
	if (!READ_ONCE(s->removing))
		queue_work(s->scan_wq, &s->scan_work);
}

void storvsc_state_init(struct storvsc *s)
{
	unsigned int i;

	spin_lock_init(&s->wwn_lock);
	spin_lock_init(&s->gate_lock);
	mutex_init(&s->mutex);
	init_waitqueue_head(&s->wake);
	for (i = 0; i < STORVSC_FAULT_LIMIT; i++) {
		ratelimit_state_init(&s->fault_limit[i], 60 * HZ, 1);
		ratelimit_set_flags(&s->fault_limit[i], RATELIMIT_MSG_ON_RELEASE);
	}
}
