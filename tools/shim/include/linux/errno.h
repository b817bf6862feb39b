/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: error numbers. */
#ifndef ENL_SHIM_LINUX_ERRNO_H
#define ENL_SHIM_LINUX_ERRNO_H

#include_next <linux/errno.h>
#include <errno.h>

#endif
