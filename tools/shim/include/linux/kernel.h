/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: what the kernel's header of this name gathers. */
#ifndef ENL_SHIM_LINUX_KERNEL_H
#define ENL_SHIM_LINUX_KERNEL_H

#include <linux/types.h>
#include <linux/stddef.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/printk.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN(x, a) round_up(x, a)
#define ALIGN_DOWN(x, a) round_down(x, a)
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), (unsigned long)(a)))
#define upper_32_bits(n) ((u32)(((u64)(n)) >> 32))
#define lower_32_bits(n) ((u32)((n) & 0xffffffff))
#define might_sleep() do {} while (0)
#define scnprintf enl_shim_scnprintf
#define IS_ENABLED(option) 0

static inline __printf(3, 4) int enl_shim_scnprintf(char *buf, size_t size, const char *format, ...)
{
	__builtin_va_list args;
	int n;

	__builtin_va_start(args, format);
	n = vsnprintf(buf, size, format, args);
	__builtin_va_end(args);
	return n < (int)size ? n : (int)size - (size > 0);
}

#endif
