/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: from a member to what holds it. */
#ifndef ENL_SHIM_LINUX_CONTAINER_OF_H
#define ENL_SHIM_LINUX_CONTAINER_OF_H

#include <stddef.h>

#define container_of(ptr, type, member) \
	((type *)((char *)(1 ? (ptr) : &((type *)0)->member) - offsetof(type, member)))

#endif
