/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared memory as two processors may see it, and the search through all they may do with it.
 * Implemented by memory.c and search.c; used by ring_model.c, which runs both ends of a ring on it.
 * Programs only, of the ring model (tools/model/ring.sh).
 *
 * Each word keeps the values that were stored to it, in order. A load may return any of them that
 * is not older than what its side knows; what a side knows grows by its own accesses, by acquiring
 * what the other released, and by full barriers, which all agree on one order. So a store may stay
 * unseen for long, as in a store buffer, and loads may be out of order, unless a barrier forbids.
 * Not covered: a load that is delayed beyond a later store of its own side.
 */
#ifndef ENL_MODEL_MEMORY_H
#define ENL_MODEL_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define WORDS	16
#define STORES	24		/* of one word, in one run */

enum side { GUEST, HOST, SIDES };
enum order { RELAXED, RELEASE, ACQUIRE };

/* How many stores of each word are known. */
struct view {
	uint8_t known[WORDS];
};

struct store {
	uint64_t value;
	struct view released;	/* what the storing side knew, as far as the store tells */
};

struct memory {
	struct store store[WORDS][STORES];
	uint8_t stores[WORDS];
	struct view now[SIDES];		/* may not go back behind this */
	struct view seen[SIDES];	/* released by what was loaded: known after a read barrier */
	struct view fenced[SIDES];	/* known at the last full barrier: every later store tells it */
	struct view order;		/* known to whoever executes a full barrier */
};

void memory_init(struct memory *m);
unsigned int memory_choices(const struct memory *m, enum side side, unsigned int word);
uint64_t memory_load(struct memory *m, enum side side, unsigned int word, unsigned int choice,
		     enum order order);
bool memory_store(struct memory *m, enum side side, unsigned int word, uint64_t value,
		  enum order order);
void memory_read_barrier(struct memory *m, enum side side);
void memory_full_barrier(struct memory *m, enum side side);
void memory_tell(struct memory *m, enum side from, struct view *told);
void memory_hear(struct memory *m, enum side to, const struct view *told);
uint64_t memory_hash(const struct memory *m, uint64_t hash);
uint64_t memory_mix(uint64_t hash, uint64_t value);

#endif
