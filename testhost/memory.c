// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory: where each range of guest-physical addresses lies in this process.
 * Calls mmap; called by all that touches the guest. kvm.c tells KVM about the same ranges.
 * Ranges stay where they are for the machine's life, so a pointer once given stays good.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "testhost/machine.h"

#define ALIGNED(x, to)	(((x) + (to) - 1) / (to) * (to))

static void make(struct ram *r, __u64 first, __u64 bytes, const char *what)
{
	void *at;

	if (!bytes)
		return;
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		fatal(EXIT_USAGE, "no room for %llu MiB of %s: %s",
		      (unsigned long long)bytes >> 20, what, strerror(errno));
	/* a page table for each page of a guest that is emulated itself is dear */
	madvise(at, bytes, MADV_HUGEPAGE);
	r->first = first;
	r->bytes = bytes;
	r->at = at;
}

/* RAM, at most 3 GiB of it below the hole of the devices; then what can be added at run time. */
void memory_make(struct machine *m)
{
	__u64 low = m->opt.memory < GPA_LOW_END ? m->opt.memory : GPA_LOW_END;
	__u64 high = m->opt.memory - low;

	make(&m->ram[0], 0, low, "memory");
	make(&m->ram[1], GPA_HIGH, high, "memory");
	make(&m->ram[2], GPA_SHARED, SHARED_BYTES, "shared memory");
	/* a hot-added block of Linux is 128 MiB at least, 2 GiB on large machines */
	make(&m->hot, ALIGNED(GPA_HIGH + high, 1ull << 31), m->opt.hot, "memory to be added");
}

static void *within(const struct ram *r, __u64 gpa, __u64 bytes)
{
	if (gpa < r->first || gpa - r->first >= r->bytes || bytes > r->bytes - (gpa - r->first))
		return NULL;
	return r->at + (gpa - r->first);
}

/* Where guest memory is, or NULL if not all of it is memory. */
void *memory_map(struct machine *m, __u64 gpa, __u64 bytes)
{
	unsigned int i;
	void *at;

	for (i = 0; i < 3; i++) {
		at = within(&m->ram[i], gpa, bytes);
		if (at)
			return at;
	}
	return within(&m->hot, gpa, bytes);
}

/* The guest does not need what is in these pages: give them back. False: not memory. */
bool memory_discard(struct machine *m, __u64 gpa, __u64 bytes)
{
	void *at = memory_map(m, gpa, bytes);

	if (!at)
		return false;
	madvise(at, bytes, MADV_DONTNEED);
	return true;
}
