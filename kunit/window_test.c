// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address windows on paper: lists of _CRS that overlap, touch or make no sense; the boot screen.
 * Calls window.c of vmbus/; compiles as a program too.
 * P-069: nobody is given the frame buffer, the TPM or the first MiB, whatever the lists look like.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>
#include "vmbus/window.h"

#define MIB	0x100000ull
#define GIB	0x40000000ull

static void expect_window(struct kunit *test, const struct enl_windows *w, unsigned int i,
			  u64 start, u64 end)
{
	KUNIT_ASSERT_GT(test, w->count, i);
	KUNIT_EXPECT_EQ(test, w->at[i].start, start);
	KUNIT_EXPECT_EQ(test, w->at[i].end, end);
}

/* P-069: what firmware of a generation 1 machine lists, and its parts in any order. */
static void first_mib_and_tpm_are_no_window(struct kunit *test)
{
	struct enl_windows w = { };

	enl_windows_add(&w, 0xfe0000000ull, 0xfffffffffull);
	enl_windows_add(&w, 0xa0000, 0xbffff);
	enl_windows_add(&w, 0xf8000000, 0xfffbffff);
	KUNIT_EXPECT_EQ(test, w.count, 2u);
	expect_window(test, &w, 0, 0xf8000000, 0xfed3ffff);
	expect_window(test, &w, 1, 0xfe0000000ull, 0xfffffffffull);

	/* across a border, and beginning at one */
	w = (struct enl_windows){ };
	enl_windows_add(&w, 0xc0000, 2 * MIB - 1);
	enl_windows_add(&w, 0xfed40000, 0xfed4ffff);
	enl_windows_add(&w, 0, MIB - 1);
	enl_windows_add(&w, 0xfed41000, 0xfed43fff);
	KUNIT_EXPECT_EQ(test, w.count, 2u);
	expect_window(test, &w, 0, MIB, 2 * MIB - 1);
	expect_window(test, &w, 1, 0xfed45000, 0xfed4ffff);
}

/* P-069: a claim may span descriptors, so these are one window. */
static void lists_that_overlap_become_one_list(struct kunit *test)
{
	struct enl_windows w = { };

	enl_windows_add(&w, 0xf8000000, 0xf9ffffff);
	enl_windows_add(&w, 0xfa000000, 0xfbffffff);	/* touches */
	KUNIT_EXPECT_EQ(test, w.count, 1u);
	enl_windows_add(&w, 0xf0000000, 0xf0ffffff);
	enl_windows_add(&w, 0xf2000000, 0xf2ffffff);
	KUNIT_EXPECT_EQ(test, w.count, 3u);
	enl_windows_add(&w, 0xf2100000, 0xf21fffff);	/* inside */
	enl_windows_add(&w, 0xf8000000, 0xfbffffff);	/* the same again */
	KUNIT_EXPECT_EQ(test, w.count, 3u);
	expect_window(test, &w, 0, 0xf0000000, 0xf0ffffff);
	expect_window(test, &w, 1, 0xf2000000, 0xf2ffffff);
	expect_window(test, &w, 2, 0xf8000000, 0xfbffffff);
	enl_windows_add(&w, 0xf0800000, 0xf8000000);	/* joins all three */
	KUNIT_EXPECT_EQ(test, w.count, 1u);
	expect_window(test, &w, 0, 0xf0000000, 0xfbffffff);
}

static void nonsense_is_passed_over(struct kunit *test)
{
	struct enl_windows w = { };

	enl_windows_add(&w, 2 * MIB, MIB);
	enl_windows_add(&w, U64_MAX, 0);
	enl_windows_add(&w, 0, 0);
	KUNIT_EXPECT_EQ(test, w.count, 0u);
	enl_windows_add(&w, 4 * GIB, U64_MAX);
	enl_windows_add(&w, U64_MAX, U64_MAX);
	enl_windows_add(&w, 0, U64_MAX);
	KUNIT_EXPECT_EQ(test, w.count, 2u);
	expect_window(test, &w, 0, MIB, ENL_TPM_BASE - 1);
	expect_window(test, &w, 1, 4 * GIB, U64_MAX);
	KUNIT_EXPECT_EQ(test, w.dropped, 0u);
}

static void full_list_drops_what_is_new_and_counts_it(struct kunit *test)
{
	struct enl_windows w = { };
	unsigned int i;

	for (i = 0; i < ENL_WINDOWS; i++)
		enl_windows_add(&w, (4 + 2 * i) * MIB, (5 + 2 * i) * MIB - 1);
	enl_windows_add(&w, 2 * MIB, 3 * MIB - 1);
	enl_windows_add(&w, 900 * MIB, 901 * MIB - 1);
	KUNIT_EXPECT_EQ(test, w.count, ENL_WINDOWS);
	KUNIT_EXPECT_EQ(test, w.dropped, 2u);
	expect_window(test, &w, 0, 4 * MIB, 5 * MIB - 1);
	/* growing and joining need no room */
	enl_windows_add(&w, 3 * MIB, 6 * MIB);
	KUNIT_EXPECT_EQ(test, w.count, ENL_WINDOWS - 1);
	expect_window(test, &w, 0, 3 * MIB, 7 * MIB - 1);
	KUNIT_EXPECT_EQ(test, w.dropped, 2u);
}

/*
 * Addresses as cells whose borders are the interesting ones. Cell i is border[i] up to the next.
 */
struct oracle {
	u64 border[80];
	unsigned int cells;
	bool free[80];
};

static void oracle_init(struct oracle *o)
{
	u64 at;

	memset(o, 0, sizeof(*o));
	for (at = 0xf8000; at <= 0x108000; at += 0x2000)
		o->border[o->cells++] = at;
	for (at = 0xfed3c000; at <= 0xfed4a000; at += 0x1000)
		o->border[o->cells++] = at;
	for (at = 0xffff0000ull; at <= 0x10000ffffull; at += 0x2000)
		o->border[o->cells++] = at;
	o->border[o->cells++] = 0xfe0000000ull;
	o->border[o->cells] = 0;	/* 2^64 */
}

static u64 cell_end(const struct oracle *o, unsigned int i)
{
	return o->border[i + 1] - 1;
}

/* The rules, cell by cell, in other words than window.c has. */
static void oracle_add(struct oracle *o, unsigned int first, unsigned int last)
{
	bool from_below = o->border[first] < ENL_TPM_BASE;
	unsigned int i;

	for (i = first; i <= last; i++) {
		u64 a = o->border[i];

		if (a < ENL_WINDOW_FLOOR || (a >= ENL_TPM_BASE && from_below) ||
		    (a >= ENL_TPM_BASE && a < ENL_TPM_BASE + ENL_TPM_BYTES))
			continue;
		o->free[i] = true;
	}
}

static bool covered(const struct enl_windows *w, u64 start, u64 end)
{
	unsigned int i;

	for (i = 0; i < w->count; i++) {
		if (w->at[i].start <= start && end <= w->at[i].end)
			return true;
	}
	return false;
}

static bool touched(const struct enl_windows *w, u64 start, u64 end)
{
	unsigned int i;

	for (i = 0; i < w->count; i++) {
		if (w->at[i].start <= end && start <= w->at[i].end)
			return true;
	}
	return false;
}

static void oracle_check(struct kunit *test, const struct oracle *o, const struct enl_windows *w)
{
	unsigned int i, runs = 0;

	for (i = 0; i < o->cells; i++) {
		KUNIT_ASSERT_EQ(test, covered(w, o->border[i], cell_end(o, i)), o->free[i]);
		KUNIT_ASSERT_EQ(test, touched(w, o->border[i], cell_end(o, i)), o->free[i]);
		runs += o->free[i] && (!i || !o->free[i - 1]);
	}
	KUNIT_ASSERT_EQ(test, w->count, runs);
	for (i = 0; i < w->count; i++) {
		KUNIT_ASSERT_LE(test, w->at[i].start, w->at[i].end);
		KUNIT_ASSERT_TRUE(test, !i || w->at[i - 1].end + 1 < w->at[i].start);
	}
}

/* P-069: the list is what a bitmap of the same descriptors is. */
static void any_list_is_what_a_bitmap_says(struct kunit *test)
{
	struct enl_windows w;
	unsigned int round, n, first, last;
	struct oracle o;

	for (round = 0; round < 5000; round++) {
		oracle_init(&o);
		w = (struct enl_windows){ };
		for (n = get_random_u32_below(ENL_WINDOWS) + 1; n; n--) {
			first = get_random_u32_below(o.cells);
			/* mostly short ones, so that there is something between them */
			last = first + get_random_u32_below(get_random_u32_below(4) ? 5 : o.cells);
			last = min(last, o.cells - 1);
			enl_windows_add(&w, o.border[first], cell_end(&o, last));
			oracle_add(&o, first, last);
			oracle_check(test, &o, &w);
		}
		KUNIT_ASSERT_EQ(test, w.dropped, 0u);
	}
}

static struct enl_windows gen2(void)
{
	struct enl_windows w = { };

	enl_windows_add(&w, 0xfe0000000ull, 0xfffffffffull);
	enl_windows_add(&w, 0xf8000000, 0xfed3ffff);
	return w;
}

static void expect_frame(struct kunit *test, const struct enl_windows *w, u64 base, u64 bytes,
			 bool exact, u64 want_start, u64 want_bytes)
{
	struct enl_screen screen = { base, bytes, exact };
	struct enl_window frame = { };

	KUNIT_ASSERT_EQ(test, enl_windows_frame(w, &screen, &frame), want_bytes != 0);
	if (!want_bytes)
		return;
	KUNIT_EXPECT_EQ(test, frame.start, want_start);
	KUNIT_EXPECT_EQ(test, frame.end - frame.start + 1, want_bytes);
}

/* P-069, generation 2: from the EFI base half of the space to 4 GiB, or from the low window. */
static void efi_screen_keeps_half_of_what_is_above_it(struct kunit *test)
{
	struct enl_windows w = gen2(), none = { };

	expect_frame(test, &w, 0xf8000000, 3 * MIB, false, 0xf8000000, 64 * MIB);
	expect_frame(test, &w, 0xfc000000, 3 * MIB, false, 0xfc000000, 32 * MIB);
	expect_frame(test, &w, 0, 0, false, 0xf8000000, 64 * MIB);
	expect_frame(test, &w, 0xd0000000, 700 * MIB, false, 0xf8000000, 60 * MIB);
	/* length without a base means nothing */
	expect_frame(test, &w, 0, 100 * MIB, false, 0xf8000000, 64 * MIB);
	enl_windows_add(&w, 0xf0000000, 0xf7ffffff);
	expect_frame(test, &w, 0xf4000000, 3 * MIB, false, 0xf4000000, 96 * MIB);
	/* at most 128 MiB, and that above 4 GiB */
	enl_windows_add(&w, 0x80000000, 0xf7ffffff);
	expect_frame(test, &w, 0x80000000, 0, false, 0x80000000, 128 * MIB);
	expect_frame(test, &w, 0xfe0000000ull, 0, false, 0xfe0000000ull, 128 * MIB);
	/* QEMU; and a machine whose windows are all high */
	expect_frame(test, &none, 0xf8000000, 3 * MIB, false, 0, 0);
	expect_frame(test, &none, 0, 0, false, 0, 0);
	enl_windows_add(&none, 0xfe0000000ull, 0xfffffffffull);
	expect_frame(test, &none, 0, 0, false, 0, 0);
	expect_frame(test, &none, 0xf8000000, 3 * MIB, false, 0, 0);
}

/* P-069, generation 1: BAR 0 of the graphics adapter, that and no more. */
static void pci_screen_keeps_its_bar(struct kunit *test)
{
	struct enl_windows w = gen2();

	expect_frame(test, &w, 0xf8000000, 64 * MIB, true, 0xf8000000, 64 * MIB);
	expect_frame(test, &w, 0xfa000000, 4 * MIB, true, 0xfa000000, 4 * MIB);
	expect_frame(test, &w, 0xfed00000, 4 * MIB, true, 0xfed00000, 0x40000);
	expect_frame(test, &w, 0xf7000000, 64 * MIB, true, 0xf8000000, 48 * MIB);
	expect_frame(test, &w, 0xf7000000, 16 * MIB, true, 0, 0);
	expect_frame(test, &w, 0xd0000000, 64 * MIB, true, 0, 0);
}

/* P-069: halved until it fits, never below what is known to be the screen. */
static void frame_is_halved_until_it_fits(struct kunit *test)
{
	struct enl_windows w = { };

	enl_windows_add(&w, 0xf8000000, 0xf8000000 + 40 * MIB - 1);
	expect_frame(test, &w, 0xf8000000, 3 * MIB, false, 0xf8000000, 32 * MIB);
	expect_frame(test, &w, 0xf8000000, 36 * MIB, false, 0xf8000000, 36 * MIB);
	expect_frame(test, &w, 0xf8000000, 50 * MIB, false, 0xf8000000, 40 * MIB);
	/* less than 1 MiB is left above the base: all of it */
	expect_frame(test, &w, 0xf8000000 + 39 * MIB + 0x1000, 0, false,
		     0xf8000000 + 39 * MIB + 0x1000, MIB - 0x1000);
}

/* P-069: whatever firmware says, no byte of the screen that lies in its window is left out. */
static void known_screen_is_always_inside_the_frame(struct kunit *test)
{
	unsigned int round, i, found = 0;

	for (round = 0; round < 20000; round++) {
		struct enl_windows w = { };
		struct enl_screen s = { .exact = get_random_u32_below(2) };
		struct enl_window frame;
		const struct enl_window *in = NULL;
		u64 last;

		for (i = get_random_u32_below(4) + 1; i; i--) {
			u64 start = 0xf0000000ull + get_random_u32_below(0x18000) * 0x1000ull;

			enl_windows_add(&w, start, start + get_random_u32_below(0x8000000));
		}
		s.base = 0xf0000000ull + get_random_u32_below(0x18000) * 0x1000ull;
		s.bytes = get_random_u32_below(0x4000000) + 1;
		last = s.base + s.bytes - 1;
		for (i = 0; i < w.count && !in; i++) {
			if (w.at[i].end >= s.base && w.at[i].start <= last)
				in = &w.at[i];
		}
		if (!enl_windows_frame(&w, &s, &frame)) {
			KUNIT_ASSERT_PTR_EQ(test, in, NULL);
			continue;
		}
		KUNIT_ASSERT_TRUE(test, covered(&w, frame.start, frame.end));
		KUNIT_ASSERT_LE(test, frame.end - frame.start, max(s.bytes, 128 * MIB) - 1);
		if (!in)
			continue;
		found++;
		KUNIT_ASSERT_EQ(test, frame.start, max(s.base, in->start));
		KUNIT_ASSERT_GE(test, frame.end, min(last, in->end));
		if (s.exact)
			KUNIT_ASSERT_EQ(test, frame.end, min(last, in->end));
	}
	KUNIT_EXPECT_GT(test, found, 5000u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(first_mib_and_tpm_are_no_window),
	KUNIT_CASE(lists_that_overlap_become_one_list),
	KUNIT_CASE(nonsense_is_passed_over),
	KUNIT_CASE(full_list_drops_what_is_new_and_counts_it),
	KUNIT_CASE(any_list_is_what_a_bitmap_says),
	KUNIT_CASE(efi_screen_keeps_half_of_what_is_above_it),
	KUNIT_CASE(pci_screen_keeps_its_bar),
	KUNIT_CASE(frame_is_halved_until_it_fits),
	KUNIT_CASE(known_screen_is_always_inside_the_frame),
	{ }
};

static struct kunit_suite suite = { .name = "vmbus_window", .test_cases = cases };
kunit_test_suite(suite);
