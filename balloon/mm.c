// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's memory management behind struct balloon_mm_ops: the only file that touches pages.
 * Calls the kernel alone. Called through the table, by pages.c, hotadd.c and report.c.
 * Page numbers are 4 KiB here too: neither service is announced where the guest's are larger.
 */
#include <linux/device.h>
#include <linux/ioport.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include "balloon.h"

/* Unmovable memory outside ZONE_MOVABLE and CMA; one quick look, no reserves, no complaints. */
#define TAKE_GFP (GFP_HIGHUSER | __GFP_NORETRY | __GFP_NOWARN | __GFP_NOMEMALLOC)

#define SMALLEST_BLOCK (128ULL << 20)	/* and the usual one, on x86 */

static struct balloon_memory *hooked;	/* whom the kernel's callbacks are for */

static void mm_totals(struct balloon_memory *m, struct balloon_demand *demand)
{
	u64 swap = max(get_nr_swap_pages(), 0L);
	struct sysinfo info;

	si_meminfo(&info);
	demand->total = info.totalram;
	demand->available = max(si_mem_available(), 0L);
	demand->commit = vm_memory_committed();
	/* Only what is free of swap can be asked for; the most ever seen is near its size. */
	m->swap_seen = max(m->swap_seen, swap);
	demand->swap = m->swap_seen;
}

static u64 mm_free(struct balloon_memory *m)
{
	return global_zone_page_state(NR_FREE_PAGES);
}

static u32 mm_swapped_out(struct balloon_memory *m)
{
	/* All events or none can be read, too many for a stack. One report at a time. */
	static unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return events[PSWPOUT];
}

/*
 * The mark keeps dump tools away from pages that the host may have unmapped. A reader of
 * /proc/kcore that has just looked for it finishes first.
 */
static void mark_offline(u64 pfn, u64 pages)
{
	u64 i;

	page_offline_begin();
	for (i = 0; i < pages; i++)
		__SetPageOffline(pfn_to_page(pfn + i));
	page_offline_end();
}

static int mm_take(struct balloon_memory *m, unsigned int order, u64 *pfn)
{
	struct page *page;

	if (order > MAX_PAGE_ORDER)
		return -ENOMEM;
	page = alloc_pages(TAKE_GFP, order);
	if (!page)
		return -ENOMEM;
	/* It may come back page by page. */
	if (order)
		split_page(page, order);
	*pfn = page_to_pfn(page);
	mark_offline(*pfn, 1ULL << order);
	adjust_managed_page_count(page, -(1L << order));
	return 0;
}

static void mm_give(struct balloon_memory *m, u64 pfn, u64 pages)
{
	struct page *page;
	u64 i;

	for (i = 0; i < pages; i++) {
		page = pfn_to_page(pfn + i);
		__ClearPageOffline(page);
		__free_page(page);
		adjust_managed_page_count(page, 1);
		if (i % 1024 == 1023)
			cond_resched();
	}
}

static bool mm_clash(struct balloon_memory *m, u64 pfn, u64 pages)
{
	return region_intersects(pfn << PAGE_SHIFT, pages << PAGE_SHIFT, IORESOURCE_SYSTEM_RAM,
				 IORES_DESC_NONE) != REGION_DISJOINT;
}

static int mm_add(struct balloon_memory *m, u64 pfn, u64 pages)
{
	u64 start = pfn << PAGE_SHIFT;

	return add_memory(memory_add_physaddr_to_nid(start), start, pages << PAGE_SHIFT,
			  MHP_MERGE_RESOURCE);
}

/*
 * A device by its name. The memory subsystem exports no way to its own, but they are devices like
 * all others, in the set of all devices.
 */
static struct device *find_device(struct balloon_memory *m, const char *name)
{
	struct kobject *kobj = m->devices ? kset_find_obj(m->devices, name) : NULL;

	return kobj ? container_of(kobj, struct device, kobj) : NULL;
}

static struct device *block_device(struct balloon_memory *m, u64 pfn)
{
	struct device *dev;
	char name[32];

	snprintf(name, sizeof(name), "memory%llu", pfn / m->regions.block_pages);
	dev = find_device(m, name);
	if (!dev || (dev->bus && !strcmp(dev->bus->name, "memory")))
		return dev;
	put_device(dev);
	return NULL;
}

static const struct device_attribute *find_attribute(const struct device *dev, const char *name)
{
	const struct attribute_group **group;
	struct attribute **attr;

	for (group = dev->groups; group && *group; group++)
		for (attr = (*group)->attrs; attr && *attr; attr++)
			if (!strcmp((*attr)->name, name))
				return container_of(*attr, struct device_attribute, attr);
	return NULL;
}

/*
 * What /sys/devices/system/memory/block_size_bytes says, without a file system: the way where the
 * number is not exported. 0 before the first device has shown the set of all devices.
 */
u64 balloon_mm_shown_block_bytes(struct balloon_memory *m)
{
	struct device *dev = find_device(m, "memory");
	const struct device_attribute *size = dev ? find_attribute(dev, "block_size_bytes") : NULL;
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	u64 bytes = 0;

	if (!page || !size || !size->show ||
	    size->show(dev, (struct device_attribute *)size, page) <= 0 ||
	    kstrtou64(strim(page), 16, &bytes))
		bytes = 0;
	free_page((unsigned long)page);
	put_device(dev);
	return bytes;
}

static u64 mm_block_bytes(struct balloon_memory *m)
{
	u64 bytes = enl_memory_block_bytes();

	if (!bytes)
		bytes = balloon_mm_shown_block_bytes(m);
	return bytes ? bytes : SMALLEST_BLOCK;
}

/*
 * What "echo online > state" does, without a file system: device_online() is not exported, and the
 * attribute takes the locks in the right order. A busy lock is answered with "restart the system
 * call" and a signal that a worker has no use for.
 */
static int mm_online(struct balloon_memory *m, u64 pfn, enum balloon_online how)
{
	static const char * const word[] = {
		[BALLOON_ONLINE_AUTO] = "online",
		[BALLOON_ONLINE_MOVABLE] = "online_movable",
		[BALLOON_ONLINE_KERNEL] = "online_kernel",
	};
	struct device *dev = how == BALLOON_ONLINE_NONE ? NULL : block_device(m, pfn);
	const struct device_attribute *state = dev ? find_attribute(dev, "state") : NULL;
	unsigned int tries = 0;
	ssize_t ret = -ENODEV;

	if (how == BALLOON_ONLINE_NONE)
		return 0;
	while (dev && dev->offline && state && state->store) {
		ret = state->store(dev, (struct device_attribute *)state, word[how],
				   strlen(word[how]));
		if (ret != -ERESTARTNOINTR)
			break;
		flush_signals(current);
		if (tries++ == 1000)
			break;
	}
	/* The kernel's own policy or user space may have been faster. */
	if (dev && !dev->offline)
		ret = 0;
	put_device(dev);
	return ret < 0 ? ret : 0;
}

static void mm_release(struct balloon_memory *m, u64 pfn, unsigned int order)
{
	struct page *page = pfn_to_page(pfn);
	unsigned int i;

	/* Where pages do not arrive marked, the mark is ours to take off. */
	for (i = 0; !ENL_ONLINE_PAGES_ARRIVE_OFFLINE && i < 1u << order; i++)
		if (PageOffline(page + i))
			__ClearPageOffline(page + i);
	generic_online_page(page, order);
}

static void mm_withhold(struct balloon_memory *m, u64 pfn, u64 pages)
{
	if (!ENL_ONLINE_PAGES_ARRIVE_OFFLINE)
		mark_offline(pfn, pages);
}

static void page_comes_online(struct page *page, unsigned int order)
{
	hooked->hooks->online_page(hooked, page_to_pfn(page), order);
}

static int memory_changes(struct notifier_block *nb, unsigned long action, void *data)
{
	static const struct {
		unsigned long action;
		enum balloon_event event;
	} map[] = {
		{ MEM_GOING_ONLINE, BALLOON_GOING_ONLINE },
		{ MEM_ONLINE, BALLOON_ONLINE },
		{ MEM_CANCEL_ONLINE, BALLOON_CANCEL_ONLINE },
		{ MEM_GOING_OFFLINE, BALLOON_GOING_OFFLINE },
		{ MEM_OFFLINE, BALLOON_OFFLINE },
		{ MEM_CANCEL_OFFLINE, BALLOON_CANCEL_OFFLINE },
	};
	const struct memory_notify *what = data;
	struct balloon_run range = { what->start_pfn, what->nr_pages };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].action == action)
			hooked->hooks->event(hooked, &range, map[i].event);
	return NOTIFY_OK;
}

static struct notifier_block memory_notifier = { .notifier_call = memory_changes };

static int mm_hook(struct balloon_memory *m)
{
	int ret;

	hooked = m;
	ret = set_online_page_callback(page_comes_online);
	if (ret)
		return -EBUSY;
	ret = register_memory_notifier(&memory_notifier);
	if (ret)
		restore_online_page_callback(page_comes_online);
	return ret;
}

static void mm_unhook(struct balloon_memory *m)
{
	unregister_memory_notifier(&memory_notifier);
	restore_online_page_callback(page_comes_online);
}

static int mm_hint(struct balloon *b, const u64 *words, unsigned int count, unsigned int *done)
{
	return enl_device_heat_hint(b->dev, words, count, done);
}

const struct balloon_mm_ops balloon_mm_kernel = {
	.totals = mm_totals,
	.free = mm_free,
	.swapped_out = mm_swapped_out,
	.take = mm_take,
	.give = mm_give,
	.block_bytes = mm_block_bytes,
	.clash = mm_clash,
	.add = mm_add,
	.online = mm_online,
	.release = mm_release,
	.withhold = mm_withhold,
	.hook = mm_hook,
	.unhook = mm_unhook,
	.hint = mm_hint,
};
