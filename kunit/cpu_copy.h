/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine on paper for the second copy of vmbus/cpu.c: its processors, cores and nodes.
 * Filled in by cpu_pick_test.c; read by kunit/copy/cpu.c in place of the kernel's tables.
 */
#ifndef KUNIT_CPU_COPY_H
#define KUNIT_CPU_COPY_H

#include <linux/cpumask.h>

#define CPU_COPY_CPUS	(NR_CPUS < 64 ? NR_CPUS : 64)

struct enl_channel;

/**
 * struct cpu_copy - the machine
 * @cpus: how many processors it may have, at most CPU_COPY_CPUS
 * @online: those that are there
 * @housekeeping: those that are not isolated from managed interrupts
 * @sibling: for each processor those of its core, itself included
 * @node: of each processor
 */
struct cpu_copy {
	unsigned int cpus;
	struct cpumask online, housekeeping;
	struct cpumask sibling[CPU_COPY_CPUS];
	int node[CPU_COPY_CPUS];
};

extern struct cpu_copy cpu_copy;

unsigned int enl_copy_cpu_pick(struct enl_channel *ch, int avoid);
unsigned int enl_copy_cpu(const struct enl_channel *ch);
int enl_copy_set_cpu(struct enl_channel *ch, unsigned int cpu);
int enl_copy_cpu_going(void *context, unsigned int cpu);
void enl_copy_cpu_came(void *context, unsigned int cpu);

#endif
