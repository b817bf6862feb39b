// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test module's frame: its name, licence, and how long the random tests run.
 * Calls nothing; the suites register themselves. Test files read the numbers, or take slices.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "kunit/module.h"

unsigned int enl_kunit_seeds = 2;
module_param_named(seeds, enl_kunit_seeds, uint, 0444);
MODULE_PARM_DESC(seeds, "random tests: how many seeds each (default 2)");

unsigned int enl_kunit_steps;
module_param_named(steps, enl_kunit_steps, uint, 0444);
MODULE_PARM_DESC(steps, "random tests: steps for each seed (default: a few thousand)");

unsigned int enl_kunit_first_seed = 1;
module_param_named(first_seed, enl_kunit_first_seed, uint, 0444);
MODULE_PARM_DESC(first_seed, "random tests: the first seed (default 1), to repeat one that failed");

unsigned int enl_kunit_first_slice;
module_param_named(first_slice, enl_kunit_first_slice, uint, 0444);
MODULE_PARM_DESC(first_slice, "random tests: the first slice of each seed (default 0), likewise");

/**
 * enl_kunit_next_slice - the parameters of a random case, one by one
 * @slice: what the case keeps; all zero before the first call
 * @prev: as KUnit gives it, NULL at first
 * @usual: steps of each seed when the module is not told
 * @limit: steps of each seed at most
 * @most: steps of a slice
 * @desc: where KUnit wants the parameter's name
 *
 * KUnit ends a case after five minutes, and the kernel reports it as hung after two. A long run is
 * therefore many parameters of one case, and each has its own limit.
 */
const void *enl_kunit_next_slice(struct enl_kunit_slice *slice, const void *prev,
				 unsigned int usual, unsigned int limit, unsigned int most,
				 char *desc)
{
	unsigned int steps = min(enl_kunit_steps ?: usual, limit);
	unsigned int count = DIV_ROUND_UP(steps, most);

	if (!prev) {
		slice->seed = enl_kunit_first_seed;
		slice->slice = enl_kunit_first_slice;
	} else {
		slice->slice++;
	}
	if (slice->slice >= count) {
		slice->seed++;
		slice->slice = enl_kunit_first_slice;
	}
	if (slice->seed - enl_kunit_first_seed >= enl_kunit_seeds || slice->slice >= count)
		return NULL;
	slice->steps = min(most, steps - slice->slice * most);
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %u, slice %u: %u steps", slice->seed,
		 slice->slice, slice->steps);
	return slice;
}

MODULE_DESCRIPTION("Enlight: KUnit suites and the fake host");
MODULE_LICENSE("GPL");
