/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The far end of a ring, over a list of pages that need not be neighbours.
 * Uses the page map of a binding and nothing else of the model, so ring tests can take it alone.
 * Used by the model's packet layer and by the tests of the guest's ring.
 */
#ifndef VSP_RING_PEER_H
#define VSP_RING_PEER_H

#include "vsp/vsp.h"

/* What can be wrong; everything above VSP_RING_FULL is the guest's fault. */
enum vsp_ring_result {
	VSP_RING_OK,
	VSP_RING_EMPTY,
	VSP_RING_FULL,
	VSP_RING_BAD_INDEX,
	VSP_RING_BAD_LENGTH,
	VSP_RING_BAD_OFFSET,
	VSP_RING_BAD_TYPE,
	VSP_RING_BAD_FLAGS,
	VSP_RING_BAD_TRAILER,
	VSP_RING_BAD_OWNER,
	VSP_RING_UNMAPPED,
};

/**
 * struct vsp_ring - one direction of a channel, seen from the host
 * @binding: for the page map
 * @pfns: page numbers: the control page, then the data pages
 * @data_bytes: size of the data area
 * @host_sends: the host is the sender (host-to-guest ring)
 * @garbage_trailers: write trailers that tell nothing
 * @index: the host's own index: read so far, or written so far
 * @published: the value of it that stands in the control page
 * @mask: what the host wrote as interrupt mask (receiver)
 * @pending: what the host wrote as pending send size (sender)
 * @guest_bit: guest's feature bit, taken when the ring was attached
 */
struct vsp_ring {
	const struct vsp_binding *binding;
	const __u64 *pfns;
	__u32 data_bytes;
	bool host_sends;
	bool garbage_trailers;
	__u32 index;
	__u32 published;
	__u32 mask;
	__u32 pending;
	bool guest_bit;
};

/* The full barrier of the protocol; every other one is weaker and costs nothing here. */
static inline void vsp_barrier(void)
{
	__sync_synchronize();
}

static inline __u32 vsp_load32(const volatile void *p)
{
	__u32 value = __le32_to_cpu(*(const volatile __le32 *)p);

	vsp_barrier();
	return value;
}

static inline void vsp_store32(volatile void *p, __u32 value)
{
	vsp_barrier();
	*(volatile __le32 *)p = __cpu_to_le32(value);
}

enum vsp_ring_result vsp_ring_attach(struct vsp_ring *r, const struct vsp_binding *binding,
				     const __u64 *pfns, __u32 pages, bool host_sends);
bool vsp_ring_is_clean(const struct vsp_ring *r);
enum vsp_ring_result vsp_ring_check_owner(const struct vsp_ring *r);

/* Receiver. */
enum vsp_ring_result vsp_ring_read(struct vsp_ring *r, void *packet, __u32 room, __u32 *bytes);
enum vsp_ring_result vsp_ring_commit(struct vsp_ring *r, bool *wake);
enum vsp_ring_result vsp_ring_mask(struct vsp_ring *r, bool masked);
enum vsp_ring_result vsp_ring_has_data(const struct vsp_ring *r);

/* Sender. */
enum vsp_ring_result vsp_ring_write(struct vsp_ring *r, const void *packet, __u32 bytes,
				    bool *wake);
enum vsp_ring_result vsp_ring_room(const struct vsp_ring *r, __u32 bytes);
enum vsp_ring_result vsp_ring_want(struct vsp_ring *r, __u32 bytes);
enum vsp_ring_result vsp_ring_unwant(struct vsp_ring *r);

/* Misbehaviour. */
enum vsp_ring_result vsp_ring_poke(struct vsp_ring *r, __u32 offset, __u32 value);
__u32 vsp_ring_peek(const struct vsp_ring *r, __u32 offset);

#endif
