// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts the guest into memory: kernel, initramfs archives, command line, map, tables.
 * Calls image.c, acpi.c and memory.c; called by main.c once.
 * The guest starts in 64-bit mode (kvm.c) with the zero page that is filled in here.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "testhost/image.h"
#include "testhost/machine.h"

#define ZP_ACPI_RSDP	0x070u
#define ZP_E820_COUNT	0x1e8u
#define ZP_HEADER	0x1f1u
#define ZP_LOADER	0x210u
#define ZP_LOADFLAGS	0x211u
#define ZP_RAMDISK	0x218u
#define ZP_CMDLINE	0x228u
#define ZP_ALIGNMENT	0x230u
#define ZP_CMDLINE_SIZE	0x238u
#define ZP_E820		0x2d0u

#define INITRD_TOP	0x80000000ull	/* what a kernel without a header surely can reach */

enum { E820_RAM = 1, E820_RESERVED = 2 };

struct file {
	const __u8 *at;
	__u64 bytes;
};

static struct file file_map(const char *path)
{
	struct file f = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat s;
	void *at;

	if (fd < 0 || fstat(fd, &s))
		fatal(EXIT_USAGE, "%s: %s", path, strerror(errno));
	if (!S_ISREG(s.st_mode) || !s.st_size)
		fatal(EXIT_USAGE, "%s: not a file, or empty", path);
	at = mmap(NULL, s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		fatal(EXIT_USAGE, "%s: %s", path, strerror(errno));
	close(fd);
	f.at = at;
	f.bytes = (__u64)s.st_size;
	return f;
}

static void file_unmap(struct file *f)
{
	munmap((void *)(unsigned long)f->at, f->bytes);
}

static void put(__u8 *at, unsigned int bytes, __u64 value)
{
	while (bytes--) {
		*at++ = (__u8)value;
		value >>= 8;
	}
}

static void *need(struct machine *m, __u64 gpa, __u64 bytes, const char *what)
{
	void *at = memory_map(m, gpa, bytes);

	if (!at)
		fatal(EXIT_USAGE, "%s does not fit into %llu MiB of memory", what,
		      (unsigned long long)m->opt.memory >> 20);
	return at;
}

/* A zero page without a header gets the least of one, as for a bzImage of that kernel. */
static void make_header(__u8 *zero_page)
{
	put(zero_page + 0x1fe, 2, 0xaa55);
	memcpy(zero_page + 0x202, "HdrS", 4);
	put(zero_page + 0x206, 2, 0x20f);
	zero_page[ZP_LOADFLAGS] = 1;
	put(zero_page + ZP_ALIGNMENT, 4, 0x200000);
	put(zero_page + ZP_CMDLINE_SIZE, 4, CMDLINE_BYTES - 1);
}

static __u64 load_kernel(struct machine *m, __u8 *zero_page)
{
	struct file f = file_map(m->opt.kernel);
	struct image image;
	const char *why = image_parse(f.at, f.bytes, &image);
	unsigned int i;

	if (why)
		fatal(EXIT_USAGE, "%s: %s", m->opt.kernel, why);
	need(m, 0x100000, image.end - 0x100000, "the kernel");
	for (i = 0; i < image.segments; i++)
		memcpy(need(m, image.segment[i].to, image.segment[i].bytes_in_memory, "a segment"),
		       image.segment[i].from, image.segment[i].bytes);
	if (image.header)
		memcpy(zero_page + ZP_HEADER, image.header, image.header_bytes);
	else
		make_header(zero_page);
	m->entry = image.entry;
	file_unmap(&f);
	return image.end;
}

/* The archives lie one behind the other, each on a multiple of four, at the top of memory. */
static void load_initrds(struct machine *m, __u8 *zero_page, __u64 kernel_end)
{
	struct file f[MAX_INITRDS];
	__u64 total = 0, at, top = m->ram[0].bytes;
	unsigned int i;

	for (i = 0; i < m->opt.initrds; i++) {
		f[i] = file_map(m->opt.initrd[i]);
		total += (f[i].bytes + 3) / 4 * 4;
	}
	if (!total)
		return;
	if (top > INITRD_TOP)
		top = INITRD_TOP;
	if (total > top || (top - total) / 4096 * 4096 < kernel_end)
		fatal(EXIT_USAGE, "kernel and initramfs do not fit into %llu MiB of memory",
		      (unsigned long long)m->opt.memory >> 20);
	at = (top - total) / 4096 * 4096;
	put(zero_page + ZP_RAMDISK, 4, at);
	put(zero_page + ZP_RAMDISK + 4, 4, total);
	for (i = 0; i < m->opt.initrds; i++) {
		memcpy(need(m, at, f[i].bytes, "the initramfs"), f[i].at, f[i].bytes);
		at += (f[i].bytes + 3) / 4 * 4;
		file_unmap(&f[i]);
	}
}

static void add_e820(__u8 *zero_page, __u64 first, __u64 end, unsigned int type)
{
	__u8 *e = zero_page + ZP_E820 + 20 * zero_page[ZP_E820_COUNT];

	if (end <= first)
		return;
	put(e, 8, first);
	put(e + 8, 8, end - first);
	put(e + 16, 4, type);
	zero_page[ZP_E820_COUNT]++;
}

/* What can be hot-added is not in the map: the guest learns of it when it is added. */
static void make_map(struct machine *m, __u8 *zero_page)
{
	add_e820(zero_page, 0, GPA_EBDA, E820_RAM);
	add_e820(zero_page, GPA_EBDA, 0xa0000, E820_RESERVED);
	add_e820(zero_page, GPA_ACPI, GPA_ACPI_END, E820_RESERVED);
	add_e820(zero_page, GPA_ACPI_END, m->ram[0].bytes, E820_RAM);
	add_e820(zero_page, GPA_SHARED, GPA_SHARED + SHARED_BYTES, E820_RESERVED);
	add_e820(zero_page, GPA_HIGH, GPA_HIGH + m->ram[1].bytes, E820_RAM);
}

/* The first 4 GiB one to one, in pages of 2 MiB; and the two segments that the entry wants. */
static void make_tables(struct machine *m)
{
	__u64 *t = need(m, GPA_TABLES, 6 * 4096, "the page tables");
	__u64 *gdt = need(m, GPA_GDT, 4 * 8, "the segment table");
	unsigned int i;

	t[0] = GPA_TABLES + 4096 + 3;
	for (i = 0; i < 4; i++)
		t[512 + i] = GPA_TABLES + 4096ull * (2 + i) + 3;
	for (i = 0; i < 2048; i++)
		t[1024 + i] = (__u64)i << 21 | 0x83;
	gdt[2] = 0x00af9a000000ffffull;
	gdt[3] = 0x00cf92000000ffffull;
}

void boot_load(struct machine *m)
{
	__u8 *zero_page = need(m, GPA_ZERO_PAGE, 4096, "the zero page");
	__u64 kernel_end = load_kernel(m, zero_page);

	zero_page[ZP_LOADER] = 0xff;
	put(zero_page + ZP_CMDLINE, 4, GPA_CMDLINE);
	strcpy(need(m, GPA_CMDLINE, CMDLINE_BYTES, "the command line"), m->opt.append);
	load_initrds(m, zero_page, kernel_end);
	make_map(m, zero_page);
	make_tables(m);
	if (!acpi_build(need(m, GPA_ACPI, GPA_ACPI_END - GPA_ACPI, "ACPI"), GPA_ACPI,
			GPA_ACPI_END - GPA_ACPI, m->opt.vcpus, !m->opt.plain && !m->opt.no_vmbus))
		fatal(EXIT_USAGE, "the ACPI tables do not fit");
	put(zero_page + ZP_ACPI_RSDP, 8, GPA_ACPI);
}
