// SPDX-License-Identifier: GPL-2.0-only
/* Control: if this fails, the headers or the compiler are broken, not the question. */
#include <linux/module.h>

int probe(void);
int probe(void)
{
	return THIS_MODULE ? 0 : -1;
}
