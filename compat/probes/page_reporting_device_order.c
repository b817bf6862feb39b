// SPDX-License-Identifier: GPL-2.0-only
/* 5.14: page_reporting_dev_info.order. */
#include <linux/mm.h>
#include <linux/page_reporting.h>

void probe(struct page_reporting_dev_info *info);
void probe(struct page_reporting_dev_info *info)
{
	info->order = 9;
}
