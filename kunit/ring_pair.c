// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of a ring pair over plain memory, and packets to put into it.
 * Pure; calls vmbus/ring.c and vsp/ring_peer.c. Called by the ring tests.
 */
#include "kunit/ring_pair.h"

#define FIRST_PFN	0x1000u
#define PFN_STEP	0x1000u

static void *map(void *context, __u64 pfn)
{
	struct ring_pair *p = context;
	u32 side = (u32)pfn / PFN_STEP - FIRST_PFN / PFN_STEP;
	u32 page = (u32)pfn % PFN_STEP;

	if (side > 1 || page > p->bytes / ENL_HVPAGE_SIZE)
		return NULL;
	return p->memory[side] + page * ENL_HVPAGE_SIZE;
}

/* A pair that was just initialised by the guest; no host yet. Freed with the test. */
struct ring_pair *ring_pair_create(struct kunit *test, u32 bytes)
{
	struct ring_pair *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	u32 side, i;

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->bytes = bytes;
	for (side = 0; side < 2; side++) {
		p->memory[side] = kunit_kzalloc(test, ENL_HVPAGE_SIZE + 2 * bytes, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p->memory[side]);
		/* what the pages held before must not matter */
		memset(p->memory[side], 0xe7, ENL_HVPAGE_SIZE + 2 * bytes);
		for (i = 0; i <= RING_PAIR_PAGES; i++)
			p->pfns[side][i] = FIRST_PFN + side * PFN_STEP + i;
	}
	p->binding = (struct vsp_binding){ .context = p, .map = map };
	enl_ring_init(&p->out, p->memory[0], p->memory[0] + ENL_HVPAGE_SIZE, bytes,
		      &p->in, p->memory[1], p->memory[1] + ENL_HVPAGE_SIZE, bytes);
	return p;
}

/* The host opens the channel; the guest then reads the host's feature bit. */
void ring_pair_attach(struct kunit *test, struct ring_pair *p)
{
	u32 pages = 1 + p->bytes / ENL_HVPAGE_SIZE;

	KUNIT_ASSERT_LE(test, pages, 1 + RING_PAIR_PAGES);
	KUNIT_ASSERT_EQ(test, (int)vsp_ring_attach(&p->host_in, &p->binding, p->pfns[0], pages,
						   false), (int)VSP_RING_OK);
	KUNIT_ASSERT_EQ(test, (int)vsp_ring_attach(&p->host_out, &p->binding, p->pfns[1], pages,
						   true), (int)VSP_RING_OK);
	p->in.host_blocks = ring_pair_get(p->in.control->feature_bits) &
			    ENL_RING_FEATURE_PENDING_SIZE;
}

/* The guest wrote: what ran over the end stands at the start, too. */
void ring_pair_mirror_out(struct ring_pair *p)
{
	u8 *data = p->out.data;

	/* all that is there belongs to packets that wrapped, or is older than the start is */
	memcpy(data, data + p->bytes, p->out.write);
}

/* The host wrote: the guest sees it behind the end, too. */
void ring_pair_mirror_in(struct ring_pair *p)
{
	memcpy(p->in.data + p->bytes, p->in.data, p->bytes);
}

/* One in-band packet of @payload bytes of @fill from the guest, not published. */
int ring_pair_write(struct ring_pair *p, u32 payload, u8 fill)
{
	struct enl_packet_desc desc = {
		.type = cpu_to_le16(ENL_PACKET_INBAND),
		.offset8 = cpu_to_le16(2),
		.length8 = cpu_to_le16((16 + payload + 7) / 8),
		.transaction_id = cpu_to_le64(fill),
	};
	static u8 bytes[RING_PAIR_PAGES * ENL_HVPAGE_SIZE];
	struct enl_ring_piece pieces[2] = {
		{ &desc, sizeof(desc) },
		{ bytes, payload },
	};
	u32 old = p->out.write;
	int err;

	memset(bytes, fill, payload);
	err = enl_ring_write(&p->out, pieces, 2);
	if (!err && p->out.write < old)
		ring_pair_mirror_out(p);
	return err;
}

/* Bytes in the ring to the guest, at ring offset @at, around the end; in both mappings. */
void ring_pair_put(struct ring_pair *p, u32 at, const void *bytes, u32 count)
{
	const u8 *from = bytes;
	u32 i;

	for (i = 0; i < count; i++) {
		u32 k = (at + i) % p->bytes;

		p->in.data[k] = from[i];
		p->in.data[p->bytes + k] = from[i];
	}
}

/* A descriptor in the ring to the guest. */
void ring_pair_frame(struct ring_pair *p, u32 at, u16 offset8, u16 length8)
{
	struct enl_packet_desc desc = {
		.type = cpu_to_le16(ENL_PACKET_INBAND),
		.offset8 = cpu_to_le16(offset8),
		.length8 = cpu_to_le16(length8),
		.transaction_id = cpu_to_le64(0x1122334455667788ull),
	};

	ring_pair_put(p, at, &desc, sizeof(desc));
}
