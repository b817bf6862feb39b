/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that newer kernels have, for those that lack them: each under its own name, with the
 * meaning of the newest kernel, made of what the old kernel offers. Included by compat.h alone.
 */
#ifndef ENL_COMPAT_FALLBACK_H
#define ENL_COMPAT_FALLBACK_H

/* --- Macros of the compiler's kind */

#ifndef fallthrough
#if __has_attribute(__fallthrough__)
#define fallthrough __attribute__((__fallthrough__))
#else
#define fallthrough do {} while (0)
#endif
#endif

#ifndef HAVE_COUNTED_BY
#ifndef __counted_by
#define __counted_by(member)
#endif
#endif

#ifndef HAVE_IN_HARDIRQ
#include <linux/preempt.h>
#define in_hardirq() (hardirq_count())
#endif

/* --- Headers that moved: the old one serves where the new one is missing */

#ifdef HAVE_PANIC_NOTIFIER_HEADER
#include <linux/panic_notifier.h>
#else
#include <linux/notifier.h>
extern struct atomic_notifier_head panic_notifier_list;
#endif

#ifdef HAVE_UNALIGNED_HEADER
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#ifndef HAVE_KVMALLOC_IN_SLAB
#include <linux/mm.h>
#endif

#include <linux/sysctl.h>
#ifndef register_sysctl
/* The table ends where its entries are zero. */
#define register_sysctl_sz(path, table, count) register_sysctl(path, table)
#endif

#ifndef HAVE_ACPI_DEV_PARENT
#include <linux/acpi.h>
static inline struct acpi_device *acpi_dev_parent(struct acpi_device *adev)
{
	return adev->parent;
}
#endif

/* --- Interrupts and time */

#ifndef HAVE_ADD_INTERRUPT_RANDOMNESS_ONE_ARG
#include <linux/random.h>
#include <linux/interrupt.h>
/* The flags were never looked at. */
#define add_interrupt_randomness(irq) add_interrupt_randomness(irq, 0)
#endif

#ifndef HAVE_TIMER_DELETE_SYNC
#include <linux/timer.h>
static inline int timer_delete_sync(struct timer_list *timer)
{
	return del_timer_sync(timer);
}
#endif

#include <linux/timer.h>
#ifndef timer_container_of
#define timer_container_of(var, callback_timer, field) from_timer(var, callback_timer, field)
#endif

#ifndef HAVE_TASKLET_SETUP
#include <linux/interrupt.h>
/* Both calls pass one machine word: the tasklet's address. */
static inline void tasklet_setup(struct tasklet_struct *t,
				 void (*callback)(struct tasklet_struct *))
{
	tasklet_init(t, (void (*)(unsigned long))(void *)callback, (unsigned long)t);
}

#define from_tasklet(var, callback_tasklet, field) \
	container_of(callback_tasklet, typeof(*(var)), field)
#endif

#ifndef HAVE_HK_TYPE
#include <linux/sched/isolation.h>
#define HK_TYPE_MANAGED_IRQ HK_FLAG_MANAGED_IRQ
#define HK_TYPE_DOMAIN HK_FLAG_DOMAIN
#define HK_TYPE_MISC HK_FLAG_MISC
#endif

/*
 * Work queues without WQ_UNBOUND are per CPU; from 6.17 on the flag has to be said.
 */
#ifndef HAVE_SYSTEM_PERCPU_WQ
#include <linux/workqueue.h>
#define WQ_PERCPU 0
#define system_percpu_wq system_wq
#endif

/* --- Memory */

#ifndef HAVE_ADD_MEMORY_FOUR_ARGS
#include <linux/memory_hotplug.h>
typedef int mhp_t;
#define MHP_NONE 0
#define MHP_MERGE_RESOURCE 0
#define add_memory(nid, start, size, flags) add_memory(nid, start, size)
#endif

#ifndef HAVE_PAGE_OFFLINE_BEGIN
/* Readers of /proc/kcore do not look at the mark there either. */
static inline void page_offline_begin(void)
{
}

static inline void page_offline_end(void)
{
}
#endif

#ifndef HAVE_VMALLOC_TWO_ARGS
#include <linux/vmalloc.h>
#define __vmalloc(size, gfp) __vmalloc(size, gfp, PAGE_KERNEL)
#endif

/* --- Strings and numbers */

#ifndef HAVE_STRSCPY_TWO_ARGS
#include <linux/string.h>
#define enl_strscpy_2(dst, src) (strscpy)(dst, src, sizeof(dst) + __must_be_array(dst))
#define enl_strscpy_3(dst, src, size) (strscpy)(dst, src, size)
#define strscpy(dst, ...) enl_strscpy_pick(dst, ##__VA_ARGS__, 3, 2)(dst, ##__VA_ARGS__)
#define enl_strscpy_pick(dst, src, x, n, ...) enl_strscpy_glue(n)
#define enl_strscpy_glue(n) enl_strscpy_##n
#endif

#ifndef HAVE_GET_RANDOM_U32_BELOW
#include <linux/random.h>
static inline u32 get_random_u32_below(u32 ceil)
{
	return ceil ? (u32)(((u64)get_random_u32() * ceil) >> 32) : 0;
}
#endif

#endif
