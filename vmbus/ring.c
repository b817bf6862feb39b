// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ring arithmetic, copying, and the decisions to signal (VMBus specification, chapter 8).
 * Calls nothing of the suite. Called by packet.c, event.c and channel.c; the caller serialises.
 * Every shared word is read once, checked, and only the checked copy is used.
 */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include "ring.h"

static u32 shared_load(const __le32 *word)
{
	return le32_to_cpu(READ_ONCE(*word));
}

static void shared_store(__le32 *word, u32 value)
{
	WRITE_ONCE(*word, cpu_to_le32(value));
}

static bool index_valid(u32 index, u32 bytes)
{
	return index < bytes && !(index & 7);
}

static u32 advance(u32 index, u32 by, u32 bytes)
{
	index += by;
	return index >= bytes ? index - bytes : index;
}

/**
 * enl_ring_used() - bytes between two indices of one ring
 * @write: write index, below @bytes
 * @read: read index, below @bytes
 * @bytes: size of the data area
 *
 * Return: bytes that are filled; equal indices mean empty (chapter 8.4).
 */
u32 enl_ring_used(u32 write, u32 read, u32 bytes)
{
	return write >= read ? write - read : bytes - read + write;
}

/**
 * enl_ring_packet_bytes() - what a packet occupies in the ring
 * @payload_and_headers: bytes from the descriptor to the end of the payload
 *
 * Return: that, padded to 8, plus the trailer.
 */
u32 enl_ring_packet_bytes(u32 payload_and_headers)
{
	return ((payload_and_headers + 7) & ~7u) + ENL_PACKET_TRAILER;
}

/**
 * enl_ring_init() - start both halves from empty (chapter 8.2)
 * @out: guest-to-host half
 * @out_control: its control page, already zeroed or about to be overwritten here
 * @out_data: its data, mapped twice
 * @out_bytes: size of its data area
 * @in: host-to-guest half
 * @in_control: likewise
 * @in_data: likewise
 * @in_bytes: likewise
 *
 * Must run after the memory was shared with the host and before OPEN is posted: from then on
 * the host owns parts of these pages.
 */
void enl_ring_init(struct enl_ring_out *out, void *out_control, void *out_data, u32 out_bytes,
		   struct enl_ring_in *in, void *in_control, void *in_data, u32 in_bytes)
{
	memset(out_control, 0, sizeof(struct enl_ring_control));
	memset(in_control, 0, sizeof(struct enl_ring_control));
	*out = (struct enl_ring_out){
		.control = out_control, .data = out_data, .bytes = out_bytes,
		.fault = ENL_FAULT_NONE,
	};
	*in = (struct enl_ring_in){
		.control = in_control, .data = in_data, .bytes = in_bytes,
		/*
		 * Until the answer to OPEN is here. A host that wrote a wish into the zeroed page
		 * waits for it, and may do so before the guest knows what the host can do.
		 */
		.host_blocks = true, .fault = ENL_FAULT_NONE,
	};
	shared_store(&out->control->feature_bits, ENL_RING_FEATURE_PENDING_SIZE);
	shared_store(&in->control->feature_bits, ENL_RING_FEATURE_PENDING_SIZE);
}

/*
 * Free bytes, or -EPROTO when the host's index cannot be right. Within a batch the index of the
 * last look will do as long as it leaves more than @need: it can only be too careful.
 */
static int out_free(struct enl_ring_out *out, u32 need, u32 *room)
{
	u32 read;

	*room = out->bytes - enl_ring_used(out->write, out->seen, out->bytes);
	if (out->write != out->published && *room > need)
		return 0;
	read = shared_load(&out->control->read_index);
	if (!index_valid(read, out->bytes)) {
		out->fault = ENL_FAULT_RING_READ_INDEX;
		return -EPROTO;
	}
	out->seen = read;
	*room = out->bytes - enl_ring_used(out->write, read, out->bytes);
	return 0;
}

/**
 * enl_ring_reserve() - room for one packet behind the last, unpublished
 * @out: ring
 * @body: bytes from the descriptor to the end of the payload
 *
 * Padding and trailer are written here; the caller fills exactly @body bytes before it publishes.
 *
 * Return: where the packet begins, in one piece; an error pointer: -EAGAIN too little room; -EPROTO
 * the host broke its index (@out->fault); -EMSGSIZE no ring of this size could ever hold it.
 */
void *enl_ring_reserve(struct enl_ring_out *out, u32 body)
{
	struct enl_packet_trailer trailer = { .packet_offset = cpu_to_le32(out->write) };
	u32 total = enl_ring_packet_bytes(body), room;
	u8 *at, *end;
	int err;

	if (total > out->bytes - ENL_RING_MARGIN || body > ENL_PACKET_MAX_BYTES)
		return ERR_PTR(-EMSGSIZE);
	err = out_free(out, total, &room);
	if (err)
		return ERR_PTR(err);
	/* Never to the last byte: full would look like empty. */
	if (room <= total)
		return ERR_PTR(-EAGAIN);

	at = out->data + out->write;
	end = at + total - ENL_PACKET_TRAILER;
	/* Before the pieces, in one store: what they leave of the last word is padding. */
	if (body & 7)
		memset(end - 8, 0, 8);
	memcpy(end, &trailer, sizeof(trailer));
	out->write = advance(out->write, total, out->bytes);
	return at;
}

/**
 * enl_ring_write() - put one packet behind the last, unpublished
 * @out: ring
 * @pieces: descriptor first, then whatever follows it
 * @count: number of pieces
 *
 * The host sees nothing before enl_ring_publish(). Padding and trailer are added here.
 *
 * Return: 0; as enl_ring_reserve().
 */
int enl_ring_write(struct enl_ring_out *out, const struct enl_ring_piece *pieces,
		   unsigned int count)
{
	unsigned int i;
	u32 body = 0;
	u8 *at;

	for (i = 0; i < count; i++)
		body += pieces[i].bytes;
	at = enl_ring_reserve(out, body);
	if (IS_ERR(at))
		return PTR_ERR(at);
	for (i = 0; i < count; i++) {
		/* A descriptor, the commonest piece, by two stores instead of a call. */
		if (pieces[i].bytes == sizeof(struct enl_packet_desc))
			memcpy(at, pieces[i].base, sizeof(struct enl_packet_desc));
		else
			memcpy(at, pieces[i].base, pieces[i].bytes);
		at += pieces[i].bytes;
	}
	return 0;
}

/**
 * enl_ring_publish() - let the host see what was written (chapter 8.6)
 * @out: ring
 *
 * Return: true if the host must be signalled: the ring was empty for it and it did not mask.
 */
bool enl_ring_publish(struct enl_ring_out *out)
{
	u32 old = out->published;

	if (old == out->write)
		return false;
	out->published = out->write;
	/* Pairs with the host's acquire of the index: data before index. */
	virt_store_release(&out->control->write_index, cpu_to_le32(out->write));
	/*
	 * Pairs with the host's barrier between clearing its mask (or advancing its read index)
	 * and looking at the write index again: one of the two sides sees the other's store, so a
	 * packet cannot lie in the ring while the host sleeps.
	 */
	virt_mb();
	if (shared_load(&out->control->interrupt_mask))
		return false;
	/* The mask is read before the index, in the order in which the host writes them. */
	virt_rmb();
	return shared_load(&out->control->read_index) == old;
}

/**
 * enl_ring_want_room() - ask the host to signal when a packet of @bytes fits (chapter 8.8)
 * @out: ring
 * @bytes: with padding and trailer, as enl_ring_packet_bytes() gives it
 *
 * Return: true if it fits now (nothing was left pending), false if a signal will come, provided
 * that the host supports the feature, or if its index is broken (the next write tells).
 */
bool enl_ring_want_room(struct enl_ring_out *out, u32 bytes)
{
	u32 limit = out->bytes - ENL_RING_MARGIN, room;

	bytes = (min(bytes, limit) + 7) & ~7u;
	shared_store(&out->control->pending_send_size, bytes);
	out->waiting = true;
	/*
	 * Pairs with the host's barrier between storing its read index and reading the pending
	 * size: either it sees our wish or we see its room.
	 */
	virt_mb();
	if (out_free(out, bytes, &room) || room <= bytes)
		return false;
	enl_ring_room_done(out);
	return true;
}

/**
 * enl_ring_room_done() - no longer wait for room
 * @out: ring
 */
void enl_ring_room_done(struct enl_ring_out *out)
{
	if (!out->waiting)
		return;
	out->waiting = false;
	shared_store(&out->control->pending_send_size, 0);
}

/* Bytes ready to read, or -EPROTO. Looks at the shared index only when the last look is used up. */
static int in_available(struct enl_ring_in *in, u32 *available)
{
	if (in->seen == in->read) {
		/* Pairs with the host's release of the index: index before data. */
		u32 write = le32_to_cpu(virt_load_acquire(&in->control->write_index));

		if (!index_valid(write, in->bytes)) {
			in->fault = ENL_FAULT_RING_WRITE_INDEX;
			return -EPROTO;
		}
		in->seen = write;
	}
	*available = enl_ring_used(in->seen, in->read, in->bytes);
	return 0;
}

static enum enl_fault check_frame(u32 offset, u32 length, u32 available, u32 room)
{
	if (offset < sizeof(struct enl_packet_desc) || offset > length)
		return ENL_FAULT_PACKET_OFFSET;
	if (length > available - ENL_PACKET_TRAILER)
		return ENL_FAULT_PACKET_LENGTH;
	if (length > room)
		return ENL_FAULT_PACKET_TOO_LONG;
	return ENL_FAULT_NONE;
}

/**
 * enl_ring_read() - copy the next packet out (chapter 8.7)
 * @in: ring
 * @copy: where to; starts with a descriptor whose type, offset and length are the checked ones
 * @room: bytes there
 *
 * The space is not given back before enl_ring_commit().
 *
 * Return: bytes copied (16 at least); 0 ring empty; -EPROTO broken framing (@in->fault); then
 * the ring must not be read any more.
 */
int enl_ring_read(struct enl_ring_in *in, void *copy, u32 room)
{
	struct enl_packet_desc desc;
	u32 available, offset, length;
	u64 head;
	int err;

	err = in_available(in, &available);
	if (err)
		return err;
	if (!available)
		return 0;
	if (available < sizeof(desc) + ENL_PACKET_TRAILER) {
		in->fault = ENL_FAULT_PACKET_CUT;
		return -EPROTO;
	}
	/* One load for type, offset, length and flags: what is checked is what is used. */
	head = READ_ONCE(*(u64 *)(in->data + in->read));
	memcpy(&desc, &head, sizeof(head));
	offset = le16_to_cpu(desc.offset8) * 8;
	length = le16_to_cpu(desc.length8) * 8;
	in->fault = check_frame(offset, length, available, room);
	if (in->fault != ENL_FAULT_NONE)
		return -EPROTO;

	memcpy(copy, in->data + in->read, length);
	memcpy(copy, &head, sizeof(head));
	in->read = advance(in->read, length + ENL_PACKET_TRAILER, in->bytes);
	return length;
}

/**
 * enl_ring_commit() - give the space of all packets read so far back to the host
 * @in: ring
 *
 * Once per batch.
 *
 * Return: true if the host waits for room and this batch crossed what it waits for, so that it
 * must be signalled.
 */
bool enl_ring_commit(struct enl_ring_in *in)
{
	u32 consumed = enl_ring_used(in->read, in->committed, in->bytes);
	u32 wanted, write, room;

	if (!consumed)
		return false;
	in->committed = in->read;
	/* Pairs with the host's acquire of the read index: all copying is done before. */
	virt_store_release(&in->control->read_index, cpu_to_le32(in->read));
	if (!in->host_blocks)
		return false;
	/*
	 * Pairs with the host's barrier between storing the pending size and looking at the read
	 * index again: either it sees the room or we see its wish.
	 */
	virt_mb();
	wanted = shared_load(&in->control->pending_send_size) & ~7u;
	if (!wanted)
		return false;
	wanted = min(wanted, in->bytes - 8);
	/* The host stores the pending size after its last write index; read them the other way. */
	virt_rmb();
	write = shared_load(&in->control->write_index);
	if (!index_valid(write, in->bytes))
		return false;
	room = in->bytes - enl_ring_used(write, in->read, in->bytes);
	return room > wanted && room - min(room, consumed) <= wanted;
}

/**
 * enl_ring_mask() - tell the host that no signal is wanted
 * @in: ring
 */
void enl_ring_mask(struct enl_ring_in *in)
{
	shared_store(&in->control->interrupt_mask, 1);
	/* Reads of the ring come after: a packet that is signalled meanwhile is seen by them. */
	virt_mb();
}

/**
 * enl_ring_unmask() - tell the host to signal again (chapter 8.9)
 * @in: ring
 *
 * Return: true if something came meanwhile, for which no signal may have been sent: read again.
 */
bool enl_ring_unmask(struct enl_ring_in *in)
{
	shared_store(&in->control->interrupt_mask, 0);
	/* Pairs with the host's barrier between storing its write index and reading the mask. */
	virt_mb();
	return in->seen != in->read || shared_load(&in->control->write_index) != in->read;
}
