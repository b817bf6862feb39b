// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory hot-add: blocks to the kernel, pages to the allocator, an honest count to the host.
 * Calls regions.c under the region lock, protocol.c to answer, b->m->ops for the kernel.
 * Called by main.c for requests, by the kernel for blocks that go on- and offline.
 *
 * The kernel's hook for pages coming online is one for all drivers: whatever lies in no block of
 * ours goes to the allocator as if we were not there.
 */
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include "balloon.h"
#include "trace.h"

#define ATOMIC (GFP_NOWAIT | __GFP_NOWARN)

/* Backed pages to the allocator, in the largest aligned pieces. */
static void release_run(struct balloon_memory *m, const struct balloon_run *run)
{
	u64 pfn = run->first, left = run->pages;
	unsigned int order;

	while (left) {
		order = min_t(unsigned int, MAX_PAGE_ORDER, ilog2(left));
		if (pfn)
			order = min_t(unsigned int, order, __ffs64(pfn));
		m->ops->release(m, pfn, order);
		pfn += 1ULL << order;
		left -= 1ULL << order;
	}
}

/*
 * The kernel brings 2^@order pages online and leaves it to us what becomes of them. The lock is
 * dropped for each piece: nobody takes backing away, and none is added while a block changes.
 */
static void online_page(struct balloon_memory *m, u64 pfn, unsigned int order)
{
	u64 end = pfn + (1ULL << order);
	struct balloon_run run;
	unsigned long irq;
	bool ours, backed;

	spin_lock_irqsave(&m->region_lock, irq);
	ours = balloon_regions_find(&m->regions, pfn);
	spin_unlock_irqrestore(&m->region_lock, irq);
	if (!ours) {
		balloon_count(m, BALLOON_COUNT_foreign_chunks, 1);
		m->ops->release(m, pfn, order);
		return;
	}

	while (pfn < end) {
		spin_lock_irqsave(&m->region_lock, irq);
		backed = balloon_regions_take(&m->regions, pfn, end, &run);
		spin_unlock_irqrestore(&m->region_lock, irq);
		if (!backed)
			run = (struct balloon_run){ end, 0 };
		if (run.first > pfn)
			m->ops->withhold(m, pfn, run.first - pfn);
		release_run(m, &run);
		pfn = balloon_run_end(&run);
	}
}

static void memory_event(struct balloon_memory *m, const struct balloon_run *range,
			 enum balloon_event event)
{
	unsigned long irq;

	spin_lock_irqsave(&m->region_lock, irq);
	balloon_regions_event(&m->regions, range, event);
	spin_unlock_irqrestore(&m->region_lock, irq);
}

static const struct balloon_hooks hooks = {
	.online_page = online_page,
	.event = memory_event,
};

/* Hot-added and not in use, in wire pages. */
u64 balloon_offline_pages(struct balloon_memory *m)
{
	unsigned long irq;
	u64 pages;

	spin_lock_irqsave(&m->region_lock, irq);
	pages = m->regions.backed.pages - m->regions.released;
	spin_unlock_irqrestore(&m->region_lock, irq);
	return pages;
}

/* One part of a request that lies in one block. */
struct part {
	struct balloon_run run;
	u64 block;
	bool fresh;			/* the block is new to the kernel */
	bool late;			/* the block is online: @run goes to the allocator now */
};

/* Writes a part down. 0; -ENOMEM; -EAGAIN: its block is just going on- or offline. */
static int record(struct balloon_memory *m, struct part *part)
{
	struct balloon_block *block;
	struct balloon_run taken;
	unsigned long irq;
	int ret;

	spin_lock_irqsave(&m->region_lock, irq);
	ret = balloon_regions_reserve(&m->regions, ATOMIC);
	block = balloon_regions_find(&m->regions, part->block);
	part->fresh = !block;
	if (!ret && block && block->state == BALLOON_BLOCK_CHANGING)
		ret = -EAGAIN;
	if (!ret)
		ret = balloon_ranges_insert(&m->regions.backed, &part->run);
	if (!ret && !block)
		block = balloon_regions_add_block(&m->regions, part->block);
	part->late = !ret && block->state == BALLOON_BLOCK_ONLINE;
	if (part->late)
		balloon_regions_take(&m->regions, part->run.first, balloon_run_end(&part->run),
				     &taken);
	spin_unlock_irqrestore(&m->region_lock, irq);
	return ret;
}

static void forget(struct balloon_memory *m, const struct part *part)
{
	unsigned long irq;

	spin_lock_irqsave(&m->region_lock, irq);
	balloon_regions_drop_block(&m->regions, part->block);
	balloon_ranges_remove(&m->regions.backed, &part->run);
	spin_unlock_irqrestore(&m->region_lock, irq);
}

/*
 * While a block is being added the kernel may bring it online by itself, so it is recorded before.
 */
static int add_once(struct balloon *b, struct part *part)
{
	struct balloon_memory *m = b->m;
	u64 pages = m->regions.block_pages;
	int ret = record(m, part);

	if (ret)
		return ret;
	if (!part->fresh)
		return 0;
	ret = m->ops->clash(m, part->block, pages) ? -EEXIST : m->ops->add(m, part->block, pages);
	trace_balloon_block(part->block, pages, ret);
	if (ret)
		forget(m, part);
	return ret;
}

/* Shortage of memory is no answer: the host would never ask again. So it waits, and we try. */
static int add_part(struct balloon *b, struct part *part, unsigned long until)
{
	struct balloon_memory *m = b->m;
	unsigned int delay = 50;
	int ret;

	for (;;) {
		ret = add_once(b, part);
		if (ret != -ENOMEM && ret != -EAGAIN)
			break;
		if (time_after(jiffies, until))
			break;
		balloon_count(m, BALLOON_COUNT_block_retries, 1);
		if (!balloon_pause(b, delay))
			return -ENODEV;
		delay = min(2 * delay, 2000u);
	}
	if (ret) {
		balloon_count(m, BALLOON_COUNT_block_failures, 1);
		dev_warn_ratelimited(b->dev->dev,
				     "memory block at 0x%llx (%llu MiB) not added, error %d: %s\n",
				     part->block << ENL_HVPAGE_SHIFT,
				     m->regions.block_pages >> 8, ret,
				     ret == -ENOMEM ? "too little memory for its page structures" :
				     ret == -EAGAIN ? "it is being brought on- or offline" :
				     ret == -EEXIST ? "the addresses are in use" :
				     "the kernel refuses the address range");
		return ret;
	}
	if (part->late)
		release_run(m, &part->run);
	if (!part->fresh)
		return 0;
	balloon_count(m, BALLOON_COUNT_blocks_added, 1);
	ret = m->ops->online(m, part->block, balloon_options.online);
	if (ret) {
		balloon_count(m, BALLOON_COUNT_online_failures, 1);
		dev_warn_ratelimited(b->dev->dev,
				     "memory block at 0x%llx was added but not brought online, error %d: echo online > /sys/devices/system/memory/memory%llu/state\n",
				     part->block << ENL_HVPAGE_SHIFT, ret,
				     part->block / m->regions.block_pages);
	}
	return 0;
}

/* Does the host add more than it ever announced, or than the administrator allows? */
static bool too_much(const struct balloon *b, u64 pages)
{
	struct balloon_memory *m = b->m;
	u64 added = m->regions.backed.pages + pages;

	if (!b->max_pages)
		return added > (u64)balloon_options.limit_mib << 8;
	/* The announced number counts what firmware keeps, and hosts round. */
	return m->boot_pages + added > b->max_pages + b->max_pages / 16 + m->regions.block_pages;
}

/* Pages of @accepted that the kernel has now; *@error says why not all. */
static u64 add_all(struct balloon *b, const struct balloon_run *accepted, unsigned long until,
		   int *error)
{
	u64 size = b->m->regions.block_pages, at = accepted->first, end;
	struct part part;

	while (at < balloon_run_end(accepted)) {
		part.block = at / size * size;
		end = min(balloon_run_end(accepted), part.block + size);
		part.run = (struct balloon_run){ at, end - at };
		*error = add_part(b, &part, until);
		if (*error)
			break;
		at = end;
		if (balloon_stopping(b))
			break;
	}
	return at - accepted->first;
}

static int open_once(struct balloon_memory *m, const struct balloon_run *window)
{
	unsigned long irq;
	int ret;

	spin_lock_irqsave(&m->region_lock, irq);
	ret = balloon_regions_open(&m->regions, window, ATOMIC);
	spin_unlock_irqrestore(&m->region_lock, irq);
	return ret;
}

/* Patient as add_part(), and for its reason. */
static int open_window(struct balloon *b, const struct balloon_run *window, unsigned long until)
{
	unsigned int delay = 50;
	int ret;

	for (;;) {
		ret = open_once(b->m, window);
		if (ret != -ENOMEM || time_after(jiffies, until))
			return ret;
		balloon_count(b->m, BALLOON_COUNT_block_retries, 1);
		if (!balloon_pause(b, delay))
			return -ENODEV;
		delay = min(2 * delay, 2000u);
	}
}

/*
 * A hot-add request. The answer is the number of pages that will be usable, counted from the start
 * of the range; a result of 0 with no pages means "try later", of 1 with no pages "never".
 */
void balloon_hot_add(struct balloon *b, const struct balloon_message *message)
{
	struct balloon_memory *m = b->m;
	enum balloon_fault fault;
	struct balloon_plan plan = { };
	unsigned long until = jiffies + msecs_to_jiffies(balloon_options.retry_ms);
	u64 done = 0;
	u32 bytes;
	int error = -EIO;

	balloon_count(m, BALLOON_COUNT_requests_hot_add, 1);
	if (b->refuses || !balloon_options.hot_add || !m->hooked) {
		balloon_count(m, BALLOON_COUNT_requests_refused, 1);
	} else {
		fault = balloon_regions_plan(&m->regions, message, &plan);
		if (!fault && too_much(b, plan.accepted.pages))
			fault = BALLOON_FAULT_HOT_ADD_LIMIT;
		if (fault)
			balloon_blame(b, fault);
		else if (plan.accepted.pages && balloon_hold(m))
			error = open_window(b, &plan.window, until);
		if (!fault && !error)
			done = add_all(b, &plan.accepted, until, &error);
	}
	balloon_unhold(m);
	bytes = balloon_put_hot_added(b->message, done,
				      done || (error != -ENOMEM && error != -EAGAIN));
	balloon_answer(b, b->message, bytes);
}

/* Listen to the kernel. -EBUSY: another driver has the hook; then there is no hot-add. */
int balloon_hotadd_start(struct balloon_memory *m)
{
	int ret;

	if (m->hooked)
		return 0;
	m->hooks = &hooks;
	ret = m->ops->hook(m);
	m->hooked = !ret;
	return ret;
}

/* Not while a block is in the kernel: its gaps would reach the allocator. */
void balloon_hotadd_stop(struct balloon_memory *m)
{
	if (!m->hooked || m->regions.count)
		return;
	m->ops->unhook(m);
	m->hooked = false;
}
