// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses for devices on the bus: pass-through config space and BARs, the synthetic screen.
 * Calls window.c, the platform's firmware call and the kernel's resource trees. Called by start.c
 * (life), debugfs.c (to show) and drivers. Without windows there is nothing to give, which is fine.
 *
 * Two trees. The pool's own one has the windows and, within one of them, the boot frame buffer;
 * it decides who gets what. The kernel's iomem tree is asked as well, since other devices lie
 * in the same windows on generation 1; that entry is what a driver gets.
 */
#include <linux/export.h>
#include <linux/ioport.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "internal.h"

/* Steps over addresses that others have: bounded, and far more than any machine needs. */
#define MAX_TRIES 65536u

struct claim {
	struct list_head link;		/* pool->claims */
	const struct enl_device *dev;
	struct resource *given;		/* in iomem_resource; the driver may change its flags */
	struct resource own;		/* in a window or in the frame */
	char name[64];			/* lives as long as both entries */
};

static void drop(struct claim *claim)
{
	/* A driver that hangs resources below takes the mark off; releasing looks for it. */
	claim->given->flags |= IORESOURCE_BUSY;
	release_mem_region(claim->own.start, resource_size(&claim->own));
	release_resource(&claim->own);
	kfree(claim);
}

/* The lowest free place in both trees. 0 or -ENOMEM. */
static int take(struct resource *parent, struct claim *claim, const struct enl_mmio_want *want)
{
	resource_size_t from = want->min, bytes = want->bytes;
	unsigned int tries;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		/* Not marked as memory yet: x86 would cut what E820 calls reserved: windows. */
		claim->own = (struct resource){ .name = claim->name };
		if (allocate_resource(parent, &claim->own, bytes, from, want->max, want->align,
				      NULL, NULL))
			return -ENOMEM;
		claim->given = request_mem_region_exclusive(claim->own.start, bytes, claim->name);
		if (claim->given) {
			claim->own.flags = IORESOURCE_MEM | IORESOURCE_BUSY;
			return 0;
		}
		from = claim->own.start + want->align;
		release_resource(&claim->own);
		if (from < want->align)
			break;
		cond_resched();
	}
	return -ENOMEM;
}

static int take_anywhere(struct enl_mmio *pool, struct claim *claim,
			 const struct enl_mmio_want *want)
{
	unsigned int i;

	if (want->frame && pool->frame.parent && !take(&pool->frame, claim, want))
		return 0;
	for (i = 0; i < pool->count; i++) {
		if (!take(&pool->window[i], claim, want))
			return 0;
	}
	return -ENOMEM;
}

/**
 * enl_mmio_alloc() - take addresses for a device
 * @dev: the device; drivers take for their own only
 * @want: how much and where
 *
 * The lowest free place is taken, entered in the kernel's table of I/O memory as busy and exclusive
 * under the device's name. Nobody but who says so gets a part of the boot frame buffer. The driver
 * may take the busy mark off and put resources below; those are gone before it gives back.
 * May sleep.
 *
 * Return: the entry, or ERR_PTR: -ENOMEM nothing that fits is free; -EINVAL.
 */
struct resource *enl_mmio_alloc(struct enl_device *dev, const struct enl_mmio_want *want)
{
	struct enl_mmio *pool = &dev->bus->mmio;
	struct claim *claim;
	int err;

	if (!want->bytes || !is_power_of_2(want->align) || want->min > want->max)
		return ERR_PTR(-EINVAL);
	claim = kzalloc(sizeof(*claim), GFP_KERNEL);
	if (!claim)
		return ERR_PTR(-ENOMEM);
	claim->dev = dev;
	snprintf(claim->name, sizeof(claim->name), "vmbus %s", dev_name(dev->dev));
	mutex_lock(&pool->lock);
	err = take_anywhere(pool, claim, want);
	if (!err)
		list_add_tail(&claim->link, &pool->claims);
	mutex_unlock(&pool->lock);
	if (err) {
		kfree(claim);
		return ERR_PTR(err);
	}
	return claim->given;
}
EXPORT_SYMBOL_GPL(enl_mmio_alloc);

/**
 * enl_mmio_free() - give addresses back
 * @dev: the device that they were taken for
 * @res: from enl_mmio_alloc(); NULL and errors are passed over
 *
 * Gives back what that call took, whatever @res says by now. What was never taken, or was given
 * back already, is left alone, with a line in the log. May sleep.
 */
void enl_mmio_free(struct enl_device *dev, struct resource *res)
{
	struct enl_mmio *pool = &dev->bus->mmio;
	struct claim *claim, *found = NULL;

	if (IS_ERR_OR_NULL(res))
		return;
	mutex_lock(&pool->lock);
	list_for_each_entry(claim, &pool->claims, link) {
		if (claim->given == res && claim->dev == dev)
			found = claim;
	}
	if (found) {
		list_del(&found->link);
		drop(found);
	}
	mutex_unlock(&pool->lock);
	if (!found)
		dev_warn_ratelimited(dev->dev,
				     "gave back addresses that it does not have; nothing done\n");
}
EXPORT_SYMBOL_GPL(enl_mmio_free);

static void add_window(struct enl_mmio *pool, const struct enl_window *w)
{
	struct resource *res = &pool->window[pool->count];

	*res = (struct resource){
		.name = "vmbus window", .start = w->start, .end = w->end, .flags = IORESOURCE_MEM,
	};
	/* Fails only for addresses that this kernel's type cannot hold. */
	if (!request_resource(&pool->root, res))
		pool->count++;
}

/* Before anybody can ask for addresses. */
static void keep_frame(struct enl_mmio *pool, const struct enl_window *w)
{
	unsigned int i;

	pool->frame = (struct resource){
		.name = "vmbus boot screen", .start = w->start, .end = w->end,
		.flags = IORESOURCE_MEM,
	};
	for (i = 0; i < pool->count; i++) {
		if (!request_resource(&pool->window[i], &pool->frame))
			return;
	}
}

/* The windows of this bus, from the platform. Nothing here can fail. May sleep. */
void enl_mmio_init(struct enl_bus *bus)
{
	struct enl_mmio *pool = &bus->mmio;
	struct enl_firmware fw = { };
	struct enl_window frame;
	unsigned int i;

	mutex_init(&pool->lock);
	INIT_LIST_HEAD(&pool->claims);
	pool->root = (struct resource){
		.name = "vmbus addresses", .end = (resource_size_t)-1, .flags = IORESOURCE_MEM,
	};
	if (!bus->ops->firmware)
		return;
	bus->ops->firmware(bus->p, bus->parent, &fw);
	for (i = 0; i < fw.windows.count; i++)
		add_window(pool, &fw.windows.at[i]);
	if (enl_windows_frame(&fw.windows, &fw.screen, &frame))
		keep_frame(pool, &frame);
}

/* All devices are gone. What a driver forgot is no use to anybody and goes back. */
void enl_mmio_exit(struct enl_bus *bus)
{
	struct enl_mmio *pool = &bus->mmio;
	struct claim *claim, *next;

	list_for_each_entry_safe(claim, next, &pool->claims, link) {
		dev_warn(bus->parent, "addresses of %s were never given back\n", claim->name);
		list_del(&claim->link);
		drop(claim);
	}
	if (pool->frame.parent)
		release_resource(&pool->frame);
	while (pool->count)
		release_resource(&pool->window[--pool->count]);
}
