// SPDX-License-Identifier: GPL-2.0-only
/* 5.16, EL 8.7, EL 9.1: cc_platform_has() in linux/cc_platform.h. */
#include <linux/types.h>
#include <linux/cc_platform.h>

bool probe(void);
bool probe(void)
{
	return cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT);
}
