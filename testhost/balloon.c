// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device "balloon": the Dynamic Memory service of vsp/memory.h, with its options and actions.
 * Calls vsp/; reached through device_type_balloon.
 * Amounts are bytes and whole pages. What is hot-added comes from the --hot memory.
 */
#include "testhost/machine.h"
#include "testhost/types.h"
#include "vsp/memory.h"
#include "wire/classes.h"

struct balloon {
	struct vsp_memory memory;
	__u64 hot_first, hot_pages;	/* of the last request */
	__u64 hot_seen;			/* answers before it */
};

static const char *option(struct device *d, const char *key, const char *value)
{
	struct balloon *b = d->state;
	struct vsp_memory *m = &b->memory;
	const struct {
		const char *key;
		bool *flag;
	} flags[] = {
		{ "refuse", &m->refuse_capabilities }, { "suppress", &m->suppress },
		{ "hot-remove", &m->may_hot_remove }, { "overlap", &m->overlap },
		{ "forget", &m->forget_at_close }, { "no-pattern", &m->no_pattern },
		{ "silent", &m->silent },
	};
	unsigned int i, major, minor;
	char more;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (word_is(key, flags[i].key)) {
			*flags[i].flag = true;
			return *value ? wrong("%s takes no value", key) : NULL;
		}
	}
	if (!word_is(key, "version"))
		return wrong("balloon has no option \"%s\"", key);
	if (sscanf(value, "%u.%u%c", &major, &minor, &more) != 2 || major > 2 || minor > 9)
		return wrong("version=%s is no version such as 1.0", value);
	m->max_version = major << 16 | minor;
	return NULL;
}

static __u32 offer(struct device *d)
{
	struct balloon *b = d->state;
	struct vsp_offer o = {
		.class_id = ENL_CLASS_MEMORY,
		.instance_id = d->instance,
		.provider = &vsp_memory_provider,
		.state = &b->memory,
	};

	return vsp_offer(d->host, &o);
}

/* Bytes as pages; word @n of the call. */
static const char *pages(const struct verb_call *c, int n, __u64 *count)
{
	__u64 bytes;

	if (!word_number(c->argv[n], 0, 1ull << 40, &bytes) || bytes % ENL_HVPAGE_SIZE)
		return wrong("\"%s\" is no amount of whole pages, such as 64M", c->argv[n]);
	*count = bytes / ENL_HVPAGE_SIZE;
	return NULL;
}

static const char *done(bool ok)
{
	return ok ? NULL : "the service is not open, or has too many requests waiting";
}

static const char *verb_balloon(struct verb_call *c)
{
	struct balloon *b = c->d->state;
	__u64 n;
	const char *why = pages(c, 0, &n);

	if (why || c->check)
		return why;
	return done(vsp_memory_balloon(c->m->host, &b->memory, n));
}

static const char *verb_unballoon(struct verb_call *c)
{
	static const char *const groupings[] = {
		[VSP_DM_ONE_RANGE] = "one-range", [VSP_DM_MANY_RANGES] = "many-ranges",
		[VSP_DM_SPLIT] = "split", [VSP_DM_SINGLE] = "single",
	};
	enum vsp_dm_grouping g = VSP_DM_MANY_RANGES;
	struct balloon *b = c->d->state;
	__u64 n = 0;
	const char *why = NULL;

	if (!word_is(c->argv[0], "all"))
		why = pages(c, 0, &n);
	if (c->argc > 1) {
		for (g = VSP_DM_ONE_RANGE; g <= VSP_DM_SINGLE; g++) {
			if (word_is(c->argv[1], groupings[g]))
				break;
		}
		if (g > VSP_DM_SINGLE)
			why = wrong("\"%s\" is no way to give pages back", c->argv[1]);
	}
	if (why || c->check)
		return why;
	return done(vsp_memory_unballoon(c->m->host, &b->memory, n, g));
}

/* Where the last request ended, as far as the guest took it. */
static __u64 hot_next(const struct machine *m, const struct balloon *b)
{
	if (!b->hot_first)
		return m->hot.first / ENL_HVPAGE_SIZE;
	return b->hot_first + (b->memory.hot_answers > b->hot_seen ? b->memory.hot_pages : 0);
}

static const char *verb_hot_add(struct verb_call *c)
{
	__u64 end = (c->m->hot.first + c->m->hot.bytes) / ENL_HVPAGE_SIZE;
	bool region = c->argc > 1 && word_is(c->argv[1], "region");
	struct balloon *b = c->d->state;
	__u64 first, n;
	const char *why = pages(c, 0, &n);

	if (!why && c->argc > 1 && !region)
		why = wrong("\"%s\" is not \"region\"", c->argv[1]);
	if (why || c->check)
		return why;
	first = hot_next(c->m, b);
	if (first + n > end)
		return "there is not so much --hot memory left";
	b->hot_first = first;
	b->hot_pages = n;
	b->hot_seen = b->memory.hot_answers;
	return done(vsp_memory_hot_add(c->m->host, &b->memory, first, n,
				       region ? c->m->hot.first / ENL_HVPAGE_SIZE : 0,
				       region ? c->m->hot.bytes / ENL_HVPAGE_SIZE : 0));
}

static const char *verb_hot_remove(struct verb_call *c)
{
	struct vsp_dm_command command = { .type = ENL_DM_HOT_REMOVE };
	struct balloon *b = c->d->state;
	const char *why = pages(c, 0, &command.pages);

	if (why || c->check)
		return why;
	return done(vsp_memory_command(c->m->host, &b->memory, &command));
}

static const char *verb_info(struct verb_call *c)
{
	struct balloon *b = c->d->state;
	__u64 n;
	const char *why = pages(c, 0, &n);

	if (why || c->check)
		return why;
	return done(vsp_memory_info(c->m->host, &b->memory, n));
}

static const struct verb verbs[] = {
	{ "balloon", 1, 1, "BYTES          ask for so much memory", verb_balloon },
	{ "unballoon", 1, 2, "BYTES|all [one-range|many-ranges|split|single]   give it back",
	  verb_unballoon },
	{ "hot-add", 1, 2, "BYTES [region]  add --hot memory", verb_hot_add },
	{ "hot-remove", 1, 1, "BYTES       ask for removal", verb_hot_remove },
	{ "info", 1, 1, "BYTES             tell the guest its maximum", verb_info },
	{ 0 }
};

static void describe(struct device *d, FILE *json)
{
	static const char *const states[] = {
		[VSP_DM_CLOSED] = "closed", [VSP_DM_VERSION] = "version",
		[VSP_DM_CAPABILITIES] = "capabilities", [VSP_DM_READY] = "ready",
		[VSP_DM_REFUSED] = "refused",
	};
	const struct balloon *b = d->state;
	const struct vsp_memory *m = &b->memory;

	fprintf(json, ",\"state\":\"%s\",\"idle\":%s,\"dm_version\":\"%u.%u\"", states[m->state],
		vsp_memory_idle(m) ? "true" : "false", m->version >> 16, m->version & 0xffff);
	fprintf(json, ",\"capabilities\":%llu,\"min_pages\":%llu,\"max_pfn\":%llu",
		(unsigned long long)m->capabilities, (unsigned long long)m->min_pages,
		(unsigned long long)m->max_pfn);
	fprintf(json, ",\"ballooned_pages\":%llu,\"ranges\":%u,\"answers\":%llu,\"last_got\":%llu",
		(unsigned long long)m->owned.pages, m->owned.count,
		(unsigned long long)m->answers, (unsigned long long)m->last_got);
	fprintf(json, ",\"unballooned\":%llu,\"hot_answers\":%llu,\"hot_pages\":%u",
		(unsigned long long)m->unballooned, (unsigned long long)m->hot_answers,
		m->hot_pages);
	fprintf(json, ",\"hot_result\":%u,\"removes\":%llu,\"remove_result\":%u", m->hot_result,
		(unsigned long long)m->removes, m->remove_result);
	fprintf(json, ",\"reports\":%llu,\"available_pages\":%llu,\"committed_pages\":%llu",
		(unsigned long long)m->reports,
		(unsigned long long)__le64_to_cpu(m->status.available),
		(unsigned long long)__le64_to_cpu(m->status.committed));
}

const struct device_type device_type_balloon = {
	.name = "balloon",
	.help = "version=1.0        newest version that it accepts (2.0)\n"
		"refuse             the guest's capabilities are not accepted\n"
		"suppress           the guest shall send no status reports\n"
		"hot-remove         say that memory can be removed\n"
		"overlap            do not wait for an answer before the next request\n"
		"forget             pages are the guest's again when the channel closes\n"
		"no-pattern         do not write into pages that were taken\n"
		"silent             answer nothing\n",
	.bytes = sizeof(struct balloon),
	.option = option,
	.offer = offer,
	.verbs = verbs,
	.describe = describe,
};
