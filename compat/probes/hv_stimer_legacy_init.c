// SPDX-License-Identifier: GPL-2.0-only
/* Gone after 6.12: the synthetic timer that sends messages (no direct mode). */
#include <linux/types.h>
#include <clocksource/hyperv_timer.h>

void probe(unsigned int cpu);
void probe(unsigned int cpu)
{
	hv_stimer_legacy_init(cpu, 4);
	hv_stimer_legacy_cleanup(cpu);
}
