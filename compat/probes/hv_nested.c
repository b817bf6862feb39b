// SPDX-License-Identifier: GPL-2.0-only
/* 6.3: hv_nested tells whether SynIC registers of the nested hypervisor are in use. */
#include <linux/types.h>
#include <asm/mshyperv.h>

bool probe(void);
bool probe(void)
{
	return hv_nested;
}
