/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parameters of the test module, for tests that run at random.
 * Defined in kunit/module.c; included by test files that take seeds and steps.
 */
#ifndef KUNIT_MODULE_H
#define KUNIT_MODULE_H

extern unsigned int enl_kunit_seeds;		/* how many seeds */
extern unsigned int enl_kunit_first_seed;	/* the first of them */
extern unsigned int enl_kunit_steps;		/* steps for each; 0: what is usual */
extern unsigned int enl_kunit_first_slice;	/* of each seed, to repeat one */

/**
 * struct enl_kunit_slice - a part of a random run, short enough to be a case of its own
 * @seed: the seed
 * @slice: which part of its run
 * @steps: how long it is
 */
struct enl_kunit_slice {
	unsigned int seed, slice, steps;
};

const void *enl_kunit_next_slice(struct enl_kunit_slice *slice, const void *prev,
				 unsigned int usual, unsigned int limit, unsigned int most,
				 char *desc);

/* What a slice draws its numbers from. */
static inline unsigned long long enl_kunit_slice_seed(const struct enl_kunit_slice *slice)
{
	return slice->seed + slice->slice * 0x100000000ULL;
}

#endif
