// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ACPI tables: RSDP, XSDT, FADT, FACS, DSDT, MADT; no more is needed.
 * Calls nothing; called by boot.c, and by a test that checks lengths and sums.
 * Offsets are those of the ACPI specification, 6.3, chapter 5.2.
 */
#include <string.h>
#include "testhost/machine.h"
#include "testhost/dsdt.h"

#define IO_APIC_GPA	0xfec00000u
#define LOCAL_APIC_GPA	0xfee00000u
#define SCI		9u

struct tables {
	__u8 *at;
	__u64 gpa;
	unsigned int used, room;
};

static void put(__u8 *at, unsigned int bytes, __u64 value)
{
	while (bytes--) {
		*at++ = (__u8)value;
		value >>= 8;
	}
}

static void sum(__u8 *table, unsigned int bytes, unsigned int where)
{
	__u8 total = 0;
	unsigned int i;

	table[where] = 0;
	for (i = 0; i < bytes; i++)
		total = (__u8)(total + table[i]);
	table[where] = (__u8)-total;
}

/* Room for a table, 64-byte aligned; NULL if there is none left. */
static __u8 *take(struct tables *t, unsigned int bytes)
{
	__u8 *at = t->at + t->used;

	if (bytes > t->room - t->used)
		return NULL;
	memset(at, 0, bytes);
	t->used += (bytes + 63) / 64 * 64;
	if (t->used > t->room)
		t->used = t->room;
	return at;
}

static __u64 gpa_of(const struct tables *t, const __u8 *table)
{
	return t->gpa + (__u64)(table - t->at);
}

static void head(__u8 *table, const char *signature, unsigned int bytes, unsigned int revision)
{
	memcpy(table, signature, 4);
	put(table + 4, 4, bytes);
	table[8] = (__u8)revision;
	memcpy(table + 10, "ENLGHT", 6);
	memcpy(table + 16, "TESTHOST", 8);
	put(table + 24, 4, 1);
	memcpy(table + 28, "ENLG", 4);
	put(table + 32, 4, 1);
	sum(table, bytes, 9);
}

static __u8 *make_dsdt(struct tables *t, bool vmbus)
{
	__u8 *table = take(t, sizeof(dsdt));
	unsigned int i;

	if (!table)
		return NULL;
	memcpy(table, dsdt, sizeof(dsdt));
	/* Name (\VMBE, byte): the name, the byte prefix, the byte */
	for (i = 36; i + 6 < sizeof(dsdt); i++) {
		if (!memcmp(table + i, "VMBE\x0a", 5))
			table[i + 5] = vmbus ? 0xf : 0;
	}
	sum(table, sizeof(dsdt), 9);
	return table;
}

static void gas_io(__u8 *at, unsigned int bits, unsigned int port)
{
	at[0] = 1;			/* system I/O */
	at[1] = (__u8)bits;
	at[3] = (__u8)(bits / 8);
	put(at + 4, 8, port);
}

static __u8 *make_fadt(struct tables *t, __u64 facs, __u64 dsdt_gpa)
{
	__u8 *f = take(t, 276);

	if (!f)
		return NULL;
	put(f + 36, 4, facs);
	put(f + 40, 4, dsdt_gpa);
	put(f + 46, 2, SCI);
	put(f + 56, 4, 0x600);		/* PM1a event block */
	put(f + 64, 4, 0x604);		/* PM1a control block */
	f[88] = 4;
	f[89] = 2;
	put(f + 96, 2, 0xffff);		/* no C2 */
	put(f + 98, 2, 0xffff);		/* no C3 */
	f[108] = 0x32;			/* century, in the clock */
	put(f + 109, 2, 1 | 4 | 0x10);	/* legacy devices; no VGA; no ASPM; no 8042 */
	/* WBINVD, PROC_C1, no fixed power and sleep buttons, reset register */
	put(f + 112, 4, 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 10);
	gas_io(f + 116, 8, 0xcf9);
	f[128] = 6;
	f[131] = 3;			/* minor version: 6.3 */
	put(f + 140, 8, dsdt_gpa);
	gas_io(f + 148, 32, 0x600);
	gas_io(f + 172, 16, 0x604);
	head(f, "FACP", 276, 6);
	return f;
}

static __u8 *make_facs(struct tables *t)
{
	__u8 *f = take(t, 64);

	if (f) {
		memcpy(f, "FACS", 4);
		put(f + 4, 4, 64);
		f[32] = 2;
	}
	return f;
}

static __u8 *make_madt(struct tables *t, unsigned int vcpus)
{
	unsigned int bytes = 44 + 8 * vcpus + 12 + 10 + 6;
	__u8 *table = take(t, bytes);
	__u8 *p = table;
	unsigned int i;

	if (!table)
		return NULL;
	put(p + 36, 4, LOCAL_APIC_GPA);
	put(p + 40, 4, 1);		/* there are PICs too */
	for (i = 0, p += 44; i < vcpus; i++, p += 8) {
		p[1] = 8;
		p[2] = (__u8)i;		/* processor */
		p[3] = (__u8)i;		/* APIC */
		put(p + 4, 4, 1);
	}
	p[0] = 1;			/* the IO-APIC */
	p[1] = 12;
	put(p + 4, 4, IO_APIC_GPA);
	p += 12;
	p[0] = 2;			/* the SCI is level-triggered, active high */
	p[1] = 10;
	p[3] = SCI;
	put(p + 4, 4, SCI);
	put(p + 8, 2, 0xd);
	p += 10;
	p[0] = 4;			/* NMI on LINT1 of all processors */
	p[1] = 6;
	p[2] = 0xff;
	p[5] = 1;
	head(table, "APIC", bytes, 5);
	return table;
}

static __u8 *make_xsdt(struct tables *t, __u64 fadt, __u64 madt)
{
	__u8 *x = take(t, 36 + 16);

	if (!x)
		return NULL;
	put(x + 36, 8, fadt);
	put(x + 44, 8, madt);
	head(x, "XSDT", 36 + 16, 1);
	return x;
}

/**
 * acpi_build - write the tables
 * @at: where to
 * @gpa: what the guest calls that place; the RSDP is its first byte
 * @bytes: room
 * @vcpus: processors
 * @vmbus: there is a VMBus device
 *
 * Returns the bytes used, or 0 if they do not fit.
 */
unsigned int acpi_build(__u8 *at, __u64 gpa, unsigned int bytes, unsigned int vcpus, bool vmbus)
{
	struct tables t = { .at = at, .gpa = gpa, .room = bytes };
	__u8 *rsdp = take(&t, 36);
	__u8 *facs = make_facs(&t);
	__u8 *dsdt_at = make_dsdt(&t, vmbus);
	__u8 *fadt, *madt, *xsdt;

	if (!rsdp || !facs || !dsdt_at)
		return 0;
	fadt = make_fadt(&t, gpa_of(&t, facs), gpa_of(&t, dsdt_at));
	madt = make_madt(&t, vcpus);
	if (!fadt || !madt)
		return 0;
	xsdt = make_xsdt(&t, gpa_of(&t, fadt), gpa_of(&t, madt));
	if (!xsdt)
		return 0;
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, "ENLGHT", 6);
	rsdp[15] = 2;
	put(rsdp + 20, 4, 36);
	put(rsdp + 24, 8, gpa_of(&t, xsdt));
	sum(rsdp, 20, 8);
	sum(rsdp, 36, 32);
	return t.used;
}
