// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the machine says: one-line events with the time, traces, and pieces of JSON.
 * Calls libc alone; called by every other file, from any thread.
 * A line goes out in one write, so that lines of several threads do not mix.
 */
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "testhost/machine.h"

__u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000000000 + (__u64)t.tv_nsec;
}

/* Since the machine was made. */
__u64 machine_ns(const struct machine *m)
{
	return now_ns() - m->epoch;
}

static void say(struct machine *m, const char *kind, const char *what, const char *format,
		va_list args)
{
	__u64 us = machine_ns(m) / 1000;
	char line[8192];
	int n, k;

	n = snprintf(line, sizeof(line) - 1, "%s %llu.%06llu%s%s ", kind,
		     (unsigned long long)us / 1000000, (unsigned long long)us % 1000000,
		     *what ? " " : "", what);
	k = vsnprintf(line + n, sizeof(line) - 1 - n, format, args);
	n += k;
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	while (n && line[n - 1] == ' ')
		n--;
	line[n++] = '\n';
	fflush(m->events);
	if (write(fileno(m->events), line, n) < 0)
		return;
}

/* "event <seconds> <what> key=value ...": what checks read. */
void report(struct machine *m, const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(m, "event", what, format, args);
	va_end(args);
}

/* "<kind> <seconds> ...": what people read. */
void report_line(struct machine *m, const char *kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(m, kind, "", format, args);
	va_end(args);
}

void json_string(FILE *json, const char *text)
{
	fputc('"', json);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(json, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			fprintf(json, "\\u%04x", *text);
		else
			fputc(*text, json);
	}
	fputc('"', json);
}
