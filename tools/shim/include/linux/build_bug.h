/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: compile-time assertions. */
#ifndef ENL_SHIM_LINUX_BUILD_BUG_H
#define ENL_SHIM_LINUX_BUILD_BUG_H

#ifndef static_assert
#define static_assert(condition, ...) _Static_assert(condition, #condition)
#endif
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), "not: " #condition)
#define BUILD_BUG_ON_MSG(condition, text) _Static_assert(!(condition), text)
#define BUILD_BUG_ON_ZERO(condition) ((int)sizeof(struct { int : (-!!(condition)); }))

#endif
