// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free page reporting: tells the hypervisor which free memory holds nothing of value.
 * Calls the encoders and b->m->ops->hint. Called by main.c; the kernel's page reporting calls in.
 * Not a message: it works without the host's balloon device, but lives and dies with ours.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "balloon.h"

#define MAX_RUNS	PAGE_REPORTING_CAPACITY
#define MAX_FAILURES	2u		/* a host that cannot do it will not learn */

/* One entry as the kernel gave it, 0 if it is not what it promised to be. */
static u64 word_of(const struct balloon_run *run)
{
	if (!is_power_of_2(run->pages) || run->first & (run->pages - 1))
		return 0;
	return balloon_put_hint(run->first, run->pages << ENL_HVPAGE_SHIFT);
}

/*
 * Up to MAX_RUNS free runs to the hypervisor, which may take fewer at a time than it was given.
 * 0, or -EINVAL, -EIO: then none of them counts as reported. May sleep.
 */
int balloon_hint_runs(struct balloon *b, const struct balloon_run *runs, unsigned int count)
{
	u64 words[MAX_RUNS], pages = 0;
	unsigned int i, done, at = 0;
	int ret;

	if (count > MAX_RUNS)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		words[i] = word_of(&runs[i]);
		pages += runs[i].pages;
		if (!words[i])
			return -EINVAL;
	}
	while (at < count) {
		done = 0;
		ret = b->m->ops->hint(b, words + at, count - at, &done);
		/* A partial success is one: go on behind it. No progress is a failure. */
		if (!done || done > count - at)
			return -EIO;
		at += done;
		if (ret && at < count)
			continue;
	}
	balloon_count(b->m, BALLOON_COUNT_hints, 1);
	balloon_count(b->m, BALLOON_COUNT_hint_pages, pages);
	return 0;
}

/*
 * Called by page reporting, in its work. It must not unregister from here: that waits for this very
 * work. So the second failure in a row is only noted, and a work of ours unregisters.
 */
static int report(struct page_reporting_dev_info *info, struct scatterlist *list,
		  unsigned int count)
{
	struct balloon_reporting *r = container_of(info, struct balloon_reporting, info);
	struct balloon_run runs[MAX_RUNS];
	struct scatterlist *entry;
	unsigned int i;
	int ret;

	if (READ_ONCE(r->failed) || count > MAX_RUNS)
		return -EOPNOTSUPP;
	for_each_sg(list, entry, count, i) {
		runs[i].first = page_to_pfn(sg_page(entry));
		runs[i].pages = entry->length >> ENL_HVPAGE_SHIFT;
	}
	ret = balloon_hint_runs(r->b, runs, count);
	if (!ret) {
		r->failures = 0;
		return 0;
	}
	balloon_count(r->b->m, BALLOON_COUNT_hint_failures, 1);
	if (++r->failures >= MAX_FAILURES) {
		WRITE_ONCE(r->failed, true);
		schedule_work(&r->stop);
	}
	return ret;
}

static void stop_work(struct work_struct *work)
{
	struct balloon_reporting *r = container_of(work, struct balloon_reporting, stop);

	dev_warn_ratelimited(r->b->dev->dev,
			     "host refuses reports of free memory; stopped. If page_reporting.page_reporting_order is below 9, try 9\n");
	page_reporting_unregister(&r->info);
	WRITE_ONCE(r->registered, false);
}

/* After a handshake. Quietly without, where host or kernel offer nothing. */
void balloon_reporting_start(struct balloon *b)
{
	struct balloon_reporting *r;
	unsigned int done = 0, shift = PAGE_SHIFT;

	if (!IS_ENABLED(CONFIG_PAGE_REPORTING) || !balloon_options.page_reporting ||
	    shift != ENL_HVPAGE_SHIFT || b->reporting)
		return;
	if (b->m->ops->hint(b, NULL, 0, &done) == -EOPNOTSUPP)
		return;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return;
	r->b = b;
	r->info.report = report;
	INIT_WORK(&r->stop, stop_work);
	if (page_reporting_register(&r->info)) {
		dev_info_ratelimited(b->dev->dev,
				     "another driver reports free memory; left to it\n");
		kfree(r);
		return;
	}
	r->registered = true;
	b->reporting = r;
}

void balloon_reporting_stop(struct balloon *b)
{
	struct balloon_reporting *r = b->reporting;

	if (!r)
		return;
	WRITE_ONCE(r->failed, true);	/* no call schedules the work any more */
	cancel_work_sync(&r->stop);
	if (r->registered)
		page_reporting_unregister(&r->info);
	/* A report that had just begun may have scheduled it after all. */
	cancel_work_sync(&r->stop);
	b->reporting = NULL;
	kfree(r);
}
