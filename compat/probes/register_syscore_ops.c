// SPDX-License-Identifier: GPL-2.0-only
/* Before 6.19: register_syscore_ops() takes the operations alone. */
#include <linux/syscore_ops.h>

static int suspend(void)
{
	return 0;
}

static struct syscore_ops ops = { .suspend = suspend };

void probe(void);
void probe(void)
{
	register_syscore_ops(&ops);
	unregister_syscore_ops(&ops);
}
