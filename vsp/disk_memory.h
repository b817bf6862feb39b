/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk in memory: for tests of the storage service and of guests.
 * The owner brings the bytes; requests are done at once, or wait until the owner releases them.
 * Set the struct, then vsp_disk_memory_attach() a struct vsp_disk to it; all under one lock.
 */
#ifndef VSP_DISK_MEMORY_H
#define VSP_DISK_MEMORY_H

#include "vsp/disk.h"

/**
 * struct vsp_disk_memory - one backend; may serve several disks of its size
 * @bytes: the contents; NULL: reads give a pattern made of the offset, writes are forgotten
 * @size: how many
 * @hold: keep requests until vsp_disk_memory_release()
 * @early: of those that are held, move the data at once and keep the answer only
 * @unmap_fill: what an unmapped range reads as
 * @fail_first: requests that touch from this byte on ...
 * @fail_bytes: ... so many, end with @fail_status; 0: none
 * @fail_status: an error
 * @held: how many are waiting
 * @count: of each kind, how many were done
 * @dirty: writes since the last flush
 */
struct vsp_disk_memory {
	__u8 *bytes;
	__u64 size;
	bool hold, early;
	__u8 unmap_fill;
	__u64 fail_first, fail_bytes;
	enum vsp_disk_status fail_status;
	__u32 held;
	__u64 count[VSP_DISK_KINDS];
	__u64 dirty;
	/* private: */
	struct vsp_disk_request *first, *last;
};

extern const struct vsp_disk_ops vsp_disk_memory_ops;

void vsp_disk_memory_attach(struct vsp_disk *d, struct vsp_disk_memory *m);
__u32 vsp_disk_memory_release(struct vsp_disk_memory *m, __u32 count, bool newest_first);

#endif
