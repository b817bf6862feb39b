/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks of the host model: what a logical unit is, and the seam to whatever keeps its bytes.
 * Data only, and the calls of an owner that changes a disk at run time.
 * Used by the SCSI target (vsp/scsi.h), the controller (vsp/storage.h), and every backend.
 *
 * The model moves no data. A backend gets a struct vsp_disk_request with host pointers to the
 * guest's buffer and calls vsp_storage_done() when it has moved the bytes, in the call or later,
 * in any order, always under the lock of the binding.
 */
#ifndef VSP_DISK_H
#define VSP_DISK_H

#include "vsp/vsp.h"
#include "wire/storage.h"

#define VSP_DISK_ATTENTIONS	8u	/* unit attentions that wait */
#define VSP_DISK_KEYS		8u	/* registrations of persistent reservations */
#define VSP_GUEST		0u	/* the initiator that is our guest; not 0: other hosts */

struct vsp_storage;
struct vsp_disk;
struct vsp_disk_request;

/**
 * enum vsp_disk_kind - what a backend is asked to do
 * @VSP_DISK_READ: @bytes from @offset into the segments
 * @VSP_DISK_WRITE: @bytes of the segments to @offset; durable at once if @durable
 * @VSP_DISK_FLUSH: make durable whatever was written
 * @VSP_DISK_UNMAP: @bytes from @offset are of no interest any more; a failure is hidden
 * @VSP_DISK_ZERO: @bytes from @offset read as zero from now on
 * @VSP_DISK_SAME: the one block in the segments, again and again, over @bytes from @offset
 * @VSP_DISK_KINDS: how many kinds there are
 */
enum vsp_disk_kind {
	VSP_DISK_READ,
	VSP_DISK_WRITE,
	VSP_DISK_FLUSH,
	VSP_DISK_UNMAP,
	VSP_DISK_ZERO,
	VSP_DISK_SAME,
	VSP_DISK_KINDS
};

enum vsp_disk_status {
	VSP_DISK_OK,
	VSP_DISK_MEDIUM,	/* 03/11/00 when read, 03/03/00 when written */
	VSP_DISK_FULL,		/* 07/27/07: no space behind a thin disk */
	VSP_DISK_PROTECTED,	/* 07/27/00 */
	VSP_DISK_HARDWARE,	/* 04/44/00 */
	VSP_DISK_GONE,		/* the disk was pulled while this was under way */
	VSP_DISK_ABORTED,	/* task aborted */
};

/**
 * struct vsp_segment - a piece of the guest's buffer
 * @address: where the host sees it
 * @gpa: where the guest sees it
 * @bytes: its length; neighbours in both views are one segment
 */
struct vsp_segment {
	__u8 *address;
	__u64 gpa;
	__u32 bytes;
};

/**
 * struct vsp_disk_ops - a backend
 * @start: begin; vsp_storage_done() for the same request ends it, now or later. What the request
 *	points at stays until then. Must not call anything else of the model.
 */
struct vsp_disk_ops {
	void (*start)(struct vsp_disk *disk, struct vsp_disk_request *r);
};

struct vsp_disk_key {
	__u64 key;
	__u32 initiator;
	bool used;
};

/**
 * struct vsp_disk - one logical unit
 * @path: its address; on an IDE controller the bus
 * @target: its address; on an IDE controller the drive
 * @lun: its address
 * @blocks: capacity; change it by vsp_disk_resize() once it is added
 * @block_bytes: 512 or 4096; a DVD has 2048
 * @physical_exponent: physical block = 2^this logical blocks; 3 with 512: 512e
 * @unmap_granularity: in blocks, announced in VPD 0xb0; 0: 1
 * @dvd: virtual DVD instead of a disk
 * @empty: DVD: no medium
 * @tray_open: DVD: and the tray is open
 * @read_only: refuse writes, and say so
 * @thin: UNMAP works and is announced
 * @write_cache: WCE is announced
 * @fua: DPO/FUA is announced
 * @write_same: WRITE SAME works
 * @reservations: PERSISTENT RESERVE works
 * @rotational: announce 7200 revolutions instead of a solid state disk
 * @zero_after_unmap: set the bit for it in VPD 0xcf
 * @id: names the disk in VPD 0x83
 * @serial: VPD 0x80; empty: page does not exist
 * @vendor: if set, instead of "Msft"
 * @product: if set, instead of "Virtual Disk"
 * @ops: the backend
 * @context: the backend's
 * @storage: controller it was added to, or NULL
 * @in_flight: requests that the backend works on
 */
struct vsp_disk {
	__u8 path, target, lun;
	__u64 blocks;
	__u32 block_bytes;
	__u8 physical_exponent;
	__u32 unmap_granularity;
	bool dvd, empty, tray_open, read_only, thin, write_cache, fua, write_same, reservations;
	bool rotational, zero_after_unmap;
	__u8 id[16];
	char serial[32];
	char vendor[9];
	char product[17];
	const struct vsp_disk_ops *ops;
	void *context;

	struct vsp_storage *storage;
	__u32 in_flight;

	/* private: */
	struct vsp_disk *next;		/* of those with the same LUN */
	__u16 attention[VSP_DISK_ATTENTIONS];	/* ASC << 8 | ASCQ */
	__u32 attentions;
	__u8 sense[ENL_STOR_SENSE_REV1];
	bool have_sense;
	bool locked;			/* PREVENT MEDIUM REMOVAL */
	__u8 media_event;
	struct vsp_disk_key key[VSP_DISK_KEYS];
	__u32 generation;		/* of the reservations */
	bool reserved;
	__u32 holder;			/* initiator */
	__u8 reservation;		/* type */
};

/* What became of a command. The packet is made from this, and faults may change it. */
struct vsp_outcome {
	__u8 srb;			/* SRB status, bits 6 and 7 included */
	__u8 scsi;
	__u8 sense_bytes;		/* what the completion says; 0: the room of the request */
	bool sense_said;		/* @sense_bytes counts even if it is 0 */
	bool rejected;			/* never executed: SRB and SCSI status 0 */
	__u32 nt;			/* 0: follows from @srb */
	__u32 transferred;
	__u8 sense[ENL_STOR_SENSE_REV2];
};

/**
 * struct vsp_disk_request - a command under way
 * @kind: what the backend has to do
 * @disk: on which disk
 * @offset: in bytes
 * @bytes: how many; a multiple of the block size
 * @durable: a write must be durable when it is done
 * @segment: the guest's buffer; may be longer than @bytes
 * @segments: how many
 * @link: the backend's, to queue it
 * @user: the backend's
 */
struct vsp_disk_request {
	enum vsp_disk_kind kind;
	struct vsp_disk *disk;
	__u64 offset;
	__u64 bytes;
	bool durable;
	struct vsp_segment *segment;
	__u32 segments;
	struct vsp_disk_request *link;
	__u64 user[4];

	/* private: of the SCSI target */
	__u8 cdb[ENL_STOR_CDB_BYTES];
	__u8 cdb_path, cdb_target, cdb_lun;	/* as the guest said */
	__u32 length;			/* of the guest's buffer */
	__u32 progress;			/* descriptors of an UNMAP that are done */
	__u32 srb_flags;
	struct vsp_outcome outcome;

	/* private: of the controller; see vsp/storage_internal.h */
	struct vsp_storage *storage;
	struct vsp_storage_channel *channel;
	struct vsp_disk_request *next;
	__u8 state;
	__u8 direction;
	bool started, answered, executed, orphan, control, repeated;
	__u32 operation;
	__u32 packet_bytes;		/* of the request's payload, at most 64 */
	__u64 id;
	__u64 number;			/* which of all requests it is */
	__u64 due_step, due_time;
	__u64 whole;			/* bytes, when a fault lets only some of them be moved */
	enum vsp_disk_status status;
	struct vsp_outcome honest;	/* before faults */
	__u8 answer[ENL_STOR_PACKET_REV2];
	__u32 fault;			/* copy in the controller's table, plus 1 */
};

/* vsp/disk.c: an owner changes a disk at run time */
void vsp_disk_resize(struct vsp_disk *d, __u64 blocks);
bool vsp_disk_attention(struct vsp_disk *d, __u8 asc, __u8 ascq);
void vsp_disk_eject(struct vsp_disk *d);
void vsp_disk_insert(struct vsp_disk *d, __u64 blocks);
bool vsp_disk_register(struct vsp_disk *d, __u32 initiator, __u64 key);
bool vsp_disk_reserve(struct vsp_disk *d, __u32 initiator, __u8 type);
void vsp_disk_preempt(struct vsp_disk *d, __u32 initiator, __u8 type);
void vsp_segments_read(const struct vsp_disk_request *r, __u32 at, void *to, __u32 bytes);
void vsp_segments_write(const struct vsp_disk_request *r, __u32 at, const void *from, __u32 bytes);

#endif
