/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: counters. */
#ifndef ENL_SHIM_LINUX_ATOMIC_H
#define ENL_SHIM_LINUX_ATOMIC_H

#include <linux/types.h>

#define ATOMIC_INIT(n) { (n) }
#define atomic_read(a) __atomic_load_n(&(a)->counter, __ATOMIC_RELAXED)
#define atomic_set(a, n) __atomic_store_n(&(a)->counter, n, __ATOMIC_RELAXED)
#define atomic_inc(a) ((void)__atomic_add_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_dec(a) ((void)__atomic_sub_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_inc_return(a) __atomic_add_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST)
#define atomic_dec_and_test(a) (__atomic_sub_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST) == 0)

#endif
