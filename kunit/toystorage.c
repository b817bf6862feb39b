// SPDX-License-Identifier: GPL-2.0-only
/*
 * The toy guest's storage driver: packets built by hand, answers kept as they came.
 * Calls kunit/toyguest.c and vsp/; called by kunit/vsp_storage*_test.c, kunit/vsp_scsi*_test.c.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "kunit/toystorage.h"

static const u8 toy_id[16] = {
	0x37, 0xc5, 0xbb, 0xbf, 0x8a, 0x74, 0x56, 0x46,
	0xaf, 0x17, 0x61, 0xf4, 0x3c, 0xd8, 0x4d, 0x1f,
};

u8 *toystor_data(struct toystorage *t, u32 at)
{
	return toy_page(t->guest, TOYSTOR_DATA) + at;
}

static bool make_disks(struct toystorage *t)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(t->disk); i++) {
		struct vsp_disk *d = &t->disk[i];

		t->memory[i].bytes = vzalloc(TOYSTOR_BYTES);
		if (!t->memory[i].bytes)
			return false;
		t->memory[i].size = TOYSTOR_BYTES;
		d->lun = i;
		d->thin = true;
		d->write_same = true;
		d->write_cache = true;
		d->fua = true;
		d->reservations = true;
		memcpy(d->id, toy_id, sizeof(d->id));
		vsp_disk_memory_attach(d, &t->memory[i]);
	}
	return true;
}

int toystor_init(struct kunit *test)
{
	struct toystorage *t = vzalloc(sizeof(*t));
	int err = toy_init(test);

	if (!t || err) {
		vfree(t);
		return -ENOMEM;
	}
	t->guest = test->priv;
	test->priv = t;
	t->s = vzalloc(sizeof(*t->s));
	if (!t->s || !make_disks(t))
		return -ENOMEM;
	vsp_storage_init(t->s, VSP_STORAGE_SCSI);
	t->s->strict = true;
	t->s->requests = TOYSTOR_REQUESTS;
	t->s->segments = TOYSTOR_REQUESTS * TOYSTOR_PAGES;
	t->s->request = vzalloc(sizeof(*t->s->request) * t->s->requests);
	t->s->segment = vzalloc(sizeof(*t->s->segment) * t->s->segments);
	if (!t->s->request || !t->s->segment)
		return -ENOMEM;
	vsp_storage_add(t->s, &t->disk[0]);
	return 0;
}

void toystor_exit(struct kunit *test)
{
	struct toystorage *t = test->priv;
	u32 i;

	if (t->s) {
		vfree(t->s->request);
		vfree(t->s->segment);
	}
	vfree(t->s);
	for (i = 0; i < ARRAY_SIZE(t->memory); i++)
		vfree(t->memory[i].bytes);
	test->priv = t->guest;
	vfree(t);
	toy_exit(test);
}

/* Offers the controller, connects, opens its channel. */
void toystor_open(struct kunit *test, struct toystorage *t)
{
	static const struct enl_guid instance = { { 0x11 } };

	t->relid = vsp_storage_offer(t->guest->host, t->s, &instance, 0);
	KUNIT_ASSERT_NE(test, t->relid, 0u);
	KUNIT_ASSERT_TRUE(test, toy_connect(t->guest, ENL_VERSION_5_3));
	KUNIT_ASSERT_EQ(test, toy_open(t->guest, &t->ring, t->relid, 8, 1), 0u);
}

/* The next packet of the host, kept in @t. False: none. */
bool toystor_hear(struct toystorage *t, struct toy_ring *ring)
{
	const struct enl_packet_desc *d = (const void *)t->raw;
	u32 n;

	toy_run(t->guest);
	memset(t->raw, 0, sizeof(t->raw));
	memset(&t->got, 0, sizeof(t->got));
	t->raw_bytes = toy_recv(t->guest, ring, t->raw, sizeof(t->raw));
	toy_run(t->guest);
	if (t->raw_bytes < 16)
		return false;
	t->type = __le16_to_cpu(d->type);
	t->flags = __le16_to_cpu(d->flags);
	t->id = __le64_to_cpu(d->transaction_id);
	t->bytes = t->raw_bytes - 16;
	n = t->bytes < sizeof(t->got) ? t->bytes : sizeof(t->got);
	memcpy(&t->got, t->raw + 16, n);
	return true;
}

/*
 * A control operation with @value in front of its body. The status of the answer, or 1 if there is
 * none. It has the id that the vectors of the specification have.
 */
u32 toystor_control(struct toystorage *t, u32 operation, u32 value)
{
	struct enl_stor_packet p = {
		.operation = __cpu_to_le32(operation),
		.flags = __cpu_to_le32(ENL_STOR_WANTS_COMPLETION),
		.version.version = __cpu_to_le16(value),
	};
	u32 bytes = t->s->version && t->s->version < ENL_STOR_VERSION_5_1 ? 48 : 64;

	t->sent = 0xfffffffffffffffdULL;
	toy_send(t->guest, &t->ring, ENL_PACKET_INBAND, t->sent, true, &p, bytes);
	if (!toystor_hear(t, &t->ring))
		return 1;
	return __le32_to_cpu(t->got.status);
}

/* The whole handshake, without sub-channels. */
void toystor_shake(struct kunit *test, struct toystorage *t, u32 version)
{
	KUNIT_ASSERT_EQ(test, toystor_control(t, ENL_STOR_BEGIN_INIT, 0), 0u);
	KUNIT_ASSERT_EQ(test, toystor_control(t, ENL_STOR_QUERY_VERSION, version), 0u);
	KUNIT_ASSERT_EQ(test, toystor_control(t, ENL_STOR_QUERY_PROPERTIES, 0), 0u);
	KUNIT_ASSERT_EQ(test, toystor_control(t, ENL_STOR_END_INIT, 0), 0u);
	KUNIT_ASSERT_EQ(test, (int)t->s->state, (int)VSP_STOR_READY);
}

/* Fills in @ask: a request as a good guest makes it. */
void toystor_srb(struct toystorage *t, const u8 *cdb, u32 cdb_bytes, u32 direction, u32 length)
{
	bool rev2 = !t->s->version || t->s->version >= ENL_STOR_VERSION_5_1;
	struct enl_stor_srb *q = &t->ask.srb;

	memset(&t->ask, 0, sizeof(t->ask));
	t->ask_bytes = rev2 ? 64 : 48;
	t->ask.operation = __cpu_to_le32(ENL_STOR_EXECUTE_SRB);
	t->ask.flags = __cpu_to_le32(ENL_STOR_WANTS_COMPLETION);
	q->length = __cpu_to_le16(rev2 ? 0x34 : 0x24);
	q->cdb_bytes = cdb_bytes;
	q->sense_bytes = rev2 ? 20 : 18;
	q->direction = direction;
	q->transfer_bytes = __cpu_to_le32(length);
	memcpy(q->cdb, cdb, cdb_bytes);
	if (!rev2)
		return;
	q->queue_tag = ENL_SRB_UNTAGGED;
	q->queue_action = ENL_SRB_SIMPLE;
	q->flags = __cpu_to_le32(0x10a);
	q->timeout_s = __cpu_to_le32(60);
}

/*
 * Sends @ask. With data: one range from @offset in the buffer on, with @slots page numbers, or as
 * many as it needs if that is 0. A long one goes round the buffer more than once.
 */
static void send(struct toystorage *t, struct toy_ring *ring, u32 page, u32 offset, u32 slots)
{
	u32 length = __le32_to_cpu(t->ask.srb.transfer_bytes);
	u32 need = (offset + length + 4095) / 4096;
	static u8 packet[4400];
	struct enl_packet_desc *d = (void *)packet;
	struct enl_gpa_direct *g = (void *)(packet + 16);
	struct enl_gpa_range *range = (void *)(packet + 24);
	u32 head = length ? 32 + 8 * (slots ? slots : need) : 16;
	u32 i;

	memset(packet, 0, sizeof(packet));
	t->sent = ++t->next_id;
	d->type = __cpu_to_le16(length ? ENL_PACKET_GPA_DIRECT : ENL_PACKET_INBAND);
	d->offset8 = __cpu_to_le16(head / 8);
	d->length8 = __cpu_to_le16((head + t->ask_bytes) / 8);
	d->flags = __cpu_to_le16(ENL_PACKET_WANTS_COMPLETION);
	d->transaction_id = __cpu_to_le64(t->sent);
	if (length) {
		g->range_count = __cpu_to_le32(1);
		range->byte_count = __cpu_to_le32(length);
		range->byte_offset = __cpu_to_le32(offset);
		for (i = 0; i < need; i++)
			range->pfn[i] = __cpu_to_le64(TOY_PFN + TOYSTOR_DATA +
						     (page + i) % TOYSTOR_PAGES);
	}
	memcpy(packet + head, &t->ask, t->ask_bytes);
	toy_write(t->guest, ring, packet, head + t->ask_bytes);
}

void toystor_send(struct toystorage *t, struct toy_ring *ring, u32 offset, u32 slots)
{
	send(t, ring, 0, offset, slots);
}

/* The same with the buffer from page @page on. */
void toystor_send_page(struct toystorage *t, struct toy_ring *ring, u32 page)
{
	send(t, ring, page, 0, 0);
}

/* A command on the primary channel, to LUN 0, and its answer. False: there was none. */
bool toystor_do(struct toystorage *t, const u8 *cdb, u32 cdb_bytes, u32 direction, u32 length)
{
	toystor_srb(t, cdb, cdb_bytes, direction, length);
	toystor_send(t, &t->ring, 0, 0);
	return toystor_hear(t, &t->ring) && t->id == t->sent &&
	       t->type == ENL_PACKET_COMPLETION &&
	       t->got.operation == __cpu_to_le32(ENL_STOR_COMPLETE_IO);
}

/* CHECK CONDITION with this sense, under this SRB code. */
bool toystor_sense(const struct toystorage *t, u32 srb, u32 key, u32 asc, u32 ascq)
{
	const struct enl_stor_srb *q = &t->got.srb;

	return q->srb_status == (ENL_SRB_AUTOSENSE | srb) && q->scsi_status == 2 && t->got.status &&
	       !q->transfer_bytes && q->sense[0] == 0x70 && q->sense[2] == key &&
	       q->sense[7] == 10 && q->sense[12] == asc && q->sense[13] == ascq;
}

bool toystor_good(const struct toystorage *t, u32 transferred)
{
	const struct enl_stor_srb *q = &t->got.srb;

	return !t->got.status && q->srb_status == ENL_SRB_SUCCESS && !q->scsi_status &&
	       __le32_to_cpu(q->transfer_bytes) == transferred;
}

/* Exactly these breaches, and no other. */
void toystor_expect(struct kunit *test, struct toystorage *t, enum vsp_violation which, u64 times)
{
	u32 i;

	for (i = 0; i < VSP_V_LIMIT; i++)
		KUNIT_EXPECT_EQ_MSG(test, vsp_violation_count(t->guest->host, i),
				    i == which ? times : 0ULL, "%s", vsp_violation_name(i));
}
