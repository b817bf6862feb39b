// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs by threads: for kernels without io_uring. Four of them, so that requests overlap.
 * Calls disk_file.c without the machine's lock, and engine_done() with it. Called by disk_io.c.
 */
#include <pthread.h>
#include <stdlib.h>
#include "testhost/disk.h"

#define WORKERS	4u

struct threads {
	struct machine *m;
	struct engine *engine;
	pthread_t worker[WORKERS];
	pthread_mutex_t lock;		/* of what follows; taken inside the machine's, if both */
	pthread_cond_t more;
	struct job *first, *last;	/* to be run */
	struct job *done;
	bool posted;			/* somebody will look at @done */
	bool ending;
};

/* In the event thread, under the machine's lock. */
static void reap(void *context)
{
	struct threads *t = context;
	struct job *j;
	bool ending;

	pthread_mutex_lock(&t->lock);
	j = t->done;
	t->done = NULL;
	t->posted = false;
	ending = t->ending;
	pthread_mutex_unlock(&t->lock);
	if (ending) {
		free(t);
		return;
	}
	while (j) {
		struct job *next = j->next;

		engine_done(t->engine, j);
		j = next;
	}
}

static struct job *next_job(struct threads *t)
{
	struct job *j;

	pthread_mutex_lock(&t->lock);
	while (!t->first && !t->ending)
		pthread_cond_wait(&t->more, &t->lock);
	j = t->first;
	if (j) {
		t->first = j->next;
		if (!t->first)
			t->last = NULL;
	}
	pthread_mutex_unlock(&t->lock);
	return j;
}

static void *work(void *context)
{
	struct threads *t = context;
	struct job *j;
	bool post;

	while ((j = next_job(t))) {
		file_run(j);
		pthread_mutex_lock(&t->lock);
		j->next = t->done;
		t->done = j;
		post = !t->posted;
		t->posted = true;
		pthread_mutex_unlock(&t->lock);
		if (post)
			machine_post(t->m, reap, t);
	}
	return NULL;
}

static void *make(struct machine *m, struct engine *e, unsigned int jobs)
{
	struct threads *t = calloc(1, sizeof(*t));
	unsigned int i;

	(void)jobs;
	if (!t)
		return NULL;
	t->m = m;
	t->engine = e;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->more, NULL);
	for (i = 0; i < WORKERS; i++) {
		if (pthread_create(&t->worker[i], NULL, work, t))
			fatal(EXIT_USAGE, "cannot start a thread for disks");
	}
	return t;
}

static void run(void *runner, struct job *j)
{
	struct threads *t = runner;

	j->next = NULL;
	pthread_mutex_lock(&t->lock);
	if (t->last)
		t->last->next = j;
	else
		t->first = j;
	t->last = j;
	pthread_cond_signal(&t->more);
	pthread_mutex_unlock(&t->lock);
}

/* Runs out the queue. A look at what is done that was asked for comes later, and ends it all. */
static void stop(void *runner)
{
	struct threads *t = runner;
	unsigned int i;

	pthread_mutex_lock(&t->lock);
	t->ending = true;
	pthread_cond_broadcast(&t->more);
	pthread_mutex_unlock(&t->lock);
	for (i = 0; i < WORKERS; i++)
		pthread_join(t->worker[i], NULL);
	if (!t->posted)
		free(t);
}

const struct runner runner_threads = {
	.name = "threads",
	.make = make,
	.run = run,
	.stop = stop,
};
