// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device "storage": a SCSI, IDE or Fibre Channel controller of vsp/storage.h with disks in
 * files. Calls the model and the other files disk_*.c; reached through device_type_storage.
 */
#include <stdlib.h>
#include <string.h>
#include "testhost/disk.h"
#include "testhost/types.h"

#define MAX_REQUESTS	16384u

static const struct {
	const char *name;
	__u32 bit;
} subs[] = {
	{ "first", VSP_SUB_OFFER_FIRST }, { "fewer", VSP_SUB_FEWER }, { "more", VSP_SUB_MORE },
	{ "late", VSP_SUB_LATE }, { "reverse", VSP_SUB_REVERSE },
	{ "duplicate", VSP_SUB_DUPLICATE }, { "zero", VSP_SUB_ZERO },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* The state is zeroed memory: what the model wants to be set first is set with the first option. */
static struct disks *disks_of(struct device *dev)
{
	struct disks *d = dev->state;

	if (d->engine_word)
		return d;
	vsp_storage_init(&d->storage, VSP_STORAGE_SCSI);
	d->storage.max_transfer = 2u << 20;
	d->engine_word = "auto";
	d->m = dev->m;
	return d;
}

static const char *set_kind(struct vsp_storage *s, const char *value)
{
	static const char *const kinds[] = { "scsi", "ide", "fc" };
	unsigned int i;

	for (i = 0; i < COUNT(kinds) && !word_is(value, kinds[i]); i++)
		;
	s->kind = i;
	s->multi = s->kind != VSP_STORAGE_IDE;
	return i < COUNT(kinds) ? NULL : wrong("kind=%s is not scsi, ide or fc", value);
}

/* The newest version that the host accepts; "!6.0" is one that it does not have. */
static const char *set_version(struct vsp_storage *s, const char *value)
{
	static const char *const versions[] = { "2.0", "4.2", "5.1", "6.0", "6.2" };
	bool except = *value == '!';
	unsigned int i;

	for (i = 0; i < COUNT(versions) && !word_is(value + except, versions[i]); i++)
		;
	if (i == COUNT(versions))
		return wrong("version=%s is not 2.0, 4.2, 5.1, 6.0, 6.2 or one with ! before it",
			     value);
	if (except)
		s->without |= 1u << i;
	else
		s->without |= 0x1fu & ~((2u << i) - 1);
	return NULL;
}

static const char *set_sub(struct vsp_storage *s, const char *value)
{
	unsigned int i;

	for (i = 0; i < COUNT(subs); i++) {
		if (word_is(value, subs[i].name)) {
			s->sub |= subs[i].bit;
			return NULL;
		}
	}
	return wrong("sub=%s is no habit of sub-channels", value);
}

static bool set_flag(struct vsp_storage *s, const char *key)
{
	const struct {
		const char *key;
		bool *flag;
		bool value;
	} flags[] = {
		{ "azure", &s->azure, true }, { "strict", &s->strict, true },
		{ "fatal", &s->fatal, true }, { "monitored", &s->monitored, true },
		{ "short-overrun", &s->short_is_overrun, true }, { "garbage", &s->garbage, true },
		{ "resets-abort", &s->resets_abort, true }, { "single", &s->multi, false },
	};
	unsigned int i;

	for (i = 0; i < COUNT(flags); i++) {
		if (word_is(key, flags[i].key)) {
			*flags[i].flag = flags[i].value;
			return true;
		}
	}
	return false;
}

/* One of the numbers. False: it is none of them. */
static bool set_number(struct vsp_storage *s, const char *key, const char *value, const char **why)
{
	__u64 n = 0;
	__u64 most = word_is(key, "channels") ? 65535 : word_is(key, "depth") ? 4096 :
		     word_is(key, "requests") ? MAX_REQUESTS : 0xffffffffu;

	if (!word_is(key, "channels") && !word_is(key, "depth") && !word_is(key, "requests") &&
	    !word_is(key, "max-transfer") && !word_is(key, "limit"))
		return false;
	*why = word_number(value, 0, most, &n) ? NULL : wrong("%s=%s is no such number", key, value);
	if (word_is(key, "channels"))
		s->max_sub_channels = (__u16)n;
	else if (word_is(key, "depth"))
		s->depth = (__u32)n;
	else if (word_is(key, "requests"))
		s->requests = (__u32)n;
	else if (word_is(key, "limit"))
		s->limit = (__u32)n;
	else
		s->max_transfer = (__u32)n;
	return true;
}

static const char *option(struct device *dev, const char *key, const char *value)
{
	struct disks *d = disks_of(dev);
	struct vsp_storage *s = &d->storage;
	const char *why = NULL;

	if (word_is(key, "kind"))
		return set_kind(s, value);
	if (word_is(key, "version"))
		return set_version(s, value);
	if (word_is(key, "sub"))
		return set_sub(s, value);
	if (word_is(key, "engine")) {
		d->engine_word = word_is(value, "uring") ? "uring" :
				 word_is(value, "threads") ? "threads" : "auto";
		return word_is(value, d->engine_word) ? NULL : wrong("engine=%s is unknown", value);
	}
	if (set_number(s, key, value, &why))
		return why;
	if (!*value && set_flag(s, key))
		return NULL;
	return unit_option(d, key, value);
}

/* Names in the style of Microsoft's, different for each device. */
static void make_names(struct device *dev, struct enl_stor_wwn *w)
{
	__u8 *names[] = { w->primary_port, w->primary_node, w->secondary_port, w->secondary_node };
	unsigned int i;

	w->primary_active = 1;
	for (i = 0; i < COUNT(names); i++) {
		names[i][0] = 0xc0;
		names[i][1] = 0x03;
		names[i][2] = 0xff;
		memcpy(names[i] + 3, dev->instance.b + 9, 4);
		names[i][7] = (__u8)(16 * (i & 1) + 2 * (i >> 1));
	}
}

static const char *start(struct device *dev)
{
	struct disks *d = disks_of(dev);
	struct vsp_storage *s = &d->storage;
	__u32 transfer = s->max_transfer < ENL_STOR_MAX_TRANSFER ? s->max_transfer :
								   ENL_STOR_MAX_TRANSFER;
	__u32 each = (transfer > 65536 ? transfer : 65536) / ENL_HVPAGE_SIZE + 1;

	if (!s->requests)
		s->requests = 512;
	s->segments = s->requests * each;
	s->request = calloc(s->requests, sizeof(*s->request));
	s->segment = calloc(s->segments, sizeof(*s->segment));
	if (!s->request || !s->segment)
		return "no memory for requests";
	d->engine = engine_make(dev->m, d->engine_word, s->requests, each);
	if (!d->engine)
		return wrong("the engine \"%s\" does not work here", d->engine_word);
	make_names(dev, &s->wwn);
	return unit_finish(dev);
}

static __u32 offer(struct device *dev)
{
	struct disks *d = dev->state;

	return vsp_storage_offer(dev->host, &d->storage, &dev->instance, 0);
}

static void stop(struct device *dev)
{
	struct disks *d = dev->state;
	struct vsp_storage *s = &d->storage;

	engine_stop(d->engine);
	d->engine = NULL;
	unit_free_all(d);
	free(s->request);
	free(s->segment);
	/* a model that is stepped once more finds no slot and no disk */
	s->request = NULL;
	s->free = NULL;
	s->requests = 0;
}

static void describe_stats(const struct vsp_storage_stats *t, FILE *json)
{
	const struct {
		const char *name;
		__u64 value;
	} counters[] = {
		{ "srbs", t->srbs }, { "completions", t->completions }, { "reads", t->reads },
		{ "writes", t->writes }, { "flushes", t->flushes }, { "unmaps", t->unmaps },
		{ "bytes_read", t->bytes_read }, { "bytes_written", t->bytes_written },
		{ "errors", t->errors }, { "controls", t->controls }, { "resets", t->resets },
		{ "notices", t->notices }, { "orphans", t->orphans }, { "faults", t->faults },
		{ "dropped", t->dropped }, { "lies", t->lies }, { "spare_slots", t->spare_slots },
		{ "most", t->most },
	};
	unsigned int i;

	for (i = 0; i < COUNT(counters); i++)
		fprintf(json, ",\"%s\":%llu", counters[i].name,
			(unsigned long long)counters[i].value);
}

static void describe_lies(const struct vsp_storage *s, FILE *json)
{
	__u64 n = s->stats.lies > VSP_STORAGE_LIES ? s->stats.lies - VSP_STORAGE_LIES : 0;
	const char *comma = "";

	fprintf(json, ",\"lie\":[");
	for (; n < s->stats.lies; n++, comma = ",") {
		const struct vsp_storage_lie *l = &s->lie[n % VSP_STORAGE_LIES];

		fprintf(json, "%s{\"kind\":%d,\"offset\":%llu,\"bytes\":%llu}", comma, (int)l->kind,
			(unsigned long long)l->offset, (unsigned long long)l->bytes);
	}
	fprintf(json, "]");
}

static void describe(struct device *dev, FILE *json)
{
	struct disks *d = dev->state;
	const struct vsp_storage *s = &d->storage;
	const char *comma = "";
	const struct unit *u;

	unit_sweep(d);
	fprintf(json, ",\"engine\":\"%s\",\"ready\":%s,\"storage_version\":\"%u.%u\"",
		d->engine ? engine_name(d->engine) : "none",
		s->state == VSP_STOR_READY ? "true" : "false", s->version >> 8, s->version & 0xff);
	fprintf(json, ",\"held\":%u,\"idle\":%s", vsp_storage_held(s),
		vsp_storage_idle(s) ? "true" : "false");
	describe_stats(&s->stats, json);
	describe_lies(s, json);
	fprintf(json, ",\"units\":[");
	for (u = d->units; u; u = u->next, comma = ",") {
		fprintf(json, "%s", comma);
		unit_describe(u, json);
	}
	fprintf(json, "]");
}

const struct device_type device_type_storage = {
	.name = "storage",
	.help = "kind=scsi|ide|fc   the controller (scsi)\n"
		"file=PATH          begins a disk in a file; what follows is for it\n"
		"memory=SIZE        begins a disk in memory\n"
		"lun=N target=N path=N   its address (the next LUN); IDE: bus=N drive=N\n"
		"size=BYTES         make the file so long if it is shorter\n"
		"sector=512|4096    and physical=4096 for 512e\n"
		"ro dvd empty thick write-through no-fua no-write-same reservations rotational\n"
		"serial=TEXT vendor=TEXT product=TEXT granularity=BLOCKS\n"
		"channels=N         sub-channels at most (0); single: without the flag\n"
		"sub=first|fewer|more|late|reverse|duplicate|zero   how they come, repeatable\n"
		"version=6.0        newest version; version=!6.2: not that one\n"
		"max-transfer=BYTES (2M), limit=BYTES: longer ones are rejected all the same\n"
		"depth=N            requests of a channel (256), requests=N: of all (512)\n"
		"engine=auto|uring|threads\n"
		"azure short-overrun garbage resets-abort fatal strict monitored   habits\n"
		"Words of disk-fault:\n"
		"do=status+execute+reject+drop+hold+hold-data+duplicate+extra+corrupt+pull+\n"
		"   transfer-add+other-channel; check=KEY/ASC/ASCQ; delay=TIME; steps=N; partial=BYTES\n"
		"srb= scsi= nt= sense=HEX sense-bytes= transfer= data=HEX length= type= operation=\n"
		"offset= width= value=; id=unknown|zero|other|control|ones\n"
		"for=srb|begin|version|properties|fc|subs|end|reset-bus|reset-lun|reset-adapter\n"
		"op= lun= target= first= last= reads writes skip=N times=N|always\n",
	.bytes = sizeof(struct disks),
	.option = option,
	.start = start,
	.offer = offer,
	.stop = stop,
	.verbs = disk_verbs,
	.describe = describe,
};
