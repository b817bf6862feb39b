// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fake host as tests use it: life, the threads that drive it, what it does and what it saw.
 * Calls vsp/ under the host's lock and kunit/fakehost.c for steps; called by test files.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "kunit/fakehost_internal.h"

const struct enl_bus_options fakehost_limits = {
	.contact_ms = 3000,
	.request_ms = 2000,
	.unload_ms = 3000,
	.post_ms = 2000,
	.offers_ms = 1000,
	.grace_ms = 50,
	.resume_ms = 1000,
	.stall_ms = 3600 * 1000,
};

/* --- threads */

/* There may be something to do. Any context. */
void fakehost_kick(struct fakehost *fh)
{
	if (READ_ONCE(fh->manual))
		return;
	WRITE_ONCE(fh->kicked, true);
	/* pairs with the barrier of set_current_state() in pump() */
	smp_mb();
	wake_up_process(fh->pump);
}

static int pump(void *context)
{
	struct fakehost *fh = context;

	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!READ_ONCE(fh->kicked) || READ_ONCE(fh->manual)) {
			if (!kthread_should_stop())
				schedule();
			__set_current_state(TASK_RUNNING);
			continue;
		}
		__set_current_state(TASK_RUNNING);
		WRITE_ONCE(fh->running, true);
		WRITE_ONCE(fh->kicked, false);
		while (!READ_ONCE(fh->manual) && !kthread_should_stop() && fakehost_step(fh))
			cond_resched();
		if (!READ_ONCE(fh->manual) && fh->started &&
		    FAKEHOST_PEEK(fh, vsp_delivery_waits(fh->host))) {
			usleep_range(500, 1000);
			WRITE_ONCE(fh->kicked, true);
		}
		WRITE_ONCE(fh->running, false);
	}
	return 0;
}

static int random_thread(void *context)
{
	struct fakehost *fh = context;
	u64 n;

	for (n = 0; n < fh->random_steps && !kthread_should_stop(); n++) {
		u64 r = vsp_next_random(&fh->random_state);

		bool worked = fakehost_step_kind(fh, (r >> 8) % VSP_DO_LIMIT);

		if ((r >> 16) % 509 == 0)
			fakehost_event(fh, (r >> 32) % nr_cpu_ids, (r >> 40) % 64);
		/* the guest needs time to give the host something to do, but a sleep is dear */
		if ((r >> 24) % (worked ? 509 : 61) == 0)
			usleep_range(1, 50);
		else
			cond_resched();
	}
	fh->random_delivery = false;
	/* the guest may be waiting for something right now: the host goes on by itself */
	fakehost_set_manual(fh, false);
	complete_all(&fh->random_done);
	/* kthread_stop() wants a thread that is still there */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/**
 * fakehost_run_random - hand the host to a thread that steps in a random order
 * @fh: the host; it does not drive itself until the last of them
 * @seed: print it
 * @steps: how many, idle ones included
 */
int fakehost_run_random(struct fakehost *fh, u64 seed, u64 steps)
{
	struct task_struct *thread;

	fakehost_set_manual(fh, true);
	reinit_completion(&fh->random_done);
	fh->random_state = seed * 2 + 1;
	fh->random_steps = steps;
	fh->random_delivery = true;
	thread = kthread_run(random_thread, fh, "fakehost-random");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	fh->random = thread;
	return 0;
}

/* Waits for the thread's last step; from then on the host drives itself. False: still going on. */
bool fakehost_random_done(struct fakehost *fh, unsigned int ms)
{
	if (!wait_for_completion_timeout(&fh->random_done, msecs_to_jiffies(ms)))
		return false;
	if (fh->random)
		kthread_stop(fh->random);
	fh->random = NULL;
	fakehost_set_manual(fh, false);
	return true;
}

static int call_thread(void *context)
{
	struct fakehost *fh = context;

	fh->call_result = fh->call(fh->call_context);
	complete_all(&fh->call_done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* Runs @call in a thread, so that the test can drive the host meanwhile. One at a time. */
int fakehost_call(struct fakehost *fh, int (*call)(void *context), void *context)
{
	struct task_struct *thread;

	if (fh->caller)
		return -EBUSY;
	reinit_completion(&fh->call_done);
	fh->call = call;
	fh->call_context = context;
	thread = kthread_run(call_thread, fh, "fakehost-call");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	fh->caller = thread;
	return 0;
}

/* Waits for the call to return. False: it has not. */
bool fakehost_called(struct fakehost *fh, unsigned int ms, int *result)
{
	if (!fh->caller || !wait_for_completion_timeout(&fh->call_done, msecs_to_jiffies(ms)))
		return false;
	if (result)
		*result = fh->call_result;
	kthread_stop(fh->caller);
	fh->caller = NULL;
	return true;
}

bool fakehost_step(struct fakehost *fh)
{
	return fakehost_step_kind(fh, VSP_DO_EVENT);
}

/* Manual mode: step until nothing is left. Returns the number of steps. */
unsigned int fakehost_run_until_idle(struct fakehost *fh)
{
	unsigned int steps = 0;

	while (steps < 1000000 && fakehost_step(fh))
		steps++;
	return steps;
}

void fakehost_set_manual(struct fakehost *fh, bool manual)
{
	WRITE_ONCE(fh->manual, manual);
	if (!manual) {
		fakehost_kick(fh);
		return;
	}
	while (READ_ONCE(fh->running))
		usleep_range(100, 500);
}

/* Waits until the host, driving itself, has had nothing to do for 10 ms. False: it always had. */
bool fakehost_settle(struct fakehost *fh, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms) + 1;
	unsigned int quiet = 0;

	while (quiet < 10 && time_before(jiffies, end)) {
		usleep_range(1000, 1500);
		if (READ_ONCE(fh->kicked) || READ_ONCE(fh->running))
			quiet = 0;
		else
			quiet++;
	}
	return quiet == 10;
}

/* --- life */

struct fakehost *fakehost_create(struct kunit *test, const struct fakehost_options *options)
{
	struct fakehost *fh = kzalloc(sizeof(*fh), GFP_KERNEL);
	const struct vsp_personality *personality = &vsp_host_2022;
	struct vsp_binding binding;

	if (!fh)
		goto fail;
	if (options)
		fh->options = *options;
	if (fh->options.personality)
		personality = fh->options.personality;
	raw_spin_lock_init(&fh->lock);
	mutex_init(&fh->step_lock);
	init_completion(&fh->random_done);
	init_completion(&fh->call_done);
	xa_init(&fh->shared);
	fakehost_init_raise(fh);
	fh->manual = fh->options.manual;
	fh->host = vzalloc(vsp_bytes());
	fh->flags = kcalloc(VSP_VPS, sizeof(*fh->flags), GFP_KERNEL);
	fh->parent = root_device_register("fakehost");
	if (!fh->host || !fh->flags || IS_ERR(fh->parent))
		goto fail;
	fakehost_bind(fh, &binding);
	vsp_init(fh->host, &binding, personality);
	vsp_personality(fh->host)->vps = min(nr_cpu_ids + fh->options.reverse_vps, VSP_VPS);
	fh->pump = kthread_run(pump, fh, "fakehost");
	if (IS_ERR(fh->pump))
		goto fail;
	return fh;

fail:
	KUNIT_FAIL(test, "no memory for a fake host");
	fakehost_destroy(fh);
	return NULL;
}

void fakehost_destroy(struct fakehost *fh)
{
	if (!fh)
		return;
	if (fh->caller)
		kthread_stop(fh->caller);
	if (fh->random)
		kthread_stop(fh->random);
	if (!IS_ERR_OR_NULL(fh->pump))
		kthread_stop(fh->pump);
	irq_work_sync(&fh->raise);
	if (!IS_ERR_OR_NULL(fh->parent))
		root_device_unregister(fh->parent);
	xa_destroy(&fh->shared);
	kfree(fh->flags);
	vfree(fh->host);
	kfree(fh);
}

/* A bus on this host. @limits NULL: fakehost_limits. */
struct enl_bus *fakehost_start_bus(struct fakehost *fh, const struct enl_bus_options *limits)
{
	return enl_bus_start(&fakehost_ops, fh, fh->parent, limits ? limits : &fakehost_limits);
}

/* --- what the host does */

/* The same number gives the same instance GUID, in all tests. */
struct enl_guid fakehost_instance(u32 instance)
{
	struct enl_guid guid = ENL_GUID(instance, 0x1111, 0x2222, 0x33, 0x44, 0x55, 0x66, 0x77,
					0x88, 0x99, 0xaa);

	return guid;
}

u32 fakehost_offer_full(struct fakehost *fh, const struct vsp_offer *offer)
{
	return FAKEHOST_DO(fh, vsp_offer(fh->host, offer));
}

/**
 * fakehost_offer - offer a primary channel
 * @fh: the host
 * @class_id: its class
 * @instance: any number; names the device
 * @provider: who serves it, or NULL
 * @state: for the provider
 *
 * Returns the relid.
 */
u32 fakehost_offer(struct fakehost *fh, const struct enl_guid *class_id, u32 instance,
		   const struct vsp_provider *provider, void *state)
{
	return fakehost_offer_sub(fh, class_id, instance, 0, provider, state);
}

u32 fakehost_offer_sub(struct fakehost *fh, const struct enl_guid *class_id, u32 instance,
		       u16 index, const struct vsp_provider *provider, void *state)
{
	struct vsp_offer offer = {
		.class_id = *class_id,
		.instance_id = fakehost_instance(instance),
		.sub_channel_index = index,
		.provider = provider,
		.state = state,
	};

	return fakehost_offer_full(fh, &offer);
}

bool fakehost_rescind(struct fakehost *fh, u32 relid)
{
	return FAKEHOST_DO(fh, vsp_rescind(fh->host, relid));
}

/* Any bytes, as a control message to the processor that the guest connected with. */
void fakehost_inject(struct fakehost *fh, const void *message, u32 bytes)
{
	FAKEHOST_RUN(fh, vsp_send_message(fh->host, vsp_connect_vp(fh->host), message, bytes));
}

/* A spurious interrupt. */
void fakehost_event(struct fakehost *fh, unsigned int cpu, u32 flag)
{
	FAKEHOST_RUN(fh, vsp_send_event(fh->host, fakehost_vp(fh, cpu), flag));
}

/* @hold: answers of @type wait until it is called again without. */
void fakehost_hold(struct fakehost *fh, u32 type, bool hold)
{
	FAKEHOST_RUN(fh, vsp_hold(fh->host, type, hold));
}

int fakehost_fault(struct fakehost *fh, const struct vsp_fault *fault)
{
	return FAKEHOST_DO(fh, vsp_fault_add(fh->host, fault));
}

/* The next @times posts of @type (0: any) get @status from the hypercall. */
void fakehost_post_status(struct fakehost *fh, u32 type, u16 status, u32 times)
{
	struct vsp_fault fault = {
		.point = VSP_AT_POST,
		.action = VSP_STATUS,
		.key = type,
		.a = status,
		.times = times,
	};

	fakehost_fault(fh, &fault);
}

/* The @share-th next share and the @unshare-th next unshare fail; 0: none. */
void fakehost_fail_share(struct fakehost *fh, unsigned int share, unsigned int unshare)
{
	fh->fail_share = share;
	fh->fail_unshare = unshare;
}

void fakehost_hint_answer(struct fakehost *fh, int status, unsigned int done)
{
	fh->hint_done = done;
	fh->hint_status = status;
}

int fakehost_cpu_going(struct fakehost *fh, unsigned int cpu)
{
	return fh->up->cpu_going(fh->up_context, cpu);
}

void fakehost_cpu_came(struct fakehost *fh, unsigned int cpu)
{
	fh->up->cpu_came(fh->up_context, cpu);
}

void fakehost_dying(struct fakehost *fh, bool crash)
{
	fh->up->dying(fh->up_context, crash);
}
