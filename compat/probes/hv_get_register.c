// SPDX-License-Identifier: GPL-2.0-only
/* Before 6.8: the same accessors under the names hv_get_register() and hv_set_register(). */
#include <linux/types.h>
#include <asm/mshyperv.h>

u64 probe(unsigned int reg);
u64 probe(unsigned int reg)
{
	hv_set_register(reg, 1);
	return hv_get_register(reg);
}
