// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands from a test to a LUN: see storvsc_world.h. Passthrough requests of the block layer, so
 * that nothing splits, merges or retries them, and that a buffer can have any shape.
 * Calls the block layer and the SCSI mid-layer. Called by test files.
 */
#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "kunit/storvsc_world.h"

#define HOLE	512u

static u8 pattern(u32 seed, u32 at)
{
	return (at >> 9) * 37 + at * 5 + seed * 101;
}

/* --- a request's life */

/* The last moment at which the request may be looked at. Any context. */
static enum rq_end_io_ret ended(struct request *rq, blk_status_t status)
{
	struct stor_io *io = rq->end_io_data;
	struct scsi_cmnd *cmd = blk_mq_rq_to_pdu(rq);

	io->result = cmd->result;
	io->resid = scsi_get_resid(cmd);
	memcpy(io->sense, cmd->sense_buffer, sizeof(io->sense));
	complete_all(&io->done);
	return RQ_END_IO_FREE;
}

/* Pages of their own, in an order in which no two are neighbours. */
static bool make_pages(struct stor_io *io)
{
	unsigned int i, at;

	io->page = kcalloc(io->pages, sizeof(*io->page), GFP_KERNEL);
	if (!io->page)
		return false;
	for (i = 0; i < io->pages; i++) {
		/* All the odd ones, backwards, then all the even ones, backwards. */
		at = i < io->pages / 2 ? io->pages / 2 * 2 - 1 - 2 * i :
					 (io->pages - 1) / 2 * 2 - 2 * (i - io->pages / 2);
		io->page[at] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!io->page[at])
			return false;
	}
	return true;
}

static bool make_bio(struct stor_io *io, bool hole, blk_opf_t op)
{
	u32 left = io->bytes, at = io->offset, n;
	unsigned int i;

	io->bio = bio_alloc(NULL, io->pages, op, GFP_KERNEL);
	if (!io->bio)
		return false;
	for (i = 0; i < io->pages; i++) {
		n = min_t(u32, left, PAGE_SIZE - at);
		if (bio_add_page(io->bio, io->page[i], n, at) != n)
			return false;
		left -= n;
		at = hole && !i ? HOLE : 0;
	}
	return !left && !blk_rq_append_bio(io->rq, io->bio);
}

static bool prepare(struct stor_io *io, struct scsi_device *sdev, const struct stor_ask *ask)
{
	blk_opf_t op = (ask->write ? REQ_OP_DRV_OUT : REQ_OP_DRV_IN) | ask->flags;
	struct scsi_cmnd *cmd;
	struct request *rq = scsi_alloc_request(sdev->request_queue, op, 0);

	if (IS_ERR(rq))
		return false;
	io->rq = rq;
	cmd = blk_mq_rq_to_pdu(rq);
	cmd->cmd_len = ask->cdb_bytes ?: COMMAND_SIZE(ask->cdb[0]);
	memcpy(cmd->cmnd, ask->cdb, cmd->cmd_len);
	cmd->allowed = 0;
	rq->timeout = 60 * HZ;
	rq->rq_flags |= RQF_QUIET;
	rq->end_io = ended;
	rq->end_io_data = io;
	if (!io->bytes)
		return true;
	io->pages = DIV_ROUND_UP(io->offset + io->bytes + (ask->hole ? HOLE : 0), PAGE_SIZE);
	return make_pages(io) && make_bio(io, ask->hole, op);
}

/* A command that has yet to be started. */
struct stor_io *stor_io(struct storvsc_world *w, struct scsi_device *sdev,
			const struct stor_ask *ask)
{
	struct stor_io *io = kzalloc(sizeof(*io), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(w->test, io);
	io->w = w;
	io->offset = ask->offset;
	io->bytes = ask->bytes;
	init_completion(&io->done);
	list_add_tail(&io->link, &w->ios);
	KUNIT_ASSERT_TRUE(w->test, prepare(io, sdev, ask));
	return io;
}

/* READ(10) or WRITE(10) of whole blocks of 512 bytes. */
struct stor_io *stor_rw(struct storvsc_world *w, struct scsi_device *sdev, bool write, u32 block,
			u32 bytes)
{
	const u8 cdb[10] = {
		write ? 0x2a : 0x28, 0, block >> 24, block >> 16, block >> 8, block, 0,
		bytes / 512 >> 8, bytes / 512,
	};

	return stor_io(w, sdev, &(struct stor_ask){ .cdb = cdb, .write = write, .bytes = bytes });
}

/* A command without data whose CDB is zero but for its first byte. */
struct stor_io *stor_plain(struct storvsc_world *w, struct scsi_device *sdev, u8 opcode)
{
	const u8 cdb[16] = { opcode };

	return stor_io(w, sdev, &(struct stor_ask){ .cdb = cdb });
}

/* Off it goes; where a plug is open, when that is closed. */
void stor_io_start(struct stor_io *io)
{
	struct request *rq = io->rq;

	/* Once it is sent it may be gone. */
	io->started = true;
	io->rq = NULL;
	blk_execute_rq_nowait(rq, false);
}

bool stor_io_done(const struct stor_io *io)
{
	return completion_done((struct completion *)&io->done);
}

bool stor_io_wait(struct stor_io *io, unsigned int ms)
{
	return wait_for_completion_timeout(&io->done, msecs_to_jiffies(ms) + 1);
}

/* True: it ended, and well. */
bool stor_io_run(struct stor_io *io)
{
	stor_io_start(io);
	return stor_io_wait(io, WORLD_WAIT) && !io->result && !io->resid;
}

static void free_one(struct stor_io *io)
{
	unsigned int i;

	list_del(&io->link);
	if (io->bio)
		bio_put(io->bio);
	for (i = 0; io->page && i < io->pages; i++) {
		if (io->page[i])
			__free_page(io->page[i]);
	}
	kfree(io->page);
	kfree(io);
}

/* What was never sent off holds its queue. */
void stor_io_forget_all(struct storvsc_world *w)
{
	struct stor_io *io;

	list_for_each_entry(io, &w->ios, link) {
		if (io->rq)
			blk_mq_free_request(io->rq);
		io->rq = NULL;
	}
}

/* Once there is no controller any more: everything has to have ended. */
void stor_io_free_all(struct storvsc_world *w)
{
	struct stor_io *io, *next;

	list_for_each_entry_safe(io, next, &w->ios, link) {
		if (io->started && !stor_io_wait(io, WORLD_WAIT)) {
			KUNIT_FAIL(w->test, "a request never ended");
			list_del(&io->link);
			continue;
		}
		free_one(io);
	}
}

/* --- its data */

/* Byte @at of the buffer. */
static u8 *byte_of(const struct stor_io *io, u32 at)
{
	at += io->offset;
	return (u8 *)page_address(io->page[at / PAGE_SIZE]) + at % PAGE_SIZE;
}

void stor_io_fill(struct stor_io *io, u32 seed)
{
	u32 at;

	for (at = 0; at < io->bytes; at++)
		*byte_of(io, at) = pattern(seed, at);
}

/* Are the first @bytes those of @seed? And nothing outside the buffer was written to. */
bool stor_io_holds(const struct stor_io *io, u32 seed, u32 bytes)
{
	u32 at, end = io->pages * PAGE_SIZE;
	const u8 *first = page_address(io->page[0]);

	for (at = 0; at < bytes; at++) {
		if (*byte_of(io, at) != pattern(seed, at))
			return false;
	}
	for (at = 0; at < io->offset; at++) {
		if (first[at])
			return false;
	}
	for (at = io->bytes; at < end - io->offset; at++) {
		if (*byte_of(io, at))
			return false;
	}
	return true;
}

/*
 * How many of its pages somebody else holds. With the host done those references are dropped, so
 * that the machine gets its memory back.
 */
unsigned int stor_io_pinned(struct stor_io *io, bool drop)
{
	unsigned int i, pinned = 0;

	for (i = 0; i < io->pages; i++) {
		if (page_ref_count(io->page[i]) < 2)
			continue;
		pinned++;
		if (drop)
			put_page(io->page[i]);
	}
	return pinned;
}

/* Are @bytes of a disk those of @seed? */
bool stor_disk_holds(struct storvsc_world *w, unsigned int disk, u32 at, u32 seed, u32 bytes)
{
	u32 i;

	for (i = 0; i < bytes; i++) {
		if (READ_ONCE(w->memory[disk].bytes[at + i]) != pattern(seed, i))
			return false;
	}
	return true;
}

/* Still at work: LUN 0 takes data, and gives them back. */
void stor_expect_works(struct storvsc_world *w)
{
	static u32 seed = 1000;
	struct scsi_device *sdev = stor_lun(w, 0);
	struct stor_io *io = stor_rw(w, sdev, true, 64, 8192);

	stor_io_fill(io, ++seed);
	KUNIT_EXPECT_TRUE(w->test, stor_io_run(io));
	KUNIT_EXPECT_TRUE(w->test, stor_disk_holds(w, 0, 64 * 512, seed, 8192));
	io = stor_rw(w, sdev, false, 64, 8192);
	KUNIT_EXPECT_TRUE(w->test, stor_io_run(io));
	KUNIT_EXPECT_TRUE(w->test, stor_io_holds(io, seed, 8192));
}
