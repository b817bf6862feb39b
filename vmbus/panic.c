// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells the host that this machine dies: registers, or the end of the kernel's log.
 * Calls the platform's report_* only. Called by start.c.
 * Newer kernels do this in built-in code (ENL_PANIC_REPORT is 0): then all of it compiles away.
 *
 * One report for one crash (vmbus.md 1.4, P-105): the text if it is wanted and there is a page for
 * it, else the registers. The registers go first in the panic chain, since the bus's own notifier
 * waits there for the host; the text can only go where the kernel hands it out, after the chain.
 */
#include <linux/kdebug.h>
#include <linux/kmsg_dump.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include "internal.h"

struct enl_panic {
	struct enl_bus *bus;
	void *text;			/* one page; NULL: registers only */
	int want_text;			/* kernel.hyperv_record_panic_msg */
	struct notifier_block die, panic;
	struct kmsg_dumper dumper;
	struct ctl_table table[2];
	struct ctl_table_header *sysctl;
	/* One for each registration: what was registered is what is taken back. */
	bool has_die, has_panic, has_dumper;
};

static bool sends_text(const struct enl_panic *panic)
{
	return panic->has_dumper && READ_ONCE(panic->want_text);
}

static void report_registers(struct enl_panic *panic, struct pt_regs *regs, long err, bool oops)
{
	const struct enl_bus *bus = panic->bus;

	if (!sends_text(panic))
		bus->ops->report_registers(bus->p, regs, err, oops);
}

static int die_cb(struct notifier_block *block, unsigned long event, void *data)
{
	struct enl_panic *panic = container_of(block, struct enl_panic, die);
	const struct die_args *args = data;

	/* Breakpoints and single steps pass here too. */
	if (event == DIE_OOPS)
		report_registers(panic, args->regs, args->err, true);
	return NOTIFY_DONE;
}

static int panic_cb(struct notifier_block *block, unsigned long event, void *data)
{
	struct enl_panic *panic = container_of(block, struct enl_panic, panic);

	report_registers(panic, task_pt_regs(current), 0, false);
	return NOTIFY_DONE;
}

/* Interrupts off, other CPUs stopped anywhere: the log's own lock-free reader, and the platform. */
static void dump_cb(struct kmsg_dumper *dumper, compat_kmsg_dump_arg unused)
{
	struct enl_panic *panic = container_of(dumper, struct enl_panic, dumper);
	const struct enl_bus *bus = panic->bus;
	struct kmsg_dump_iter iter;
	size_t bytes = 0;

	if (!READ_ONCE(panic->want_text))
		return;
	kmsg_dump_rewind(&iter);
	kmsg_dump_get_buffer(&iter, false, panic->text, PAGE_SIZE, &bytes);
	if (bytes)
		bus->ops->report_text(bus->p, panic->text, bytes);
}

static void add_dumper(struct enl_panic *panic)
{
	panic->text = (void *)get_zeroed_page(GFP_KERNEL);
	if (!panic->text)
		return;
	panic->dumper.dump = dump_cb;
	panic->dumper.max_reason = KMSG_DUMP_PANIC;
	panic->has_dumper = !kmsg_dump_register(&panic->dumper);
}

/* The name that administrators know; without it the default stays. */
static void add_sysctl(struct enl_panic *panic)
{
	panic->table[0] = (struct ctl_table){
		.procname = "hyperv_record_panic_msg",
		.data = &panic->want_text,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	};
	panic->sysctl = register_sysctl_sz("kernel", panic->table, 1);
}

/* Whatever cannot be registered is missing from the report; the bus does without. May sleep. */
void enl_panic_start(struct enl_bus *bus)
{
	struct enl_panic *panic;

	if (!ENL_PANIC_REPORT || !bus->ops->hears_of_panic || !bus->ops->hears_of_panic(bus->p))
		return;
	panic = kzalloc(sizeof(*panic), GFP_KERNEL);
	if (!panic)
		return;
	panic->bus = bus;
	/* The log may hold secrets, which an isolated machine has from its host. */
	panic->want_text = !bus->ops->isolated(bus->p);
	add_dumper(panic);
	add_sysctl(panic);
	panic->die.notifier_call = die_cb;
	panic->has_die = !register_die_notifier(&panic->die);
	panic->panic.notifier_call = panic_cb;
	panic->panic.priority = INT_MAX;
	panic->has_panic = !atomic_notifier_chain_register(&panic_notifier_list, &panic->panic);
	bus->panic = panic;
}

/* Before the platform stops. May sleep: whoever runs a callback is waited for. */
void enl_panic_stop(struct enl_bus *bus)
{
	struct enl_panic *panic = bus->panic;

	bus->panic = NULL;
	if (!ENL_PANIC_REPORT || !panic)
		return;
	if (panic->has_panic)
		atomic_notifier_chain_unregister(&panic_notifier_list, &panic->panic);
	if (panic->has_die)
		unregister_die_notifier(&panic->die);
	if (panic->sysctl)
		unregister_sysctl_table(panic->sysctl);
	if (panic->has_dumper)
		kmsg_dump_unregister(&panic->dumper);
	free_page((unsigned long)panic->text);
	kfree(panic);
}
