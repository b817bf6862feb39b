// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units of a device "storage": their options, how they come, go and are found.
 * Calls disk_file.c and the model. Called by disk.c at the start and by disk_verbs.c at run time.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "testhost/disk.h"

static struct unit *new_unit(struct disks *d, const char *name)
{
	struct unit *u = calloc(1, sizeof(*u));
	struct unit **at = &d->units;

	if (!u)
		return NULL;
	u->fd = -1;
	u->name = strdup(name);
	u->disk.block_bytes = 512;
	u->disk.thin = true;
	u->disk.write_cache = true;
	u->disk.fua = true;
	u->disk.write_same = true;
	u->disk.ops = &engine_ops;
	u->disk.context = u;
	while (*at)
		at = &(*at)->next;
	*at = u;
	return u;
}

static void free_unit(struct disks *d, struct unit *u)
{
	struct unit **at = &d->units;

	while (*at && *at != u)
		at = &(*at)->next;
	if (*at)
		*at = u->next;
	if (u->fd >= 0)
		close(u->fd);
	free(u->name);
	free(u);
}

static bool flag(struct unit *u, const char *key)
{
	struct vsp_disk *k = &u->disk;
	const struct {
		const char *key;
		bool *flag;
		bool value;
	} flags[] = {
		{ "ro", &u->read_only, true }, { "dvd", &k->dvd, true },
		{ "thick", &k->thin, false }, { "write-through", &k->write_cache, false },
		{ "no-fua", &k->fua, false }, { "no-write-same", &k->write_same, false },
		{ "reservations", &k->reservations, true }, { "rotational", &k->rotational, true },
		{ "empty", &k->empty, true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (word_is(key, flags[i].key)) {
			*flags[i].flag = flags[i].value;
			return true;
		}
	}
	return false;
}

static bool text(char *to, size_t room, const char *value)
{
	if (!*value || strlen(value) >= room)
		return false;
	strcpy(to, value);
	return true;
}

/* NULL: it is one of these, and good. */
static const char *number(struct unit *u, const char *key, const char *value)
{
	static const char *const keys[] = {
		"lun", "target", "drive", "path", "bus", "sector", "physical", "granularity", "size",
	};
	static const __u64 most[] = { 254, 255, 1, 7, 1, 4096, 65536, 1u << 30, 1ull << 44 };
	struct vsp_disk *k = &u->disk;
	unsigned int i;
	__u64 n;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && !word_is(key, keys[i]); i++)
		;
	if (i == sizeof(keys) / sizeof(keys[0]))
		return wrong("storage has no option \"%s\"", key);
	if (!word_number(value, 0, most[i], &n))
		return wrong("%s=%s is no number up to %llu", key, value,
			     (unsigned long long)most[i]);
	if (i == 0)
		k->lun = (__u8)n;
	else if (i <= 2)
		k->target = (__u8)n;
	else if (i <= 4)
		k->path = (__u8)n;
	else if (i == 5)
		k->block_bytes = (__u32)n;
	else if (i == 6)
		k->physical_exponent = (__u8)(n >= 512 ? __builtin_ctzll(n / 512) : 0);
	else if (i == 7)
		k->unmap_granularity = (__u32)n;
	else
		u->bytes = n;
	return NULL;
}

/* An option of a unit. "file" and "memory" begin one, the others are for the one begun last. */
const char *unit_option(struct disks *d, const char *key, const char *value)
{
	struct unit *u = d->open;
	__u8 lun = 0;

	if (word_is(key, "file") || word_is(key, "memory")) {
		if (!*value)
			return wrong("%s= what?", key);
		if (u)
			lun = (__u8)(u->disk.lun + 1);
		d->open = u = new_unit(d, word_is(key, "file") ? value : "memory");
		if (!u || !u->name)
			return "no memory for a disk";
		u->disk.lun = lun;
		return word_is(key, "file") ? NULL : number(u, "size", value);
	}
	if (!u)
		return wrong("%s: no disk was begun by file=PATH or memory=SIZE", key);
	if (word_is(key, "serial"))
		return text(u->disk.serial, sizeof(u->disk.serial), value) ? NULL :
		       "serial= takes up to 31 characters";
	if (word_is(key, "vendor"))
		return text(u->disk.vendor, sizeof(u->disk.vendor), value) ? NULL :
		       "vendor= takes up to 8 characters";
	if (word_is(key, "product"))
		return text(u->disk.product, sizeof(u->disk.product), value) ? NULL :
		       "product= takes up to 16 characters";
	if (!*value && flag(u, key))
		return NULL;
	return number(u, key, value);
}

/* The same device, address and file are the same disk, in this run and the next. */
static void make_id(const struct device *dev, struct unit *u)
{
	const char *words[] = { dev->name, u->name, u->disk.serial };
	__u64 h = 0xcbf29ce484222325ull + u->disk.lun + 256u * u->disk.target;
	unsigned int i;
	const char *p;

	for (i = 0; i < 3; i++) {
		for (p = words[i]; *p; p++)
			h = (h ^ (__u8)*p) * 0x100000001b3ull;
	}
	for (i = 0; i < sizeof(u->disk.id); i++) {
		u->disk.id[i] = (__u8)(h >> 56);
		h = h * 0x5851f42d4c957f2dull + 0x14057b7ef767814full;
	}
}

static const char *bring_up(struct device *dev, struct unit *u)
{
	struct disks *d = dev->state;
	struct vsp_disk *k = &u->disk;
	const char *why;

	if (k->dvd) {
		k->block_bytes = 2048;
		u->read_only = true;
	}
	if (k->block_bytes != 512 && k->block_bytes != 2048 && k->block_bytes != 4096)
		return "sector= is 512 or 4096";
	why = file_open(u, u->bytes);
	if (why)
		return why;
	k->read_only = u->read_only;
	k->blocks = u->bytes / k->block_bytes;
	u->engine = d->engine;
	make_id(dev, u);
	return vsp_storage_add(&d->storage, k) ? NULL :
	       wrong("%s: there is a disk at %u:%u already", u->name, k->target, k->lun);
}

/* Opens every unit that was described by options. */
const char *unit_finish(struct device *dev)
{
	struct disks *d = dev->state;
	const char *why = NULL;
	struct unit *u;

	d->open = NULL;
	for (u = d->units; u && !why; u = u->next)
		why = bring_up(dev, u);
	return why;
}

/* A unit more, at run time: "file=...,lun=...". */
const char *unit_add(struct device *dev, char *words)
{
	struct disks *d = dev->state;
	const char *why = NULL;
	char *word, *rest = NULL;

	d->open = NULL;
	for (word = strtok_r(words, ",", &rest); word && !why; word = strtok_r(NULL, ",", &rest)) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = 0;
		if (d->open && (word_is(word, "file") || word_is(word, "memory")))
			why = "one disk at a time";
		else
			why = unit_option(d, word, value ? value : "");
	}
	if (!why && !d->open)
		why = "which file?";
	if (!why)
		why = bring_up(dev, d->open);
	if (why && d->open)
		free_unit(d, d->open);
	d->open = NULL;
	return why;
}

/* "LUN" or "TARGET:LUN"; of those that the guest can see. */
struct unit *unit_find(struct disks *d, const char *word)
{
	unsigned int target = 0, lun;
	struct unit *u;
	char more;

	if (sscanf(word, "%u:%u%c", &target, &lun, &more) != 2) {
		target = 0;
		if (sscanf(word, "%u%c", &lun, &more) != 1)
			return NULL;
	}
	for (u = d->units; u; u = u->next) {
		if (u->disk.storage && u->disk.target == target && u->disk.lun == lun)
			return u;
	}
	return NULL;
}

void unit_remove(struct disks *d, struct unit *u)
{
	vsp_storage_remove(&d->storage, &u->disk);
	unit_sweep(d);
}

/* Lets go of units that were removed and have nothing under way any more. */
void unit_sweep(struct disks *d)
{
	struct unit *u = d->units;

	while (u) {
		struct unit *next = u->next;

		if (!u->disk.storage && !vsp_storage_uses(&d->storage, &u->disk))
			free_unit(d, u);
		u = next;
	}
}

/* The end of the device. */
void unit_free_all(struct disks *d)
{
	while (d->units) {
		vsp_storage_remove(&d->storage, &d->units->disk);
		free_unit(d, d->units);
	}
}

void unit_describe(const struct unit *u, FILE *json)
{
	const struct vsp_disk *k = &u->disk;

	fprintf(json, "{\"file\":");
	json_string(json, u->name);
	fprintf(json, ",\"path\":%u,\"target\":%u,\"lun\":%u,\"blocks\":%llu,\"block_bytes\":%u",
		k->path, k->target, k->lun, (unsigned long long)k->blocks, k->block_bytes);
	fprintf(json, ",\"read_only\":%s,\"empty\":%s,\"in_flight\":%u,\"attentions\":%u}",
		k->read_only ? "true" : "false", k->empty ? "true" : "false", k->in_flight,
		k->attentions);
}
