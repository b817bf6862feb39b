// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transport against hosts and drivers at random: phases of orders, and what an administrator
 * does meanwhile. Calls the fake host, random_host.c and the driver core; random_check.c judges.
 * A failure names its seed and slice; first_seed=, first_slice= and seeds=1 run that one again.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/vmalloc.h>
#include "kunit/module.h"
#include "kunit/random.h"

#define USUAL_STEPS	6000u
#define SLICE_STEPS	40000u
#define PATIENCE_MS	60000u		/* without a step the world is dead */

static const struct vsp_personality *const hosts[] = {
	&vsp_host_2022, &vsp_host_2025, &vsp_host_2019, &vsp_host_qemu, &vsp_host_2016,
	&vsp_host_2012r2,
};

/* --- what an administrator does */

/* Any bound device, with a reference. */
static struct device *any_device(struct random_world *w, u64 *state)
{
	struct device *found = NULL;
	struct random_dev *d;
	u32 skip = random_below(state, RANDOM_DEVICES);

	mutex_lock(&w->lock);
	list_for_each_entry(d, &w->devices, link) {
		if (found && !skip--)
			break;
		found = d->dev->dev;
	}
	if (found)
		get_device(found);
	mutex_unlock(&w->lock);
	return found;
}

static void unbind_and_bind(struct random_world *w, u64 *state)
{
	struct device *dev = any_device(w, state);

	if (!dev)
		return;
	device_release_driver(dev);
	if (random_below(state, 2))
		usleep_range(1000, 10000);
	random_note(w, 'A', "bind", 0, device_attach(dev));
	put_device(dev);
}

static void driver_off_and_on(struct random_world *w, u64 *state)
{
	enl_driver_unregister(&w->driver);
	w->registered = false;
	if (random_below(state, 2))
		usleep_range(1000, 10000);
	/*
	 * Kernels from 6.12.100 on lose a string when a driver comes while a device is being added
	 * (device_set_deferred_probe_reason), so no device may.
	 */
	w->acting = false;
	random_settle(w);
	random_driver_init(w);
	w->registered = !enl_driver_register(&w->driver);
	w->acting = true;
	if (!w->registered)
		random_fail(w, 'A', "driver cannot be registered again", 0, 0);
}

static void cpu_off_and_on(struct random_world *w, u64 *state)
{
	unsigned int cpu = random_below(state, nr_cpu_ids);
	int err;

	/* As the platform calls it: CPUs neither come nor go by themselves meanwhile. */
	cpus_read_lock();
	err = fakehost_cpu_going(w->fh, cpu);
	random_note(w, 'A', "CPU goes", cpu, err);
	if (err && err != -EBUSY)
		random_fail(w, 'A', "CPU cannot go", cpu, err);
	fakehost_cpu_came(w->fh, cpu);
	cpus_read_unlock();
}

/* Hibernation, as far as the bus sees it: all drivers close first. */
static void sleep_and_wake(struct random_world *w, u64 *state)
{
	u64 answers = random_unloads(w);
	int err;

	random_order(w, RANDOM_REST);
	if (!random_wait_order(w))
		return;
	mutex_lock(&w->up_lock);
	err = enl_bus_suspend(w->bus);
	if (err)
		random_fail(w, 'A', "suspend", 0, err);
	random_check_leak(w, answers);
	err = enl_bus_resume(w->bus);
	random_note(w, 'A', "resume", 0, err);
	if (err && !w->lossy)
		random_fail(w, 'A', "resume", 0, err);
	if (err)
		w->broken = true;
	mutex_unlock(&w->up_lock);
	enl_bus_settle(w->bus);
	if (w->broken)
		random_restart(w, state);
	random_order(w, RANDOM_RUN);
}

static void administer(struct random_world *w, u64 *state)
{
	static const struct {
		const char *what;
		void (*act)(struct random_world *w, u64 *state);
		u32 weight;
	} acts[] = {
		{ "unbind and bind", unbind_and_bind, 8 }, { "CPU off and on", cpu_off_and_on, 6 },
		{ "driver off and on", driver_off_and_on, 2 },
		{ "sleep and wake", sleep_and_wake, 2 }, { "restart", random_restart, 1 },
	};
	u32 r = random_below(state, 24), i;

	for (i = 0; i < ARRAY_SIZE(acts) && r >= acts[i].weight; i++)
		r -= acts[i].weight;
	if (i == ARRAY_SIZE(acts))
		return;
	atomic64_inc(&w->steps);
	random_note(w, 'A', acts[i].what, 0, 0);
	acts[i].act(w, state);
}

/* --- the bus */

static void watched_stop(void *p)
{
	struct fakehost *fh = p;
	struct enl_bus *bus = fh->up_context;
	struct random_world *w = fh->user;
	unsigned int i;

	/* Nothing comes in any more: these numbers are the last ones. */
	fakehost_ops.stop(p);
	for (i = 0; i < ENL_FAULT_LIMIT; i++)
		w->faults[i] += atomic_long_read(&bus->faults[i]);
	w->stopping = bus->leaked_pages;
}

static struct enl_platform_ops ops;

static void draw_limits(struct random_world *w)
{
	unsigned int ms = w->lossy ? RANDOM_SHORT : RANDOM_PATIENT;

	w->limits = (struct enl_bus_options){
		.contact_ms = ms, .request_ms = ms, .unload_ms = ms, .post_ms = ms,
		.offers_ms = w->lossy ? RANDOM_SHORT : RANDOM_PATIENT,
		.grace_ms = 60, .resume_ms = RANDOM_SHORT,
		/* the model takes a doorbell that is repeated for a breach */
		.stall_ms = fakehost_limits.stall_ms,
	};
	if (w->bus)
		w->bus->options = w->limits;
}

static void stop_bus(struct random_world *w)
{
	u64 answers = random_unloads(w);

	if (!w->bus)
		return;
	mutex_lock(&w->up_lock);
	enl_bus_stop(w->bus);
	w->bus = NULL;
	mutex_unlock(&w->up_lock);
	/* What stop saw before the last pages were written off is not the whole. */
	random_check_stopped(w, answers);
}

static int start_bus(struct random_world *w)
{
	struct enl_bus *bus;

	mutex_lock(&w->up_lock);
	w->stopping = 0;
	bus = enl_bus_start(&ops, w->fh, w->fh->parent, &w->limits);
	if (!IS_ERR(bus)) {
		w->bus = bus;
		w->broken = false;
	}
	mutex_unlock(&w->up_lock);
	random_note(w, 'A', "start", 0, PTR_ERR_OR_ZERO(bus));
	if (IS_ERR(bus))
		random_check_unstarted(w, PTR_ERR(bus));
	return PTR_ERR_OR_ZERO(bus);
}

/* The bus stops and starts; if a lossy host lets it not, then with a host that is honest again. */
void random_restart(struct random_world *w, u64 *state)
{
	int err;

	stop_bus(w);
	if (random_below(state, 2))
		random_host_clean(w);
	err = start_bus(w);
	if (!err)
		return;
	if (!w->lossy)
		random_fail(w, 'A', "the bus does not start", 0, err);
	random_host_honest(w);
	w->acting = false;
	draw_limits(w);
	err = start_bus(w);
	if (err)
		random_fail(w, 'A', "the bus does not start with an honest host", 0, err);
}

/* --- phases */

static bool alive(const struct random_world *w)
{
	return !READ_ONCE(w->failures) && w->bus;
}

/* Until so many steps were taken in all. */
static void wait_steps(struct random_world *w, u64 steps)
{
	u64 last = 0, now = atomic64_read(&w->steps);
	unsigned long since = jiffies;

	while (now < steps && alive(w)) {
		usleep_range(1000, 3000);
		last = now;
		now = atomic64_read(&w->steps);
		if (now != last)
			since = jiffies;
		else if (jiffies_to_msecs(jiffies - since) > PATIENCE_MS)
			random_fail(w, 'A', "nothing moves any more", now, steps);
	}
}

/* The host is honest again, every driver has closed, what disagreed starts anew: all must work. */
static void prove(struct random_world *w, u64 *state)
{
	bool breaking = w->dirty;

	w->acting = false;
	random_host_honest(w);
	if (!w->dirty && !w->lossy && alive(w)) {
		random_order(w, RANDOM_STILL);
		if (random_wait_order(w))
			random_check_still(w);
	}
	random_order(w, RANDOM_REST);
	if (!random_wait_order(w))
		return;
	if (w->lossy || !random_below(state, 4)) {
		stop_bus(w);
		random_host_clean(w);
	}
	if (w->bus)
		random_check_rest(w);
	random_check_phase(w);
	w->kind = RANDOM_CALM;
	w->dirty = false;
	w->lossy = false;
	draw_limits(w);
	random_host_offer(w);
	if (!w->bus && start_bus(w))
		random_fail(w, 'A', "the bus does not start with an honest host", 0, 0);
	if (!alive(w))
		return;
	random_check_bound(w);
	w->breaking = breaking;
	random_order(w, RANDOM_PROVE);
	if (!random_wait_order(w))
		return;
	random_check_rest(w);
	random_check_phase(w);
}

static void phase(struct random_world *w, u64 *state)
{
	u32 kinds = w->fh->options.isolated ? RANDOM_KINDS : RANDOM_LIES;
	u32 length = w->goal / 6 + random_below(state, w->goal / 4 + 1);
	u64 end;

	w->phases++;
	/* each kind in turn, from anywhere: a short run has seen some, a long one all */
	w->next_kind = w->phases == 1 ? random_below(state, kinds) : (w->next_kind + 1) % kinds;
	w->kind = w->next_kind;
	random_note(w, 'A', "phase", w->phases, w->kind);
	random_begin(w);
	random_host_plan(w);
	draw_limits(w);
	w->acting = true;
	random_order(w, RANDOM_RUN);
	end = min(w->goal, (u64)atomic64_read(&w->steps) + length);
	while (alive(w) && (u64)atomic64_read(&w->steps) < end) {
		wait_steps(w, min(end, (u64)atomic64_read(&w->steps) + 40 +
				       random_below(state, 800)));
		if (alive(w))
			administer(w, state);
	}
	prove(w, state);
}

/* --- a slice */

static void draw_host(struct random_world *w, u64 *state, struct fakehost_options *options)
{
	w->host = *hosts[random_below(state, ARRAY_SIZE(hosts))];
	w->host.commit_batch = 1 + random_below(state, 8);
	w->host.linger = random_below(state, 2) * 200000;	/* 20 ms */
	options->reverse_vps = random_below(state, 2);
	options->isolated = w->host.max_version >= ENL_VERSION_5_2 && random_below(state, 2);
	options->personality = &w->host;
}

static int init(struct kunit *test)
{
	struct random_world *w = vzalloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->test = test;
	mutex_init(&w->lock);
	raw_spin_lock_init(&w->log_lock);
	mutex_init(&w->up_lock);
	INIT_LIST_HEAD(&w->devices);
	ops = fakehost_ops;
	ops.stop = watched_stop;
	test->priv = w;
	return 0;
}

/* Whatever a case left: the same order as in life. */
static void quit(struct kunit *test)
{
	struct random_world *w = test->priv;

	if (!w)
		return;
	if (w->fh) {
		w->acting = false;
		random_host_honest(w);
	}
	stop_bus(w);
	if (w->registered)
		enl_driver_unregister(&w->driver);
	if (w->fh)
		random_host_stop(w);
	fakehost_destroy(w->fh);
	vfree(w);
	test->priv = NULL;
}

/* Nothing is open, nothing is owed, no page is missing. */
static void finish(struct kunit *test, struct random_world *w)
{
	random_report(w);
	stop_bus(w);
	enl_driver_unregister(&w->driver);
	w->registered = false;
	random_host_stop(w);
	if (!list_empty(&w->devices))
		random_fail(w, 'A', "a device was never removed", 0, 0);
	if (!w->failures && !w->leaked)
		fakehost_check(test, w->fh);
	random_summary(w);
	random_report(w);
}

static void nothing_is_lost_and_all_works_as_new(struct kunit *test)
{
	const struct enl_kunit_slice *slice = test->param_value;
	struct random_world *w = test->priv;
	struct fakehost_options options = { };
	u64 state;

	w->seed = enl_kunit_slice_seed(slice);
	w->goal = slice->steps;
	state = random_seed(w->seed, 0);
	w->random = random_seed(w->seed, 1);
	draw_host(w, &state, &options);
	w->fh = fakehost_create(test, &options);
	KUNIT_ASSERT_NOT_NULL(test, w->fh);
	w->fh->user = w;
	random_driver_init(w);
	KUNIT_ASSERT_EQ(test, enl_driver_register(&w->driver), 0);
	w->registered = true;
	KUNIT_ASSERT_EQ(test, random_host_start(w), 0);
	draw_limits(w);
	random_host_offer(w);
	random_begin(w);
	KUNIT_ASSERT_EQ(test, start_bus(w), 0);
	while (alive(w) && (u64)atomic64_read(&w->steps) < w->goal)
		phase(w, &state);
	finish(test, w);
}

static const void *next_slice(const void *prev, char *desc)
{
	static struct enl_kunit_slice slice;

	return enl_kunit_next_slice(&slice, prev, USUAL_STEPS, UINT_MAX, SLICE_STEPS, desc);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(nothing_is_lost_and_all_works_as_new, next_slice),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_random",
	.init = init,
	.exit = quit,
	.test_cases = cases,
};

kunit_test_suite(suite);
