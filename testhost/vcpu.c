// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processors: one thread each, which runs the guest and serves its exits under the lock.
 * Calls kvm.c, cpuid.c, the devices with ports, synic.c and hypercall.c; called by main.c.
 * An exit that nobody expects ends the machine: a silent guess would hide a fault of ours.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "testhost/machine.h"

#define PCI_ADDRESS	0xcf8u	/* looking for PCI writes words, with the reset register in them */

static __u8 port_in(struct machine *m, unsigned int port)
{
	switch (port) {
	case 0x2f8 ... 0x2ff:
		return uart_read(&m->uart[1], port - 0x2f8);
	case 0x3f8 ... 0x3ff:
		return uart_read(&m->uart[0], port - 0x3f8);
	case 0x70 ... 0x71:
		return rtc_read(m, port - 0x70);
	case 0x600 ... 0x605:
	case 0x64:
		return pm_read(m, port);
	case 0xf4 ... 0xf6:
		return testport_read(m, port);
	default:
		return 0xff;
	}
}

static void port_out(struct machine *m, unsigned int port, __u8 value)
{
	switch (port) {
	case 0x2f8 ... 0x2ff:
		uart_write(&m->uart[1], port - 0x2f8, value);
		break;
	case 0x3f8 ... 0x3ff:
		uart_write(&m->uart[0], port - 0x3f8, value);
		break;
	case 0x70 ... 0x71:
		rtc_write(m, port - 0x70, value);
		break;
	case 0x600 ... 0x605:
	case 0x64:
	case 0xcf9:
		pm_write(m, port, value);
		break;
	}
}

/* Ports of more than a byte: the test ports take a number whole, the others byte by byte. */
static void io_once(struct machine *m, const struct kvm_run *r, __u8 *data)
{
	bool in = r->io.direction == KVM_EXIT_IO_IN;
	__u32 value = 0;
	unsigned int i;

	if (!in && (r->io.port == 0xec || r->io.port == 0xf4 || r->io.port == 0xf5)) {
		memcpy(&value, data, r->io.size);
		testport_write(m, r->io.port, value);
		return;
	}
	for (i = 0; i < r->io.size; i++) {
		if (in)
			data[i] = port_in(m, r->io.port + i);
		else if (r->io.port != PCI_ADDRESS)
			port_out(m, r->io.port + i, data[i]);
	}
}

static void io(struct machine *m, const struct kvm_run *r)
{
	__u8 *data = (__u8 *)(unsigned long)r + r->io.data_offset;
	unsigned int i;

	if (r->io.port == 0xf9 && r->io.direction == KVM_EXIT_IO_IN) {
		testport_fill(m, data, r->io.size * r->io.count);
		return;
	}
	for (i = 0; i < r->io.count; i++)
		io_once(m, r, data + i * r->io.size);
}

static void hyperv(struct vcpu *v, struct kvm_run *r)
{
	switch (r->hyperv.type) {
	case KVM_EXIT_HYPERV_SYNIC:
		synic_set(v->m, v->index, &r->hyperv);
		break;
	case KVM_EXIT_HYPERV_HCALL:
		r->hyperv.u.hcall.result = hypercall(v->m, r->hyperv.u.hcall.input,
						     r->hyperv.u.hcall.params[0],
						     r->hyperv.u.hcall.params[1]);
		break;
	}
}

static void system_event(struct machine *m, const struct kvm_run *r)
{
	switch (r->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		machine_end(m, EXIT_POWER_OFF, "power-off");
		break;
	case KVM_SYSTEM_EVENT_RESET:
		report(m, "reset", "by=msr");
		machine_end(m, EXIT_RESET, "reset");
		break;
	case KVM_SYSTEM_EVENT_CRASH:
		/* the guest goes on: what it does then (kdump, reset) is its affair */
		report(m, "crash", "told=1");
		m->status = EXIT_PANIC;
		m->check(m);
		if (!m->opt.after_crash)
			machine_end(m, EXIT_PANIC, "crash");
		break;
	}
}

static void mmio(struct machine *m, struct kvm_run *r)
{
	report(m, "mmio", "gpa=0x%llx write=%u bytes=%u", (unsigned long long)r->mmio.phys_addr,
	       r->mmio.is_write, r->mmio.len);
	if (!r->mmio.is_write)
		memset(r->mmio.data, 0xff, sizeof(r->mmio.data));
}

static void serve(struct vcpu *v)
{
	struct machine *m = v->m;
	struct kvm_run *r = v->run;

	switch (r->exit_reason) {
	case KVM_EXIT_IO:
		io(m, r);
		break;
	case KVM_EXIT_HYPERV:
		hyperv(v, r);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		system_event(m, r);
		break;
	case KVM_EXIT_MMIO:
		mmio(m, r);
		break;
	case KVM_EXIT_INTR:
		break;
	case KVM_EXIT_SHUTDOWN:
		machine_end(m, EXIT_TRIPLE, "triple-fault");
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		report(m, "kvm", "suberror=%u", r->internal.suberror);
		machine_end(m, EXIT_KVM, "kvm-internal-error");
		break;
	case KVM_EXIT_FAIL_ENTRY:
		report(m, "kvm", "entry=0x%llx",
		       (unsigned long long)r->fail_entry.hardware_entry_failure_reason);
		machine_end(m, EXIT_KVM, "kvm-fail-entry");
		break;
	default:
		report(m, "kvm", "exit=%u", r->exit_reason);
		machine_end(m, EXIT_KVM, "kvm-exit");
	}
}

static void *run(void *context)
{
	struct vcpu *v = context;
	struct machine *m = v->m;
	int error;

	machine_lock(m);
	while (!m->ending) {
		if (m->paused) {
			pthread_cond_wait(&m->resumed, &m->lock);
			continue;
		}
		v->run->immediate_exit = 0;
		machine_unlock(m);
		error = kvm_run(v);
		machine_lock(m);
		if (!error) {
			serve(v);
		} else if (error != EINTR && error != EAGAIN) {
			report(m, "kvm", "errno=%d", error);
			machine_end(m, EXIT_KVM, "kvm-error");
		}
	}
	machine_unlock(m);
	return NULL;
}

static void set_cpuid(struct machine *m, struct vcpu *v)
{
	struct kvm_cpuid2 *base = kvm_cpuid(m, -1, KVM_GET_SUPPORTED_CPUID);
	struct kvm_cpuid2 *hv;

	cpuid_base(base, v->index, m->opt.vcpus);
	if (!m->opt.plain) {
		hv = kvm_cpuid(m, v->fd, KVM_GET_SUPPORTED_HV_CPUID);
		cpuid_hyperv(hv, &m->opt);
		cpuid_join(base, hv);
		free(hv);
	}
	kvm_set_cpuid(v, base);
	free(base);
}

void vcpu_make(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->opt.vcpus; i++)
		set_cpuid(m, &m->vcpu[i]);
}

void vcpu_start(struct machine *m)
{
	unsigned int i;

	machine_lock(m);
	for (i = 0; i < m->opt.vcpus; i++) {
		struct vcpu *v = &m->vcpu[i];

		if (pthread_create(&v->thread, NULL, run, v))
			fatal(EXIT_KVM, "cannot start a thread");
		v->started = true;
	}
	machine_unlock(m);
}

/* The machine ended: a kick may have come between the look at it and KVM_RUN, so kick again. */
void vcpu_stop(struct machine *m)
{
	struct timespec until;
	unsigned int i;

	for (i = 0; i < m->opt.vcpus; i++) {
		do {
			machine_kick(m);
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += 50000000;
			if (until.tv_nsec >= 1000000000) {
				until.tv_nsec -= 1000000000;
				until.tv_sec++;
			}
		} while (pthread_timedjoin_np(m->vcpu[i].thread, NULL, &until));
		m->vcpu[i].started = false;
	}
}
