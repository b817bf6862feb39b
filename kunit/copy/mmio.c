// SPDX-License-Identifier: GPL-2.0-only
/* A second copy of vmbus/mmio.c for the tests, over a table of I/O memory of their own. */
#include <linux/export.h>
#include <linux/ioport.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "kunit/mmio_copy.h"

struct resource mmio_copy_iomem;

#define iomem_resource mmio_copy_iomem
#define enl_mmio_alloc enl_copy_mmio_alloc
#define enl_mmio_free enl_copy_mmio_free
#define enl_mmio_init enl_copy_mmio_init
#define enl_mmio_exit enl_copy_mmio_exit
#include "vmbus/mmio.c"
