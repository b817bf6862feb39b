// SPDX-License-Identifier: GPL-2.0-only
/* 6.15: hv_root_partition() is a function; it was a bool before. */
#include <linux/types.h>
#include <asm/mshyperv.h>

bool probe(void);
bool probe(void)
{
	return hv_root_partition();
}
