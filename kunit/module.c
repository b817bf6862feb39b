// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test module's frame: its name, licence, and how long the random tests run.
 * Calls nothing; the suites register themselves. Test files read the two numbers.
 */
#include <linux/module.h>
#include "kunit/module.h"

unsigned int enl_kunit_seeds = 2;
module_param_named(seeds, enl_kunit_seeds, uint, 0444);
MODULE_PARM_DESC(seeds, "random tests: how many seeds each (default 2)");

unsigned int enl_kunit_steps = 200000;
module_param_named(steps, enl_kunit_steps, uint, 0444);
MODULE_PARM_DESC(steps, "random tests: steps of the host for each seed (default 200000)");

unsigned int enl_kunit_first_seed = 1;
module_param_named(first_seed, enl_kunit_first_seed, uint, 0444);
MODULE_PARM_DESC(first_seed, "random tests: the first seed (default 1), to repeat one that failed");

MODULE_DESCRIPTION("Enlight: KUnit suites and the fake host");
MODULE_LICENSE("GPL");
