// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instantiates the tracepoints of trace.h, once for the module.
 * Calls nothing, is called by nobody; the kernel's macros generate the code.
 * Kept apart so that no other file compiles the generated part.
 */
#ifndef __CHECKER__
#define CREATE_TRACE_POINTS
#include "trace.h"
#endif
