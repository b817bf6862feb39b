// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a packet costs in the ring: nanoseconds, instructions, and signals per thousand packets.
 * Links vmbus/ring.c unchanged against tools/shim; started by tools/bench/bench.sh.
 * Prints "name value unit" lines. No host takes part: both halves are the guest's, on one memory.
 *
 * Instructions are counted by single-stepping a child (ptrace) between two traps: exact, and the
 * same on every machine with the same compiler. Times are the smallest of many short sections.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "vmbus/ring.h"

#define DATA (256u << 10)
#define SECTIONS 400

static struct enl_ring_out out;
static struct enl_ring_in in;
static u8 packet[4096] __aligned(64);

/* The ring a sender fills and a receiver empties: one memory, its data mapped twice in a row. */
static void rings(void)
{
	static struct enl_ring_control control, spare;
	int fd = memfd_create("ring", 0);
	u8 *data = mmap(NULL, 2 * DATA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fd < 0 || ftruncate(fd, DATA) || data == MAP_FAILED ||
	    mmap(data, DATA, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED ||
	    mmap(data + DATA, DATA, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		    MAP_FAILED) {
		perror("ring memory");
		exit(1);
	}
	memset(data, 0, DATA);
	enl_ring_init(&out, &control, data, DATA, &in, &spare, data, DATA);
	in.control = &control;
	in.host_blocks = true;
}

static bool send_one(u32 payload)
{
	struct enl_packet_desc desc = {
		.type = cpu_to_le16(ENL_PACKET_INBAND),
		.offset8 = cpu_to_le16(2),
		.length8 = cpu_to_le16((16 + payload + 7) / 8),
	};
	struct enl_ring_piece pieces[2] = {
		{ &desc, sizeof(desc) },
		{ packet, payload },
	};

	return !enl_ring_write(&out, pieces, 2);
}

static void round_trip(u32 payload, unsigned int batch)
{
	unsigned int i;

	for (i = 0; i < batch; i++) {
		if (!send_one(payload))
			abort();
	}
	enl_ring_publish(&out);
	for (i = 0; i < batch; i++) {
		if (enl_ring_read(&in, packet, sizeof(packet)) <= 0)
			abort();
	}
	enl_ring_commit(&in);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Nanoseconds for writing, publishing, reading and giving back one packet. */
static double cost_ns(u32 payload, unsigned int batch)
{
	unsigned int rounds = 2048 / batch, s, i;
	double best = 1e18;

	for (s = 0; s < SECTIONS; s++) {
		double start = now_ns();

		for (i = 0; i < rounds; i++)
			round_trip(payload, batch);
		best = min(best, (now_ns() - start) / (rounds * batch));
	}
	return best;
}

#define TRAP() __asm__ __volatile__("int3" ::: "memory")

static void child(u32 payload, unsigned int batch)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(1);
	/* The first rounds bind symbols and touch pages. */
	round_trip(payload, batch);
	round_trip(payload, batch);
	TRAP();
	round_trip(payload, batch);
	TRAP();
	_exit(0);
}

/* Is the instruction that the child is about to execute the closing trap? */
static bool at_trap(pid_t pid)
{
	long pc = ptrace(PTRACE_PEEKUSER, pid, (void *)(16 * sizeof(long)), NULL);

	return (ptrace(PTRACE_PEEKTEXT, pid, (void *)pc, NULL) & 0xff) == 0xcc;
}

static double cost_instructions(u32 payload, unsigned int batch)
{
	pid_t pid = fork();
	long steps = 0;
	int status;

	if (pid < 0)
		return -1;
	if (!pid)
		child(payload, batch);
	waitpid(pid, &status, 0);
	while (WIFSTOPPED(status) && !at_trap(pid)) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL))
			break;
		waitpid(pid, &status, 0);
		steps++;
	}
	if (!WIFSTOPPED(status))
		return -1;
	ptrace(PTRACE_KILL, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	return (double)steps / batch;
}

/*
 * Signals for a thousand packets. The receiver starts when it is signalled and has read all after
 * @lag more publications: 0 is a host that is faster than we are.
 */
static unsigned int signals(unsigned int batch, unsigned int lag)
{
	unsigned int sent = 0, rung = 0, due = 0, i;
	bool running = false;

	while (sent < 1000) {
		for (i = 0; i < batch && sent < 1000; i++, sent++) {
			if (!send_one(64))
				abort();
		}
		if (enl_ring_publish(&out)) {
			rung++;
			running = true;
			due = lag;
		}
		if (running && due-- == 0) {
			while (enl_ring_read(&in, packet, sizeof(packet)) > 0)
				;
			enl_ring_commit(&in);
			running = false;
		}
	}
	while (enl_ring_read(&in, packet, sizeof(packet)) > 0)
		;
	enl_ring_commit(&in);
	return rung;
}

int main(void)
{
	static const u32 sizes[] = { 16, 64, 512, 1500 };
	static const unsigned int batches[] = { 1, 64 };
	unsigned int s, b;

	rings();
	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		for (b = 0; b < ARRAY_SIZE(batches); b++) {
			printf("ring_packet_%u_batch_%u %.1f ns\n", sizes[s], batches[b],
			       cost_ns(sizes[s], batches[b]));
			printf("ring_packet_%u_batch_%u %.1f instructions\n", sizes[s], batches[b],
			       cost_instructions(sizes[s], batches[b]));
		}
	}
	for (b = 0; b < ARRAY_SIZE(batches); b++) {
		printf("signals_fast_host_batch_%u %u per_1000_packets\n", batches[b],
		       signals(batches[b], 0));
		printf("signals_slow_host_batch_%u %u per_1000_packets\n", batches[b],
		       signals(batches[b], 7));
	}
	return 0;
}
