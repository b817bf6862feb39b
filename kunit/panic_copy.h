/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The second copy of vmbus/panic.c, built in on every kernel, and what it registers where.
 * Defined in kunit/copy/panic.c in place of the kernel's functions; read by panic_test.c.
 */
#ifndef KUNIT_PANIC_COPY_H
#define KUNIT_PANIC_COPY_H

#include <linux/kmsg_dump.h>
#include <linux/notifier.h>
#include <linux/sysctl.h>
#include "vmbus/internal.h"

/**
 * struct panic_copy - the kernel, as far as that file sees it
 * @die: registered, or NULL
 * @panic: likewise
 * @dumper: likewise
 * @table: likewise
 * @refuse_die: registering fails
 * @refuse_panic: likewise
 * @refuse_dumper: likewise
 * @refuse_sysctl: likewise
 * @wrong: something was taken back that was not registered
 * @log: the end of the kernel's log
 */
struct panic_copy {
	struct notifier_block *die, *panic;
	struct kmsg_dumper *dumper;
	struct ctl_table *table;
	bool refuse_die, refuse_panic, refuse_dumper, refuse_sysctl;
	unsigned int wrong;
	const char *log;
};

extern struct panic_copy panic_copy;

void enl_copy_panic_start(struct enl_bus *bus);
void enl_copy_panic_stop(struct enl_bus *bus);

#endif
