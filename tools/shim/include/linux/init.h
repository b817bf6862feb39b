/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: sections mean nothing in a program. */
#ifndef ENL_SHIM_LINUX_INIT_H
#define ENL_SHIM_LINUX_INIT_H

#define __init
#define __exit
#define __initdata

#endif
