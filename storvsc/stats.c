// SPDX-License-Identifier: GPL-2.0-only
/*
 * What people can read: debugfs, a directory for each controller.
 * Calls slot.c and state.c for numbers. Called by main.c at bind and unbind.
 * enlight_storvsc/<device>/status: the controller; .../queues: a line for each; .../latency.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "storvsc.h"

static struct dentry *root;

/* The numbers of the moment: name, sentence, value. */
/* clang-format off */
#define VALUE_TABLE(X) \
	X(version,		"protocol version, major * 256 + minor", s->version) \
	X(max_transfer,		"bytes that the host takes at once", s->properties.max_transfer) \
	X(queues,		"hardware queues", s->queues) \
	X(polled_queues,	"of them, polled", s->polled) \
	X(depth,		"requests that each takes", s->depth) \
	X(ring_bytes,		"data bytes of a ring", s->ring_bytes) \
	X(sub_channels_asked,	"sub-channels asked for", s->subs_asked) \
	X(sub_channels_open,	"sub-channels in use", s->subs_open) \
	X(gate,			"0: open; 1: being reopened; 2: gone", READ_ONCE(s->gate)) \
	X(in_flight,		"requests that the host has", storvsc_in_flight(s))
/* clang-format on */

static int status_show(struct seq_file *m, void *unused)
{
	struct storvsc *s = m->private;
	unsigned int i;

#define VALUE_LINE(name, text, value) \
	seq_printf(m, "%-22s %12llu  %s\n", #name, (u64)(value), text);
	VALUE_TABLE(VALUE_LINE)
	for (i = 0; i < STORVSC_COUNTERS; i++)
		seq_printf(m, "%-22s %12llu  %s\n", storvsc_counter_name(i),
			   (u64)atomic64_read(&s->counters[i]), storvsc_counter_text(i));
	for (i = STORVSC_FAULT_NONE + 1; i < STORVSC_FAULT_LIMIT; i++)
		seq_printf(m, "fault_%-16s %12llu  %s\n", storvsc_fault_name(i),
			   (u64)atomic64_read(&s->faults[i]), storvsc_fault_text(i));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

struct oldest {
	const struct storvsc_queue *q;
	u64 ms;
	unsigned int count;
};

static void see_one(struct storvsc_queue *q, struct storvsc_slot *slot, u32 word, void *context)
{
	struct oldest *o = context;

	if (q != o->q)
		return;
	o->count++;
	o->ms = max(o->ms, storvsc_slot_age_ms(slot));
}

static u64 completed(const struct storvsc_queue *q)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < STORVSC_BUCKETS; i++)
		sum += atomic64_read(&q->stats.latency[i]);
	return sum;
}

static int queues_show(struct seq_file *m, void *unused)
{
	struct storvsc *s = m->private;
	unsigned int i;

	seq_puts(m, "queue channel cpu polled_queue submitted completed polled ring_full gate_closed in_flight oldest_ms\n");
	for (i = 0; i < s->queues; i++) {
		struct storvsc_queue *q = &s->queue[i];
		struct oldest o = { .q = q };
		struct enl_channel *ch;

		storvsc_slots_visit(s, see_one, &o);
		/* A channel's object stays until we are unbound, and this file goes before. */
		ch = READ_ONCE(q->ch) ?: s->primary;
		seq_printf(m, "%u %u %u %u %llu %llu %llu %llu %llu %u %llu\n", i,
			   enl_channel_relid(ch), enl_channel_cpu(ch), q->polled,
			   (u64)atomic64_read(&q->stats.submitted), completed(q),
			   (u64)atomic64_read(&q->stats.polled),
			   (u64)atomic64_read(&q->stats.ring_full),
			   (u64)atomic64_read(&q->stats.gate_closed), o.count, o.ms);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(queues);

/*
 * A column for each power of two of microseconds: requests that took less, and not less than half.
 */
static int latency_show(struct seq_file *m, void *unused)
{
	struct storvsc *s = m->private;
	unsigned int i, k;

	seq_puts(m, "queue");
	for (k = 0; k < STORVSC_BUCKETS; k++)
		seq_printf(m, " %uus", 1u << k);
	for (i = 0; i < s->queues; i++) {
		seq_printf(m, "\n%u", i);
		for (k = 0; k < STORVSC_BUCKETS; k++)
			seq_printf(m, " %llu",
				   (u64)atomic64_read(&s->queue[i].stats.latency[k]));
	}
	seq_puts(m, "\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(latency);

/* Nothing depends on these: a failure costs the view, not the service. */
void storvsc_stats_add(struct storvsc *s)
{
	s->debug = debugfs_create_dir(dev_name(s->dev->dev), root);
	debugfs_create_file("status", 0400, s->debug, s, &status_fops);
	debugfs_create_file("queues", 0400, s->debug, s, &queues_fops);
	debugfs_create_file("latency", 0400, s->debug, s, &latency_fops);
}

void storvsc_stats_remove(struct storvsc *s)
{
	debugfs_remove_recursive(s->debug);
	s->debug = NULL;
}

void storvsc_stats_start(void)
{
	root = debugfs_create_dir(KBUILD_MODNAME, NULL);
}

void storvsc_stats_stop(void)
{
	debugfs_remove_recursive(root);
}
