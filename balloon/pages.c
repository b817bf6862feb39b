// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory to the host and back: inflate and deflate, for the worker alone.
 * Calls report.c for the totals, protocol.c to send, b->m->ops for the pages. Called by main.c.
 * A page number of the host becomes a page only after our own record has said that it is ours.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "balloon.h"
#include "trace.h"

#define CHECK_PAGES	4096u		/* between two looks at the floor */
#define RETRY_PAGES	16384u		/* before a larger size is tried again */
#define CRUMB_PAGES	1024u		/* less than this above the floor is not worth an answer */
#define QUIET (GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN | __GFP_NOMEMALLOC)

/* Sizes tried, in this order. Whole large blocks keep the rest of memory whole. */
static const unsigned int orders[] = { 10, 9, 7, 4, 0 };	/* 4 MiB ... 4 KiB */

/* One balloon request in progress. b->runs holds what was taken and not yet told to the host. */
struct inflation {
	u64 left;		/* pages still to take */
	u64 pending;		/* pages in b->runs */
	u32 count;		/* runs in b->runs */
	unsigned int size;	/* index into orders */
	u64 since_step;		/* pages taken since the last step down */
	u64 since_check;
	bool ended;		/* no more can be had */
};

static int compare_runs(const void *a, const void *b)
{
	const struct balloon_run *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static u32 tidy(struct balloon_run *runs, u32 count)
{
	sort(runs, count, sizeof(*runs), compare_runs, NULL);
	return balloon_runs_merge(runs, count, ENL_DM_RANGE_MAX_PAGES);
}

/* Pages that are recorded as out are ours again. Returns how many. */
static u64 take_back(struct balloon *b, const struct balloon_run *run)
{
	struct balloon_memory *m = b->m;
	unsigned int tries = 0;
	int ret;

	/* A split may need a chunk. Memory is being freed, so the wait is short. */
	do {
		balloon_ranges_reserve(&m->ballooned, 2, QUIET);
		ret = balloon_ranges_remove(&m->ballooned, run);
	} while (ret == -ENOMEM && tries++ < 100 && balloon_pause(b, 10));
	trace_balloon_back(run->first, run->pages, ret);
	if (ret)
		return 0;	/* stays out and recorded: lost to the guest, but never wrong */
	atomic64_sub(run->pages, &m->ballooned_pages);
	m->ops->give(m, run->first, run->pages);
	return run->pages;
}

/* Tells the host of what was taken; if it does not take the message, the pages stay ours. */
static int flush(struct balloon *b, struct inflation *now, bool more)
{
	u32 i, bytes;
	int ret;

	now->count = tidy(b->runs, now->count);
	bytes = balloon_put_ranges(b->message, b->runs, now->count, more);
	ret = balloon_send(b, b->message, bytes);
	if (ret) {
		for (i = 0; i < now->count; i++)
			take_back(b, &b->runs[i]);
		balloon_count(b->m, BALLOON_COUNT_pages_kept, now->pending);
	} else {
		for (i = 0; i < now->count; i++)
			trace_balloon_out(b->runs[i].first, b->runs[i].pages, more);
		balloon_count(b->m, BALLOON_COUNT_responses, 1);
		balloon_count(b->m, BALLOON_COUNT_pages_out, now->pending);
	}
	now->count = 0;
	now->pending = 0;
	return ret;
}

/* Adds to the unsent runs, joining what can be joined at once. False: the list is full. */
static bool note(struct balloon *b, struct inflation *now, const struct balloon_run *run)
{
	struct balloon_run *last = now->count ? &b->runs[now->count - 1] : NULL;

	now->pending += run->pages;
	if (last && last->pages + run->pages <= ENL_DM_RANGE_MAX_PAGES) {
		if (balloon_run_end(last) == run->first) {
			last->pages += run->pages;
			return true;
		}
		if (balloon_run_end(run) == last->first) {
			last->first = run->first;
			last->pages += run->pages;
			return true;
		}
	}
	b->runs[now->count++] = *run;
	if (now->count < ENL_DM_RESPONSE_RANGES)
		return true;
	now->count = tidy(b->runs, now->count);
	/* Nearly full after tidying means scattered memory: no more sorting for so little room. */
	return now->count < ENL_DM_RESPONSE_RANGES - ENL_DM_RESPONSE_RANGES / 8;
}

/* Now and then: is there still anything above the floor? */
static bool floor_reached(struct balloon *b, struct inflation *now)
{
	struct balloon_demand demand;

	if (now->since_check < CHECK_PAGES)
		return false;
	now->since_check = 0;
	balloon_demand_now(b, &demand);
	if (balloon_allowance(now->left, demand.available, demand.floor))
		return false;
	balloon_count(b->m, BALLOON_COUNT_floor_stops, 1);
	return true;
}

/* One block of the largest size that is to be had. False: none is. */
static bool take_block(struct balloon *b, struct inflation *now, struct balloon_run *run)
{
	struct balloon_memory *m = b->m;

	if (now->size && now->since_step >= RETRY_PAGES) {
		now->size--;
		now->since_step = 0;
	}
	while (1ULL << orders[now->size] > now->left)
		now->size++;
	/* The record first: a page that cannot be remembered must not go. */
	if (balloon_ranges_reserve(&m->ballooned, 1, QUIET))
		return false;
	while (m->ops->take(m, orders[now->size], &run->first)) {
		balloon_count(m, BALLOON_COUNT_alloc_failures, 1);
		if (!orders[now->size])
			return false;
		now->size++;
		now->since_step = 0;
	}
	run->pages = 1ULL << orders[now->size];
	if (WARN_ON_ONCE(balloon_ranges_insert(&m->ballooned, run))) {
		m->ops->give(m, run->first, run->pages);
		return false;
	}
	atomic64_add(run->pages, &m->ballooned_pages);
	now->left -= run->pages;
	now->since_step += run->pages;
	now->since_check += run->pages;
	return true;
}

/* Takes pages until a message is full or the request is met. */
static void fill(struct balloon *b, struct inflation *now)
{
	struct balloon_run run;

	while (now->left && !now->ended) {
		if (balloon_stopping(b) || floor_reached(b, now) || !take_block(b, now, &run)) {
			now->ended = true;
			return;
		}
		if (!note(b, now, &run))
			return;
		cond_resched();
	}
	now->ended = true;
}

/*
 * A balloon request: give up to @wanted pages, in messages of which only the last is marked final.
 * It may be empty, and at the floor it is: the host asks again until it hears that.
 */
void balloon_inflate(struct balloon *b, u64 wanted)
{
	struct inflation now = { };
	struct balloon_demand demand;
	u32 bytes;

	balloon_count(b->m, BALLOON_COUNT_requests_balloon, 1);
	balloon_demand_now(b, &demand);
	now.left = balloon_allowance(wanted, demand.available, demand.floor);
	if (now.left < wanted) {
		balloon_count(b->m, BALLOON_COUNT_floor_stops, 1);
		/*
		 * Available memory moves all the time. A host that asks again until the answer is
		 * empty would be fed crumbs for ever.
		 */
		if (now.left < CRUMB_PAGES)
			now.left = 0;
	}
	if (b->refuses || !balloon_options.balloon || !balloon_hold(b->m)) {
		balloon_count(b->m, BALLOON_COUNT_requests_refused, 1);
		now.left = 0;
	}

	while (now.left) {
		fill(b, &now);
		if (!now.pending)
			break;
		if (flush(b, &now, !now.ended))
			break;
		if (now.ended) {
			balloon_unhold(b->m);
			return;
		}
	}
	bytes = balloon_put_ranges(b->message, NULL, 0, false);
	balloon_answer(b, b->message, bytes);
	balloon_unhold(b->m);
}

/* Ranges of an unballoon message into b->runs, sorted. What is wrong with them as a whole? */
static enum balloon_fault read_ranges(struct balloon *b, const struct balloon_message *message,
				      u32 *count)
{
	struct balloon_run run;
	u32 i, n = 0;

	for (i = 0; i < message->count; i++) {
		run = balloon_run_from_wire(message->ranges[i]);
		if (balloon_run_end(&run) > 1ULL << ENL_DM_RANGE_PFN_BITS)
			return BALLOON_FAULT_UNBALLOON_RANGE;
		if (run.pages)
			b->runs[n++] = run;
	}
	sort(b->runs, n, sizeof(b->runs[0]), compare_runs, NULL);
	for (i = 0; i < n; i++) {
		if (i && b->runs[i].first < balloon_run_end(&b->runs[i - 1]))
			return BALLOON_FAULT_UNBALLOON_FOREIGN;
		if (!balloon_ranges_contain(&b->m->ballooned, &b->runs[i]))
			return BALLOON_FAULT_UNBALLOON_FOREIGN;
	}
	*count = n;
	return BALLOON_FAULT_NONE;
}

/*
 * An unballoon message: free the pages that it names, all of them or, if one is not ours, none.
 * A rejected message is not answered: there is no way to say no, and a yes would be a lie.
 */
void balloon_deflate(struct balloon *b, const struct balloon_message *message)
{
	enum balloon_fault fault;
	u32 i, count = 0, bytes;
	u64 pages = 0;

	balloon_count(b->m, BALLOON_COUNT_requests_unballoon, 1);
	fault = read_ranges(b, message, &count);
	if (fault) {
		balloon_blame(b, fault);
		return;
	}
	for (i = 0; i < count; i++) {
		pages += take_back(b, &b->runs[i]);
		cond_resched();
	}
	balloon_count(b->m, BALLOON_COUNT_pages_back, pages);
	balloon_unhold(b->m);
	if (message->more)
		return;
	bytes = balloon_put_unballooned(b->message);
	balloon_answer(b, b->message, bytes);
}
