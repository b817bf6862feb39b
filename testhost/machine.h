/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine: everything that the files of the test host share; there are no globals beside it.
 * One thread for each virtual processor and one for events; one lock around all but KVM_RUN.
 * Order, each file calls only files before it: words, report, memory, loop, kvm; cpuid, boot,
 * acpi, uart, rtc, pm, testport, synic; vmbus; hypercall, vcpu; device; script, verbs; control;
 * host, opts; main.
 */
#ifndef TESTHOST_MACHINE_H
#define TESTHOST_MACHINE_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "testhost/device.h"
#include "vsp/vsp.h"

#define MAX_VCPUS	8u
#define MAX_DEVICES	64u
#define MAX_INITRDS	8u
#define MAX_WATCHES	64u

/* Guest-physical addresses. */
#define GPA_GDT		0x1000u
#define GPA_ZERO_PAGE	0x7000u
#define GPA_TABLES	0x9000u		/* page tables, six pages */
#define GPA_CMDLINE	0x20000u
#define CMDLINE_BYTES	4096u
#define GPA_EBDA	0x9fc00u
#define GPA_ACPI	0xe0000u
#define GPA_ACPI_END	0x100000u
#define GPA_LOW_END	0xc0000000u	/* RAM below 4 GiB ends here at the latest */
#define GPA_SHARED	0xd0000000u
#define SHARED_BYTES	0x10000u
#define GPA_HIGH	0x100000000ull

/* GSIs of the SynIC, one for each processor, behind those of the IOAPIC. */
#define GSI_SINT	24u

/* Exit statuses; a guest's own byte (port 0xf4) is passed on as it is. */
enum exit_status {
	EXIT_POWER_OFF	= 0,
	EXIT_USAGE	= 2,
	EXIT_RESET	= 65,
	EXIT_TRIPLE	= 66,
	EXIT_PANIC	= 67,
	EXIT_KVM	= 68,
	EXIT_CANNOT	= 77,
	EXIT_TIMEOUT	= 124,
};

/**
 * struct options - the command line
 * @kernel: bzImage or vmlinux
 * @initrd: archives, put one behind the other
 * @append: the guest's command line
 * @memory: bytes of RAM at boot
 * @hot: bytes that can be added at run time, above everything
 * @vcpus: virtual processors
 * @console: "stdout", "stdio", "none", or a file
 * @serial2: path of the UNIX socket behind the second port, or NULL
 * @events: file for event and trace lines, or NULL for stdout
 * @output: file that gets what comes through the shared area, or NULL
 * @control: path of the control socket, or NULL
 * @script: file of the script, "-" for stdin, or NULL
 * @limit: seconds after which the machine ends with 124, or 0
 * @date: first time of the clock, seconds since 1970, or 0 for now
 * @build: version that CPUID shows: major, minor, build
 * @heat: smallest order of a heat hint plus 1, 0: no extended hypercalls
 * @async: the host works in the event thread, not in the one that made the hypercall
 * @trace: print control messages
 * @stimer: offer synthetic timers
 * @direct: of them, those with direct interrupts
 * @invariant: offer TSC invariance
 * @auto_eoi: do not deprecate AutoEOI
 * @enforce: let KVM check that the guest uses only what CPUID shows
 * @plain: no Hyper-V at all: no CPUID leaves, no ACPI device
 * @no_vmbus: no ACPI device
 * @restart: start again at a reset
 * @after_crash: a crash that the guest tells of is not the end
 */
struct options {
	const char *kernel;
	const char *initrd[MAX_INITRDS];
	unsigned int initrds;
	char append[CMDLINE_BYTES];
	__u64 memory, hot;
	unsigned int vcpus;
	const char *console, *serial2, *events, *output, *control, *script;
	unsigned int limit;
	__u64 date;
	unsigned int build[3];
	unsigned int heat;
	bool async, trace, stimer, direct, invariant, auto_eoi, enforce, plain, no_vmbus, restart;
	bool after_crash;
};

struct ram {
	__u64 first, bytes;
	__u8 *at;
};

struct synic {
	__u64 control, message_page, event_page;
	int raise, eom;			/* eventfds */
	bool waits;			/* the slot was busy, EOM tells */
};

struct vcpu {
	struct machine *m;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool started;
};

struct uart {
	struct machine *m;
	unsigned int irq;
	int in, out, listener;		/* descriptors, -1 for none */
	__u8 ier, lcr, mcr, scr, fcr, dll, dlm;
	bool thre;			/* "transmitter empty" was not told yet */
	bool high;			/* state of the line */
	bool broken;			/* a break came in, before what is in the buffer */
	__u8 fifo[4096];
	unsigned int head, count;
};

struct rtc {
	__u8 index;
	__s64 offset;			/* of the guest's clock to ours, seconds */
};

struct pm {
	__u16 enable, status, control;
};

struct testport {
	FILE *input;			/* what port 0xf9 reads */
	__u8 head[8];			/* its length goes first */
	unsigned int head_at;
	__u64 left;
	__u64 markers;
	__u32 marker;			/* the last */
	int output;
};

struct call {
	void (*call)(void *context);
	void *context;
	__u64 at;			/* ns of the monotonic clock */
	int fd;
};

struct loop {
	int epoll, wake;
	pthread_mutex_t lock;		/* of posts and timers; taken with or without the big one */
	struct call *posts, *timers;
	unsigned int posted, post_room, timed, timer_room;
	struct call watch[MAX_WATCHES];
};

struct script;

struct machine {
	struct options opt;
	pthread_mutex_t lock;
	pthread_cond_t resumed;
	int kvm, vm;
	struct ram ram[3];		/* below 4 GiB, above, shared area; the last for hot-add */
	struct ram hot;
	struct vcpu vcpu[MAX_VCPUS];
	struct synic synic[MAX_VCPUS];
	struct uart uart[2];
	struct rtc rtc;
	struct pm pm;
	struct testport test;
	struct loop loop;
	__u64 entry;			/* where the guest starts */

	struct vsp *host;
	struct vsp_personality personality;
	bool pumping, pump_again, polling;
	__u64 stalled_until;		/* the host does nothing before, ns */
	__u64 hints, hinted_pages;

	struct device *device[MAX_DEVICES];
	unsigned int devices;
	struct script *script;
	/* set by higher files for lower ones to call, under the lock */
	void (*pump)(struct machine *m);
	void (*check)(struct machine *m);	/* something happened: look at the script */

	FILE *events;
	__u64 epoch;			/* ns */
	bool ending, paused;
	int status;
};

/* words.c */
bool word_is(const char *word, const char *wanted);
bool word_duration(const char *word, __u64 *us);
unsigned int word_split(char *line, char **words, unsigned int most);
void fatal(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* report.c */
__u64 now_ns(void);
__u64 machine_ns(const struct machine *m);
void report_line(struct machine *m, const char *kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void json_string(FILE *json, const char *text);

/* memory.c */
void memory_make(struct machine *m);
void *memory_map(struct machine *m, __u64 gpa, __u64 bytes);
bool memory_discard(struct machine *m, __u64 gpa, __u64 bytes);

/* loop.c */
void loop_make(struct machine *m);
void loop_run(struct machine *m);
void machine_wake(struct machine *m);
int listen_socket(const char *path, int backlog);
void machine_kick(struct machine *m);
void machine_end(struct machine *m, int status, const char *why);
void machine_pause(struct machine *m, bool pause);

/* kvm.c */
int kvm_probe(const char **why);
void kvm_make(struct machine *m);
void kvm_start(struct machine *m);
void kvm_irq(struct machine *m, unsigned int gsi, bool high);
int kvm_run(struct vcpu *v);
void kvm_set_cpuid(struct vcpu *v, struct kvm_cpuid2 *cpuid);
struct kvm_cpuid2 *kvm_cpuid(struct machine *m, int fd, unsigned long request);

/* cpuid.c */
void cpuid_base(struct kvm_cpuid2 *c, unsigned int index, unsigned int vcpus);
void cpuid_hyperv(struct kvm_cpuid2 *c, const struct options *o);
void cpuid_join(struct kvm_cpuid2 *to, const struct kvm_cpuid2 *from);

/* boot.c */
void boot_load(struct machine *m);

/* acpi.c */
unsigned int acpi_build(__u8 *at, __u64 gpa, unsigned int bytes, unsigned int vcpus, bool vmbus);

/* uart.c, rtc.c, pm.c, testport.c */
void uart_make(struct machine *m, unsigned int n, unsigned int irq, const char *where);
__u8 uart_read(struct uart *u, unsigned int reg);
void uart_write(struct uart *u, unsigned int reg, __u8 value);
void uart_break(struct uart *u, __u8 key);
void rtc_make(struct machine *m);
__u8 rtc_read(struct machine *m, unsigned int reg);
void rtc_write(struct machine *m, unsigned int reg, __u8 value);
__u8 pm_read(struct machine *m, unsigned int port);
void pm_write(struct machine *m, unsigned int port, __u8 value);
void testport_make(struct machine *m);
const char *testport_input(struct machine *m, const char *path);
void testport_fill(struct machine *m, __u8 *to, unsigned int bytes);
__u8 testport_read(struct machine *m, unsigned int port);
void testport_write(struct machine *m, unsigned int port, __u32 value);

/* synic.c */
void synic_make(struct machine *m);
void synic_set(struct machine *m, unsigned int vp, const struct kvm_hyperv_exit *exit);
bool synic_message(struct machine *m, unsigned int vp, const void *message, unsigned int bytes);
void synic_event(struct machine *m, unsigned int vp, unsigned int flag);

/* trace.c */
const char *trace_name(__u32 type);
__u32 trace_type(const char *name);
void trace_message(struct machine *m, bool to_guest, const __u8 *message, __u32 bytes,
		   __u32 connection, __u32 status);

/* vmbus.c */
void vmbus_make(struct machine *m);
__u16 vmbus_post(struct machine *m, __u32 connection, const void *message, __u32 bytes);
void vmbus_signal(struct machine *m, __u32 connection);
void vmbus_poll(struct machine *m);
void vmbus_stall(struct machine *m, __u64 us);
void vmbus_describe(struct machine *m, FILE *json);

/* device.c, beside what device.h says */
void device_sweep(struct machine *m);
void device_stop_all(struct machine *m);
void device_describe(struct device *d, FILE *json);

/* hypercall.c */
__u64 hypercall(struct machine *m, __u64 control, __u64 in, __u64 out);

/* vcpu.c */
void vcpu_make(struct machine *m);
void vcpu_start(struct machine *m);
void vcpu_stop(struct machine *m);

/* script.c, verbs.c, control.c */
const char *script_add(struct machine *m, const char *line, FILE *answer);
void script_read(struct machine *m, FILE *file, const char *name);
void script_make(struct machine *m);
const struct verb *verb_table(void);
void verb_help(FILE *to);
void control_make(struct machine *m);

/* host.c, opts.c */
const char *host_version(struct vsp_personality *p, const char *word);
const char *host_choose(struct machine *m, const char *words);
void opts_parse(struct machine *m, int argc, char **argv);

#endif
