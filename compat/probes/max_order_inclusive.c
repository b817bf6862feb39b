// SPDX-License-Identifier: GPL-2.0-only
/* 6.4 to 6.7, EL 9.4, EL 9.5: MAX_ORDER is the largest order, not one more. */
#include <linux/mmzone.h>
#include <linux/build_bug.h>

static_assert(MAX_ORDER_NR_PAGES == 1UL << MAX_ORDER);
