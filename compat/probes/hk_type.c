// SPDX-License-Identifier: GPL-2.0-only
/* 5.18, EL 9.1: housekeeping types are called HK_TYPE_*; they were HK_FLAG_* before. */
#include <linux/sched/isolation.h>

const struct cpumask *probe(void);
const struct cpumask *probe(void)
{
	return housekeeping_cpumask(HK_TYPE_MANAGED_IRQ);
}
