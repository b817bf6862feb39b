/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The second copy of vmbus/mmio.c, and the table of I/O memory that it asks in the kernel's place.
 * Defined in kunit/copy/mmio.c; included by it and by mmio_test.c.
 */
#ifndef KUNIT_MMIO_COPY_H
#define KUNIT_MMIO_COPY_H

#include "vmbus/internal.h"

extern struct resource mmio_copy_iomem;

struct resource *enl_copy_mmio_alloc(struct enl_device *dev, const struct enl_mmio_want *want);
void enl_copy_mmio_free(struct enl_device *dev, struct resource *res);
void enl_copy_mmio_init(struct enl_bus *bus);
void enl_copy_mmio_exit(struct enl_bus *bus);

#endif
