/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What main.c needs of the real platform. Kept apart from internal.h, whose wire headers
 * platform_hyperv.c and hypercall.c do not include: the kernel's names and ours never meet.
 * Included by those, main.c and firmware.c.
 */
#ifndef ENL_VMBUS_PLATFORM_HYPERV_H
#define ENL_VMBUS_PLATFORM_HYPERV_H

#include "platform.h"

extern const struct enl_platform_ops enl_platform_hyperv;

/* hypercall.c */
int enl_hv_post(void *p, u32 connection, const void *msg, size_t bytes);
void enl_hv_signal(void *p, u32 connection);
int enl_hv_heat_hint(void *p, const u64 *ranges, unsigned int words, unsigned int *done);
int enl_platform_hyperv_usable(void);

/* firmware.c */
void enl_firmware_read(void *p, struct device *parent, struct enl_firmware *fw);
struct device *enl_firmware_above(struct device *parent);

#endif
