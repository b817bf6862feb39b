// SPDX-License-Identifier: GPL-2.0-only
/* 6.17 and 6.12.y: WQ_PERCPU and system_percpu_wq; queues are unbound without it. */
#include <linux/workqueue.h>

struct workqueue_struct *probe(void);
struct workqueue_struct *probe(void)
{
	return system_percpu_wq ? alloc_workqueue("probe", WQ_PERCPU, 1) : NULL;
}
