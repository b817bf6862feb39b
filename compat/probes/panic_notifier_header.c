// SPDX-License-Identifier: GPL-2.0-only
/* 5.14: linux/panic_notifier.h; linux/kernel.h before. */
#include <linux/panic_notifier.h>

void probe(struct notifier_block *nb);
void probe(struct notifier_block *nb)
{
	atomic_notifier_chain_register(&panic_notifier_list, nb);
}
