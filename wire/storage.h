/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Synthetic storage (storvsc specification, chapters 1 to 8): packets on SCSI, IDE and FC channels.
 * Layouts and limits only. Used by storvsc/, by the host model and by tests.
 * Little-endian; CDBs and SCSI data inside are big-endian as everywhere.
 */
#ifndef ENL_WIRE_STORAGE_H
#define ENL_WIRE_STORAGE_H

#include "wire.h"

#define ENL_STOR_VERSION_2_0	0x0200u	/* Server 2008 */
#define ENL_STOR_VERSION_4_2	0x0402u	/* 2008 R2: enumerate-bus */
#define ENL_STOR_VERSION_5_1	0x0501u	/* 2012: revision 2, sub-channels */
#define ENL_STOR_VERSION_6_0	0x0600u	/* 2012 R2: notifications */
#define ENL_STOR_VERSION_6_2	0x0602u	/* 2016 and later */

/* Number, name, who sends it (G guest, H host, B both), since version. */
#define ENL_STOR_TABLE(X) \
	X(1,  COMPLETE_IO,		H, ENL_STOR_VERSION_2_0) \
	X(2,  REMOVE_DEVICE,		H, ENL_STOR_VERSION_2_0) \
	X(3,  EXECUTE_SRB,		G, ENL_STOR_VERSION_2_0) \
	X(4,  RESET_LUN,		G, ENL_STOR_VERSION_2_0) \
	X(5,  RESET_ADAPTER,		G, ENL_STOR_VERSION_2_0) \
	X(6,  RESET_BUS,		G, ENL_STOR_VERSION_2_0) \
	X(7,  BEGIN_INIT,		G, ENL_STOR_VERSION_2_0) \
	X(8,  END_INIT,			G, ENL_STOR_VERSION_2_0) \
	X(9,  QUERY_VERSION,		G, ENL_STOR_VERSION_2_0) \
	X(10, QUERY_PROPERTIES,		G, ENL_STOR_VERSION_2_0) \
	X(11, ENUMERATE_BUS,		H, ENL_STOR_VERSION_4_2) \
	X(12, FC_HBA_DATA,		B, ENL_STOR_VERSION_5_1) \
	X(13, CREATE_SUB_CHANNELS,	G, ENL_STOR_VERSION_5_1) \
	X(14, EVENT_NOTIFICATION,	H, ENL_STOR_VERSION_6_0)

#define ENL_STOR_ENUM(number, name, who, since) ENL_STOR_##name = (number),
enum enl_stor_operation {
	ENL_STOR_TABLE(ENL_STOR_ENUM)
	ENL_STOR_OPERATION_LIMIT
};
#undef ENL_STOR_ENUM

#define ENL_STOR_WANTS_COMPLETION	0x1u	/* the only flag of a guest's packet */

/* Statuses of the header (4.6). They decide about control operations; an SRB has its own. */
#define ENL_NT_SUCCESS			0x00000000u
#define ENL_NT_BUFFER_OVERFLOW		0x80000005u
#define ENL_NT_DEVICE_BUSY		0x80000011u
#define ENL_NT_UNSUCCESSFUL		0xc0000001u
#define ENL_NT_INVALID_PARAMETER	0xc000000du
#define ENL_NT_INVALID_DEVICE_REQUEST	0xc0000010u
#define ENL_NT_REVISION_MISMATCH	0xc0000059u
#define ENL_NT_DEVICE_NOT_CONNECTED	0xc000009du
#define ENL_NT_IO_TIMEOUT		0xc00000b5u
#define ENL_NT_DEVICE_DOES_NOT_EXIST	0xc00000c0u
#define ENL_NT_CANCELLED		0xc0000120u
#define ENL_NT_INVALID_DEVICE_STATE	0xc0000184u
#define ENL_NT_IO_DEVICE_ERROR		0xc0000185u

#define ENL_STOR_BODY_REV1	36u	/* versions 2.0 and 4.2 */
#define ENL_STOR_BODY_REV2	52u	/* 5.1 and later, and before a version is agreed */
#define ENL_STOR_PACKET_REV1	48u
#define ENL_STOR_PACKET_REV2	64u
#define ENL_STOR_OPEN_DATA	24u	/* zero bytes of user data at OPEN */

#define ENL_STOR_CDB_BYTES	16u
#define ENL_STOR_SENSE_REV1	18u
#define ENL_STOR_SENSE_REV2	20u

struct enl_stor_version {
	__le16 version;			/* major in the high byte */
	__le16 revision;		/* informative; the guest sends 0 */
};
ENL_WIRE_SIZE(struct enl_stor_version, 4);

#define ENL_STOR_MULTI_CHANNEL	0x1u

/* Before version 5.1 the reserved fields, the count and the flags may hold garbage. */
struct enl_stor_properties {
	__le32 reserved1;
	__le16 max_sub_channels;
	__le16 reserved2;
	__le32 flags;
	__le32 max_transfer_bytes;
	__le32 reserved3[2];
};
ENL_WIRE_SIZE(struct enl_stor_properties, 24);

#define ENL_STOR_MAX_TRANSFER	(8u << 20)	/* no host takes more for one SRB */

struct enl_stor_wwn {
	__u8 primary_active;
	__u8 reserved[3];
	__u8 primary_port[8];		/* big-endian names */
	__u8 primary_node[8];
	__u8 secondary_port[8];
	__u8 secondary_node[8];
};
ENL_WIRE_SIZE(struct enl_stor_wwn, 36);

struct enl_stor_notification {
	__u8 lun;
	__u8 target;
	__u8 path;
	__u8 flags;
};
ENL_WIRE_SIZE(struct enl_stor_notification, 4);

enum enl_stor_direction {
	ENL_STOR_TO_DEVICE	= 0,
	ENL_STOR_FROM_DEVICE	= 1,
	ENL_STOR_NO_DATA	= 2,
};

/* SRB status: code in bits 0 to 5. */
#define ENL_SRB_CODE_MASK	0x3fu
#define ENL_SRB_FROZEN		0x40u
#define ENL_SRB_AUTOSENSE	0x80u

#define ENL_SRB_TABLE(X) \
	X(0x00, PENDING)		X(0x01, SUCCESS)		X(0x02, ABORTED) \
	X(0x03, ABORT_FAILED)		X(0x04, ERROR)			X(0x05, BUSY) \
	X(0x06, INVALID_REQUEST)	X(0x07, INVALID_PATH)		X(0x08, NO_DEVICE) \
	X(0x09, TIMEOUT)		X(0x0a, SELECTION_TIMEOUT)	X(0x0b, COMMAND_TIMEOUT) \
	X(0x0d, MESSAGE_REJECTED)	X(0x0e, BUS_RESET)		X(0x0f, PARITY) \
	X(0x10, SENSE_FAILED)		X(0x11, NO_HBA)			X(0x12, OVERRUN) \
	X(0x13, BUS_FREE)		X(0x14, PHASE)			X(0x15, BAD_LENGTH) \
	X(0x16, FLUSHED)		X(0x20, INVALID_LUN)		X(0x21, INVALID_TARGET) \
	X(0x22, BAD_FUNCTION)		X(0x23, RECOVERY)		X(0x24, NOT_POWERED) \
	X(0x25, LINK_DOWN)		X(0x30, INTERNAL)

#define ENL_SRB_ENUM(code, name) ENL_SRB_##name = (code),
enum enl_srb_status {
	ENL_SRB_TABLE(ENL_SRB_ENUM)
};
#undef ENL_SRB_ENUM

/* SRB flags (8.2): those that are sent, and the one that the host model looks at. */
#define ENL_SRB_QUEUE_ACTION	0x00000002u
#define ENL_SRB_NO_SYNC		0x00000008u
#define ENL_SRB_NO_AUTOSENSE	0x00000020u
#define ENL_SRB_DATA_IN		0x00000040u
#define ENL_SRB_DATA_OUT	0x00000080u
#define ENL_SRB_NO_FREEZE	0x00000100u
#define ENL_SRB_BLOCK_LEVEL	0x00008000u

#define ENL_SRB_UNTAGGED	0xffu
#define ENL_SRB_SIMPLE		0x20u
#define ENL_SRB_HEAD_OF_QUEUE	0x21u
#define ENL_SRB_ORDERED		0x22u

/* A SCSI request and its completion. Revision 1 ends before @reserved. */
struct enl_stor_srb {
	__le16 length;			/* 0x24 or 0x34 */
	__u8 srb_status;
	__u8 scsi_status;
	__u8 port;
	__u8 path;
	__u8 target;
	__u8 lun;
	__u8 cdb_bytes;
	__u8 sense_bytes;		/* request: room; completion: returned */
	__u8 direction;
	__u8 properties;
	__le32 transfer_bytes;
	union {
		__u8 cdb[ENL_STOR_CDB_BYTES];
		__u8 sense[ENL_STOR_SENSE_REV2];
	};
	__le16 reserved;
	__u8 queue_tag;
	__u8 queue_action;
	__le32 flags;
	__le32 timeout_s;
	__le32 sort_key;
};
ENL_WIRE_SIZE(struct enl_stor_srb, 52);
ENL_WIRE_AT(struct enl_stor_srb, cdb, 0x10);
ENL_WIRE_AT(struct enl_stor_srb, reserved, 0x24);
ENL_WIRE_AT(struct enl_stor_srb, sort_key, 0x30);

/* Every packet, both ways: header and body. Sent at full size for the version, zero padded. */
struct enl_stor_packet {
	__le32 operation;
	__le32 flags;
	__le32 status;
	union {
		struct enl_stor_version version;
		struct enl_stor_properties properties;
		__le16 sub_channels;
		struct enl_stor_wwn wwn;
		struct enl_stor_notification notification;
		struct enl_stor_srb srb;
		__u8 body[ENL_STOR_BODY_REV2];
	};
};
ENL_WIRE_SIZE(struct enl_stor_packet, 64);
ENL_WIRE_AT(struct enl_stor_packet, body, 0x0c);

#define ENL_STOR_HEADER_BYTES	12u

/* First bytes of the user-defined area of an IDE offer. */
struct enl_stor_ide_offer {
	__le16 reserved1;
	__u8 bus;
	__u8 drive;
	__le32 reserved2;
	__le32 flags;
	__u8 reserved3[12];
};
ENL_WIRE_SIZE(struct enl_stor_ide_offer, 24);

#define ENL_STOR_IDE_EMULATED	0x2u

/* The instance GUID of an IDE channel says which disk it is. */
struct enl_stor_ide_instance {
	__le32 bus;
	__le16 drive;
	__u8 mark[2];			/* 99 88 */
	__u8 zero[8];
};
ENL_WIRE_SIZE(struct enl_stor_ide_instance, 16);

#define ENL_STOR_IDE_MARK	{ 0x99, 0x88 }

#endif
