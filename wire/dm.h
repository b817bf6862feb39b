/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dynamic Memory messages (balloon specification, chapters 2 to 5 and 14).
 * Layouts and limits only. Used by balloon/, by the host model and by tests.
 * Little-endian; a page is 4096 bytes; reserved bits and fields are zero.
 */
#ifndef ENL_WIRE_DM_H
#define ENL_WIRE_DM_H

#include "wire.h"

#define ENL_DM_VERSION_0_3	0x00000003u
#define ENL_DM_VERSION_1_0	0x00010000u
#define ENL_DM_VERSION_2_0	0x00020000u

#define ENL_DM_MESSAGE_BYTES	4096u	/* longest message, either way */

/* Number, name, least bytes, direction (G = guest to host, H = host to guest), since version. */
#define ENL_DM_TABLE(X) \
	X(1,  VERSION_REQUEST,		16, G, ENL_DM_VERSION_0_3) \
	X(2,  VERSION_RESPONSE,		16, H, ENL_DM_VERSION_0_3) \
	X(3,  CAPABILITIES,		32, G, ENL_DM_VERSION_0_3) \
	X(4,  CAPABILITIES_RESPONSE,	16, H, ENL_DM_VERSION_0_3) \
	X(5,  STATUS,			48, G, ENL_DM_VERSION_0_3) \
	X(6,  BALLOON,			16, H, ENL_DM_VERSION_0_3) \
	X(7,  BALLOON_RESPONSE,		16, G, ENL_DM_VERSION_0_3) \
	X(8,  UNBALLOON,		16, H, ENL_DM_VERSION_0_3) \
	X(9,  UNBALLOON_RESPONSE,	8,  G, ENL_DM_VERSION_0_3) \
	X(10, HOT_ADD,			16, H, ENL_DM_VERSION_0_3) \
	X(11, HOT_ADD_RESPONSE,		16, G, ENL_DM_VERSION_0_3) \
	X(12, INFO,			16, H, ENL_DM_VERSION_1_0) \
	X(13, HOT_REMOVE,		24, H, ENL_DM_VERSION_2_0) \
	X(14, HOT_REMOVE_RESPONSE,	24, G, ENL_DM_VERSION_2_0)

#define ENL_DM_ENUM(number, name, least, dir, since) ENL_DM_##name = (number),
enum enl_dm_type {
	ENL_DM_ERROR = 0,
	ENL_DM_TABLE(ENL_DM_ENUM)
	ENL_DM_TYPE_LIMIT
};
#undef ENL_DM_ENUM

struct enl_dm_header {
	__le16 type;
	__le16 size;
	__le32 trans_id;
};
ENL_WIRE_SIZE(struct enl_dm_header, 8);

/* Page range: bits 0-39 first page number, 40-63 number of pages; 0 pages means nothing. */
#define ENL_DM_RANGE_PFN_BITS	40
#define ENL_DM_RANGE_PFN_MASK	((1ULL << ENL_DM_RANGE_PFN_BITS) - 1)
#define ENL_DM_RANGE_MAX_PAGES	((1u << 24) - 1)

struct enl_dm_version_request {
	struct enl_dm_header header;
	__le16 minor;
	__le16 major;
	__le32 last_attempt;		/* bit 0 */
};
ENL_WIRE_SIZE(struct enl_dm_version_request, 16);

struct enl_dm_version_response {
	struct enl_dm_header header;
	__le64 accepted;		/* bit 0 */
};
ENL_WIRE_SIZE(struct enl_dm_version_response, 16);

#define ENL_DM_CAP_BALLOON	0x1u
#define ENL_DM_CAP_HOT_ADD	0x2u
#define ENL_DM_CAP_ALIGN_SHIFT	2	/* 4 bits: log2 of the alignment in MiB */
#define ENL_DM_CAP_ALIGN_MAX	15u
#define ENL_DM_CAP_HOT_REMOVE	0x40u

struct enl_dm_capabilities {
	struct enl_dm_header header;
	__le64 capabilities;
	__le64 min_pages;
	__le64 max_pfn;
};
ENL_WIRE_SIZE(struct enl_dm_capabilities, 32);

#define ENL_DM_CAPS_ACCEPTED		0x1u
#define ENL_DM_CAPS_HOT_REMOVE		0x2u
#define ENL_DM_CAPS_SUPPRESS_REPORTS	0x4u

struct enl_dm_capabilities_response {
	struct enl_dm_header header;
	__le64 flags;
};
ENL_WIRE_SIZE(struct enl_dm_capabilities_response, 16);

struct enl_dm_status {
	struct enl_dm_header header;
	__le64 available;		/* all in pages */
	__le64 committed;
	__le64 page_file_size;
	__le64 zero_free;
	__le32 page_file_writes;
	__le32 io_diff;
};
ENL_WIRE_SIZE(struct enl_dm_status, 48);

struct enl_dm_balloon {
	struct enl_dm_header header;
	__le32 pages;
	__le32 reserved;
};
ENL_WIRE_SIZE(struct enl_dm_balloon, 16);

#define ENL_DM_BALLOON_MORE		0x1u
#define ENL_DM_BALLOON_COUNT_SHIFT	1

struct enl_dm_balloon_response {
	struct enl_dm_header header;
	__le32 reserved;
	__le32 more_count;		/* bit 0 more, bits 1-31 number of ranges */
	__le64 ranges[];
};
ENL_WIRE_SIZE(struct enl_dm_balloon_response, 16);

#define ENL_DM_RESPONSE_RANGES	((ENL_DM_MESSAGE_BYTES - 16) / 8)
ENL_WIRE_FITS(ENL_DM_RESPONSE_RANGES == 510, "ranges in a balloon response");

struct enl_dm_unballoon {
	struct enl_dm_header header;
	__le32 more;			/* bit 0 */
	__le32 range_count;
	__le64 ranges[];
};
ENL_WIRE_SIZE(struct enl_dm_unballoon, 16);

struct enl_dm_unballoon_response {
	struct enl_dm_header header;
};
ENL_WIRE_SIZE(struct enl_dm_unballoon_response, 8);

struct enl_dm_hot_add {
	struct enl_dm_header header;
	__le64 range;
};
ENL_WIRE_SIZE(struct enl_dm_hot_add, 16);

struct enl_dm_hot_add_region {
	struct enl_dm_hot_add base;
	__le64 region;
};
ENL_WIRE_SIZE(struct enl_dm_hot_add_region, 24);

struct enl_dm_hot_add_response {
	struct enl_dm_header header;
	__le32 pages;
	__le32 result;			/* 1 success (0 pages: refused), 0 transient failure */
};
ENL_WIRE_SIZE(struct enl_dm_hot_add_response, 16);

struct enl_dm_info {
	struct enl_dm_header header;
	__le32 reserved;
	__le32 blob_bytes;
	__u8 blob[];
};
ENL_WIRE_SIZE(struct enl_dm_info, 16);

#define ENL_DM_INFO_MAX_PAGES	0u

struct enl_dm_info_max_pages {
	__le32 type;
	__le32 value_bytes;
	__le64 pages;
};
ENL_WIRE_SIZE(struct enl_dm_info_max_pages, 16);

struct enl_dm_hot_remove {
	struct enl_dm_header header;
	__le32 node;
	__le32 pages;
	__le32 quality;
	__le32 reserved;
};
ENL_WIRE_SIZE(struct enl_dm_hot_remove, 24);

struct enl_dm_hot_remove_response {
	struct enl_dm_header header;
	__le32 result;
	__le32 range_count;
	__le64 more;			/* bit 0 */
	__le64 ranges[];
};
ENL_WIRE_SIZE(struct enl_dm_hot_remove_response, 24);

/* Heat hints (14.2): input page of hypercall 0x8003. */
#define ENL_HINT_COLD_DISCARD	2u
#define ENL_HINT_RANGES		((4096 - 8) / 8)
#define ENL_HINT_RANGE_PAGES	2048u		/* per range word, of the size chosen */
#define ENL_HINT_LARGE		(1ULL << 11)
#define ENL_HINT_1G		(1ULL << 12)

struct enl_memory_hint {
	__le64 type;
	__le64 ranges[];
};
ENL_WIRE_SIZE(struct enl_memory_hint, 8);

#endif
