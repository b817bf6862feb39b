// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of a ring, vmbus/ring.c and vsp/ring_peer.c as they are, on the memory of the model:
 * nobody may wait for ever, every packet arrives once, in order and whole, in every interleaving.
 * Calls search.c. Built and run by ring.sh, also with mutated copies of ring.c (RING_C).
 *
 * A ring of four cells of 1024 bytes, packets of one or two cells. Of a cell two words are seen by
 * the model: its first (a descriptor) and one of the payload. Trailers are kept outside of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>
#include <asm/barrier.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "vmbus/ring.h"
#include "vsp/ring_peer.h"
#include "search.h"

#define CELL	1024u
#define CELLS	4u
#define MARK	16u			/* offset of the payload word that is looked at */
#define PACKETS	5u

enum { WRITE_INDEX, READ_INDEX, MASK, PENDING, FEATURES, HEAD, BODY = HEAD + CELLS };

/* Addresses only: nobody reads or writes here. */
static char control_area[4096] __aligned(4096);
static char data_area[2 * CELL * CELLS] __aligned(4096);

static struct ring_state {
	struct enl_ring_out out;
	struct enl_ring_in in;
	struct vsp_ring host;
	uint64_t trailer[CELLS];
	unsigned int sent, got;
	bool asleep;			/* the receiver has unmasked and waits */
	char flat[2 * CELL];		/* what the receiver reads */
} s;

/* The packets that are sent, without their trailers. */
static char sample[PACKETS][2 * CELL];

/* A run of one scenario. */
static struct {
	unsigned int packets;		/* to be sent */
	unsigned int cells[PACKETS];	/* of each */
	unsigned int batch;		/* publications of the guest, commits of the receiver */
} plan;

static unsigned int control_word(const volatile void *p)
{
	unsigned long at = (const volatile char *)p - control_area;

	return at == 64 ? FEATURES : at / 4;
}

static bool in_control(const volatile void *p)
{
	unsigned long at = (unsigned long)p - (unsigned long)control_area;

	return at < sizeof(control_area);
}

static bool in_data(const volatile void *p)
{
	unsigned long at = (unsigned long)p - (unsigned long)data_area;

	return at < sizeof(data_area);
}

static uint64_t any_load(const volatile void *p, unsigned int bytes, enum order order)
{
	uint64_t value = 0;

	if (in_control(p))
		return model_load(control_word(p), order);
	if (in_data(p))
		return model_load(HEAD + ((unsigned long)p - (unsigned long)data_area) / CELL %
				  CELLS, order);
	__builtin_memcpy(&value, (const void *)p, bytes);
	return value;
}

/* A copy into the ring, or out of it. */
static void ring_copy(const char *ring, char *flat, size_t bytes, bool to_ring)
{
	size_t first = ring - data_area, at;

	for (at = (first + 7) & ~7ul; at + 8 <= first + bytes; at += 8) {
		unsigned int cell = at / CELL % CELLS;
		char *here = flat + (at - first);
		uint64_t value = 0;

		if (at % CELL == CELL - 8) {
			if (to_ring)
				__builtin_memcpy(&s.trailer[cell], here, 8);
			else
				__builtin_memcpy(here, &s.trailer[cell], 8);
		} else if (at % CELL == 0 || at % CELL == MARK) {
			unsigned int word = (at % CELL ? BODY : HEAD) + cell;

			__builtin_memcpy(&value, here, to_ring ? 8 : 0);
			if (to_ring)
				model_store(word, value, RELAXED);
			else
				value = model_load(word, RELAXED);
			__builtin_memcpy(here, &value, 8);
		}
	}
}

static void *any_copy(void *to, const void *from, size_t bytes)
{
	if (in_data(to))
		ring_copy(to, (char *)from, bytes, true);
	else if (in_data(from))
		ring_copy(from, to, bytes, false);
	else
		__builtin_memcpy(to, from, bytes);
	return to;
}

static void *any_set(void *to, int value, size_t bytes)
{
	if (!in_data(to) && !in_control(to))
		__builtin_memset(to, value, bytes);
	return to;
}

/* --- the guest's end */

#undef READ_ONCE
#undef WRITE_ONCE
#undef virt_mb
#undef virt_rmb
#undef virt_store_release
#undef virt_load_acquire
#define READ_ONCE(x) ((__typeof__(x))any_load(&(x), sizeof(x), RELAXED))
#define WRITE_ONCE(x, value) model_store(control_word(&(x)), value, RELAXED)
#define virt_mb() model_full_barrier()
#define virt_rmb() model_read_barrier()
#define virt_store_release(p, value) model_store(control_word(p), value, RELEASE)
#define virt_load_acquire(p) ((__typeof__(*(p)))any_load(p, sizeof(*(p)), ACQUIRE))
#define memcpy any_copy
#define memset any_set
#ifndef RING_C
#define RING_C "vmbus/ring.c"
#endif
#include RING_C
#undef memcpy
#undef memset

/* --- the host's end; no more of a barrier than the protocol needs */

#define advance host_advance
#define vsp_load32(p) ((__u32)any_load(p, 4, ACQUIRE))
#define vsp_store32(p, value) model_store(control_word(p), value, RELEASE)
#define vsp_barrier() model_full_barrier()
#define __builtin_memcpy any_copy
#include "vsp/ring_peer.c"
#undef __builtin_memcpy

/* --- programs */

static unsigned int total(unsigned int packet)
{
	return plan.cells[packet] * CELL;
}

/* A packet whose bytes say which it is, without the trailer. */
static void make(unsigned int packet)
{
	char *flat = sample[packet];
	struct enl_packet_desc desc = {
		.type = ENL_PACKET_INBAND, .offset8 = 2, .length8 = (total(packet) - 8) / 8,
	};
	unsigned int cell;

	desc.transaction_id = packet + 1;
	memcpy(flat, &desc, sizeof(desc));
	for (cell = 0; cell < plan.cells[packet]; cell++) {
		uint64_t mark = packet + 1;

		if (cell)
			memcpy(flat + cell * CELL, &mark, 8);
		memcpy(flat + cell * CELL + MARK, &mark, 8);
	}
}

static void received(unsigned int bytes)
{
	unsigned int cell;
	uint64_t mark;

	if (s.got == plan.packets)
		model_fail("more packets than were sent");
	if (bytes != total(s.got) - 8)
		model_fail("a packet of the wrong length");
	for (cell = 0; cell < plan.cells[s.got]; cell++) {
		memcpy(&mark, s.flat + cell * CELL + MARK, 8);
		if (mark != s.got + 1)
			model_fail("a packet with bytes of another one");
	}
	s.got++;
}

static uint64_t here(unsigned int place)
{
	uint64_t h = memory_mix(place, s.sent * 8 + s.got);

	h = memory_mix(h, (uint64_t)s.out.write << 32 | s.out.published | s.out.waiting);
	h = memory_mix(h, (uint64_t)s.in.read << 32 | s.in.committed);
	h = memory_mix(h, (uint64_t)s.in.seen << 32 | s.asleep);
	h = memory_mix(h, (uint64_t)s.host.index << 32 | s.host.published);
	return memory_mix(h, (uint64_t)s.host.mask << 32 | s.host.pending);
}

static void guest_sends(void)
{
	unsigned int held = 0;
	int err;

	while (s.sent < plan.packets) {
		struct enl_ring_piece pieces[2] = {
			{ sample[s.sent], 16 }, { sample[s.sent] + 16, total(s.sent) - 24 },
		};

		model_here(here(1 + held));
		err = enl_ring_write(&s.out, pieces, 2);
		if (err && err != -EAGAIN)
			model_fail("a write that was refused for good");
		if (!err) {
			enl_ring_room_done(&s.out);
			s.sent++;
			held++;
		}
		if (err || held == plan.batch || s.sent == plan.packets) {
			held = 0;
			if (enl_ring_publish(&s.out))
				model_signal();
		}
		if (!err)
			continue;
		model_here(here(100));
		if (!enl_ring_want_room(&s.out, total(s.sent)))
			model_wait();
	}
}

static bool ring_broken(enum vsp_ring_result r)
{
	if (r > VSP_RING_FULL)
		model_fail("the host found the ring broken");
	return false;
}

static void host_commits(void)
{
	bool wake;

	if (!ring_broken(vsp_ring_commit(&s.host, &wake)) && wake)
		model_signal();
}

static void host_goes_to_sleep(void)
{
	host_commits();
	vsp_ring_mask(&s.host, false);
	s.asleep = vsp_ring_has_data(&s.host) != VSP_RING_OK;
	if (!s.asleep)
		vsp_ring_mask(&s.host, true);
}

static void host_reads(void)
{
	unsigned int batch = 0;

	for (;;) {
		enum vsp_ring_result r;
		__u32 bytes;

		model_here(here(200 + batch));
		if (s.asleep) {
			model_wait();
			vsp_ring_mask(&s.host, true);
			s.asleep = false;
		}
		model_eat_signal();
		r = vsp_ring_read(&s.host, s.flat, sizeof(s.flat), &bytes);
		if (r == VSP_RING_OK) {
			received(bytes);
			if (++batch == plan.batch)
				host_commits();
			batch %= plan.batch;
		} else if (!ring_broken(r)) {
			batch = 0;
			host_goes_to_sleep();
		}
	}
}

/* False: the ring was full, and the guest was asked to say when it is not. */
static bool host_reserves(unsigned int bytes)
{
	enum vsp_ring_result r = vsp_ring_room(&s.host, bytes);

	if (r == VSP_RING_FULL)
		r = vsp_ring_want(&s.host, bytes);
	ring_broken(r);
	return r == VSP_RING_OK;
}

static void host_sends(void)
{
	while (s.sent < plan.packets) {
		unsigned int bytes = total(s.sent) - 8;
		bool wake;

		model_here(here(300));
		if (!host_reserves(bytes)) {
			do {
				model_here(here(301));
				model_wait();
			} while (vsp_ring_room(&s.host, bytes) == VSP_RING_FULL);
			vsp_ring_unwant(&s.host);
		}
		model_here(here(302));
		ring_broken(vsp_ring_write(&s.host, sample[s.sent], bytes, &wake));
		s.sent++;
		if (wake)
			model_signal();
	}
}

static void guest_commits(void)
{
	if (enl_ring_commit(&s.in))
		model_signal();
}

static void guest_drains(void)
{
	unsigned int batch = 0;
	int n;

	do {
		model_here(here(400 + batch));
		n = enl_ring_read(&s.in, s.flat, sizeof(s.flat));
		if (n < 0)
			model_fail("the guest found the ring broken");
		if (n)
			received(n);
		if (n && ++batch == plan.batch) {
			guest_commits();
			batch = 0;
		}
	} while (n);
	guest_commits();
}

static void guest_reads(void)
{
	for (;;) {
		bool more = true;

		while (more) {
			enl_ring_mask(&s.in);
			guest_drains();
			model_here(here(500));
			more = enl_ring_unmask(&s.in);
		}
		s.asleep = true;
		model_here(here(501));
		model_wait();
		s.asleep = false;
	}
}

/* --- scenarios */

static void *map(void *context, __u64 pfn)
{
	(void)context;
	return pfn ? data_area : control_area;
}

static void begin(bool guest_is_sender)
{
	static const struct vsp_binding binding = { .map = map };
	static const __u64 pfns[2] = { 0, 1 };
	struct enl_ring_out out;
	struct enl_ring_in in;

	memset(&s, 0, sizeof(s));
	enl_ring_init(&s.out, control_area, data_area, CELL * CELLS,
		      &in, control_area, data_area, CELL * CELLS);
	enl_ring_init(&out, control_area, data_area, CELL * CELLS,
		      &s.in, control_area, data_area, CELL * CELLS);
	if (vsp_ring_attach(&s.host, &binding, pfns, 2, !guest_is_sender))
		abort();
	s.in.host_blocks = true;
}

static void begin_guest_sends(void)
{
	begin(true);
}

static void begin_host_sends(void)
{
	begin(false);
}

static bool all_arrived(void)
{
	return s.sent == plan.packets && s.got == plan.packets;
}

static const struct model down = {
	.name = "guest sends", .begin = begin_guest_sends, .run = { guest_sends, host_reads },
	.complete = all_arrived, .state = &s, .bytes = sizeof(s),
};

static const struct model up = {
	.name = "host sends", .begin = begin_host_sends, .run = { guest_reads, host_sends },
	.complete = all_arrived, .state = &s, .bytes = sizeof(s),
};

/* Packets by their cells, "1121", and the batch. */
static bool run(const struct model *m, const char *cells, unsigned int batch)
{
	struct result r;
	unsigned int i;
	bool ok;

	for (plan.packets = 0; cells[plan.packets]; plan.packets++)
		plan.cells[plan.packets] = cells[plan.packets] - '0';
	for (i = 0; i < plan.packets; i++)
		make(i);
	plan.batch = batch;
	ok = search(m, &r);
	printf("%s %s, packets of %s cells, batches of %u: %lu states, %lu transitions\n",
	       ok ? "ok  " : "FAIL", m->name, cells, batch, r.states, r.transitions);
	fflush(stdout);
	return ok;
}

/* An argument names the only direction to run: what a mutant of the other half needs not repeat. */
int main(int argc, char **argv)
{
	static const struct {
		const struct model *m;
		const char *cells;
		unsigned int batch;
	} scenarios[] = {
		{ &down, "111", 1 }, { &down, "1111", 1 }, { &down, "2122", 1 },
		{ &down, "2212", 2 }, { &down, "11111", 3 },
		{ &up, "111", 1 }, { &up, "1111", 1 }, { &up, "2122", 1 },
		{ &up, "1211", 2 }, { &up, "1111", 3 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scenarios); i++) {
		if (argc > 1 && strcmp(scenarios[i].m->name, argv[1]))
			continue;
		if (!run(scenarios[i].m, scenarios[i].cells, scenarios[i].batch))
			return 1;
	}
	return 0;
}
