// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls to KVM, in the order that it wants them: machine, memory, processors, routes, irqfds.
 * Calls words.c; called by main.c to set up, by vcpu.c to run, by devices for their interrupts.
 * What each call is for and why here: docs/testhost.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "testhost/machine.h"

#define TSS_GPA		0xfffbd000u	/* three pages that Intel needs, below the BIOS area */
#define IDENTITY_GPA	0xfffbc000u
#define MSR_MTRR_DEF	0x2ffu
#define MTRR_ON_WB	0x806u
#define CPUIDS		256u

static long call(int fd, unsigned long request, unsigned long argument, const char *what)
{
	long r = ioctl(fd, request, argument);

	if (r < 0)
		fatal(EXIT_KVM, "KVM: %s: %s", what, strerror(errno));
	return r;
}

#define CALL(fd, request, argument) \
	call(fd, request, (unsigned long)(argument), #request)

/* 0: this machine's KVM can carry a guest with VMBus. 77 and why not otherwise. */
int kvm_probe(const char **why)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm;

	*why = "there is no /dev/kvm that can be opened";
	if (kvm < 0)
		return EXIT_CANNOT;
	*why = "its KVM is not API version 12";
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return EXIT_CANNOT;
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	*why = "its KVM makes no virtual machine";
	if (vm < 0)
		return EXIT_CANNOT;
	*why = "its KVM has no SynIC of Hyper-V (KVM_CAP_HYPERV_SYNIC2, KVM_CAP_HYPERV_EVENTFD)";
	if (ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_HYPERV_SYNIC2) <= 0 ||
	    ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_HYPERV_EVENTFD) <= 0)
		return EXIT_CANNOT;
	*why = "it can";
	close(vm);
	close(kvm);
	return 0;
}

static void add_memory(struct machine *m, unsigned int slot, const struct ram *r)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = r->first,
		.memory_size = r->bytes,
		.userspace_addr = (unsigned long)r->at,
	};

	if (r->bytes)
		CALL(m->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static void add_vcpu(struct machine *m, unsigned int index)
{
	struct vcpu *v = &m->vcpu[index];
	struct kvm_enable_cap cap = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry msr;
	} mtrr = { .head.nmsrs = 1, .msr = { .index = MSR_MTRR_DEF, .data = MTRR_ON_WB } };
	long bytes = CALL(m->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	v->m = m;
	v->index = index;
	v->fd = (int)CALL(m->vm, KVM_CREATE_VCPU, index);
	v->run = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED)
		fatal(EXIT_KVM, "KVM: mmap of a processor: %s", strerror(errno));
	if (!m->opt.plain)
		CALL(v->fd, KVM_ENABLE_CAP, &cap);
	if (m->opt.enforce) {
		cap.cap = KVM_CAP_HYPERV_ENFORCE_CPUID;
		cap.args[0] = 1;
		CALL(v->fd, KVM_ENABLE_CAP, &cap);
	}
	/* without it the guest would take all memory for uncached */
	if (ioctl(v->fd, KVM_SET_MSRS, &mtrr) != 1)
		fatal(EXIT_KVM, "KVM: KVM_SET_MSRS of MTRRdefType: %s", strerror(errno));
}

/* Machine, memory, processors. Their CPUID comes next, then kvm_start(). */
void kvm_make(struct machine *m)
{
	struct kvm_pit_config pit = { .flags = 0 };
	__u64 identity = IDENTITY_GPA;
	unsigned int i;

	m->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (m->kvm < 0)
		fatal(EXIT_CANNOT, "/dev/kvm: %s", strerror(errno));
	m->vm = (int)CALL(m->kvm, KVM_CREATE_VM, 0);
	CALL(m->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity);
	CALL(m->vm, KVM_SET_TSS_ADDR, TSS_GPA);
	CALL(m->vm, KVM_CREATE_IRQCHIP, 0);
	/* a guest of Hyper-V is told the frequencies, any other measures them */
	if (m->opt.plain)
		CALL(m->vm, KVM_CREATE_PIT2, &pit);
	for (i = 0; i < 3; i++)
		add_memory(m, i, &m->ram[i]);
	add_memory(m, 3, &m->hot);
	for (i = 0; i < m->opt.vcpus; i++)
		add_vcpu(m, i);
}

/* What KVM supports (@request: base or Hyper-V leaves), in a table with room for more. */
struct kvm_cpuid2 *kvm_cpuid(struct machine *m, int fd, unsigned long request)
{
	struct kvm_cpuid2 *c = calloc(1, sizeof(*c) + CPUIDS * sizeof(c->entries[0]));

	if (!c)
		fatal(EXIT_KVM, "no memory");
	c->nent = CPUIDS;
	CALL(fd < 0 ? m->kvm : fd, request, c);
	return c;
}

void kvm_set_cpuid(struct vcpu *v, struct kvm_cpuid2 *cpuid)
{
	CALL(v->fd, KVM_SET_CPUID2, cpuid);
}

static void add_pin(struct kvm_irq_routing *r, unsigned int gsi, unsigned int chip,
		    unsigned int pin)
{
	struct kvm_irq_routing_entry *e = &r->entries[r->nr++];

	e->gsi = gsi;
	e->type = KVM_IRQ_ROUTING_IRQCHIP;
	e->u.irqchip.irqchip = chip;
	e->u.irqchip.pin = pin;
}

/* The call replaces the whole table, and KVM remembers a SINT only once its SynIC is active. */
static void route(struct machine *m)
{
	struct kvm_irq_routing *r = calloc(1, sizeof(*r) + 64 * sizeof(r->entries[0]));
	unsigned int i;

	if (!r)
		fatal(EXIT_KVM, "no memory");
	for (i = 0; i < 24; i++)
		add_pin(r, i, KVM_IRQCHIP_IOAPIC, i);
	for (i = 0; i < 16; i++) {
		if (i != 2)
			add_pin(r, i, i < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE, i % 8);
	}
	for (i = 0; i < m->opt.vcpus && !m->opt.plain; i++) {
		struct kvm_irq_routing_entry *e = &r->entries[r->nr++];

		e->gsi = GSI_SINT + i;
		e->type = KVM_IRQ_ROUTING_HV_SINT;
		e->u.hv_sint.vcpu = i;
		e->u.hv_sint.sint = ENL_VMBUS_SINT;
	}
	CALL(m->vm, KVM_SET_GSI_ROUTING, r);
	free(r);
}

static void add_irqfd(struct machine *m, unsigned int index)
{
	struct synic *s = &m->synic[index];
	struct kvm_irqfd irqfd = { .gsi = GSI_SINT + index, .flags = KVM_IRQFD_FLAG_RESAMPLE };

	s->raise = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->eom = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->raise < 0 || s->eom < 0)
		fatal(EXIT_KVM, "eventfd: %s", strerror(errno));
	irqfd.fd = s->raise;
	irqfd.resamplefd = s->eom;
	CALL(m->vm, KVM_IRQFD, &irqfd);
}

static void segment(struct kvm_segment *s, unsigned int selector, unsigned int type, bool code)
{
	memset(s, 0, sizeof(*s));
	s->limit = 0xffffffff;
	s->selector = (__u16)selector;
	s->type = (__u8)type;
	s->present = 1;
	s->s = 1;
	s->g = 1;
	s->l = code;
	s->db = !code;
}

/* The first processor starts in 64-bit mode, as the boot protocol says; the others wait. */
static void enter(struct machine *m)
{
	struct kvm_regs regs = {
		.rip = m->entry, .rsi = GPA_ZERO_PAGE, .rsp = GPA_ZERO_PAGE, .rflags = 2,
	};
	struct kvm_sregs s;
	int fd = m->vcpu[0].fd;

	CALL(fd, KVM_GET_SREGS, &s);
	segment(&s.cs, 0x10, 11, true);
	segment(&s.ds, 0x18, 3, false);
	s.es = s.ds;
	s.fs = s.ds;
	s.gs = s.ds;
	s.ss = s.ds;
	s.gdt.base = GPA_GDT;
	s.gdt.limit = 4 * 8 - 1;
	s.cr0 = 0x80000033;		/* PG NE ET MP PE */
	s.cr3 = GPA_TABLES;
	s.cr4 = 0x20;			/* PAE */
	s.efer = 0x500;			/* LMA LME */
	CALL(fd, KVM_SET_SREGS, &s);
	CALL(fd, KVM_SET_REGS, &regs);
}

void kvm_start(struct machine *m)
{
	unsigned int i;

	route(m);
	for (i = 0; i < m->opt.vcpus && !m->opt.plain; i++)
		add_irqfd(m, i);
	enter(m);
}

void kvm_irq(struct machine *m, unsigned int gsi, bool high)
{
	struct kvm_irq_level level = { .irq = gsi, .level = high };

	CALL(m->vm, KVM_IRQ_LINE, &level);
}

/* 0 if there is an exit to look at, EINTR, or another errno. Without the lock. */
int kvm_run(struct vcpu *v)
{
	return ioctl(v->fd, KVM_RUN, 0) < 0 ? errno : 0;
}
