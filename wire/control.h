/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMBus control messages (specification, chapters 4, 5 and 7) and the one table of them.
 * Layouts, numbers and limits only. Used by vmbus/ (the guest), vsp/ (the host model), tests.
 * All integers are little-endian; reserved fields are sent as zero and ignored on receipt.
 */
#ifndef ENL_WIRE_CONTROL_H
#define ENL_WIRE_CONTROL_H

#include "wire.h"

/* A control message travels in the payload of one hypervisor message. */
#define ENL_MESSAGE_BYTES	240u
#define ENL_HV_MESSAGE_VMBUS	1u	/* type of the hypervisor message around it */

#define ENL_PROTOCOL(major, minor)	(((major) << 16) | (minor))
#define ENL_VERSION_2_4		ENL_PROTOCOL(2, 4)
#define ENL_VERSION_3_0		ENL_PROTOCOL(3, 0)
#define ENL_VERSION_4_0		ENL_PROTOCOL(4, 0)
#define ENL_VERSION_4_1		ENL_PROTOCOL(4, 1)
#define ENL_VERSION_5_0		ENL_PROTOCOL(5, 0)
#define ENL_VERSION_5_1		ENL_PROTOCOL(5, 1)
#define ENL_VERSION_5_2		ENL_PROTOCOL(5, 2)
#define ENL_VERSION_5_3		ENL_PROTOCOL(5, 3)
#define ENL_VERSION_6_0		ENL_PROTOCOL(6, 0)

/* Connections that the bus itself posts to (4.5). Only 24 bits of a connection id count. */
#define ENL_CONNECTION_MESSAGE		1u
#define ENL_CONNECTION_EVENT		2u
#define ENL_CONNECTION_MESSAGE_MULTI	4u	/* INITIATE_CONTACT from version 5.0 on */
#define ENL_CONNECTION_ID_MASK		0xffffffu

#define ENL_VMBUS_SINT		2u
#define ENL_RELID_LIMIT		2048u		/* relids are 1 .. 2047 */
#define ENL_RELID_NONE		0xffffffffu
#define ENL_VP_NONE		0xffffffffu	/* OPEN: no interrupts */
#define ENL_MONITOR_NONE	0xffu
#define ENL_MONITOR_IDS		128u

/*
 * The one table: number, name, struct, least bytes, least version, direction, number of the answer.
 * Direction: G = guest to host, H = host to guest. Answer 0: none.
 */
#define ENL_CONTROL_TABLE(X) \
	X(1,  OFFER,                 struct enl_msg_offer,            196, 0, H, 0) \
	X(2,  RESCIND,               struct enl_msg_relid,            12, 0, H, 13) \
	X(3,  REQUEST_OFFERS,        struct enl_msg_header,           8, 0, G, 4) \
	X(4,  ALL_OFFERS_DELIVERED,  struct enl_msg_header,           8, 0, H, 0) \
	X(5,  OPEN,                  struct enl_msg_open,             148, 0, G, 6) \
	X(6,  OPEN_RESULT,           struct enl_msg_open_result,      20, 0, H, 0) \
	X(7,  CLOSE,                 struct enl_msg_relid,            12, 0, G, 0) \
	X(8,  GPADL_HEADER,          struct enl_msg_gpadl_header,     20, 0, G, 10) \
	X(9,  GPADL_BODY,            struct enl_msg_gpadl_body,       16, 0, G, 0) \
	X(10, GPADL_CREATED,         struct enl_msg_gpadl_created,    20, 0, H, 0) \
	X(11, GPADL_TEARDOWN,        struct enl_msg_gpadl_teardown,   16, 0, G, 12) \
	X(12, GPADL_TORNDOWN,        struct enl_msg_gpadl_torndown,   12, 0, H, 0) \
	X(13, RELID_RELEASED,        struct enl_msg_relid,            12, 0, G, 0) \
	X(14, INITIATE_CONTACT,      struct enl_msg_contact,          40, 0, G, 15) \
	X(15, VERSION_RESPONSE,      struct enl_msg_version_response, 16, 0, H, 0) \
	X(16, UNLOAD,                struct enl_msg_header,           8, ENL_VERSION_3_0, G, 17) \
	X(17, UNLOAD_COMPLETE,       struct enl_msg_header,           8, 0, H, 0) \
	X(21, TL_CONNECT,            struct enl_msg_tl_connect,       40, ENL_VERSION_4_0, G, 23) \
	X(22, MODIFY_CHANNEL,        struct enl_msg_modify,           16, ENL_VERSION_4_1, G, 24) \
	X(23, TL_CONNECT_RESULT,     struct enl_msg_tl_result,        44, ENL_VERSION_4_1, H, 0) \
	X(24, MODIFY_CHANNEL_RESPONSE, struct enl_msg_modify_response, 16, ENL_VERSION_5_3, H, 0)

#define ENL_CONTROL_ENUM(number, name, type, least, version, dir, answer) \
	ENL_MSG_##name = (number),
enum enl_msg_type {
	ENL_MSG_INVALID = 0,
	ENL_CONTROL_TABLE(ENL_CONTROL_ENUM)
	ENL_MSG_LIMIT
};
#undef ENL_CONTROL_ENUM

struct enl_msg_header {
	__le32 type;
	__le32 pad;
};
ENL_WIRE_SIZE(struct enl_msg_header, 8);

/* 5.3 OFFER */
struct enl_msg_offer {
	struct enl_msg_header header;
	struct enl_guid class_id;
	struct enl_guid instance_id;
	__u8 reserved[16];
	__le16 flags;
	__le16 mmio_megabytes;
	__u8 user_defined[120];
	__le16 sub_channel_index;
	__le16 mmio_megabytes_optional;
	__le32 relid;
	__u8 monitor_id;
	__u8 monitor_flags;
	__le16 interrupt_flags;
	__le32 connection_id;
};
ENL_WIRE_SIZE(struct enl_msg_offer, 196);
ENL_WIRE_AT(struct enl_msg_offer, flags, 0x38);
ENL_WIRE_AT(struct enl_msg_offer, user_defined, 0x3c);
ENL_WIRE_AT(struct enl_msg_offer, sub_channel_index, 0xb4);
ENL_WIRE_AT(struct enl_msg_offer, relid, 0xb8);
ENL_WIRE_AT(struct enl_msg_offer, monitor_id, 0xbc);
ENL_WIRE_AT(struct enl_msg_offer, connection_id, 0xc0);

#define ENL_OFFER_MONITOR_ALLOCATED	0x1u	/* monitor_flags */
#define ENL_OFFER_DEDICATED_INTERRUPT	0x1u	/* interrupt_flags */

enum enl_offer_flag {
	ENL_OFFER_USER_INTERFACE	= 0x0001,
	ENL_OFFER_CONFIDENTIAL_RING	= 0x0002,	/* feature 0x10 only */
	ENL_OFFER_CONFIDENTIAL_MEMORY	= 0x0004,	/* feature 0x10 only */
	ENL_OFFER_PINNED_MEMORY		= 0x0008,	/* feature 0x80 only */
	ENL_OFFER_NAMED_PIPE		= 0x0010,
	ENL_OFFER_LOOPBACK		= 0x0100,
	ENL_OFFER_PARENT		= 0x0200,
	ENL_OFFER_MONITORED		= 0x0400,
	ENL_OFFER_HVSOCK		= 0x2000,
};

/* Without the features of version 6.0 these three bits carry an old, useless meaning. */
#define ENL_OFFER_FEATURE_FLAGS \
	(ENL_OFFER_CONFIDENTIAL_RING | ENL_OFFER_CONFIDENTIAL_MEMORY | ENL_OFFER_PINNED_MEMORY)
#define ENL_OFFER_KNOWN_FLAGS		0x271fu

/* RESCIND, RELID_RELEASED, CLOSE */
struct enl_msg_relid {
	struct enl_msg_header header;
	__le32 relid;
};
ENL_WIRE_SIZE(struct enl_msg_relid, 12);

/* 5.5 OPEN: 148 bytes; the last three fields only with feature 0x01 or 0x02 */
struct enl_msg_open {
	struct enl_msg_header header;
	__le32 relid;
	__le32 open_id;
	__le32 ring_gpadl;
	__le32 target_vp;
	__le32 downstream_page_offset;
	__u8 user_data[120];
};
ENL_WIRE_SIZE(struct enl_msg_open, 148);

struct enl_msg_open_result {
	struct enl_msg_header header;
	__le32 relid;
	__le32 open_id;
	__le32 status;
};
ENL_WIRE_SIZE(struct enl_msg_open_result, 20);

/* 5.6, 7.1, 7.2 GPADL: one range that starts at offset 0, whole pages */
struct enl_msg_gpadl_header {
	struct enl_msg_header header;
	__le32 relid;
	__le32 gpadl;
	__le16 range_buffer_bytes;
	__le16 range_count;
};
ENL_WIRE_SIZE(struct enl_msg_gpadl_header, 20);

struct enl_gpadl_range {
	__le32 byte_count;
	__le32 byte_offset;
};
ENL_WIRE_SIZE(struct enl_gpadl_range, 8);

struct enl_msg_gpadl_body {
	struct enl_msg_header header;
	__le32 number;
	__le32 gpadl;
};
ENL_WIRE_SIZE(struct enl_msg_gpadl_body, 16);

#define ENL_GPADL_HEADER_PFNS	26u
#define ENL_GPADL_BODY_PFNS	28u
#define ENL_GPADL_MAX_PAGES	8190u	/* 8 + 8 * 8190 is the last that the u16 length can hold */
ENL_WIRE_FITS(20 + 8 + 8 * 26 <= 240 && 20 + 8 + 8 * 27 > 240, "page numbers in a GPADL header");
ENL_WIRE_FITS(16 + 8 * 28 == 240, "page numbers in a GPADL body");

struct enl_msg_gpadl_created {
	struct enl_msg_header header;
	__le32 relid;
	__le32 gpadl;
	__le32 status;
};
ENL_WIRE_SIZE(struct enl_msg_gpadl_created, 20);

struct enl_msg_gpadl_teardown {
	struct enl_msg_header header;
	__le32 relid;
	__le32 gpadl;
};
ENL_WIRE_SIZE(struct enl_msg_gpadl_teardown, 16);

struct enl_msg_gpadl_torndown {
	struct enl_msg_header header;
	__le32 gpadl;
};
ENL_WIRE_SIZE(struct enl_msg_gpadl_torndown, 12);

/* 4.2 INITIATE_CONTACT: 40 bytes; a 16-byte client id follows with feature 0x08 */
struct enl_msg_contact {
	struct enl_msg_header header;
	__le32 version;
	__le32 target_vp;
	union {
		__le64 interrupt_page;		/* below 5.0 */
		struct {
			__u8 sint;		/* 5.0 and later */
			__u8 vtl;		/* 5.1 and later */
			__le16 reserved;
			__le32 feature_flags;	/* 6.0 and later */
		};
	};
	__le64 monitor_to_guest;
	__le64 monitor_to_host;
};
ENL_WIRE_SIZE(struct enl_msg_contact, 40);
ENL_WIRE_AT(struct enl_msg_contact, feature_flags, 0x14);

struct enl_msg_contact_client {
	struct enl_msg_contact contact;
	struct enl_guid client_id;
};
ENL_WIRE_SIZE(struct enl_msg_contact_client, 56);

/* 4.3 VERSION_RESPONSE: 16 bytes; 20 or 40 with 6.0 */
struct enl_msg_version_response {
	struct enl_msg_header header;
	__u8 supported;
	__u8 connection_state;
	__le16 pad;
	__le32 version_or_connection;	/* from 5.0 on: connection id for every later message */
};
ENL_WIRE_SIZE(struct enl_msg_version_response, 16);

struct enl_msg_version_response_long {
	struct enl_msg_version_response base;
	__le32 supported_features;
	__le32 pad;
	__le64 monitor_to_guest;
	__le64 monitor_to_host;
};
ENL_WIRE_SIZE(struct enl_msg_version_response_long, 40);

enum enl_connection_state {
	ENL_CONNECTION_OK		= 0,
	ENL_CONNECTION_LOW_RESOURCES	= 1,
	ENL_CONNECTION_FAILED		= 2,
};

/* 5.8 hvsock: 40 bytes; 56 with the silo id from 5.2 on */
struct enl_msg_tl_connect {
	struct enl_msg_header header;
	struct enl_guid endpoint;
	struct enl_guid service;
};
ENL_WIRE_SIZE(struct enl_msg_tl_connect, 40);

struct enl_msg_tl_connect_silo {
	struct enl_msg_tl_connect connect;
	struct enl_guid silo;
};
ENL_WIRE_SIZE(struct enl_msg_tl_connect_silo, 56);

struct enl_msg_tl_result {
	struct enl_msg_header header;
	struct enl_guid endpoint;
	struct enl_guid service;
	__le32 status;
};
ENL_WIRE_SIZE(struct enl_msg_tl_result, 44);

/* 5.7 MODIFY_CHANNEL */
struct enl_msg_modify {
	struct enl_msg_header header;
	__le32 relid;
	__le32 target_vp;
};
ENL_WIRE_SIZE(struct enl_msg_modify, 16);

struct enl_msg_modify_response {
	struct enl_msg_header header;
	__le32 relid;
	__le32 status;
};
ENL_WIRE_SIZE(struct enl_msg_modify_response, 16);

#define ENL_CONTROL_CHECK(number, name, type, least, version, dir, answer) \
	ENL_WIRE_FITS(sizeof(type) == (least), "least size of " #name);
ENL_CONTROL_TABLE(ENL_CONTROL_CHECK)
#undef ENL_CONTROL_CHECK

/* 4.8 monitor page: the guest sets pending bits in the guest-to-host page and reads nothing */
struct enl_monitor_group {
	__le32 pending;
	__le32 armed;
};
ENL_WIRE_SIZE(struct enl_monitor_group, 8);

struct enl_monitor_parameter {
	__le32 connection_id;
	__le16 flag_number;
	__le16 reserved;
};
ENL_WIRE_SIZE(struct enl_monitor_parameter, 8);

struct enl_monitor_page {
	__le32 trigger_state;
	__le32 reserved1;
	struct enl_monitor_group group[4];
	__u8 reserved2[24];
	__le32 next_check_time[4][32];
	__le16 latency[4][32];
	__u8 reserved3[256];
	struct enl_monitor_parameter parameter[4][32];
	__u8 reserved4[1984];
};
ENL_WIRE_SIZE(struct enl_monitor_page, 4096);
ENL_WIRE_AT(struct enl_monitor_page, group, 0x8);
ENL_WIRE_AT(struct enl_monitor_page, next_check_time, 0x40);
ENL_WIRE_AT(struct enl_monitor_page, latency, 0x240);
ENL_WIRE_AT(struct enl_monitor_page, parameter, 0x440);

#endif
