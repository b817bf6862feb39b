// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the random test's threads share: numbers, orders, the log of actions, and what may go wrong.
 * Calls nothing but KUnit, at the end of a slice; called by all of random_*.c in any context.
 * A failure is noted where it is seen and reported by the case, with the last actions of all.
 */
#include <linux/delay.h>
#include "kunit/random.h"

#define NAME(name, stops, text) [ENL_FAULT_##name] = #name,
static const char *const names[ENL_FAULT_LIMIT] = {
	ENL_FAULT_TABLE(NAME)
};

const char *random_fault_name(enum enl_fault fault)
{
	return fault < ENL_FAULT_LIMIT ? names[fault] : "NONE";
}

/* --- numbers */

/* Every bit of the result depends on every bit of @x, or small seeds would draw much the same. */
static u64 mix(u64 x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* Another sequence for each actor. */
u64 random_seed(u64 seed, u32 who)
{
	return mix(seed ^ mix(who));
}

u32 random_below(u64 *state, u32 limit)
{
	return (u32)((vsp_next_random(state) >> 32) % limit);
}

/* --- the log */

static void line(struct random_world *w, struct random_line *to, char who, const char *what, u64 a,
		 s64 b)
{
	*to = (struct random_line){
		.order = READ_ONCE(w->order), .who = who, .what = what, .a = a, .b = b,
	};
}

/* One action; @what is a constant string. Any context. */
void random_note(struct random_world *w, char who, const char *what, u64 a, s64 b)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&w->log_lock, flags);
	line(w, &w->log[w->logged++ % RANDOM_LOG], who, what, a, b);
	raw_spin_unlock_irqrestore(&w->log_lock, flags);
}

/* Something that must not be. The log stops here, so that its end shows what led to it. */
void random_fail(struct random_world *w, char who, const char *what, u64 a, s64 b)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&w->log_lock, flags);
	if (!w->failures++) {
		line(w, &w->first, who, what, a, b);
		w->first_kind = w->kind;
		w->fh->frozen = true;
	}
	if (w->failures < RANDOM_LOG / 4)
		line(w, &w->log[w->logged++ % RANDOM_LOG], who, what, a, b);
	raw_spin_unlock_irqrestore(&w->log_lock, flags);
}

static const char *const stages[] = { "run", "still", "rest", "prove" };

static void print_line(struct random_world *w, const struct random_line *l)
{
	kunit_info(w->test, "%u %s %c: %s 0x%llx %lld", l->order / RANDOM_STAGES,
		   stages[l->order % RANDOM_STAGES], l->who, l->what, l->a, l->b);
}

/* Fails the case if anything failed: the first failure, the seed, the last actions. */
void random_report(struct random_world *w)
{
	u32 i = w->logged > RANDOM_LOG ? w->logged - RANDOM_LOG : 0;

	if (w->failures == w->reported)
		return;
	w->reported = w->failures;
	for (; i < w->logged; i++)
		print_line(w, &w->log[i % RANDOM_LOG]);
	fakehost_print_trace(w->test, w->fh);
	random_host_print(w);
	kunit_info(w->test, "seed 0x%llx, phase %u of kind %u, host %s%s, %llu steps", w->seed,
		   w->phases, w->first_kind, w->host.name,
		   w->fh->options.isolated ? ", isolated" : "",
		   (u64)atomic64_read(&w->steps));
	print_line(w, &w->first);
	KUNIT_FAIL(w->test, "%u failures; the first: %c: %s 0x%llx %lld", w->failures,
		   w->first.who, w->first.what, w->first.a, w->first.b);
}

/* --- orders */

/* From now on every thread does @stage. */
void random_order(struct random_world *w, enum random_stage stage)
{
	WRITE_ONCE(w->order, (w->order / RANDOM_STAGES + 1) * RANDOM_STAGES + stage);
	random_note(w, 'A', stages[stage], 0, 0);
}

static struct random_dev *tardy(struct random_world *w, char *who)
{
	struct random_dev *d, *found = NULL;

	mutex_lock(&w->lock);
	list_for_each_entry(d, &w->devices, link) {
		if (READ_ONCE(d->confirmed) == w->order)
			continue;
		found = d;
		*who = random_who(d);
		break;
	}
	mutex_unlock(&w->lock);
	return found;
}

/* Until every device has confirmed the order. False, and a failure: one has not. */
bool random_wait_order(struct random_world *w)
{
	char who = '?';

	if (fakehost_wait_for(!tardy(w, &who), 2 * RANDOM_BOUND_MS))
		return true;
	random_fail(w, who, "does not confirm the order", w->order, 0);
	return false;
}

/* --- what each kind of host excuses */

/* May a call end with @err, the channel not being withdrawn? */
bool random_allowed(const struct random_world *w, int err)
{
	switch (err) {
	case 0:
		return true;
	case -EIO:
		return w->kind == RANDOM_REFUSALS || w->kind >= RANDOM_LOSS;
	case -EPROTO:
		return w->dirty;
	case -ETIMEDOUT:
		return w->kind >= RANDOM_LOSS;
	case -ENODEV:
		return w->kind == RANDOM_LIES || w->broken;
	case -EINVAL:
		return w->kind == RANDOM_LIES;
	default:
		return false;
	}
}

/* May the bus count @fault without an injection? */
bool random_may_rise(const struct random_world *w, enum enl_fault fault)
{
	switch (fault) {
	case ENL_FAULT_REPLY_UNEXPECTED:	/* the rescind was quicker than the answer */
	case ENL_FAULT_OFFER_ORPHAN:		/* the primary went */
	case ENL_FAULT_OFFER_UNASKED:		/* the driver went */
		return true;
	case ENL_FAULT_MESSAGE_STATE:
	case ENL_FAULT_RESCIND_UNKNOWN:
	case ENL_FAULT_RESCIND_AGAIN:
	case ENL_FAULT_OFFER_RELID:
	case ENL_FAULT_OFFER_DUPLICATE:
	case ENL_FAULT_ANSWER_LATE:
	case ENL_FAULT_MEMORY_KEPT:
		return w->kind >= RANDOM_LOSS;
	default:
		return w->kind == RANDOM_LIES;
	}
}

/* May the model hold the breach of @which against the guest? */
bool random_may_break(const struct random_world *w, enum vsp_violation which)
{
	if (w->kind == RANDOM_LIES)
		return which != VSP_V_TABLE;
	if (which == VSP_V_MODIFY_TWICE)
		return w->kind >= RANDOM_LOSS;
	switch (which) {
	case VSP_V_RING_INDEX:
	case VSP_V_RING_LENGTH:
	case VSP_V_RING_OFFSET:
	case VSP_V_RING_TYPE:
	case VSP_V_RING_FLAGS:
	case VSP_V_RING_TRAILER:
	case VSP_V_RING_OWNER:
	case VSP_V_RANGE:
	case VSP_V_REQUEST_ID:
	case VSP_V_COMPLETION:
	case VSP_V_DOORBELL:
	case VSP_V_DOORBELL_MISSING:
		return w->dirty;
	default:
		return false;
	}
}

/* A call came back: in time, and with a result that this host may cause. Returns @err. */
int random_called(struct random_dev *d, struct random_chan *c, const char *what, int err,
		  unsigned long since)
{
	struct random_world *w = d->w;
	unsigned int ms = jiffies_to_msecs(jiffies - since);
	u32 relid = c ? enl_channel_relid(c->ch) : 0;

	random_note(w, random_who(d), what, relid, err);
	if (ms > RANDOM_BOUND_MS)
		random_fail(w, random_who(d), "that call took ms:", relid, ms);
	if (err == -ENODEV && c && enl_channel_rescinded(c->ch))
		return err;
	if (!random_allowed(w, err))
		random_fail(w, random_who(d), "that result is not allowed", relid, err);
	return err;
}
