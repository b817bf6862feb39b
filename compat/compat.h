/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The newest kernel's API for older kernels. Included ahead of every source file of the suite by
 * the build (-include); no source file names it. May include kernel headers; decides by the
 * answers of the probes (HAVE_*), never by a version. Floor: 4.18 of EL 8.6.
 *
 * Sources are written for the newest API by its own name. Where a callback's type changed there is
 * a compat_* macro; where a meaning changed without a type, a macro named for the behaviour.
 */
#ifndef ENL_COMPAT_H
#define ENL_COMPAT_H

/* sparse does not know the question */
#ifndef __CHECKER__
#if !__has_include("generated/have.h")
#error "compat/generated/have.h is missing: build with the Makefile at the top (make KDIR=...)"
#endif
#endif
#include "generated/have.h"

/* Every line of the log begins with the module's name. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/types.h>
#include <linux/kernel.h>

/* --- No answer is an error: of each group one has to be there. */

#if !defined(HAVE_HV_GET_MSR) && !defined(HAVE_HV_GET_REGISTER)
#error "neither hv_get_msr() nor hv_get_register(): is CONFIG_HYPERV set in this kernel?"
#endif
#if !defined(HAVE_REGISTER_SYSCORE_OBJECT) && !defined(HAVE_REGISTER_SYSCORE_OPS)
#error "no known way to register syscore operations: see compat/generated/probe.log"
#endif
#if !defined(HAVE_ADD_MEMORY_FOUR_ARGS) && !defined(HAVE_ADD_MEMORY_THREE_ARGS)
#error "no known form of add_memory(): is CONFIG_MEMORY_HOTPLUG set in this kernel?"
#endif
#if !defined(HAVE_ONLINE_PAGE_CALLBACK)
#error "no known form of the online page callback: see compat/generated/probe.log"
#endif

/* --- Types of callbacks */

/* bus_type.match(struct device *, compat_match_const struct device_driver *) */
#ifdef HAVE_BUS_MATCH_CONST_DRIVER
#define compat_match_const const
#else
#define compat_match_const
#endif

/* bus_type.uevent(compat_uevent_const struct device *, struct kobj_uevent_env *) */
#ifdef HAVE_BUS_UEVENT_CONST_DEVICE
#define compat_uevent_const const
#else
#define compat_uevent_const
#endif

/* static compat_bus_remove_t f(struct device *) { ...; compat_bus_remove_return; } */
#ifdef HAVE_BUS_REMOVE_RETURNS_VOID
#define compat_bus_remove_t void
#define compat_bus_remove_return return
#else
#define compat_bus_remove_t int
#define compat_bus_remove_return return 0
#endif

/* static compat_bus_const struct bus_type x: const where device_driver.bus may point to const */
#if defined(HAVE_DEVICE_DRIVER_BUS_CONST) && defined(HAVE_BUS_REGISTER_CONST)
#define compat_bus_const const
#else
#define compat_bus_const
#endif

/* static compat_platform_remove_t f(struct platform_device *) { compat_platform_remove_return; } */
#ifdef HAVE_PLATFORM_REMOVE_RETURNS_VOID
#define compat_platform_remove_t void
#define compat_platform_remove_return return
#else
#define compat_platform_remove_t int
#define compat_platform_remove_return return 0
#endif

/* Trace events: compat_assign_str(field, source) */
#ifdef HAVE_ASSIGN_STR_ONE_ARG
#define compat_assign_str(field, src) __assign_str(field)
#else
#define compat_assign_str(field, src) __assign_str(field, src)
#endif

/* static void dump(struct kmsg_dumper *, compat_kmsg_dump_arg) */
#ifdef HAVE_KMSG_DUMP_DETAIL
#define compat_kmsg_dump_arg struct kmsg_dump_detail *
#else
#define compat_kmsg_dump_arg enum kmsg_dump_reason
#endif

/* --- Behaviour */

/*
 * Who tells the host of a panic: built-in code of the kernel, or vmbus/panic.c. No header tells;
 * the kernels that do it themselves have one of these in the kernel image. Said from outside
 * (make ENL_PANIC_REPORT=1) it is for tests of the build only: two reports would be sent.
 */
#ifndef ENL_PANIC_REPORT
#if defined(HAVE_EXPORT_HV_ALLOC_HYPERV_PAGE) || defined(HAVE_EXPORT_HV_GET_HYPERVISOR_VERSION)
#define ENL_PANIC_REPORT 0
#else
#define ENL_PANIC_REPORT 1
#endif
#endif

/* What the boot loader said of the screen, or NULL where a module cannot know. */
#if defined(HAVE_SYSFB_PRIMARY_DISPLAY)
#include <linux/sysfb.h>
#define enl_screen_info() (&sysfb_primary_display.screen)
#elif defined(HAVE_EXPORT_SCREEN_INFO)
#define enl_screen_info() (&screen_info)
#else
#define enl_screen_info() ((const struct screen_info *)NULL)
#endif

/*
 * From 6.11 on pages reach the online page callback marked PageOffline, and generic_online_page()
 * takes the mark off; before, a balloon driver that set the mark has to take it off itself.
 */
#ifdef HAVE_ONLINE_PAGES_ARRIVE_OFFLINE
#define ENL_ONLINE_PAGES_ARRIVE_OFFLINE 1
#else
#define ENL_ONLINE_PAGES_ARRIVE_OFFLINE 0
#endif

/* The largest order of the page allocator under one name: MAX_ORDER meant two things. */
#ifndef HAVE_MAX_PAGE_ORDER
#include <linux/mmzone.h>
#ifdef HAVE_MAX_ORDER_INCLUSIVE
#define MAX_PAGE_ORDER MAX_ORDER
#else
#define MAX_PAGE_ORDER (MAX_ORDER - 1)
#endif
#endif

/* Page reporting without an order member reports whole page blocks: nothing to choose. */
#ifdef HAVE_PAGE_REPORTING_DEVICE_ORDER
#define enl_page_reporting_set_order(info, value) ((info)->order = (value))
#else
#define enl_page_reporting_set_order(info, value) ((void)(info), (void)(value))
#endif

/* Bytes in one memory block; 0 where the kernel does not export the number (EL 8.6). */
#ifdef HAVE_EXPORT_MEMORY_BLOCK_SIZE_BYTES
#include <linux/memory.h>
#define enl_memory_block_bytes() memory_block_size_bytes()
#else
#define enl_memory_block_bytes() 0UL
#endif

/*
 * ENL_DEFINE_SYSCORE(name, suspend, resume) with int suspend(void *) and void resume(void *), as
 * in the newest kernel, gives name_register() and name_unregister(). The argument is NULL: before
 * 6.19 the callbacks had none.
 */
#include <linux/syscore_ops.h>
#ifdef HAVE_REGISTER_SYSCORE_OBJECT
#define ENL_DEFINE_SYSCORE(name, do_suspend, do_resume)                                            \
	static const struct syscore_ops name##_ops = {                                             \
		.suspend = do_suspend,                                                             \
		.resume = do_resume,                                                               \
	};                                                                                         \
	static struct syscore name##_object = { .ops = &name##_ops };                              \
	static void name##_register(void)                                                          \
	{                                                                                          \
		register_syscore(&name##_object);                                                  \
	}                                                                                          \
	static void name##_unregister(void)                                                        \
	{                                                                                          \
		unregister_syscore(&name##_object);                                                \
	}
#else
#define ENL_DEFINE_SYSCORE(name, do_suspend, do_resume)                                            \
	static int name##_suspend_thunk(void)                                                      \
	{                                                                                          \
		return do_suspend(NULL);                                                           \
	}                                                                                          \
	static void name##_resume_thunk(void)                                                      \
	{                                                                                          \
		do_resume(NULL);                                                                   \
	}                                                                                          \
	static struct syscore_ops name##_ops = {                                                   \
		.suspend = name##_suspend_thunk,                                                   \
		.resume = name##_resume_thunk,                                                     \
	};                                                                                         \
	static void name##_register(void)                                                          \
	{                                                                                          \
		register_syscore_ops(&name##_ops);                                                 \
	}                                                                                          \
	static void name##_unregister(void)                                                        \
	{                                                                                          \
		unregister_syscore_ops(&name##_ops);                                               \
	}
#endif

#include "fallback.h"
#include "scsi.h"

#endif
