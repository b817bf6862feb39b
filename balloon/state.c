// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options, counters, faults, and the reference that keeps the module while pages are out.
 * Calls the pure half and the transport's smallest functions. Called by every other file.
 * The one place where the host's mistakes reach the log: once a minute for each kind.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mm.h>
#include "balloon.h"
#include "trace.h"

struct balloon_options balloon_options = {
	.balloon = true,
	.hot_add = true,
	.page_reporting = true,
	.online = BALLOON_ONLINE_AUTO,
	.limit_mib = 1 << 20,
	.report_delay_s = 45,
	.report_ms = 1000,
	.handshake_ms = 10000,
	.send_ms = 30000,
	.retry_ms = 60000,
};

/* Any context. */
void balloon_count(struct balloon_memory *m, enum balloon_counter counter, u64 n)
{
	atomic64_add(n, &m->counters[counter]);
}

/* Something in a message breaks a rule: count it, trace it, say it now and then. Any context. */
void balloon_blame(struct balloon *b, enum balloon_fault fault)
{
	struct balloon_memory *m = b->m;
	u64 times = atomic64_inc_return(&m->faults[fault]);

	trace_balloon_fault(balloon_fault_name(fault));
	enl_channel_fault(b->ch, balloon_fault_name(fault));
	if (!__ratelimit(&m->fault_limit[fault]))
		return;
	dev_warn(b->dev->dev, "host fault %s, %llu so far: %s; dropped, see docs/debugging.md\n",
		 balloon_fault_name(fault), times, balloon_fault_text(fault));
}

/* True: whatever waits or loops must end. */
bool balloon_stopping(const struct balloon *b)
{
	return READ_ONCE(b->stopping) || enl_channel_rescinded(b->ch);
}

/* Sleep, but not beyond the end. False: it is the end. A rescind is noticed within 100 ms. */
bool balloon_pause(struct balloon *b, unsigned int ms)
{
	unsigned long until = jiffies + msecs_to_jiffies(ms);

	while (!balloon_stopping(b) && time_before(jiffies, until))
		wait_event_timeout(b->wake, balloon_stopping(b),
				   min_t(unsigned long, until - jiffies, HZ / 10 + 1));
	return !balloon_stopping(b);
}

/* Before a page or a block leaves the ordinary state: the module must stay. False: it is going. */
bool balloon_hold(struct balloon_memory *m)
{
	if (!m->held)
		m->held = try_module_get(THIS_MODULE);
	return m->held;
}

/* After pages came back: with none out and no block in the kernel the module may go. */
void balloon_unhold(struct balloon_memory *m)
{
	if (!m->held || atomic64_read(&m->ballooned_pages) || m->regions.count)
		return;
	m->held = false;
	module_put(THIS_MODULE);
}

/* The floor, in guest pages: the parameter, else from all memory that the guest ever had in use. */
u64 balloon_floor_pages(struct balloon_memory *m, const struct balloon_demand *demand)
{
	if (balloon_options.floor_mib)
		return (u64)balloon_options.floor_mib << (20 - PAGE_SHIFT);
	return balloon_floor(demand->total + atomic64_read(&m->ballooned_pages), PAGE_SHIFT);
}

void balloon_memory_init(struct balloon_memory *m, const struct balloon_mm_ops *ops,
			 void *context)
{
	struct balloon_demand demand = { };
	unsigned int i;

	memset(m, 0, sizeof(*m));
	m->ops = ops;
	m->context = context;
	spin_lock_init(&m->region_lock);
	for (i = 0; i < BALLOON_FAULT_LIMIT; i++) {
		ratelimit_state_init(&m->fault_limit[i], 60 * HZ, 1);
		ratelimit_set_flags(&m->fault_limit[i], RATELIMIT_MSG_ON_RELEASE);
	}
	m->regions.block_pages = ops->block_bytes(m) >> ENL_HVPAGE_SHIFT;
	ops->totals(m, &demand);
	m->boot_pages = demand.total << (PAGE_SHIFT - ENL_HVPAGE_SHIFT);
}

/* Only with nothing out and no block in the kernel, which balloon_hold() sees to. */
void balloon_memory_free(struct balloon_memory *m)
{
	balloon_ranges_free(&m->ballooned);
	balloon_regions_free(&m->regions);
}
