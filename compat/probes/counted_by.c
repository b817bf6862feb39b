// SPDX-License-Identifier: GPL-2.0-only
/* 6.6: __counted_by(). */
#include <linux/compiler.h>
#include <linux/types.h>

struct probe {
	u32 n;
	u32 v[] __counted_by(n);
};

u32 probe(struct probe *p);
u32 probe(struct probe *p)
{
	return p->n;
}
