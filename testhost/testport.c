// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ports between a test in the guest and the machine: status, marker, poll, input, output.
 * Calls loop.c, report.c and memory.c; called by vcpu.c, and by a verb for the input.
 *
 * 0xec out, 4 bytes: so many bytes lie in the shared area and go to --output
 * 0xf4 out: the machine ends with this status        0xf5 out, 1 to 4 bytes: a marker
 * 0xf6 in: 1 while there is input                     0xf9 in (REP INSB): 8 bytes of length
 *                                                     (little-endian), then the input
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "testhost/machine.h"

void testport_make(struct machine *m)
{
	m->test.output = -1;
	if (!m->opt.output)
		return;
	m->test.output = open(m->opt.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (m->test.output < 0)
		fatal(EXIT_USAGE, "%s: %s", m->opt.output, strerror(errno));
}

/* Makes a file the next input, from its beginning. NULL, or what is wrong. */
const char *testport_input(struct machine *m, const char *path)
{
	struct testport *t = &m->test;
	FILE *file = fopen(path, "re");
	unsigned int i;
	struct stat s;

	if (!file || fstat(fileno(file), &s)) {
		if (file)
			fclose(file);
		return wrong("%s: %s", path, strerror(errno));
	}
	if (t->input)
		fclose(t->input);
	t->input = file;
	t->left = (__u64)s.st_size;
	t->head_at = 0;
	for (i = 0; i < sizeof(t->head); i++)
		t->head[i] = (__u8)(t->left >> 8 * i);
	return NULL;
}

/* Zeroes behind the end: the guest knows the length. */
void testport_fill(struct machine *m, __u8 *to, unsigned int bytes)
{
	struct testport *t = &m->test;
	size_t n = 0;

	memset(to, 0, bytes);
	while (bytes && t->input && t->head_at < sizeof(t->head)) {
		*to++ = t->head[t->head_at++];
		bytes--;
	}
	if (bytes && t->input)
		n = fread(to, 1, bytes < t->left ? bytes : t->left, t->input);
	t->left -= n;
	if (t->input && !t->left && t->head_at == sizeof(t->head)) {
		fclose(t->input);
		t->input = NULL;
	}
}

__u8 testport_read(struct machine *m, unsigned int port)
{
	return port == 0xf6 && m->test.input;
}

static void output(struct machine *m, __u32 bytes)
{
	const __u8 *at = memory_map(m, GPA_SHARED, SHARED_BYTES);

	if (bytes > SHARED_BYTES || !at) {
		report(m, "output", "bytes=%u refused=1", bytes);
		return;
	}
	if (m->test.output >= 0 && write(m->test.output, at, bytes) != (ssize_t)bytes)
		report(m, "output", "bytes=%u error=%d", bytes, errno);
}

void testport_write(struct machine *m, unsigned int port, __u32 value)
{
	switch (port) {
	case 0xec:
		output(m, value);
		break;
	case 0xf4:
		machine_end(m, (int)(value & 0xff), "guest");
		break;
	case 0xf5:
		m->test.markers++;
		m->test.marker = value;
		report(m, "marker", "number=%u", value);
		m->check(m);
		break;
	}
}
