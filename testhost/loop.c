// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event thread: descriptors, timers, calls posted by others; and how the machine ends.
 * Calls words.c and report.c, and the pump through the machine; called by everything above.
 * Posts and timers have a lock of their own, so they can be made with or without the big one.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "testhost/machine.h"

static void nothing(int number)
{
	(void)number;
}

void loop_make(struct machine *m)
{
	struct sigaction act = { .sa_handler = nothing };
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = MAX_WATCHES };
	struct loop *l = &m->loop;
	unsigned int i;

	sigemptyset(&act.sa_mask);
	sigaction(SIGUSR1, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->resumed, NULL);
	pthread_mutex_init(&l->lock, NULL);
	for (i = 0; i < MAX_WATCHES; i++)
		l->watch[i].fd = -1;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll < 0 || l->wake < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &e))
		fatal(EXIT_USAGE, "cannot make an event loop: %s", strerror(errno));
}

void machine_lock(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
}

void machine_unlock(struct machine *m)
{
	pthread_mutex_unlock(&m->lock);
}

/* Makes the event thread look round. */
void machine_wake(struct machine *m)
{
	__u64 one = 1;

	if (write(m->loop.wake, &one, sizeof(one)) < 0)
		return;		/* full: it is awake */
}

/* Makes every processor leave the guest and look at what is wanted. */
void machine_kick(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->opt.vcpus; i++) {
		struct vcpu *v = &m->vcpu[i];

		if (!v->started)
			continue;
		__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
		pthread_kill(v->thread, SIGUSR1);
	}
}

/* The first reason counts. Any thread, with the lock. */
void machine_end(struct machine *m, int status, const char *why)
{
	if (m->ending)
		return;
	report(m, "end", "why=%s status=%d", why, status);
	m->status = status;
	m->ending = true;
	m->paused = false;
	pthread_cond_broadcast(&m->resumed);
	machine_kick(m);
	machine_wake(m);
}

/* Holds the processors; time goes on. With the lock. */
void machine_pause(struct machine *m, bool pause)
{
	m->paused = pause;
	if (pause)
		machine_kick(m);
	else
		pthread_cond_broadcast(&m->resumed);
}

/* --- calls */

static void add(struct call **list, unsigned int *count, unsigned int *room, const struct call *c)
{
	if (*count == *room) {
		*room = *room ? *room * 2 : 64;
		*list = realloc(*list, *room * sizeof(**list));
		if (!*list)
			fatal(EXIT_USAGE, "no memory for calls");
	}
	(*list)[(*count)++] = *c;
}

void machine_post(struct machine *m, void (*call)(void *context), void *context)
{
	struct call c = { .call = call, .context = context };
	struct loop *l = &m->loop;

	pthread_mutex_lock(&l->lock);
	add(&l->posts, &l->posted, &l->post_room, &c);
	pthread_mutex_unlock(&l->lock);
	machine_wake(m);
}

void machine_after(struct machine *m, __u64 us, void (*call)(void *context), void *context)
{
	struct call c = { .call = call, .context = context, .at = now_ns() + us * 1000 };
	struct loop *l = &m->loop;

	pthread_mutex_lock(&l->lock);
	add(&l->timers, &l->timed, &l->timer_room, &c);
	pthread_mutex_unlock(&l->lock);
	machine_wake(m);
}

/* @call runs whenever @fd can be read; it must read it. */
void machine_watch(struct machine *m, int fd, void (*call)(void *context), void *context)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct loop *l = &m->loop;
	unsigned int i;

	for (i = 0; i < MAX_WATCHES && l->watch[i].fd >= 0; i++)
		;
	if (i == MAX_WATCHES)
		fatal(EXIT_USAGE, "more than %u descriptors to watch", MAX_WATCHES);
	l->watch[i] = (struct call){ .call = call, .context = context, .fd = fd };
	e.data.u32 = i;
	/* a plain file is always ready and cannot be watched */
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e))
		l->watch[i].fd = -1;
}

void machine_unwatch(struct machine *m, int fd)
{
	unsigned int i;

	for (i = 0; i < MAX_WATCHES; i++) {
		if (m->loop.watch[i].fd == fd)
			m->loop.watch[i].fd = -1;
	}
	epoll_ctl(m->loop.epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* Takes the oldest post. */
static bool take_post(struct loop *l, struct call *c)
{
	bool any;

	pthread_mutex_lock(&l->lock);
	any = l->posted;
	if (any) {
		*c = l->posts[0];
		l->posted--;
		memmove(l->posts, l->posts + 1, l->posted * sizeof(*c));
	}
	pthread_mutex_unlock(&l->lock);
	return any;
}

/* Takes the earliest timer that is due; else says in how many milliseconds one will be. */
static bool take_timer(struct loop *l, struct call *c, int *wait)
{
	__u64 now = now_ns();
	unsigned int i, best = 0;
	bool due = false;

	pthread_mutex_lock(&l->lock);
	for (i = 1; i < l->timed; i++) {
		if (l->timers[i].at < l->timers[best].at)
			best = i;
	}
	*wait = 1000;
	if (l->timed && l->timers[best].at <= now) {
		*c = l->timers[best];
		l->timed--;
		memmove(l->timers + best, l->timers + best + 1,
			(l->timed - best) * sizeof(*c));
		due = true;
	} else if (l->timed && l->timers[best].at - now < 1000000000) {
		*wait = (int)((l->timers[best].at - now) / 1000000 + 1);
	}
	pthread_mutex_unlock(&l->lock);
	return due;
}

static void run_watches(struct machine *m, const struct epoll_event *e, int count)
{
	struct loop *l = &m->loop;
	__u64 drop;
	int i;

	for (i = 0; i < count; i++) {
		if (e[i].data.u32 == MAX_WATCHES) {
			if (read(l->wake, &drop, sizeof(drop)) < 0)
				continue;
		} else if (l->watch[e[i].data.u32].fd >= 0) {
			struct call c = l->watch[e[i].data.u32];

			c.call(c.context);
		}
	}
}

/* The event thread's life. */
void loop_run(struct machine *m)
{
	struct epoll_event e[16];
	struct call c;
	int wait = 0;
	int n;

	machine_lock(m);
	while (!m->ending) {
		machine_unlock(m);
		n = epoll_wait(m->loop.epoll, e, 16, m->loop.posted ? 0 : wait);
		machine_lock(m);
		run_watches(m, e, n);
		while (take_post(&m->loop, &c))
			c.call(c.context);
		while (take_timer(&m->loop, &c, &wait))
			c.call(c.context);
		m->pump(m);
	}
	machine_unlock(m);
}

/* A UNIX socket at @path, which nobody else has then. The machine does not start without. */
int listen_socket(const char *path, int backlog)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(a.sun_path))
		fatal(EXIT_USAGE, "path of a socket is too long: %s", path);
	strcpy(a.sun_path, path);
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, backlog))
		fatal(EXIT_USAGE, "%s: %s", path, strerror(errno));
	return fd;
}
