// SPDX-License-Identifier: GPL-2.0-only
/*
 * The backend of a disk in memory: plain copies, at once or when the owner says so.
 * Calls vsp/disk.c and vsp_storage_done(). Called by the storage service through its ops.
 */
#include "vsp/disk_memory.h"
#include "vsp/storage.h"

/* What an unbacked disk reads as: each byte follows from where it is. */
static __u8 pattern(__u64 offset)
{
	__u64 block = offset / 512;

	return (__u8)((block >> 8) * 31 + block * 7 + offset);
}

static void read(const struct vsp_disk_memory *m, struct vsp_disk_request *r)
{
	__u64 at = r->offset;
	__u64 left = r->bytes;
	__u32 i, k;

	for (i = 0; left && i < r->segments; i++) {
		const struct vsp_segment *s = &r->segment[i];
		__u32 n = left < s->bytes ? (__u32)left : s->bytes;

		if (m->bytes) {
			__builtin_memcpy(s->address, m->bytes + at, n);
		} else {
			for (k = 0; k < n; k++)
				s->address[k] = pattern(at + k);
		}
		at += n;
		left -= n;
	}
}

static void write(struct vsp_disk_memory *m, const struct vsp_disk_request *r)
{
	if (m->bytes)
		vsp_segments_read(r, 0, m->bytes + r->offset, (__u32)r->bytes);
	m->dirty += !r->durable;
}

static void same(struct vsp_disk_memory *m, const struct vsp_disk_request *r)
{
	__u32 block = r->disk->block_bytes;
	__u64 at;

	for (at = 0; m->bytes && at < r->bytes; at += block)
		vsp_segments_read(r, 0, m->bytes + r->offset + at, block);
	m->dirty++;
}

static enum vsp_disk_status move(struct vsp_disk_memory *m, struct vsp_disk_request *r)
{
	if (m->fail_bytes && r->offset < m->fail_first + m->fail_bytes &&
	    r->offset + r->bytes > m->fail_first)
		return m->fail_status;
	if (r->offset > m->size || r->bytes > m->size - r->offset)
		return VSP_DISK_HARDWARE;
	switch (r->kind) {
	case VSP_DISK_READ:
		read(m, r);
		break;
	case VSP_DISK_WRITE:
		write(m, r);
		break;
	case VSP_DISK_FLUSH:
		m->dirty = 0;
		break;
	case VSP_DISK_UNMAP:
		if (m->bytes)
			__builtin_memset(m->bytes + r->offset, m->unmap_fill, r->bytes);
		break;
	case VSP_DISK_ZERO:
		if (m->bytes)
			__builtin_memset(m->bytes + r->offset, 0, r->bytes);
		break;
	case VSP_DISK_SAME:
		same(m, r);
		break;
	default:
		return VSP_DISK_HARDWARE;
	}
	m->count[r->kind]++;
	return VSP_DISK_OK;
}

static void start(struct vsp_disk *d, struct vsp_disk_request *r)
{
	struct vsp_disk_memory *m = d->context;

	if (!m->hold) {
		vsp_storage_done(r, move(m, r));
		return;
	}
	r->user[0] = m->early;
	if (m->early)
		r->user[1] = move(m, r);
	r->link = NULL;
	if (m->last)
		m->last->link = r;
	else
		m->first = r;
	m->last = r;
	m->held++;
}

/* Takes the first or the last of the queue. */
static struct vsp_disk_request *take(struct vsp_disk_memory *m, bool newest)
{
	struct vsp_disk_request *r = m->first;
	struct vsp_disk_request *before = NULL;

	while (newest && r && r->link) {
		before = r;
		r = r->link;
	}
	if (!r)
		return NULL;
	if (before)
		before->link = r->link;
	else
		m->first = r->link;
	if (m->last == r)
		m->last = before;
	m->held--;
	return r;
}

/* Lets up to @count of the requests that wait be done; returns how many were. */
__u32 vsp_disk_memory_release(struct vsp_disk_memory *m, __u32 count, bool newest_first)
{
	__u32 done = 0;

	while (done < count) {
		struct vsp_disk_request *r = take(m, newest_first);

		if (!r)
			break;
		vsp_storage_done(r, r->user[0] ? (enum vsp_disk_status)r->user[1] : move(m, r));
		done++;
	}
	return done;
}

const struct vsp_disk_ops vsp_disk_memory_ops = {
	.start = start,
};

/* Puts a disk on top of the memory; the owner has set block size and the like. */
void vsp_disk_memory_attach(struct vsp_disk *d, struct vsp_disk_memory *m)
{
	d->ops = &vsp_disk_memory_ops;
	d->context = m;
	if (!d->block_bytes)
		d->block_bytes = 512;
	if (!d->blocks)
		d->blocks = m->size / d->block_bytes;
}
