// SPDX-License-Identifier: GPL-2.0-only
/* 5.18, EL 8.7, EL 9.1: add_interrupt_randomness() lost its flags. */
#include <linux/random.h>
#include <linux/interrupt.h>

void probe(int irq);
void probe(int irq)
{
	add_interrupt_randomness(irq);
}
