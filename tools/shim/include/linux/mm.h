/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: page sizes. */
#ifndef ENL_SHIM_LINUX_MM_H
#define ENL_SHIM_LINUX_MM_H

#include <linux/kernel.h>
#include <linux/slab.h>

#ifndef PAGE_SHIFT
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#endif
#define PAGE_ALIGN(x) ALIGN(x, PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)

#endif
