// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices: the table of types, those that the machine has, their names and channels.
 * Calls the types through their struct and vsp/; called by opts.c, verbs.c and main.c.
 * A new type is a row in the table below, and nothing else here.
 */
#include <stdlib.h>
#include <string.h>
#include "testhost/machine.h"
#include "testhost/types.h"

static const struct device_type *const types[] = {
	&device_type_balloon,
	&device_type_echo,
	&device_type_storage,
	NULL
};

const struct device_type *const *device_types(void)
{
	return types;
}

static const struct device_type *type_find(const char *name)
{
	unsigned int i;

	for (i = 0; types[i]; i++) {
		if (word_is(name, types[i]->name))
			return types[i];
	}
	return NULL;
}

struct device *device_find(struct machine *m, const char *name)
{
	unsigned int i;

	for (i = 0; i < m->devices; i++) {
		if (word_is(m->device[i]->name, name))
			return m->device[i];
	}
	return NULL;
}

/* The same name is the same device, in this run and the next. */
static void instance_of(const char *name, struct enl_guid *guid)
{
	__u64 h = 0xcbf29ce484222325ull;
	unsigned int i;

	for (; *name; name++)
		h = (h ^ (__u8)*name) * 0x100000001b3ull;
	for (i = 0; i < sizeof(guid->b); i++) {
		guid->b[i] = (__u8)(h >> 56);
		h = h * 0x5851f42d4c957f2dull + 0x14057b7ef767814full;
	}
	guid->b[7] = (guid->b[7] & 0xf) | 0x40;		/* a random one, by its own account */
	guid->b[8] = (guid->b[8] & 0x3f) | 0x80;
}

/* "525074dc-8985-46e2-8057-a307dc18a502" */
static bool guid_parse(const char *text, struct enl_guid *guid)
{
	static const __u8 order[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	unsigned int i, byte;

	for (i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		if (strspn(text, "0123456789abcdefABCDEF") < 2 || sscanf(text, "%2x", &byte) != 1)
			return false;
		guid->b[order[i]] = (__u8)byte;
		text += 2;
	}
	return !*text;
}

static const char *option(struct device *d, char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = 0;
	if (word_is(word, "id")) {
		if (!value || !*value || strlen(value) >= sizeof(d->name) ||
		    device_find(d->m, value))
			return wrong("%s: the name is missing, too long or taken", word);
		strcpy(d->name, value);
		return NULL;
	}
	if (word_is(word, "instance")) {
		if (!value || !guid_parse(value, &d->instance))
			return wrong("instance=%s is no GUID", value ? value : "");
		return NULL;
	}
	return d->type->option(d, word, value ? value : "");
}

static void name_device(struct device *d)
{
	unsigned int n = 0;

	if (*d->name)
		return;
	do
		snprintf(d->name, sizeof(d->name), "%s%u", d->type->name, n++);
	while (device_find(d->m, d->name));
}

static const char *set_up(struct device *d, char *words)
{
	static const struct enl_guid none;
	const char *why = NULL;
	char *word, *rest = NULL;

	for (word = strtok_r(words, ",", &rest); word && !why; word = strtok_r(NULL, ",", &rest))
		why = option(d, word);
	if (why)
		return why;
	name_device(d);
	if (!memcmp(&d->instance, &none, sizeof(none)))
		instance_of(d->name, &d->instance);
	return d->type->start ? d->type->start(d) : NULL;
}

static const char *refuse(struct device *d, char *words, const char *why)
{
	if (d)
		free(d->state);
	free(d);
	free(words);
	return why;
}

/* Makes a device; offers it if the host is there already. */
const char *device_add(struct machine *m, const char *words)
{
	char *copy = strdup(words);
	char *options = copy ? strchr(copy, ',') : NULL;
	struct device *d = calloc(1, sizeof(*d));
	const char *why;

	if (!copy || !d || m->devices == MAX_DEVICES)
		return refuse(d, copy, "no room for another device");
	if (options)
		*options++ = 0;
	d->m = m;
	d->host = m->host;
	d->type = type_find(copy);
	if (!d->type) {
		why = wrong("there is no device \"%s\" (see --help)", copy);
		return refuse(d, copy, why);
	}
	d->state = calloc(1, d->type->bytes ? d->type->bytes : 1);
	if (!d->state)
		return refuse(d, copy, "no memory for the device");
	why = set_up(d, options ? options : copy + strlen(copy));
	if (why)
		return refuse(d, copy, why);
	free(copy);
	m->device[m->devices++] = d;
	return m->host ? device_offer(d) : NULL;
}

/* Relids that the guest released are gone, and may be another's soon. */
void device_sweep(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->devices; i++) {
		if (m->device[i]->relid && !vsp_channel(m->host, m->device[i]->relid))
			m->device[i]->relid = 0;
	}
}

const char *device_offer(struct device *d)
{
	const struct vsp_channel *c;

	device_sweep(d->m);
	if (d->relid)
		return wrong("%s is offered, or not yet released by the guest", d->name);
	d->host = d->m->host;
	d->relid = d->type->offer(d);
	c = vsp_channel(d->host, d->relid);
	if (c && vsp_channel_offer(c)->monitored)
		vmbus_poll(d->m);
	return d->relid ? NULL : wrong("%s cannot be offered", d->name);
}

/* For good; only when the guest has let go of it. */
const char *device_remove(struct device *d)
{
	struct machine *m = d->m;
	unsigned int i;

	device_sweep(m);
	if (d->relid)
		return wrong("%s is offered, or not yet released by the guest", d->name);
	for (i = 0; m->device[i] != d; i++)
		;
	m->devices--;
	memmove(&m->device[i], &m->device[i + 1], (m->devices - i) * sizeof(d));
	if (d->type->stop)
		d->type->stop(d);
	free(d->state);
	free(d);
	return NULL;
}

void device_stop_all(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->devices; i++) {
		if (m->device[i]->type->stop)
			m->device[i]->type->stop(m->device[i]);
	}
}

/* The channel of @d with sub-channel number @index. */
static __u32 sub_channel(const struct device *d, __u64 index)
{
	__u32 relid;

	for (relid = 1; relid < ENL_RELID_LIMIT; relid++) {
		const struct vsp_channel *c = vsp_channel(d->m->host, relid);
		const struct vsp_offer *o = c ? vsp_channel_offer(c) : NULL;

		if (o && o->sub_channel_index == index &&
		    !memcmp(&o->instance_id, &d->instance, sizeof(d->instance)))
			return relid;
	}
	return 0;
}

__u32 device_channel(struct machine *m, const char *words)
{
	const char *dot = strrchr(words, '.');
	struct device *d;
	char name[32];
	__u64 n;

	if (word_number(words, 1, ENL_RELID_LIMIT - 1, &n))
		return vsp_channel(m->host, (__u32)n) ? (__u32)n : 0;
	device_sweep(m);
	d = device_find(m, words);
	if (d)
		return d->relid;
	if (!dot || dot - words >= (long)sizeof(name) || !word_number(dot + 1, 1, 65535, &n))
		return 0;
	memcpy(name, words, dot - words);
	name[dot - words] = 0;
	d = device_find(m, name);
	return d ? sub_channel(d, n) : 0;
}

static void describe_channel(const struct vsp_channel *c, FILE *json)
{
	struct vsp_channel_stats s;

	vsp_channel_stats(c, &s);
	fprintf(json, ",\"open\":%s,\"vp\":%d,\"packets_in\":%llu,\"bytes_in\":%llu",
		vsp_channel_open(vsp_channel_host(c), vsp_channel_relid(c)) ? "true" : "false",
		(int)vsp_channel_vp(c), (unsigned long long)s.packets_in,
		(unsigned long long)s.bytes_in);
	fprintf(json, ",\"packets_out\":%llu,\"bytes_out\":%llu,\"events\":%llu",
		(unsigned long long)s.packets_out, (unsigned long long)s.bytes_out,
		(unsigned long long)s.events);
	fprintf(json, ",\"doorbells\":%llu,\"broken\":%s,\"blocked\":%s",
		(unsigned long long)s.doorbells, s.broken ? "true" : "false",
		s.blocked ? "true" : "false");
}

/* One object. */
void device_describe(struct device *d, FILE *json)
{
	const struct vsp_channel *c;

	device_sweep(d->m);
	c = d->relid ? vsp_channel(d->m->host, d->relid) : NULL;
	fprintf(json, "{\"name\":");
	json_string(json, d->name);
	fprintf(json, ",\"type\":\"%s\",\"relid\":%u", d->type->name, d->relid);
	if (c)
		describe_channel(c, json);
	if (d->type->describe)
		d->type->describe(d, json);
	fprintf(json, "}");
}
