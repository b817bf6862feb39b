// SPDX-License-Identifier: GPL-2.0-only
/* 5.12: hv_is_hibernation_supported() tells whether the host offers S4. */
#include <linux/types.h>
#include <asm/mshyperv.h>

bool probe(void);
bool probe(void)
{
	return hv_is_hibernation_supported();
}
