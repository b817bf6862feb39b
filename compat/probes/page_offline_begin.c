// SPDX-License-Identifier: GPL-2.0-only
/* EL 8.10, 5.14: page_offline_begin() and page_offline_end() keep readers of /proc/kcore apart. */
#include <linux/mm.h>

void probe(void);
void probe(void)
{
	page_offline_begin();
	page_offline_end();
}
