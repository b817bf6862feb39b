/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: memory and strings. */
#ifndef ENL_SHIM_LINUX_STRING_H
#define ENL_SHIM_LINUX_STRING_H

#include <string.h>
#include <linux/types.h>
#include <linux/errno.h>

#define memset_after(p, v, member) \
	memset((char *)(p) + offsetofend(__typeof__(*(p)), member), v, \
	       sizeof(*(p)) - offsetofend(__typeof__(*(p)), member))
#define strscpy(dst, ...) enl_shim_strscpy_pick(dst, ##__VA_ARGS__, 3, 2)(dst, ##__VA_ARGS__)
#define enl_shim_strscpy_pick(dst, src, x, n, ...) enl_shim_strscpy_glue(n)
#define enl_shim_strscpy_glue(n) enl_shim_strscpy_##n
#define enl_shim_strscpy_2(dst, src) enl_shim_strscpy_3(dst, src, sizeof(dst))

static inline ssize_t enl_shim_strscpy_3(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(src, size);

	if (!size)
		return -E2BIG;
	memcpy(dst, src, n < size ? n : size - 1);
	dst[n < size ? n : size - 1] = 0;
	return n < size ? (ssize_t)n : -E2BIG;
}

static inline void *memchr_inv(const void *p, int c, size_t n)
{
	const unsigned char *b = p;

	for (; n; n--, b++) {
		if (*b != (unsigned char)c)
			return (void *)b;
	}
	return NULL;
}

#endif
