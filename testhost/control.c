// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where lines of the script come from: a file, standard input, or peers of a UNIX socket.
 * Calls script.c and loop.c; called by main.c. Each line of a peer is answered by one line:
 * "ok", what the action had to say, or "error: ...".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "testhost/machine.h"

struct peer {
	struct machine *m;
	int fd;
	bool console;			/* standard input: answers are event lines */
	unsigned int have;
	char text[4096];
};

struct listener {
	struct machine *m;
	int fd;
};

static void say(struct peer *p, const char *text)
{
	if (p->console) {
		report(p->m, "answer", "%s", text);
		return;
	}
	/* a peer that does not listen loses its answer */
	if (send(p->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ||
	    send(p->fd, "\n", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

static void serve(struct peer *p, const char *line)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *answer = open_memstream(&text, &bytes);
	const char *why;

	if (!answer)
		return;
	why = script_add(p->m, line, answer);
	fclose(answer);
	if (why)
		say(p, wrong("error: %s", why));
	else
		say(p, bytes ? text : "ok");
	free(text);
}

static void leave(struct peer *p)
{
	machine_unwatch(p->m, p->fd);
	if (!p->console)
		close(p->fd);
	free(p);
}

/* Whole lines only; one that is too long is an error once, and dropped. */
static void lines(struct peer *p)
{
	char *end;

	while ((end = memchr(p->text, '\n', p->have))) {
		unsigned int used = (unsigned int)(end + 1 - p->text);

		*end = 0;
		if (end > p->text && end[-1] == '\r')
			end[-1] = 0;
		serve(p, p->text);
		p->have -= used;
		memmove(p->text, p->text + used, p->have);
	}
	if (p->have == sizeof(p->text)) {
		say(p, "error: the line is too long");
		p->have = 0;
	}
}

static void input(void *context)
{
	struct peer *p = context;
	size_t room = sizeof(p->text) - p->have;
	ssize_t n = p->console ? read(p->fd, p->text + p->have, room) :
				 recv(p->fd, p->text + p->have, room, MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		leave(p);
		return;
	}
	p->have += (unsigned int)n;
	lines(p);
}

static void add_peer(struct machine *m, int fd, bool console)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p)
		fatal(EXIT_USAGE, "no memory for a peer");
	p->m = m;
	p->fd = fd;
	p->console = console;
	machine_watch(m, fd, input, p);
}

static void arrive(void *context)
{
	struct listener *l = context;
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		add_peer(l->m, fd, false);
}

static void listen_at(struct machine *m, const char *path)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (!l)
		fatal(EXIT_USAGE, "no memory for the control socket");
	l->m = m;
	l->fd = listen_socket(path, 8);
	machine_watch(m, l->fd, arrive, l);
}

static void open_script(struct machine *m, const char *path)
{
	struct stat s;
	FILE *file;

	if (word_is(path, "-") && !fstat(STDIN_FILENO, &s) && !S_ISREG(s.st_mode)) {
		add_peer(m, STDIN_FILENO, true);
		return;
	}
	file = word_is(path, "-") ? stdin : fopen(path, "re");
	if (!file)
		fatal(EXIT_USAGE, "%s: %s", path, strerror(errno));
	script_read(m, file, path);
	if (file != stdin)
		fclose(file);
}

void control_make(struct machine *m)
{
	if (m->opt.script)
		open_script(m, m->opt.script);
	if (m->opt.control)
		listen_at(m, m->opt.control);
}
