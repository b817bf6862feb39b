// SPDX-License-Identifier: GPL-2.0-only
/* 6.11 (behaviour): pages reach the online callback PageOffline. The constant appeared then. */
#include <linux/page-flags.h>

int probe(void);
int probe(void)
{
	return PGTY_offline;
}
