// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of the random test: what a device sends, and the judgement of what comes back.
 * Calls the drivers' API; called by random_guest.c and, as notify callback, by the transport.
 * Each payload says itself what it must look like: marker, length, id, and words that follow from
 * the id; so whatever arrives can be judged without knowing who sent it.
 */
#include <linux/io.h>
#include "kunit/random.h"

#define MARK		0x72616e64ULL		/* upper half of the first word */
#define WORD		0x9e3779b97f4a7c15ULL
#define HOST_MARK	0xd00dULL	/* bits 32 to 47 of the ids of the host's requests */

static void fill(u64 *words, u32 count, u64 id)
{
	u32 i;

	words[0] = MARK << 32 | count;
	words[1] = id;
	for (i = 2; i < count; i++)
		words[i] = id * WORD + i;
}

static bool is_ours(const u64 *words, u32 bytes)
{
	return bytes >= 16 && words[0] >> 32 == MARK;
}

static bool intact(const u64 *words, u32 bytes, u64 id)
{
	u32 count = bytes / 8, i;

	if (bytes % 8 || !is_ours(words, bytes) || (u32)words[0] != count || words[1] != id)
		return false;
	for (i = 2; i < count; i++) {
		if (words[i] != id * WORD + i)
			return false;
	}
	return true;
}

/* What the host floods with: bytes that count up. */
static bool counts_up(const u8 *data, u32 bytes)
{
	u32 i;

	for (i = 1; i < bytes; i++) {
		if (data[i] != (u8)(data[0] + i))
			return false;
	}
	return true;
}

/* Wrong data: excused where the host was made to spoil it. */
static void spoilt(struct random_chan *c, const char *what, u64 a, s64 b)
{
	struct random_world *w = c->d->w;

	atomic64_inc(&w->spoilt);
	if (!READ_ONCE(w->dirty))
		random_fail(w, random_who(c->d), what, a, b);
}

/* --- what comes */

static void judge_completion(struct random_chan *c, const struct enl_packet *p)
{
	u32 at = p->id & 0xff;

	atomic64_inc(&c->d->w->answered);
	if (at >= RANDOM_SLOTS || (u64)atomic64_cmpxchg(&c->slot[at], p->id, 0) != p->id)
		spoilt(c, "completion of nothing in flight", p->id, p->bytes);
	else if (p->bytes && !intact(p->data, p->bytes, p->id))
		spoilt(c, "completion with wrong data", p->id, p->bytes);
}

static void judge_inband(struct random_chan *c, const struct enl_packet *p)
{
	if (!is_ours(p->data, p->bytes)) {
		if (!counts_up(p->data, p->bytes))
			spoilt(c, "flood with wrong data", p->id, p->bytes);
		return;
	}
	if (!intact(p->data, p->bytes, p->id)) {
		spoilt(c, "packet came back with wrong data", p->id, p->bytes);
		return;
	}
	if (p->id <= c->last)
		spoilt(c, "packet came back twice or out of turn", p->id, c->last);
	c->last = max(c->last, p->id);
}

static void judge_transfer(struct random_chan *c, const struct enl_packet *p)
{
	const struct enl_transfer_range *r = p->ranges;

	if (p->set_id != RANDOM_SET || p->range_count != 1 ||
	    le32_to_cpu(r->byte_count) != RANDOM_SET_BYTES / 4 ||
	    le32_to_cpu(r->byte_offset) % (RANDOM_SET_BYTES / 4) ||
	    le32_to_cpu(r->byte_offset) >= RANDOM_SET_BYTES)
		spoilt(c, "transfer pages with wrong ranges", p->set_id, p->range_count);
	if (!counts_up(p->data, p->bytes))
		spoilt(c, "transfer pages with wrong data", p->id, p->bytes);
}

static void judge(struct random_chan *c, const struct enl_packet *p)
{
	struct random_world *w = c->d->w;

	atomic64_inc(&w->steps);
	atomic64_inc(&w->received);
	switch (p->type) {
	case ENL_PACKET_COMPLETION:
		judge_completion(c, p);
		break;
	case ENL_PACKET_TRANSFER_PAGES:
		judge_transfer(c, p);
		break;
	default:
		judge_inband(c, p);
	}
	if (p->wants_completion && c->owes < RANDOM_OWED)
		c->owed[c->owes++] = p->id;
}

/* Completions that the host waits for, as far as they go. True: all went. */
static bool pay(struct random_chan *c)
{
	unsigned int done = 0, i;
	int err = 0;

	while (done < c->owes) {
		err = enl_send_completion(c->ch, NULL, 0, c->owed[done]);
		/* The host may send before open has returned; the callback comes again then. */
		if (err == -EINVAL)
			break;
		if (err == -EAGAIN && !enl_send_room(c->ch, enl_send_packet_bytes(0, 0)))
			break;
		done += err != -EAGAIN;
	}
	c->owes -= done;
	for (i = 0; i < c->owes; i++)
		c->owed[i] = c->owed[done + i];
	return !c->owes;
}

/* False: it stopped before the ring was empty, and will be asked again. */
static bool take(struct random_chan *c)
{
	struct enl_packet p;
	int n = 1;

	while (!READ_ONCE(c->deaf)) {
		if (c->owes == RANDOM_OWED && !pay(c))
			return false;
		n = enl_recv(c->ch, &p);
		if (n != 1)
			break;
		judge(c, &p);
	}
	pay(c);
	return n != 1;
}

/* The consumer in a context of its own. */
void random_poll(struct work_struct *work)
{
	struct random_chan *c = container_of(work, struct random_chan, work);

	do {
		if (!take(c)) {
			enl_recv_commit(c->ch);
			return;
		}
		if (!enl_recv_unmask(c->ch))
			return;
		enl_recv_mask(c->ch);
	} while (!READ_ONCE(c->shut) && !enl_channel_rescinded(c->ch) &&
		 !READ_ONCE(c->ch->stopped));
}

void random_notify(struct enl_channel *ch, void *context)
{
	struct random_chan *c = context;

	if (c->setup.mode != ENL_NOTIFY_IRQ) {
		take(c);
		return;
	}
	enl_recv_mask(ch);
	if (!READ_ONCE(c->shut))
		queue_work(system_highpri_wq, &c->work);
}

/* --- what goes */

static u32 some_words(struct random_dev *d)
{
	return random_below(&d->random, 16) ? 2 + random_below(&d->random, 14) :
					      2 + random_below(&d->random, RANDOM_WORDS - 1);
}

/* One range of one page, or of two. */
static int send_gpa(struct random_chan *c, u32 words, u64 id, unsigned int flags)
{
	struct random_dev *d = c->d;
	u32 pages = 1 + random_below(&d->random, 2);
	struct {
		struct enl_gpa_range range;
		__le64 pfn[2];
	} r = {
		.range.byte_count = cpu_to_le32(pages * PAGE_SIZE - 512),
		.range.byte_offset = cpu_to_le32(256),
		.pfn = {
			cpu_to_le64(virt_to_phys(d->page[0]) >> PAGE_SHIFT),
			cpu_to_le64(virt_to_phys(d->page[1]) >> PAGE_SHIFT),
		},
	};
	struct enl_gpa_list list = {
		.ranges = &r, .bytes = sizeof(r.range) + 8 * pages, .count = 1,
	};

	return enl_send_gpa(c->ch, &list, d->out, 8 * words, id, flags);
}

static int send_one(struct random_chan *c, unsigned int flags)
{
	struct random_dev *d = c->d;
	u32 words = some_words(d), at = ++c->serial % RANDOM_SLOTS;
	u64 id = c->serial << 8 | at;
	int err;

	fill(d->out, words, id);
	if (random_below(&d->random, 2) && !atomic64_cmpxchg(&c->slot[at], 0, id))
		flags |= ENL_SEND_WANT_COMPLETION;
	if (random_below(&d->random, 8) || d->w->fh->options.isolated)
		err = enl_send(c->ch, d->out, 8 * words, id, flags);
	else
		err = send_gpa(c, words, id, flags);
	if (err && flags & ENL_SEND_WANT_COMPLETION)
		atomic64_cmpxchg(&c->slot[at], id, 0);
	if (!err) {
		atomic64_inc(&d->w->steps);
		atomic64_inc(&d->w->sent);
	}
	return err;
}

/* A burst, until the ring is full. */
void random_send(struct random_chan *c)
{
	struct random_dev *d = c->d;
	u32 count = 1 + random_below(&d->random, 48);
	unsigned long since = jiffies;
	int err = 0;

	while (count-- && !err)
		err = send_one(c, random_below(&d->random, 3) ? ENL_SEND_MORE : 0);
	enl_send_flush(c->ch);
	if (err == -EAGAIN)
		enl_send_room(c->ch, enl_send_packet_bytes(0, 128));
	random_called(d, c, "send", err == -EAGAIN ? 0 : err, since);
}

/* One exchange. The time limit excuses itself where packets or their signals may be lost. */
int random_ask(struct random_chan *c, u64 *words, u32 bytes, unsigned int ms)
{
	struct random_dev *d = c->d;
	struct enl_exchange x = {
		.request = words, .request_bytes = bytes,
		.answer = d->in, .answer_bytes = sizeof(d->in),
	};
	unsigned long since = jiffies;
	int err = enl_transact(c->ch, &x, ms);

	if (err == -EAGAIN || (err == -ETIMEDOUT && READ_ONCE(d->w->dirty)))
		return err;
	random_called(d, c, "transact", err, since);
	if (err)
		return err;
	atomic64_add(2, &d->w->steps);
	return x.answer_bytes;
}

/* False: there was no answer, or not to this. */
bool random_exchange(struct random_chan *c, unsigned int ms)
{
	struct random_dev *d = c->d;
	u32 words = some_words(d);
	u64 id = ++c->serial << 8 | 0xff;
	int bytes;

	fill(d->out, words, id);
	bytes = random_ask(c, d->out, 8 * words, ms);
	if (bytes < 0)
		return false;
	atomic64_inc(&d->w->exchanges);
	if (!bytes || intact(d->in, bytes, id))
		return true;
	/* Whatever a host does to packets: this one was made for another question. */
	if (bytes >= 16 && d->in[1] != id && intact(d->in, bytes, d->in[1]))
		random_fail(d->w, random_who(d), "answer to another exchange", id, d->in[1]);
	else
		spoilt(c, "answer with wrong data", id, bytes);
	return false;
}

/* Is a request unanswered? */
bool random_in_flight(const struct random_chan *c)
{
	unsigned int i;

	for (i = 0; i < RANDOM_SLOTS; i++) {
		if (atomic64_read(&c->slot[i]))
			return true;
	}
	return false;
}

/* The rings are new or gone: nothing is in flight. */
void random_forget(struct random_chan *c)
{
	unsigned int i;

	for (i = 0; i < RANDOM_SLOTS; i++)
		atomic64_set(&c->slot[i], 0);
	c->last = 0;
	c->owes = 0;
}
