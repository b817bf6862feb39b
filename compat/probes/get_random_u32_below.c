// SPDX-License-Identifier: GPL-2.0-only
/* 6.2, EL 9.4: get_random_u32_below(). */
#include <linux/random.h>

u32 probe(void);
u32 probe(void)
{
	return get_random_u32_below(10);
}
