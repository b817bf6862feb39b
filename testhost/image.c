// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses kernel images: bzImage with a 64-bit entry, and the ELF file inside it (vmlinux).
 * Pure; called by boot.c and by its test. Nothing that the file says is believed unchecked.
 * Offsets: the kernel's Documentation/arch/x86/boot.rst, and the ELF specification.
 */
#include <elf.h>
#include <string.h>
#include "testhost/image.h"

#define SETUP_SECTS	0x1f1u
#define BOOT_FLAG	0x1feu
#define HEADER_LENGTH	0x201u
#define MAGIC		0x202u
#define VERSION		0x206u
#define XLOADFLAGS	0x236u
#define PREF_ADDRESS	0x258u
#define INIT_SIZE	0x260u
#define XLF_KERNEL_64	1u
#define ENTRY_64	0x200u
#define LOWEST		0x100000u	/* the first MiB is the machine's */
#define HIGHEST		(1ull << 36)

static __u64 get(const __u8 *at, unsigned int bytes)
{
	__u64 value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static const char *parse_bzimage(const __u8 *f, __u64 bytes, struct image *image)
{
	unsigned int sectors = f[SETUP_SECTS] ? f[SETUP_SECTS] : 4;
	__u64 start = (sectors + 1ull) * 512;
	unsigned int header_end = MAGIC + f[HEADER_LENGTH];
	__u64 load, need;

	if (get(f + VERSION, 2) < 0x20c || header_end < INIT_SIZE + 4)
		return "its boot protocol is older than 2.12 (Linux 3.8)";
	if (!(get(f + XLOADFLAGS, 2) & XLF_KERNEL_64))
		return "it has no 64-bit entry";
	if (start >= bytes)
		return "it ends before the kernel begins";
	load = get(f + PREF_ADDRESS, 8);
	need = get(f + INIT_SIZE, 4);
	if (load < LOWEST || load > HIGHEST || need < bytes - start)
		return "its load address or size makes no sense";
	image->entry = load + ENTRY_64;
	image->end = load + need;
	image->header = f + SETUP_SECTS;
	image->header_bytes = header_end - SETUP_SECTS;
	image->segments = 1;
	image->segment[0].from = f + start;
	image->segment[0].bytes = bytes - start;
	image->segment[0].bytes_in_memory = bytes - start;
	image->segment[0].to = load;
	return NULL;
}

static const char *add_segment(const __u8 *f, __u64 bytes, const Elf64_Phdr *p,
			       struct image *image)
{
	unsigned int n = image->segments;

	if (n == IMAGE_SEGMENTS)
		return "it has too many segments";
	if (p->p_offset > bytes || p->p_filesz > bytes - p->p_offset || p->p_memsz < p->p_filesz)
		return "a segment reaches beyond its end";
	if (p->p_paddr < LOWEST || p->p_paddr > HIGHEST || p->p_memsz > HIGHEST)
		return "a segment's address makes no sense";
	image->segments = n + 1;
	image->segment[n].from = f + p->p_offset;
	image->segment[n].bytes = p->p_filesz;
	image->segment[n].bytes_in_memory = p->p_memsz;
	image->segment[n].to = p->p_paddr;
	if (image->end < p->p_paddr + p->p_memsz)
		image->end = p->p_paddr + p->p_memsz;
	return NULL;
}

static const char *parse_elf(const __u8 *f, __u64 bytes, struct image *image)
{
	const char *why = NULL;
	Elf64_Ehdr e;
	Elf64_Phdr p;
	unsigned int i;

	memcpy(&e, f, sizeof(e));
	if (e.e_ident[EI_CLASS] != ELFCLASS64 || e.e_ident[EI_DATA] != ELFDATA2LSB ||
	    e.e_machine != EM_X86_64 || e.e_type != ET_EXEC)
		return "it is no program for this processor";
	if (e.e_phentsize != sizeof(p) || e.e_phoff > bytes ||
	    (bytes - e.e_phoff) / sizeof(p) < e.e_phnum)
		return "its program headers reach beyond its end";
	for (i = 0; i < e.e_phnum && !why; i++) {
		memcpy(&p, f + e.e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_type == PT_LOAD)
			why = add_segment(f, bytes, &p, image);
	}
	if (!why && !image->segments)
		return "it has nothing to load";
	if (!why && (e.e_entry < LOWEST || e.e_entry >= image->end))
		return "its entry lies outside";
	image->entry = e.e_entry;
	return why;
}

const char *image_parse(const __u8 *file, __u64 bytes, struct image *image)
{
	memset(image, 0, sizeof(*image));
	if (bytes < 0x400)
		return "it is too short for a kernel";
	if (!memcmp(file, ELFMAG, SELFMAG))
		return parse_elf(file, bytes, image);
	if (get(file + BOOT_FLAG, 2) == 0xaa55 && !memcmp(file + MAGIC, "HdrS", 4))
		return parse_bzimage(file, bytes, image);
	return "it is neither a bzImage nor an ELF file";
}
