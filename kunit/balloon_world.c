// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of a balloon device under test: see balloon_world.h.
 * Calls the fake host, balloon/ and, for pages, the kernel's own table. Called by test files.
 * Everything that could block in a test is short here; a wait that runs out fails the case.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "kunit/balloon_world.h"
#include "wire/classes.h"

static struct balloon_world *world_of(struct balloon_memory *m)
{
	return m->context;
}

/* --- memory that the host can take: real pages, made-up totals */

static void world_totals(struct balloon_memory *m, struct balloon_demand *demand)
{
	struct balloon_world *w = world_of(m);
	u64 taken = atomic64_read(&w->taken);

	demand->total = w->total - taken;
	demand->available = w->available > taken ? w->available - taken : 0;
	demand->commit = w->commit;
	demand->swap = 0;
}

static u64 world_free(struct balloon_memory *m)
{
	return 4711;
}

static u32 world_swapped(struct balloon_memory *m)
{
	return 12;
}

/* 2^@order pages of their own. */
static struct page *some_pages(unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY, order);

	if (page)
		split_page(page, order);
	return page;
}

/* What the kernel's own way does to a page. */
static u64 given_away(struct page *page)
{
	__SetPageOffline(page);
	adjust_managed_page_count(page, -1);
	return page_to_pfn(page);
}

/* A page whose neighbour is kept aside, so that runs cannot merge. */
static int take_scattered(struct balloon_world *w, u64 *pfn)
{
	struct page *pair = some_pages(1);

	if (!pair)
		return -ENOMEM;
	list_add(&pair[1].lru, &w->aside);
	*pfn = given_away(pair);
	return 0;
}

static int take_interleaved(struct balloon_world *w, u64 *pfn)
{
	struct page *half[2], *page;
	unsigned int i;

	if (list_empty(&w->pool)) {
		half[0] = some_pages(9);
		half[1] = some_pages(9);
		for (i = 0; i < 1024; i++)
			if (half[i % 2])
				list_add_tail(&half[i % 2][i / 2].lru, &w->pool);
	}
	page = list_first_entry_or_null(&w->pool, struct page, lru);
	if (!page)
		return -ENOMEM;
	list_del(&page->lru);
	*pfn = given_away(page);
	return 0;
}

static int world_take(struct balloon_memory *m, unsigned int order, u64 *pfn)
{
	struct balloon_world *w = world_of(m);
	int ret;

	while (READ_ONCE(w->gate))
		usleep_range(500, 1000);
	if (order > w->max_order || atomic64_read(&w->budget) < 1LL << order)
		return -ENOMEM;
	ret = w->scatter && !order ? take_scattered(w, pfn) :
	      w->interleave && !order ? take_interleaved(w, pfn) :
					balloon_mm_kernel.take(m, order, pfn);
	if (ret)
		return ret;
	atomic64_sub(1LL << order, &w->budget);
	atomic64_add(1LL << order, &w->taken);
	return 0;
}

static void world_give(struct balloon_memory *m, u64 pfn, u64 pages)
{
	struct balloon_world *w = world_of(m);

	balloon_mm_kernel.give(m, pfn, pages);
	atomic64_sub(pages, &w->taken);
	atomic64_add(pages, &w->budget);
}

/* --- memory that the host adds: a map of bytes */

static u64 world_block_bytes(struct balloon_memory *m)
{
	return world_of(m)->block_pages << ENL_HVPAGE_SHIFT;
}

static u8 *page_of(struct balloon_world *w, u64 pfn)
{
	return pfn >= WORLD_FIRST && pfn < WORLD_FIRST + WORLD_BLOCKS * w->block_pages ?
		&w->page[pfn - WORLD_FIRST] : NULL;
}

/* Addresses below the playground are the guest's own memory. */
static bool world_clash(struct balloon_memory *m, u64 pfn, u64 pages)
{
	return !page_of(world_of(m), pfn) || !page_of(world_of(m), pfn + pages - 1);
}

void world_event(struct balloon_world *w, u64 first, enum balloon_event event)
{
	struct balloon_run range = { first, w->block_pages };

	balloon_the_memory()->hooks->event(balloon_the_memory(), &range, event);
}

/* What the kernel does to a block: chunks of the largest order to the hook, events around. */
void world_online(struct balloon_world *w, u64 first)
{
	struct balloon_memory *m = balloon_the_memory();
	u64 at;

	w->onlines++;
	world_event(w, first, BALLOON_GOING_ONLINE);
	for (at = first; at < first + w->block_pages; at += 1024)
		m->hooks->online_page(m, at, 10);
	world_event(w, first, BALLOON_ONLINE);
}

static int world_add(struct balloon_memory *m, u64 pfn, u64 pages)
{
	struct balloon_world *w = world_of(m);

	if (w->add_errors) {
		w->add_errors--;
		return w->add_error;
	}
	KUNIT_EXPECT_EQ(w->test, pfn % w->block_pages, 0ULL);
	KUNIT_EXPECT_EQ(w->test, pages, w->block_pages);
	w->adds++;
	if (w->auto_online)
		world_online(w, pfn);
	return 0;
}

static int world_bring_online(struct balloon_memory *m, u64 pfn, enum balloon_online how)
{
	struct balloon_world *w = world_of(m);

	if (how == BALLOON_ONLINE_NONE)
		return 0;
	if (w->online_error)
		return w->online_error;
	if (!w->auto_online)
		world_online(w, pfn);
	return 0;
}

static void world_release(struct balloon_memory *m, u64 pfn, unsigned int order)
{
	struct balloon_world *w = world_of(m);
	u8 *page = page_of(w, pfn);
	u64 i;

	KUNIT_EXPECT_EQ(w->test, pfn & ((1ULL << order) - 1), 0ULL);
	if (!page) {
		w->foreign++;
		w->foreign_order = order;
		return;
	}
	for (i = 0; i < 1ULL << order; i++)
		page[i] = page[i] == WORLD_RELEASED || page[i] == WORLD_TWICE ? WORLD_TWICE :
										WORLD_RELEASED;
}

static void world_withhold(struct balloon_memory *m, u64 pfn, u64 pages)
{
	struct balloon_world *w = world_of(m);
	u8 *page = page_of(w, pfn);
	u64 i;

	KUNIT_EXPECT_NOT_NULL(w->test, page);
	for (i = 0; page && i < pages; i++)
		page[i] = page[i] == WORLD_NOWHERE || page[i] == WORLD_WITHHELD ? WORLD_WITHHELD :
										  WORLD_TWICE;
}

static int world_hook(struct balloon_memory *m)
{
	return world_of(m)->hook_busy ? -EBUSY : 0;
}

static void world_unhook(struct balloon_memory *m)
{
}

static int world_hint(struct balloon *b, const u64 *words, unsigned int count, unsigned int *done)
{
	*done = 0;
	if (!world_of(b->m)->hint_supported)
		return -EOPNOTSUPP;
	return enl_device_heat_hint(b->dev, words, count, done);
}

static const struct balloon_mm_ops world_ops = {
	.totals = world_totals,
	.free = world_free,
	.swapped_out = world_swapped,
	.take = world_take,
	.give = world_give,
	.block_bytes = world_block_bytes,
	.clash = world_clash,
	.add = world_add,
	.online = world_bring_online,
	.release = world_release,
	.withhold = world_withhold,
	.hook = world_hook,
	.unhook = world_unhook,
	.hint = world_hint,
};

/* --- life */

/* A guest of 1 GiB that could spare half of it, and a host that has yet to be started. */
struct balloon_world *balloon_world(struct kunit *test)
{
	struct balloon_world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w);
	w->host = vzalloc(sizeof(*w->host));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->host);
	test->priv = w;
	w->test = test;
	w->saved = balloon_options;
	INIT_LIST_HEAD(&w->aside);
	INIT_LIST_HEAD(&w->pool);
	w->total = 1024 << 8;
	w->available = 768 << 8;
	w->commit = 300 << 8;
	w->max_order = 10;
	atomic64_set(&w->budget, 1 << 20);
	w->block_pages = 0x8000;
	balloon_options.page_reporting = false;
	balloon_options.report_delay_s = 3600;
	balloon_options.report_ms = 50;
	balloon_options.handshake_ms = 1500;
	balloon_options.send_ms = 400;
	balloon_options.retry_ms = 500;
	return w;
}

/* The driver, the host and the bus; true if the device came up. */
bool balloon_world_try(struct balloon_world *w)
{
	struct kunit *test = w->test;

	w->page = vzalloc(WORLD_BLOCKS * w->block_pages);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->page);
	w->ops = world_ops;
	KUNIT_ASSERT_EQ(test, balloon_start(&w->ops, w), 0);
	w->started = true;
	w->fh = fakehost_create(test, &w->options);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->fh);
	w->relid = fakehost_offer(w->fh, &(struct enl_guid)ENL_CLASS_MEMORY, 1,
				  &vsp_memory_provider, w->host);
	w->bus = fakehost_start_bus(w->fh, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(w->bus));
	return fakehost_wait_for(world_device() && READ_ONCE(world_device()->running),
				 balloon_options.handshake_ms + 1000);
}

bool balloon_world_up(struct balloon_world *w)
{
	bool up = balloon_world_try(w);

	KUNIT_ASSERT_TRUE(w->test, up);
	return up;
}

/* Pages that the host kept are ours again now that there is no host: the machine wants them. */
static void take_leftovers(struct balloon_world *w)
{
	struct balloon_memory *m = balloon_the_memory();
	struct balloon_run run;
	struct page *page, *next;

	while (balloon_ranges_next(&m->ballooned, 0, &run)) {
		balloon_ranges_reserve(&m->ballooned, 1, GFP_KERNEL);
		if (balloon_ranges_remove(&m->ballooned, &run))
			break;
		balloon_mm_kernel.give(m, run.first, run.pages);
	}
	atomic64_set(&m->ballooned_pages, 0);
	balloon_regions_free(&m->regions);
	balloon_unhold(m);
	list_splice(&w->pool, &w->aside);
	list_for_each_entry_safe(page, next, &w->aside, lru)
		__free_page(page);
}

/* The exit of each suite. */
void balloon_world_down(struct kunit *test)
{
	struct balloon_world *w = test->priv;

	if (!w)
		return;
	test->priv = NULL;
	WRITE_ONCE(w->gate, false);
	if (w->fh)
		fakehost_set_manual(w->fh, false);
	if (!IS_ERR_OR_NULL(w->bus)) {
		enl_bus_stop(w->bus);
		fakehost_check(test, w->fh);
		KUNIT_EXPECT_NULL(test, world_device());
	}
	if (w->started) {
		take_leftovers(w);
		balloon_stop();
	}
	if (w->fh)
		fakehost_destroy(w->fh);
	balloon_options = w->saved;
	vfree(w->page);
	vfree(w->host);
}

/* --- asking and looking */

struct balloon *world_device(void)
{
	return READ_ONCE(balloon_the_memory()->user);
}

/* What people read in the device's balloon/ directory; ~0 if it is no number. */
u64 world_attribute(const char *name)
{
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	struct attribute **attr = balloon_attributes.attrs;
	struct device *dev = world_device()->dev->dev;
	u64 value = ~0ULL;

	while (*attr && strcmp((*attr)->name, name))
		attr++;
	if (!*attr || !page ||
	    container_of(*attr, struct device_attribute, attr)->show(dev, NULL, page) <= 0 ||
	    kstrtou64(strim(page), 10, &value))
		value = ~0ULL;
	free_page((unsigned long)page);
	return value;
}

u64 world_count(enum balloon_counter counter)
{
	return atomic64_read(&balloon_the_memory()->counters[counter]);
}

u64 world_faults(enum balloon_fault fault)
{
	return atomic64_read(&balloon_the_memory()->faults[fault]);
}

u64 world_out(void)
{
	return atomic64_read(&balloon_the_memory()->ballooned_pages);
}

u64 world_host_pages(struct balloon_world *w)
{
	return FAKEHOST_PEEK(w->fh, w->host->owned.pages);
}

/* Every order of the host was carried out and answered. */
bool world_idle(struct balloon_world *w)
{
	return fakehost_wait_for(FAKEHOST_PEEK(w->fh, vsp_memory_idle(w->host)), WORLD_WAIT);
}

bool world_counted(enum balloon_counter counter, u64 times)
{
	return fakehost_wait_for(world_count(counter) == times, WORLD_WAIT);
}

bool world_ask_balloon(struct balloon_world *w, u64 pages)
{
	return FAKEHOST_DO(w->fh, vsp_memory_balloon(w->fh->host, w->host, pages));
}

bool world_ask_hot_add(struct balloon_world *w, u64 first, u64 pages, u64 region,
		       u64 region_pages)
{
	return FAKEHOST_DO(w->fh, vsp_memory_hot_add(w->fh->host, w->host, first, pages, region,
						     region_pages));
}

bool world_tell_maximum(struct balloon_world *w, u64 pages)
{
	return FAKEHOST_DO(w->fh, vsp_memory_info(w->fh->host, w->host, pages));
}

bool world_balloon(struct balloon_world *w, u64 pages)
{
	return world_ask_balloon(w, pages) && world_idle(w);
}

bool world_unballoon(struct balloon_world *w, u64 pages, enum vsp_dm_grouping grouping)
{
	return FAKEHOST_DO(w->fh, vsp_memory_unballoon(w->fh->host, w->host, pages, grouping)) &&
	       world_idle(w);
}

bool world_hot_add(struct balloon_world *w, u64 first, u64 pages, u64 region, u64 region_pages)
{
	return world_ask_hot_add(w, first, pages, region, region_pages) && world_idle(w);
}

/* Any bytes, as one message. They must live until the host is idle, which this waits for. */
bool world_raw(struct balloon_world *w, const void *bytes, u32 count)
{
	struct vsp_dm_command command = { .raw = bytes, .raw_bytes = count };

	return FAKEHOST_DO(w->fh, vsp_memory_command(w->fh->host, w->host, &command)) &&
	       world_idle(w) && fakehost_settle(w->fh, WORLD_WAIT);
}

u64 world_pages_that_are(struct balloon_world *w, enum world_page what)
{
	u64 i, n = 0;

	for (i = 0; i < WORLD_BLOCKS * w->block_pages; i++)
		n += w->page[i] == what;
	return n;
}
