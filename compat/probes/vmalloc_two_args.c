// SPDX-License-Identifier: GPL-2.0-only
/* 5.8: __vmalloc() without a page protection. */
#include <linux/vmalloc.h>

void *probe(unsigned long size);
void *probe(unsigned long size)
{
	return __vmalloc(size, GFP_KERNEL);
}
