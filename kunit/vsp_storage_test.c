// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's storage service under a toy guest: offers, handshake, channels, notices, breaches.
 * Calls vsp/ and kunit/toystorage.c; compiles as a program too.
 * Bytes are compared with vectors of the storage specification, chapter 22.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "kunit/toystorage.h"
#include "wire/classes.h"

static struct toystorage *ready(struct kunit *test)
{
	struct toystorage *t = test->priv;

	toystor_open(test, t);
	toystor_shake(test, t, ENL_STOR_VERSION_6_2);
	return t;
}

/* The last packet, descriptor first: these bytes, then zeroes up to 80. */
static void expect_packet(struct kunit *test, struct toystorage *t, const u8 *bytes, u32 count)
{
	static const u8 zeroes[80];

	KUNIT_ASSERT_EQ(test, t->raw_bytes, 80u);
	KUNIT_EXPECT_MEMEQ(test, t->raw, bytes, count);
	KUNIT_EXPECT_MEMEQ(test, t->raw + count, zeroes, 80 - count);
}

static void refused_version_is_vector_v3(struct kunit *test)
{
	static const u8 v3[] = {
		0x0b, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x00, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x59, 0x00, 0x00, 0xc0,
		0x02, 0x06,
	};
	struct toystorage *t = test->priv;

	t->s->without = VSP_STORAGE_NO_6_2;
	toystor_open(test, t);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_BEGIN_INIT, 0), 0u);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_QUERY_VERSION, ENL_STOR_VERSION_6_2),
			ENL_NT_REVISION_MISMATCH);
	expect_packet(test, t, v3, sizeof(v3));
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_QUERY_VERSION, ENL_STOR_VERSION_6_0), 0u);
	KUNIT_EXPECT_EQ(test, t->s->version, ENL_STOR_VERSION_6_0);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void each_version_can_be_missing(struct kunit *test)
{
	static const u16 all[] = { 0x0200, 0x0402, 0x0501, 0x0600, 0x0602 };
	struct toystorage *t = test->priv;
	u32 missing, i;

	toystor_open(test, t);
	for (missing = 0; missing < ARRAY_SIZE(all); missing++) {
		t->s->without = 1u << missing;
		for (i = 0; i < ARRAY_SIZE(all); i++) {
			t->s->state = VSP_STOR_VERSION;
			KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_QUERY_VERSION, all[i]),
					i == missing ? ENL_NT_REVISION_MISMATCH : 0);
		}
	}
	t->s->without = 0;
	t->s->state = VSP_STOR_VERSION;
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_QUERY_VERSION, 0x0300),
			ENL_NT_REVISION_MISMATCH);
}

static void properties_are_vector_v4(struct kunit *test)
{
	static const u8 v4[] = {
		0x0b, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x00, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x20, 0x00,
	};
	struct toystorage *t = test->priv;

	t->s->max_sub_channels = 64;
	t->s->max_transfer = 2 << 20;
	toystor_open(test, t);
	toystor_control(t, ENL_STOR_BEGIN_INIT, 0);
	toystor_control(t, ENL_STOR_QUERY_VERSION, ENL_STOR_VERSION_6_2);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_QUERY_PROPERTIES, 0), 0u);
	expect_packet(test, t, v4, sizeof(v4));
}

static void steps_out_of_turn_change_nothing(struct kunit *test)
{
	struct toystorage *t = test->priv;
	static const u8 wrong[] = {
		ENL_STOR_END_INIT, ENL_STOR_QUERY_VERSION, ENL_STOR_QUERY_PROPERTIES,
		ENL_STOR_CREATE_SUB_CHANNELS, ENL_STOR_RESET_BUS, ENL_STOR_FC_HBA_DATA,
	};
	static const u8 nothing[6];
	u32 i;

	toystor_open(test, t);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		KUNIT_EXPECT_EQ(test, toystor_control(t, wrong[i], 0), ENL_NT_INVALID_DEVICE_STATE);
		KUNIT_EXPECT_EQ(test, (int)t->s->state, (int)VSP_STOR_BEGIN);
	}
	toystor_srb(t, nothing, sizeof(nothing), STOR_NONE, 0);
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, __le32_to_cpu(t->got.status), ENL_NT_INVALID_DEVICE_STATE);
	toystor_expect(test, t, VSP_V_STOR_ORDER, ARRAY_SIZE(wrong) + 1);
	vsp_forgive(t->guest->host, VSP_V_STOR_ORDER);
	toystor_shake(test, t, ENL_STOR_VERSION_6_2);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_BEGIN_INIT, 0),
			ENL_NT_INVALID_DEVICE_STATE);
	KUNIT_EXPECT_EQ(test, (int)t->s->state, (int)VSP_STOR_READY);
	toystor_expect(test, t, VSP_V_STOR_ORDER, 1);
}

static void answers_are_as_long_as_the_request(struct kunit *test)
{
	struct enl_stor_packet p = {
		.operation = __cpu_to_le32(ENL_STOR_BEGIN_INIT),
		.flags = __cpu_to_le32(ENL_STOR_WANTS_COMPLETION),
	};
	struct toystorage *t = test->priv;
	u32 bytes;

	t->s->strict = false;
	toystor_open(test, t);
	for (bytes = 48; bytes <= 72; bytes += 8) {
		t->s->state = VSP_STOR_BEGIN;
		toy_send(t->guest, &t->ring, ENL_PACKET_INBAND, 5, true, &p,
			 bytes < 64 ? bytes : 64);
		KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
		KUNIT_EXPECT_EQ(test, t->bytes, bytes < 64 ? bytes : 64);
		KUNIT_EXPECT_EQ(test, t->got.status, (__le32)0);
	}
	/* 56 is neither of the two sizes */
	toystor_expect(test, t, VSP_V_STOR_FORMAT, 1);
}

static void old_guests_have_short_packets(struct kunit *test)
{
	struct toystorage *t = test->priv;

	toystor_open(test, t);
	toystor_shake(test, t, ENL_STOR_VERSION_4_2);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 0, 0, 0, 36, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 36));
	KUNIT_EXPECT_EQ(test, t->bytes, 48u);
	KUNIT_EXPECT_EQ(test, t->got.srb.length, __cpu_to_le16(0x24));
	KUNIT_EXPECT_EQ(test, t->got.srb.sense_bytes, (u8)18);
	vsp_storage_add(t->s, &t->disk[1]);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->bytes, 48u);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

/* The request is V6, but for the pages that it names and the file's own lengths. */
static void good_completion_is_vector_v7(struct kunit *test)
{
	static const u8 read[] = { 0x28, 0, 0, 0, 1, 0x50, 0, 0, 0x10, 0 };
	static const u8 v7[] = {
		0x0b, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x03, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x34, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x14, 0x00, 0x00, 0x00, 0x20,
	};
	static const u8 v8[] = {
		0x0b, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x03, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x85, 0x01, 0x00, 0xc0,
		0x34, 0x00, 0x84, 0x02, 0x00, 0x00, 0x00, 0x00, 0x10, 0x14, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x70, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x00,
		0x2a, 0x09,
	};
	struct toystorage *t = test->priv;
	u32 i;

	vsp_storage_add(t->s, &t->disk[1]);
	ready(test);
	for (i = 0; i < 2; i++) {
		toystor_srb(t, read, 10, STOR_IN, 0x2000);
		t->ask.srb.lun = 1;
		t->ask.srb.port = 2;
		t->ask.srb.flags = __cpu_to_le32(0x14a);
		t->next_id = 0x3002a;
		toystor_send(t, &t->ring, 0xe00, 0);
		KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
		if (!i)
			expect_packet(test, t, v7, sizeof(v7));
		vsp_disk_resize(&t->disk[1], 2048);
	}
	expect_packet(test, t, v8, sizeof(v8));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void notice_is_vector_v10_and_waits_for_the_handshake(struct kunit *test)
{
	static const u8 v10[] = {
		0x06, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x0b,
	};
	struct toystorage *t = test->priv;

	toystor_open(test, t);
	vsp_storage_changed(t->s);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	toystor_shake(test, t, ENL_STOR_VERSION_6_2);
	vsp_storage_changed(t->s);
	vsp_storage_changed(t->s);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	expect_packet(test, t, v10, sizeof(v10));
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->s->stats.notices, 1ULL);
}

static void notices_of_any_kind_and_number(struct kunit *test)
{
	struct toystorage *t = ready(test);
	u32 heard = 0;

	vsp_storage_notice(t->s, ENL_STOR_ENUMERATE_BUS, 0, 10000, 0);
	while (toystor_hear(t, &t->ring)) {
		if (t->got.operation == __cpu_to_le32(ENL_STOR_ENUMERATE_BUS) &&
		    t->type == ENL_PACKET_INBAND && !t->id)
			heard++;
	}
	KUNIT_EXPECT_EQ(test, heard, 10000u);
	vsp_storage_notice(t->s, ENL_STOR_REMOVE_DEVICE, 12, 1, 0);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->bytes, 16u);
	vsp_storage_notify_event(t->s, 1, 5, 3);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->got.operation, __cpu_to_le32(ENL_STOR_EVENT_NOTIFICATION));
	KUNIT_EXPECT_EQ(test, t->got.notification.lun, (u8)5);
	KUNIT_EXPECT_EQ(test, t->got.notification.target, (u8)1);
	KUNIT_EXPECT_EQ(test, vsp_quiesce(t->guest->host), 0ULL);
}

static void fibre_channel_names_are_vector_v14(struct kunit *test)
{
	static const u8 v14[] = {
		0x0b, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x00, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x01, 0x00, 0x00, 0x00, 0xc0, 0x03, 0xff, 0x00, 0x00, 0xff, 0xff, 0x00, 0xc0, 0x03,
		0xff, 0x00, 0x00, 0xff, 0xff, 0x10, 0xc0, 0x03, 0xff, 0x00, 0x00, 0xff, 0xff, 0x02,
		0xc0, 0x03, 0xff, 0x00, 0x00, 0xff, 0xff, 0x12,
	};
	static const struct enl_guid class = ENL_CLASS_FIBRE_CHANNEL;
	struct toystorage *t = test->priv;

	t->s->kind = VSP_STORAGE_FC;
	memcpy(&t->s->wwn, v14 + 28, sizeof(t->s->wwn));
	toystor_open(test, t);
	KUNIT_EXPECT_MEMEQ(test, toy_last(t->guest, ENL_MSG_OFFER) + 8, class.b, 16);
	toystor_control(t, ENL_STOR_BEGIN_INIT, 0);
	toystor_control(t, ENL_STOR_QUERY_VERSION, ENL_STOR_VERSION_6_2);
	toystor_control(t, ENL_STOR_QUERY_PROPERTIES, 0);
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_FC_HBA_DATA, 0), 0u);
	expect_packet(test, t, v14, sizeof(v14));
	KUNIT_EXPECT_EQ(test, toystor_control(t, ENL_STOR_END_INIT, 0), 0u);
	vsp_storage_wwn_changed(t->s);
	KUNIT_ASSERT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_EXPECT_EQ(test, t->got.operation, __cpu_to_le32(ENL_STOR_FC_HBA_DATA));
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&t->got.wwn, v14 + 28, sizeof(t->s->wwn));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void ide_disk_is_known_by_its_guid(struct kunit *test)
{
	static const struct enl_guid class = ENL_CLASS_IDE;
	static const u8 v18[16] = { 0x01, 0, 0, 0, 0, 0, 0x99, 0x88 };
	static const u8 user[] = { 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0 };
	struct toystorage *t = test->priv;
	const struct enl_msg_offer *offer;

	vsp_storage_remove(t->s, &t->disk[0]);
	t->s->kind = VSP_STORAGE_IDE;
	t->disk[0].path = 1;
	vsp_storage_add(t->s, &t->disk[0]);
	toystor_open(test, t);
	offer = (const void *)toy_last(t->guest, ENL_MSG_OFFER);
	KUNIT_EXPECT_MEMEQ(test, offer->class_id.b, class.b, 16);
	KUNIT_EXPECT_MEMEQ(test, offer->instance_id.b, v18, 16);
	KUNIT_EXPECT_MEMEQ(test, offer->user_defined, user, sizeof(user));
	toystor_shake(test, t, ENL_STOR_VERSION_6_2);
	/* guests say path 0, and are understood but for REPORT LUNS */
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 36, 0x12, 0, 0, 0, 36, 0));
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0), (u8)0);
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8));
}

static void too_long_request_is_vector_v16(struct kunit *test)
{
	static const u8 v16[] = {
		0x0b, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x00, 0xc6, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0xc0,
		0x34, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x20, 0x00,
	};
	struct toystorage *t = ready(test);

	t->s->limit = 256 << 10;
	t->s->max_transfer = 2 << 20;
	t->next_id = 0xc5;
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 2 << 20, 0x28, 0, 0, 0, 0, 0, 0, 16, 0, 0));
	expect_packet(test, t, v16, sizeof(v16));
	KUNIT_EXPECT_EQ(test, t->memory[0].count[VSP_DISK_READ], 0ULL);
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void short_data_on_windows_are_vector_v17(struct kunit *test)
{
	static const u8 v17[] = {
		0x0b, 0x00, 0x02, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x80,
		0x34, 0x00, 0x12, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x14, 0x00, 0x00, 0x24,
	};
	struct toystorage *t = test->priv;

	t->disk[0].dvd = true;		/* has 36 bytes to say */
	ready(test);
	t->s->short_is_overrun = true;
	t->next_id = 6;
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 96, 0x12, 0, 0, 0, 96, 0));
	expect_packet(test, t, v17, sizeof(v17));
}

static void many_units_on_two_targets(struct kunit *test)
{
	static struct vsp_disk disk[254];
	struct toystorage *t = ready(test);
	u32 i;

	memset(disk, 0, sizeof(disk));
	for (i = 0; i < ARRAY_SIZE(disk); i++) {
		disk[i].lun = i + 1;
		disk[i].blocks = 2000 + i;
		vsp_disk_memory_attach(&disk[i], &t->memory[1]);
		KUNIT_ASSERT_TRUE(test, vsp_storage_add(t->s, &disk[i]));
	}
	KUNIT_EXPECT_FALSE(test, vsp_storage_add(t->s, &disk[7]));
	t->disk[1].lun = 254;
	t->disk[1].target = 1;
	KUNIT_EXPECT_TRUE(test, vsp_storage_add(t->s, &t->disk[1]));
	KUNIT_EXPECT_TRUE(test, toystor_hear(t, &t->ring));
	KUNIT_ASSERT_TRUE(test, DO(t, STOR_IN, 4096, 0xa0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 8 + 255 * 8));
	for (i = 0; i < 255; i++)
		KUNIT_EXPECT_EQ(test, *toystor_data(t, 9 + 8 * i), (u8)i);
	KUNIT_EXPECT_PTR_EQ(test, vsp_storage_find(t->s, 0, 1, 254), &t->disk[1]);
	KUNIT_EXPECT_PTR_EQ(test, vsp_storage_find(t->s, 0, 0, 254), &disk[253]);
	KUNIT_EXPECT_NULL(test, vsp_storage_find(t->s, 0, 1, 0));
	KUNIT_EXPECT_NULL(test, vsp_storage_find(t->s, 1, 0, 0));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refused_version_is_vector_v3),
	KUNIT_CASE(each_version_can_be_missing),
	KUNIT_CASE(properties_are_vector_v4),
	KUNIT_CASE(steps_out_of_turn_change_nothing),
	KUNIT_CASE(answers_are_as_long_as_the_request),
	KUNIT_CASE(old_guests_have_short_packets),
	KUNIT_CASE(good_completion_is_vector_v7),
	KUNIT_CASE(notice_is_vector_v10_and_waits_for_the_handshake),
	KUNIT_CASE(notices_of_any_kind_and_number),
	KUNIT_CASE(fibre_channel_names_are_vector_v14),
	KUNIT_CASE(ide_disk_is_known_by_its_guid),
	KUNIT_CASE(too_long_request_is_vector_v16),
	KUNIT_CASE(short_data_on_windows_are_vector_v17),
	KUNIT_CASE(many_units_on_two_targets),
	{ }
};

static struct kunit_suite suite = {
	.name = "vsp_storage",
	.init = toystor_init,
	.exit = toystor_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
