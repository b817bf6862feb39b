// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 16550: enough for the kernel's driver, with interrupts, loop-back test and a real buffer.
 * Calls loop.c, report.c and kvm.c; called by vcpu.c for port I/O and by the event loop for input.
 * Behind it: standard input and output, a file, nothing, or a UNIX socket with one peer at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "testhost/machine.h"

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR };

#define IER_DATA	0x1u
#define IER_EMPTY	0x2u
#define IIR_NONE	0x1u
#define IIR_EMPTY	0x2u
#define IIR_DATA	0x4u
#define LCR_DLAB	0x80u
#define MCR_LOOP	0x10u
#define LSR_DATA	0x1u
#define LSR_BREAK	0x10u
#define LSR_EMPTY	0x60u

/* The line follows the reasons; each new reason is an edge. */
static void update(struct uart *u)
{
	bool high = ((u->ier & IER_DATA) && (u->count || u->broken)) || ((u->ier & IER_EMPTY) && u->thre);

	if (high == u->high)
		return;
	u->high = high;
	kvm_irq(u->m, u->irq, high);
}

static void edge(struct uart *u)
{
	if (u->high) {
		kvm_irq(u->m, u->irq, false);
		u->high = false;
	}
	update(u);
}

static void close_peer(struct uart *u)
{
	if (u->in < 0 || u->listener < 0)
		return;
	machine_unwatch(u->m, u->in);
	close(u->in);
	u->in = -1;
	u->out = -1;
}

/* The peer has something, or is gone. What finds no room stays with the peer. */
static void input(void *context)
{
	struct uart *u = context;
	unsigned int room = sizeof(u->fifo) - u->count;
	__u8 bytes[1024];
	ssize_t n, i;

	if (!room) {
		machine_unwatch(u->m, u->in);
		return;
	}
	if (room > sizeof(bytes))
		room = sizeof(bytes);
	/* the event may be of a peer that another has replaced */
	n = u->listener >= 0 ? recv(u->in, bytes, room, MSG_DONTWAIT) : read(u->in, bytes, room);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		if (u->listener >= 0)
			close_peer(u);
		else
			machine_unwatch(u->m, u->in);
		return;
	}
	for (i = 0; i < n; i++)
		u->fifo[(u->head + u->count++) % sizeof(u->fifo)] = bytes[i];
	if (u->count == sizeof(u->fifo))
		machine_unwatch(u->m, u->in);
	edge(u);
}

/* A new peer takes the place of the last. */
static void arrive(void *context)
{
	struct uart *u = context;
	int fd = accept4(u->listener, NULL, NULL, SOCK_CLOEXEC);
	struct timeval patience = { .tv_sec = 1 };

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	close_peer(u);
	u->in = fd;
	u->out = fd;
	machine_watch(u->m, fd, input, u);
}

static void listen_at(struct uart *u, const char *path)
{
	u->listener = listen_socket(path, 4);
	machine_watch(u->m, u->listener, arrive, u);
}

/* @where: "stdout", "stdio", "none", "unix:PATH" or the name of a file. */
void uart_make(struct machine *m, unsigned int n, unsigned int irq, const char *where)
{
	struct uart *u = &m->uart[n];

	u->m = m;
	u->irq = irq;
	u->in = -1;
	u->out = -1;
	u->listener = -1;
	if (!where || word_is(where, "none"))
		return;
	if (!strncmp(where, "unix:", 5)) {
		listen_at(u, where + 5);
		return;
	}
	if (word_is(where, "stdout") || word_is(where, "stdio")) {
		u->out = STDOUT_FILENO;
	} else {
		u->out = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (u->out < 0)
			fatal(EXIT_USAGE, "%s: %s", where, strerror(errno));
	}
	if (word_is(where, "stdio")) {
		u->in = STDIN_FILENO;
		machine_watch(m, u->in, input, u);
	}
}

static void receive_again(struct uart *u)
{
	if (u->in >= 0 && u->count == sizeof(u->fifo) - 1)
		machine_watch(u->m, u->in, input, u);
}

static __u8 take(struct uart *u)
{
	__u8 value;

	if (u->broken || !u->count) {
		u->broken = false;
		update(u);
		return 0;
	}
	value = u->fifo[u->head];
	u->head = (u->head + 1) % sizeof(u->fifo);
	u->count--;
	receive_again(u);
	update(u);
	return value;
}

static __u8 reason(struct uart *u)
{
	__u8 fifo = u->fcr & 1 ? 0xc0 : 0;

	if ((u->ier & IER_DATA) && (u->count || u->broken))
		return fifo | IIR_DATA;
	if ((u->ier & IER_EMPTY) && u->thre) {
		u->thre = false;
		update(u);
		return fifo | IIR_EMPTY;
	}
	return fifo | IIR_NONE;
}

/* In the loop the four outputs come back as inputs; else the other side is always there. */
static __u8 modem(const struct uart *u)
{
	if (!(u->mcr & MCR_LOOP))
		return 0xb0;
	return (__u8)((u->mcr & 0x2) << 3 | (u->mcr & 0x1) << 5 | (u->mcr & 0xc) << 4);
}

__u8 uart_read(struct uart *u, unsigned int reg)
{
	bool dlab = u->lcr & LCR_DLAB;

	switch (reg) {
	case DATA:
		return dlab ? u->dll : take(u);
	case IER:
		return dlab ? u->dlm : u->ier;
	case IIR:
		return reason(u);
	case LCR:
		return u->lcr;
	case MCR:
		return u->mcr;
	case LSR:
		return (__u8)(LSR_EMPTY | (u->count ? LSR_DATA : 0) |
			      (u->broken ? LSR_DATA | LSR_BREAK : 0));
	case MSR:
		return modem(u);
	default:
		return u->scr;
	}
}

/* A peer that does not read must not hold up the guest: after a while its bytes are lost. */
static void send_byte(struct uart *u, __u8 value)
{
	if (u->mcr & MCR_LOOP) {
		if (u->count < sizeof(u->fifo))
			u->fifo[(u->head + u->count++) % sizeof(u->fifo)] = value;
	} else if (u->out >= 0 && write(u->out, &value, 1) < 0 && errno == EPIPE) {
		close_peer(u);
	}
	u->thre = true;
	edge(u);
}

static void set_ier(struct uart *u, __u8 value)
{
	/* switching the interrupt on tells of an empty transmitter at once */
	if (value & ~u->ier & IER_EMPTY)
		u->thre = true;
	u->ier = value & 0xf;
	edge(u);
}

/* A break and a key, which is how SysRq comes over a serial line. */
void uart_break(struct uart *u, __u8 key)
{
	u->broken = true;
	u->head = 0;
	u->count = 1;
	u->fifo[0] = key;
	edge(u);
}

void uart_write(struct uart *u, unsigned int reg, __u8 value)
{
	bool dlab = u->lcr & LCR_DLAB;

	switch (reg) {
	case DATA:
		if (dlab)
			u->dll = value;
		else
			send_byte(u, value);
		break;
	case IER:
		if (dlab)
			u->dlm = value;
		else
			set_ier(u, value);
		break;
	case IIR:			/* written, it is the control of the FIFOs */
		u->fcr = value;
		if (value & 2) {
			u->count = 0;
			update(u);
		}
		break;
	case LCR:
		u->lcr = value;
		break;
	case MCR:
		u->mcr = value;
		break;
	case SCR:
		u->scr = value;
		break;
	}
}
