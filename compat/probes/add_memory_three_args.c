// SPDX-License-Identifier: GPL-2.0-only
/* Before 5.10: add_memory() without flags. */
#include <linux/memory_hotplug.h>

int probe(int nid, u64 start, u64 size);
int probe(int nid, u64 start, u64 size)
{
	return add_memory(nid, start, size);
}
