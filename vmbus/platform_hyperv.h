/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What main.c needs of the real platform. Kept apart from internal.h, whose wire headers
 * platform_hyperv.c does not include: the kernel's names and ours never meet.
 * Included by main.c, firmware.c and platform_hyperv.c.
 */
#ifndef ENL_VMBUS_PLATFORM_HYPERV_H
#define ENL_VMBUS_PLATFORM_HYPERV_H

#include "platform.h"

extern const struct enl_platform_ops enl_platform_hyperv;
int enl_platform_hyperv_usable(void);

/* firmware.c */
void enl_firmware_read(void *p, struct device *parent, struct enl_firmware *fw);

#endif
