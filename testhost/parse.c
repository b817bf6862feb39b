// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses a line of a script: "when action", or an action alone for now.
 * Calls words.c and trace.c's names; called by script.c and by its test. Knows no actions.
 */
#include <string.h>
#include "testhost/machine.h"
#include "testhost/script.h"

/* What stands between the word and the action. */
static const struct {
	const char *word;
	enum when when;
	unsigned int arguments;
} whens[] = {
	{ "now", WHEN_NOW, 0 },
	{ "at", WHEN_AT, 1 },
	{ "every", WHEN_EVERY, 1 },
	{ "after", WHEN_AFTER, 2 },
	{ "packets", WHEN_PACKETS, 2 },
	{ "marker", WHEN_MARKER, 1 },
	{ "open", WHEN_OPEN, 1 },
	{ "close", WHEN_CLOSE, 1 },
};

static const char *arguments(struct line *l, char **word)
{
	bool ok = true;

	switch (l->when) {
	case WHEN_NOW:
		break;
	case WHEN_AT:
	case WHEN_EVERY:
		ok = word_duration(word[1], &l->number);
		if (!ok || (l->when == WHEN_EVERY && l->number < 100))
			return wrong("\"%s\" is no time such as 50ms", word[1]);
		break;
	case WHEN_AFTER:
		l->type = trace_type(word[2]);
		if (!l->type)
			return wrong("\"%s\" is no control message", word[2]);
		ok = word_number(word[1], 1, ~0ull, &l->number);
		break;
	case WHEN_PACKETS:
		l->channel = word[2];
		ok = word_number(word[1], 1, ~0ull, &l->number);
		break;
	case WHEN_MARKER:
		ok = word_number(word[1], 0, ~0u, &l->number);
		break;
	case WHEN_OPEN:
	case WHEN_CLOSE:
		l->channel = word[1];
		break;
	}
	return ok ? NULL : wrong("\"%s\" is no such number", word[1]);
}

const char *line_parse(const char *text, struct line *line)
{
	char *words[LINE_WORDS];
	unsigned int count, i, skip = 0;
	const char *why;

	memset(line, 0, sizeof(*line));
	if (strlen(text) >= sizeof(line->text))
		return "the line is too long";
	strcpy(line->text, text);
	count = word_split(line->text, words, LINE_WORDS);
	if (count > LINE_WORDS)
		return "the line has too many words";
	for (i = 0; count && i < sizeof(whens) / sizeof(whens[0]); i++) {
		if (!word_is(words[0], whens[i].word))
			continue;
		skip = 1 + whens[i].arguments;
		if (count <= skip)
			return wrong("\"%s\" wants %u more words and an action", words[0],
				     whens[i].arguments);
		line->when = whens[i].when;
		why = arguments(line, words);
		if (why)
			return why;
		break;
	}
	line->argc = (int)(count - skip);
	memcpy(line->argv, words + skip, line->argc * sizeof(words[0]));
	return NULL;
}
