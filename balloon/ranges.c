// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sorted set of page runs: what was ballooned, what was hot-added. 16 bytes for each run.
 * Pure but for kmalloc and kfree; the caller serialises. Called by pages.c, regions.c and tests.
 * Memory is got ahead (balloon_ranges_reserve), so a change under a spin lock cannot fail half-way.
 *
 * The runs lie in chunks of one page; a directory points to the chunks in order. A change moves at
 * most one chunk's contents and the directory, so that a guest shattered into a million runs costs
 * microseconds for each. Neighbours are merged on insertion: containment means "in one run".
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "model.h"

#define SPARES_KEPT 8

/* A place between runs: before run @run of chunk @chunk. */
struct place {
	u32 chunk;
	u32 run;
};

static struct balloon_run *run_at(const struct balloon_ranges *set, struct place at)
{
	return at.chunk < set->chunks ? &set->chunk[at.chunk]->runs[at.run] : NULL;
}

static struct balloon_run *run_before(const struct balloon_ranges *set, struct place at)
{
	if (at.run)
		return &set->chunk[at.chunk]->runs[at.run - 1];
	if (!at.chunk)
		return NULL;
	return &set->chunk[at.chunk - 1]->runs[set->chunk[at.chunk - 1]->count - 1];
}

/* The first run that ends after @pfn, or the place behind all. */
static struct place seek(const struct balloon_ranges *set, u64 pfn)
{
	struct place at = { 0, 0 };
	u32 low = 0, high = set->chunks, middle;
	const struct balloon_chunk *chunk;

	while (low < high) {
		middle = low + (high - low) / 2;
		chunk = set->chunk[middle];
		if (balloon_run_end(&chunk->runs[chunk->count - 1]) > pfn)
			high = middle;
		else
			low = middle + 1;
	}
	at.chunk = low;
	if (low == set->chunks)
		return at;

	chunk = set->chunk[low];
	high = chunk->count - 1;	/* the last one is known to end after @pfn */
	low = 0;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (balloon_run_end(&chunk->runs[middle]) > pfn)
			high = middle;
		else
			low = middle + 1;
	}
	at.run = low;
	return at;
}

static struct balloon_chunk *take_spare(struct balloon_ranges *set)
{
	struct balloon_chunk *chunk = set->spare;

	set->spare = chunk->next;
	set->spares--;
	chunk->count = 0;
	return chunk;
}

static void put_spare(struct balloon_ranges *set, struct balloon_chunk *chunk)
{
	if (set->spares >= SPARES_KEPT) {
		kfree(chunk);
		return;
	}
	chunk->next = set->spare;
	set->spare = chunk;
	set->spares++;
}

static void add_chunk(struct balloon_ranges *set, u32 index, struct balloon_chunk *chunk)
{
	memmove(&set->chunk[index + 1], &set->chunk[index],
		(set->chunks - index) * sizeof(set->chunk[0]));
	set->chunk[index] = chunk;
	set->chunks++;
}

/* A new run needs a new chunk if the one that it belongs to is full. */
static bool can_grow(const struct balloon_ranges *set, struct place at)
{
	if (set->spares && set->room > set->chunks)
		return true;
	if (at.chunk == set->chunks) {
		if (!at.chunk)
			return false;
		at.chunk--;
	}
	return set->chunk[at.chunk]->count < BALLOON_CHUNK_RUNS;
}

/* Halves a full chunk, or starts a new one behind it; returns where @at has gone. */
static struct place split_chunk(struct balloon_ranges *set, struct place at)
{
	struct balloon_chunk *old = set->chunk[at.chunk], *new = take_spare(set);
	u32 keep = at.run == old->count ? old->count : old->count / 2;

	new->count = old->count - keep;
	memcpy(new->runs, &old->runs[keep], new->count * sizeof(new->runs[0]));
	old->count = keep;
	add_chunk(set, at.chunk + 1, new);
	if (at.run >= keep) {
		at.run -= keep;
		at.chunk++;
	}
	return at;
}

/* can_grow() has said yes. */
static void insert_at(struct balloon_ranges *set, struct place at, const struct balloon_run *run)
{
	struct balloon_chunk *chunk;

	if (!set->chunks)
		add_chunk(set, 0, take_spare(set));
	else if (at.chunk == set->chunks)
		at = (struct place){ set->chunks - 1, set->chunk[set->chunks - 1]->count };
	if (set->chunk[at.chunk]->count == BALLOON_CHUNK_RUNS)
		at = split_chunk(set, at);
	chunk = set->chunk[at.chunk];
	memmove(&chunk->runs[at.run + 1], &chunk->runs[at.run],
		(chunk->count - at.run) * sizeof(chunk->runs[0]));
	chunk->runs[at.run] = *run;
	chunk->count++;
	set->runs++;
}

static void delete_at(struct balloon_ranges *set, struct place at)
{
	struct balloon_chunk *chunk = set->chunk[at.chunk];

	chunk->count--;
	memmove(&chunk->runs[at.run], &chunk->runs[at.run + 1],
		(chunk->count - at.run) * sizeof(chunk->runs[0]));
	set->runs--;
	if (chunk->count)
		return;
	set->chunks--;
	memmove(&set->chunk[at.chunk], &set->chunk[at.chunk + 1],
		(set->chunks - at.chunk) * sizeof(set->chunk[0]));
	put_spare(set, chunk);
}

/*
 * Memory for so many insertions or removals; each takes one chunk at the worst.
 * 0 or -ENOMEM. With a @gfp that does not sleep it may be called under a lock.
 */
int balloon_ranges_reserve(struct balloon_ranges *set, u32 operations, gfp_t gfp)
{
	struct balloon_chunk *chunk, **directory;
	u32 room = set->room;

	while (set->spares < operations) {
		chunk = kmalloc(sizeof(*chunk), gfp);
		if (!chunk)
			return -ENOMEM;
		chunk->next = set->spare;
		set->spare = chunk;
		set->spares++;
	}
	if (room >= set->chunks + operations)
		return 0;
	while (room < set->chunks + operations)
		room = room ? 2 * room : 16;
	directory = kcalloc(room, sizeof(*directory), gfp);
	if (!directory)
		return -ENOMEM;
	if (set->chunks)
		memcpy(directory, set->chunk, set->chunks * sizeof(*directory));
	kfree(set->chunk);
	set->chunk = directory;
	set->room = room;
	return 0;
}

/* 0; -EEXIST: a page of @run is in the set; -ENOMEM: reserve first. No change on failure. */
int balloon_ranges_insert(struct balloon_ranges *set, const struct balloon_run *run)
{
	struct place at = seek(set, run->first);
	struct balloon_run *next = run_at(set, at), *before = run_before(set, at);

	if (!run->pages)
		return 0;
	if (next && next->first < balloon_run_end(run))
		return -EEXIST;
	if (before && balloon_run_end(before) != run->first)
		before = NULL;
	if (next && next->first != balloon_run_end(run))
		next = NULL;

	if (before && next) {
		before->pages += run->pages + next->pages;
		delete_at(set, at);
	} else if (before) {
		before->pages += run->pages;
	} else if (next) {
		next->first = run->first;
		next->pages += run->pages;
	} else {
		if (!can_grow(set, at))
			return -ENOMEM;
		insert_at(set, at, run);
	}
	set->pages += run->pages;
	return 0;
}

/* True if every page of @run is in the set. */
bool balloon_ranges_contain(const struct balloon_ranges *set, const struct balloon_run *run)
{
	const struct balloon_run *found = run_at(set, seek(set, run->first));

	return !run->pages || (found && found->first <= run->first &&
			       balloon_run_end(found) >= balloon_run_end(run));
}

/* True if some page of @run is in the set. */
bool balloon_ranges_overlap(const struct balloon_ranges *set, const struct balloon_run *run)
{
	const struct balloon_run *found = run_at(set, seek(set, run->first));

	return run->pages && found && found->first < balloon_run_end(run);
}

/* The first run that has a page at or after @from; false if there is none. */
bool balloon_ranges_next(const struct balloon_ranges *set, u64 from, struct balloon_run *run)
{
	const struct balloon_run *found = run_at(set, seek(set, from));

	if (!found)
		return false;
	*run = *found;
	return true;
}

/*
 * 0; -ENOENT unless every page of @run is in the set; -ENOMEM if a run must be split and there is
 * no room: reserve first. Nothing changes on failure.
 */
int balloon_ranges_remove(struct balloon_ranges *set, const struct balloon_run *run)
{
	struct place at = seek(set, run->first), after;
	struct balloon_run *found = run_at(set, at), tail;

	if (!run->pages)
		return 0;
	if (!found || found->first > run->first || balloon_run_end(found) < balloon_run_end(run))
		return -ENOENT;

	tail.first = balloon_run_end(run);
	tail.pages = balloon_run_end(found) - tail.first;
	if (found->first == run->first) {
		if (tail.pages)
			*found = tail;
		else
			delete_at(set, at);
	} else {
		after = (struct place){ at.chunk, at.run + 1 };
		if (tail.pages && !can_grow(set, after))
			return -ENOMEM;
		found->pages = run->first - found->first;
		if (tail.pages)
			insert_at(set, after, &tail);
	}
	set->pages -= run->pages;
	return 0;
}

/* Forgets everything and frees what the set was kept in. */
void balloon_ranges_free(struct balloon_ranges *set)
{
	while (set->chunks)
		kfree(set->chunk[--set->chunks]);
	while (set->spares)
		kfree(take_spare(set));
	kfree(set->chunk);
	memset(set, 0, sizeof(*set));
}

/*
 * Joins neighbours in a sorted list, no run longer than @max_pages; returns the new length.
 * Overlapping runs are left alone: the caller has reasons to look for them.
 */
u32 balloon_runs_merge(struct balloon_run *runs, u32 count, u64 max_pages)
{
	u32 in, out = 0;

	for (in = 1; in < count; in++) {
		if (balloon_run_end(&runs[out]) == runs[in].first &&
		    runs[out].pages + runs[in].pages <= max_pages)
			runs[out].pages += runs[in].pages;
		else
			runs[++out] = runs[in];
	}
	return count ? out + 1 : 0;
}
