/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: arithmetic that tells. */
#ifndef ENL_SHIM_LINUX_OVERFLOW_H
#define ENL_SHIM_LINUX_OVERFLOW_H

#include <linux/types.h>

#define check_add_overflow(a, b, result) __builtin_add_overflow(a, b, result)
#define check_sub_overflow(a, b, result) __builtin_sub_overflow(a, b, result)
#define check_mul_overflow(a, b, result) __builtin_mul_overflow(a, b, result)
#define struct_size(p, member, count) (sizeof(*(p)) + sizeof(*(p)->member) * (count))

static inline size_t array_size(size_t a, size_t b)
{
	size_t result;

	return __builtin_mul_overflow(a, b, &result) ? SIZE_MAX : result;
}

#endif
