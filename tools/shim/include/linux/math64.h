/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: 64-bit division. */
#ifndef ENL_SHIM_LINUX_MATH64_H
#define ENL_SHIM_LINUX_MATH64_H

#include <linux/math.h>
#include <linux/types.h>

#define div_u64(n, d) ((u64)(n) / (u32)(d))
#define div64_u64(n, d) ((u64)(n) / (u64)(d))
#define div64_ul(n, d) ((u64)(n) / (unsigned long)(d))
#define DIV_ROUND_UP_ULL(n, d) (((unsigned long long)(n) + (d) - 1) / (d))

static inline u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	return (u64)((unsigned __int128)a * b / c);
}

#endif
