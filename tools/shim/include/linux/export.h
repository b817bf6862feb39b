/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: exports mean nothing in a program. */
#ifndef ENL_SHIM_LINUX_EXPORT_H
#define ENL_SHIM_LINUX_EXPORT_H

#define EXPORT_SYMBOL_GPL(symbol) extern int enl_shim_export_##symbol
#define EXPORT_SYMBOL(symbol) extern int enl_shim_export_##symbol

#endif
