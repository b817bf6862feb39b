// SPDX-License-Identifier: GPL-2.0-only
/* 6.11: platform_driver.remove returns nothing. */
#include <linux/platform_device.h>

static void remove(struct platform_device *pdev)
{
}

struct platform_driver probe_driver = { .remove = remove };
