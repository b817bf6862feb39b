/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: sizes and offsets. */
#ifndef ENL_SHIM_LINUX_STDDEF_H
#define ENL_SHIM_LINUX_STDDEF_H

#include_next <linux/stddef.h>
#include <stddef.h>

#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))
#define struct_group(name, ...) \
	union { \
		struct { __VA_ARGS__ }; \
		struct { __VA_ARGS__ } name; \
	}
#define DECLARE_FLEX_ARRAY(type, name) \
	struct { \
		struct {} enl_empty_##name; \
		type name[]; \
	}

#endif
