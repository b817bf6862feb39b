// SPDX-License-Identifier: GPL-2.0-only
/*
 * The weak memory of the model: stores with views, barriers, and a hash that forgets what no side
 * can see any more. Calls nothing. Called by search.c.
 */
#include <string.h>
#include "memory.h"

static void join(struct view *to, const struct view *from)
{
	unsigned int w;

	for (w = 0; w < WORDS; w++) {
		if (to->known[w] < from->known[w])
			to->known[w] = from->known[w];
	}
}

/* Each word was zero before anybody came. */
void memory_init(struct memory *m)
{
	unsigned int w;

	memset(m, 0, sizeof(*m));
	for (w = 0; w < WORDS; w++)
		m->stores[w] = 1;
}

/* From how many values a load may take; the last is the newest. */
unsigned int memory_choices(const struct memory *m, enum side side, unsigned int word)
{
	return m->stores[word] - m->now[side].known[word];
}

uint64_t memory_load(struct memory *m, enum side side, unsigned int word, unsigned int choice,
		     enum order order)
{
	unsigned int at = m->now[side].known[word] + choice;
	const struct store *s = &m->store[word][at];

	m->now[side].known[word] = at;
	join(&m->seen[side], &s->released);
	if (order == ACQUIRE)
		join(&m->now[side], &s->released);
	return s->value;
}

/* False: the model has no room for that many stores. */
bool memory_store(struct memory *m, enum side side, unsigned int word, uint64_t value,
		  enum order order)
{
	unsigned int at = m->stores[word];
	struct store *s = &m->store[word][at];

	if (at == STORES)
		return false;
	m->stores[word]++;
	m->now[side].known[word] = at;
	s->value = value;
	s->released = order == RELEASE ? m->now[side] : m->fenced[side];
	s->released.known[word] = at;
	return true;
}

void memory_read_barrier(struct memory *m, enum side side)
{
	join(&m->now[side], &m->seen[side]);
}

void memory_full_barrier(struct memory *m, enum side side)
{
	join(&m->now[side], &m->seen[side]);
	join(&m->now[side], &m->order);
	m->order = m->now[side];
	m->fenced[side] = m->now[side];
}

/* A signal: what its sender knows, whoever gets it knows. */
void memory_tell(struct memory *m, enum side from, struct view *told)
{
	join(told, &m->now[from]);
}

void memory_hear(struct memory *m, enum side to, const struct view *told)
{
	join(&m->now[to], told);
}

uint64_t memory_mix(uint64_t hash, uint64_t value)
{
	hash ^= value + 0x9e3779b97f4a7c15ull + (hash << 6) + (hash >> 2);
	hash *= 0xff51afd7ed558ccdull;
	return hash ^ hash >> 32;
}

/* Views count from the oldest value that somebody may still load; what is older never matters. */
static uint64_t hash_view(const struct view *v, const uint8_t *oldest, uint64_t hash)
{
	unsigned int w;

	for (w = 0; w < WORDS; w++)
		hash = memory_mix(hash, v->known[w] > oldest[w] ? v->known[w] - oldest[w] : 0);
	return hash;
}

uint64_t memory_hash(const struct memory *m, uint64_t hash)
{
	uint8_t oldest[WORDS];
	unsigned int w, i, s;

	for (w = 0; w < WORDS; w++) {
		uint8_t guest = m->now[GUEST].known[w], host = m->now[HOST].known[w];

		oldest[w] = guest < host ? guest : host;
	}
	for (w = 0; w < WORDS; w++) {
		hash = memory_mix(hash, m->stores[w] - oldest[w]);
		for (i = oldest[w]; i < m->stores[w]; i++) {
			hash = memory_mix(hash, m->store[w][i].value);
			hash = hash_view(&m->store[w][i].released, oldest, hash);
		}
	}
	for (s = 0; s < SIDES; s++) {
		hash = hash_view(&m->now[s], oldest, hash);
		hash = hash_view(&m->seen[s], oldest, hash);
		hash = hash_view(&m->fenced[s], oldest, hash);
	}
	return hash_view(&m->order, oldest, hash);
}
