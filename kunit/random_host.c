// SPDX-License-Identifier: GPL-2.0-only
/*
 * The random test's host: a thread that takes the model's steps in random order and acts between.
 * Calls the fake host and, under its lock, the model; random_inject.c for what breaks the rules.
 * Started and stopped by random_test.c, which also says when it has to be honest.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include "kunit/random.h"
#include "vsp/internal.h"
#include "wire/classes.h"

#define PLAN_LINES	24u
#define MOST_CHANNELS	20u		/* offered at a time */

static const struct enl_guid classes[] = {
	ENL_CLASS_HEARTBEAT, ENL_CLASS_SCSI, ENL_CLASS_NETWORK,
};

/* --- the model's channels; all under the lock */

static bool is_offered(const struct vsp_channel *c)
{
	return c->state == VSP_CH_WAITING || c->state == VSP_CH_OFFERED || c->state == VSP_CH_OPEN;
}

static u32 instance_of(const struct vsp_channel *c)
{
	return c->offer.instance_id.b[0];
}

/* The @n-th channel that is offered, or NULL if there are not so many; n = ~0 counts them. */
static struct vsp_channel *nth(struct vsp *v, u32 n, u32 *count)
{
	u32 i, seen = 0;

	for (i = 1; i < ENL_RELID_LIMIT && seen < MOST_CHANNELS + 8; i++) {
		if (!is_offered(&v->channel[i]))
			continue;
		if (seen++ == n)
			return &v->channel[i];
	}
	if (count)
		*count = seen;
	return NULL;
}

static struct vsp_channel *any(struct random_world *w, struct vsp *v, u64 *state)
{
	u32 count = 0;

	nth(v, ~0u, &count);
	return count ? nth(v, random_below(state, count), NULL) : NULL;
}

/* Is anything of the instance there, in whatever state? */
static bool is_there(struct vsp *v, u32 instance)
{
	u32 i;

	for (i = 1; i < 256; i++) {
		if (v->channel[i].state != VSP_CH_FREE && instance_of(&v->channel[i]) == instance)
			return true;
	}
	return false;
}

static int offer(struct random_world *w, struct vsp *v, u64 *state)
{
	u32 instance = 1 + random_below(state, RANDOM_DEVICES);
	struct vsp_offer o = {
		/* the class belongs to the instance: one name, one device */
		.class_id = classes[instance % ARRAY_SIZE(classes)],
		.instance_id = fakehost_instance(instance),
		.monitored = random_below(state, 2),
		.mmio_megabytes = random_below(state, 2) * 8,
		.provider = &vsp_echo_provider,
		.state = &w->echo,
	};

	return is_there(v, instance) ? 0 : vsp_offer(v, &o);
}

/* A channel goes; with a primary go its sub-channels, before, after, or a little later. */
static int withdraw(struct random_world *w, struct vsp *v, u64 *state)
{
	struct vsp_channel *c = any(w, v, state);
	u32 relid, instance, i;
	bool primary;

	if (!c)
		return 0;
	relid = c->relid;
	instance = instance_of(c);
	primary = !c->offer.sub_channel_index;
	if (primary && random_below(state, 2))
		vsp_rescind_and_reoffer(v, relid);
	else if (random_below(state, 2))
		vsp_rescind(v, relid);
	for (i = 1; primary && i < 256; i++) {
		c = &v->channel[i];
		if (is_offered(c) && instance_of(c) == instance && random_below(state, 8))
			vsp_rescind(v, i);
	}
	return relid;
}

static void kick_all(struct vsp *v)
{
	u32 i;

	for (i = 1; i < 256; i++) {
		if (v->channel[i].state == VSP_CH_OPEN)
			vsp_kick(&v->channel[i]);
	}
}

static int flood(struct random_world *w, struct vsp *v, u64 *state)
{
	struct vsp_channel *c = any(w, v, state);

	if (!c || c->state != VSP_CH_OPEN)
		return 0;
	w->echo.transfer_set = random_below(state, 3) ? 0 : RANDOM_SET;
	w->echo.transfer_bytes = RANDOM_SET_BYTES;
	vsp_echo_flood(v, c->relid, 1 + random_below(state, 100), 8 + 8 * random_below(state, 60),
		       random_below(state, 2));
	return c->relid;
}

/* The service changes its habits. */
static int change(struct random_world *w, struct vsp *v, u64 *state)
{
	struct vsp_echo *e = &w->echo;
	u32 what = random_below(state, 6);

	switch (what) {
	case 0:
		e->hold = true;
		return what;
	case 1:
		e->deaf = true;
		return what;
	case 2:
		e->quiet = !e->quiet;
		return what;
	case 3:
		vsp_echo_release(v, e, 1 + random_below(state, 8), random_below(state, 2));
		break;
	default:
		e->hold = false;
		e->deaf = false;
		vsp_echo_release(v, e, VSP_ECHO_HELD, random_below(state, 2));
	}
	kick_all(v);
	return what;
}

/* Answers of one type wait until the next time that this is called. */
static int hold(struct random_world *w, struct vsp *v, u64 *state)
{
	static const u8 types[] = {
		ENL_MSG_OPEN_RESULT, ENL_MSG_GPADL_CREATED, ENL_MSG_GPADL_TORNDOWN,
		ENL_MSG_MODIFY_CHANNEL_RESPONSE,
	};
	u32 i, kept = 0;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		kept |= !!(v->held_types & 1ULL << types[i]);
		vsp_hold(v, types[i], false);
	}
	/* Late answers are not lost ones, but where waits are short they look alike. */
	if (kept || w->kind >= RANDOM_LOSS)
		return 0;
	i = types[random_below(state, ARRAY_SIZE(types))];
	vsp_hold(v, i, true);
	return i;
}

static int quota(struct random_world *w, struct vsp *v, u64 *state)
{
	bool refuses = w->kind == RANDOM_REFUSALS || w->kind >= RANDOM_LOSS;

	vsp_personality(v)->gpadl_pages = refuses && random_below(state, 2) ?
					  20 + random_below(state, 60) : 0;
	return vsp_personality(v)->gpadl_pages;
}

/* --- the plan */

static void packet_fault(struct vsp *v, u64 *state)
{
	static const enum vsp_fault_action actions[] = {
		VSP_DROP, VSP_REPEAT, VSP_TRUNCATE, VSP_OVERWRITE, VSP_OVERWRITE, VSP_DELAY,
	};
	struct vsp_fault f = {
		.point = VSP_AT_PACKET,
		.action = actions[random_below(state, ARRAY_SIZE(actions))],
		.skip = random_below(state, 300),
		.times = 1,
		.a = random_below(state, 64),
		.b = random_below(state, 2) ? vsp_next_random(state) : random_below(state, 8),
		.width = 1u << random_below(state, 4),
	};

	vsp_fault_add(v, &f);
}

static int plan(struct random_world *w, struct vsp *v, u64 *state)
{
	u32 bits = VSP_PLAN_TIMING, i;

	w->strikes += vsp_fault_total_hits(v);
	vsp_fault_clear(v);
	if (w->kind == RANDOM_CALM)
		return 0;
	if (w->kind == RANDOM_REFUSALS || w->kind >= RANDOM_LOSS)
		bits |= VSP_PLAN_REFUSALS;
	if (w->kind >= RANDOM_LOSS)
		bits |= VSP_PLAN_LOSS;
	if (w->kind == RANDOM_LIES)
		bits |= VSP_PLAN_HOSTILE;
	vsp_fault_random(v, vsp_next_random(state), bits, PLAN_LINES);
	for (i = 0; i < 8 && (w->kind == RANDOM_RINGS || w->kind == RANDOM_LIES); i++)
		packet_fault(v, state);
	return bits;
}

/* A new plan for the kind of the phase. */
void random_host_plan(struct random_world *w)
{
	w->dirty = w->kind == RANDOM_RINGS || w->kind == RANDOM_LIES;
	w->lossy = w->kind >= RANDOM_LOSS;
	FAKEHOST_DO(w->fh, plan(w, w->fh->host, &w->random));
}

/* Whatever is kept back goes on its way. */
static int let_go(struct random_world *w, struct vsp *v)
{
	u32 type;

	for (type = 0; v->held_types && type < VSP_TYPES; type++)
		vsp_hold(v, type, false);
	w->echo.hold = false;
	w->echo.deaf = false;
	vsp_echo_release(v, &w->echo, VSP_ECHO_HELD, false);
	kick_all(v);
	return 0;
}

static int honest(struct random_world *w, struct vsp *v)
{
	w->strikes += vsp_fault_total_hits(v);
	vsp_fault_clear(v);
	w->echo.quiet = false;
	vsp_personality(v)->gpadl_pages = 0;
	return let_go(w, v);
}

/* The plan is withdrawn, and nothing is kept back any more. */
void random_host_honest(struct random_world *w)
{
	FAKEHOST_DO(w->fh, honest(w, w->fh->host));
}

static int offer_some(struct random_world *w, struct vsp *v)
{
	u32 count = 0, tries;

	for (tries = 0; tries < 32 && count < 2; tries++) {
		offer(w, v, &w->random);
		nth(v, ~0u, &count);
	}
	return 0;
}

/* Two devices at least. */
void random_host_offer(struct random_world *w)
{
	FAKEHOST_DO(w->fh, offer_some(w, w->fh->host));
}

static unsigned int devices(struct vsp *v)
{
	u32 i, count = 0;

	for (i = 1; i < 256; i++)
		count += is_offered(&v->channel[i]) && !v->channel[i].offer.sub_channel_index;
	return count;
}

unsigned int random_host_devices(struct random_world *w)
{
	return FAKEHOST_PEEK(w->fh, devices(w->fh->host));
}

static int clean(struct vsp *v)
{
	u32 i;

	for (i = 1; i < ENL_RELID_LIMIT; i++) {
		if (v->channel[i].state == VSP_CH_WAITING)
			vsp_rescind(v, i);
	}
	return 0;
}

/* With no guest connected: nothing is offered any more. */
void random_host_clean(struct random_world *w)
{
	FAKEHOST_DO(w->fh, clean(w->fh->host));
}

/* --- the thread */

static void act(struct random_world *w, u64 *state)
{
	static const struct {
		const char *what;
		int (*act)(struct random_world *w, struct vsp *v, u64 *state);
		u32 weight;
	} acts[] = {
		{ "offer", offer, 6 }, { "withdraw", withdraw, 3 }, { "flood", flood, 12 },
		{ "change", change, 12 }, { "hold", hold, 4 }, { "quota", quota, 2 },
		{ "plan", plan, 1 },
	};
	u32 r = random_below(state, 48), i;

	atomic64_inc(&w->steps);
	for (i = 0; i < ARRAY_SIZE(acts) && r >= acts[i].weight; i++)
		r -= acts[i].weight;
	if (i < ARRAY_SIZE(acts)) {
		random_note(w, 'H', acts[i].what,
			    FAKEHOST_DO(w->fh, acts[i].act(w, w->fh->host, state)), 0);
		return;
	}
	fakehost_event(w->fh, random_below(state, nr_cpu_ids), random_below(state, 64));
	if (w->kind >= RANDOM_TIMING)
		random_inject(w, state);
	if (w->kind == RANDOM_RINGS || w->kind == RANDOM_LIES)
		random_scribble(w, state);
	if (w->kind == RANDOM_LIES)
		random_garbage(w, state);
}

/* For the report: who waits for whom. */
void random_host_print(struct random_world *w)
{
	const struct vsp *v = w->fh->host;
	u32 i;

	for (i = 1; i < 256; i++) {
		const struct vsp_channel *c = &v->channel[i];

		if (c->state == VSP_CH_FREE)
			continue;
		kunit_info(w->test,
			   "relid %u: device %u.%u, state %u,%s%s%s%s in %u of %u, out %u pending %u, tokens %u doorbells %u",
			   i, instance_of(c), c->offer.sub_channel_index, c->state,
			   c->reading ? " reading" : "", c->stalled ? " stalled" : "",
			   c->blocked ? " blocked" : "", c->broken ? " broken" : "", c->in.index,
			   c->in.data_bytes, c->out.index, c->out.pending, c->tokens, c->doorbells);
	}
	for (i = 0; i < VSP_GPADLS; i++) {
		const struct vsp_gpadl *g = &v->gpadl[i];

		if (g->state != VSP_GPADL_FREE)
			kunit_info(w->test, "list 0x%x of relid %u: state %u, %u of %u pages, 0x%llx...",
				   g->id, g->relid, g->state, g->have, g->pages, v->pfn[g->first]);
	}
	kunit_info(w->test, "service:%s%s%s held %u flood %llu; held types 0x%llx; %u out, %u in",
		   w->echo.hold ? " holds" : "", w->echo.deaf ? " deaf" : "",
		   w->echo.quiet ? " quiet" : "", w->echo.helds, w->echo.flood, v->held_types,
		   v->outs, v->ins);
}

/* The first breach that this host excuses not, or VSP_V_LIMIT. */
static u32 breach(struct random_world *w, struct vsp *v)
{
	u32 i;

	for (i = 0; i < VSP_V_LIMIT; i++) {
		if (i != VSP_V_RELID && v->violation[i] && !random_may_break(w, i))
			break;
	}
	return i;
}

/* Close to where it happens: breaches, and pages that are free though the host has them. */
static void watch(struct random_world *w, bool memory)
{
	u32 which;

	if (memory)
		FAKEHOST_PEEK(w->fh, vsp_check_memory(w->fh->host));
	which = FAKEHOST_PEEK(w->fh, breach(w, w->fh->host));
	if (which == VSP_V_LIMIT)
		return;
	random_fail(w, 'H', vsp_violation_name(which),
		    vsp_violation_count(w->fh->host, which), 0);
	random_host_print(w);
}

static int host_thread(void *context)
{
	struct random_world *w = context;
	u64 *state = &w->random;

	while (!kthread_should_stop()) {
		u64 r = vsp_next_random(state);
		bool worked = fakehost_step_kind(w->fh, (r >> 8) % VSP_DO_LIMIT);

		WRITE_ONCE(w->idle, worked ? 0 : w->idle + 1);
		if (worked)
			atomic64_inc(&w->steps);
		if (READ_ONCE(w->acting) && (r >> 16) % (worked ? 80 : 8) == 0)
			act(w, state);
		/* Long enough to matter; longer is only dull. */
		if (w->idle == 12)
			FAKEHOST_DO(w->fh, let_go(w, w->fh->host));
		if ((r >> 32) % 16 == 0 && !READ_ONCE(w->failures))
			watch(w, (r >> 36) % 16 == 0);
		/* The guest needs time to give the host something to do. */
		if (w->idle > 3 || (r >> 40) % 512 == 0)
			usleep_range(10, 100);
		else
			cond_resched();
	}
	return 0;
}

int random_host_start(struct random_world *w)
{
	fakehost_set_manual(w->fh, true);
	w->fh->random_delivery = true;
	w->thread = kthread_run(host_thread, w, "random-host");
	return PTR_ERR_OR_ZERO(w->thread);
}

void random_host_stop(struct random_world *w)
{
	if (!IS_ERR_OR_NULL(w->thread))
		kthread_stop(w->thread);
	w->thread = NULL;
	w->fh->random_delivery = false;
	fakehost_set_manual(w->fh, false);
}
