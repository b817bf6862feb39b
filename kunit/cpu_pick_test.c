// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPU a channel gets, as properties over made-up machines: nodes, cores, isolated CPUs.
 * Calls the second copy of vmbus/cpu.c (kunit/copy/cpu.c), no host and no bus.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include "kunit/cpu_copy.h"
#include "vmbus/internal.h"
#include "vsp/fault.h"

#define CPUS		((unsigned int)CPU_COPY_CPUS)
#define CHANNELS	40u
#define DEVICES		3u

struct world {
	struct enl_bus bus;
	struct enl_channel ch[CHANNELS];
	unsigned int count;
};

static int init(struct kunit *test)
{
	struct world *w = kvzalloc(sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	mutex_init(&w->bus.lock);
	INIT_LIST_HEAD(&w->bus.channels);
	test->priv = w;
	return 0;
}

static void quit(struct kunit *test)
{
	kvfree(test->priv);
}

static void clear(struct world *w)
{
	INIT_LIST_HEAD(&w->bus.channels);
	w->count = 0;
}

/* @cpus processors, @threads in a core, over @nodes nodes, all online, none isolated. */
static void machine(unsigned int cpus, unsigned int threads, unsigned int nodes)
{
	unsigned int i, k;

	memset(&cpu_copy, 0, sizeof(cpu_copy));
	cpu_copy.cpus = cpus;
	for (i = 0; i < cpus; i++) {
		cpumask_set_cpu(i, &cpu_copy.online);
		cpumask_set_cpu(i, &cpu_copy.housekeeping);
		cpu_copy.node[i] = i * nodes / cpus;
		for (k = 0; k < cpus; k++) {
			if (k / threads == i / threads)
				cpumask_set_cpu(k, &cpu_copy.sibling[i]);
		}
	}
}

static unsigned int pick(struct world *w, struct enl_channel *ch, int avoid)
{
	unsigned int cpu;

	mutex_lock(&w->bus.lock);
	cpu = enl_copy_cpu_pick(ch, avoid);
	mutex_unlock(&w->bus.lock);
	return cpu;
}

/* A channel of @device; its CPU is chosen as by the bus. */
static unsigned int add(struct world *w, unsigned int device, bool perf)
{
	struct enl_channel *ch = &w->ch[w->count++];

	memset(ch, 0, sizeof(*ch));
	ch->bus = &w->bus;
	ch->perf = perf;
	ch->instance_id.b[0] = device;
	ch->cpu = pick(w, ch, -1);
	list_add_tail(&ch->link, &w->bus.channels);
	return ch->cpu;
}

static unsigned int used_by(struct world *w, unsigned int device, unsigned int cpu)
{
	unsigned int i, n = 0;

	for (i = 0; i < w->count; i++)
		n += w->ch[i].perf && w->ch[i].instance_id.b[0] == device && w->ch[i].cpu == cpu;
	return n;
}

static bool core_is_free(struct world *w, unsigned int device, unsigned int cpu)
{
	unsigned int sibling;

	for_each_cpu(sibling, &cpu_copy.sibling[cpu]) {
		if (used_by(w, device, sibling))
			return false;
	}
	return true;
}

/* Those that a pick may take. */
static void allowed(struct cpumask *mask, int avoid)
{
	cpumask_and(mask, &cpu_copy.online, &cpu_copy.housekeeping);
	if (avoid >= 0)
		cpumask_clear_cpu(avoid, mask);
	if (!cpumask_empty(mask))
		return;
	cpumask_copy(mask, &cpu_copy.online);
	if (avoid >= 0)
		cpumask_clear_cpu(avoid, mask);
}

static void check_pick(struct kunit *test, struct world *w, unsigned int device)
{
	bool free_core = false, free_cpu = false, twice, crowded;
	unsigned int cpu, chosen;
	struct cpumask mask;

	allowed(&mask, -1);
	for_each_cpu(cpu, &mask) {
		free_cpu |= !used_by(w, device, cpu);
		free_core |= core_is_free(w, device, cpu);
	}
	chosen = add(w, device, true);
	/* Without the new one, as it was when the choice was made. */
	w->count--;
	twice = used_by(w, device, chosen);
	crowded = !core_is_free(w, device, chosen);
	w->count++;
	/* P-087: online, and housekeeping while there is one */
	if (!cpumask_test_cpu(chosen, &mask))
		KUNIT_FAIL(test, "CPU %u is not allowed (%*pbl)", chosen, cpumask_pr_args(&mask));
	/* P-085: not twice within a device while another is free */
	if (free_cpu && twice)
		KUNIT_FAIL(test, "CPU %u twice within a device", chosen);
	/* P-097: no second thread of a core while another core is free */
	if (free_core && crowded)
		KUNIT_FAIL(test, "CPU %u: its core is in use, another is free", chosen);
}

static void random_machine(u64 *seed)
{
	unsigned int cpus = 1 + vsp_next_random(seed) % CPUS;
	unsigned int threads = 1 + vsp_next_random(seed) % 2;
	unsigned int i;

	machine(cpus, threads, 1 + vsp_next_random(seed) % 3);
	for (i = 1; i < cpus; i++) {
		/* P-086: holes anywhere */
		if (vsp_next_random(seed) % 4 == 0)
			cpumask_clear_cpu(i, &cpu_copy.online);
	}
	if (vsp_next_random(seed) % 2)
		return;
	for (i = 0; i < cpus; i++) {
		if (vsp_next_random(seed) % 2)
			cpumask_clear_cpu(i, &cpu_copy.housekeeping);
	}
	/* All isolated, or all that are not are offline: then it has to be one of those. */
	if (vsp_next_random(seed) % 8 == 0)
		cpumask_clear(&cpu_copy.housekeeping);
}

/* P-085, P-086, P-087, P-097 */
static void holds_its_rules_on_any_machine(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int round, i;
	u64 seed = 7;

	for (round = 0; round < 200; round++) {
		random_machine(&seed);
		clear(w);
		for (i = 0; i < CHANNELS; i++)
			check_pick(test, w, vsp_next_random(&seed) % DEVICES);
	}
}

/* P-085: the channels of one device differ by one at most between CPUs. */
static void spreads_a_device_evenly(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int cpus, channels, cpu;

	for (cpus = 1; cpus <= min(CPUS, 16u); cpus++) {
		machine(cpus, 1, 1);
		for (channels = 1; channels < CHANNELS; channels += 3) {
			unsigned int least = CHANNELS, most = 0;

			clear(w);
			while (w->count < channels)
				add(w, 0, true);
			for (cpu = 0; cpu < cpus; cpu++) {
				least = min(least, used_by(w, 0, cpu));
				most = max(most, used_by(w, 0, cpu));
			}
			KUNIT_EXPECT_LE(test, most - least, 1u);
		}
	}
}

/* P-084: many devices with one channel each do not meet on one CPU, nor on one node. */
static void spreads_devices_over_cpus_and_nodes(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int i, cpus = min(CPUS, 8u), node[2] = { };

	machine(cpus, 1, 1);
	for (i = 0; i < 2 * cpus; i++)
		KUNIT_EXPECT_EQ(test, add(w, i, true), i % cpus);
	/* One device with as many channels as one of two nodes has CPUs. */
	machine(cpus, 1, 2);
	clear(w);
	for (i = 0; i < cpus / 2; i++)
		node[cpu_copy.node[add(w, 0, true)]]++;
	KUNIT_EXPECT_EQ(test, node[0], node[1]);
}

/* vmbus.md 10.2: what is not for throughput stays on the CPU of the connection. */
static void leaves_slow_classes_on_the_connect_cpu(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int i;

	machine(CPUS, 2, 2);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, add(w, i % 2, false), 0u);
	/* And does not count as a crowd there. */
	KUNIT_EXPECT_EQ(test, add(w, 5, true), 0u);
}

/* vmbus.md 2.7: a CPU that is about to go is not chosen, unless it is the last. */
static void avoids_the_cpu_that_goes(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int round, cpu, i;
	u64 seed = 11;

	for (round = 0; round < 100; round++) {
		struct cpumask mask;

		random_machine(&seed);
		clear(w);
		for (i = 0; i < 6; i++)
			add(w, i % DEVICES, true);
		for_each_cpu(cpu, &cpu_copy.online) {
			unsigned int chosen = pick(w, &w->ch[round % 6], cpu);

			allowed(&mask, cpu);
			if (cpumask_empty(&mask))
				KUNIT_EXPECT_EQ(test, chosen, 0u);
			else
				KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(chosen, &mask));
		}
	}
}

/* P-063: withdrawn channels leave no trace in the choice. */
static void forgets_withdrawn_channels(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int i;

	machine(min(CPUS, 4u), 1, 1);
	for (i = 0; i < 4; i++)
		add(w, 0, true);
	for (i = 0; i < 4; i++)
		w->ch[i].rescinded = true;
	for (i = 0; i < cpu_copy.cpus; i++)
		KUNIT_EXPECT_EQ(test, add(w, 0, true), i);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(holds_its_rules_on_any_machine),
	KUNIT_CASE(spreads_a_device_evenly),
	KUNIT_CASE(spreads_devices_over_cpus_and_nodes),
	KUNIT_CASE(leaves_slow_classes_on_the_connect_cpu),
	KUNIT_CASE(avoids_the_cpu_that_goes),
	KUNIT_CASE(forgets_withdrawn_channels),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_cpu_pick",
	.init = init,
	.exit = quit,
	.test_cases = cases,
};

kunit_test_suite(suite);
