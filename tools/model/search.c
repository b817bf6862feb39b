// SPDX-License-Identifier: GPL-2.0-only
/*
 * Depth-first search over all interleavings, each state once: two coroutines whose stacks are
 * saved and restored with everything else. Calls memory.c. Called by ring_model.c.
 *
 * A choice is made at loads, at full barriers and at waits. Stores and signals happen as soon as
 * they can: that hides nothing, since nobody has to see a store before a barrier says so.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include "search.h"

#define STACK	4096
#define DEPTH	600
#define TABLE	(1u << 24)
#define STATE	3072

enum kind { LOAD, BARRIER, WAIT, FINISHED };

static struct world {
	struct memory memory;
	struct view told[SIDES];
	bool signal[SIDES];
	enum kind kind[SIDES];		/* what each side is about to do */
	unsigned int word[SIDES];
	enum order order[SIDES];
	uint64_t local[SIDES];		/* stands for all that a program knows */
	jmp_buf at[SIDES];
	char stack[SIDES][STACK] __attribute__((aligned(64)));
	char state[STATE];
} world;

static struct step {
	struct world before;
	enum side side;
	enum kind kind;
	unsigned int word;
	uint64_t value;
} *path;

static const struct model *model;
static struct result *result;
static uint64_t *table;
static bool searching;
static enum side current;
static uint64_t loaded;
static const char *failure;
static jmp_buf scheduler;

/* --- coroutines */

/* The running program stops before its next visible step. */
static void stop(enum kind kind)
{
	world.kind[current] = kind;
	if (!_setjmp(world.at[current]))
		_longjmp(scheduler, 1);
}

static void resume(enum side side)
{
	current = side;
	if (!_setjmp(scheduler))
		_longjmp(world.at[side], 1);
}

static void entry(void)
{
	stop(WAIT);
	model->run[current]();
	stop(FINISHED);
	abort();
}

/* Not a resume(): the first frame of each stack has to be made. */
static void create(enum side side)
{
	static ucontext_t back, context;

	current = side;
	getcontext(&context);
	context.uc_stack.ss_sp = world.stack[side];
	context.uc_stack.ss_size = STACK;
	context.uc_link = NULL;
	makecontext(&context, entry, 0);
	if (!_setjmp(scheduler))
		swapcontext(&back, &context);
}

/* --- for the programs */

static void remember(uint64_t value)
{
	world.local[current] = memory_mix(world.local[current], value);
}

uint64_t model_load(unsigned int word, enum order order)
{
	uint64_t value;

	if (!searching)
		return world.memory.store[word][world.memory.stores[word] - 1].value;
	world.word[current] = word;
	world.order[current] = order;
	stop(LOAD);
	value = loaded;
	remember(value);
	return value;
}

void model_store(unsigned int word, uint64_t value, enum order order)
{
	if (!searching)
		world.memory.store[word][0].value = value;
	else if (!memory_store(&world.memory, current, word, value, order))
		model_fail("the model has no room for that many stores");
}

void model_full_barrier(void)
{
	if (!searching)
		return;
	stop(BARRIER);
	remember(1);
}

void model_read_barrier(void)
{
	if (searching)
		memory_read_barrier(&world.memory, current);
}

void model_signal(void)
{
	enum side to = current == GUEST ? HOST : GUEST;

	world.signal[to] = true;
	memory_tell(&world.memory, current, &world.told[to]);
}

static void take_signal(enum side side)
{
	if (!world.signal[side])
		return;
	world.signal[side] = false;
	memory_hear(&world.memory, side, &world.told[side]);
	memset(&world.told[side], 0, sizeof(world.told[side]));
}

void model_wait(void)
{
	stop(WAIT);
}

/* A signal that comes while nobody waits for one is taken all the same. */
void model_eat_signal(void)
{
	remember(world.signal[current]);
	take_signal(current);
}

/* From here on the program depends on @state and on what it will load, on nothing else. */
void model_here(uint64_t state)
{
	world.local[current] = memory_mix(0x1234567, state);
}

void model_fail(const char *why)
{
	failure = why;
	stop(FINISHED);
}

/* --- search */

static bool is_new(void)
{
	uint64_t hash = memory_hash(&world.memory, 0);
	unsigned int side, at;

	for (side = 0; side < SIDES; side++) {
		unsigned int w;

		hash = memory_mix(hash, world.local[side]);
		hash = memory_mix(hash, world.kind[side] * 64 + world.word[side] * 2 +
				  world.signal[side]);
		for (w = 0; world.signal[side] && w < WORDS; w++)
			hash = memory_mix(hash, world.told[side].known[w]);
	}
	hash |= !hash;
	for (at = hash % TABLE; table[at]; at = (at + 1) % TABLE) {
		if (table[at] == hash)
			return false;
	}
	table[at] = hash;
	result->states++;
	if (result->states > TABLE / 4 * 3) {
		fprintf(stderr, "%s: more states than the table holds\n", model->name);
		exit(1);
	}
	return true;
}

static void print_path(unsigned int depth, const char *why)
{
	static const char *const kinds[] = { "loads", "full barrier", "is woken", "ends" };
	unsigned int d;

	printf("%s: %s\n", model->name, why);
	for (d = 0; d < depth; d++) {
		printf("  %s %s", path[d].side == GUEST ? "guest     " : "      host", kinds[path[d].kind]);
		if (path[d].kind == LOAD)
			printf(" word %u: 0x%llx", path[d].word, (unsigned long long)path[d].value);
		printf("\n");
	}
}

/* Lets @side do what it is about to do; a load takes the value @choice. */
static void act(struct step *s, enum side side, unsigned int choice)
{
	s->side = side;
	s->kind = world.kind[side];
	s->word = world.word[side];
	switch (s->kind) {
	case LOAD:
		loaded = memory_load(&world.memory, side, s->word, choice, world.order[side]);
		s->value = loaded;
		break;
	case BARRIER:
		memory_full_barrier(&world.memory, side);
		break;
	case WAIT:
		take_signal(side);
		break;
	case FINISHED:
		break;
	}
	resume(side);
	result->transitions++;
}

static unsigned int choices(enum side side)
{
	switch (world.kind[side]) {
	case LOAD:
		return memory_choices(&world.memory, side, world.word[side]);
	case BARRIER:
		return 1;
	case WAIT:
		return world.signal[side];
	case FINISHED:
		break;
	}
	return 0;
}

static bool explore(unsigned int depth)
{
	struct step *s = &path[depth];
	unsigned int side, choice, n, any = 0;

	if (depth == DEPTH) {
		print_path(0, "a run is longer than the search allows");
		return false;
	}
	memcpy(world.state, model->state, model->bytes);
	s->before = world;
	for (side = 0; side < SIDES; side++) {
		n = choices(side);
		any += n;
		for (choice = 0; choice < n; choice++) {
			act(s, side, choice);
			if (failure) {
				print_path(depth + 1, failure);
				return false;
			}
			if (is_new() && !explore(depth + 1))
				return false;
			world = s->before;
			memcpy(model->state, world.state, model->bytes);
		}
	}
	if (!any && !model->complete()) {
		print_path(depth, "both sides wait for ever");
		return false;
	}
	return true;
}

/* All runs of @m. False: one of them goes wrong; it was printed. */
bool search(const struct model *m, struct result *r)
{
	unsigned int side;

	if (m->bytes > STATE)
		abort();
	model = m;
	result = r;
	failure = NULL;
	*r = (struct result){ 0 };
	table = table ? table : malloc(TABLE * sizeof(*table));
	path = path ? path : malloc(DEPTH * sizeof(*path));
	if (!table || !path)
		abort();
	memset(table, 0, TABLE * sizeof(*table));
	memset(&world, 0, sizeof(world));
	memory_init(&world.memory);
	searching = false;
	m->begin();
	searching = true;
	for (side = 0; side < SIDES; side++) {
		create(side);
		resume(side);
	}
	return explore(0);
}
