// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which queue serves which CPU: fixed while the SCSI host lives (chapter 7.3).
 * Pure. Called by host.c for the block layer's map, and by tests.
 * The queue that interrupts the CPU; else one of its node; else any: the latter two spread evenly.
 */
#include "model.h"

#define NONE (~0u)

static unsigned int own_queue(const struct storvsc_map *map, unsigned int cpu)
{
	unsigned int q;

	for (q = 0; q < map->queues; q++) {
		if (map->queue_cpu[q] == cpu)
			return q;
	}
	return NONE;
}

static bool on_node(const struct storvsc_map *map, unsigned int q, int node)
{
	return map->queue_cpu[q] < map->cpus && map->node[map->queue_cpu[q]] == node;
}

/* The @turn-th queue of a node, round and round; NONE: it has none. */
static unsigned int node_queue(const struct storvsc_map *map, int node, unsigned int turn)
{
	unsigned int q, count = 0;

	for (q = 0; q < map->queues; q++)
		count += on_node(map, q, node);
	if (!count)
		return NONE;
	turn %= count;
	for (q = 0; q < map->queues; q++) {
		if (on_node(map, q, node) && !turn--)
			return q;
	}
	return NONE;
}

void storvsc_map_build(const struct storvsc_map *map)
{
	unsigned int cpu, before, q, turn, strays = 0;

	for (cpu = 0; cpu < map->cpus; cpu++) {
		q = own_queue(map, cpu);
		if (q == NONE) {
			/* How many of this node had to share before this one. */
			turn = 0;
			for (before = 0; before < cpu; before++)
				turn += map->node[before] == map->node[cpu] &&
					own_queue(map, before) == NONE;
			q = node_queue(map, map->node[cpu], turn);
		}
		map->out[cpu] = q == NONE ? strays++ % map->queues : q;
	}
}
