/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks of the test host: what the files of the device "storage" share.
 * disk.c is the device type, disk_verbs.c and disk_fault.c its actions, disk_unit.c its units,
 * disk_file.c what lies behind a unit, disk_io.c how requests run, by io_uring or by threads.
 */
#ifndef TESTHOST_DISK_H
#define TESTHOST_DISK_H

#include <stdio.h>
#include <sys/uio.h>
#include "testhost/machine.h"
#include "vsp/storage.h"

#define DISK_IOVS	1024u	/* the kernel takes no more at once */

struct engine;

/**
 * struct unit - one logical unit and its file
 * @disk: as the model sees it; disk.context points here
 * @engine: runs its requests
 * @fd: the file
 * @bytes: size of the file, 0: not set yet
 * @name: what was asked for: a path, or "memory"
 * @read_only: opened so
 * @next: of the same device
 */
struct unit {
	struct vsp_disk disk;
	struct engine *engine;
	int fd;
	__u64 bytes;
	char *name;
	bool read_only;
	struct unit *next;
};

/**
 * struct disks - the state of a device "storage"
 * @storage: the controller
 * @engine: made when it starts
 * @engine_word: "auto", "uring" or "threads"
 * @units: all that exist, those on their way out too
 * @open: unit whose options are being read, or NULL
 * @ticking: a timer looks at delays
 * @m: the machine
 * @seed: makes ids of units, from the device's name
 */
struct disks {
	struct vsp_storage storage;
	struct engine *engine;
	const char *engine_word;
	struct unit *units;
	struct unit *open;
	bool ticking;
	struct machine *m;
};

/**
 * struct job - a request in the hands of an engine
 * @request: the model's
 * @unit: where
 * @iov: the buffer, as far as it is not done
 * @iovs: how many there are
 * @at: first that is not done
 * @offset: in the file, of what is not done
 * @left: bytes that are not done
 * @error: errno, or 0
 * @next: in a queue
 */
struct job {
	struct vsp_disk_request *request;
	struct unit *unit;
	struct iovec *iov;
	unsigned int iovs, at;
	__u64 offset, left;
	int error;
	struct job *next;
};

/* disk_file.c */
const char *file_open(struct unit *u, bool create_size);
const char *file_resize(struct unit *u, __u64 bytes);
void file_run(struct job *j);
bool file_advance(struct job *j, __u64 bytes);
void file_zero_rest(struct job *j);
int file_fill(struct unit *u, const struct job *j);
enum vsp_disk_status file_status(int error, enum vsp_disk_kind kind);

/* disk_io.c */
struct engine *engine_make(struct machine *m, const char *word, unsigned int requests,
			   unsigned int iovs);
const char *engine_name(const struct engine *e);
void engine_stop(struct engine *e);
extern const struct vsp_disk_ops engine_ops;

/* disk_uring.c, disk_threads.c: a way to run jobs; engine_done() for each, under the lock */
struct runner {
	const char *name;
	void *(*make)(struct machine *m, struct engine *e, unsigned int jobs);
	void (*run)(void *runner, struct job *j);
	void (*stop)(void *runner);
};

extern const struct runner runner_uring, runner_threads;
void engine_done(struct engine *e, struct job *j);

/* disk_unit.c */
const char *unit_option(struct disks *d, const char *key, const char *value);
const char *unit_finish(struct device *dev);
const char *unit_add(struct device *dev, char *words);
struct unit *unit_find(struct disks *d, const char *word);
void unit_remove(struct disks *d, struct unit *u);
void unit_sweep(struct disks *d);
void unit_free_all(struct disks *d);
void unit_describe(const struct unit *u, FILE *json);

/* disk_fault.c */
const char *disk_fault(int argc, char **argv, struct vsp_storage_fault *f);

/* disk_verbs.c */
extern const struct verb disk_verbs[];

#endif
