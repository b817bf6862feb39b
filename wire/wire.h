/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ground of every wire header: compile-time checks of layouts.
 * Works in the kernel, in the test host and in fuzzers: only <linux/types.h> is needed.
 * Included by the other files of wire/, and by nothing else directly.
 */
#ifndef ENL_WIRE_WIRE_H
#define ENL_WIRE_WIRE_H

#include <linux/types.h>
#include <linux/stddef.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#else
#include <stddef.h>
#endif
#include <asm/byteorder.h>

/* Stands on the line after a struct: the number of bytes that it has on the wire. */
#define ENL_WIRE_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), #type " has the wrong size")

/* For a field that follows a hole, a union or a version: its offset on the wire. */
#define ENL_WIRE_AT(type, field, offset) \
	_Static_assert(offsetof(type, field) == (offset), #type "." #field " is misplaced")

/* For a relation among constants, such as how many elements fit a message. */
#define ENL_WIRE_FITS(condition, what) \
	_Static_assert(condition, what)

/* The hypervisor's page, whatever the guest's: every page number and page count on the wire. */
#define ENL_HVPAGE_SHIFT	12
#define ENL_HVPAGE_SIZE		(1u << ENL_HVPAGE_SHIFT)

/* A GUID in wire order: the first three groups are little-endian, the last two as written. */
struct enl_guid {
	__u8 b[16];
};
ENL_WIRE_SIZE(struct enl_guid, 16);

/* ENL_GUID(0x525074dc, 0x8985, 0x46e2, 0x80, 0x57, ...): the groups as people write them. */
#define ENL_GUID(a, b_, c, d0, d1, d2, d3, d4, d5, d6, d7) \
	{ { (a) & 0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff, ((a) >> 24) & 0xff, \
	    (b_) & 0xff, ((b_) >> 8) & 0xff, (c) & 0xff, ((c) >> 8) & 0xff, \
	    d0, d1, d2, d3, d4, d5, d6, d7 } }

#endif
