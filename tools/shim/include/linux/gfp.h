/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: see slab.h. */
#ifndef ENL_SHIM_LINUX_GFP_H
#define ENL_SHIM_LINUX_GFP_H

#include <linux/slab.h>

#endif
