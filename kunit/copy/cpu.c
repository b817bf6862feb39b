// SPDX-License-Identifier: GPL-2.0-only
/* A second copy of vmbus/cpu.c for the tests, on a machine that exists on paper only. */
#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/sched/isolation.h>
#include <linux/topology.h>
#include "vmbus/internal.h"
#include "kunit/cpu_copy.h"

struct cpu_copy cpu_copy;

#undef nr_cpu_ids
#undef cpu_online_mask
#undef housekeeping_cpumask
#undef topology_sibling_cpumask
#undef cpu_to_node
#define nr_cpu_ids cpu_copy.cpus
#define cpu_online_mask (&cpu_copy.online)
#define housekeeping_cpumask(type) (&cpu_copy.housekeeping)
#define topology_sibling_cpumask(cpu) (&cpu_copy.sibling[cpu])
#define cpu_to_node(cpu) (cpu_copy.node[cpu])

/* Only the choice is tested here: nothing is moved. */
#define enl_cpu_pick enl_copy_cpu_pick
#define enl_bus_cpu_going enl_copy_cpu_going
#define enl_bus_cpu_came enl_copy_cpu_came
#define enl_channel_set_cpu enl_copy_set_cpu
#define enl_channel_cpu enl_copy_cpu
#define enl_channel_retarget(ch, cpu) ((void)(ch), (void)(cpu), 0)
#define enl_channel_kick(ch) ((void)(ch))
#define enl_channel_put(ch) ((void)(ch))
#include "vmbus/cpu.c"
