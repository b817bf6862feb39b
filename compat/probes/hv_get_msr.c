// SPDX-License-Identifier: GPL-2.0-only
/* 6.8, EL 9.5: SynIC registers are read and written with hv_get_msr() and hv_set_msr(). */
#include <linux/types.h>
#include <asm/mshyperv.h>

u64 probe(unsigned int reg);
u64 probe(unsigned int reg)
{
	hv_set_msr(reg, 1);
	return hv_get_msr(reg);
}
