// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPU takes a channel's interrupts, and moving them when CPUs come and go (2.7, 10.2).
 * Calls channel.c. Called by offer.c, by drivers, and by the platform around CPU hot-plug.
 * Every search is bounded by the number of CPUs; channels keep off isolated CPUs while possible.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include "internal.h"

#define CONNECT_CPU	0u	/* takes all control messages; cannot leave while connected */
#define OLD_CPU_GRACE_MS 20	/* below 5.3 nobody says when the old CPU has its last event */

/* How crowded a CPU is: by this device, by a sibling of the core, by its node, by everyone. */
struct crowd {
	u16 device, core, node, all;
};

static bool less_crowded(const struct crowd *a, const struct crowd *b)
{
	if (a->device != b->device)
		return a->device < b->device;
	if (a->core != b->core)
		return a->core < b->core;
	if (a->node != b->node)
		return a->node < b->node;
	return a->all < b->all;
}

static bool same_device(const struct enl_channel *a, const struct enl_channel *b)
{
	return enl_guid_equal(&a->instance_id, &b->instance_id) &&
	       enl_guid_equal(&a->class_id, &b->class_id);
}

static struct crowd count_crowd(struct enl_channel *ch, unsigned int cpu)
{
	struct crowd crowd = { };
	struct enl_channel *other;

	list_for_each_entry(other, &ch->bus->channels, link) {
		unsigned int used = READ_ONCE(other->cpu);
		bool mine = same_device(ch, other);

		if (other == ch || !other->perf || other->rescinded)
			continue;
		crowd.all += used == cpu;
		if (!mine)
			continue;
		crowd.device += used == cpu;
		crowd.core += used != cpu && cpumask_test_cpu(used, topology_sibling_cpumask(cpu));
		crowd.node += cpu_to_node(used) == cpu_to_node(cpu);
	}
	return crowd;
}

static unsigned int pick_from(struct enl_channel *ch, const struct cpumask *mask, int avoid)
{
	struct crowd best = { }, crowd;
	unsigned int cpu, chosen = nr_cpu_ids;

	for_each_cpu_and(cpu, mask, cpu_online_mask) {
		if ((int)cpu == avoid)
			continue;
		crowd = count_crowd(ch, cpu);
		if (chosen < nr_cpu_ids && !less_crowded(&crowd, &best))
			continue;
		best = crowd;
		chosen = cpu;
	}
	return chosen;
}

/*
 * The CPU for @ch, never @avoid (-1: none). Under bus->lock, with CPU hot-plug held off by the
 * caller or in its own callback.
 */
unsigned int enl_cpu_pick(struct enl_channel *ch, int avoid)
{
	unsigned int cpu;

	lockdep_assert_held(&ch->bus->lock);
	if (!ch->perf)
		return CONNECT_CPU;
	cpu = pick_from(ch, housekeeping_cpumask(HK_TYPE_MANAGED_IRQ), avoid);
	if (cpu >= nr_cpu_ids)
		cpu = pick_from(ch, cpu_online_mask, avoid);
	return cpu < nr_cpu_ids ? cpu : CONNECT_CPU;
}

/* Its interrupts come to @cpu, or may at any moment. */
static bool is_on(const struct enl_channel *ch, unsigned int cpu)
{
	if (READ_ONCE(ch->cpu) == cpu)
		return true;
	/* Pairs with the release in channel.c: the CPU is written before. */
	return smp_load_acquire(&ch->astray) && READ_ONCE(ch->maybe_cpu) == cpu;
}

/* A channel on @cpu, with a reference, and where it should go; NULL when there is none left. */
static struct enl_channel *next_on(struct enl_bus *bus, unsigned int cpu, unsigned int *to)
{
	struct enl_channel *ch, *found = NULL;

	mutex_lock(&bus->lock);
	list_for_each_entry(ch, &bus->channels, link) {
		if (!is_on(ch, cpu) || ch->rescinded)
			continue;
		found = ch;
		kref_get(&ch->ref);
		*to = enl_cpu_pick(ch, cpu);
		break;
	}
	mutex_unlock(&bus->lock);
	return found;
}

/* Below 5.3 the old CPU may get a last event unseen: look at every channel once instead. */
static void kick_all(struct enl_bus *bus)
{
	struct enl_channel *ch;

	mutex_lock(&bus->lock);
	list_for_each_entry(ch, &bus->channels, link)
		enl_channel_kick(ch);
	mutex_unlock(&bus->lock);
}

/* Platform event: @cpu is about to go. 0, or -EBUSY with a line that says why. May sleep. */
int enl_bus_cpu_going(void *context, unsigned int cpu)
{
	struct enl_bus *bus = context;
	struct enl_channel *ch;
	unsigned int to = CONNECT_CPU, moved = 0;
	int err;

	/* Going down for kexec or hibernation, nothing has to be kept alive. */
	if (READ_ONCE(bus->link) != ENL_LINK_UP)
		return 0;
	if (cpu == CONNECT_CPU) {
		dev_info(bus->parent, "CPU %u takes the host's messages and must stay online\n",
			 cpu);
		return -EBUSY;
	}
	while ((ch = next_on(bus, cpu, &to))) {
		err = enl_channel_retarget(ch, to);
		if (err && !READ_ONCE(ch->rescinded)) {
			dev_info(bus->parent,
				 "CPU %u stays: channel %u of %pUl cannot move to CPU %u (%d); close it first\n",
				 cpu, ch->relid, ch->instance_id.b, to, err);
			enl_channel_put(ch);
			return -EBUSY;
		}
		enl_channel_put(ch);
		if (++moved > ENL_MAX_CHANNELS)
			return -EBUSY;
	}
	if (moved && bus->version < ENL_VERSION_5_3) {
		msleep(OLD_CPU_GRACE_MS);
		kick_all(bus);
	}
	return 0;
}

static struct enl_channel *next_homeless(struct enl_bus *bus, unsigned int cpu)
{
	struct enl_channel *ch, *found = NULL;

	mutex_lock(&bus->lock);
	list_for_each_entry(ch, &bus->channels, link) {
		if (ch->home_cpu != cpu || READ_ONCE(ch->cpu) == cpu || ch->rescinded ||
		    READ_ONCE(ch->astray))
			continue;
		found = ch;
		kref_get(&ch->ref);
		break;
	}
	mutex_unlock(&bus->lock);
	return found;
}

/* Platform event: @cpu is back; the channels that lived there return. May sleep. */
void enl_bus_cpu_came(void *context, unsigned int cpu)
{
	struct enl_bus *bus = context;
	struct enl_channel *ch;
	int err;

	if (READ_ONCE(bus->link) != ENL_LINK_UP)
		return;
	while ((ch = next_homeless(bus, cpu))) {
		err = enl_channel_retarget(ch, cpu);
		/* Where it cannot go home it is at home where it is: each is tried once. */
		if (err)
			ch->home_cpu = READ_ONCE(ch->cpu);
		enl_channel_put(ch);
		/* The whole machine waits: once for a host that does not answer, not for each. */
		if (err == -ETIMEDOUT)
			break;
	}
}

/**
 * enl_channel_set_cpu() - have a channel's interrupts on another CPU
 * @ch: channel
 * @cpu: an online CPU
 *
 * Takes part in CPU hot-plug's read lock. May sleep. Chapter 5.7.
 *
 * Return: 0; -EINVAL CPU offline, or the protocol is older than 4.1 and the channel open; -EIO
 * the host refused; -ENODEV rescinded; -ETIMEDOUT no answer: from then on it cannot be moved before
 * it has been closed, nor can either CPU go.
 */
int enl_channel_set_cpu(struct enl_channel *ch, unsigned int cpu)
{
	int err = -EINVAL;

	cpus_read_lock();
	if (cpu < nr_cpu_ids && cpu_online(cpu))
		err = enl_channel_retarget(ch, cpu);
	if (!err)
		ch->home_cpu = cpu;
	cpus_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(enl_channel_set_cpu);

/**
 * enl_channel_cpu() - which CPU takes a channel's interrupts
 * @ch: channel
 *
 * Any context.
 *
 * Return: the CPU's number, a hint as soon as it is read.
 */
unsigned int enl_channel_cpu(const struct enl_channel *ch)
{
	return READ_ONCE(ch->cpu);
}
EXPORT_SYMBOL_GPL(enl_channel_cpu);
