// SPDX-License-Identifier: GPL-2.0-only
/* 5.12 to 6.14: hv_root_partition is a bool variable. */
#include <linux/types.h>
#include <asm/mshyperv.h>

bool *probe(void);
bool *probe(void)
{
	return &hv_root_partition;
}
