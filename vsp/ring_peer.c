// SPDX-License-Identifier: GPL-2.0-only
/*
 * The far end of a ring: the host's rules for reading, writing, signalling; checks of the guest.
 * Written from the specification (chapter 8) alone, without a look at the guest's ring.
 * Calls the binding's page map only; called by vsp/io.c and by ring tests.
 *
 * The signal rule after reading is used in the form of the other hosts (free space less 8, sizes
 * rounded down to 8), not in the one that the specification recommends to guests. Two readings
 * that must agree are worth more than one.
 */
#include "vsp/ring_peer.h"

#define AT_WRITE	0u
#define AT_READ		4u
#define AT_MASK		8u
#define AT_PENDING	12u
#define AT_FEATURES	64u

#define LEAST_PACKET	((__u32)sizeof(struct enl_packet_desc))
#define TRAILER		((__u32)sizeof(struct enl_packet_trailer))

static void *control_page(const struct vsp_ring *r)
{
	return r->binding->map(r->binding->context, r->pfns[0]);
}

/* Copies between a flat buffer and the data area from @at on, page by page, around the end. */
static bool copy(const struct vsp_ring *r, __u32 at, void *flat, __u32 bytes, bool to_ring)
{
	__u8 *p = flat;

	while (bytes) {
		__u32 in_page = at % ENL_HVPAGE_SIZE;
		__u32 n = ENL_HVPAGE_SIZE - in_page;
		__u8 *page = r->binding->map(r->binding->context,
					     r->pfns[1 + at / ENL_HVPAGE_SIZE]);

		if (!page)
			return false;
		if (n > bytes)
			n = bytes;
		if (to_ring)
			__builtin_memcpy(page + in_page, p, n);
		else
			__builtin_memcpy(p, page + in_page, n);
		p += n;
		bytes -= n;
		at += n;
		if (at == r->data_bytes)
			at = 0;
	}
	return true;
}

static bool index_ok(const struct vsp_ring *r, __u32 index)
{
	return index < r->data_bytes && index % 8 == 0;
}

static __u32 distance(const struct vsp_ring *r, __u32 from, __u32 to)
{
	return to >= from ? to - from : r->data_bytes - from + to;
}

static __u32 advance(const struct vsp_ring *r, __u32 index, __u32 bytes)
{
	__u64 next = (__u64)index + bytes;

	return next >= r->data_bytes ? (__u32)(next - r->data_bytes) : (__u32)next;
}

/*
 * Takes over one direction. The first page of @pfns is the control page. For a ring that the host
 * receives from, the host asks for no signals until it starts to read; in the one it sends on it
 * announces that it understands pending send sizes.
 */
enum vsp_ring_result vsp_ring_attach(struct vsp_ring *r, const struct vsp_binding *binding,
				     const __u64 *pfns, __u32 pages, bool host_sends)
{
	__u8 *c;

	__builtin_memset(r, 0, sizeof(*r));
	r->binding = binding;
	r->pfns = pfns;
	r->data_bytes = (pages - 1) * ENL_HVPAGE_SIZE;
	r->host_sends = host_sends;
	c = control_page(r);
	if (!c)
		return VSP_RING_UNMAPPED;
	r->guest_bit = vsp_load32(c + AT_FEATURES) & ENL_RING_FEATURE_PENDING_SIZE;
	if (host_sends)
		vsp_store32(c + AT_FEATURES, ENL_RING_FEATURE_PENDING_SIZE);
	else
		return vsp_ring_mask(r, true);
	return VSP_RING_OK;
}

/* True if the guest initialised the control page as it must before OPEN. Call before attaching. */
bool vsp_ring_is_clean(const struct vsp_ring *r)
{
	const __u8 *c = control_page(r);
	__u32 features;
	__u32 i;

	if (!c)
		return false;
	features = vsp_load32(c + AT_FEATURES);
	if (r->host_sends ? features > ENL_RING_FEATURE_PENDING_SIZE :
			    features != ENL_RING_FEATURE_PENDING_SIZE)
		return false;
	for (i = 0; i < ENL_HVPAGE_SIZE; i += 4) {
		/* a stray interrupt before OPEN lets the guest mask the ring that it reads */
		if (i != AT_FEATURES && !(r->host_sends && i == AT_MASK) && vsp_load32(c + i))
			return false;
	}
	return true;
}

/* Fields that are the host's must hold what the host wrote last. */
enum vsp_ring_result vsp_ring_check_owner(const struct vsp_ring *r)
{
	const __u8 *c = control_page(r);

	if (!c)
		return VSP_RING_UNMAPPED;
	if (r->host_sends) {
		if (vsp_load32(c + AT_WRITE) != r->published ||
		    vsp_load32(c + AT_PENDING) != r->pending)
			return VSP_RING_BAD_OWNER;
	} else if (vsp_load32(c + AT_READ) != r->published || vsp_load32(c + AT_MASK) != r->mask) {
		return VSP_RING_BAD_OWNER;
	}
	return VSP_RING_OK;
}

/* Bytes that the sender published and we did not read yet. */
static enum vsp_ring_result readable(const struct vsp_ring *r, __u32 *bytes)
{
	const __u8 *c = control_page(r);
	__u32 w;

	if (!c)
		return VSP_RING_UNMAPPED;
	w = vsp_load32(c + AT_WRITE);
	if (!index_ok(r, w))
		return VSP_RING_BAD_INDEX;
	*bytes = distance(r, r->index, w);
	return *bytes ? VSP_RING_OK : VSP_RING_EMPTY;
}

static enum vsp_ring_result check_descriptor(const struct enl_packet_desc *d)
{
	__u32 offset = __le16_to_cpu(d->offset8) * 8u;
	__u32 length = __le16_to_cpu(d->length8) * 8u;

	switch (__le16_to_cpu(d->type)) {
	case ENL_PACKET_INBAND:
	case ENL_PACKET_COMPLETION:
		break;
	case ENL_PACKET_GPA_DIRECT:
		if (offset < LEAST_PACKET + sizeof(struct enl_gpa_direct))
			return VSP_RING_BAD_OFFSET;
		break;
	default:
		return VSP_RING_BAD_TYPE;
	}
	if (__le16_to_cpu(d->flags) & ~ENL_PACKET_WANTS_COMPLETION)
		return VSP_RING_BAD_FLAGS;
	if (__le16_to_cpu(d->type) == ENL_PACKET_COMPLETION && d->flags)
		return VSP_RING_BAD_FLAGS;
	return offset >= LEAST_PACKET && offset <= length ? VSP_RING_OK : VSP_RING_BAD_OFFSET;
}

/**
 * vsp_ring_read - copy out the next packet, descriptor first, without its trailer
 * @r: a ring that the host receives from
 * @packet: where to
 * @room: bytes there
 * @bytes: length of the packet
 *
 * The read index stays unpublished until vsp_ring_commit().
 */
enum vsp_ring_result vsp_ring_read(struct vsp_ring *r, void *packet, __u32 room, __u32 *bytes)
{
	struct enl_packet_trailer trailer;
	struct enl_packet_desc desc;
	enum vsp_ring_result result;
	__u32 available, length;

	result = readable(r, &available);
	if (result)
		return result;
	if (available < LEAST_PACKET + TRAILER)
		return VSP_RING_BAD_LENGTH;
	if (!copy(r, r->index, &desc, sizeof(desc), false))
		return VSP_RING_UNMAPPED;
	length = __le16_to_cpu(desc.length8) * 8u;
	if (length < LEAST_PACKET || length + TRAILER > available || length > room)
		return VSP_RING_BAD_LENGTH;
	result = check_descriptor(&desc);
	if (result)
		return result;
	if (!copy(r, r->index, packet, length, false) ||
	    !copy(r, advance(r, r->index, length), &trailer, sizeof(trailer), false))
		return VSP_RING_UNMAPPED;
	if (trailer.reserved || __le32_to_cpu(trailer.packet_offset) != r->index)
		return VSP_RING_BAD_TRAILER;
	__builtin_memcpy(packet, &desc, sizeof(desc));
	r->index = advance(r, r->index, length + TRAILER);
	*bytes = length;
	return VSP_RING_OK;
}

/**
 * vsp_ring_commit - publish what was read, once for a batch
 * @r: a ring that the host receives from
 * @wake: set if the guest waits for room and this batch is the one that made enough of it, or if
 *	the guest never said that it can wait (then it is told each time)
 */
enum vsp_ring_result vsp_ring_commit(struct vsp_ring *r, bool *wake)
{
	__u32 before, after, want, w;
	__u32 old = r->published;
	__u8 *c = control_page(r);

	*wake = false;
	if (!c)
		return VSP_RING_UNMAPPED;
	if (old == r->index)
		return VSP_RING_OK;
	vsp_store32(c + AT_READ, r->index);
	r->published = r->index;
	/* pairs with the guest's barrier between its pending size and its look at our index */
	vsp_barrier();
	if (!r->guest_bit) {
		*wake = true;
		return VSP_RING_OK;
	}
	want = vsp_load32(c + AT_PENDING) & ~7u;
	if (!want)
		return VSP_RING_OK;
	w = vsp_load32(c + AT_WRITE);
	if (!index_ok(r, w))
		return VSP_RING_BAD_INDEX;
	if (want >= r->data_bytes)
		want = r->data_bytes - 8;
	after = r->data_bytes - distance(r, r->index, w) - 8;
	before = after - distance(r, old, r->index);
	*wake = (__s32)before < (__s32)want && (__s32)after >= (__s32)want;
	return VSP_RING_OK;
}

enum vsp_ring_result vsp_ring_mask(struct vsp_ring *r, bool masked)
{
	__u8 *c = control_page(r);

	if (!c)
		return VSP_RING_UNMAPPED;
	r->mask = masked;
	vsp_store32(c + AT_MASK, masked);
	/* pairs with the guest's barrier between its write index and its look at our mask */
	vsp_barrier();
	return VSP_RING_OK;
}

/* VSP_RING_OK: there is something to read. */
enum vsp_ring_result vsp_ring_has_data(const struct vsp_ring *r)
{
	__u32 bytes;

	return readable(r, &bytes);
}

/* VSP_RING_OK: a packet of @bytes (with descriptor, without trailer) fits. */
enum vsp_ring_result vsp_ring_room(const struct vsp_ring *r, __u32 bytes)
{
	const __u8 *c = control_page(r);
	__u32 need = (bytes + 7) / 8 * 8 + TRAILER;
	__u32 read;

	if (!c)
		return VSP_RING_UNMAPPED;
	read = vsp_load32(c + AT_READ);
	if (!index_ok(r, read))
		return VSP_RING_BAD_INDEX;
	/* never the last byte: a full ring would look empty */
	return r->data_bytes - distance(r, read, r->index) > need ? VSP_RING_OK : VSP_RING_FULL;
}

/**
 * vsp_ring_write - write the bytes of one packet as they are, and a trailer
 * @r: a ring that the host sends on
 * @packet: descriptor first; nothing in it is checked
 * @bytes: a multiple of 8
 * @wake: set if the ring was empty and the guest wants to hear of it
 */
enum vsp_ring_result vsp_ring_write(struct vsp_ring *r, const void *packet, __u32 bytes,
				    bool *wake)
{
	struct enl_packet_trailer trailer = { 0 };
	enum vsp_ring_result result = vsp_ring_room(r, bytes);
	__u8 *c = control_page(r);
	__u32 old = r->index;

	*wake = false;
	if (result)
		return result;
	trailer.packet_offset = __cpu_to_le32(old);
	if (r->garbage_trailers)
		__builtin_memset(&trailer, 0xa5, sizeof(trailer));
	if (!copy(r, old, (void *)packet, bytes, true) ||
	    !copy(r, advance(r, old, bytes), &trailer, sizeof(trailer), true))
		return VSP_RING_UNMAPPED;
	r->index = advance(r, old, bytes + TRAILER);
	vsp_store32(c + AT_WRITE, r->index);
	r->published = r->index;
	/* pairs with the guest's barrier between its unmasking and its second look for data */
	vsp_barrier();
	*wake = !vsp_load32(c + AT_MASK) && vsp_load32(c + AT_READ) == old;
	return VSP_RING_OK;
}

/*
 * Ask the guest for a signal once a packet of @bytes fits, or a quarter of the ring if that is
 * more.
 * VSP_RING_OK: there is room by now, nothing was asked. VSP_RING_FULL: the signal will come.
 */
enum vsp_ring_result vsp_ring_want(struct vsp_ring *r, __u32 bytes)
{
	__u32 want = (bytes + 7) / 8 * 8 + TRAILER;
	enum vsp_ring_result result;
	__u8 *c = control_page(r);

	if (!c)
		return VSP_RING_UNMAPPED;
	if (want < r->data_bytes / 4)
		want = r->data_bytes / 4 / 8 * 8;
	r->pending = want;
	vsp_store32(c + AT_PENDING, want);
	vsp_barrier();
	result = vsp_ring_room(r, bytes);
	if (result == VSP_RING_OK)
		return vsp_ring_unwant(r);
	return result;
}

enum vsp_ring_result vsp_ring_unwant(struct vsp_ring *r)
{
	__u8 *c = control_page(r);

	if (!c)
		return VSP_RING_UNMAPPED;
	r->pending = 0;
	vsp_store32(c + AT_PENDING, 0);
	return VSP_RING_OK;
}

/* A word of the control page (@offset below 4096) or of the data behind it, as a bad host would. */
enum vsp_ring_result vsp_ring_poke(struct vsp_ring *r, __u32 offset, __u32 value)
{
	__u8 *page = r->binding->map(r->binding->context, r->pfns[offset / ENL_HVPAGE_SIZE]);

	if (!page)
		return VSP_RING_UNMAPPED;
	vsp_store32(page + offset % ENL_HVPAGE_SIZE / 4 * 4, value);
	return VSP_RING_OK;
}

__u32 vsp_ring_peek(const struct vsp_ring *r, __u32 offset)
{
	const __u8 *page = r->binding->map(r->binding->context, r->pfns[offset / ENL_HVPAGE_SIZE]);

	return page ? vsp_load32(page + offset % ENL_HVPAGE_SIZE / 4 * 4) : 0;
}
