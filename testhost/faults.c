// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line of the fault plan in words: "fault POINT KEY ACTION [NUMBERS] [skip N] [times N]".
 * Calls words.c, trace.c and device.c; called by verbs.c.
 * Points, actions and what their numbers mean: vsp/fault.h.
 */
#include "testhost/faults.h"

static const char *const points[] = {
	[VSP_AT_POST] = "post", [VSP_AT_MESSAGE] = "message", [VSP_AT_PACKET] = "packet",
	[VSP_AT_EVENT] = "event", [VSP_AT_DOORBELL] = "doorbell", [VSP_AT_SLOT] = "slot",
};

/* How many numbers each action wants. */
static const struct {
	const char *name;
	int numbers;
} actions[] = {
	[VSP_DROP] = { "drop", 0 }, [VSP_DELAY] = { "delay", 1 }, [VSP_REPEAT] = { "repeat", 0 },
	[VSP_REORDER] = { "reorder", 0 }, [VSP_TRUNCATE] = { "truncate", 1 },
	[VSP_OVERWRITE] = { "overwrite", 3 }, [VSP_STATUS] = { "status", 1 },
	[VSP_RESCIND] = { "rescind", 0 },
};

static const char *key(struct verb_call *c, struct vsp_fault *f)
{
	const char *word = c->argv[1];
	__u64 n;

	if (word_is(word, "any"))
		return NULL;
	switch (f->point) {
	case VSP_AT_POST:
	case VSP_AT_MESSAGE:
	case VSP_AT_SLOT:
		f->key = trace_type(word);
		if (!f->key && word_number(word, 1, 63, &n))
			f->key = (__u32)n;
		return f->key ? NULL : wrong("\"%s\" is no control message", word);
	default:
		/* the channel may come later than the script */
		if (!c->check)
			f->key = device_channel(c->m, word);
		return f->key || c->check ? NULL : wrong("\"%s\" is no channel", word);
	}
}

static const char *numbers(struct verb_call *c, struct vsp_fault *f, int *at)
{
	__u64 n[3] = { 0 };
	int i;

	for (i = 0; i < actions[f->action].numbers; i++) {
		if (*at >= c->argc || !word_number(c->argv[*at], 0, ~0ull, &n[i]))
			return wrong("%s wants %d numbers", actions[f->action].name,
				     actions[f->action].numbers);
		++*at;
	}
	f->a = (__u32)n[0];
	f->b = n[1];
	f->width = (__u8)n[2];
	if (f->action == VSP_OVERWRITE && n[2] != 1 && n[2] != 2 && n[2] != 4 && n[2] != 8)
		return "overwrite wants offset, value, and a width of 1, 2, 4 or 8";
	return NULL;
}

static const char *limits(struct verb_call *c, struct vsp_fault *f, int at)
{
	__u64 n;

	for (; at < c->argc; at += 2) {
		if (at + 1 == c->argc || !word_number(c->argv[at + 1], 0, ~0u, &n))
			return wrong("\"%s\" wants a number", c->argv[at]);
		if (word_is(c->argv[at], "skip"))
			f->skip = (__u32)n;
		else if (word_is(c->argv[at], "times"))
			f->times = (__u32)n;
		else
			return wrong("\"%s\" is neither skip nor times", c->argv[at]);
	}
	return NULL;
}

/* NULL, or what is wrong with the words. */
const char *fault_parse(struct verb_call *c, struct vsp_fault *f)
{
	const char *why;
	unsigned int i;
	int at = 3;

	*f = (struct vsp_fault){ 0 };
	for (i = 0; i < VSP_AT_LIMIT && !word_is(c->argv[0], points[i]); i++)
		;
	if (i == VSP_AT_LIMIT)
		return wrong("\"%s\" is no place for a fault", c->argv[0]);
	f->point = i;
	for (i = 0; i < VSP_ACTION_LIMIT && !word_is(c->argv[2], actions[i].name); i++)
		;
	if (i == VSP_ACTION_LIMIT)
		return wrong("\"%s\" is no fault", c->argv[2]);
	f->action = i;
	why = key(c, f);
	if (!why)
		why = numbers(c, f, &at);
	return why ? why : limits(c, f, at);
}

/* "timing,loss": the kinds that a random plan may hold. */
const char *fault_kinds(const char *words, __u32 *kinds)
{
	static const struct {
		const char *name;
		__u32 bit;
	} names[] = {
		{ "timing", VSP_PLAN_TIMING }, { "refusals", VSP_PLAN_REFUSALS },
		{ "loss", VSP_PLAN_LOSS }, { "hostile", VSP_PLAN_HOSTILE },
	};
	unsigned int i;

	for (*kinds = 0; *words;) {
		size_t n = __builtin_strcspn(words, ",");

		for (i = 0; i < 4; i++) {
			if (__builtin_strlen(names[i].name) == n &&
			    !__builtin_strncmp(words, names[i].name, n))
				break;
		}
		if (i == 4)
			return "kinds of random faults are timing, refusals, loss, hostile";
		*kinds |= names[i].bit;
		words += n + (words[n] == ',');
	}
	return NULL;
}
