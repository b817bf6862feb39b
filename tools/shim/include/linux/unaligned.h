/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: accesses at any address. */
#ifndef ENL_SHIM_LINUX_UNALIGNED_H
#define ENL_SHIM_LINUX_UNALIGNED_H

#include <string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#define get_unaligned(p) ({ __typeof__(*(p)) v_; memcpy(&v_, p, sizeof(v_)); v_; })
#define put_unaligned(value, p) \
	do { \
		__typeof__(*(p)) v_ = (value); \
		memcpy(p, &v_, sizeof(v_)); \
	} while (0)

static inline u16 get_unaligned_le16(const void *p)
{
	return get_unaligned((const u16 *)p);
}

static inline u32 get_unaligned_le32(const void *p)
{
	return get_unaligned((const u32 *)p);
}

static inline u64 get_unaligned_le64(const void *p)
{
	return get_unaligned((const u64 *)p);
}

static inline void put_unaligned_le16(u16 value, void *p)
{
	memcpy(p, &value, sizeof(value));
}

static inline void put_unaligned_le32(u32 value, void *p)
{
	memcpy(p, &value, sizeof(value));
}

static inline void put_unaligned_le64(u64 value, void *p)
{
	memcpy(p, &value, sizeof(value));
}

#endif
