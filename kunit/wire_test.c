// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test vectors of the VMBus specification, chapter 14: each one made from the structs of
 * wire/ and taken apart by them; packets and rings by vmbus/ring.c itself; the arithmetic of 14.3.
 * Pure; compiles as a program too. What the bus posts and decodes is in wire_bus_test.c.
 */
#include "kunit/ring_pair.h"
#include "kunit/vectors.h"
#include "wire/classes.h"
#include "wire/control.h"
#include "wire/synic.h"

#define MADE(message, number) do { \
	KUNIT_EXPECT_EQ(test, sizeof(message), sizeof(enl_v##number)); \
	KUNIT_EXPECT_MEMEQ(test, &(message), enl_v##number, sizeof(enl_v##number)); \
} while (0)

#define HEADER(name) .header.type = cpu_to_le32(ENL_MSG_##name)

static struct enl_guid v10_service = ENL_GUID(0x000003e8, 0xfacb, 0x11e6, 0xbd, 0x58, 0x64, 0x00,
					      0x6a, 0x79, 0x86, 0xd3);
static struct enl_guid v25_endpoint = ENL_GUID(0x00000400, 0xfacb, 0x11e6, 0xbd, 0x58, 0x64, 0x00,
					       0x6a, 0x79, 0x86, 0xd3);

/* V1, V2, V3 */
static void contacts(struct kunit *test)
{
	struct enl_msg_contact v1 = {
		HEADER(INITIATE_CONTACT),
		.version = cpu_to_le32(ENL_VERSION_5_3),
		.sint = ENL_VMBUS_SINT,
		.monitor_to_guest = cpu_to_le64(0x104a000),
		.monitor_to_host = cpu_to_le64(0x104b000),
	};
	struct enl_msg_contact v2 = {
		HEADER(INITIATE_CONTACT),
		.version = cpu_to_le32(ENL_VERSION_3_0),
		.interrupt_page = cpu_to_le64(0x1049000),
		.monitor_to_guest = cpu_to_le64(0x104a000),
		.monitor_to_host = cpu_to_le64(0x104b000),
	};
	struct enl_msg_contact_client v3 = {
		.contact = v1,
		.client_id = ENL_GUID(0x01234567, 0x89ab, 0xcdef, 0x01, 0x23, 0x45, 0x67, 0x89,
				      0xab, 0xcd, 0xef),
	};

	v3.contact.version = cpu_to_le32(ENL_VERSION_6_0);
	v3.contact.feature_flags = cpu_to_le32(0x48);
	MADE(v1, 1);
	MADE(v2, 2);
	MADE(v3, 3);
	/* 14.3 */
	KUNIT_EXPECT_EQ(test, ENL_VERSION_5_2, 0x00050002);
}

/* V4, V5, V6 */
static void version_responses(struct kunit *test)
{
	struct enl_msg_version_response v4 = {
		HEADER(VERSION_RESPONSE), .supported = 1, .version_or_connection = cpu_to_le32(4),
	};
	struct enl_msg_version_response v5 = { HEADER(VERSION_RESPONSE) };
	struct enl_msg_version_response_long v6 = {
		.base = v4,
		.supported_features = cpu_to_le32(0x48),
		.monitor_to_host = cpu_to_le64(0xf8001000),
	};

	MADE(v4, 4);
	MADE(v5, 5);
	MADE(v6, 6);
}

/* V7, V11, V12, V17, V19 to V24 */
static void short_messages(struct kunit *test)
{
	struct enl_msg_header v7 = { .type = cpu_to_le32(ENL_MSG_REQUEST_OFFERS) };
	struct enl_msg_relid v11 = { HEADER(RESCIND), .relid = cpu_to_le32(0x1f) };
	struct enl_msg_relid v12 = { HEADER(RELID_RELEASED), .relid = cpu_to_le32(0x1f) };
	struct enl_msg_gpadl_created v17 = {
		HEADER(GPADL_CREATED), .relid = cpu_to_le32(9), .gpadl = cpu_to_le32(0xe1e11),
	};
	struct enl_msg_open_result v19 = {
		HEADER(OPEN_RESULT), .relid = cpu_to_le32(9), .open_id = cpu_to_le32(9),
	};
	struct enl_msg_modify v20 = {
		HEADER(MODIFY_CHANNEL), .relid = cpu_to_le32(9), .target_vp = cpu_to_le32(5),
	};
	struct enl_msg_modify_response v21 = {
		HEADER(MODIFY_CHANNEL_RESPONSE), .relid = cpu_to_le32(9),
	};
	struct enl_msg_relid v22 = { HEADER(CLOSE), .relid = cpu_to_le32(9) };
	struct enl_msg_gpadl_teardown v23 = {
		HEADER(GPADL_TEARDOWN), .relid = cpu_to_le32(9), .gpadl = cpu_to_le32(0xe1e12),
	};
	struct enl_msg_gpadl_torndown v24 = {
		HEADER(GPADL_TORNDOWN), .gpadl = cpu_to_le32(0xe1e12),
	};

	MADE(v7, 7);
	MADE(v11, 11);
	MADE(v12, 12);
	MADE(v17, 17);
	MADE(v19, 19);
	MADE(v20, 20);
	MADE(v21, 21);
	MADE(v22, 22);
	MADE(v23, 23);
	MADE(v24, 24);
	KUNIT_EXPECT_EQ(test, (int)ENL_MSG_ALL_OFFERS_DELIVERED, 4);
	KUNIT_EXPECT_EQ(test, (int)ENL_MSG_UNLOAD, 0x10);
	KUNIT_EXPECT_EQ(test, (int)ENL_MSG_UNLOAD_COMPLETE, 0x11);
}

/* V8, V9, V10 */
static void offers(struct kunit *test)
{
	struct enl_msg_offer v8 = {
		HEADER(OFFER),
		.class_id = ENL_CLASS_SCSI,
		.instance_id = ENL_GUID(0x11112222, 0x3333, 0x4444, 0x55, 0x55, 0x66, 0x66, 0x77,
					0x77, 0x88, 0x88),
		.relid = cpu_to_le32(9),
		.monitor_id = 0x21,
		.monitor_flags = ENL_OFFER_MONITOR_ALLOCATED,
		.interrupt_flags = cpu_to_le16(ENL_OFFER_DEDICATED_INTERRUPT),
		.connection_id = cpu_to_le32(9 + (ENL_VMBUS_SINT << 12)),
	};
	struct enl_msg_offer v9 = {
		HEADER(OFFER),
		.class_id = ENL_CLASS_NETWORK,
		.instance_id = ENL_GUID(0xaabbccdd, 0xeeff, 0x0011, 0x22, 0x33, 0x44, 0x55, 0x66,
					0x77, 0x88, 0x99),
		.sub_channel_index = cpu_to_le16(2),
		.relid = cpu_to_le32(0x1f),
		.monitor_id = ENL_MONITOR_NONE,
		.interrupt_flags = cpu_to_le16(ENL_OFFER_DEDICATED_INTERRUPT),
		.connection_id = cpu_to_le32(0x201f),
	};
	struct enl_msg_offer v10 = {
		HEADER(OFFER),
		.class_id = v10_service,
		.instance_id = ENL_GUID(0x5f3e2d1c, 0x0b0a, 0x4908, 0x87, 0x06, 0x05, 0x04, 0x03,
					0x02, 0x01, 0x00),
		.flags = cpu_to_le16(ENL_OFFER_HVSOCK | ENL_OFFER_NAMED_PIPE |
				     ENL_OFFER_USER_INTERFACE),
		.relid = cpu_to_le32(0x2c),
		.monitor_id = ENL_MONITOR_NONE,
		.interrupt_flags = cpu_to_le16(ENL_OFFER_DEDICATED_INTERRUPT),
		.connection_id = cpu_to_le32(0x202c),
	};

	v10.user_defined[4] = 1;	/* for the guest to accept */
	v10.user_defined[6] = 1;	/* version, not aligned */
	MADE(v8, 8);
	MADE(v9, 9);
	MADE(v10, 10);
}

/* V13 to V16: page numbers lie at 28 and at 16 bytes */
static void gpadls(struct kunit *test)
{
	const struct enl_msg_gpadl_header *header = (const void *)enl_v14;
	const struct enl_gpadl_range *range = (const void *)(header + 1);
	const struct enl_msg_gpadl_body *body = (const void *)enl_v16;
	__le64 pfn;
	u32 i;

	KUNIT_EXPECT_EQ(test, le32_to_cpu(header->header.type), (u32)ENL_MSG_GPADL_HEADER);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(header->relid), 9u);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(header->gpadl), 0xe1e11u);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(header->range_buffer_bytes), 8 + 300 * 8);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(header->range_count), 1);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(range->byte_count), 300u * 4096);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(range->byte_offset), 0u);
	for (i = 0; i < ENL_GPADL_HEADER_PFNS; i++) {
		memcpy(&pfn, (const u8 *)(range + 1) + 8 * i, 8);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(pfn), 0x80000ull + i);
	}
	KUNIT_EXPECT_EQ(test, sizeof(*header) + sizeof(*range) + 8 * i, sizeof(enl_v14));
	KUNIT_EXPECT_EQ(test, sizeof(*body) + 8 * ENL_GPADL_BODY_PFNS, sizeof(enl_v15));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->gpadl), 0xe1e11u);
	for (i = 0; i < 22; i++) {
		memcpy(&pfn, (const u8 *)(body + 1) + 8 * i, 8);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(pfn), 0x80000ull + 278 + i);
	}
	KUNIT_EXPECT_EQ(test, sizeof(*body) + 8 * i, sizeof(enl_v16));
	KUNIT_EXPECT_EQ(test, sizeof(*header) + sizeof(*range) + 8 * 9, sizeof(enl_v13));
}

/* V18, V25, V26 */
static void open_and_sockets(struct kunit *test)
{
	struct enl_msg_open v18 = {
		HEADER(OPEN),
		.relid = cpu_to_le32(9),
		.open_id = cpu_to_le32(9),
		.ring_gpadl = cpu_to_le32(0xe1e12),
		.target_vp = cpu_to_le32(3),
		.downstream_page_offset = cpu_to_le32(16),
	};
	struct enl_msg_tl_connect_silo v25 = {
		.connect = {
			HEADER(TL_CONNECT), .endpoint = v25_endpoint, .service = v10_service,
		},
	};
	struct enl_msg_tl_result v26 = {
		HEADER(TL_CONNECT_RESULT), .endpoint = v25_endpoint, .service = v10_service,
		.status = cpu_to_le32(0xc0000236),
	};

	MADE(v18, 18);
	MADE(v25, 25);
	MADE(v26, 26);
}

/* V27, V28 */
static void hypervisor_messages(struct kunit *test)
{
	struct enl_post_message v27 = {
		.connection_id = cpu_to_le32(4),
		.message_type = cpu_to_le32(ENL_HV_MESSAGE_VMBUS),
		.payload_bytes = cpu_to_le32(sizeof(enl_v12)),
	};
	struct enl_synic_message v28 = {
		.type = cpu_to_le32(ENL_HV_MESSAGE_VMBUS),
		.payload_bytes = sizeof(enl_v19),
		.flags = ENL_SYNIC_PENDING,
		.sender = cpu_to_le64(0x4002),
	};

	memcpy(v27.payload, enl_v12, sizeof(enl_v12));
	memcpy(v28.payload, enl_v19, sizeof(enl_v19));
	MADE(v27, 27);
	MADE(v28, 28);
	KUNIT_EXPECT_EQ(test, ENL_HYPERCALL_POST, 0x5cu);
	KUNIT_EXPECT_EQ(test, ENL_HYPERCALL_SIGNAL | 0x10000, 0x1005du);
	KUNIT_EXPECT_EQ(test, ENL_VMBUS_SINT * sizeof(v28), 0x200ul);
}

struct head {
	struct enl_packet_desc desc;
	struct enl_gpa_direct gpa;
};

static struct enl_packet_desc desc_of(u16 type, u16 offset8, u16 length8, u16 flags, u64 id)
{
	return (struct enl_packet_desc){
		.type = cpu_to_le16(type), .offset8 = cpu_to_le16(offset8),
		.length8 = cpu_to_le16(length8), .flags = cpu_to_le16(flags),
		.transaction_id = cpu_to_le64(id),
	};
}

/* V29, V30: by the ring itself, into a ring that held other bytes; the second one wraps */
static void ring_writes_inband_packet_and_wrapping_completion(struct kunit *test)
{
	static const u8 payload[20] = {
		1, 0, 0, 0, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b,
		0x1c, 0x1d, 0x1e, 0x1f,
	};
	static const u8 zero[8];
	struct ring_pair *p = ring_pair_create(test, 0xf000);
	struct enl_packet_desc v29 = desc_of(ENL_PACKET_INBAND, 2, 5, 1, 0x11);
	struct enl_packet_desc v30 = desc_of(ENL_PACKET_COMPLETION, 2, 3, 0, 0x11);
	struct enl_ring_piece first[] = { { &v29, 16 }, { payload, 20 } };
	struct enl_ring_piece second[] = { { &v30, 16 }, { zero, 8 } };

	p->out.write = 0x1f0;
	ring_pair_set(&p->out.control->read_index, 0x1f0);
	KUNIT_ASSERT_EQ(test, enl_ring_write(&p->out, first, 2), 0);
	KUNIT_EXPECT_EQ(test, p->out.write, 0x220u);
	KUNIT_EXPECT_MEMEQ(test, p->out.data + 0x1f0, enl_v29, sizeof(enl_v29));
	p->out.write = 0xefe8;
	ring_pair_set(&p->out.control->read_index, 0xefe8);
	KUNIT_ASSERT_EQ(test, enl_ring_write(&p->out, second, 2), 0);
	KUNIT_EXPECT_EQ(test, p->out.write, 0x8u);
	ring_pair_mirror_out(p);
	KUNIT_EXPECT_MEMEQ(test, p->out.data + 0xefe8, enl_v30, 0x18);
	KUNIT_EXPECT_MEMEQ(test, p->out.data, enl_v30 + 0x18, 8);
}

/* V31, V32: the host's end reads them, payload offset and ranges as told */
static void ring_writes_gpa_direct_packets(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 0xf000);
	struct head v31 = {
		.desc = desc_of(ENL_PACKET_GPA_DIRECT, 7, 9, 1, 0x12),
		.gpa.range_count = cpu_to_le32(1),
	};
	struct head v32 = {
		.desc = desc_of(ENL_PACKET_GPA_DIRECT, 7, 8, 1, 0x13),
		.gpa.range_count = cpu_to_le32(2),
	};
	struct enl_ring_piece first[] = {
		{ &v31, sizeof(v31) }, { enl_v31 + 24, 32 }, { enl_v31 + 56, 16 },
	};
	struct enl_ring_piece second[] = {
		{ &v32, sizeof(v32) }, { enl_v32 + 24, 32 }, { enl_v32 + 56, 8 },
	};
	static u64 copy[16];
	u32 bytes;

	ring_pair_attach(test, p);
	KUNIT_ASSERT_EQ(test, enl_ring_write(&p->out, first, 3), 0);
	KUNIT_ASSERT_EQ(test, enl_ring_write(&p->out, second, 3), 0);
	KUNIT_EXPECT_MEMEQ(test, p->out.data, enl_v31, sizeof(enl_v31));
	KUNIT_EXPECT_MEMEQ(test, p->out.data + 0x50, enl_v32, sizeof(enl_v32));
	enl_ring_publish(&p->out);
	KUNIT_EXPECT_EQ(test, (int)vsp_ring_read(&p->host_in, copy, sizeof(copy), &bytes), 0);
	KUNIT_EXPECT_EQ(test, bytes, 72u);
	KUNIT_EXPECT_EQ(test, (int)vsp_ring_read(&p->host_in, copy, sizeof(copy), &bytes), 0);
	KUNIT_EXPECT_EQ(test, bytes, 64u);
}

/* V33: read at the offset that it was written at */
static void ring_reads_transfer_pages(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 0xf000);
	static u64 copy[16];
	const struct enl_transfer_pages *pages = (const void *)(copy + 2);
	const struct enl_transfer_range *range = (const void *)(pages + 1);

	p->in.read = 0x300;
	p->in.committed = 0x300;
	p->in.seen = 0x300;
	ring_pair_put(p, 0x300, enl_v33, sizeof(enl_v33));
	ring_pair_set(&p->in.control->write_index, 0x340);
	KUNIT_ASSERT_EQ(test, enl_ring_read(&p->in, copy, sizeof(copy)), 56);
	KUNIT_EXPECT_MEMEQ(test, copy, enl_v33, 56);
	KUNIT_EXPECT_EQ(test, p->in.read, 0x340u);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(pages->set_id), 0xcafe);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(pages->range_count), 2u);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(range[1].byte_count), 0x62au);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(range[1].byte_offset), 0x6a4u);
}

/* V34: the control page of a writer that waits, and the host's one signal */
static void ring_waits_for_room(struct kunit *test)
{
	struct ring_pair *p = ring_pair_create(test, 0xf000);
	bool wake;

	ring_pair_attach(test, p);
	vsp_ring_mask(&p->host_in, false);
	p->out.write = 0xefd8;
	p->host_in.index = 0x10;
	p->host_in.published = 0x8;
	ring_pair_set(&p->out.control->read_index, 0x10);
	KUNIT_EXPECT_EQ(test, ring_pair_write(p, 0x70 - 24, 1), -EAGAIN);
	enl_ring_publish(&p->out);
	KUNIT_EXPECT_FALSE(test, enl_ring_want_room(&p->out, 0x70));
	KUNIT_EXPECT_MEMEQ(test, p->out.control, enl_v34, sizeof(enl_v34));
	p->host_in.published = 0x10;
	p->host_in.index = 0x58;
	KUNIT_EXPECT_EQ(test, (int)vsp_ring_commit(&p->host_in, &wake), (int)VSP_RING_OK);
	KUNIT_EXPECT_TRUE(test, wake);
}

/* 14.3: monitor id 0x21, and the flag of relid 0x1f */
static void monitor_and_event_bits(struct kunit *test)
{
	const u32 group = 0x21 / 32, bit = 0x21 % 32;

	KUNIT_EXPECT_EQ(test, offsetof(struct enl_monitor_page, group[1].pending), 0x10ul);
	KUNIT_EXPECT_EQ(test, 1u << bit, 2u);
	KUNIT_EXPECT_EQ(test, offsetof(struct enl_monitor_page, latency) + 2 * (group * 32 + bit),
			0x282ul);
	KUNIT_EXPECT_EQ(test, offsetof(struct enl_monitor_page, parameter) + 8 * (group * 32 + bit),
			0x548ul);
	KUNIT_EXPECT_EQ(test, 0x1f / 8, 3);
	KUNIT_EXPECT_EQ(test, 0x1f & 7, 7);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(contacts),
	KUNIT_CASE(version_responses),
	KUNIT_CASE(short_messages),
	KUNIT_CASE(offers),
	KUNIT_CASE(gpadls),
	KUNIT_CASE(open_and_sockets),
	KUNIT_CASE(hypervisor_messages),
	KUNIT_CASE(ring_writes_inband_packet_and_wrapping_completion),
	KUNIT_CASE(ring_writes_gpa_direct_packets),
	KUNIT_CASE(ring_reads_transfer_pages),
	KUNIT_CASE(ring_waits_for_room),
	KUNIT_CASE(monitor_and_event_bits),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_wire",
	.test_cases = cases,
};

kunit_test_suite(suite);
