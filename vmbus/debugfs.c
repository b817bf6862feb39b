// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters for people: <debugfs>/enlight/<bus>/..., one file per channel and one for the bus.
 * Only reads. Called by main.c and offer.c as buses and channels come and go.
 * Each row of the tables carries the sentence that explains it; the sentence is printed too.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "internal.h"

/* clang-format off */
#define ENL_COUNTER_TABLE(X) \
	X(packets_in,		"packets taken from the host-to-guest ring") \
	X(packets_out,		"packets written to the guest-to-host ring") \
	X(bytes_in,		"bytes of these packets, headers included, trailers not") \
	X(bytes_out,		"bytes of these packets, likewise") \
	X(interrupts,		"event flags of this channel that were seen") \
	X(polls,		"rounds of the driver's callback") \
	X(polls_cut,		"rounds ended because they took their share") \
	X(signals_sent,		"doorbells by hypercall") \
	X(signals_monitored,	"doorbells by a bit in the monitor page") \
	X(signals_suppressed,	"publications for which no doorbell was due") \
	X(signals_room,		"doorbells because the host waited for room") \
	X(ring_full,		"sends refused because the ring was full") \
	X(ring_full_first,	"of these, the first after a success") \
	X(room_waits,		"times that the driver asked to be told of room") \
	X(late_completions,	"answers to an exchange that was over") \
	X(interrupts_lost,	"times that data waited in the ring without an interrupt") \
	X(signals_lost,		"doorbells repeated because the host did not read")
/* clang-format on */

static struct dentry *root;

static void show_faults(struct seq_file *m, const atomic_long_t *faults)
{
	unsigned int i;

	for (i = 0; i < ENL_FAULT_LIMIT; i++) {
		long n = atomic_long_read(&faults[i]);

		if (n)
			seq_printf(m, "fault_%-18s %20ld  %s\n", enl_fault_name(i), n,
				   enl_fault_text(i));
	}
}

static int channel_show(struct seq_file *m, void *unused)
{
	const struct enl_channel *ch = m->private;
	static const char * const states[] = { "closed", "opening", "open", "closing" };

	seq_printf(m, "class %pUl instance %pUl\n", ch->class_id.b, ch->instance_id.b);
	seq_printf(m, "relid %d index %u connection 0x%x monitor %u cpu %u\n",
		   (int)READ_ONCE(ch->relid), ch->index, ch->connection_id, ch->monitor_id,
		   READ_ONCE(ch->cpu));
	seq_printf(m, "mmio_megabytes %u\n", ch->mmio_megabytes);
	seq_printf(m, "state %s%s%s%s\n", states[READ_ONCE(ch->state)],
		   READ_ONCE(ch->rescinded) ? " rescinded" : "",
		   READ_ONCE(ch->stopped) ? " stopped" : "",
		   READ_ONCE(ch->limbo) ? " limbo" : "");
#define ROW(name, text) \
	seq_printf(m, "%-24s %20llu  %s\n", #name, (unsigned long long)ch->stats.name, text);
	ENL_COUNTER_TABLE(ROW)
#undef ROW
	show_faults(m, ch->faults);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(channel);

static void show_windows(struct seq_file *m, const struct enl_mmio *pool)
{
	unsigned int i;

	for (i = 0; i < pool->count; i++)
		seq_printf(m, "mmio window 0x%llx to 0x%llx\n",
			   (unsigned long long)pool->window[i].start,
			   (unsigned long long)pool->window[i].end);
	if (pool->frame.parent)
		seq_printf(m, "mmio boot screen 0x%llx to 0x%llx\n",
			   (unsigned long long)pool->frame.start,
			   (unsigned long long)pool->frame.end);
}

static void show_waits(struct seq_file *m, struct enl_bus *bus)
{
	struct enl_request *rq;
	unsigned long irq;

	spin_lock_irqsave(&bus->request_lock, irq);
	list_for_each_entry(rq, &bus->requests, link)
		seq_printf(m, "waiting for %s of relid %u key 0x%x\n",
			   enl_message_name(rq->answer), rq->relid, rq->key);
	spin_unlock_irqrestore(&bus->request_lock, irq);
}

static int bus_show(struct seq_file *m, void *unused)
{
	static const char * const links[] = { "down", "contact", "up", "asleep", "unload" };
	struct enl_bus *bus = m->private;

	seq_printf(m, "platform %s link %s version %u.%u message_connection %u\n",
		   bus->ops->name, links[READ_ONCE(bus->link)], bus->version >> 16,
		   bus->version & 0xffff, bus->message_connection);
	seq_printf(m, "channels %u devices %d\n", bus->channel_count,
		   atomic_read(&bus->devices));
	seq_printf(m, "offers_seen %ld relids_released %ld\n",
		   atomic_long_read(&bus->offers_seen), atomic_long_read(&bus->relids_released));
	seq_printf(m, "messages_in %ld messages_out %ld post_retries %ld\n",
		   atomic_long_read(&bus->messages_in), atomic_long_read(&bus->messages_out),
		   atomic_long_read(&bus->post_retries));
	seq_printf(m, "kept_pages %u leaked_pages %u\n",
		   bus->kept_pages, bus->leaked_pages);
	show_windows(m, &bus->mmio);
	show_waits(m, bus);
	show_faults(m, bus->faults);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(bus);

/* debugfs is a convenience: its failures change nothing. */
void enl_debugfs_init(void)
{
	root = debugfs_create_dir("enlight", NULL);
}

void enl_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}

void enl_bus_debugfs_add(struct enl_bus *bus)
{
	bus->debug = debugfs_create_dir(dev_name(bus->parent), root);
	debugfs_create_file("bus", 0400, bus->debug, bus, &bus_fops);
}

void enl_bus_debugfs_remove(struct enl_bus *bus)
{
	debugfs_remove_recursive(bus->debug);
	bus->debug = NULL;
}

/* Readers of the file are waited for on removal, so it needs no reference. */
void enl_channel_debugfs_add(struct enl_channel *ch)
{
	char name[64];

	snprintf(name, sizeof(name), "%pUl.%u.%u", ch->instance_id.b, ch->index, ch->relid);
	ch->debug = debugfs_create_file(name, 0400, ch->bus->debug, ch, &channel_fops);
}

void enl_channel_debugfs_remove(struct enl_channel *ch)
{
	debugfs_remove(ch->debug);
	ch->debug = NULL;
}
