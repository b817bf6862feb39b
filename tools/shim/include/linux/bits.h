/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: single bits and masks. */
#ifndef ENL_SHIM_LINUX_BITS_H
#define ENL_SHIM_LINUX_BITS_H

#define BITS_PER_LONG 64
#define BITS_PER_BYTE 8
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (63 - (high))))
#define GENMASK_ULL(high, low) ((~0ULL << (low)) & (~0ULL >> (63 - (high))))

#endif
