// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses for devices: who gets what, who never gets the boot screen, what goes back.
 * Calls the second copy of vmbus/mmio.c over a table of I/O memory of its own, no host and no bus.
 * P-069: nothing of the frame buffer is given away, and giving back takes only what was given.
 */
#include <kunit/test.h>
#include <linux/ioport.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "kunit/mmio_copy.h"

#define MIB	0x100000ull
#define LOW	0xf8000000ull
#define HIGH	0x7000000000ull
#define ANY	.max = U64_MAX

struct world {
	struct enl_bus bus;
	struct device parent, device;
	struct enl_device dev, other;
	struct enl_platform_ops ops;
	struct enl_firmware fw;
};

static void firmware(void *p, struct device *parent, struct enl_firmware *fw)
{
	*fw = ((struct world *)p)->fw;
}

static int init(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	mmio_copy_iomem = (struct resource){
		.name = "copy", .end = (1ull << 40) - 1, .flags = IORESOURCE_MEM,
	};
	w->parent.init_name = "parent";
	w->device.init_name = "screen";
	w->dev = (struct enl_device){ .dev = &w->device, .bus = &w->bus };
	w->other = (struct enl_device){ .dev = &w->parent, .bus = &w->bus };
	w->ops.firmware = firmware;
	w->bus.ops = &w->ops;
	w->bus.p = w;
	w->bus.parent = &w->parent;
	test->priv = w;
	return 0;
}

/* The boot frame buffer, in MiB from the start of the low window. */
static void set_screen(struct world *w, u64 at, u64 size)
{
	w->fw.screen = (struct enl_screen){
		.base = LOW + at * MIB, .bytes = size * MIB, .exact = true
	};
}

/* Two lists of _CRS that overlap: 16 MiB low, 16 MiB high. */
static struct world *up(struct kunit *test)
{
	struct world *w = test->priv;

	enl_windows_add(&w->fw.windows, HIGH, HIGH + 16 * MIB - 1);
	enl_windows_add(&w->fw.windows, LOW + 4 * MIB, LOW + 16 * MIB - 1);
	enl_windows_add(&w->fw.windows, LOW, LOW + 8 * MIB - 1);
	enl_copy_mmio_init(&w->bus);
	return w;
}

/* Nothing is left in any tree. */
static void down(struct kunit *test, struct world *w)
{
	enl_copy_mmio_exit(&w->bus);
	KUNIT_EXPECT_PTR_EQ(test, w->bus.mmio.root.child, NULL);
	KUNIT_EXPECT_PTR_EQ(test, w->bus.mmio.frame.parent, NULL);
	KUNIT_EXPECT_PTR_EQ(test, mmio_copy_iomem.child, NULL);
	KUNIT_EXPECT_TRUE(test, list_empty(&w->bus.mmio.claims));
}

static struct resource *get(struct world *w, const struct enl_mmio_want want)
{
	struct resource *res = enl_copy_mmio_alloc(&w->dev, &want);

	return IS_ERR(res) ? NULL : res;
}

static struct resource *get_mib(struct world *w, u64 count)
{
	return get(w, (struct enl_mmio_want){ .bytes = count * MIB, .align = MIB, ANY });
}

/* P-069: asked for by the MiB until there is nothing more, and none of it is the screen's. */
static void nobody_is_given_the_boot_screen(struct kunit *test)
{
	struct world *w = test->priv;
	const struct resource *frame = &w->bus.mmio.frame;
	struct resource *res;
	unsigned int count = 0;

	set_screen(w, 2, 3);
	up(test);
	KUNIT_ASSERT_PTR_EQ(test, frame->parent, &w->bus.mmio.window[0]);
	KUNIT_EXPECT_EQ(test, (u64)frame->start, LOW + 2 * MIB);
	while ((res = get_mib(w, 1))) {
		KUNIT_ASSERT_FALSE(test, res->start <= frame->end && res->end >= frame->start);
		count++;
	}
	KUNIT_EXPECT_EQ(test, count, 29u);
	/* exit gives back what nobody did */
	down(test, w);
}

/* P-069: generation 2 without a known base (crash kernel): the low window's begin is kept. */
static void unknown_screen_is_where_the_low_window_begins(struct kunit *test)
{
	struct world *w = up(test);
	struct resource *res;

	KUNIT_EXPECT_EQ(test, (u64)w->bus.mmio.frame.start, LOW);
	KUNIT_EXPECT_EQ(test, (u64)resource_size(&w->bus.mmio.frame), 16 * MIB);
	res = get_mib(w, 1);
	KUNIT_ASSERT_NOT_NULL(test, res);
	KUNIT_EXPECT_EQ(test, (u64)res->start, HIGH);
	enl_copy_mmio_free(&w->dev, res);
	down(test, w);
}

static void driver_of_the_screen_gets_the_screen(struct kunit *test)
{
	struct world *w = test->priv;
	struct enl_mmio_want want = { .bytes = 2 * MIB, .align = MIB, ANY, .frame = true };
	struct resource *first, *second, *third;

	set_screen(w, 2, 4);
	up(test);
	first = get(w, want);
	second = get(w, want);
	third = get(w, want);
	KUNIT_ASSERT_TRUE(test, first && second && third);
	KUNIT_EXPECT_EQ(test, (u64)first->start, LOW + 2 * MIB);
	KUNIT_EXPECT_EQ(test, (u64)second->start, LOW + 4 * MIB);
	/* the screen is full: anywhere else */
	KUNIT_EXPECT_EQ(test, (u64)third->start, LOW);
	enl_copy_mmio_free(&w->dev, second);
	/* P-069: what the screen's driver gave back is still nobody else's */
	second = get_mib(w, 2);
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_EQ(test, (u64)second->start, LOW + 6 * MIB);
	enl_copy_mmio_free(&w->dev, first);
	KUNIT_EXPECT_PTR_EQ(test, w->bus.mmio.frame.parent, &w->bus.mmio.window[0]);
	enl_copy_mmio_free(&w->dev, second);
	enl_copy_mmio_free(&w->dev, third);
	down(test, w);
}

static void limits_and_alignment_hold(struct kunit *test)
{
	struct world *w = test->priv;
	struct resource *res;
	static const struct enl_mmio_want bad[] = {
		{ .bytes = 0, .align = 1, ANY },
		{ .bytes = MIB, .align = 0, ANY },
		{ .bytes = MIB, .align = 3, ANY },
		{ .bytes = MIB, .align = 1, .min = 2, .max = 1 },
	}, impossible[] = {
		{ .bytes = 17 * MIB, .align = 1, ANY },
		{ .bytes = U64_MAX, .align = 1, ANY },
		{ .bytes = MIB, .align = 1ull << 63, ANY },
		{ .bytes = MIB, .align = 1, .min = LOW, .max = LOW + MIB - 2 },
		{ .bytes = MIB, .align = 1, .min = HIGH + 16 * MIB - 1, ANY },
		{ .bytes = MIB, .align = 1, .max = LOW - 1 },
	};
	unsigned int i;

	set_screen(w, 15, 1);
	up(test);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, PTR_ERR(enl_copy_mmio_alloc(&w->dev, &bad[i])), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(impossible); i++)
		KUNIT_EXPECT_EQ(test, PTR_ERR(enl_copy_mmio_alloc(&w->dev, &impossible[i])),
				-ENOMEM);
	res = get(w, (struct enl_mmio_want){
		.bytes = 0x2000, .align = 0x1000, .min = LOW + 1, ANY
	});
	KUNIT_ASSERT_NOT_NULL(test, res);
	KUNIT_EXPECT_EQ(test, (u64)res->start, LOW + 0x1000);
	KUNIT_EXPECT_EQ(test, (u64)res->end, LOW + 0x2fff);
	KUNIT_EXPECT_TRUE(test, res->flags & IORESOURCE_BUSY);
	KUNIT_EXPECT_STREQ(test, res->name, "vmbus screen");
	/* P-069: wider than each of the two descriptors that make this window */
	res = get(w, (struct enl_mmio_want){ .bytes = 14 * MIB, .align = MIB, ANY });
	KUNIT_ASSERT_NOT_NULL(test, res);
	KUNIT_EXPECT_EQ(test, (u64)res->start, LOW + MIB);
	res = get(w, (struct enl_mmio_want){ .bytes = MIB, .align = 1, .min = 1ull << 32, ANY });
	KUNIT_ASSERT_NOT_NULL(test, res);
	KUNIT_EXPECT_EQ(test, (u64)res->start, HIGH);
	down(test, w);
}

/* P-069: released once, and only by whom it was given to. */
static void giving_back_takes_only_what_was_given(struct kunit *test)
{
	struct world *w = test->priv;
	struct resource *res, *again, *mine;
	struct resource stranger = { .start = LOW, .end = LOW + MIB - 1, .flags = IORESOURCE_MEM };

	set_screen(w, 2, 3);
	up(test);
	mine = get_mib(w, 1);
	res = get_mib(w, 1);
	KUNIT_ASSERT_TRUE(test, mine && res);
	enl_copy_mmio_free(&w->dev, NULL);
	enl_copy_mmio_free(&w->dev, ERR_PTR(-ENOMEM));
	enl_copy_mmio_free(&w->dev, &stranger);
	enl_copy_mmio_free(&w->dev, &w->bus.mmio.frame);
	enl_copy_mmio_free(&w->dev, &w->bus.mmio.window[0]);
	enl_copy_mmio_free(&w->other, res);
	KUNIT_EXPECT_NOT_NULL(test, w->bus.mmio.frame.parent);
	KUNIT_EXPECT_EQ(test, (u64)res->start, LOW + MIB);
	/* all of LOW .. LOW + 5 MiB is still taken */
	again = get_mib(w, 1);
	KUNIT_ASSERT_NOT_NULL(test, again);
	KUNIT_EXPECT_EQ(test, (u64)again->start, LOW + 5 * MIB);
	enl_copy_mmio_free(&w->dev, again);
	/* a driver may take the busy mark off */
	res->flags &= ~IORESOURCE_BUSY;
	enl_copy_mmio_free(&w->dev, res);
	again = get_mib(w, 1);
	KUNIT_ASSERT_NOT_NULL(test, again);
	KUNIT_EXPECT_EQ(test, (u64)again->start, LOW + MIB);
	enl_copy_mmio_free(&w->dev, again);
	enl_copy_mmio_free(&w->dev, mine);
	/* twice */
	enl_copy_mmio_free(&w->dev, mine);
	KUNIT_EXPECT_PTR_EQ(test, mmio_copy_iomem.child, NULL);
	down(test, w);
}

/* Generation 1: other devices lie in the window, below a bridge that the kernel knows. */
static void others_in_the_table_of_io_memory_are_stepped_over(struct kunit *test)
{
	struct world *w = test->priv;
	struct resource bridge = {
		.name = "bridge", .start = LOW, .end = LOW + 0x7ffffff, .flags = IORESOURCE_MEM,
	}, nic = {
		.name = "nic", .start = LOW + MIB, .end = LOW + MIB + 0xfff,
		.flags = IORESOURCE_MEM | IORESOURCE_BUSY,
	};
	struct resource *first, *second;

	KUNIT_ASSERT_EQ(test, request_resource(&mmio_copy_iomem, &bridge), 0);
	KUNIT_ASSERT_EQ(test, request_resource(&bridge, &nic), 0);
	set_screen(w, 15, 1);
	up(test);
	first = get_mib(w, 1);
	second = get_mib(w, 1);
	KUNIT_ASSERT_TRUE(test, first && second);
	KUNIT_EXPECT_EQ(test, (u64)first->start, LOW);
	KUNIT_EXPECT_EQ(test, (u64)second->start, LOW + 2 * MIB);
	KUNIT_EXPECT_PTR_EQ(test, second->parent, &bridge);
	enl_copy_mmio_free(&w->dev, first);
	enl_copy_mmio_free(&w->dev, second);
	KUNIT_EXPECT_PTR_EQ(test, bridge.child, &nic);
	release_resource(&nic);
	release_resource(&bridge);
	down(test, w);
}

/* QEMU: no window; and a platform that knows no firmware at all. */
static void empty_pool_gives_nothing_and_is_no_error(struct kunit *test)
{
	struct world *w = test->priv;

	enl_copy_mmio_init(&w->bus);
	KUNIT_EXPECT_PTR_EQ(test, get_mib(w, 1), NULL);
	KUNIT_EXPECT_PTR_EQ(test, w->bus.mmio.frame.parent, NULL);
	down(test, w);
	w->ops.firmware = NULL;
	enl_copy_mmio_init(&w->bus);
	KUNIT_EXPECT_PTR_EQ(test, get_mib(w, 1), NULL);
	down(test, w);
}

/* P-069: random taking and giving back, against a map of MiBs. */
static void any_order_is_what_a_map_says(struct kunit *test)
{
	struct world *w = test->priv;
	struct resource *held[32] = { };
	unsigned int step, i, at, n, bytes, align;
	bool used[32] = { };
	struct enl_mmio_want want;

	set_screen(w, 5, 2);
	up(test);
	used[5] = true;
	used[6] = true;
	for (step = 0; step < 20000; step++) {
		i = get_random_u32_below(32);
		if (held[i]) {
			at = (held[i]->start - (held[i]->start < HIGH ? LOW : HIGH)) / MIB +
			     (held[i]->start < HIGH ? 0 : 16);
			n = resource_size(held[i]) / MIB;
			memset(&used[at], 0, n);
			enl_copy_mmio_free(&w->dev, held[i]);
			held[i] = NULL;
			continue;
		}
		bytes = get_random_u32_below(5) + 1;
		align = 1 << get_random_u32_below(4);
		/* the lowest place, by trying each */
		for (at = 0; at < 32; at += align) {
			if (at % 16 + bytes > 16)
				continue;
			for (n = 0; n < bytes && !used[at + n]; n++)
				;
			if (n == bytes)
				break;
		}
		want = (struct enl_mmio_want){ .bytes = bytes * MIB, .align = align * MIB, ANY };
		held[i] = get(w, want);
		KUNIT_ASSERT_EQ(test, !!held[i], at < 32);
		if (!held[i])
			continue;
		KUNIT_ASSERT_EQ(test, (u64)held[i]->start,
				(at < 16 ? LOW : HIGH) + at % 16 * MIB);
		memset(&used[at], 1, bytes);
	}
	down(test, w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(nobody_is_given_the_boot_screen),
	KUNIT_CASE(unknown_screen_is_where_the_low_window_begins),
	KUNIT_CASE(driver_of_the_screen_gets_the_screen),
	KUNIT_CASE(limits_and_alignment_hold),
	KUNIT_CASE(giving_back_takes_only_what_was_given),
	KUNIT_CASE(others_in_the_table_of_io_memory_are_stepped_over),
	KUNIT_CASE(empty_pool_gives_nothing_and_is_no_error),
	KUNIT_CASE(any_order_is_what_a_map_says),
	{ }
};

static struct kunit_suite suite = { .name = "vmbus_mmio", .init = init, .test_cases = cases };
kunit_test_suite(suite);
