/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault plans of the storage service: which request or control operation goes wrong, and how.
 * Data only; vsp/storage_fault.c keeps the plan, the controller asks it for each packet.
 * Faults of the transport (lost events, cut packets, busy slots) are those of vsp/fault.h.
 */
#ifndef VSP_STORAGE_FAULT_H
#define VSP_STORAGE_FAULT_H

#include "wire/storage.h"

#define VSP_ANY		(-1)

/* What a fault does; several bits at once are applied together. */
#define VSP_SF_STATUS		0x00000001u	/* @srb, @scsi, @nt (0: as it follows) are the
						 * answer; nothing is executed unless VSP_SF_EXECUTE
						 */
#define VSP_SF_EXECUTE		0x00000002u	/* the command is executed all the same */
#define VSP_SF_SENSE		0x00000004u	/* @sense, and @sense_bytes as its length */
#define VSP_SF_TRANSFER		0x00000008u	/* @transfer is what the completion says */
#define VSP_SF_TRANSFER_ADD	0x00000010u	/* @transfer is added to the true number */
#define VSP_SF_REJECT		0x00000020u	/* not executed: SRB 0, SCSI 0, @nt or 0xc0000001 */
#define VSP_SF_DROP		0x00000040u	/* the completion never comes */
#define VSP_SF_DELAY		0x00000080u	/* it comes @steps later */
#define VSP_SF_DELAY_TIME	0x00000100u	/* it comes @time (100 ns) later; needs ticks */
#define VSP_SF_HOLD		0x00000200u	/* it comes when the owner releases it */
#define VSP_SF_HOLD_DATA	0x00000400u	/* and so does its data, after a rescind too */
#define VSP_SF_DUPLICATE	0x00000800u	/* it comes twice */
#define VSP_SF_ID		0x00001000u	/* it has another transaction id: @id_kind */
#define VSP_SF_OPERATION	0x00002000u	/* its operation is @value */
#define VSP_SF_TYPE		0x00004000u	/* its packet type is @type, 6 or 9 */
#define VSP_SF_LENGTH		0x00008000u	/* its payload is @bytes long, up to 4096 */
#define VSP_SF_EXTRA		0x00010000u	/* the bad one comes in front of a good one */
#define VSP_SF_OVERWRITE	0x00020000u	/* @width bytes at @offset of the payload: @value */
#define VSP_SF_DATA		0x00040000u	/* the data of the answer are @bytes at @data, as
						 * far as the guest has room; not for READ
						 */
#define VSP_SF_PARTIAL		0x00080000u	/* only @bytes are moved, the answer says all */
#define VSP_SF_CORRUPT		0x00100000u	/* READ: one byte of the data is wrong */
#define VSP_SF_PULL		0x00200000u	/* the LUN is gone, from now on; no notice */
#define VSP_SF_OTHER_CHANNEL	0x00400000u	/* it comes on another channel, if one is open */

enum vsp_storage_id {
	VSP_ID_UNKNOWN,		/* none that is in flight */
	VSP_ID_ZERO,
	VSP_ID_OTHER,		/* of a request in flight on another channel, else on this */
	VSP_ID_CONTROL,		/* of the last control operation */
	VSP_ID_ONES,
};

/**
 * struct vsp_storage_fault - one line of a plan
 * @operation: enum enl_stor_operation that it is for; 0: EXECUTE_SRB
 * @opcode: first byte of the CDB, or VSP_ANY
 * @lun: or VSP_ANY
 * @target: or VSP_ANY
 * @writes: data-out commands only
 * @reads: data-in commands only
 * @first: READ and WRITE and the like: first block of a range ...
 * @last: ... and last; both 0: any
 * @skip: how many to let pass first
 * @times: how many to hit then; 0 means 1
 * @what: VSP_SF_ bits
 * @srb: SRB status, bits 6 and 7 included
 * @scsi: SCSI status
 * @nt: NT status
 * @sense: bytes
 * @sense_bytes: what the completion says how many
 * @transfer: as the bits say
 * @steps: of the model
 * @time: 100 ns
 * @id_kind: for VSP_SF_ID
 * @type: enum enl_packet_type
 * @bytes: length, as the bits say
 * @offset: into the payload of the answer
 * @width: 1, 2, 4, 8
 * @value: operation, or what is written
 * @data: for VSP_SF_DATA; must live
 * @hits: how many it has hit (the model counts)
 */
struct vsp_storage_fault {
	__u32 operation;
	__s32 opcode, lun, target;
	bool writes, reads;
	__u64 first, last;
	__u32 skip, times;
	__u32 what;
	__u8 srb, scsi;
	__u32 nt;
	__u8 sense[ENL_STOR_SENSE_REV2];
	__u8 sense_bytes;
	__u32 transfer;
	__u32 steps;
	__u64 time;
	enum vsp_storage_id id_kind;
	__u16 type;
	__u32 bytes;
	__u32 offset;
	__u8 width;
	__u64 value;
	const void *data;
	__u32 hits;
};

/* A line for SRBs of any LUN and opcode; set what and more, then add it. */
#define VSP_STORAGE_FAULT_ANY .opcode = VSP_ANY, .lun = VSP_ANY, .target = VSP_ANY

#endif
