/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: the log is standard error. */
#ifndef ENL_SHIM_LINUX_PRINTK_H
#define ENL_SHIM_LINUX_PRINTK_H

#include <stdio.h>

#ifndef pr_fmt
#define pr_fmt(format) format
#endif
#define KERN_INFO ""
#define KERN_ERR ""
#define printk(...) fprintf(stderr, __VA_ARGS__)
#define pr_err(format, ...) fprintf(stderr, pr_fmt(format), ##__VA_ARGS__)
#define pr_warn pr_err
#define pr_notice pr_err
#define pr_info pr_err
#define pr_debug(format, ...) do { if (0) pr_err(format, ##__VA_ARGS__); } while (0)
#define pr_err_ratelimited pr_err
#define pr_warn_ratelimited pr_err
#define pr_info_ratelimited pr_err

#endif
