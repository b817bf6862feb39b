// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fake host's seam: struct enl_platform_ops over the model, and delivery to the bus.
 * Calls vsp/ under one raw lock, and the bus's events with no lock but the step's.
 * Called by the bus (ops) and by kunit/fakehost_api.c (steps, threads).
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>
#include "kunit/fakehost_internal.h"

#define EPOCH_100NS	1000000000ULL	/* the VM is 100 s old when a test begins */

/* --- what the model needs */

static void *map(void *context, __u64 pfn)
{
	struct fakehost *fh = context;
	struct page *page;

	if (!pfn_valid(pfn))
		return NULL;
	/* pages behind the first of a larger allocation are not counted themselves */
	page = compound_head(pfn_to_page(pfn));
	/* what is free or not RAM is not given to a host; reserved holes have no contents */
	if (!page_ref_count(page) || PageReserved(page))
		return NULL;
	if (fh->options.isolated && !xa_load(&fh->shared, pfn))
		return NULL;
	return page_address(pfn_to_page(pfn));
}

static bool page_free(void *context, __u64 pfn)
{
	return pfn_valid(pfn) && !page_ref_count(compound_head(pfn_to_page(pfn)));
}

static __u64 now_100ns(void *context)
{
	return EPOCH_100NS + ktime_get_ns() / 100;
}

static void trace(void *context, const char *what, __u32 a, __u64 b)
{
	struct fakehost *fh = context;
	struct fakehost_line *line;

	if (fh->frozen)
		return;
	line = &fh->trace[fh->traced++ % FAKEHOST_TRACE];
	line->what = what;
	line->a = a;
	line->b = b;
}

void fakehost_bind(struct fakehost *fh, struct vsp_binding *binding)
{
	*binding = (struct vsp_binding){
		.context = fh,
		.map = map,
		.page_free = page_free,
		.time = now_100ns,
		.trace = trace,
	};
}

/* --- processors */

/* Backwards and not from 0 without a gap, so that a processor's number is never its index. */
u32 fakehost_vp(struct fakehost *fh, unsigned int cpu)
{
	return fh->options.reverse_vps ? nr_cpu_ids - cpu : cpu;
}

static unsigned int cpu_of(struct fakehost *fh, u32 vp)
{
	return fh->options.reverse_vps ? nr_cpu_ids - vp : vp;
}

static void count(struct fakehost *fh, u64 *counter)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&fh->lock, flags);
	++*counter;
	if (!fh->started)
		fh->counts.late++;
	raw_spin_unlock_irqrestore(&fh->lock, flags);
}

/* What may happen while the platform is not started, on several processors at once. */
static void tally(struct fakehost *fh, u64 *counter, int by)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&fh->lock, flags);
	*counter += by;
	raw_spin_unlock_irqrestore(&fh->lock, flags);
}

/* --- delivery */

/* On the processor of the event, interrupts off. */
static void interrupt(struct fakehost *fh)
{
	unsigned long flags;

	local_irq_save(flags);
	fh->up->channels(fh->up_context, fh->flags[fh->raise_vp], ENL_EVENT_FLAGS);
	local_irq_restore(flags);
}

static void interrupt_by_work(struct irq_work *work)
{
	interrupt(container_of(work, struct fakehost, raise));
}

static void interrupt_by_ipi(void *fh)
{
	interrupt(fh);
}

/*
 * In hard interrupt context, as lockdep sees it, and on the processor that the event is for: an
 * interrupt between processors, or an interrupt to oneself.
 */
static void raise_on(struct fakehost *fh, unsigned int cpu)
{
	bool here;

	preempt_disable();
	here = smp_processor_id() == cpu;
	if (here)
		irq_work_queue(&fh->raise);
	preempt_enable();
	if (here)
		irq_work_sync(&fh->raise);
	else if (smp_call_function_single(cpu, interrupt_by_ipi, fh, 1))
		fh->counts.lost_events++;
}

static void deliver_event(struct fakehost *fh, const struct vsp_out *out)
{
	unsigned int cpu = cpu_of(fh, out->vp);

	fh->counts.events++;
	if (cpu >= nr_cpu_ids || !cpu_online(cpu) || out->vp >= VSP_VPS) {
		fh->counts.lost_events++;
		return;
	}
	if (test_and_set_bit(out->flag % ENL_EVENT_FLAGS, fh->flags[out->vp]))
		return;
	fh->counts.interrupts++;
	fh->raise_vp = out->vp;
	raise_on(fh, cpu);
}

/* The bus gets memory that ends where the message ends, so that KASAN sees a read behind it. */
static bool deliver_message(struct fakehost *fh, const struct vsp_out *out)
{
	void *copy = kmemdup(out->message, max(out->bytes, 1u), GFP_KERNEL);
	unsigned int how = fh->random_delivery ? get_random_u32() % 3 : 0;
	unsigned long flags;
	bool taken;

	if (!copy)
		return false;
	if (how == 1)
		local_bh_disable();
	else if (how == 2)
		local_irq_save(flags);
	taken = fh->up->message(fh->up_context, copy, out->bytes);
	if (how == 1)
		local_bh_enable();
	else if (how == 2)
		local_irq_restore(flags);
	kfree(copy);
	fh->counts.messages++;
	fh->counts.refused_messages += !taken;
	return taken;
}

/* False: the thing could not be delivered and waits; a step later is a good idea. */
static bool deliver(struct fakehost *fh, enum vsp_result result, const struct vsp_out *out)
{
	unsigned long flags;
	bool up = fh->started && !fh->suspended;

	if (result == VSP_EVENT) {
		if (up)
			deliver_event(fh, out);
		return true;
	}
	if (result != VSP_MESSAGE || (up && deliver_message(fh, out)))
		return true;
	raw_spin_lock_irqsave(&fh->lock, flags);
	vsp_put_back(fh->host, out);
	raw_spin_unlock_irqrestore(&fh->lock, flags);
	return false;
}

/**
 * fakehost_step_kind - do one thing
 * @fh: the host
 * @first: kind that is tried first
 *
 * False if there is nothing to do, or the bus did not take a message. May sleep.
 */
bool fakehost_step_kind(struct fakehost *fh, enum vsp_kind first)
{
	enum vsp_result result;
	struct vsp_out out;
	unsigned long flags;
	bool done;

	mutex_lock(&fh->step_lock);
	raw_spin_lock_irqsave(&fh->lock, flags);
	result = vsp_step(fh->host, first, &out);
	raw_spin_unlock_irqrestore(&fh->lock, flags);
	done = deliver(fh, result, &out);
	mutex_unlock(&fh->step_lock);
	return done && result != VSP_IDLE;
}

/* --- the seam */

static int start(void *p, const struct enl_platform_events *events, void *context)
{
	struct fakehost *fh = p;

	mutex_lock(&fh->step_lock);
	fh->counts.starts++;
	if (!fh->options.fail_start) {
		fh->up = events;
		fh->up_context = context;
		memset(fh->flags, 0, VSP_VPS * sizeof(*fh->flags));
		fh->started = true;
	}
	mutex_unlock(&fh->step_lock);
	fakehost_kick(fh);
	return fh->options.fail_start;
}

static void stop(void *p)
{
	struct fakehost *fh = p;

	mutex_lock(&fh->step_lock);
	fh->counts.stops++;
	fh->started = false;
	mutex_unlock(&fh->step_lock);
}

static void suspend(void *p)
{
	struct fakehost *fh = p;

	fh->counts.suspends++;
	fh->suspended = true;
}

static void resume(void *p)
{
	struct fakehost *fh = p;

	fh->counts.resumes++;
	fh->suspended = false;
	fakehost_kick(fh);
}

static int post_message(void *p, u32 connection, const void *msg, size_t len)
{
	struct fakehost *fh = p;
	unsigned long flags;
	u16 status;

	count(fh, &fh->counts.posts);
	if (fh->options.no_hypercalls)
		return -ENXIO;
	raw_spin_lock_irqsave(&fh->lock, flags);
	status = vsp_post(fh->host, connection, msg, len);
	fh->counts.refused_posts += status != ENL_HV_SUCCESS;
	raw_spin_unlock_irqrestore(&fh->lock, flags);
	fakehost_kick(fh);
	return status;
}

static void signal_event(void *p, u32 connection)
{
	struct fakehost *fh = p;
	unsigned long flags;

	count(fh, &fh->counts.signals);
	raw_spin_lock_irqsave(&fh->lock, flags);
	vsp_signal(fh->host, connection);
	raw_spin_unlock_irqrestore(&fh->lock, flags);
	fakehost_kick(fh);
}

/* Like a crash: whatever other thread is in a step may never come back, so no lock of its. */
static void poll(void *p, void (*hand)(void *context, const void *msg, size_t len), void *context)
{
	struct fakehost *fh = p;
	enum vsp_result result;
	struct vsp_out out;
	unsigned long flags;
	unsigned int n;

	count(fh, &fh->counts.polls);
	for (n = 0; n < 10000; n++) {
		raw_spin_lock_irqsave(&fh->lock, flags);
		result = vsp_step(fh->host, VSP_DO_POST, &out);
		raw_spin_unlock_irqrestore(&fh->lock, flags);
		if (result == VSP_IDLE)
			break;
		if (result == VSP_MESSAGE)
			hand(context, out.message, out.bytes);
	}
}

static u32 vp_index(void *p, unsigned int cpu)
{
	return fakehost_vp(p, cpu);
}

static u64 reference_time(void *p)
{
	return now_100ns(p);
}

/* True on the call that shall fail. */
static bool fails(unsigned int *left)
{
	return *left && --*left == 0;
}

static int share(void *p, void *addr, unsigned int pages)
{
	struct fakehost *fh = p;
	unsigned long pfn = virt_to_phys(addr) >> PAGE_SHIFT;
	unsigned int i;

	tally(fh, &fh->counts.shares, pages);
	if (!fh->options.isolated)
		return 0;
	get_random_bytes(addr, (size_t)pages << PAGE_SHIFT);
	for (i = 0; i < pages; i++) {
		/* a failure half-way: some pages are shared, as the seam warns */
		if (i == pages / 2 && fails(&fh->fail_share))
			return -EIO;
		if (xa_err(xa_store(&fh->shared, pfn + i, xa_mk_value(1), GFP_KERNEL)))
			return -ENOMEM;
		tally(fh, &fh->counts.shared_pages, 1);
	}
	return 0;
}

static int unshare(void *p, void *addr, unsigned int pages)
{
	struct fakehost *fh = p;
	unsigned long pfn = virt_to_phys(addr) >> PAGE_SHIFT;
	unsigned int i;

	tally(fh, &fh->counts.unshares, pages);
	if (!fh->options.isolated)
		return 0;
	if (fails(&fh->fail_unshare))
		return -EIO;
	for (i = 0; i < pages; i++) {
		if (xa_erase(&fh->shared, pfn + i))
			tally(fh, &fh->counts.shared_pages, -1);
	}
	get_random_bytes(addr, (size_t)pages << PAGE_SHIFT);
	return 0;
}

static u64 shared_pgprot(void *p)
{
	return pgprot_val(PAGE_KERNEL);
}

static bool isolated(void *p)
{
	struct fakehost *fh = p;

	return fh->options.isolated;
}

static bool hibernation(void *p)
{
	struct fakehost *fh = p;

	return fh->options.hibernation;
}

static int heat_hint(void *p, const u64 *ranges, unsigned int words, unsigned int *done)
{
	struct fakehost *fh = p;
	unsigned long flags;
	unsigned int i;
	int status;

	raw_spin_lock_irqsave(&fh->lock, flags);
	for (i = 0; i < words; i++)
		fh->hint_words[(fh->counts.hint_words + i) % FAKEHOST_HINTS] = ranges[i];
	fh->counts.hints++;
	fh->counts.hint_words += words;
	status = fh->hint_status;
	*done = status ? min(words, fh->hint_done) : words;
	raw_spin_unlock_irqrestore(&fh->lock, flags);
	return status;
}

void fakehost_init_raise(struct fakehost *fh)
{
#ifdef IRQ_WORK_INIT_HARD
	fh->raise = IRQ_WORK_INIT_HARD(interrupt_by_work);
#else
	init_irq_work(&fh->raise, interrupt_by_work);
#endif
}

const struct enl_platform_ops fakehost_ops = {
	.name = "fakehost",
	.start = start,
	.stop = stop,
	.suspend = suspend,
	.resume = resume,
	.post_message = post_message,
	.signal_event = signal_event,
	.poll = poll,
	.vp_index = vp_index,
	.reference_time = reference_time,
	.share = share,
	.unshare = unshare,
	.shared_pgprot = shared_pgprot,
	.isolated = isolated,
	.hibernation = hibernation,
	.heat_hint = heat_hint,
};
