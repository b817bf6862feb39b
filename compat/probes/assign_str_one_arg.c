// SPDX-License-Identifier: GPL-2.0-only
/* 6.10: __assign_str() of trace events has one argument. */
#include <linux/stringify.h>
#include <linux/build_bug.h>
#include <linux/trace_events.h>
#undef __assign_str
#define TRACE_SYSTEM probe
#include <trace/stages/stage6_event_callback.h>

static_assert(sizeof(__stringify(__assign_str(x))) > 1);
