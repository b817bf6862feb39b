/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parameters of the test module, for tests that run at random.
 * Defined in kunit/module.c; included by test files that take seeds and steps.
 */
#ifndef KUNIT_MODULE_H
#define KUNIT_MODULE_H

extern unsigned int enl_kunit_seeds;		/* how many seeds */
extern unsigned int enl_kunit_first_seed;	/* the first of them */
extern unsigned int enl_kunit_steps;		/* steps for each */

#endif
