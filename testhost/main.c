// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test host: a machine on KVM whose Hyper-V is the host model of vsp/.
 * Calls every file of this folder in order; the order is that of machine.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "testhost/machine.h"

#define STARTED	"TESTHOST_STARTED"

static void time_is_up(void *context)
{
	machine_end(context, EXIT_TIMEOUT, "limit");
}

/* The limit counts from the first start, however often the guest resets. */
static void set_limit(struct machine *m)
{
	__u64 limit = m->opt.limit * 1000000ull;
	__u64 gone = machine_ns(m) / 1000;

	if (limit)
		machine_after(m, gone < limit ? limit - gone : 0, time_is_up, m);
}

/* Time goes on over a restart: the next one finds in its environment when it began. */
static void restart(struct machine *m, char **argv)
{
	setenv(STARTED, wrong("%llu", (unsigned long long)m->epoch), 1);
	execv("/proc/self/exe", argv);
	fatal(EXIT_KVM, "cannot start again: %s", strerror(errno));
}

static void open_events(struct machine *m)
{
	m->events = stdout;
	if (!m->opt.events)
		return;
	m->events = fopen(m->opt.events, "ae");
	if (!m->events)
		fatal(EXIT_USAGE, "%s: %s", m->opt.events, strerror(errno));
}

/* Everything up to the first instruction of the guest. */
static void make(struct machine *m)
{
	const char *why;

	if (kvm_probe(&why))
		fatal(EXIT_CANNOT, "skipped: %s", why);
	memory_make(m);
	synic_make(m);
	kvm_make(m);
	vcpu_make(m);
	boot_load(m);
	kvm_start(m);
	uart_make(m, 0, 4, m->opt.console);
	uart_make(m, 1, 3, m->opt.serial2);
	rtc_make(m);
	testport_make(m);
	vmbus_make(m);
}

static void offer_all(struct machine *m)
{
	const char *why;
	unsigned int i;

	for (i = 0; i < m->devices; i++) {
		why = device_offer(m->device[i]);
		if (why)
			fatal(EXIT_USAGE, "%s", why);
	}
}

static void say_last(struct machine *m)
{
	char text[2048];
	FILE *json = fmemopen(text, sizeof(text), "w");

	if (!json)
		return;
	vmbus_describe(m, json);
	fclose(json);
	report(m, "account", "{%s}", text);
}

int main(int argc, char **argv)
{
	static struct machine machine;
	struct machine *m = &machine;

	m->epoch = now_ns();
	if (getenv(STARTED))
		m->epoch = strtoull(getenv(STARTED), NULL, 10);
	m->events = stdout;
	loop_make(m);
	opts_parse(m, argc, argv);
	open_events(m);
	make(m);
	offer_all(m);
	script_make(m);
	control_make(m);
	set_limit(m);
	report(m, "start", "cpus=%u memory=%llu host=%s", m->opt.vcpus,
	       (unsigned long long)m->opt.memory, m->personality.name);
	vcpu_start(m);
	loop_run(m);
	vcpu_stop(m);
	device_stop_all(m);
	say_last(m);
	fflush(NULL);
	if (m->status == EXIT_RESET && m->opt.restart)
		restart(m, argv);
	return m->status;
}
