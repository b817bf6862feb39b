// SPDX-License-Identifier: GPL-2.0-only
/* 5.11: in_hardirq(); in_irq() before. */
#include <linux/preempt.h>
#include <linux/interrupt.h>

int probe(void);
int probe(void)
{
	return in_hardirq();
}
