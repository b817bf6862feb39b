/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: conditions that must not be: a program that meets one stops. */
#ifndef ENL_SHIM_LINUX_BUG_H
#define ENL_SHIM_LINUX_BUG_H

#include <stdio.h>
#include <stdlib.h>

#define BUG() \
	do { \
		fprintf(stderr, "BUG: %s:%d\n", __FILE__, __LINE__); \
		abort(); \
	} while (0)
#define BUG_ON(condition) \
	do { \
		if (condition) \
			BUG(); \
	} while (0)
#define WARN_ON(condition) ({ bool c_ = !!(condition); if (c_) BUG(); c_; })
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN_ONCE(condition, ...) WARN_ON(condition)

#endif
