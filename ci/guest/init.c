// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process 1 of the guest under test: mounts, loads the base modules, then serves commands that come framed
 * over the second serial port (vmctl.c is the other end). As "klogcheck" it searches the kernel's log.
 * May call: libc, busybox. Called by: the kernel; "klogcheck", "stopwatch" by scenarios through the agent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PORT "/dev/ttyS1"
#define OUT "/run/agent.out"
#define MAX_CMD (64 << 10)
#define MAX_OUT (256 << 10)

enum { ST_TIMEOUT = 124, ST_PROTOCOL = 125 };

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

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- klogcheck: what must not be in a kernel log ---- */

static const char *const bad_words[] = {
	"BUG:", "BUG ", "WARNING:", "Oops", "KASAN", "KCSAN", "KMSAN", "UBSAN", "unreferenced object",
	"kmemleak: ", "Kernel panic", "general protection fault", "double fault", "INFO: task ",
	"possible circular locking", "possible recursive locking", "inconsistent lock state",
	"suspicious RCU usage", "held lock freed", "lock held when returning", "INFO: rcu",
	"rcu_sched self-detected", "rcu_preempt self-detected", "detected stalls", "soft lockup",
	"hard LOCKUP", "sleeping function called", "scheduling while atomic", "Bad page state",
	"list_add corruption", "list_del corruption", "refcount_t:", "Call Trace:",
	"page allocation failure", "cannot create duplicate", "kobject_add_internal failed",
	"Unknown symbol", "disagrees about version", "Unhandled fault", "DMA-API:", "ODEBUG:",
};

/* Harmless and never ours; each needs a reason. */
static const char *const good_words[] = {
	"kmemleak: Kernel memory leak detector initialized", /* boot message */
	"kmemleak: Automatic memory scanning thread", /* boot message */
	"DMA-API: preallocated", /* boot message */
	"mitigation options", /* the boot line about a bug of the CPU says WARNING */
};

static int has_word(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(text, words[i]))
			return 1;
	return 0;
}

/* Arguments are further words to tolerate: a scenario that provokes a warning names it. */
static int klogcheck(int argc, char **argv)
{
	char rec[8192], *text, *end;
	unsigned long long seq, first = ~0ull, lines = 0;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), bad = 0;

	if (fd < 0) {
		perror("klogcheck: /dev/kmsg");
		return 1;
	}
	for (;;) {
		ssize_t n = read(fd, rec, sizeof(rec) - 1);

		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			break;
		rec[n] = 0;
		text = strchr(rec, ';');
		if (!text || sscanf(rec, "%*u,%llu,", &seq) != 1)
			continue;
		end = strchr(++text, '\n');
		if (end)
			*end = 0;
		if (first == ~0ull)
			first = seq;
		lines++;
		if (has_word(text, bad_words, sizeof(bad_words) / sizeof(bad_words[0])) &&
		    !has_word(text, good_words, sizeof(good_words) / sizeof(good_words[0])) &&
		    !has_word(text, (const char *const *)argv + 1, argc - 1)) {
			printf("kernel log: %s\n", text);
			bad++;
		}
	}
	/* A log that lost its beginning cannot be called clean. */
	if (first)
		printf("kernel log: its first %llu lines are lost (log_buf_len too small)\n", first);
	printf("klogcheck: %llu lines, %d bad\n", lines, bad);
	return bad || first || lines < 10;
}

/* ---- stopwatch ROUNDS LOAD PATTERN UNLOAD: least time from starting LOAD until PATTERN exists ---- */

static int stopwatch(int argc, char **argv)
{
	double least = 1e9;

	if (argc != 5)
		return 2;
	for (int i = atoi(argv[1]); i > 0; i--) {
		double start = now(), took;
		glob_t g;

		if (system(argv[2]))
			return 1;
		while (glob(argv[3], 0, NULL, &g)) {
			if (now() > start + 60)
				return ST_TIMEOUT;
			usleep(200);
		}
		took = now() - start;
		least = took < least ? took : least;
		globfree(&g);
		if (system(argv[4]))
			return 1;
	}
	printf("%.0f\n", least * 1e6);
	return 0;
}

/* ---- portin: what the test host has for us, from its input port to standard output ---- */

/* libc's insb() does not tell the compiler that it writes memory. */
static void read_port(void *to, size_t count)
{
	__asm__ volatile("rep insb" : "+D"(to), "+c"(count) : "d"(0xf9) : "memory");
}

static int portin(void)
{
	static unsigned char buf[64 << 10];
	uint64_t left;

	if (ioperm(0xf9, 1, 1)) {
		perror("portin: ioperm");
		return 1;
	}
	/* a page that is not there yet would swallow what was read for it */
	memset(buf, 1, sizeof(buf));
	read_port(&left, sizeof(left));
	while (left) {
		size_t n = left < sizeof(buf) ? left : sizeof(buf);

		read_port(buf, n);
		for (size_t done = 0; done < n;) {
			ssize_t w = write(1, buf + done, n - done);

			if (w <= 0)
				return 1;
			done += w;
		}
		left -= n;
	}
	return 0;
}

/* ---- the agent ---- */

static int port = -1;

static void put(const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(port, p, len);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			p += n;
			len -= n;
		}
	}
}

static void reply(unsigned int id, int status, const void *data, size_t len)
{
	char head[80];

	put(head, snprintf(head, sizeof(head), "\n#%08x re %d %zu %08x\n", id, status, len,
			   crc32_of(data, len)));
	put(data, len);
	put("\n", 1);
}

/* One byte under a deadline; 0 = none came. */
static int get(char *c, double until)
{
	struct pollfd p = { .fd = port, .events = POLLIN };
	double left = until - now();

	if (left <= 0 || poll(&p, 1, left * 1000 + 1) <= 0)
		return 0;
	return read(port, c, 1) == 1;
}

/* Until the deadline, or for ever when the child has none; a late command is killed with its children. */
static int wait_child(pid_t pid, double until)
{
	int st;

	for (unsigned int us = 2000;; us = us < 50000 ? us * 2 : us) {
		pid_t got = waitpid(-1, &st, WNOHANG);

		if (got == pid)
			return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
		if (got > 0)
			continue;
		if (now() > until) {
			kill(-pid, SIGKILL);
			waitpid(pid, &st, 0);
			return ST_TIMEOUT;
		}
		usleep(us);
	}
}

static pid_t spawn(const char *cmd, const char *in, const char *out)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	int i = open(in, O_RDWR), o = open(out, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (i < 0 || o < 0)
		_exit(ST_PROTOCOL);
	dup2(i, 0);
	dup2(o, 1);
	dup2(o, 2);
	close(port);
	execl("/bin/sh", "sh", "-c", cmd, NULL);
	_exit(127);
}

/* Output goes through a file, so that a background child which keeps it open cannot hold the answer up. */
static void run(unsigned int id, int limit, const char *cmd)
{
	static char buf[MAX_OUT];
	pid_t pid = spawn(cmd, "/dev/null", OUT);
	int st = pid < 0 ? ST_PROTOCOL : wait_child(pid, now() + limit);
	int fd = open(OUT, O_RDONLY);
	ssize_t n, len = 0;

	while (fd >= 0 && len < MAX_OUT && (n = read(fd, buf + len, MAX_OUT - len)) > 0)
		len += n;
	if (fd >= 0)
		close(fd);
	reply(id, st, buf, len);
}

static void ping(unsigned int id)
{
	char text[64];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	reply(id, 0, text, n > 0 ? n : 0);
}

static void serve_one(const char *head)
{
	static char cmd[MAX_CMD + 1];
	unsigned int id, crc;
	char verb[8];
	size_t len, got = 0;
	int limit;

	if (sscanf(head, "#%8x %7s %d %zu %8x", &id, verb, &limit, &len, &crc) != 5 || len > MAX_CMD)
		return;
	while (got < len && get(cmd + got, now() + 10))
		got++;
	cmd[got] = 0;
	if (got < len || crc32_of(cmd, len) != crc)
		reply(id, ST_PROTOCOL, "command came corrupt\n", 21);
	else if (!strcmp(verb, "ping"))
		ping(id);
	else if (!strcmp(verb, "run"))
		run(id, limit, cmd);
	else if (!strcmp(verb, "go"))
		wait_child(spawn(cmd, "/dev/null", OUT), now() + 3600);
}

static int open_port(void)
{
	struct termios t;

	port = open(PORT, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (port < 0 || tcgetattr(port, &t))
		return -1;
	cfmakeraw(&t);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	cfsetspeed(&t, B115200);
	return tcsetattr(port, TCSANOW, &t);
}

static void serve(void)
{
	char line[256];
	size_t n = 0;

	for (;;) {
		char c;

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (!get(&c, now() + 5))
			continue;
		if (c == '#')
			n = 0;
		if (n < sizeof(line) - 1 && c != '\n')
			line[n++] = c;
		if (c != '\n')
			continue;
		line[n] = 0;
		n = 0;
		if (line[0] == '#')
			serve_one(line);
	}
}

/* ---- process 1 ---- */

/* An initial image that came before may have left its mounts to us. */
static int is_mounted(const char *dir)
{
	struct stat here, above;
	char up[64];

	snprintf(up, sizeof(up), "%s/..", dir);
	return !stat(dir, &here) && !stat(up, &above) && here.st_dev != above.st_dev;
}

static void mounts(void)
{
	static const struct {
		const char *type, *dir;
	} m[] = {
		{ "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" }, { "tmpfs", "/run" },
		{ "tmpfs", "/tmp" }, { "debugfs", "/sys/kernel/debug" },
		{ "tracefs", "/sys/kernel/tracing" },
	};

	for (size_t i = 0; i < sizeof(m) / sizeof(m[0]); i++) {
		mkdir(m[i].dir, 0755);
		if (!is_mounted(m[i].dir) && mount(m[i].type, m[i].dir, m[i].type, 0, NULL) && i < 4)
			perror(m[i].dir);
	}
}

/* /lib/base/order names the files, dependencies first. */
static void base_modules(void)
{
	FILE *f = fopen("/lib/base/order", "r");
	char name[200], path[256];

	while (f && fscanf(f, "%199s", name) == 1) {
		snprintf(path, sizeof(path), "/lib/base/%s", name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			perror(path);
		if (fd >= 0)
			close(fd);
	}
	if (f)
		fclose(f);
}

static int cmdline_has(const char *word)
{
	char buf[4096];
	int fd = open("/proc/cmdline", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = 0;
	return strstr(buf, word) != NULL;
}

/* A shell on the console for people, started again when it ends. */
static void console_shell(void)
{
	if (fork())
		return;
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			setsid();
			execl("/bin/busybox", "cttyhack", "/bin/sh", "-l", NULL);
			_exit(127);
		}
		waitpid(pid, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	const char *self = strrchr(argv[0], '/');

	if (!strcmp(self ? self + 1 : argv[0], "klogcheck"))
		return klogcheck(argc, argv);
	if (!strcmp(self ? self + 1 : argv[0], "stopwatch"))
		return stopwatch(argc, argv);
	if (!strcmp(self ? self + 1 : argv[0], "portin"))
		return portin();
	if (getpid() != 1) {
		fputs("init: only for process 1 of the test guest\n", stderr);
		return 1;
	}
	mounts();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/", 1);
	base_modules();
	wait_child(spawn("echo 1 >/proc/sys/kernel/sysrq", "/dev/null", "/dev/null"), now() + 10);
	if (!access("/etc/rc", X_OK))
		wait_child(spawn("/etc/rc", "/dev/null", "/dev/console"), now() + 120);
	if (cmdline_has("enl.shell"))
		console_shell();
	if (open_port()) {
		perror(PORT);
		pause();
	}
	serve();
}
