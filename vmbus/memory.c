// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages shared with the host: single pages, mapped together, never a larger block.
 * Calls the platform. Called by gpadl.c, channel.c, connect.c and, for buffers, by drivers.
 * Nothing that the host may still write to reaches the page allocator (specification 7.4, 12.45).
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "internal.h"

static void page_free(struct enl_bus *bus, struct page *page)
{
	if (!page)
		return;
	/* If the host keeps seeing the page it must not be used for anything else. */
	if (bus->ops->unshare(bus->p, page_address(page), 1)) {
		bus->leaked_pages++;
		enl_bus_fault(bus, ENL_FAULT_MEMORY_KEPT, 1);
		return;
	}
	__free_page(page);
}

static void pages_free(struct enl_bus *bus, struct enl_pages *pages)
{
	unsigned int i;

	for (i = 0; i < pages->count; i++)
		page_free(bus, pages->page[i]);
	kvfree(pages->page);
	kfree(pages);
}

/* A page whose sharing failed is in an unknown state: it is dropped, not freed. */
static struct page *page_alloc(struct enl_bus *bus, int node)
{
	struct page *page = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO, 0);

	if (!page)
		return NULL;
	if (bus->ops->share(bus->p, page_address(page), 1)) {
		bus->leaked_pages++;
		enl_bus_fault(bus, ENL_FAULT_MEMORY_KEPT, 1);
		return NULL;
	}
	return page;
}

/*
 * @count single pages near @node (NUMA_NO_NODE: anywhere), visible to the host. The contents are
 * undefined where sharing scrambles: clear them after mapping. NULL if memory is short.
 */
struct enl_pages *enl_pages_alloc(struct enl_bus *bus, unsigned int count, int node)
{
	struct enl_pages *pages = kzalloc(sizeof(*pages), GFP_KERNEL);

	if (!pages)
		return NULL;
	INIT_LIST_HEAD(&pages->link);
	pages->page = kvcalloc(count, sizeof(*pages->page), GFP_KERNEL);
	if (!pages->page)
		goto fail;
	for (pages->count = 0; pages->count < count; pages->count++) {
		pages->page[pages->count] = page_alloc(bus, node);
		if (!pages->page[pages->count])
			goto fail;
	}
	return pages;

fail:
	pages_free(bus, pages);
	return NULL;
}

/* Map shared pages in the order given; a page may stand there twice. */
void *enl_pages_map(struct enl_bus *bus, struct page **page, unsigned int count)
{
	return vmap(page, count, VM_MAP, __pgprot(bus->ops->shared_pgprot(bus->p)));
}

/* The caller is through with @pages and their mapping is gone. @owner decides when they go. */
void enl_pages_done(struct enl_bus *bus, struct enl_pages *pages, enum enl_owner owner)
{
	unsigned long until = 0;

	if (!pages)
		return;
	if (owner == ENL_OWNER_GUEST) {
		pages_free(bus, pages);
		return;
	}
	pages->owner = owner;
	/* In an isolated guest a page that the host still sees stays out of use to the end. */
	if (owner == ENL_OWNER_GRACE && !bus->ops->isolated(bus->p))
		until = (jiffies + msecs_to_jiffies(bus->options.grace_ms)) | 1;
	pages->until = until;
	if (owner == ENL_OWNER_HOST)
		enl_bus_fault(bus, ENL_FAULT_MEMORY_KEPT, pages->count);
	mutex_lock(&bus->kept_lock);
	bus->kept_pages += pages->count;
	list_add_tail(&pages->link, &bus->kept);
	mutex_unlock(&bus->kept_lock);
	/* Not later for those that wait already. @pages may be gone by now. */
	if (until)
		queue_delayed_work(system_wq, &bus->kept_work,
				   msecs_to_jiffies(bus->options.grace_ms) + 1);
}

static bool grace_over(const struct enl_pages *pages)
{
	return pages->until && time_after_eq(jiffies, pages->until);
}

static void kept_work(struct work_struct *work)
{
	struct enl_bus *bus = container_of(to_delayed_work(work), struct enl_bus, kept_work);
	struct enl_pages *pages, *next;
	bool more = false;

	mutex_lock(&bus->kept_lock);
	list_for_each_entry_safe(pages, next, &bus->kept, link) {
		if (!grace_over(pages)) {
			more |= pages->until != 0;
			continue;
		}
		list_del(&pages->link);
		bus->kept_pages -= pages->count;
		pages_free(bus, pages);
	}
	mutex_unlock(&bus->kept_lock);
	if (more)
		mod_delayed_work(system_wq, &bus->kept_work, HZ);
}

/*
 * The connection has ended. @unloaded: the host said so and owns nothing any more: free all.
 * Else what it was never seen to give back is leaked, in the open.
 */
void enl_kept_release(struct enl_bus *bus, bool unloaded)
{
	struct enl_pages *pages, *next;

	cancel_delayed_work_sync(&bus->kept_work);
	mutex_lock(&bus->kept_lock);
	list_for_each_entry_safe(pages, next, &bus->kept, link) {
		list_del(&pages->link);
		bus->kept_pages -= pages->count;
		if (unloaded) {
			pages_free(bus, pages);
			continue;
		}
		bus->leaked_pages += pages->count;
		kvfree(pages->page);
		kfree(pages);
	}
	mutex_unlock(&bus->kept_lock);
	if (bus->leaked_pages)
		dev_err(bus->parent, "%u pages are lost: the host never gave them back\n",
			bus->leaked_pages);
}

/* Before anything else of this file. */
void enl_memory_init(struct enl_bus *bus)
{
	mutex_init(&bus->kept_lock);
	INIT_LIST_HEAD(&bus->kept);
	INIT_LIST_HEAD(&bus->buffers);
	INIT_DELAYED_WORK(&bus->kept_work, kept_work);
}

/**
 * enl_shared_alloc() - memory that a driver may describe to the host
 * @dev: device that it is for
 * @bytes: size, a multiple of 4096, at most 8190 pages
 *
 * Made of single pages, zeroed, contiguous for the CPU only. May sleep.
 *
 * Return: start address, or NULL. Give it back with enl_shared_free().
 */
void *enl_shared_alloc(struct enl_device *dev, u32 bytes)
{
	struct enl_bus *bus = dev->bus;
	unsigned int count = bytes / ENL_HVPAGE_SIZE;
	struct enl_pages *pages;

	BUILD_BUG_ON(PAGE_SIZE != ENL_HVPAGE_SIZE);
	if (!count || bytes % ENL_HVPAGE_SIZE || count > ENL_GPADL_MAX_PAGES)
		return NULL;
	pages = enl_pages_alloc(bus, count, dev_to_node(dev->dev));
	if (!pages)
		return NULL;
	pages->addr = enl_pages_map(bus, pages->page, count);
	if (!pages->addr) {
		enl_pages_done(bus, pages, ENL_OWNER_GUEST);
		return NULL;
	}
	memset(pages->addr, 0, bytes);
	mutex_lock(&bus->kept_lock);
	list_add(&pages->link, &bus->buffers);
	mutex_unlock(&bus->kept_lock);
	return pages->addr;
}
EXPORT_SYMBOL_GPL(enl_shared_alloc);

/* The buffer that starts at @addr, or NULL. It stays while its driver holds it. */
struct enl_pages *enl_buffer_find(struct enl_bus *bus, const void *addr)
{
	struct enl_pages *pages, *found = NULL;

	mutex_lock(&bus->kept_lock);
	list_for_each_entry(pages, &bus->buffers, link) {
		if (pages->addr == addr)
			found = pages;
	}
	mutex_unlock(&bus->kept_lock);
	return found;
}

/**
 * enl_shared_free() - give back what enl_shared_alloc() gave
 * @dev: the device
 * @addr: the address, or NULL
 * @bytes: the size
 *
 * If the host has not given the memory back (a failed enl_gpadl_destroy(), a rescind) the pages
 * are kept from reuse until that is safe; the driver need not care. May sleep.
 */
void enl_shared_free(struct enl_device *dev, void *addr, u32 bytes)
{
	struct enl_bus *bus = dev->bus;
	struct enl_pages *pages;

	if (!addr)
		return;
	pages = enl_buffer_find(bus, addr);
	if (WARN_ON_ONCE(!pages || pages->count * ENL_HVPAGE_SIZE != bytes))
		return;
	/* Never taken back: the number of the channel must not be given up before it is. */
	if (pages->owner == ENL_OWNER_HOST)
		WRITE_ONCE(dev->primary->owed, true);
	mutex_lock(&bus->kept_lock);
	list_del_init(&pages->link);
	mutex_unlock(&bus->kept_lock);
	vunmap(addr);
	enl_pages_done(bus, pages, pages->owner);
}
EXPORT_SYMBOL_GPL(enl_shared_free);
