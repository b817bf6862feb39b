// SPDX-License-Identifier: GPL-2.0-only
/*
 * The harness's hand: one static program that asks KVM what it can do, speaks QMP, gives commands to
 * the guest's agent (init.c holds the other end), waits for a job disk, ends the machine with a status.
 * May call: libc only. Called by: nest.sh on the machine, the level-1 init and the scenarios.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Statuses that the guest's command cannot be confused with: they are reserved in init.c too. */
enum { ST_TIMEOUT = 124, ST_PROTOCOL = 125, ST_USAGE = 126, ST_SKIP = 77 };

#define MAX_REPLY (4u << 20)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int fail(int status, const char *what)
{
	fprintf(stderr, "vmctl: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
	return status;
}

/* Same polynomial as zlib's crc32; bytewise is fast enough for a serial line. */
static uint32_t crc32_of(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static int connect_to(const char *path, double until)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(a.sun_path))
		return -1;
	strcpy(a.sun_path, path);
	for (;;) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd >= 0 && !connect(fd, (struct sockaddr *)&a, sizeof(a)))
			return fd;
		if (fd >= 0)
			close(fd);
		if (now() >= until)
			return -1;
		usleep(20000);
	}
}

static int send_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n <= 0)
			return -1;
		p += n;
		len -= n;
	}
	return 0;
}

/* A growing input buffer over one descriptor, filled under a deadline. */
struct in {
	int fd;
	char *buf;
	size_t len, cap;
};

static int in_more(struct in *in, double until)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };
	double left = until - now();
	ssize_t n;

	if (left <= 0 || poll(&p, 1, left * 1000 + 1) <= 0)
		return ST_TIMEOUT;
	if (in->len + 65536 > in->cap) {
		in->cap = in->cap * 2 + 131072;
		if (in->cap > 4 * MAX_REPLY)
			return ST_PROTOCOL;
		in->buf = realloc(in->buf, in->cap);
		if (!in->buf)
			return ST_PROTOCOL;
	}
	n = read(in->fd, in->buf + in->len, 65536);
	if (n <= 0)
		return ST_PROTOCOL;
	in->len += n;
	return 0;
}

static void in_drop(struct in *in, size_t n)
{
	memmove(in->buf, in->buf + n, in->len - n);
	in->len -= n;
}

/* Takes one line (without its end) out of the buffer; the caller frees it. */
static char *in_line(struct in *in, double until, int *status)
{
	for (;;) {
		char *nl = in->len ? memchr(in->buf, '\n', in->len) : NULL;

		if (nl) {
			size_t n = nl - in->buf;
			char *line = strndup(in->buf, n);

			in_drop(in, n + 1);
			return line;
		}
		*status = in_more(in, until);
		if (*status)
			return NULL;
	}
}

/* ---- QMP: each message is one line; its first key tells what it is ---- */

static int is_msg(const char *line, const char *key)
{
	return !strncmp(line, "{\"", 2) && !strncmp(line + 2, key, strlen(key));
}

static int qmp_reply(struct in *in, double until, int print)
{
	char *line;
	int st = 0;

	while ((line = in_line(in, until, &st))) {
		if (is_msg(line, "return\"")) {
			if (print)
				puts(line);
			return 0;
		}
		if (is_msg(line, "error\"")) {
			fprintf(print == 2 ? stdout : stderr, "%s\n", line);
			return 1;
		}
		free(line);
	}
	return st;
}

static int qmp_open(struct in *in, const char *path, double until)
{
	static const char hello[] = "{\"execute\":\"qmp_capabilities\"}\n";
	char *line;
	int st = 0;

	in->fd = connect_to(path, until < now() + 10 ? until : now() + 10);
	if (in->fd < 0)
		return fail(ST_PROTOCOL, path);
	line = in_line(in, until, &st);
	if (!line || !is_msg(line, "QMP\""))
		return fail(st ? st : ST_PROTOCOL, "no QMP greeting");
	if (send_all(in->fd, hello, sizeof(hello) - 1))
		return ST_PROTOCOL;
	return qmp_reply(in, until, 0);
}

static int cmd_qmp(double limit, char **arg)
{
	double until = now() + limit;
	struct in in = { 0 };
	int st = qmp_open(&in, arg[0], until);

	if (st)
		return st;
	if (send_all(in.fd, arg[1], strlen(arg[1])) || send_all(in.fd, "\n", 1))
		return fail(ST_PROTOCOL, "QMP write");
	return qmp_reply(&in, until, 1);
}

/* Waits for one event and prints it. Only events after the connection was made are seen. */
static int cmd_event(double limit, char **arg)
{
	double until = now() + limit;
	struct in in = { 0 };
	char want[128], *line;
	int st = qmp_open(&in, arg[0], until);

	if (st)
		return st;
	snprintf(want, sizeof(want), "\"event\": \"%s\"", arg[1]);
	while ((line = in_line(&in, until, &st))) {
		if (is_msg(line, "timestamp\"") && strstr(line, want)) {
			puts(line);
			return 0;
		}
		free(line);
	}
	return st;
}

/* ---- the test host's control: a line, and one line back ---- */

static int cmd_line(double limit, char **arg)
{
	double until = now() + limit;
	struct in in = { .fd = connect_to(arg[0], until < now() + 10 ? until : now() + 10) };
	char *line;
	int st = 0;

	if (in.fd < 0)
		return fail(ST_PROTOCOL, arg[0]);
	if (send_all(in.fd, arg[1], strlen(arg[1])) || send_all(in.fd, "\n", 1))
		return fail(ST_PROTOCOL, "write to the test host");
	line = in_line(&in, until, &st);
	if (!line)
		return st;
	puts(line);
	return !strncmp(line, "error:", 6);
}

/* ---- the guest's agent: "#id verb limit length crc\n" and that many bytes, both ways ---- */

static int agent_send(int fd, unsigned int id, const char *verb, int limit, const char *text)
{
	char head[128];
	size_t len = strlen(text);
	int n = snprintf(head, sizeof(head), "\n#%08x %s %d %zu %08x\n", id, verb, limit, len,
			 crc32_of(text, len));

	if (send_all(fd, head, n) || send_all(fd, text, len) || send_all(fd, "\n", 1))
		return -1;
	return 0;
}

/* Lines that are no frame of ours (late replies, boot noise, broken bytes) are passed over. */
static int agent_reply(struct in *in, unsigned int id, double until, int print)
{
	unsigned int got, crc;
	size_t len;
	char *line;
	int st = 0, status;

	while ((line = in_line(in, until, &st))) {
		char *hash = strchr(line, '#');
		int ok = hash && sscanf(hash, "#%8x re %d %zu %8x", &got, &status, &len, &crc) == 4;

		free(line);
		if (!ok || got != id || len > MAX_REPLY)
			continue;
		while (in->len < len) {
			st = in_more(in, until);
			if (st)
				return st;
		}
		if (crc32_of(in->buf, len) != crc)
			return fail(ST_PROTOCOL, "reply of the guest's agent is corrupt");
		if (print)
			fwrite(in->buf, 1, len, stdout);
		return status;
	}
	return st;
}

static unsigned int new_id(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (unsigned int)t.tv_nsec * 2654435761u ^ (unsigned int)getpid() << 16 ^ t.tv_sec;
}

static int cmd_guest(double limit, char **arg)
{
	double until = now() + limit;
	struct in in = { .fd = connect_to(arg[0], now() + 2) };
	unsigned int id = new_id();
	int st;

	if (in.fd < 0)
		return fail(ST_PROTOCOL, arg[0]);
	/* The agent's own limit fires first, so that the command's output still comes back. */
	if (agent_send(in.fd, id, "run", limit > 4 ? limit - 2 : limit, arg[1]))
		return fail(ST_PROTOCOL, "agent write");
	st = agent_reply(&in, id, until, 1);
	fflush(stdout);
	if (st == ST_TIMEOUT)
		fprintf(stderr, "vmctl: guest command not done within %g s: %s\n", limit, arg[1]);
	return st;
}

/* For commands whose answer never comes: kexec, crash, power-off. */
static int cmd_send(double limit, char **arg)
{
	int fd = connect_to(arg[0], now() + limit);

	if (fd < 0 || agent_send(fd, new_id(), "go", 0, arg[1]))
		return fail(ST_PROTOCOL, arg[0]);
	/* QEMU reads the socket at the UART's pace: closing at once would lose the rest. */
	sleep(1);
	return 0;
}

/* Asks until an agent answers; prints its boot id, which tells one kernel's agent from the next one's. */
static int cmd_wait(double limit, char **arg)
{
	double until = now() + limit;

	while (now() < until) {
		struct in in = { .fd = connect_to(arg[0], until) };
		unsigned int id = new_id();
		double step = now() + 1;
		int st;

		if (in.fd < 0)
			return fail(ST_TIMEOUT, arg[0]);
		if (!agent_send(in.fd, id, "ping", 0, "")) {
			st = agent_reply(&in, id, step < until ? step : until, 1);
			if (!st)
				return 0;
			if (st == ST_PROTOCOL)
				usleep(100000);
		}
		close(in.fd);
		free(in.buf);
	}
	return ST_TIMEOUT;
}

/* ---- this machine ---- */

/* 0: the machine's KVM can carry the guest by itself; 77: it cannot, go nested. */
static int cmd_probe(double limit, char **arg)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;

	(void)limit;
	(void)arg;
	if (kvm < 0)
		return fail(ST_SKIP, "/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != 12 || vm < 0)
		return fail(ST_SKIP, "KVM cannot create a virtual machine");
	errno = 0;
	if (ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_HYPERV_SYNIC2) <= 0 ||
	    ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_HYPERV_EVENTFD) <= 0)
		return fail(ST_SKIP, "KVM has no Hyper-V SynIC");
	return 0;
}

/* QEMU's isa-debug-exit at 0xf4: the machine ends with (status << 1) | 1. */
static int cmd_exit(double limit, char **arg)
{
	(void)limit;
	if (ioperm(0xf4, 4, 1))
		return fail(ST_USAGE, "ioperm");
	outb(atoi(arg[0]), 0xf4);
	sleep(5);
	return fail(ST_USAGE, "no isa-debug-exit device");
}

/*
 * The job disk starts with "ENLJOB" once there is work. A restored machine waits right here: the disk it
 * slept with was blank, the one it wakes up with is not. O_DIRECT, or the page cache would hide that.
 */
static int cmd_job(double limit, char **arg)
{
	double until = now() + limit;
	int fd = open(arg[0], O_RDONLY | O_DIRECT | O_CLOEXEC);
	void *sector;

	if (fd < 0 || posix_memalign(&sector, 4096, 4096))
		return fail(ST_USAGE, arg[0]);
	do {
		if (pread(fd, sector, 4096, 0) == 4096 && !memcmp(sector, "ENLJOB", 6))
			return 0;
		usleep(20000);
	} while (now() < until);
	return ST_TIMEOUT;
}

static const struct {
	const char *name;
	int args;
	int (*run)(double limit, char **arg);
	const char *help;
} verbs[] = {
	{ "probe", 0, cmd_probe, "" },
	{ "exit", 1, cmd_exit, "STATUS" },
	{ "job", 1, cmd_job, "DISK" },
	{ "qmp", 2, cmd_qmp, "SOCKET JSON" },
	{ "event", 2, cmd_event, "SOCKET NAME" },
	{ "line", 2, cmd_line, "SOCKET LINE" },
	{ "guest", 2, cmd_guest, "SOCKET COMMAND" },
	{ "send", 2, cmd_send, "SOCKET COMMAND" },
	{ "wait", 1, cmd_wait, "SOCKET" },
};

int main(int argc, char **argv)
{
	double limit = 60;

	if (argc > 3 && !strcmp(argv[1], "-t")) {
		limit = atof(argv[2]);
		argv += 2;
		argc -= 2;
	}
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].name) && argc - 2 == verbs[i].args)
			return verbs[i].run(limit, argv + 2);
	fputs("usage: vmctl [-t SECONDS] VERB ARGUMENTS, one of\n", stderr);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(stderr, "  %s %s\n", verbs[i].name, verbs[i].help);
	return ST_USAGE;
}
