/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: module information means nothing in a program. */
#ifndef ENL_SHIM_LINUX_MODULE_H
#define ENL_SHIM_LINUX_MODULE_H

#include <linux/kernel.h>
#include <linux/export.h>

#define MODULE_LICENSE(x) extern int enl_shim_module
#define MODULE_DESCRIPTION(x) extern int enl_shim_module
#define MODULE_AUTHOR(x) extern int enl_shim_module
#define MODULE_VERSION(x) extern int enl_shim_module
#define MODULE_IMPORT_NS(x) extern int enl_shim_module
#define MODULE_PARM_DESC(name, text) extern int enl_shim_module
#define module_param(name, type, mode) extern int enl_shim_module

#endif
