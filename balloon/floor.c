// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much memory the guest keeps whatever the host asks, and how much it says that it needs.
 * Pure arithmetic; calls nothing. Called by pages.c, report.c and tests.
 * Sources: balloon specification 7.3, 7.4 and 20.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include "model.h"

#define PRESSURE_HOLD_MS	5000	/* full surcharge */
#define PRESSURE_FADE_MS	10000	/* none any more */

/*
 * Headroom for kernel and page cache. @total_pages is what the guest has when nothing is ballooned:
 * a floor taken from what is left would sink with each request.
 */
u64 balloon_floor(u64 total_pages, unsigned int page_shift)
{
	static const struct {
		u64 below, base;
		unsigned int shift;
	} piece[] = {		/* MiB */
		{ 128, 8, 1 },
		{ 512, 40, 2 },
		{ 2048, 104, 3 },
		{ 8192, 232, 4 },
		{ U64_MAX, 488, 5 },
	};
	unsigned int to_mib = 20 - page_shift, i = 0;

	while ((total_pages >> to_mib) >= piece[i].below)
		i++;
	return (piece[i].base << to_mib) + (total_pages >> piece[i].shift);
}

/*
 * Demand: commit accounting or real use, whichever is more. The cap takes the absurd out of
 * over-commit (a sparse heap of a terabyte), the second term sees what accounting does not. After
 * memory ran out, a tenth more for a while, so that the host gives before the next time.
 */
u64 balloon_committed(const struct balloon_demand *d)
{
	u64 used = d->total > d->available ? d->total - d->available : 0;
	u64 need = min(d->commit, d->total + d->swap);
	u64 extra = 0;

	need = max(need, used);
	if (d->pressure_ms <= PRESSURE_HOLD_MS)
		extra = need / 10;
	else if (d->pressure_ms < PRESSURE_FADE_MS)
		extra = need / 10 * (PRESSURE_FADE_MS - d->pressure_ms) /
			(PRESSURE_FADE_MS - PRESSURE_HOLD_MS);
	/* The host compares with what it assigned: what it took counts, and what nobody can use. */
	return need + extra + d->ballooned + d->offline + d->floor;
}

/* How many of @wanted pages may go without taking the guest below its floor. */
u64 balloon_allowance(u64 wanted, u64 available, u64 floor)
{
	return available > floor ? min(wanted, available - floor) : 0;
}
