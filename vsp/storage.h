/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The storage service: SCSI, IDE and Fibre Channel controllers of the host model.
 * State that an owner allocates, sets, and reads under the lock of the binding.
 * vsp_storage_init(), vsp_storage_add() for each disk, vsp_storage_offer(), and it runs.
 *
 * Nothing is allocated: the owner brings the controller, the disks, the request slots and the
 * segments. A backend ends requests with vsp_storage_done(). Time passes by vsp_storage_tick(),
 * which only delays by time need. After a step that may have started I/O, a backend that batches
 * submits.
 */
#ifndef VSP_STORAGE_H
#define VSP_STORAGE_H

#include "vsp/disk.h"
#include "vsp/storage_fault.h"
#include "vsp/vsp.h"

#define VSP_STORAGE_CHANNELS	80u	/* primary and sub-channels, those going away included */
#define VSP_STORAGE_FAULTS	64u
#define VSP_STORAGE_LIES	64u	/* of them, the last so many are remembered in full */
#define VSP_STORAGE_DEPTH	256u	/* requests of a channel; then its ring is not read */
#define VSP_STORAGE_BUFFER	4096u	/* answers that are made by the model itself */

enum vsp_storage_kind {
	VSP_STORAGE_SCSI,
	VSP_STORAGE_IDE,
	VSP_STORAGE_FC,
};

/* Versions that a host may be without. */
#define VSP_STORAGE_NO_2_0	0x01u
#define VSP_STORAGE_NO_4_2	0x02u
#define VSP_STORAGE_NO_5_1	0x04u
#define VSP_STORAGE_NO_6_0	0x08u
#define VSP_STORAGE_NO_6_2	0x10u

/* How sub-channels come. */
#define VSP_SUB_OFFER_FIRST	0x01u	/* before the completion of operation 13 */
#define VSP_SUB_FEWER		0x02u	/* one less than asked for */
#define VSP_SUB_MORE		0x04u	/* one more */
#define VSP_SUB_LATE		0x08u	/* when vsp_storage_offer_late() is called */
#define VSP_SUB_REVERSE		0x10u	/* highest index first */
#define VSP_SUB_DUPLICATE	0x20u	/* the last has the index of the one before */
#define VSP_SUB_ZERO		0x40u	/* the last has index 0 */

enum vsp_storage_state {
	VSP_STOR_CLOSED,
	VSP_STOR_BEGIN,		/* waits for operation 7 */
	VSP_STOR_VERSION,	/* for 9 */
	VSP_STOR_PROPERTIES,	/* for 10 */
	VSP_STOR_END,		/* for 8; 13 may come */
	VSP_STOR_READY,
};

/**
 * struct vsp_storage_lie - data that is not what a completion said; only faults make these
 * @disk: on which disk
 * @kind: what was asked for
 * @offset: in bytes
 * @bytes: that may be wrong on the disk (writes) or in memory (reads)
 */
struct vsp_storage_lie {
	struct vsp_disk *disk;
	enum vsp_disk_kind kind;
	__u64 offset, bytes;
};

/**
 * struct vsp_storage_stats - counters; they only grow
 * @srbs: that were read from rings
 * @completions: that were sent for them
 * @reads: of them, READ commands
 * @writes: of them, WRITE commands
 * @flushes: that went to a backend
 * @unmaps: ranges that went to a backend
 * @bytes_read: that a backend moved
 * @bytes_written: that a backend moved
 * @errors: completions that are not good
 * @controls: control operations
 * @resets: of them, resets
 * @notices: that were sent
 * @orphans: requests whose channel closed or was rescinded before they were answered
 * @faults: requests or operations that a fault changed
 * @dropped: completions that a fault swallowed
 * @lies: completions that say good about data that are not; see vsp_storage.lie
 * @spare_slots: packets with page numbers behind those that are needed, which is legal
 * @most: in flight at once
 */
struct vsp_storage_stats {
	__u64 srbs, completions, reads, writes, flushes, unmaps, bytes_read, bytes_written;
	__u64 errors, controls, resets, notices, orphans, faults, dropped, lies, spare_slots;
	__u32 most;
};

/* One channel of a controller. Private, but for @relid. */
struct vsp_storage_channel {
	struct vsp_storage *storage;
	struct vsp_channel *channel;		/* while open */
	__u32 relid;				/* 0: the slot is free */
	__u16 index;				/* 0: the primary */
	__u32 outstanding;			/* requests of an open channel */
	__u32 data;				/* of any, that may touch the guest's memory */
	__u32 delayed;				/* answers that wait for a step */
	struct vsp_disk_request *first, *last;	/* to be sent */
};

/**
 * struct vsp_storage - one controller
 * @kind: what it is
 * @without: VSP_STORAGE_NO_ bits
 * @max_sub_channels: what the properties say
 * @multi: multi-channel flag of the properties; vsp_storage_init() sets it
 * @garbage: below 5.1, fill the reserved properties with garbage as hosts did
 * @max_transfer: in bytes, what the properties say; vsp_storage_init() sets 256 KiB
 * @limit: requests longer than this are rejected although the properties allow them; 0: no limit
 * @wwn: FC: answer to operation 12
 * @sub: VSP_SUB_ bits
 * @depth: requests of a channel before its ring is not read any more; 0: VSP_STORAGE_DEPTH
 * @fatal: a packet that no guest may send stops its channel, as on some hosts; else it is answered
 *	with an error if that is possible
 * @azure: failures look as on Azure: NT status 0xc0000001, absent LUNs with SCSI status 0
 * @short_is_overrun: fewer bytes than asked for are SRB status 0x12, as on Windows hosts
 * @deaf: read no ring (set 0 and call vsp_storage_wake())
 * @resets_abort: a reset ends what the backend has not begun with; else it does nothing
 * @monitored: offer it with a monitor id
 * @strict: the breaches that only our own guest never commits are counted too
 * @request: slots, at least one
 * @requests: how many
 * @segment: for all of them
 * @segments: how many; each request has segments/requests of them
 * @relid: of the primary, once it is offered
 * @state: of the handshake
 * @version: agreed; 0: none yet
 * @stats: counters
 * @lie: the last lies, newest at (stats.lies - 1) % VSP_STORAGE_LIES
 */
struct vsp_storage {
	enum vsp_storage_kind kind;
	__u32 without;
	__u16 max_sub_channels;
	bool multi;
	bool garbage;
	__u32 max_transfer;
	__u32 limit;
	struct enl_stor_wwn wwn;
	__u32 sub;
	__u32 depth;
	bool fatal, azure, short_is_overrun, deaf, resets_abort, monitored, strict;
	struct vsp_disk_request *request;
	__u32 requests;
	struct vsp_segment *segment;
	__u32 segments;

	__u32 relid;
	enum vsp_storage_state state;
	__u32 version;
	struct vsp_storage_stats stats;
	struct vsp_storage_lie lie[VSP_STORAGE_LIES];

	/* private: */
	struct vsp *host;
	struct vsp_offer offer;
	struct vsp_storage_channel channel[VSP_STORAGE_CHANNELS];
	struct vsp_disk *by_lun[256];
	struct vsp_disk_request *free;
	bool starved;
	__u32 in_flight;
	__u64 taken;
	__u64 last_control;
	__u32 late;			/* sub-channels that wait to be offered */
	__u16 next_index;
	__u32 notices;			/* to be sent */
	struct enl_stor_packet notice;
	__u32 notice_bytes;
	__u32 notice_index;
	bool enumerate;			/* an honest notice is due */
	struct vsp_storage_fault fault[VSP_STORAGE_FAULTS];
	__u32 faults;
	__u8 buffer[VSP_STORAGE_BUFFER];
};

extern const struct vsp_provider vsp_storage_provider;

/* Life. */
void vsp_storage_init(struct vsp_storage *s, enum vsp_storage_kind kind);
__u32 vsp_storage_offer(struct vsp *v, struct vsp_storage *s, const struct enl_guid *instance,
			__u32 relid);
void vsp_storage_done(struct vsp_disk_request *r, enum vsp_disk_status status);
void vsp_storage_wake(struct vsp_storage *s);

/* LUNs, at any time. A disk that was removed lives on until vsp_storage_uses() says no. */
bool vsp_storage_add(struct vsp_storage *s, struct vsp_disk *d);
bool vsp_storage_remove(struct vsp_storage *s, struct vsp_disk *d);
bool vsp_storage_swap(struct vsp_storage *s, struct vsp_disk *from, struct vsp_disk *to);
struct vsp_disk *vsp_storage_find(const struct vsp_storage *s, __u8 path, __u8 target, __u8 lun);

/* Does any request, the backend's or one that is held, point at the disk? */
bool vsp_storage_uses(const struct vsp_storage *s, const struct vsp_disk *d);

/* Notices. The first is what an honest host says, once, when something changed. */
void vsp_storage_changed(struct vsp_storage *s);
void vsp_storage_notice(struct vsp_storage *s, __u32 operation, __u32 bytes, __u32 count,
			__u32 channel_index);
void vsp_storage_notify_event(struct vsp_storage *s, __u8 target, __u8 lun, __u8 flags);
void vsp_storage_wwn_changed(struct vsp_storage *s);

/* Sub-channels. */
__u32 vsp_storage_offer_late(struct vsp_storage *s);
__u32 vsp_storage_relid(const struct vsp_storage *s, __u32 index);

/* Faults, and what they hold back. */
int vsp_storage_fault_add(struct vsp_storage *s, const struct vsp_storage_fault *f);
void vsp_storage_fault_clear(struct vsp_storage *s);
__u32 vsp_storage_fault_hits(const struct vsp_storage *s, int fault);
__u32 vsp_storage_held(const struct vsp_storage *s);
__u32 vsp_storage_release(struct vsp_storage *s, __u32 count, bool newest_first);
__u64 vsp_storage_deadline(const struct vsp_storage *s);
void vsp_storage_tick(struct vsp_storage *s);

/* Checks. */
bool vsp_storage_idle(const struct vsp_storage *s);
void vsp_storage_check_memory(struct vsp_storage *s);

#endif
