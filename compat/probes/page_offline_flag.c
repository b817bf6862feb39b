// SPDX-License-Identifier: GPL-2.0-only
/* 5.1: __SetPageOffline() marks ballooned pages for dump tools. */
#include <linux/mm.h>

void probe(struct page *page);
void probe(struct page *page)
{
	__SetPageOffline(page);
	if (PageOffline(page))
		__ClearPageOffline(page);
}
