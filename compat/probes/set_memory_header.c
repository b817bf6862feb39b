// SPDX-License-Identifier: GPL-2.0-only
/* linux/set_memory.h declares set_memory_decrypted() and set_memory_encrypted(). */
#include <linux/types.h>
#include <linux/set_memory.h>

int probe(unsigned long addr);
int probe(unsigned long addr)
{
	return set_memory_decrypted(addr, 1) + set_memory_encrypted(addr, 1);
}
