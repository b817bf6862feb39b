// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals lost on the way: a host that is saved, restored or serviced does not repeat them.
 * Calls event.c. Called by start.c, and by its own clock while the bus is connected.
 * A lost interrupt leaves data in a ring for good, a lost doorbell leaves the host asleep; both
 * look like a ring that is not empty and on which nothing moved from one look to the next.
 */
#include "internal.h"

static u32 load(const __le32 *word)
{
	return le32_to_cpu(READ_ONCE(*word));
}

/* The host wrote, and nobody has looked since the last time. A torn counter does no harm. */
static void check_in(struct enl_channel *ch)
{
	u32 write = load(&ch->in.control->write_index);
	u64 rounds = READ_ONCE(ch->stats.interrupts) + READ_ONCE(ch->stats.polls) +
		     READ_ONCE(ch->stats.packets_in);
	bool waits = write != READ_ONCE(ch->in.read);

	if (waits && ch->look.in && ch->look.write == write && ch->look.rounds == rounds) {
		ch->stats.interrupts_lost++;
		enl_channel_kick(ch);
	}
	ch->look.in = waits;
	ch->look.write = write;
	ch->look.rounds = rounds;
}

/* We wrote, and the host has not read since the last time. A doorbell too many does not hurt it. */
static void check_out(struct enl_channel *ch)
{
	u32 read = load(&ch->out.control->read_index);
	u32 published = READ_ONCE(ch->out.published);
	bool waits = read != published;

	if (waits && ch->look.out && ch->look.read == read && ch->look.published == published) {
		ch->stats.signals_lost++;
		enl_channel_signal(ch);
	}
	ch->look.out = waits;
	ch->look.read = read;
	ch->look.published = published;
}

static void look(struct enl_channel *ch)
{
	/* Whoever holds it opens or closes: then all is new at the next look. */
	if (!mutex_trylock(&ch->mutex))
		return;
	if (ch->state == ENL_CHANNEL_OPEN && !READ_ONCE(ch->stopped) &&
	    !READ_ONCE(ch->rescinded)) {
		check_in(ch);
		check_out(ch);
	} else {
		ch->look = (struct enl_look){ };
	}
	mutex_unlock(&ch->mutex);
}

static void stall_work(struct work_struct *work)
{
	struct enl_bus *bus = container_of(to_delayed_work(work), struct enl_bus, stall_work);
	struct enl_channel *ch;

	mutex_lock(&bus->lock);
	list_for_each_entry(ch, &bus->channels, link)
		look(ch);
	mutex_unlock(&bus->lock);
	enl_stall_start(bus);
}

/* Look again after a while; an idle CPU is not woken for it. */
void enl_stall_start(struct enl_bus *bus)
{
	queue_delayed_work(bus->notify_wq, &bus->stall_work,
			   msecs_to_jiffies(bus->options.stall_ms) + 1);
}

void enl_stall_init(struct enl_bus *bus)
{
	INIT_DEFERRABLE_WORK(&bus->stall_work, stall_work);
}

/* May sleep; also for a bus on which it never started. */
void enl_stall_stop(struct enl_bus *bus)
{
	cancel_delayed_work_sync(&bus->stall_work);
}
