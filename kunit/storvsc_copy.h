/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the second copy of storvsc/ shows of its insides: the driver, and calls that lead nowhere.
 * Defined in kunit/copy/storvsc_main.c and storvsc_fc.c; used by kunit/storvsc_world.c and tests.
 */
#ifndef KUNIT_STORVSC_COPY_H
#define KUNIT_STORVSC_COPY_H

struct enl_driver;

struct enl_driver *storvsc_copy_driver(void);
extern unsigned int storvsc_copy_wwn_updates;	/* calls of the Fibre Channel class */

#endif
