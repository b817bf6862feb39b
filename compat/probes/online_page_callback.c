// SPDX-License-Identifier: GPL-2.0-only
/* 5.1: the online page callback gets a page and an order. */
#include <linux/mm.h>
#include <linux/memory_hotplug.h>

static void online(struct page *page, unsigned int order)
{
	generic_online_page(page, order);
}

int probe(void);
int probe(void)
{
	return set_online_page_callback(online) + restore_online_page_callback(online);
}
