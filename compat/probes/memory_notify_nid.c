// SPDX-License-Identifier: GPL-2.0-only
/* Gone in 6.18: memory_notify.status_change_nid. */
#include <linux/memory.h>

int probe(struct memory_notify *mn);
int probe(struct memory_notify *mn)
{
	return mn->status_change_nid;
}
