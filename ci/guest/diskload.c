// SPDX-License-Identifier: GPL-2.0-only
/*
 * A load for a disk that is the same each time: direct asynchronous I/O at places that a fixed seed
 * gives, in batches: a batch is submitted by one call and waited for whole. Calls the kernel alone.
 * Called by the scenario storage-bench through the guest's agent.
 *
 *   diskload DEVICE read|write|randread|randwrite BYTES DEPTH COUNT [unaligned|pieces]
 *
 * Prints "ticks T interrupts I median M": of the processor's counter and of the hypervisor, for
 * COUNT requests after some to warm up; and the median of what each eighth of them took. unaligned: the buffer begins inside a page; pieces: it is an
 * iovec of 4 KiB pieces that each do.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <x86intrin.h>

#define MAX_DEPTH	64
#define MAX_PIECES	256
#define PIECE		4096u
#define ROUNDS		8u
#define WARM_UP		64u	/* requests, or two batches */

enum shape { WHOLE, UNALIGNED, PIECES };

struct load {
	int fd, write, random;
	enum shape shape;
	size_t bytes;
	unsigned int depth;
	uint64_t blocks;		/* of @bytes on the disk */
	uint64_t seed, next;
	char *buffer;
	size_t stride;			/* of one request's buffer */
	struct iovec iov[MAX_DEPTH][MAX_PIECES];
	unsigned int pieces;
	aio_context_t aio;
	struct iocb iocb[MAX_DEPTH];
};

static void die(const char *what)
{
	fprintf(stderr, "diskload: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* xorshift64: the same places in each run */
static uint64_t place(struct load *l)
{
	if (!l->random)
		return l->next++ % l->blocks * l->bytes;
	l->seed ^= l->seed << 13;
	l->seed ^= l->seed >> 7;
	l->seed ^= l->seed << 17;
	return l->seed % l->blocks * l->bytes;
}

static uint64_t interrupts(void)
{
	char line[4096], *p, *end;
	FILE *f = fopen("/proc/interrupts", "r");
	uint64_t sum = 0, n;

	if (!f)
		die("/proc/interrupts");
	while (fgets(line, sizeof(line), f)) {
		p = line + strspn(line, " ");
		if (strncmp(p, "HYP:", 4))
			continue;
		for (p += 4;; p = end) {
			n = strtoull(p, &end, 10);
			if (end == p)
				break;
			sum += n;
		}
	}
	fclose(f);
	return sum;
}

/* ---- buffers ---- */

static void make_buffers(struct load *l)
{
	size_t shift = l->shape == UNALIGNED || l->shape == PIECES ? 512 : 0;
	size_t each = l->shape == PIECES ? PIECE : l->bytes;
	unsigned int i, k;

	l->pieces = l->bytes / each;
	if (l->bytes % each || l->pieces > MAX_PIECES || l->depth > MAX_DEPTH) {
		errno = EINVAL;
		die("size or depth");
	}
	l->stride = (each + PIECE) * l->pieces;
	l->buffer = mmap(NULL, l->stride * l->depth, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (l->buffer == MAP_FAILED)
		die("memory");
	memset(l->buffer, 0x5a, l->stride * l->depth);
	for (i = 0; i < l->depth; i++) {
		for (k = 0; k < l->pieces; k++) {
			l->iov[i][k].iov_base = l->buffer + i * l->stride + k * (each + PIECE) + shift;
			l->iov[i][k].iov_len = each;
		}
	}
}

/* ---- one batch: submitted by one call, waited for whole ---- */

static void batch(struct load *l, unsigned int count)
{
	struct iocb *list[MAX_DEPTH];
	struct io_event event[MAX_DEPTH];
	unsigned int i;
	long got;

	for (i = 0; i < count; i++) {
		struct iocb *c = &l->iocb[i];

		memset(c, 0, sizeof(*c));
		c->aio_fildes = l->fd;
		c->aio_lio_opcode = l->write ? IOCB_CMD_PWRITEV : IOCB_CMD_PREADV;
		c->aio_buf = (uintptr_t)l->iov[i];
		c->aio_nbytes = l->pieces;
		c->aio_offset = place(l);
		list[i] = c;
	}
	if (syscall(SYS_io_submit, l->aio, count, list) != (long)count)
		die("io_submit");
	got = syscall(SYS_io_getevents, l->aio, count, count, event, NULL);
	if (got != (long)count)
		die("io_getevents");
	for (i = 0; i < count; i++) {
		if (event[i].res != (long long)l->bytes) {
			errno = event[i].res < 0 ? -event[i].res : EIO;
			die("a request");
		}
	}
}

static void run(struct load *l, unsigned int count)
{
	while (count) {
		unsigned int n = count < l->depth ? count : l->depth;

		batch(l, n);
		count -= n;
	}
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(struct load *l, unsigned int count)
{
	uint64_t took[ROUNDS], sum = 0, irqs = interrupts();
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		took[i] = __rdtsc();
		run(l, count / ROUNDS);
		took[i] = __rdtsc() - took[i];
		sum += took[i];
	}
	irqs = interrupts() - irqs;
	qsort(took, ROUNDS, sizeof(took[0]), by_size);
	printf("ticks %llu interrupts %llu median %llu\n", (unsigned long long)sum,
	       (unsigned long long)irqs,
	       (unsigned long long)(took[ROUNDS / 2 - 1] + took[ROUNDS / 2]) / 2);
}

static enum shape shape_of(const char *word)
{
	static const char *const words[] = { "", "unaligned", "pieces" };
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i]))
			return i;
	errno = EINVAL;
	die(word);
	return WHOLE;
}

int main(int argc, char **argv)
{
	static struct load l;
	uint64_t size;
	unsigned int count;

	if (argc < 6 || argc > 7)
		return 2;
	l.write = strstr(argv[2], "write") != NULL;
	l.random = !strncmp(argv[2], "rand", 4);
	l.bytes = strtoul(argv[3], NULL, 0);
	l.depth = strtoul(argv[4], NULL, 0);
	count = strtoul(argv[5], NULL, 0);
	l.shape = shape_of(argc > 6 ? argv[6] : "");
	l.seed = 0x9e3779b97f4a7c15ull;
	l.fd = open(argv[1], (l.write ? O_RDWR : O_RDONLY) | O_DIRECT);
	if (l.fd < 0 || ioctl(l.fd, BLKGETSIZE64, &size))
		die(argv[1]);
	l.blocks = l.bytes ? size / l.bytes : 0;
	if (!l.blocks || !l.depth || !count || count % ROUNDS) {
		errno = EINVAL;
		die("arguments");
	}
	make_buffers(&l);
	if (syscall(SYS_io_setup, l.depth, &l.aio))
		die("io_setup");
	run(&l, l.depth > WARM_UP / 2 ? 2 * l.depth : WARM_UP);
	measure(&l, count);
	return 0;
}
