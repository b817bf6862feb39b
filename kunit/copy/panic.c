// SPDX-License-Identifier: GPL-2.0-only
/* A second copy of vmbus/panic.c for the tests, built in on every kernel; nothing is registered. */
#include <linux/kdebug.h>
#include <linux/kmsg_dump.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include "kunit/panic_copy.h"

struct panic_copy panic_copy;

static int copy_add_die(struct notifier_block *block)
{
	if (!panic_copy.refuse_die)
		panic_copy.die = block;
	return panic_copy.refuse_die ? -ENOMEM : 0;
}

static int copy_add_panic(struct notifier_block *block)
{
	if (!panic_copy.refuse_panic)
		panic_copy.panic = block;
	return panic_copy.refuse_panic ? -ENOMEM : 0;
}

static int copy_add_dumper(struct kmsg_dumper *dumper)
{
	if (!panic_copy.refuse_dumper)
		panic_copy.dumper = dumper;
	return panic_copy.refuse_dumper ? -ENOMEM : 0;
}

static struct ctl_table_header *copy_add_sysctl(struct ctl_table *table)
{
	if (panic_copy.refuse_sysctl)
		return NULL;
	panic_copy.table = table;
	return (struct ctl_table_header *)table;
}

/* What is taken back must be what was registered, once. */
#define COPY_TAKE_BACK(place, what)                                                                \
	do {                                                                                       \
		if (!(what) || (place) != (what))                                                  \
			panic_copy.wrong++;                                                        \
		(place) = NULL;                                                                    \
	} while (0)

static void copy_log(char *to, size_t room, size_t *bytes)
{
	*bytes = strnlen(panic_copy.log, room);
	memcpy(to, panic_copy.log, *bytes);
}

#undef ENL_PANIC_REPORT
#undef register_sysctl_sz
#define ENL_PANIC_REPORT 1
#define register_die_notifier(block) copy_add_die(block)
#define unregister_die_notifier(block) COPY_TAKE_BACK(panic_copy.die, block)
#define atomic_notifier_chain_register(chain, block) copy_add_panic(block)
#define atomic_notifier_chain_unregister(chain, block) COPY_TAKE_BACK(panic_copy.panic, block)
#define kmsg_dump_register(dumper) copy_add_dumper(dumper)
#define kmsg_dump_unregister(what) COPY_TAKE_BACK(panic_copy.dumper, what)
#define kmsg_dump_rewind(iter) ((void)(iter))
#define kmsg_dump_get_buffer(iter, syslog, to, room, bytes) copy_log(to, room, bytes)
#define register_sysctl_sz(path, what, count) copy_add_sysctl(what)
#define unregister_sysctl_table(header) \
	COPY_TAKE_BACK(panic_copy.table, (struct ctl_table *)(header))
#define enl_panic_start enl_copy_panic_start
#define enl_panic_stop enl_copy_panic_stop
#include "vmbus/panic.c"
