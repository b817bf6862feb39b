// SPDX-License-Identifier: GPL-2.0-only
/* A second copy of storvsc/trace.c for the tests: kbuild allows an object in one module only. */
/* Its tracepoints have a name of their own beside the real ones. */
#define ENL_TEST_COPY
#include "storvsc/trace.c"
