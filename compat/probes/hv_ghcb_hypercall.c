// SPDX-License-Identifier: GPL-2.0-only
/* 5.15, EL 8.7: hypercalls of SEV-SNP guests without paravisor go by the GHCB page. */
#include <linux/types.h>
#include <asm/mshyperv.h>

u64 probe(void *in);
u64 probe(void *in)
{
	return hv_ghcb_hypercall(0x5c, in, NULL, 8);
}
