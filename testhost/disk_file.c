// SPDX-License-Identifier: GPL-2.0-only
/*
 * What lies behind a unit: a sparse file or memory that nobody else sees; and I/O on it that waits.
 * Calls the kernel alone. Called by disk_unit.c and by the two ways to run a job.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "testhost/disk.h"

#define PATTERN_BYTES	(1u << 16)

/* Opens or makes the file of @u; with @may_make a size was given, and a new file gets it. */
const char *file_open(struct unit *u, bool may_make)
{
	struct stat st;

	if (word_is(u->name, "memory"))
		u->fd = memfd_create("enlight-disk", MFD_CLOEXEC);
	else
		u->fd = open(u->name, (u->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC |
				      (may_make && !u->read_only ? O_CREAT : 0), 0644);
	if (u->fd < 0 || fstat(u->fd, &st))
		return wrong("%s: %s", u->name, strerror(errno));
	if (!u->bytes)
		u->bytes = (__u64)st.st_size;
	if ((__u64)st.st_size < u->bytes && !u->read_only && ftruncate(u->fd, (off_t)u->bytes))
		return wrong("%s: %s", u->name, strerror(errno));
	if (u->bytes < u->disk.block_bytes)
		return wrong("%s is smaller than a block", u->name);
	return NULL;
}

/* Only ever longer: the model may have requests for the end under way. */
const char *file_resize(struct unit *u, __u64 bytes)
{
	if (bytes > u->bytes && !u->read_only && ftruncate(u->fd, (off_t)bytes))
		return wrong("%s: %s", u->name, strerror(errno));
	if (bytes > u->bytes)
		u->bytes = bytes;
	return NULL;
}

/* @bytes more are done. True: that was all. */
bool file_advance(struct job *j, __u64 bytes)
{
	j->offset += bytes;
	j->left -= bytes < j->left ? bytes : j->left;
	while (bytes && j->at < j->iovs) {
		struct iovec *v = &j->iov[j->at];
		size_t n = bytes < v->iov_len ? bytes : v->iov_len;

		v->iov_base = (char *)v->iov_base + n;
		v->iov_len -= n;
		bytes -= n;
		if (!v->iov_len)
			j->at++;
	}
	return !j->left;
}

/* The file ends before the disk does: what is not there is zero. */
void file_zero_rest(struct job *j)
{
	for (; j->at < j->iovs; j->at++)
		memset(j->iov[j->at].iov_base, 0, j->iov[j->at].iov_len);
	j->left = 0;
}

/*
 * Writes one block again and again over the range, or zeroes if the request has no buffer. 0, or
 * what went wrong.
 */
int file_fill(struct unit *u, const struct job *j)
{
	const struct vsp_disk_request *r = j->request;
	unsigned int block = u->disk.block_bytes;
	__u64 at = r->offset;
	__u64 end = at + r->bytes;
	char *pattern = calloc(1, PATTERN_BYTES);
	unsigned int i;
	int error = pattern ? 0 : ENOMEM;

	if (pattern && r->kind == VSP_DISK_SAME) {
		vsp_segments_read(r, 0, pattern, block);
		for (i = block; i < PATTERN_BYTES; i += block)
			memcpy(pattern + i, pattern, block);
	}
	while (!error && at < end) {
		size_t n = end - at < PATTERN_BYTES ? end - at : PATTERN_BYTES;
		ssize_t done = pwrite(u->fd, pattern, n, (off_t)at);

		if (done <= 0)
			error = done ? errno : EIO;
		else if ((size_t)done % block)
			error = EIO;
		else
			at += (__u64)done;
	}
	free(pattern);
	return error;
}

static int move(struct job *j)
{
	const struct vsp_disk_request *r = j->request;
	int fd = j->unit->fd;

	while (j->left) {
		unsigned int n = j->iovs - j->at < DISK_IOVS ? j->iovs - j->at : DISK_IOVS;
		ssize_t done;

		if (r->kind == VSP_DISK_READ)
			done = preadv(fd, j->iov + j->at, (int)n, (off_t)j->offset);
		else
			done = pwritev2(fd, j->iov + j->at, (int)n, (off_t)j->offset,
					r->durable ? RWF_DSYNC : 0);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno;
		if (!done && r->kind == VSP_DISK_WRITE)
			return EIO;
		if (!done)
			file_zero_rest(j);
		else
			file_advance(j, (__u64)done);
	}
	return 0;
}

/* Runs a job to its end, in the calling thread. */
void file_run(struct job *j)
{
	const struct vsp_disk_request *r = j->request;
	int hole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	struct unit *u = j->unit;

	switch (r->kind) {
	case VSP_DISK_READ:
	case VSP_DISK_WRITE:
		j->error = move(j);
		return;
	case VSP_DISK_FLUSH:
		j->error = fdatasync(u->fd) ? errno : 0;
		return;
	case VSP_DISK_UNMAP:
	case VSP_DISK_ZERO:
		j->error = fallocate(u->fd, hole, (off_t)r->offset, (off_t)r->bytes) ? errno : 0;
		if (j->error && r->kind == VSP_DISK_ZERO)
			j->error = file_fill(u, j);
		return;
	default:
		j->error = file_fill(u, j);
	}
}

/* An errno in the model's words. */
enum vsp_disk_status file_status(int error, enum vsp_disk_kind kind)
{
	switch (error) {
	case 0:
		return VSP_DISK_OK;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return VSP_DISK_FULL;
	case EROFS:
	case EPERM:
	case EBADF:
		return kind == VSP_DISK_READ ? VSP_DISK_HARDWARE : VSP_DISK_PROTECTED;
	case EIO:
		return VSP_DISK_MEDIUM;
	default:
		return VSP_DISK_HARDWARE;
	}
}
