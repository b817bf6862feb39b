// SPDX-License-Identifier: GPL-2.0-only
/*
 * The actions of a device "storage": units, notices, faults, reservations of other hosts.
 * Calls the model, disk_unit.c and disk_fault.c; reached through the table of disk.c.
 */
#include <stdlib.h>
#include <string.h>
#include "testhost/disk.h"

static const char *unit_of(struct verb_call *c, struct unit **u)
{
	*u = c->check ? NULL : unit_find(c->d->state, c->argv[0]);
	return *u || c->check ? NULL : wrong("%s has no disk \"%s\"", c->d->name, c->argv[0]);
}

static const char *number_of(struct verb_call *c, int n, __u64 most, __u64 *value)
{
	if (n >= c->argc)
		return NULL;
	return word_number(c->argv[n], 0, most, value) ? NULL :
	       wrong("\"%s\" is no number up to %llu", c->argv[n], (unsigned long long)most);
}

static const char *add_lun(struct verb_call *c)
{
	char *copy;
	const char *why;

	if (c->check)
		return NULL;
	copy = strdup(c->argv[0]);
	why = copy ? unit_add(c->d, copy) : "no memory";
	free(copy);
	return why;
}

static const char *remove_lun(struct verb_call *c)
{
	struct unit *u;
	const char *why = unit_of(c, &u);

	if (!why && !c->check)
		unit_remove(c->d->state, u);
	return why;
}

/* Another disk at the same address, and the guest hears of it once, when it has happened. */
static const char *swap(struct verb_call *c)
{
	struct disks *d = c->d->state;
	struct unit *from, *to;
	char *words = NULL;
	const char *why = unit_of(c, &from);

	if (why || c->check)
		return why;
	/* 255 is no LUN that a guest looks at */
	if (asprintf(&words, "%s,lun=254,target=255", c->argv[1]) < 0)
		return "no memory";
	why = unit_add(c->d, words);
	free(words);
	if (why)
		return why;
	to = unit_find(d, "255:254");
	vsp_storage_remove(&d->storage, &to->disk);
	vsp_storage_swap(&d->storage, &from->disk, &to->disk);
	unit_sweep(d);
	return NULL;
}

static const char *resize(struct verb_call *c)
{
	struct unit *u;
	__u64 bytes;
	const char *why = unit_of(c, &u);

	if (!why)
		why = number_of(c, 1, 1ull << 44, &bytes);
	if (why || c->check)
		return why;
	why = file_resize(u, bytes);
	if (!why)
		vsp_disk_resize(&u->disk, bytes / u->disk.block_bytes);
	return why;
}

static const char *eject(struct verb_call *c)
{
	struct unit *u;
	const char *why = unit_of(c, &u);

	if (!why && !c->check)
		vsp_disk_eject(&u->disk);
	return why;
}

static const char *insert(struct verb_call *c)
{
	struct unit *u;
	const char *why = unit_of(c, &u);

	if (!why && !c->check)
		vsp_disk_insert(&u->disk, u->bytes / u->disk.block_bytes);
	return why;
}

static const char *attention(struct verb_call *c)
{
	struct unit *u;
	__u64 asc, ascq;
	const char *why = unit_of(c, &u);

	if (!why)
		why = number_of(c, 1, 255, &asc);
	if (!why)
		why = number_of(c, 2, 255, &ascq);
	if (!why && !c->check && !vsp_disk_attention(&u->disk, (__u8)asc, (__u8)ascq))
		why = "too many wait already";
	return why;
}

static const char *notice(struct verb_call *c)
{
	struct disks *d = c->d->state;
	__u64 operation, count = 1, bytes = 0, channel = 0;
	const char *why = number_of(c, 0, ~0u, &operation);

	if (!why)
		why = number_of(c, 1, ~0u, &count);
	if (!why)
		why = number_of(c, 2, 64, &bytes);
	if (!why)
		why = number_of(c, 3, 65535, &channel);
	if (!why && !c->check)
		vsp_storage_notice(&d->storage, (__u32)operation, (__u32)bytes, (__u32)count,
				   (__u32)channel);
	return why;
}

/* Delays by time need somebody who looks at the clock. */
static void tick(void *context)
{
	struct disks *d = context;

	vsp_storage_tick(&d->storage);
	d->ticking = d->storage.faults || vsp_storage_deadline(&d->storage);
	if (d->ticking)
		machine_after(d->m, 1000, tick, d);
}

static const char *fault(struct verb_call *c)
{
	struct disks *d = c->d->state;
	struct vsp_storage_fault f;
	const char *why = disk_fault(c->argc, c->argv, &f);

	if (why || c->check)
		return why;
	if (vsp_storage_fault_add(&d->storage, &f) < 0)
		return "the plan is full";
	if (f.what & VSP_SF_DELAY_TIME && !d->ticking) {
		d->ticking = true;
		machine_after(d->m, 1000, tick, d);
	}
	return NULL;
}

static const char *no_faults(struct verb_call *c)
{
	struct disks *d = c->d->state;

	if (!c->check)
		vsp_storage_fault_clear(&d->storage);
	return NULL;
}

static const char *let_go(struct verb_call *c)
{
	struct disks *d = c->d->state;
	bool newest = c->argc > 1 && word_is(c->argv[1], "newest");
	__u64 count = ~0u;

	if (!word_is(c->argv[0], "all") && !word_number(c->argv[0], 1, ~0u, &count))
		return wrong("\"%s\" is neither a number nor \"all\"", c->argv[0]);
	if (c->argc > 1 && !newest)
		return wrong("\"%s\" is not \"newest\"", c->argv[1]);
	if (!c->check)
		fprintf(c->answer, "%u", vsp_storage_release(&d->storage, (__u32)count, newest));
	return NULL;
}

static const char *offer_late(struct verb_call *c)
{
	struct disks *d = c->d->state;

	if (!c->check)
		fprintf(c->answer, "%u", vsp_storage_offer_late(&d->storage));
	return NULL;
}

static const char *deaf(struct verb_call *c)
{
	struct disks *d = c->d->state;
	bool on = word_is(c->argv[0], "on");

	if (!on && !word_is(c->argv[0], "off"))
		return "on or off?";
	if (c->check)
		return NULL;
	d->storage.deaf = on;
	vsp_storage_wake(&d->storage);
	return NULL;
}

/* Another host registers and reserves; with "preempt" it throws the guest out. */
static const char *reserve(struct verb_call *c)
{
	bool preempt = c->argc > 3 && word_is(c->argv[3], "preempt");
	struct unit *u;
	__u64 key, type;
	const char *why = unit_of(c, &u);

	if (!why)
		why = number_of(c, 1, ~0ull, &key);
	if (!why)
		why = number_of(c, 2, 8, &type);
	if (!why && c->argc > 3 && !preempt)
		why = wrong("\"%s\" is not \"preempt\"", c->argv[3]);
	if (why || c->check)
		return why;
	vsp_disk_register(&u->disk, 1, key);
	if (preempt)
		vsp_disk_preempt(&u->disk, 1, (__u8)type);
	else if (type && !vsp_disk_reserve(&u->disk, 1, (__u8)type))
		return "somebody has it";
	return NULL;
}

const struct verb disk_verbs[] = {
	{ "add-lun", 1, 1, "OPTIONS       a disk more: file=PATH,lun=N,... as with --device", add_lun },
	{ "remove-lun", 1, 1, "LUN        LUN or TARGET:LUN, here and below", remove_lun },
	{ "swap-lun", 2, 2, "LUN OPTIONS  another disk at its address", swap },
	{ "resize", 2, 2, "LUN BYTES      the guest gets a unit attention", resize },
	{ "eject", 1, 1, "LUN             take the medium of a DVD out", eject },
	{ "insert", 1, 1, "LUN            put it in again", insert },
	{ "attention", 3, 3, "LUN ASC ASCQ   a unit attention", attention },
	{ "notice", 1, 4, "OPERATION [COUNT [BYTES [CHANNEL]]]   anything unasked, a storm of it",
	  notice },
	{ "disk-fault", 1, 16, "WORDS...   add to the plan of faults; see --help storage", fault },
	{ "no-disk-faults", 0, 0, "       clear it", no_faults },
	{ "let-go", 1, 2, "COUNT|all [newest]   of what a fault holds", let_go },
	{ "offer-late", 0, 0, "           the sub-channels that wait (sub=late)", offer_late },
	{ "deaf", 1, 1, "on|off           read no ring", deaf },
	{ "reserve", 3, 4, "LUN KEY TYPE [preempt]   by another host; type 0: register only", reserve },
	{ 0 }
};
