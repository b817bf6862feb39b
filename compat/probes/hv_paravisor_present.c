// SPDX-License-Identifier: GPL-2.0-only
/* 6.6: ms_hyperv.paravisor_present: the SynIC pages may belong to a paravisor. */
#include <linux/types.h>
#include <asm/mshyperv.h>

bool probe(void);
bool probe(void)
{
	return ms_hyperv.paravisor_present;
}
