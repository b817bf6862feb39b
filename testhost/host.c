// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which host this is: a personality of the model by name, and single properties of it.
 * Calls words.c; called by opts.c for --host and --version.
 */
#include <stdlib.h>
#include <string.h>
#include "testhost/machine.h"

static const struct {
	const struct vsp_personality *p;
	unsigned int build[3];
} hosts[] = {
	{ &vsp_host_2012, { 6, 2, 9200 } },
	{ &vsp_host_2012r2, { 6, 3, 9600 } },
	{ &vsp_host_2016, { 10, 0, 14393 } },
	{ &vsp_host_2019, { 10, 0, 17763 } },
	{ &vsp_host_2022, { 10, 0, 20348 } },
	{ &vsp_host_2025, { 10, 0, 26100 } },
	{ &vsp_host_qemu, { 10, 0, 14393 } },
};

/* "4.0" caps, "=4.0" is the only one. NULL, or what is wrong. */
const char *host_version(struct machine *m, const char *word)
{
	bool only = *word == '=';
	unsigned int major, minor;
	char more;

	if (sscanf(word + only, "%u.%u%c", &major, &minor, &more) != 2 || major > 99 || minor > 99)
		return wrong("\"%s\" is no version such as 4.0 or =4.0", word);
	m->personality.max_version = ENL_PROTOCOL(major, minor);
	m->personality.only_version = only ? ENL_PROTOCOL(major, minor) : 0;
	/* hosts of 5.0 and newer know connection 4 */
	if (m->personality.max_version >= ENL_VERSION_5_0)
		m->personality.multi = true;
	return NULL;
}

static const char *property(struct machine *m, const char *key, const char *value)
{
	struct vsp_personality *p = &m->personality;
	const struct {
		const char *key;
		bool *flag;
		__u32 *number;
	} properties[] = {
		{ "refuse", &p->refuse_all, NULL },
		{ "multi", &p->multi, NULL },
		{ "signal-at-open", &p->signal_at_open, NULL },
		{ "garbage-trailers", &p->garbage_trailers, NULL },
		{ "no-monitors", &p->no_monitors, NULL },
		{ "tl-accept", &p->tl_accept, NULL },
		{ "connection", NULL, &p->message_connection },
		{ "features", NULL, &p->features },
		{ "in-depth", NULL, &p->in_depth },
		{ "out-depth", NULL, &p->out_depth },
		{ "connection-base", NULL, &p->connection_base },
		{ "commit-batch", NULL, &p->commit_batch },
		{ "stale-events", NULL, &p->stale_events },
		{ "gpadl-pages", NULL, &p->gpadl_pages },
	};
	unsigned int i;
	__u64 n;

	for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		if (!word_is(key, properties[i].key))
			continue;
		if (!word_number(*value ? value : "1", 0, properties[i].flag ? 1 : ~0u, &n))
			return wrong("%s=%s is no such number", key, value);
		if (properties[i].flag)
			*properties[i].flag = n;
		else
			*properties[i].number = (__u32)n;
		return NULL;
	}
	if (word_is(key, "linger-ms") && word_number(value, 0, 1000000, &n)) {
		p->linger = n * 10000;
		return NULL;
	}
	return wrong("a host has no property %s=%s", key, value);
}

/* "2019" or "2019,property=value,...". NULL, or what is wrong. */
const char *host_choose(struct machine *m, const char *words)
{
	char *copy = strdup(words);
	char *word, *value, *rest = NULL;
	const char *why = NULL;
	unsigned int i;

	word = strtok_r(copy, ",", &rest);
	for (i = 0; word && i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (word_is(word, hosts[i].p->name))
			break;
	}
	if (!word || i == sizeof(hosts) / sizeof(hosts[0])) {
		free(copy);
		return wrong("there is no host \"%s\" (see --help)", words);
	}
	m->personality = *hosts[i].p;
	memcpy(m->opt.build, hosts[i].build, sizeof(hosts[i].build));
	while (!why && (word = strtok_r(NULL, ",", &rest))) {
		value = strchr(word, '=');
		if (value)
			*value++ = 0;
		why = property(m, word, value ? value : "");
	}
	free(copy);
	return why;
}
