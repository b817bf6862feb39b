// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel images and ACPI tables: headers that lie are refused, tables add up to zero.
 * Calls testhost/image.c, acpi.c, cpuid.c; built by tools/shim/units, not for the kernel.
 */
#include <elf.h>
#include <kunit/test.h>
#include <stdlib.h>
#include <string.h>
#include "testhost/image.h"
#include "testhost/machine.h"
#include "vsp/fault.h"

#define BZ_BYTES	0x2000u

static void put(__u8 *at, unsigned int bytes, __u64 value)
{
	memcpy(at, &value, bytes);
}

/* The memory ends where the file does, so that the sanitizer sees a read behind it. */
static __u8 *make_bzimage(struct kunit *test)
{
	__u8 *f = calloc(1, BZ_BYTES);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f[0x1f1] = 4;
	put(f + 0x1fe, 2, 0xaa55);
	f[0x201] = 0x6a;
	memcpy(f + 0x202, "HdrS", 4);
	put(f + 0x206, 2, 0x20f);
	put(f + 0x236, 2, 1);
	put(f + 0x258, 8, 0x1000000);
	put(f + 0x260, 4, 0x4000000);
	return f;
}

static void bzimage(struct kunit *test)
{
	__u8 *f = make_bzimage(test);
	struct image i;

	KUNIT_EXPECT_NULL(test, image_parse(f, BZ_BYTES, &i));
	KUNIT_EXPECT_EQ(test, i.entry, 0x1000200);
	KUNIT_EXPECT_EQ(test, i.end, 0x5000000);
	KUNIT_ASSERT_EQ(test, i.segments, 1);
	KUNIT_EXPECT_EQ(test, i.segment[0].bytes, BZ_BYTES - 5 * 512);
	KUNIT_EXPECT_PTR_EQ(test, i.segment[0].from, (const __u8 *)f + 5 * 512);
	KUNIT_EXPECT_EQ(test, i.header_bytes, 0x202 + 0x6a - 0x1f1);
	free(f);
}

static void bad_bzimage(struct kunit *test)
{
	static const struct {
		unsigned int at, bytes;
		__u64 value;
	} t[] = {
		{ 0x1f1, 1, 255 },		/* setup longer than the file */
		{ 0x1fe, 2, 0 },
		{ 0x201, 1, 4 },		/* header too short */
		{ 0x202, 4, 0 },
		{ 0x206, 2, 0x20b },
		{ 0x236, 2, 0 },
		{ 0x258, 8, 0x1000 },		/* below 1 MiB */
		{ 0x258, 8, ~0ull },
		{ 0x260, 4, 1 },
	};
	struct image image;
	unsigned int i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		__u8 *f = make_bzimage(test);

		put(f + t[i].at, t[i].bytes, t[i].value);
		KUNIT_EXPECT_NOT_NULL_MSG(test, image_parse(f, BZ_BYTES, &image), "row %u", i);
		free(f);
	}
}

static __u8 *make_elf(struct kunit *test, unsigned int *bytes)
{
	Elf64_Ehdr e = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_entry = 0x1000000,
		.e_phoff = sizeof(e), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2,
	};
	Elf64_Phdr p[2] = {
		{ .p_type = PT_LOAD, .p_offset = 0x400, .p_filesz = 0x100, .p_memsz = 0x200,
		  .p_paddr = 0x1000000 },
		{ .p_type = PT_NOTE, .p_offset = ~0ull },
	};
	__u8 *f = calloc(1, 0x500);

	KUNIT_ASSERT_NOT_NULL(test, f);
	memcpy(f, &e, sizeof(e));
	memcpy(f + sizeof(e), p, sizeof(p));
	*bytes = 0x500;
	return f;
}

static void elf(struct kunit *test)
{
	unsigned int bytes;
	__u8 *f = make_elf(test, &bytes);
	struct image i;

	KUNIT_EXPECT_NULL(test, image_parse(f, bytes, &i));
	KUNIT_EXPECT_EQ(test, i.entry, 0x1000000);
	KUNIT_EXPECT_EQ(test, i.end, 0x1000200);
	KUNIT_EXPECT_EQ(test, i.segments, 1);
	KUNIT_EXPECT_NULL(test, i.header);
	free(f);
}

static void bad_elf(struct kunit *test)
{
	static const struct {
		size_t at;
		unsigned int bytes;
		__u64 value;
	} t[] = {
		{ offsetof(Elf64_Ehdr, e_machine), 2, EM_386 },
		{ offsetof(Elf64_Ehdr, e_type), 2, ET_DYN },
		{ offsetof(Elf64_Ehdr, e_phoff), 8, 0x4ff },
		{ offsetof(Elf64_Ehdr, e_phoff), 8, ~0ull },
		{ offsetof(Elf64_Ehdr, e_phnum), 2, 0xffff },
		{ offsetof(Elf64_Ehdr, e_phnum), 2, 0 },
		{ offsetof(Elf64_Ehdr, e_entry), 8, 0x2000000 },
		{ sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_offset), 8, 0x401 },
		{ sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz), 8, ~0ull },
		{ sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_memsz), 8, 1 },
		{ sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_memsz), 8, ~0ull },
		{ sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_paddr), 8, 0 },
		{ sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_paddr), 8, ~0ull },
	};
	struct image image;
	unsigned int i, bytes;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		__u8 *f = make_elf(test, &bytes);

		put(f + t[i].at, t[i].bytes, t[i].value);
		KUNIT_EXPECT_NOT_NULL_MSG(test, image_parse(f, bytes, &image), "row %u", i);
		free(f);
	}
	KUNIT_EXPECT_NOT_NULL(test, image_parse((const __u8 *)"short", 5, &image));
}

/* Bytes that are no kernel, mostly with the magic of one: nothing is read beyond the end. */
static void random_images(struct kunit *test)
{
	__u64 state = 12345;
	unsigned int n, i;

	for (n = 0; n < 20000; n++) {
		unsigned int bytes = 0x400 + (unsigned int)(vsp_next_random(&state) >> 40) % 0x400;
		unsigned int keep;
		__u8 *f = n % 2 ? make_bzimage(test) : make_elf(test, &keep);
		__u8 *exact = malloc(bytes);
		struct image image;

		KUNIT_ASSERT_NOT_NULL(test, exact);
		memset(exact, 0, bytes);
		memcpy(exact, f, bytes < 0x500 ? bytes : 0x500);
		for (i = 0; i < 4; i++) {
			__u64 r = vsp_next_random(&state);

			exact[(r >> 8) % 0x280] = (__u8)r;
		}
		if (!image_parse(exact, bytes, &image)) {
			for (i = 0; i < image.segments; i++)
				KUNIT_ASSERT_TRUE(test, image.segment[i].from >= exact &&
						  image.segment[i].from + image.segment[i].bytes <=
						  exact + bytes);
		}
		free(exact);
		free(f);
	}
}

static bool adds_up(const __u8 *at, unsigned int bytes)
{
	__u8 sum = 0;

	while (bytes--)
		sum = (__u8)(sum + *at++);
	return !sum;
}

static __u64 get(const __u8 *at, unsigned int bytes)
{
	__u64 value = 0;

	memcpy(&value, at, bytes);
	return value;
}

static void acpi(struct kunit *test)
{
	static __u8 room[0x20000];
	unsigned int vcpus, used, i;

	for (vcpus = 1; vcpus <= MAX_VCPUS; vcpus++) {
		const __u8 *xsdt, *fadt, *madt, *dsdt;
		bool vmbus = vcpus & 1;

		memset(room, 0xee, sizeof(room));
		used = acpi_build(room, 0xe0000, sizeof(room), vcpus, vmbus);
		KUNIT_ASSERT_GT(test, used, 0);
		KUNIT_EXPECT_MEMEQ(test, room, "RSD PTR ", 8);
		KUNIT_EXPECT_TRUE(test, adds_up(room, 20));
		KUNIT_EXPECT_TRUE(test, adds_up(room, 36));
		xsdt = room + (get(room + 24, 8) - 0xe0000);
		fadt = room + (get(xsdt + 36, 8) - 0xe0000);
		madt = room + (get(xsdt + 44, 8) - 0xe0000);
		dsdt = room + (get(fadt + 140, 8) - 0xe0000);
		KUNIT_EXPECT_MEMEQ(test, fadt, "FACP", 4);
		KUNIT_EXPECT_MEMEQ(test, madt, "APIC", 4);
		KUNIT_EXPECT_MEMEQ(test, dsdt, "DSDT", 4);
		KUNIT_EXPECT_TRUE(test, adds_up(xsdt, get(xsdt + 4, 4)));
		KUNIT_EXPECT_TRUE(test, adds_up(fadt, get(fadt + 4, 4)));
		KUNIT_EXPECT_TRUE(test, adds_up(madt, get(madt + 4, 4)));
		KUNIT_EXPECT_TRUE(test, adds_up(dsdt, get(dsdt + 4, 4)));
		KUNIT_EXPECT_EQ(test, get(madt + 4, 4), 72 + 8 * vcpus);
		for (i = 36; memcmp(dsdt + i, "VMBE", 4); i++)
			;
		KUNIT_EXPECT_EQ(test, dsdt[i + 5], vmbus ? 0xf : 0);
	}
	KUNIT_EXPECT_EQ(test, acpi_build(room, 0xe0000, 512, 1, true), 0);
}

static void cpuid(struct kunit *test)
{
	struct kvm_cpuid2 *c = calloc(1, sizeof(*c) + 64 * sizeof(c->entries[0]));
	struct options o = { .vcpus = 4, .build = { 10, 0, 20348 } };
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->nent = 3;
	c->entries[0].function = 1;
	c->entries[0].ecx = 1u << 5;
	c->entries[1].function = 0x40000000;
	c->entries[2].function = 0x40000003;
	cpuid_base(c, 3, 4);
	for (i = 0; i < c->nent; i++)
		KUNIT_EXPECT_NE(test, c->entries[i].function >> 28, 4);
	KUNIT_EXPECT_EQ(test, c->entries[0].ecx, 1u << 31);
	KUNIT_EXPECT_EQ(test, c->entries[0].ebx, 3u << 24 | 4 << 16);
	c->nent = 1;
	c->entries[0].function = 0x40000003;
	c->entries[0].eax = 0xaaff;
	c->entries[0].edx = 0x84d12;
	cpuid_hyperv(c, &o);
	KUNIT_EXPECT_EQ(test, c->entries[0].eax, 0xaf7);
	KUNIT_EXPECT_EQ(test, c->entries[0].ebx, 0x30);
	KUNIT_EXPECT_EQ(test, c->entries[0].edx, 0x510);
	o.heat = 1;
	o.stimer = true;
	o.direct = true;
	c->entries[0].eax = 0xaaff;
	c->entries[0].edx = 0x84d12;
	cpuid_hyperv(c, &o);
	KUNIT_EXPECT_EQ(test, c->entries[0].eax, 0xaff);
	KUNIT_EXPECT_EQ(test, c->entries[0].ebx, 0x100030);
	KUNIT_EXPECT_EQ(test, c->entries[0].edx, 0x80510);
	free(c);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(bzimage), KUNIT_CASE(bad_bzimage), KUNIT_CASE(elf), KUNIT_CASE(bad_elf),
	KUNIT_CASE(random_images), KUNIT_CASE(acpi), KUNIT_CASE(cpuid), {}
};

static struct kunit_suite suite = { .name = "testhost_image", .test_cases = cases };

kunit_test_suite(suite);
