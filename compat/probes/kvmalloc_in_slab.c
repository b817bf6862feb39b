// SPDX-License-Identifier: GPL-2.0-only
/* 5.16: kvmalloc() and its family are declared by linux/slab.h; linux/mm.h before. */
#include <linux/slab.h>

void *probe(size_t n);
void *probe(size_t n)
{
	void *p = kvcalloc(n, 2, GFP_KERNEL);

	kvfree(p);
	return kvmalloc(n, GFP_KERNEL);
}
