// SPDX-License-Identifier: GPL-2.0-only
/* 6.19 and 6.12.y: register_syscore() takes an object around the operations. */
#include <linux/syscore_ops.h>

static int suspend(void *data)
{
	return 0;
}

static const struct syscore_ops ops = { .suspend = suspend };
static struct syscore object = { .ops = &ops };

void probe(void);
void probe(void)
{
	register_syscore(&object);
	unregister_syscore(&object);
}
