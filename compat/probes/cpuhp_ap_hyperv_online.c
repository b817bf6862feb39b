// SPDX-License-Identifier: GPL-2.0-only
/* 6.5, EL 8.10, EL 9.3: a CPU hotplug state for the hypervisor's per-CPU page. */
#include <linux/cpuhotplug.h>

int probe(void);
int probe(void)
{
	return CPUHP_AP_HYPERV_ONLINE;
}
