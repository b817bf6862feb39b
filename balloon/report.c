// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest says of its memory: once a second, and at once when it runs short.
 * Calls floor.c, hotadd.c and protocol.c. Called by main.c and pages.c; runs as a work of its own.
 * Allocates nothing: it has to work exactly when there is no memory. So its queue has a rescuer.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include "balloon.h"

#define PROMPT_MS 100		/* least time between two reports under pressure */

/* The numbers that demand and floor are made of, now. May sleep. */
void balloon_demand_now(struct balloon *b, struct balloon_demand *demand)
{
	struct balloon_memory *m = b->m;
	u64 out = atomic64_read(&m->ballooned_pages);
	unsigned long age;
	const unsigned int to_guest = PAGE_SHIFT - ENL_HVPAGE_SHIFT;

	memset(demand, 0, sizeof(*demand));
	m->ops->totals(m, demand);
	demand->ballooned = out >> to_guest;
	demand->offline = balloon_offline_pages(m) >> to_guest;
	demand->floor = balloon_floor_pages(m, demand);
	demand->pressure_ms = ~0ULL;
	if (atomic_read_acquire(&b->pressed)) {
		age = jiffies - (unsigned long)atomic_long_read(&b->pressed_at);
		demand->pressure_ms = jiffies_to_msecs(min(age, 3600UL * HZ));
	}
}

static void send_report(struct balloon *b)
{
	const unsigned int to_wire = PAGE_SHIFT - ENL_HVPAGE_SHIFT;
	struct balloon_memory *m = b->m;
	struct balloon_demand demand;
	struct balloon_status status;
	u8 message[sizeof(struct enl_dm_status)] __aligned(8);
	u32 bytes;

	balloon_demand_now(b, &demand);
	status.available = demand.available << to_wire;
	status.committed = balloon_committed(&demand) << to_wire;
	status.free = m->ops->free(m) << to_wire;
	status.swapped_out = m->ops->swapped_out(m) << to_wire;
	bytes = balloon_put_status(message, &status);
	if (balloon_send_once(b, message, bytes)) {
		balloon_count(m, BALLOON_COUNT_reports_skipped, 1);
		return;
	}
	spin_lock(&b->lock);
	b->last = status;
	spin_unlock(&b->lock);
	balloon_count(m, BALLOON_COUNT_reports, 1);
}

/* The demand of a guest that boots means little, so the first report waits; not under pressure. */
static bool due(const struct balloon *b)
{
	unsigned long first = b->ready_at + balloon_options.report_delay_s * HZ;

	return !(b->caps & ENL_DM_CAPS_SUPPRESS_REPORTS) &&
	       (atomic_read(&b->pressed) || time_after_eq(jiffies, first));
}

static void report_work(struct work_struct *work)
{
	struct balloon *b = container_of(work, struct balloon, report.work);
	unsigned long start = jiffies, period = msecs_to_jiffies(balloon_options.report_ms);

	if (balloon_stopping(b))
		return;
	balloon_pay(b);
	if (due(b))
		send_report(b);
	/* From start to start, so that the period does not grow with the work. */
	period = time_before(jiffies, start + period) ? start + period - jiffies : 1;
	queue_delayed_work(b->report_wq, &b->report, period);
}

/*
 * The kernel is about to kill for memory. There is no message that asks for pages back, and pages
 * that are out must not be touched: a report with a higher demand, at once, is all there is.
 */
static int out_of_memory_soon(struct notifier_block *nb, unsigned long unused, void *freed)
{
	struct balloon *b = container_of(nb, struct balloon, oom);
	unsigned long now = jiffies, last = atomic_long_xchg(&b->pressed_at, now);
	bool before = atomic_read(&b->pressed);

	balloon_count(b->m, BALLOON_COUNT_pressure, 1);
	atomic_set_release(&b->pressed, 1);
	if (!balloon_stopping(b) && (!before || now - last > msecs_to_jiffies(PROMPT_MS)))
		mod_delayed_work(b->report_wq, &b->report, 0);
	return NOTIFY_OK;
}

void balloon_report_init(struct balloon *b)
{
	INIT_DELAYED_WORK(&b->report, report_work);
	b->oom.notifier_call = out_of_memory_soon;
}

/* After a handshake. */
void balloon_report_start(struct balloon *b)
{
	b->ready_at = jiffies;
	queue_delayed_work(b->report_wq, &b->report, msecs_to_jiffies(balloon_options.report_ms));
	register_oom_notifier(&b->oom);
}

/* b->stopping is set: the work does not queue itself again. */
void balloon_report_stop(struct balloon *b)
{
	unregister_oom_notifier(&b->oom);
	cancel_delayed_work_sync(&b->report);
}
