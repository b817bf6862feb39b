// SPDX-License-Identifier: GPL-2.0-only
/*
 * Describing guest memory to the host in GPADL messages, and taking it back (chapter 7).
 * Calls request.c and memory.c. Called by channel.c for rings and by drivers for buffers.
 * An id is never reused while the host may know it; failures say who owns the memory.
 */
#include <linux/export.h>
#include <linux/io.h>
#include <linux/mm.h>
#include "internal.h"

#define FIRST_GPADL	0xe1e10		/* any number but 0 would do */

static int id_alloc(struct enl_bus *bus, struct enl_channel *ch, u32 *id)
{
	int got;

	mutex_lock(&bus->gpadl_lock);
	got = idr_alloc_cyclic(&bus->gpadl_ids, ch, FIRST_GPADL, INT_MAX, GFP_KERNEL);
	mutex_unlock(&bus->gpadl_lock);
	if (got < 0)
		return got == -ENOSPC ? -ENOMEM : got;
	*id = got;
	return 0;
}

static void id_free(struct enl_bus *bus, u32 id)
{
	mutex_lock(&bus->gpadl_lock);
	idr_remove(&bus->gpadl_ids, id);
	mutex_unlock(&bus->gpadl_lock);
}

/* In a GPADL header the page numbers lie at 28 bytes: @at is aligned to 4 only. */
static void fill_pfns(u8 *at, struct page **page, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		__le64 pfn = cpu_to_le64(page_to_phys(page[i]) >> ENL_HVPAGE_SHIFT);

		memcpy(at + i * sizeof(pfn), &pfn, sizeof(pfn));
	}
}

static int post_header(struct enl_channel *ch, struct page **page, u32 pages, u32 id)
{
	struct {
		struct enl_msg_gpadl_header header;
		struct enl_gpadl_range range;
		u8 pfn[8 * ENL_GPADL_HEADER_PFNS];
	} msg = { };
	u32 count = min(pages, ENL_GPADL_HEADER_PFNS);

	msg.header.header.type = cpu_to_le32(ENL_MSG_GPADL_HEADER);
	msg.header.relid = cpu_to_le32(ch->relid);
	msg.header.gpadl = cpu_to_le32(id);
	msg.header.range_buffer_bytes = cpu_to_le16(sizeof(msg.range) + 8 * pages);
	msg.header.range_count = cpu_to_le16(1);
	msg.range.byte_count = cpu_to_le32(pages * ENL_HVPAGE_SIZE);
	fill_pfns(msg.pfn, page, count);
	return enl_post(ch->bus, ch, &msg, offsetof(typeof(msg), pfn) + 8 * count);
}

static int post_body(struct enl_channel *ch, struct page **page, u32 count, u32 number, u32 id)
{
	struct {
		struct enl_msg_gpadl_body body;
		u8 pfn[8 * ENL_GPADL_BODY_PFNS];
	} msg = { };

	msg.body.header.type = cpu_to_le32(ENL_MSG_GPADL_BODY);
	msg.body.number = cpu_to_le32(number);
	msg.body.gpadl = cpu_to_le32(id);
	fill_pfns(msg.pfn, page, count);
	return enl_post(ch->bus, ch, &msg, sizeof(msg.body) + 8 * count);
}

static int post_all(struct enl_channel *ch, struct page **page, u32 pages, u32 id, bool *begun)
{
	u32 done = min(pages, ENL_GPADL_HEADER_PFNS), number = 0;
	int err;

	err = post_header(ch, page, pages, id);
	*begun = !err;
	while (!err && done < pages) {
		u32 count = min(pages - done, ENL_GPADL_BODY_PFNS);

		err = post_body(ch, page + done, count, number++, id);
		done += count;
	}
	return err;
}

/* Who may write to memory after an attempt to create or destroy its GPADL ended with @err. */
enum enl_owner enl_gpadl_owner(const struct enl_channel *ch, int err)
{
	if (err == 0 || err == -EIO || err == -ENOMEM || err == -EINVAL)
		return ENL_OWNER_GUEST;
	return READ_ONCE(ch->rescinded) ? ENL_OWNER_GRACE : ENL_OWNER_HOST;
}

/*
 * Make @pages pages known as *@id. May sleep. 0; -EINVAL more than 8190 pages; -ENOMEM; -EIO the
 * host refused; -ENODEV rescinded; -ETIMEDOUT no answer. enl_gpadl_owner() tells whose they are.
 */
int enl_gpadl_describe(struct enl_channel *ch, struct page **page, u32 pages, u32 *id)
{
	struct enl_bus *bus = ch->bus;
	struct enl_request rq = { .ch = ch, .answer = ENL_MSG_GPADL_CREATED, .relid = ch->relid };
	const struct enl_msg_gpadl_created *answer = (const void *)rq.message;
	bool begun;
	int err;

	if (!pages || pages > ENL_GPADL_MAX_PAGES)
		return -EINVAL;
	err = id_alloc(bus, ch, id);
	if (err)
		return err;
	rq.key = *id;
	enl_request_add(bus, &rq);
	err = post_all(ch, page, pages, *id, &begun);
	if (err) {
		enl_request_drop(bus, &rq);
		/* The host may hold a part of the list: then the number is used up. */
		if (!begun)
			id_free(bus, *id);
		else
			WRITE_ONCE(ch->owed, true);
		return err;
	}
	err = enl_request_wait(bus, &rq, bus->options.request_ms);
	if (err == -ENODEV)
		id_free(bus, *id);
	else if (err)
		WRITE_ONCE(ch->owed, true);
	if (err)
		return err;
	if (answer->status) {
		dev_err_ratelimited(bus->parent,
				    "channel %u: host refused %u pages, status 0x%x; it may be out of memory for this VM\n",
				    ch->relid, pages, le32_to_cpu(answer->status));
		id_free(bus, *id);
		return -EIO;
	}
	return 0;
}

/*
 * Take GPADL @id back. May sleep. 0: the host gave it back; -ENODEV: the channel was rescinded,
 * no answer can be had; -ETIMEDOUT, -EIO: still the host's, and the number is never used again.
 */
int enl_gpadl_teardown(struct enl_channel *ch, u32 id)
{
	struct enl_bus *bus = ch->bus;
	struct enl_request rq = { .ch = ch, .answer = ENL_MSG_GPADL_TORNDOWN, .key = id };
	struct enl_msg_gpadl_teardown msg = {
		.header.type = cpu_to_le32(ENL_MSG_GPADL_TEARDOWN),
		.relid = cpu_to_le32(ch->relid),
		.gpadl = cpu_to_le32(id),
	};
	int err;

	enl_request_add(bus, &rq);
	err = enl_post(bus, ch, &msg, sizeof(msg));
	if (err) {
		enl_request_drop(bus, &rq);
		/* -EIO must not read as "given back": nothing was. */
		if (err == -EIO)
			err = -ETIMEDOUT;
	} else {
		err = enl_request_wait(bus, &rq, max(bus->options.request_ms, ch->close_ms));
	}
	if (!err || (err == -ENODEV && READ_ONCE(ch->rescinded)))
		id_free(bus, id);
	else
		WRITE_ONCE(ch->owed, true);
	return err;
}

/**
 * enl_gpadl_create() - make a driver's buffer known to the host
 * @ch: channel that it is for; must have been offered, may be closed or open
 * @addr: from enl_shared_alloc()
 * @bytes: its size
 * @gpadl: where to note the number
 *
 * May sleep. GPADL messages of protocol chapter 7.
 *
 * Return: 0; -EINVAL not such a buffer, or the host has it; -ENOMEM; -EIO the host refused;
 * -ENODEV rescinded; -ETIMEDOUT no answer. After a failure the buffer is still to be freed with
 * enl_shared_free().
 */
int enl_gpadl_create(struct enl_channel *ch, void *addr, u32 bytes, struct enl_gpadl *gpadl)
{
	struct enl_pages *pages = enl_buffer_find(ch->bus, addr);
	int err;

	*gpadl = (struct enl_gpadl){ };
	/* A page is given once: not while the host has it, or may have it. */
	if (!pages || pages->count * ENL_HVPAGE_SIZE != bytes || pages->owner != ENL_OWNER_GUEST)
		return -EINVAL;
	err = enl_gpadl_describe(ch, pages->page, pages->count, &gpadl->id);
	if (err) {
		pages->owner = enl_gpadl_owner(ch, err);
		gpadl->id = 0;
		return err;
	}
	pages->owner = ENL_OWNER_HOST;
	gpadl->addr = addr;
	gpadl->bytes = bytes;
	return 0;
}
EXPORT_SYMBOL_GPL(enl_gpadl_create);

/**
 * enl_gpadl_destroy() - take a buffer back from the host
 * @ch: its channel
 * @gpadl: what enl_gpadl_create() filled in; an id of 0 is ignored
 *
 * May sleep. From protocol 4.0 on after closing the channel, below before (chapter 7.4).
 *
 * Return: 0; -ENODEV rescinded (there is no answer to wait for); -ETIMEDOUT the host did not give
 * it back. In each case the driver frees with enl_shared_free(), which keeps the pages from reuse
 * for as long as the host may write to them.
 */
int enl_gpadl_destroy(struct enl_channel *ch, struct enl_gpadl *gpadl)
{
	struct enl_pages *pages = enl_buffer_find(ch->bus, gpadl->addr);
	int err;

	if (!gpadl->id)
		return 0;
	err = enl_gpadl_teardown(ch, gpadl->id);
	if (pages)
		pages->owner = enl_gpadl_owner(ch, err);
	*gpadl = (struct enl_gpadl){ };
	return err;
}
EXPORT_SYMBOL_GPL(enl_gpadl_destroy);
