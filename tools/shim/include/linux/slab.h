/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: the allocator; leaks are for the address sanitizer to find. */
#ifndef ENL_SHIM_LINUX_SLAB_H
#define ENL_SHIM_LINUX_SLAB_H

#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

#define GFP_KERNEL 0u
#define GFP_ATOMIC 0u
#define GFP_NOWAIT 0u
#define __GFP_NOWARN 0u
#define __GFP_ZERO 0u

#define kmalloc(size, gfp) ((void)(gfp), malloc(size))
#define kzalloc(size, gfp) ((void)(gfp), calloc(1, size))
#define kcalloc(n, size, gfp) ((void)(gfp), calloc(n, size))
#define kmalloc_array(n, size, gfp) kcalloc(n, size, gfp)
#define krealloc(p, size, gfp) ((void)(gfp), realloc(p, size))
#define kvmalloc kmalloc
#define kvzalloc kzalloc
#define kvcalloc kcalloc
#define kvmalloc_array kmalloc_array
#define kfree(p) free((void *)(p))
#define kvfree(p) free((void *)(p))
#define vzalloc(size) calloc(1, size)
#define vmalloc(size) malloc(size)
#define vfree(p) free((void *)(p))

static inline void *kmemdup(const void *p, size_t size, gfp_t gfp)
{
	void *copy = kmalloc(size, gfp);

	if (copy)
		memcpy(copy, p, size);
	return copy;
}

#endif
