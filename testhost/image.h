/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel images, read without trust: what is in the file, and where it belongs.
 * Made by image.c, used by boot.c and by the test of the parser.
 */
#ifndef TESTHOST_IMAGE_H
#define TESTHOST_IMAGE_H

#include <linux/types.h>
#include <stdbool.h>

#define IMAGE_SEGMENTS	16u

/**
 * struct image - a kernel
 * @entry: guest-physical address of its 64-bit entry
 * @end: it needs all memory below this
 * @header: its setup header (0x1f1 of the file on), or NULL for an ELF file
 * @header_bytes: length of that
 * @segments: how many of @segment
 * @segment: bytes of the file and where they go; @bytes_in_memory is not less than @bytes
 */
struct image {
	__u64 entry, end;
	const __u8 *header;
	unsigned int header_bytes;
	unsigned int segments;
	struct {
		const __u8 *from;
		__u64 bytes, bytes_in_memory, to;
	} segment[IMAGE_SEGMENTS];
};

/* NULL, or what is wrong with the file. */
const char *image_parse(const __u8 *file, __u64 bytes, struct image *image);

#endif
