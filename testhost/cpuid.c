// SPDX-License-Identifier: GPL-2.0-only
/*
 * What CPUID tells the guest: the processor that KVM supports, and Hyper-V on top.
 * Calls nothing; called by vcpu.c for each processor with tables that KVM filled in.
 * Leaves and bits: specification, chapter 1.
 */
#include <string.h>
#include "testhost/machine.h"

#define HV_BASE			0x40000000u
#define HV_MAX			0x40000005u

/* 0x40000003 EAX */
#define FEATURE_STIMER		(1u << 3)
#define FEATURE_REENLIGHTEN	(1u << 13)
#define FEATURE_INVARIANT	(1u << 15)
/* 0x40000003 EBX */
#define PRIVILEGE_POST		(1u << 4)
#define PRIVILEGE_SIGNAL	(1u << 5)
#define PRIVILEGE_EXTENDED	(1u << 20)
/* 0x40000003 EDX */
#define MISC_XMM_INPUT		(1u << 4)
#define MISC_FREQUENCY		(1u << 8)
#define MISC_CRASH		(1u << 10)
#define MISC_DIRECT_STIMER	(1u << 19)
/* 0x40000004 EAX */
#define HINT_REMOTE_FLUSH	(1u << 2)
#define HINT_NO_AUTO_EOI	(1u << 9)
#define HINT_CLUSTER_IPI	(1u << 10)
#define HINT_SPARSE_VPS		(1u << 11)
#define HINT_EVMCS		(1u << 14)

static struct kvm_cpuid_entry2 *find(struct kvm_cpuid2 *c, __u32 leaf)
{
	unsigned int i;

	for (i = 0; i < c->nent; i++) {
		if (c->entries[i].function == leaf)
			return &c->entries[i];
	}
	return NULL;
}

static void remove_leaves(struct kvm_cpuid2 *c, __u32 first, __u32 last)
{
	unsigned int i, kept = 0;

	for (i = 0; i < c->nent; i++) {
		if (c->entries[i].function < first || c->entries[i].function > last)
			c->entries[kept++] = c->entries[i];
	}
	c->nent = kept;
}

static struct kvm_cpuid_entry2 *append(struct kvm_cpuid2 *c, __u32 leaf, __u32 index)
{
	struct kvm_cpuid_entry2 *e = &c->entries[c->nent++];

	memset(e, 0, sizeof(*e));
	e->function = leaf;
	e->index = index;
	e->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
	return e;
}

static unsigned int bits_for(unsigned int count)
{
	unsigned int bits = 0;

	while (1u << bits < count)
		bits++;
	return bits;
}

/* One thread in each core, all cores in one package; in Intel's leaf and in AMD's. */
static void topology(struct kvm_cpuid2 *c, unsigned int index, unsigned int vcpus)
{
	struct kvm_cpuid_entry2 *e;
	unsigned int level;

	remove_leaves(c, 0xb, 0xb);
	remove_leaves(c, 0x1f, 0x1f);
	for (level = 0; level < 3; level++) {
		e = append(c, 0xb, level);
		e->eax = level == 1 ? bits_for(vcpus) : 0;
		e->ebx = level == 0 ? 1 : level == 1 ? vcpus : 0;
		e->ecx = level | (level < 2 ? (level + 1) << 8 : 0);
		e->edx = index;
	}
	e = find(c, 0x80000008);
	if (e)
		e->ecx = (vcpus - 1) | bits_for(vcpus) << 12;
	e = find(c, 0x8000001e);
	if (e) {
		e->eax = index;
		e->ebx = index;
		e->ecx = 0;
	}
}

/* The base leaves of processor @index, from those that KVM supports. */
void cpuid_base(struct kvm_cpuid2 *c, unsigned int index, unsigned int vcpus)
{
	struct kvm_cpuid_entry2 *e;

	/* KVM's own leaves would be found before those of Hyper-V */
	remove_leaves(c, HV_BASE, HV_BASE + 0xffff);
	e = find(c, 1);
	if (e) {
		e->ecx |= 1u << 31;			/* there is a hypervisor */
		e->ecx &= ~(1u << 5);			/* and no VMX */
		e->ebx = (e->ebx & 0xff00) | index << 24 | vcpus << 16;
		e->edx = (e->edx & ~(1u << 28)) | (vcpus > 1) << 28;
	}
	e = find(c, 6);
	if (!e)
		e = append(c, 6, 0);
	e->flags = 0;
	e->eax |= 1u << 2;				/* the timer runs in deep sleep too */
	e = find(c, 0x80000001);
	if (e)
		e->ecx &= ~(1u << 2);			/* no SVM */
	topology(c, index, vcpus);
}

static void set(struct kvm_cpuid2 *c, __u32 leaf, __u32 eax, __u32 ebx, __u32 ecx, __u32 edx)
{
	struct kvm_cpuid_entry2 *e = find(c, leaf);

	if (!e) {
		e = append(c, leaf, 0);
		e->flags = 0;
	}
	e->eax = eax;
	e->ebx = ebx;
	e->ecx = ecx;
	e->edx = edx;
}

static void features(struct kvm_cpuid2 *c, const struct options *o)
{
	const struct kvm_cpuid_entry2 *e = find(c, HV_BASE + 3);
	__u32 eax = e ? e->eax : 0;
	__u32 edx = e ? e->edx : 0;
	__u32 keep = MISC_XMM_INPUT | MISC_FREQUENCY | MISC_CRASH;

	eax &= ~FEATURE_REENLIGHTEN;
	if (!o->invariant)
		eax &= ~FEATURE_INVARIANT;
	if (!o->stimer)
		eax &= ~FEATURE_STIMER;
	if (o->stimer && o->direct)
		keep |= MISC_DIRECT_STIMER;
	set(c, HV_BASE + 3, eax,
	    PRIVILEGE_POST | PRIVILEGE_SIGNAL | (o->heat ? PRIVILEGE_EXTENDED : 0), 0, edx & keep);
}

static void recommendations(struct kvm_cpuid2 *c, const struct options *o)
{
	const struct kvm_cpuid_entry2 *e = find(c, HV_BASE + 4);
	__u32 eax = e ? e->eax & ~HINT_EVMCS : 0;

	if (o->vcpus == 1)
		eax &= ~(HINT_REMOTE_FLUSH | HINT_CLUSTER_IPI | HINT_SPARSE_VPS);
	if (o->auto_eoi)
		eax &= ~HINT_NO_AUTO_EOI;
	else
		eax |= HINT_NO_AUTO_EOI;
	set(c, HV_BASE + 4, eax, e ? e->ebx : 0, 0, 0);
}

/* The leaves of Hyper-V, from those that KVM can serve. */
void cpuid_hyperv(struct kvm_cpuid2 *c, const struct options *o)
{
	__u32 name[3];

	/* without this name Linux takes it for another hypervisor */
	memcpy(name, "Microsoft Hv", sizeof(name));
	remove_leaves(c, 0, HV_BASE - 1);
	remove_leaves(c, HV_MAX + 1, ~0u);
	set(c, HV_BASE, HV_MAX, name[0], name[1], name[2]);
	set(c, HV_BASE + 1, 0x31237648, 0, 0, 0);		/* Hv#1 */
	set(c, HV_BASE + 2, o->build[2], o->build[0] << 16 | o->build[1], 0, 0);
	features(c, o);
	recommendations(c, o);
	set(c, HV_BASE + 5, 64, 64, 0, 0);
}

void cpuid_join(struct kvm_cpuid2 *to, const struct kvm_cpuid2 *from)
{
	unsigned int i;

	for (i = 0; i < from->nent; i++)
		to->entries[to->nent++] = from->entries[i];
}
