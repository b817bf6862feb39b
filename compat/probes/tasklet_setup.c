// SPDX-License-Identifier: GPL-2.0-only
/* 5.9: tasklet_setup(): the callback gets the tasklet. */
#include <linux/interrupt.h>

static void callback(struct tasklet_struct *t)
{
}

void probe(struct tasklet_struct *t);
void probe(struct tasklet_struct *t)
{
	tasklet_setup(t, callback);
}
