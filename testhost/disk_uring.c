// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs by io_uring: each is submitted at once, the kernel overlaps them and ends them in any order.
 * Calls liburing, disk_file.c and engine_done(). Called by disk_io.c, and by the event thread.
 * Without liburing's header, or on a kernel without the operations, there is no such runner.
 */
#include "testhost/disk.h"

#if defined(__has_include) && __has_include(<liburing.h>)

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct uring {
	struct machine *m;
	struct engine *engine;
	struct io_uring ring;
	int fd;				/* tells of completions */
	unsigned int in_flight;
};

static void submit(struct uring *u, struct job *j)
{
	const struct vsp_disk_request *r = j->request;
	int hole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	unsigned int n = j->iovs - j->at < DISK_IOVS ? j->iovs - j->at : DISK_IOVS;
	struct io_uring_sqe *s = io_uring_get_sqe(&u->ring);
	int fd = j->unit->fd;

	switch (r->kind) {
	case VSP_DISK_READ:
		io_uring_prep_readv(s, fd, j->iov + j->at, n, j->offset);
		break;
	case VSP_DISK_WRITE:
		io_uring_prep_writev(s, fd, j->iov + j->at, n, j->offset);
		s->rw_flags = r->durable ? RWF_DSYNC : 0;
		break;
	case VSP_DISK_FLUSH:
		io_uring_prep_fsync(s, fd, IORING_FSYNC_DATASYNC);
		break;
	default:
		io_uring_prep_fallocate(s, fd, hole, (off_t)r->offset, (off_t)r->bytes);
	}
	io_uring_sqe_set_data(s, j);
	/* one at a time, so there is room for the next */
	while (io_uring_submit(&u->ring) < 0)
		;
}

/* Takes the result of a job. True: it is over. */
static bool settle(struct job *j, int result)
{
	const struct vsp_disk_request *r = j->request;

	if (result == -EINTR || result == -EAGAIN)
		return false;
	if (result < 0) {
		j->error = -result;
		if (r->kind == VSP_DISK_ZERO)
			j->error = file_fill(j->unit, j);
		return true;
	}
	if (r->kind > VSP_DISK_WRITE)
		return true;
	if (result)
		return file_advance(j, (__u64)result);
	if (r->kind == VSP_DISK_WRITE)
		j->error = EIO;
	else
		file_zero_rest(j);
	return true;
}

static void reap(void *context)
{
	struct uring *u = context;
	struct io_uring_cqe *c;
	__u64 drop;

	if (read(u->fd, &drop, sizeof(drop)) < 0)
		drop = 0;
	while (!io_uring_peek_cqe(&u->ring, &c)) {
		struct job *j = io_uring_cqe_get_data(c);
		int result = c->res;

		io_uring_cqe_seen(&u->ring, c);
		if (!settle(j, result)) {
			submit(u, j);
			continue;
		}
		u->in_flight--;
		engine_done(u->engine, j);
	}
}

static bool able(struct io_uring *ring)
{
	static const int needed[] = {
		IORING_OP_READV, IORING_OP_WRITEV, IORING_OP_FSYNC, IORING_OP_FALLOCATE,
	};
	struct io_uring_probe *p = io_uring_get_probe_ring(ring);
	unsigned int i;
	bool ok = p;

	for (i = 0; p && i < sizeof(needed) / sizeof(needed[0]); i++)
		ok &= io_uring_opcode_supported(p, needed[i]);
	io_uring_free_probe(p);
	return ok;
}

static void *make(struct machine *m, struct engine *e, unsigned int jobs)
{
	struct io_uring_params p = { .flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP };
	struct uring *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->m = m;
	u->engine = e;
	p.cq_entries = jobs > 64 ? jobs : 64;
	if (io_uring_queue_init_params(64, &u->ring, &p)) {
		free(u);
		return NULL;
	}
	u->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!able(&u->ring) || u->fd < 0 || io_uring_register_eventfd(&u->ring, u->fd)) {
		io_uring_queue_exit(&u->ring);
		free(u);
		return NULL;
	}
	machine_watch(m, u->fd, reap, u);
	return u;
}

static void run(void *runner, struct job *j)
{
	struct uring *u = runner;

	if (j->request->kind == VSP_DISK_SAME) {
		file_run(j);
		engine_done(u->engine, j);
		return;
	}
	u->in_flight++;
	submit(u, j);
}

static void stop(void *runner)
{
	struct uring *u = runner;
	struct io_uring_cqe *c;

	machine_unwatch(u->m, u->fd);
	while (u->in_flight && !io_uring_wait_cqe(&u->ring, &c)) {
		io_uring_cqe_seen(&u->ring, c);
		u->in_flight--;
	}
	io_uring_queue_exit(&u->ring);
	close(u->fd);
	free(u);
}

#else

static void *make(struct machine *m, struct engine *e, unsigned int jobs)
{
	(void)m;
	(void)e;
	(void)jobs;
	return NULL;
}

static void run(void *runner, struct job *j)
{
	(void)runner;
	(void)j;
}

static void stop(void *runner)
{
	(void)runner;
}

#endif

const struct runner runner_uring = {
	.name = "uring",
	.make = make,
	.run = run,
	.stop = stop,
};
