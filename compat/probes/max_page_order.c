// SPDX-License-Identifier: GPL-2.0-only
/* 6.8, EL 9.6: MAX_PAGE_ORDER is the largest order. */
#include <linux/mmzone.h>

int probe(void);
int probe(void)
{
	return MAX_PAGE_ORDER;
}
