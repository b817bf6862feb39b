// SPDX-License-Identifier: GPL-2.0-only
/* 6.2: timer_delete_sync(); del_timer_sync() is gone from 6.15 on. */
#include <linux/timer.h>

int probe(struct timer_list *timer);
int probe(struct timer_list *timer)
{
	return timer_delete_sync(timer);
}
