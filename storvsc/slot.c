// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots: which request each tag of each queue stands for, and whose it is at the moment.
 * Calls nothing of the suite but state. Called by queue.c (claims), complete.c and recover.c
 * (take). A word is odd while the host has the request. Only whoever makes it even may touch the
 * command.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include "storvsc.h"

int storvsc_slots_alloc(struct storvsc *s)
{
	unsigned int i;

	for (i = 0; i < s->queues; i++) {
		struct storvsc_queue *q = &s->queue[i];
		int node = cpu_to_node(enl_channel_cpu(q->ch ?: s->primary));
		struct storvsc_slot *slot;

		slot = kvzalloc_node(array_size(s->depth, sizeof(*slot)), GFP_KERNEL, node);
		if (!slot)
			return -ENOMEM;
		/* Pairs with the acquire in complete.c, which may run already. */
		smp_store_release(&q->slot, slot);
	}
	return 0;
}

/* Once the channels are closed. */
void storvsc_slots_free(struct storvsc *s)
{
	unsigned int i;

	for (i = 0; i < s->queues_made; i++) {
		kvfree(s->queue[i].slot);
		s->queue[i].slot = NULL;
	}
}

/*
 * For the owner of the tag, before the packet can be seen: a completion may come before the send
 * returns. Returns the generation, or 0: the host still has an older request with this tag.
 */
u32 storvsc_slot_claim(struct storvsc_slot *slot, struct enl_channel *ch, struct scsi_cmnd *cmd)
{
	u32 word = READ_ONCE(slot->word);

	if (word & 1)
		return 0;
	/*
	 * Whoever holds a stale id, or watches, may look at these at the same time; and drops them.
	 */
	WRITE_ONCE(slot->cmd, cmd);
	WRITE_ONCE(slot->lun, cmd->device->hostdata);
	WRITE_ONCE(slot->opcode, cmd->cmnd[0]);
	WRITE_ONCE(slot->ch, ch);
	WRITE_ONCE(slot->sent_ns, local_clock());
	/* Pairs with the acquire of whoever takes it: all of the slot before its word. */
	smp_store_release(&slot->word, word + 1);
	return word + 1;
}

/* True: the request of that generation is the caller's to end, and nobody else's. Any context. */
bool storvsc_slot_take(struct storvsc_slot *slot, u32 word)
{
	return word & 1 && cmpxchg(&slot->word, word, word + 1) == word;
}

/* Clocks of CPUs may differ a little. */
u64 storvsc_slot_age_ms(const struct storvsc_slot *slot)
{
	s64 age = local_clock() - READ_ONCE(slot->sent_ns);

	return age > 0 ? div_u64(age, NSEC_PER_MSEC) : 0;
}

/* Each request that is in flight when it is looked at. @visit may take it. */
void storvsc_slots_visit(struct storvsc *s, storvsc_slot_visit visit, void *context)
{
	unsigned int i;
	u32 tag, word;

	for (i = 0; i < s->queues; i++) {
		struct storvsc_queue *q = &s->queue[i];

		for (tag = 0; q->slot && tag < s->depth; tag++) {
			/* Pairs with storvsc_slot_claim(). */
			word = smp_load_acquire(&q->slot[tag].word);
			if (word & 1)
				visit(q, &q->slot[tag], word, context);
		}
	}
}

static void count_one(struct storvsc_queue *q, struct storvsc_slot *slot, u32 word, void *context)
{
	(*(unsigned int *)context)++;
}

unsigned int storvsc_in_flight(struct storvsc *s)
{
	unsigned int count = 0;

	storvsc_slots_visit(s, count_one, &count);
	return count;
}

/* Take what lies in the rings, whether or not the host signalled it. */
void storvsc_look_again(struct storvsc *s)
{
	unsigned int i;

	enl_recv_again(s->primary);
	for (i = 1; i < s->queues; i++) {
		struct enl_channel *ch = READ_ONCE(s->queue[i].ch);

		if (ch)
			enl_recv_again(ch);
	}
}

/* Wait until nothing is in flight, at most that long. With the mutex held, or nobody to need it. */
bool storvsc_drain(struct storvsc *s, unsigned int ms)
{
	unsigned long until = jiffies + msecs_to_jiffies(ms);

	while (storvsc_in_flight(s)) {
		if (time_after(jiffies, until))
			return false;
		/* A signal of the host may be lost. */
		storvsc_look_again(s);
		msleep(20);
	}
	return true;
}
