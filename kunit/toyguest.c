// SPDX-License-Identifier: GPL-2.0-only
/*
 * The toy guest: contact, GPADLs, rings, packets, in the plainest way that the protocol allows.
 * Calls vsp/; called by kunit/vsp_*_test.c, in the kernel and as a program.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "kunit/toyguest.h"

static void *map(void *context, __u64 pfn)
{
	struct toyguest *g = context;
	u64 page = pfn - TOY_PFN;

	return page < TOY_PAGES && !g->hidden[page] ? g->memory + page * 4096 : NULL;
}

static bool page_free(void *context, __u64 pfn)
{
	struct toyguest *g = context;

	return pfn - TOY_PFN < TOY_PAGES && g->freed[pfn - TOY_PFN];
}

static __u64 clock(void *context)
{
	struct toyguest *g = context;

	return g->now;
}

u8 *toy_page(struct toyguest *g, u32 page)
{
	return g->memory + page * 4096;
}

/* A new host of that kind under the same guest. */
void toy_boot(struct toyguest *g, const struct vsp_personality *p)
{
	struct vsp_binding binding = {
		.context = g, .map = map, .page_free = page_free, .time = clock,
	};

	memset(g->host, 0, vsp_bytes());
	vsp_init(g->host, &binding, p);
	g->connection = ENL_CONNECTION_MESSAGE;
}

int toy_init(struct kunit *test)
{
	struct toyguest *g = vzalloc(sizeof(*g));

	if (!g)
		return -ENOMEM;
	test->priv = g;
	g->memory = vzalloc(TOY_PAGES * 4096);
	g->host = vzalloc(vsp_bytes());
	g->now = 1000000000;
	if (!g->memory || !g->host)
		return -ENOMEM;
	toy_boot(g, &vsp_host_2022);
	return 0;
}

void toy_exit(struct kunit *test)
{
	struct toyguest *g = test->priv;

	if (!g)
		return;
	vfree(g->memory);
	vfree(g->host);
	vfree(g);
}

u32 toy_word(const u8 *message, u32 at)
{
	__le32 word;

	memcpy(&word, message + at, sizeof(word));
	return __le32_to_cpu(word);
}

/* Lets the host do all it can. Returns the steps. */
u32 toy_run(struct toyguest *g)
{
	struct vsp_out out;
	u32 refused = 0;
	u32 steps = 0;

	for (; steps < 1000000; steps++) {
		enum vsp_result r = vsp_step(g->host, VSP_DO_EVENT, &out);

		if (r == VSP_IDLE)
			break;
		if (r == VSP_MESSAGE && g->busy) {
			vsp_put_back(g->host, &out);
			if (++refused == 3)
				break;
		} else if (r == VSP_MESSAGE) {
			g->inbox[g->messages++ % TOY_INBOX] = out;
		}
		if (r == VSP_EVENT && out.flag < ENL_EVENT_FLAGS) {
			g->events[out.flag]++;
			g->event_vp[out.flag] = out.vp;
		}
	}
	return steps;
}

u16 toy_post(struct toyguest *g, const void *message, u32 bytes)
{
	u16 status = vsp_post(g->host, g->connection, message, bytes);

	if (!status)
		toy_run(g);
	return status;
}

u16 toy_post_relid(struct toyguest *g, u32 type, u32 relid)
{
	struct enl_msg_relid m = {
		.header.type = __cpu_to_le32(type), .relid = __cpu_to_le32(relid),
	};

	return toy_post(g, &m, sizeof(m));
}

u32 toy_count(const struct toyguest *g, u32 type)
{
	u32 count = 0;
	u32 i;

	for (i = 0; i < g->messages && i < TOY_INBOX; i++)
		count += toy_word(g->inbox[i].message, 0) == type;
	return count;
}

/* The newest message of @type, or NULL. */
const u8 *toy_last(const struct toyguest *g, u32 type)
{
	u32 i = g->messages < TOY_INBOX ? g->messages : TOY_INBOX;

	while (i--) {
		if (toy_word(g->inbox[i].message, 0) == type)
			return g->inbox[i].message;
	}
	return NULL;
}

/* Posts INITIATE_CONTACT with monitor pages 0 and 1; returns the hypercall's status. */
u32 toy_contact(struct toyguest *g, u32 version)
{
	struct enl_msg_contact m = {
		.header.type = __cpu_to_le32(ENL_MSG_INITIATE_CONTACT),
		.version = __cpu_to_le32(version),
		.target_vp = __cpu_to_le32(3),
		.monitor_to_guest = __cpu_to_le64((u64)TOY_PFN << 12),
		.monitor_to_host = __cpu_to_le64((u64)(TOY_PFN + 1) << 12),
	};

	g->connection = ENL_CONNECTION_MESSAGE;
	if (version >= ENL_VERSION_5_0) {
		m.sint = ENL_VMBUS_SINT;
		g->connection = ENL_CONNECTION_MESSAGE_MULTI;
	}
	return toy_post(g, &m, sizeof(m));
}

/* Contact, and all offers. */
bool toy_connect(struct toyguest *g, u32 version)
{
	struct enl_msg_header ask = { .type = __cpu_to_le32(ENL_MSG_REQUEST_OFFERS) };
	const u8 *answer;

	if (toy_contact(g, version))
		return false;
	answer = toy_last(g, ENL_MSG_VERSION_RESPONSE);
	if (!answer || !answer[8] || answer[9])
		return false;
	if (version >= ENL_VERSION_5_0)
		g->connection = toy_word(answer, 12);
	return !toy_post(g, &ask, sizeof(ask));
}

static u64 falling(u32 first, u32 pages, u32 i)
{
	return TOY_PFN + first + pages - 1 - i;
}

/* Describes @pages pages from @first on, last page first; returns the status of the answer. */
u32 toy_gpadl(struct toyguest *g, u32 relid, u32 id, u32 first, u32 pages)
{
	u8 raw[ENL_MESSAGE_BYTES] = { 0 };
	struct enl_msg_gpadl_header *h = (void *)raw;
	struct enl_msg_gpadl_body *b = (void *)raw;
	struct enl_gpadl_range *range = (void *)(raw + sizeof(*h));
	u32 at = sizeof(*h) + sizeof(*range);
	u32 before = toy_count(g, ENL_MSG_GPADL_CREATED);
	const u8 *answer;
	u32 i = 0;

	h->header.type = __cpu_to_le32(ENL_MSG_GPADL_HEADER);
	h->relid = __cpu_to_le32(relid);
	h->gpadl = __cpu_to_le32(id);
	h->range_buffer_bytes = __cpu_to_le16(8 + 8 * pages);
	h->range_count = __cpu_to_le16(1);
	range->byte_count = __cpu_to_le32(pages * 4096);
	while (i < pages) {
		for (; i < pages && at + 8 <= ENL_MESSAGE_BYTES; at += 8) {
			__le64 pfn = __cpu_to_le64(falling(first, pages, i++));

			memcpy(raw + at, &pfn, sizeof(pfn));
		}
		toy_post(g, raw, at);
		memset(raw, 0, sizeof(raw));
		b->header.type = __cpu_to_le32(ENL_MSG_GPADL_BODY);
		b->gpadl = __cpu_to_le32(id);
		at = sizeof(*b);
	}
	answer = toy_last(g, ENL_MSG_GPADL_CREATED);
	if (toy_count(g, ENL_MSG_GPADL_CREATED) == before || !answer)
		return 0xffffffff;
	return toy_word(answer, 16);
}

/* Where byte @offset of the pair's control page, or data behind it, lies in memory. */
static u8 *ring_byte(struct toyguest *g, struct toy_ring *r, bool to_guest, u32 offset)
{
	u32 page = offset / 4096 + (to_guest ? TOY_RING / 2 : 0);

	return toy_page(g, r->first + TOY_RING - 1 - page) + offset % 4096;
}

__le32 *toy_control(struct toyguest *g, struct toy_ring *r, bool to_guest, u32 offset)
{
	return (void *)ring_byte(g, r, to_guest, offset);
}

/* GPADL and OPEN of TOY_RING pages from @first on; returns the status of OPEN_RESULT. */
u32 toy_open(struct toyguest *g, struct toy_ring *r, u32 relid, u32 first, u32 vp)
{
	struct enl_msg_open m = { .header.type = __cpu_to_le32(ENL_MSG_OPEN) };
	u32 before = toy_count(g, ENL_MSG_OPEN_RESULT);
	const u8 *answer;

	memset(r, 0, sizeof(*r));
	r->relid = relid;
	r->first = first;
	memset(toy_page(g, first), 0, TOY_RING * 4096);
	*toy_control(g, r, false, 64) = __cpu_to_le32(1);
	if (toy_gpadl(g, relid, 0x1000 + relid, first, TOY_RING))
		return 0xffffffff;
	m.relid = __cpu_to_le32(relid);
	m.open_id = __cpu_to_le32(0x77);
	m.ring_gpadl = __cpu_to_le32(0x1000 + relid);
	m.target_vp = __cpu_to_le32(vp);
	m.downstream_page_offset = __cpu_to_le32(TOY_RING / 2);
	toy_post(g, &m, sizeof(m));
	answer = toy_last(g, ENL_MSG_OPEN_RESULT);
	if (toy_count(g, ENL_MSG_OPEN_RESULT) == before || !answer)
		return 0xffffffff;
	return toy_word(answer, 16);
}

/* CLOSE and GPADL_TEARDOWN. */
void toy_close(struct toyguest *g, struct toy_ring *r)
{
	struct enl_msg_gpadl_teardown m = {
		.header.type = __cpu_to_le32(ENL_MSG_GPADL_TEARDOWN),
		.relid = __cpu_to_le32(r->relid),
		.gpadl = __cpu_to_le32(0x1000 + r->relid),
	};

	toy_post_relid(g, ENL_MSG_CLOSE, r->relid);
	toy_post(g, &m, sizeof(m));
}

/* Bytes into the ring that we write, without telling anybody. */
void toy_put(struct toyguest *g, struct toy_ring *r, const void *bytes, u32 length)
{
	const u8 *p = bytes;

	while (length--) {
		*ring_byte(g, r, false, 4096 + r->write) = *p++;
		r->write = (r->write + 1) % TOY_DATA;
	}
}

/* A packet as it is, its trailer, the index, and the doorbell if the rules want it. */
void toy_write(struct toyguest *g, struct toy_ring *r, const void *packet, u32 bytes)
{
	u32 old = r->write;
	struct enl_packet_trailer t = { .packet_offset = __cpu_to_le32(old) };

	toy_put(g, r, packet, bytes);
	toy_put(g, r, &t, sizeof(t));
	*toy_control(g, r, false, 0) = __cpu_to_le32(r->write);
	if (!*toy_control(g, r, false, 8) && __le32_to_cpu(*toy_control(g, r, false, 4)) == old)
		vsp_signal(g->host, vsp_personality(g->host)->connection_base + r->relid);
}

/* False: no room. */
bool toy_send(struct toyguest *g, struct toy_ring *r, u16 type, u64 id, bool wants,
	      const void *data, u32 bytes)
{
	u8 packet[1024] = { 0 };
	u32 length = (16 + bytes + 7) / 8 * 8;
	struct enl_packet_desc d = {
		.type = __cpu_to_le16(type), .offset8 = __cpu_to_le16(2),
		.length8 = __cpu_to_le16(length / 8), .flags = __cpu_to_le16(wants),
		.transaction_id = __cpu_to_le64(id),
	};
	u32 read = __le32_to_cpu(*toy_control(g, r, false, 4));
	u32 used = (r->write + TOY_DATA - read) % TOY_DATA;

	if (length > sizeof(packet) || TOY_DATA - used <= length + 8)
		return false;
	memcpy(packet, &d, sizeof(d));
	if (bytes)
		memcpy(packet + 16, data, bytes);
	toy_write(g, r, packet, length);
	return true;
}

/* The next packet, and the doorbell if the host waits for the room it took; 0: none. */
u32 toy_recv(struct toyguest *g, struct toy_ring *r, void *packet, u32 room)
{
	u32 w = __le32_to_cpu(*toy_control(g, r, true, 0));
	u32 before = (r->read + TOY_DATA - w - 1) % TOY_DATA + 1;
	u32 want, length, i;

	if (w == r->read)
		return 0;
	length = *ring_byte(g, r, true, 4096 + (r->read + 4) % TOY_DATA) * 8 +
		 *ring_byte(g, r, true, 4096 + (r->read + 5) % TOY_DATA) * 2048;
	for (i = 0; i < length && i < room; i++)
		((u8 *)packet)[i] = *ring_byte(g, r, true, 4096 + (r->read + i) % TOY_DATA);
	r->read = (r->read + length + 8) % TOY_DATA;
	*toy_control(g, r, true, 4) = __cpu_to_le32(r->read);
	want = __le32_to_cpu(*toy_control(g, r, true, 12));
	if (want && before <= want && before + length + 8 > want)
		vsp_signal(g->host, vsp_personality(g->host)->connection_base + r->relid);
	return length;
}
