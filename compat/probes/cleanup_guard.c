// SPDX-License-Identifier: GPL-2.0-only
/* 6.5, EL 8.10, EL 9.4: guard() and scoped_guard() for locks. */
#include <linux/cleanup.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

int probe(struct mutex *m, spinlock_t *s);
int probe(struct mutex *m, spinlock_t *s)
{
	guard(mutex)(m);
	scoped_guard(spinlock_irqsave, s)
		return 1;
	return 0;
}
