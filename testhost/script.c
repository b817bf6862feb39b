// SPDX-License-Identifier: GPL-2.0-only
/*
 * The script: lines that wait for their time, and the actions of those that are due.
 * Calls parse.c, device.c, vsp/ and the verbs through their tables; called by control.c, main.c,
 * and as the machine's check whenever something happened.
 */
#include <stdlib.h>
#include <string.h>
#include "testhost/machine.h"
#include "testhost/script.h"

struct pending {
	struct pending *next;
	struct line line;
	unsigned int number;		/* of the line in its file, 0: from the control */
	__u64 base;			/* count when it was added */
	bool was_open;
	bool due;			/* its timer ran out */
	struct machine *m;
};

struct script {
	struct pending *first, **last;
	bool checking, again;
	unsigned int failed;
	bool adds;			/* a line adds devices: a name may be of one to come */
};

/* --- actions */

static const struct verb *verb_in(const struct verb *table, const char *name)
{
	for (; table && table->name; table++) {
		if (word_is(table->name, name))
			return table;
	}
	return NULL;
}

/* A word of any type: when the device that it is for comes only later. */
static const struct verb *verb_of_types(const char *name)
{
	const struct device_type *const *types = device_types();
	const struct verb *v = NULL;

	for (; *types && !v; types++)
		v = verb_in((*types)->verbs, name);
	return v;
}

static const struct verb *verb_find(struct machine *m, const struct line *l, struct device **d)
{
	const struct verb *v = verb_in(verb_table(), l->argv[0]);

	*d = NULL;
	if (v || l->argc < 2)
		return v;
	*d = device_find(m, l->argv[1]);
	return *d ? verb_in((*d)->type->verbs, l->argv[0]) : NULL;
}

static const char *count_wrong(const struct verb *v)
{
	return wrong("%s takes: %s", v->name, v->help);
}

/* Judges the words (@check), or does what they say. NULL, or what is wrong. */
static const char *act(struct machine *m, struct line *l, bool check, FILE *answer)
{
	struct verb_call call = { .m = m, .check = check, .answer = answer };
	const struct verb *v = verb_find(m, l, &call.d);
	int skip = call.d ? 2 : 1;

	if (!v && check && l->argc > 1 && !call.d && m->script->adds) {
		v = verb_of_types(l->argv[0]);
		if (v && (l->argc - 2 < v->least || l->argc - 2 > v->most))
			return count_wrong(v);
		if (v)
			return NULL;
	}
	if (!v && verb_of_types(l->argv[0]))
		return l->argc < 2 ? wrong("%s: of which device?", l->argv[0]) :
		       call.d ? wrong("%s has no action %s", l->argv[1], l->argv[0]) :
				wrong("there is no device \"%s\"", l->argv[1]);
	if (!v)
		return wrong("unknown word \"%s\"", l->argv[0]);
	call.argc = l->argc - skip;
	call.argv = l->argv + skip;
	if (call.argc < v->least || call.argc > v->most)
		return count_wrong(v);
	return v->run(&call);
}

/* --- conditions */

static __u64 count_now(struct machine *m, const struct line *l)
{
	struct vsp_channel_stats s;
	__u32 relid;

	switch (l->when) {
	case WHEN_AFTER:
		return vsp_tried(m->host, l->type) + vsp_delivered(m->host, l->type);
	case WHEN_PACKETS:
		relid = device_channel(m, l->channel);
		if (!relid)
			return 0;
		vsp_channel_stats(vsp_channel(m->host, relid), &s);
		return s.packets_in + s.packets_out;
	case WHEN_MARKER:
		return m->test.markers;
	default:
		return 0;
	}
}

static bool open_now(struct machine *m, const struct line *l)
{
	return vsp_channel_open(m->host, device_channel(m, l->channel));
}

static bool is_due(struct machine *m, struct pending *p)
{
	bool open;

	switch (p->line.when) {
	case WHEN_AT:
	case WHEN_EVERY:
		return p->due;
	case WHEN_AFTER:
	case WHEN_PACKETS:
		return count_now(m, &p->line) >= p->base + p->line.number;
	case WHEN_MARKER:
		return m->test.markers > p->base && m->test.marker == p->line.number;
	case WHEN_OPEN:
		open = open_now(m, &p->line);
		return open;
	case WHEN_CLOSE:
		open = open_now(m, &p->line);
		if (open)
			p->was_open = true;
		return p->was_open && !open;
	default:
		return true;
	}
}

static void timer(void *context)
{
	struct pending *p = context;

	p->due = true;
	p->m->check(p->m);
}

static void run(struct machine *m, struct pending *p)
{
	const char *why;
	char text[4096];
	FILE *answer = fmemopen(text, sizeof(text), "w");

	if (!answer)
		return;
	*text = 0;
	why = act(m, &p->line, false, answer);
	fclose(answer);
	if (why) {
		m->script->failed++;
		report(m, "script", "line=%u action=%s failed=\"%s\"", p->number, p->line.argv[0],
		       why);
	} else if (*text) {
		report(m, "script", "line=%u action=%s answer=%s", p->number, p->line.argv[0],
		       text);
	} else {
		report(m, "script", "line=%u action=%s", p->number, p->line.argv[0]);
	}
}

/* Runs the first line that is due. False: none is. */
static bool run_one(struct machine *m)
{
	struct script *s = m->script;
	struct pending **at, *p;

	for (at = &s->first; *at; at = &(*at)->next) {
		p = *at;
		if (!is_due(m, p))
			continue;
		if (p->line.when == WHEN_EVERY) {
			p->due = false;
			machine_after(m, p->line.number, timer, p);
			run(m, p);
			return true;
		}
		*at = p->next;
		if (!p->next)
			s->last = at;
		run(m, p);
		free(p);
		return true;
	}
	return false;
}

/* An action may make another line due; it may not run inside the first. */
static void check(struct machine *m)
{
	struct script *s = m->script;

	if (s->checking)
		return;
	s->checking = true;
	while (!m->ending && run_one(m)) {
		/* the model has something to do now, here or in the event thread */
		m->pump_again = true;
		if (!m->pumping)
			machine_wake(m);
	}
	s->checking = false;
}

static void wait_for(struct machine *m, const struct line *l, unsigned int number, bool relative)
{
	struct pending *p = calloc(1, sizeof(*p));
	__u64 us;
	int i;

	if (!p)
		fatal(EXIT_USAGE, "no memory for the script");
	p->line = *l;
	/* the words point into the text of the copy now */
	for (i = 0; i < l->argc; i++)
		p->line.argv[i] = p->line.text + (l->argv[i] - l->text);
	if (l->channel)
		p->line.channel = p->line.text + (l->channel - l->text);
	p->number = number;
	p->m = m;
	p->base = relative ? count_now(m, l) : 0;
	*m->script->last = p;
	m->script->last = &p->next;
	if (l->when != WHEN_AT && l->when != WHEN_EVERY)
		return;
	us = machine_ns(m) / 1000;
	us = l->when == WHEN_EVERY || relative ? l->number : l->number > us ? l->number - us : 0;
	machine_after(m, us, timer, p);
}

/*
 * One line from somebody who waits for the answer. Times and counts start now. NULL, or what is
 * wrong; what the action says goes to @answer.
 */
const char *script_add(struct machine *m, const char *text, FILE *answer)
{
	struct line l;
	const char *why = line_parse(text, &l);

	if (why || !l.argc)
		return why;
	if (l.when == WHEN_NOW)
		return act(m, &l, false, answer);
	why = act(m, &l, true, answer);
	if (!why)
		wait_for(m, &l, 0, true);
	return why;
}

/* A whole file before the machine starts; any error ends the program. */
void script_read(struct machine *m, FILE *file, const char *name)
{
	unsigned int number = 0;
	char *text = NULL;
	const char *why;
	size_t room = 0;
	struct line l;

	while (getline(&text, &room, file) >= 0) {
		number++;
		why = line_parse(text, &l);
		if (!why && l.argc && word_is(l.argv[0], "device"))
			m->script->adds = true;
		if (!why && l.argc)
			why = act(m, &l, true, stderr);
		if (why)
			fatal(EXIT_USAGE, "%s:%u: %s", name, number, why);
		if (l.argc)
			wait_for(m, &l, number, false);
	}
	free(text);
}

void script_make(struct machine *m)
{
	m->script = calloc(1, sizeof(*m->script));
	if (!m->script)
		fatal(EXIT_USAGE, "no memory for the script");
	m->script->last = &m->script->first;
	m->check = check;
}
