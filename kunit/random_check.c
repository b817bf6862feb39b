// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must hold in the random test: between phases, when nothing moves, and when the bus stops.
 * Calls the fake host's accounts and looks into the bus; called by random_test.c.
 * Each check says what it excuses by the kind of the phase (random_log.c has the lists).
 */
#include <linux/delay.h>
#include "kunit/random.h"

/* --- counters */

static long bus_faults(const struct random_world *w, unsigned int fault)
{
	return w->faults[fault] + (w->bus ? atomic_long_read(&w->bus->faults[fault]) : 0);
}

/* A phase begins: what was counted so far is known. */
void random_begin(struct random_world *w)
{
	unsigned int i;

	for (i = 0; i < ENL_FAULT_LIMIT; i++) {
		w->known[i] = bus_faults(w, i);
		atomic_long_set(&w->injected[i], 0);
		atomic_long_set(&w->channel_faults[i], 0);
	}
	w->false_offers = 0;
}

/* Every fault that was injected has been named, and none without a cause. */
static void check_faults(struct random_world *w)
{
	unsigned int i;

	for (i = 0; i < ENL_FAULT_LIMIT; i++) {
		long injected = atomic_long_read(&w->injected[i]);
		long named = bus_faults(w, i) - w->known[i];
		long on_channels = atomic_long_read(&w->channel_faults[i]);

		if (named < injected) {
			random_note(w, 'A', "fault was not recognised", injected, named);
			random_fail(w, 'A', random_fault_name(i), injected, named);
		}
		if (named > injected && !random_may_rise(w, i)) {
			random_note(w, 'A', "fault without a cause", injected, named);
			random_fail(w, 'A', random_fault_name(i), injected, named);
		}
		if (on_channels && !w->dirty && !w->lossy) {
			random_note(w, 'A', "channel's fault without a cause", on_channels, 0);
			random_fail(w, 'A', random_fault_name(i), on_channels, 0);
		}
		w->recognised += named;
	}
}

/* The model's account: what the guest did wrong, but for what the host brought about. */
static void check_breaches(struct random_world *w)
{
	unsigned int i;

	for (i = 0; i < VSP_V_LIMIT; i++) {
		u64 count = FAKEHOST_PEEK(w->fh, vsp_violation_count(w->fh->host, i));
		/* the numbers of false offers come back as the numbers of no channel */
		u64 asked_for = i == VSP_V_RELID ? w->false_offers : 0;

		if (count == asked_for || random_may_break(w, i) ||
		    (w->lossy && count < asked_for))
			continue;
		random_fail(w, 'A', vsp_violation_name(i), count, asked_for);
	}
	if (w->failures)
		return;		/* the trace and the account are for the report */
	for (i = 0; i < VSP_V_LIMIT; i++)
		fakehost_forgive(w->fh, i);
}

void random_check_phase(struct random_world *w)
{
	check_faults(w);
	check_breaches(w);
	random_begin(w);
}

/* --- when nothing moves */

static void flush(struct random_world *w)
{
	if (!w->bus)
		return;
	flush_workqueue(w->bus->control_wq);
	flush_workqueue(w->bus->add_wq);
	flush_workqueue(w->bus->sub_wq);
	flush_workqueue(w->bus->del_wq);
}

/* The host has had nothing to do for a while, twice, and neither has the bus between. */
void random_settle(struct random_world *w)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		WRITE_ONCE(w->idle, 0);
		if (!fakehost_wait_for(READ_ONCE(w->idle) > 16, RANDOM_PATIENT))
			random_fail(w, 'A', "the host does not come to rest", i, 0);
		flush(w);
	}
}

static unsigned int open_requests(struct random_world *w, bool host)
{
	struct vsp_ledger l;

	FAKEHOST_PEEK(w->fh, ({ vsp_ledger(w->fh->host, &l); 0; }));
	return host ? l.host_requests : l.guest_requests;
}

static bool in_flight(struct random_world *w, char *who)
{
	bool found = false;
	struct random_dev *d;
	unsigned int i;

	mutex_lock(&w->lock);
	list_for_each_entry(d, &w->devices, link) {
		/* Pairs with the release in random_guest.c: whole channels only. */
		for (i = 0; i < smp_load_acquire(&d->chans); i++) {
			if (!d->chan[i].open || enl_channel_rescinded(d->chan[i].ch) ||
			    !random_in_flight(&d->chan[i]))
				continue;
			*who = random_who(d);
			found = true;
		}
	}
	mutex_unlock(&w->lock);
	return found;
}

static void print_channels(struct random_world *w)
{
	struct random_dev *d;
	unsigned int i;

	mutex_lock(&w->lock);
	list_for_each_entry(d, &w->devices, link) {
		/* Pairs with the release in random_guest.c: whole channels only. */
		for (i = 0; i < smp_load_acquire(&d->chans); i++) {
			struct random_chan *c = &d->chan[i];

			if (!c->open)
				continue;
			kunit_info(w->test,
				   "device %u channel %u relid %u: mode %u%s%s%s, owes %u, pending %u, out %u, in %u seen %u committed %u, blocks %u",
				   d->instance, i, c->ch->relid, c->setup.mode,
				   c->deaf ? " deaf" : "", c->ch->stopped ? " stopped" : "",
				   c->ch->rescinded ? " rescinded" : "", c->owes,
				   le32_to_cpu(c->ch->out.control->pending_send_size),
				   c->ch->out.write, c->ch->in.read, c->ch->in.seen,
				   c->ch->in.committed, c->ch->in.host_blocks);
		}
	}
	mutex_unlock(&w->lock);
}

/*
 * Channels are open and nobody starts anything: no wake-up may be missing, so everything that was
 * asked for is answered, on both sides, and no doorbell is due.
 */
void random_check_still(struct random_world *w)
{
	char who = '?';

	if (!fakehost_wait_for(!in_flight(w, &who), RANDOM_PATIENT))
		random_fail(w, who, "a request is never answered", 0, 0);
	if (!w->failures && !fakehost_wait_for(!open_requests(w, true), RANDOM_PATIENT))
		random_fail(w, 'H', "the guest does not complete", open_requests(w, true), 0);
	if (w->failures) {
		print_channels(w);
		random_host_print(w);
		return;
	}
	random_settle(w);
	if (open_requests(w, false))
		random_fail(w, 'H', "requests of the guest are open", open_requests(w, false), 0);
	FAKEHOST_PEEK(w->fh, vsp_quiesce(w->fh->host));
}

/* All channels are closed: the host has no list of pages of theirs, but for withdrawn ones. */
void random_check_rest(struct random_world *w)
{
	struct vsp_ledger l;

	random_settle(w);
	FAKEHOST_PEEK(w->fh, ({ vsp_ledger(w->fh->host, &l); 0; }));
	FAKEHOST_PEEK(w->fh, vsp_quiesce(w->fh->host));
	if (w->lossy)
		return;
	if (l.open)
		random_fail(w, 'A', "channels are open", l.open, 0);
	if (l.gpadls || l.partial_gpadls)
		random_fail(w, 'A', "the host still has memory", l.gpadls, l.partial_gpadls);
	if (l.unreleased)
		random_fail(w, 'A', "numbers were not given back", l.unreleased, 0);
}

static unsigned int bound(struct random_world *w)
{
	struct random_dev *d;
	unsigned int count = 0;

	mutex_lock(&w->lock);
	list_for_each_entry(d, &w->devices, link)
		count++;
	mutex_unlock(&w->lock);
	return count;
}

/* Each device that the host offers has its driver. */
void random_check_bound(struct random_world *w)
{
	if (fakehost_wait_for(bound(w) == random_host_devices(w), RANDOM_PATIENT))
		return;
	random_fail(w, 'A', "devices offered, and bound", random_host_devices(w), bound(w));
}

/* --- when the connection ends */

/* How often the host has said that it let go of everything. */
u64 random_unloads(struct random_world *w)
{
	return FAKEHOST_PEEK(w->fh, vsp_delivered(w->fh->host, ENL_MSG_UNLOAD_COMPLETE));
}

static void check_leaked(struct random_world *w, unsigned int leaked, u64 answers)
{
	if (!leaked)
		return;
	random_note(w, 'A', "pages written off", leaked, 0);
	if (random_unloads(w) != answers && w->kind != RANDOM_LIES)
		random_fail(w, 'A', "pages lost though the host let go", leaked, 0);
}

/* After suspend: @answers as it was before. */
void random_check_leak(struct random_world *w, u64 answers)
{
	check_leaked(w, w->bus->leaked_pages - w->leaked_before, answers);
	w->leaked_before = w->bus->leaked_pages;
}

/*
 * After stop: each page that was ever shared is back with the guest, once, or written off in the
 * open because the host never said that it let go.
 */
void random_check_stopped(struct random_world *w, u64 answers)
{
	u64 lost = w->fh->counts.shares - w->fh->counts.unshares - w->leaked;

	/* Without a connection there is no answer, and the last pages go after the platform. */
	if (lost != w->stopping && !(w->broken && lost > w->stopping))
		random_fail(w, 'A', "pages out of account", lost, w->stopping);
	if (!w->broken)
		check_leaked(w, w->stopping - w->leaked_before, answers);
	w->leaked += lost;
	w->leaked_before = 0;
}

/*
 * After a start that failed: its three pages are written off if no answer came, and what the host
 * still had when the end was asked for if that had no answer.
 */
void random_check_unstarted(struct random_world *w, int err)
{
	u64 lost = w->fh->counts.shares - w->fh->counts.unshares - w->leaked;

	if (!lost)
		return;
	random_note(w, 'A', "pages written off", lost, err);
	if (!w->lossy || (lost != w->stopping && !(lost == 3 && err == -ETIMEDOUT)))
		random_fail(w, 'A', "pages lost by a start", lost, err);
	w->leaked += lost;
}

void random_summary(struct random_world *w)
{
	kunit_info(w->test,
		   "host %s%s, %u phases, %llu steps: %llu sent, %llu received, %llu exchanges, %llu opens, %llu strikes, %llu faults named, %llu spoilt, %ld pages lost",
		   w->host.name, w->fh->options.isolated ? " (isolated)" : "", w->phases,
		   (u64)atomic64_read(&w->steps), (u64)atomic64_read(&w->sent),
		   (u64)atomic64_read(&w->received), (u64)atomic64_read(&w->exchanges),
		   (u64)atomic64_read(&w->opens), w->strikes, w->recognised,
		   (u64)atomic64_read(&w->spoilt), w->leaked);
}
