// SPDX-License-Identifier: GPL-2.0-only
/* A second copy of storvsc/stats.c for the tests: kbuild allows an object in one module only. */
#include "storvsc/stats.c"
