/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line of a script: when, and what. Parsed without a machine, so that it can be tested alone.
 * Made by parse.c, used by script.c.
 */
#ifndef TESTHOST_SCRIPT_H
#define TESTHOST_SCRIPT_H

#include <linux/types.h>
#include <stdbool.h>

#define LINE_WORDS	24u
#define LINE_BYTES	1024u

enum when {
	WHEN_NOW,
	WHEN_AT,		/* so long after the start of the machine */
	WHEN_EVERY,		/* again and again, so far apart */
	WHEN_AFTER,		/* the n-th message of a type, either direction */
	WHEN_PACKETS,		/* the n-th packet of a channel, both directions together */
	WHEN_MARKER,		/* the guest wrote this number to port 0xf5 */
	WHEN_OPEN,		/* a channel becomes open */
	WHEN_CLOSE,		/* it was open, and is no more */
};

/**
 * struct line - a line that was understood
 * @when: the condition
 * @number: its microseconds, count or number
 * @type: of the message
 * @channel: of packets, open, close
 * @argc: words of the action; 0: the line is empty
 * @argv: those, in @text
 * @text: a copy that is cut into words
 */
struct line {
	enum when when;
	__u64 number;
	__u32 type;
	const char *channel;
	int argc;
	char *argv[LINE_WORDS];
	char text[LINE_BYTES];
};

/* NULL, or what is wrong with the line. */
const char *line_parse(const char *text, struct line *line);

#endif
