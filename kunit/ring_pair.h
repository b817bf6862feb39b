/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring pair in plain memory with vmbus/ring.c at one end and vsp/ring_peer.c at the other.
 * Pure; calls both ends. Used by the ring tests, in the kernel and as programs.
 * Nothing maps the data twice here: ring_pair_mirror_*() copies instead, before it would be seen.
 */
#ifndef KUNIT_RING_PAIR_H
#define KUNIT_RING_PAIR_H

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "vmbus/ring.h"
#include "vsp/ring_peer.h"

#define RING_PAIR_PAGES	64u	/* data pages at most, each direction */

/**
 * struct ring_pair - both directions of a channel
 * @bytes: data bytes of each direction; a multiple of 4096 if the host's ends are used
 * @out: guest-to-host, the guest's end
 * @in: host-to-guest, the guest's end
 * @host_in: guest-to-host, the host's end
 * @host_out: host-to-guest, the host's end
 */
struct ring_pair {
	u32 bytes;
	struct enl_ring_out out;
	struct enl_ring_in in;
	struct vsp_ring host_in, host_out;
	/* private: */
	struct vsp_binding binding;
	u8 *memory[2];			/* control page, data, and the mirror of the data */
	u64 pfns[2][1 + RING_PAIR_PAGES];
};

struct ring_pair *ring_pair_create(struct kunit *test, u32 bytes);
void ring_pair_attach(struct kunit *test, struct ring_pair *p);
void ring_pair_mirror_out(struct ring_pair *p);
void ring_pair_mirror_in(struct ring_pair *p);
int ring_pair_write(struct ring_pair *p, u32 payload, u8 fill);
void ring_pair_put(struct ring_pair *p, u32 at, const void *bytes, u32 count);
void ring_pair_frame(struct ring_pair *p, u32 at, u16 offset8, u16 length8);

static inline void ring_pair_set(__le32 *word, u32 value)
{
	*word = cpu_to_le32(value);
}

static inline u32 ring_pair_get(__le32 word)
{
	return le32_to_cpu(word);
}

#endif
