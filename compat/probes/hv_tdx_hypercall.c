// SPDX-License-Identifier: GPL-2.0-only
/* 6.6: hypercalls of TDX guests. */
#include <linux/types.h>
#include <asm/mshyperv.h>

u64 probe(u64 control, u64 p1, u64 p2);
u64 probe(u64 control, u64 p1, u64 p2)
{
	return hv_tdx_hypercall(control, p1, p2);
}
