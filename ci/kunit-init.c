// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only program of the KUnit guest: loads the modules, hands every suite's result, the leak
 * report and the kernel's log out through the second serial port, and powers off. Static, libc
 * alone. Started by the kernel as /init; ci/kunit.sh made its image and reads what it says.
 *
 * Everything on the port is in sections: "@@ <name>" opens one. The last is "@@ end <status>";
 * its absence means that the guest died.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#define SUITES "/sys/kernel/debug/kunit"
#define KMEMLEAK "/sys/kernel/debug/kmemleak"

static int port = 1;
static int status;

static void put(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(port, data, len);

		if (n <= 0)
			return;
		data += n;
		len -= n;
	}
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put(line, n < (int)sizeof(line) ? n : (int)sizeof(line) - 1);
}

/* A section that cannot be given is said so; a reader must not take it for an empty one. */
static void trouble(const char *what)
{
	say("@@ trouble %s: %s\n", what, strerror(errno));
	status = 1;
}

static void dump(const char *section, const char *path)
{
	static char buf[65536];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		trouble(path);
		return;
	}
	say("@@ %s\n", section);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		put(buf, n);
	close(fd);
	say("\n");
}

static void open_port(const char *path)
{
	struct termios raw;
	int fd = open(path, O_RDWR | O_NOCTTY);

	if (fd < 0)
		return;
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
	}
	port = fd;
}

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) || mount("sysfs", "/sys", "sysfs", 0, NULL) ||
	    mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL))
		status = 1;
	if (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) && errno != EBUSY)
		status = 1;
}

static void failslab(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, value, 1) != 1)
		trouble("failslab");
	close(fd);
}

/*
 * A test that asks for it can make an allocation fail that may sleep; by itself none does. Without
 * the stack of each: that looks like trouble in the log.
 */
static void allow_failing(void)
{
	failslab("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	failslab("/sys/kernel/debug/failslab/verbose", "0");
}

/* /modules.list: one "file parameters..." a line, in the order to load. */
static int load(char *line)
{
	char path[600];
	char *args = strchr(line, ' ');
	int fd, err;

	if (args)
		*args++ = 0;
	snprintf(path, sizeof(path), "/modules/%s", line);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -1 : (int)syscall(SYS_finit_module, fd, args ? args : "", 0);
	if (err)
		trouble(line);
	else
		say("@@ loaded %s\n", line);
	if (fd >= 0)
		close(fd);
	return err;
}

static int load_all(char names[][64], int max)
{
	char line[512];
	int n = 0;
	FILE *list = fopen("/modules.list", "r");

	if (!list) {
		trouble("/modules.list");
		return 0;
	}
	while (n < max && fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = 0;
		if (!line[0] || load(line))
			continue;
		line[strcspn(line, ".")] = 0;
		snprintf(names[n++], sizeof(names[0]), "%.60s", line);
	}
	fclose(list);
	return n;
}

static void results(void)
{
	char path[512], section[300];
	struct dirent *entry;
	DIR *dir = opendir(SUITES);

	if (!dir) {
		trouble(SUITES);
		return;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), SUITES "/%s/results", entry->d_name);
		snprintf(section, sizeof(section), "results %s", entry->d_name);
		dump(section, path);
	}
	closedir(dir);
}

static void unload(char names[][64], int n)
{
	while (n--) {
		if (syscall(SYS_delete_module, names[n], O_NONBLOCK))
			trouble(names[n]);
		else
			say("@@ unloaded %s\n", names[n]);
	}
}

static void kmemleak(const char *command)
{
	int fd = open(KMEMLEAK, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, command, strlen(command)) != (ssize_t)strlen(command))
		trouble("kmemleak");
	close(fd);
}

/* An object counts as leaked when two scans five seconds apart find no pointer to it. */
static void leaks(void)
{
	if (access(KMEMLEAK, R_OK))
		return;
	kmemleak("scan");
	sleep(6);
	kmemleak("scan");
	dump("kmemleak", KMEMLEAK);
}

static void kernel_log(void)
{
	static char buf[4 << 20];
	int n = klogctl(3, buf, sizeof(buf));

	if (n < 0) {
		trouble("kernel log");
		return;
	}
	say("@@ log\n");
	put(buf, n);
	say("\n");
}

int main(void)
{
	static char names[16][64];
	int n;

	mount_all();
	allow_failing();
	open_port("/dev/ttyS1");
	say("@@ begin\n");
	/* The kernel's own scans would run beside the tests and cost most of the time. */
	kmemleak("scan=off");
	n = load_all(names, 16);
	results();
	unload(names, n);
	leaks();
	kernel_log();
	say("@@ end %d\n", status);
	tcdrain(port);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
