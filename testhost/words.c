// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words: numbers with units, splitting of lines, and complaints.
 * Calls libc alone; called by the options, the script and every device type.
 * Pure but for fatal(), which ends the program.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "testhost/machine.h"

/* Ends the program with a sentence. */
void fatal(int status, const char *format, ...)
{
	va_list args;

	fputs("testhost: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

/* What is wrong, for a caller that returns it. Valid until this thread's next call. */
const char *wrong(const char *format, ...)
{
	static __thread char text[2][256];
	static __thread unsigned int turn;
	char *to = text[turn++ % 2];		/* an argument may be the last complaint */
	va_list args;

	va_start(args, format);
	vsnprintf(to, sizeof(text[0]), format, args);
	va_end(args);
	return to;
}

bool word_is(const char *word, const char *wanted)
{
	return !strcmp(word, wanted);
}

static unsigned int shift_of(char unit)
{
	switch (tolower((unsigned char)unit)) {
	case 'k':
		return 10;
	case 'm':
		return 20;
	case 'g':
		return 30;
	case 't':
		return 40;
	default:
		return 0;
	}
}

bool word_number(const char *word, __u64 least, __u64 most, __u64 *value)
{
	unsigned int shift;
	char *end;
	__u64 n;

	if (!isdigit((unsigned char)*word))
		return false;
	errno = 0;
	n = strtoull(word, &end, 0);
	shift = shift_of(*end);
	if (errno || (shift && n > ~0ull >> shift))
		return false;
	n <<= shift;
	if (end[shift ? 1 : 0] || n < least || n > most)
		return false;
	*value = n;
	return true;
}

/* "5us", "20ms", "20" (milliseconds), "3s". */
bool word_duration(const char *word, __u64 *us)
{
	static const struct {
		const char *unit;
		__u64 us;
	} units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { "", 1000 } };
	unsigned int i;
	char *end;
	__u64 n;

	if (!isdigit((unsigned char)*word))
		return false;
	errno = 0;
	n = strtoull(word, &end, 10);
	if (errno || n > 1000000000)
		return false;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (word_is(end, units[i].unit)) {
			*us = n * units[i].us;
			return true;
		}
	}
	return false;
}

/*
 * Cuts a line into words, in place; a word with blanks stands in double quotes. Returns how many
 * there are, which may be more than @most: then the rest was not cut.
 */
unsigned int word_split(char *line, char **words, unsigned int most)
{
	unsigned int count = 0;
	char *p = line;

	for (;;) {
		char end = ' ';

		while (isspace((unsigned char)*p))
			p++;
		if (!*p || *p == '#')
			return count;
		if (count == most)
			return most + 1;
		if (*p == '"') {
			end = '"';
			p++;
		}
		words[count++] = p;
		while (*p && (end == '"' ? *p != '"' : !isspace((unsigned char)*p)))
			p++;
		if (!*p)
			return count;
		*p++ = 0;
	}
}
