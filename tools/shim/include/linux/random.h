/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: numbers that repeat: a seed of ENL_SEED, else 1. */
#ifndef ENL_SHIM_LINUX_RANDOM_H
#define ENL_SHIM_LINUX_RANDOM_H

#include <stdlib.h>
#include <linux/types.h>

static inline u32 get_random_u32(void)
{
	static u64 state;

	if (!state)
		state = getenv("ENL_SEED") ? strtoull(getenv("ENL_SEED"), NULL, 0) * 2 + 1 : 3;
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(state >> 33);
}

static inline u32 get_random_u32_below(u32 ceil)
{
	return (u32)(((u64)get_random_u32() * ceil) >> 32);
}

#endif
