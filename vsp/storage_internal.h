/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls between the files of the storage service. Private to vsp/storage*.c.
 * Order, each calls only files before it: storage_fault; storage_sub; storage_send; storage_notice,
 * storage_srb, storage_control; storage. The SCSI target (vsp/scsi.h) lies below all of them.
 */
#ifndef VSP_STORAGE_INTERNAL_H
#define VSP_STORAGE_INTERNAL_H

#include "vsp/internal.h"
#include "vsp/scsi.h"
#include "vsp/storage.h"

enum vsp_request_state {
	VSP_RQ_FREE,
	VSP_RQ_NEW,			/* being looked at */
	VSP_RQ_HELD_DATA,		/* a fault holds it before its data phase */
	VSP_RQ_BACKEND,			/* a backend works on it */
	VSP_RQ_HELD,			/* answered, and a fault holds the answer ... */
	VSP_RQ_DELAYED,			/* ... or delays it */
	VSP_RQ_READY,			/* in the queue of its channel */
};

/* storage_fault.c */
struct vsp_storage_fault *vsp_storage_fault_of(struct vsp_disk_request *r);
void vsp_storage_fault_match(struct vsp_disk_request *r);
bool vsp_storage_fault_instead(struct vsp_disk_request *r);
void vsp_storage_fault_outcome(struct vsp_disk_request *r);
__u32 vsp_storage_fault_packet(struct vsp_disk_request *r, struct vsp_packet *p);
struct vsp_storage_channel *vsp_storage_fault_channel(struct vsp_disk_request *r);
bool vsp_storage_fault_spoils(__u32 what);

/* storage_sub.c */
struct vsp_channel *vsp_storage_channel_of(const struct vsp_storage_channel *sc);
void vsp_storage_drop_subs(struct vsp_storage *s);

/* storage_send.c */
struct vsp_disk_request *vsp_storage_take(struct vsp_storage_channel *sc,
					  const struct vsp_packet *p);
void vsp_storage_give(struct vsp_disk_request *r);
void vsp_storage_queue(struct vsp_disk_request *r);
void vsp_storage_finish(struct vsp_disk_request *r);
bool vsp_storage_send(struct vsp_storage_channel *sc);
void vsp_storage_note(struct vsp_storage_channel *sc, enum vsp_violation which, __u64 what);

/* storage_notice.c */
bool vsp_storage_send_notice(struct vsp_storage_channel *sc);

/* storage_srb.c */
bool vsp_storage_srb(struct vsp_storage_channel *sc, const struct vsp_packet *p);
void vsp_storage_execute(struct vsp_disk_request *r);
bool vsp_storage_unlink(struct vsp_storage *s, struct vsp_disk *d);

/* storage_control.c */
bool vsp_storage_control(struct vsp_storage_channel *sc, const struct vsp_packet *p);

/* Revision 2 of the packets; before a version is agreed, too. */
static inline bool vsp_storage_rev2(const struct vsp_storage *s)
{
	return !s->version || s->version >= ENL_STOR_VERSION_5_1;
}

#endif
