/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: bit operations, not atomic: programs have one thread. */
#ifndef ENL_SHIM_LINUX_BITOPS_H
#define ENL_SHIM_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

#define BITS_TO_LONGS(n) (((n) + 63) / 64)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

static inline bool test_bit(unsigned long n, const unsigned long *map)
{
	return map[n / 64] >> (n % 64) & 1;
}

static inline void __set_bit(unsigned long n, unsigned long *map)
{
	map[n / 64] |= BIT(n % 64);
}

static inline void __clear_bit(unsigned long n, unsigned long *map)
{
	map[n / 64] &= ~BIT(n % 64);
}

#define set_bit __set_bit
#define clear_bit __clear_bit

static inline unsigned int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline unsigned int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

#define __ffs(x) ((unsigned long)__builtin_ctzl(x))
#define __fls(x) (63UL - __builtin_clzl(x))
#define ffs(x) __builtin_ffs(x)
#define hweight64(x) ((unsigned int)__builtin_popcountll(x))
#define hweight32(x) ((unsigned int)__builtin_popcount(x))

#endif
