// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a host does that it must not: nonsense for messages, false offers, broken rings and packets.
 * Calls the bus's events past the model, and the model under its lock; called by the host's thread
 * and by the devices' threads. What is injected here has to be counted under its name by the bus.
 */
#include "kunit/random.h"
#include "vsp/internal.h"
#include "wire/classes.h"

#define FALSE_RELID	1000u		/* numbers of offers that the model knows nothing of */
#define FALSE_RELIDS	800u

/* Straight to the bus, in one of the contexts that a platform may have. False: not taken. */
static bool deliver(struct random_world *w, u64 *state, const void *message, u32 bytes)
{
	u32 how = random_below(state, 3);
	struct fakehost *fh = w->fh;
	unsigned long flags;
	bool taken = false;
	void *copy;

	/* So that a read behind its end is seen. */
	copy = kmemdup(message, bytes ?: 1, GFP_KERNEL);
	mutex_lock(&fh->step_lock);
	if (copy && fh->started) {
		if (how == 1)
			local_bh_disable();
		else if (how == 2)
			local_irq_save(flags);
		taken = fh->up->message(fh->up_context, copy, bytes);
		if (how == 1)
			local_bh_enable();
		else if (how == 2)
			local_irq_restore(flags);
	}
	mutex_unlock(&fh->step_lock);
	kfree(copy);
	return taken;
}

/* --- messages that are wrong in any state of the connection */

static enum enl_fault draw_malformed(u64 *state, u8 *m, u32 *bytes)
{
	static const struct { u8 type, least; } from_host[] = {
		{ ENL_MSG_OFFER, 196 }, { ENL_MSG_RESCIND, 12 }, { ENL_MSG_OPEN_RESULT, 20 },
		{ ENL_MSG_GPADL_CREATED, 20 }, { ENL_MSG_GPADL_TORNDOWN, 12 },
		{ ENL_MSG_VERSION_RESPONSE, 16 }, { ENL_MSG_MODIFY_CHANNEL_RESPONSE, 16 },
	};
	static const u8 from_guest[] = {
		ENL_MSG_REQUEST_OFFERS, ENL_MSG_OPEN, ENL_MSG_CLOSE, ENL_MSG_GPADL_HEADER,
		ENL_MSG_GPADL_BODY, ENL_MSG_GPADL_TEARDOWN, ENL_MSG_RELID_RELEASED,
		ENL_MSG_INITIATE_CONTACT, ENL_MSG_UNLOAD, ENL_MSG_MODIFY_CHANNEL,
	};
	u32 i = random_below(state, ARRAY_SIZE(from_host));

	*bytes = 8 + random_below(state, ENL_MESSAGE_BYTES - 7);
	switch (random_below(state, 4)) {
	case 0:
		vsp_put32(m, 0, from_host[i].type);
		*bytes = random_below(state, from_host[i].least);
		return ENL_FAULT_MESSAGE_SHORT;
	case 1:
		vsp_put32(m, 0, from_host[i].type);
		*bytes = ENL_MESSAGE_BYTES + 1 + random_below(state, 200);
		return ENL_FAULT_MESSAGE_LONG;
	case 2:
		vsp_put32(m, 0, ENL_MSG_LIMIT + random_below(state, 0x7fffffff));
		return ENL_FAULT_MESSAGE_TYPE;
	default:
		vsp_put32(m, 0, from_guest[random_below(state, ARRAY_SIZE(from_guest))]);
		return ENL_FAULT_MESSAGE_DIRECTION;
	}
}

static void scramble(u64 *state, u8 *m, u32 bytes)
{
	u32 i;

	for (i = 0; i + 8 <= bytes; i += 8)
		*(u64 *)(m + i) = vsp_next_random(state);
}

static void inject_malformed(struct random_world *w, u64 *state)
{
	static u8 m[ENL_MESSAGE_BYTES + 208] __aligned(8);	/* the host's thread only */
	enum enl_fault fault;
	u32 bytes;

	scramble(state, m, sizeof(m));
	fault = draw_malformed(state, m, &bytes);
	if (!deliver(w, state, m, bytes))
		return;
	atomic_long_inc(&w->injected[fault]);
	random_note(w, 'H', random_fault_name(fault), vsp_get32(m, 0), bytes);
}

/* --- messages that are wrong on a connection that is up */

static enum enl_fault draw_offer(struct random_world *w, u64 *state, struct enl_msg_offer *m)
{
	static const struct enl_guid keyboard = ENL_CLASS_KEYBOARD, heartbeat = ENL_CLASS_HEARTBEAT;
	static const u32 bad_relid[] = { 0, ENL_RELID_LIMIT, ENL_RELID_NONE, 0x80000001 };
	bool isolated = w->fh->options.isolated;

	*m = (struct enl_msg_offer){
		.header.type = cpu_to_le32(ENL_MSG_OFFER),
		.class_id = heartbeat,
		.instance_id = fakehost_instance(200 + random_below(state, 50)),
		.relid = cpu_to_le32(FALSE_RELID + w->next_false % FALSE_RELIDS),
		.monitor_id = ENL_MONITOR_NONE,
	};
	switch (random_below(state, isolated ? 5 : 4)) {
	case 0:
		m->relid = cpu_to_le32(bad_relid[random_below(state, ARRAY_SIZE(bad_relid))]);
		return ENL_FAULT_OFFER_RELID;
	case 1:
		m->connection_id = cpu_to_le32(0x01000000u << random_below(state, 8));
		return ENL_FAULT_OFFER_CONNECTION;
	case 2:
		m->connection_id = cpu_to_le32(0x80000000u);
		m->monitor_flags = ENL_OFFER_MONITOR_ALLOCATED;
		m->monitor_id = ENL_MONITOR_IDS + random_below(state, 100);
		return ENL_FAULT_OFFER_MONITOR;
	case 3:
		m->sub_channel_index = cpu_to_le16(1 + random_below(state, 3));
		return ENL_FAULT_OFFER_ORPHAN;
	default:
		m->class_id = keyboard;
		return ENL_FAULT_OFFER_CLASS;
	}
}

/* The guest answers each false offer by giving its number back, all but those without one. */
static void inject_offer(struct random_world *w, u64 *state)
{
	struct enl_msg_offer m;
	enum enl_fault fault = draw_offer(w, state, &m);

	if (!deliver(w, state, &m, sizeof(m)))
		return;
	random_note(w, 'H', random_fault_name(fault), le32_to_cpu(m.relid), 0);
	atomic_long_inc(&w->injected[fault]);
	if (fault == ENL_FAULT_OFFER_MONITOR)
		atomic_long_inc(&w->injected[ENL_FAULT_OFFER_CONNECTION]);
	if (fault == ENL_FAULT_OFFER_RELID)
		return;
	w->next_false++;
	w->false_offers++;
}

static void inject_stray(struct random_world *w, u64 *state)
{
	static const struct { u8 type; enum enl_fault fault; } stray[] = {
		{ ENL_MSG_VERSION_RESPONSE, ENL_FAULT_MESSAGE_STATE },
		{ ENL_MSG_UNLOAD_COMPLETE, ENL_FAULT_MESSAGE_STATE },
		{ ENL_MSG_OPEN_RESULT, ENL_FAULT_REPLY_UNEXPECTED },
		{ ENL_MSG_GPADL_CREATED, ENL_FAULT_REPLY_UNEXPECTED },
		{ ENL_MSG_GPADL_TORNDOWN, ENL_FAULT_REPLY_UNEXPECTED },
		{ ENL_MSG_MODIFY_CHANNEL_RESPONSE, ENL_FAULT_REPLY_UNEXPECTED },
		{ ENL_MSG_RESCIND, ENL_FAULT_RESCIND_UNKNOWN },
	};
	u32 i = random_below(state, ARRAY_SIZE(stray));
	u8 m[24] __aligned(8) = { };

	vsp_put32(m, 0, stray[i].type);
	/* A channel or list that nobody has. */
	vsp_put32(m, 8, FALSE_RELID + FALSE_RELIDS + random_below(state, 100));
	vsp_put32(m, 12, 0xfffffff0);
	if (!deliver(w, state, m, sizeof(m)))
		return;
	random_note(w, 'H', random_fault_name(stray[i].fault), stray[i].type, 0);
	atomic_long_inc(&w->injected[stray[i].fault]);
}

/* One breach by the host that the bus must name and get over. */
void random_inject(struct random_world *w, u64 *state)
{
	u32 what = random_below(state, 4);

	if (what < 2) {
		inject_malformed(w, state);
		return;
	}
	/* Held by who changes the connection: what comes then may be stale, and is not counted. */
	if (!mutex_trylock(&w->up_lock))
		return;
	if (w->bus && READ_ONCE(w->bus->link) == ENL_LINK_UP) {
		if (what == 2)
			inject_offer(w, state);
		else
			inject_stray(w, state);
	}
	mutex_unlock(&w->up_lock);
}

/* Any bytes under any type of the host's, as if it had lost its mind. */
void random_garbage(struct random_world *w, u64 *state)
{
	u8 m[ENL_MESSAGE_BYTES] __aligned(8);
	u32 bytes = random_below(state, 4) ? sizeof(m) : random_below(state, sizeof(m));

	scramble(state, m, sizeof(m));
	vsp_put32(m, 0, 1 + random_below(state, ENL_MSG_LIMIT));
	/* Half of them about a channel that there may be. */
	if (random_below(state, 2))
		vsp_put32(m, 8, 1 + random_below(state, 16));
	random_note(w, 'H', "garbage", vsp_get32(m, 0), bytes);
	deliver(w, state, m, bytes);
}

static bool scribble(struct vsp *v, u64 *state, u32 *relid)
{
	static const u32 words[] = { 0, 4, 8, 12, 64 };
	static const u32 values[] = { 0, 1, 4, 8, 4095, 4096, 8192, 16384, 0x80000000, 0xfffffff8 };
	u32 tries, at, value;

	for (tries = 0; tries < 16; tries++) {
		*relid = 1 + random_below(state, 16);
		if (vsp_channel_open(v, *relid))
			break;
	}
	if (random_below(state, 3))
		at = words[random_below(state, ARRAY_SIZE(words))];
	else
		at = ENL_HVPAGE_SIZE + random_below(state, 1024) * 8;
	value = random_below(state, 2) ? values[random_below(state, ARRAY_SIZE(values))] :
					 (u32)vsp_next_random(state);
	return vsp_scribble(v, *relid, random_below(state, 2), at, value);
}

/* A word in some ring. */
void random_scribble(struct random_world *w, u64 *state)
{
	u32 relid = 0;

	if (FAKEHOST_DO(w->fh, scribble(w->fh->host, state, &relid)))
		random_note(w, 'H', "scribble", relid, 0);
}

/* --- one thing that breaks a channel that is at rest, and the name that it must get */

static const enum enl_fault breaking[] = {
	ENL_FAULT_RING_WRITE_INDEX, ENL_FAULT_RING_READ_INDEX, ENL_FAULT_PACKET_CUT,
	ENL_FAULT_PACKET_OFFSET, ENL_FAULT_PACKET_LENGTH, ENL_FAULT_PACKET_TOO_LONG,
	ENL_FAULT_PACKET_TYPE, ENL_FAULT_RANGE_COUNT, ENL_FAULT_TRANSACT_ID,
};

/* The first packet of an empty ring, @bytes of it there, as its descriptor says or not. */
static int put_packet(struct vsp *v, u32 relid, u32 offset8, u32 length8, u32 bytes)
{
	vsp_scribble(v, relid, true, ENL_HVPAGE_SIZE, ENL_PACKET_INBAND | offset8 << 16);
	vsp_scribble(v, relid, true, ENL_HVPAGE_SIZE + 4, length8);
	vsp_scribble(v, relid, true, 0, bytes);
	return 0;
}

static int break_one(struct vsp *v, u32 relid, enum enl_fault fault)
{
	struct enl_transfer_pages pages = { .range_count = cpu_to_le32(1000) };
	struct vsp_packet p = { .type = 0x30 };

	switch (fault) {
	case ENL_FAULT_RING_WRITE_INDEX:
		return vsp_scribble(v, relid, true, 0, 12);
	case ENL_FAULT_RING_READ_INDEX:
		return vsp_scribble(v, relid, false, 4, 0x10000);
	case ENL_FAULT_PACKET_CUT:
		return put_packet(v, relid, 2, 2, 16);
	case ENL_FAULT_PACKET_OFFSET:
		return put_packet(v, relid, 1, 4, 40);
	case ENL_FAULT_PACKET_LENGTH:
		return put_packet(v, relid, 2, 6, 40);
	case ENL_FAULT_PACKET_TOO_LONG:
		return put_packet(v, relid, 2, 513, 513 * 8 + 8);
	case ENL_FAULT_RANGE_COUNT:
		p.type = ENL_PACKET_TRANSFER_PAGES;
		p.head = &pages;
		p.head_bytes = sizeof(pages);
		break;
	case ENL_FAULT_TRANSACT_ID:
		p.type = ENL_PACKET_COMPLETION;
		p.id = (u64)ENL_TRANSACT_MARK << 32 | 0x7fffffff;
		break;
	default:
		break;
	}
	return vsp_send(vsp_channel(v, relid), &p);
}

/* On a fresh channel whose device is told to do nothing else. */
void random_recognise(struct random_chan *c)
{
	struct random_dev *d = c->d;
	enum enl_fault fault = breaking[random_below(&d->random, ARRAY_SIZE(breaking))];
	bool stops = fault < ENL_FAULT_PACKET_TYPE;
	struct random_world *w = d->w;
	u32 relid = enl_channel_relid(c->ch);
	u64 word = 0;

	if (enl_channel_rescinded(c->ch) || random_open(c, true))
		return;
	random_note(w, random_who(d), random_fault_name(fault), relid, 0);
	atomic_long_set(&c->ch->faults[fault], 0);
	FAKEHOST_DO(w->fh, break_one(w->fh->host, relid, fault));
	if (fault == ENL_FAULT_RING_READ_INDEX)
		enl_send(c->ch, &word, sizeof(word), 0, 0);
	enl_recv_again(c->ch);
	if (!fakehost_wait_for(atomic_long_read(&c->ch->faults[fault]) == 1, RANDOM_PATIENT))
		random_fail(w, random_who(d), random_fault_name(fault), relid,
			    atomic_long_read(&c->ch->faults[fault]));
	if (READ_ONCE(c->ch->stopped) != stops)
		random_fail(w, random_who(d), "stopped, or not, after that fault", relid, stops);
	if (stops && enl_send(c->ch, &word, sizeof(word), 0, 0) != -EPROTO)
		random_fail(w, random_who(d), "sends on a channel that is stopped", relid, 0);
	if (!stops && !random_exchange(c, RANDOM_PATIENT))
		random_fail(w, random_who(d), "is of no use after that fault", relid, 0);
	atomic_long_set(&c->ch->faults[fault], 0);
	random_close(c);
}
