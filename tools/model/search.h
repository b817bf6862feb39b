/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs two programs on one weak memory in every order that is possible.
 * Implemented by search.c on memory.c; used by ring_model.c, whose programs call the model_*()
 * functions for each access that the other side can see.
 */
#ifndef ENL_MODEL_SEARCH_H
#define ENL_MODEL_SEARCH_H

#include "memory.h"

/**
 * struct model - what is searched
 * @name: for messages
 * @begin: sets up @state and the memory, which is plain then
 * @run: the program of each side
 * @complete: with both sides finished or waiting for ever: is all well?
 * @state: of the programs; saved and restored as bytes
 * @bytes: its size
 */
struct model {
	const char *name;
	void (*begin)(void);
	void (*run[SIDES])(void);
	bool (*complete)(void);
	void *state;
	unsigned int bytes;
};

/* @states: that differ; @transitions: between them; false: something was wrong, and printed */
struct result {
	unsigned long states, transitions;
};

bool search(const struct model *m, struct result *r);

/* For the programs. */
uint64_t model_load(unsigned int word, enum order order);
void model_store(unsigned int word, uint64_t value, enum order order);
void model_full_barrier(void);
void model_read_barrier(void);
void model_signal(void);
void model_wait(void);
void model_eat_signal(void);
void model_here(uint64_t state);
void model_fail(const char *why);

#endif
