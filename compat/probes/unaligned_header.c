// SPDX-License-Identifier: GPL-2.0-only
/* 6.12: linux/unaligned.h; asm/unaligned.h before. */
#include <linux/unaligned.h>

unsigned int probe(const void *p);
unsigned int probe(const void *p)
{
	return get_unaligned_le32(p);
}
