// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine of a device "storage": requests of the model become jobs, which a runner runs; many at
 * once, and they end in any order. Calls disk_file.c and a runner; called by the model.
 * io_uring where the kernel has it, else threads.
 */
#include <stdlib.h>
#include <string.h>
#include "testhost/disk.h"

struct engine {
	const struct runner *runner;
	void *state;
	struct job *jobs, *free;
	struct iovec *iov;
	unsigned int iovs;		/* of each job */
};

static bool make_jobs(struct engine *e, unsigned int requests, unsigned int iovs)
{
	unsigned int i;

	e->iovs = iovs;
	e->jobs = calloc(requests, sizeof(*e->jobs));
	e->iov = calloc((size_t)requests * iovs, sizeof(*e->iov));
	if (!e->jobs || !e->iov)
		return false;
	for (i = requests; i--;) {
		e->jobs[i].iov = e->iov + (size_t)i * iovs;
		e->jobs[i].next = e->free;
		e->free = &e->jobs[i];
	}
	return true;
}

/**
 * engine_make - an engine for one device
 * @m: the machine
 * @word: "uring", "threads", or "auto" for the first of these that works
 * @requests: of the model, at once
 * @iovs: pieces of the buffer of each, at most
 *
 * NULL: it cannot be made.
 */
struct engine *engine_make(struct machine *m, const char *word, unsigned int requests,
			   unsigned int iovs)
{
	static const struct runner *const runners[] = { &runner_uring, &runner_threads };
	struct engine *e = calloc(1, sizeof(*e));
	unsigned int i;

	if (!e || !make_jobs(e, requests, iovs))
		return NULL;
	for (i = 0; i < sizeof(runners) / sizeof(runners[0]); i++) {
		if (!word_is(word, "auto") && !word_is(word, runners[i]->name))
			continue;
		e->runner = runners[i];
		e->state = runners[i]->make(m, e, requests);
		if (e->state)
			return e;
	}
	free(e->jobs);
	free(e->iov);
	free(e);
	return NULL;
}

const char *engine_name(const struct engine *e)
{
	return e->runner->name;
}

/* Waits for what is under way; nobody is told of its end. */
void engine_stop(struct engine *e)
{
	if (!e)
		return;
	e->runner->stop(e->state);
	free(e->jobs);
	free(e->iov);
	free(e);
}

/* Under the lock: a job has ended. */
void engine_done(struct engine *e, struct job *j)
{
	struct vsp_disk_request *r = j->request;
	enum vsp_disk_status status = file_status(j->error, r->kind);

	j->next = e->free;
	e->free = j;
	vsp_storage_done(r, status);
}

static void start(struct vsp_disk *d, struct vsp_disk_request *r)
{
	struct unit *u = d->context;
	struct engine *e = u->engine;
	struct job *j = e->free;
	__u64 left = r->bytes;
	unsigned int i;

	e->free = j->next;
	j->request = r;
	j->unit = u;
	j->error = 0;
	j->at = 0;
	j->iovs = 0;
	j->offset = r->offset;
	j->left = r->kind <= VSP_DISK_WRITE ? r->bytes : 0;
	for (i = 0; j->left && left && i < r->segments; i++) {
		size_t n = left < r->segment[i].bytes ? left : r->segment[i].bytes;

		j->iov[i].iov_base = r->segment[i].address;
		j->iov[i].iov_len = n;
		j->iovs++;
		left -= n;
	}
	e->runner->run(e->state, j);
}

const struct vsp_disk_ops engine_ops = {
	.start = start,
};
