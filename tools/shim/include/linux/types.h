/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: the kernel's integer types. */
#ifndef ENL_SHIM_LINUX_TYPES_H
#define ENL_SHIM_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include_next <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef unsigned long long u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef signed long long s64;
typedef unsigned int gfp_t;
typedef u64 phys_addr_t;

typedef struct {
	int counter;
} atomic_t;

#define __force
#define __user
#define __iomem
#define __percpu

#endif
