// SPDX-License-Identifier: GPL-2.0-only
/* 5.10, EL 8.9: add_memory() takes flags. */
#include <linux/memory_hotplug.h>

int probe(int nid, u64 start, u64 size);
int probe(int nid, u64 start, u64 size)
{
	return add_memory(nid, start, size, MHP_MERGE_RESOURCE);
}
