/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device type of the test host is: options, offers, words of the script, and its own facts.
 * Included by the files that make a type (balloon.c, ...) and by device.c, which keeps the table.
 * Every callback runs under the machine's lock; the model is stepped after it returned.
 */
#ifndef TESTHOST_DEVICE_H
#define TESTHOST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "vsp/vsp.h"

struct machine;
struct device;

/**
 * struct verb_call - one action, to be checked or done
 * @m: the machine
 * @d: the device that it names, or NULL
 * @argc: words behind the verb and the device
 * @argv: those
 * @check: the words are only to be judged, when a script is read; nothing may be done
 * @answer: one line for who asked; what is written here replaces "ok"
 */
struct verb_call {
	struct machine *m;
	struct device *d;
	int argc;
	char **argv;
	bool check;
	FILE *answer;
};

/**
 * struct verb - a row in a table of actions
 * @name: the word; of a device type: "VERB DEVICE ARGUMENTS", so two types may have the same word
 * @least: arguments at least
 * @most: arguments at most
 * @help: arguments and meaning, for --help
 * @run: NULL, or what is wrong (a string that stays valid until the next call)
 */
struct verb {
	const char *name;
	int least, most;
	const char *help;
	const char *(*run)(struct verb_call *call);
};

/**
 * struct device_type - a kind of device, a row of the table in device.c
 * @name: in --device NAME,key=value,...
 * @help: its options, for --help; lines end with a newline
 * @bytes: of its state, which is zeroed memory at device.state
 * @option: takes one option ("" if it has no value). NULL, or what is wrong with it
 * @start: all options are in: open files, allocate. NULL, or what is wrong. May be NULL
 * @offer: calls vsp_offer() for what shall be offered; the relid of the primary, 0: it failed.
 *	Also called when a device is offered again after "rescind" and "offer"
 * @stop: the machine ends or the device is removed for good; may be NULL
 * @verbs: ends with a row without a name; may be NULL
 * @describe: writes members of a JSON object, each as ,"key":value; may be NULL
 */
struct device_type {
	const char *name;
	const char *help;
	size_t bytes;
	const char *(*option)(struct device *d, const char *key, const char *value);
	const char *(*start)(struct device *d);
	__u32 (*offer)(struct device *d);
	void (*stop)(struct device *d);
	const struct verb *verbs;
	void (*describe)(struct device *d, FILE *json);
};

/**
 * struct device - one device of the machine
 * @m: the machine
 * @host: the host model, for vsp_...()
 * @type: its kind
 * @name: "id=" of its options, else the kind and a number: balloon0
 * @state: the type's own
 * @relid: of its primary channel while it is offered, else 0
 * @instance: of its offers: from the name, or "instance=" of its options
 */
struct device {
	struct machine *m;
	struct vsp *host;
	const struct device_type *type;
	char name[32];
	void *state;
	__u32 relid;
	struct enl_guid instance;
};

/* device.c: "type,key=value,..." makes one. NULL, or what is wrong. */
const char *device_add(struct machine *m, const char *words);
const char *device_remove(struct device *d);
const char *device_offer(struct device *d);
struct device *device_find(struct machine *m, const char *name);
const struct device_type *const *device_types(void);
/* Relid of "NAME", of "NAME.n" (its n-th sub-channel) or of a number; 0: no such channel. */
__u32 device_channel(struct machine *m, const char *words);

/* words.c: false if the word is not a whole number (0x.., k, m, g behind it) within limits. */
bool word_number(const char *word, __u64 least, __u64 most, __u64 *value);
const char *wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * loop.c: work for the event thread, from any thread and with or without the lock. @call runs
 * under the lock; then the model is stepped, so a completion need only call vsp_complete() or
 * vsp_kick(). Guest memory from vsp_map() stays where it is for the machine's life: a thread or
 * io_uring may read and write it without the lock.
 */
void machine_post(struct machine *m, void (*call)(void *context), void *context);
void machine_after(struct machine *m, __u64 us, void (*call)(void *context), void *context);
void machine_watch(struct machine *m, int fd, void (*call)(void *context), void *context);
void machine_unwatch(struct machine *m, int fd);
void machine_lock(struct machine *m);
void machine_unlock(struct machine *m);

/* report.c: "event <seconds> <what> <format>", one line on the event stream, from any thread. */
void report(struct machine *m, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
