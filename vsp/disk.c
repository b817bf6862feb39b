// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks as things that change: capacity, medium, unit attentions, reservations of other hosts.
 * And copying between the guest's buffer and small structures of the SCSI target.
 * Calls nothing of the model. Called by owners of disks and by vsp/scsi*.c.
 */
#include "vsp/disk.h"
#include "vsp/scsi.h"

static void copy(const struct vsp_disk_request *r, __u32 at, __u8 *flat, __u32 bytes, bool to_guest)
{
	__u32 i;

	for (i = 0; bytes && i < r->segments; i++) {
		const struct vsp_segment *s = &r->segment[i];
		__u32 n;

		if (at >= s->bytes) {
			at -= s->bytes;
			continue;
		}
		n = s->bytes - at < bytes ? s->bytes - at : bytes;
		if (to_guest)
			__builtin_memcpy(s->address + at, flat, n);
		else
			__builtin_memcpy(flat, s->address + at, n);
		flat += n;
		bytes -= n;
		at = 0;
	}
}

/* Copies out of the guest's buffer; what lies behind its end stays as it is. */
void vsp_segments_read(const struct vsp_disk_request *r, __u32 at, void *to, __u32 bytes)
{
	copy(r, at, to, bytes, false);
}

/* Copies into the guest's buffer, as far as it goes. */
void vsp_segments_write(const struct vsp_disk_request *r, __u32 at, const void *from, __u32 bytes)
{
	copy(r, at, (__u8 *)from, bytes, true);
}

/**
 * vsp_disk_attention - the next command but INQUIRY and REPORT LUNS says that something happened
 * @d: the disk
 * @asc: additional sense code, under sense key 6
 * @ascq: and qualifier
 *
 * False: too many wait already. The same twice in a row is one.
 */
bool vsp_disk_attention(struct vsp_disk *d, __u8 asc, __u8 ascq)
{
	__u16 code = (__u16)(asc << 8 | ascq);

	if (d->attentions && d->attention[d->attentions - 1] == code)
		return true;
	if (d->attentions == VSP_DISK_ATTENTIONS)
		return false;
	d->attention[d->attentions++] = code;
	return true;
}

/* Takes the oldest attention; 0: none. */
__u16 vsp_disk_take_attention(struct vsp_disk *d)
{
	__u16 code = d->attention[0];
	__u32 i;

	if (!d->attentions)
		return 0;
	d->attentions--;
	for (i = 0; i < d->attentions; i++)
		d->attention[i] = d->attention[i + 1];
	return code;
}

/* The capacity is another one from now on, and the guest hears of it: 06/2A/09. */
void vsp_disk_resize(struct vsp_disk *d, __u64 blocks)
{
	d->blocks = blocks;
	if (!d->dvd)
		vsp_disk_attention(d, 0x2a, 0x09);
}

/* The owner takes the medium out. A virtual DVD shows it to those who ask, and to nobody else. */
void vsp_disk_eject(struct vsp_disk *d)
{
	d->empty = true;
	d->media_event = VSP_MEDIA_REMOVED;
}

/* The owner puts a medium of @blocks in. */
void vsp_disk_insert(struct vsp_disk *d, __u64 blocks)
{
	d->blocks = blocks;
	d->empty = false;
	d->tray_open = false;
	d->media_event = VSP_MEDIA_NEW;
}

static struct vsp_disk_key *key_of(struct vsp_disk *d, __u32 initiator)
{
	__u32 i;

	for (i = 0; i < VSP_DISK_KEYS; i++) {
		if (d->key[i].used && d->key[i].initiator == initiator)
			return &d->key[i];
	}
	return NULL;
}

/* The key of an initiator; 0: it is not registered. */
__u64 vsp_disk_key_of(const struct vsp_disk *d, __u32 initiator)
{
	const struct vsp_disk_key *k = key_of((struct vsp_disk *)d, initiator);

	return k ? k->key : 0;
}

/* Lets go of the reservation if @initiator has it. All hosts share one of the "all" types. */
static void let_go(struct vsp_disk *d, __u32 initiator)
{
	__u32 i;

	if (!d->reserved || d->holder != initiator)
		return;
	if (d->reservation >= VSP_PR_WRITE_EXCLUSIVE_ALL) {
		for (i = 0; i < VSP_DISK_KEYS; i++) {
			if (d->key[i].used && d->key[i].initiator != initiator) {
				d->holder = d->key[i].initiator;
				return;
			}
		}
	}
	d->reserved = false;
}

/**
 * vsp_disk_register - an initiator registers a key, changes it, or with key 0 takes it back
 * @d: the disk
 * @initiator: VSP_GUEST or another host
 * @key: its key
 *
 * False: no room for more keys.
 */
bool vsp_disk_register(struct vsp_disk *d, __u32 initiator, __u64 key)
{
	struct vsp_disk_key *k = key_of(d, initiator);
	__u32 i;

	for (i = 0; !k && i < VSP_DISK_KEYS; i++) {
		if (!d->key[i].used)
			k = &d->key[i];
	}
	if (!k)
		return false;
	k->used = key;
	k->key = key;
	k->initiator = initiator;
	if (!key)
		let_go(d, initiator);
	d->generation++;
	return true;
}

/* Another host takes the reservation; it must be registered. False: somebody has it. */
bool vsp_disk_reserve(struct vsp_disk *d, __u32 initiator, __u8 type)
{
	if (!vsp_disk_key_of(d, initiator))
		return false;
	if (d->reserved)
		return d->holder == initiator && d->reservation == type;
	d->reserved = true;
	d->holder = initiator;
	d->reservation = type;
	return true;
}

/* Gives a reservation of @initiator back. */
void vsp_disk_unreserve(struct vsp_disk *d, __u32 initiator)
{
	if (d->holder == initiator || d->reservation >= VSP_PR_WRITE_EXCLUSIVE_ALL)
		d->reserved = false;
}

/* All registrations and the reservation end. */
void vsp_disk_clear_keys(struct vsp_disk *d)
{
	__builtin_memset(d->key, 0, sizeof(d->key));
	d->reserved = false;
	d->generation++;
}

/* Removes every registration with @key; true if there was one. */
bool vsp_disk_remove_key(struct vsp_disk *d, __u64 key, __u32 except)
{
	bool found = false;
	__u32 i;

	for (i = 0; i < VSP_DISK_KEYS; i++) {
		if (!d->key[i].used || d->key[i].key != key || d->key[i].initiator == except)
			continue;
		d->key[i].used = false;
		let_go(d, d->key[i].initiator);
		found = true;
	}
	return found;
}

/**
 * vsp_disk_preempt - another host throws the guest out and takes the reservation
 * @d: the disk
 * @initiator: the other host, registered
 * @type: of the reservation
 *
 * What the guest has under way stays so: end it with VSP_DISK_ABORTED to play PREEMPT AND ABORT.
 */
void vsp_disk_preempt(struct vsp_disk *d, __u32 initiator, __u8 type)
{
	struct vsp_disk_key *k = key_of(d, VSP_GUEST);

	if (k) {
		k->used = false;
		vsp_disk_attention(d, 0x2a, 0x05);
	}
	d->reserved = true;
	d->holder = initiator;
	d->reservation = type;
	d->generation++;
}
