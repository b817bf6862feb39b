// SPDX-License-Identifier: GPL-2.0-only
/* 5.12, EL 8.7, EL 9.1: the kernel knows isolated (confidential) guests. */
#include <linux/types.h>
#include <asm/mshyperv.h>

bool probe(void);
bool probe(void)
{
	return hv_is_isolation_supported();
}
