// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls to the hypervisor, and the first question: can it carry the bus (chapters 1 and 3)?
 * Calls nothing of the suite. Called by platform_hyperv.c through its table, and by main.c.
 * The input page is shared by everybody on its CPU: interrupts are off while it is in use.
 */
#include <linux/string.h>
#include <asm/hypervisor.h>
#include <asm/mshyperv.h>
#include "platform.h"
#include "platform_hyperv.h"
#include "synic.h"

/* One pointer for each CPU. EL 8.6 and 9.0 annotate it as a per-CPU pointer to pointers. */
#define input_page() (*this_cpu_ptr((__force void * __percpu *)hyperv_pcpu_input_arg))

int enl_hv_post(void *p, u32 connection, const void *msg, size_t bytes)
{
	struct post_input *input;
	unsigned long flags;
	u64 status;

	if (!hv_is_hyperv_initialized() || bytes > PAYLOAD_BYTES)
		return -ENXIO;
	/* The page is this CPU's: nothing may come between filling it and the call. */
	local_irq_save(flags);
	input = input_page();
	if (!input) {
		local_irq_restore(flags);
		return -ENXIO;
	}
	memset(input, 0, sizeof(*input));
	input->connection = connection;
	input->type = 1;
	input->bytes = bytes;
	memcpy(input->payload, msg, bytes);
	status = hv_do_hypercall(CALL_POST, input, NULL);
	local_irq_restore(flags);
	return status & 0xffff;
}

void enl_hv_signal(void *p, u32 connection)
{
	hv_do_fast_hypercall8(CALL_SIGNAL, connection);
}

int enl_hv_heat_hint(void *p, const u64 *ranges, unsigned int words, unsigned int *done)
{
	unsigned long flags;
	u64 *input, status;

	*done = 0;
	if (words > (PAGE_SIZE - sizeof(u64)) / sizeof(u64))
		return -EINVAL;
	if (!hv_query_ext_cap(EXT_COLD_DISCARD))
		return -EOPNOTSUPP;
	local_irq_save(flags);
	input = input_page();
	if (!input) {
		local_irq_restore(flags);
		return -EOPNOTSUPP;
	}
	input[0] = HINT_DISCARD;
	memcpy(&input[1], ranges, words * sizeof(*ranges));
	status = hv_do_rep_hypercall(CALL_HEAT_HINT, words, 0, input, NULL);
	local_irq_restore(flags);
	*done = (status >> 32) & 0xfff;
	return status & 0xffff;
}

/* Can this machine carry the bus? 0, or -ENODEV with one line that says why not. */
int enl_platform_hyperv_usable(void)
{
	const char *missing = host_withholds(ms_hyperv.features, ms_hyperv.priv_high);

	if (x86_hyper_type != X86_HYPER_MS_HYPERV || !hv_is_hyperv_initialized()) {
		pr_info("no Hyper-V here; nothing to do\n");
		return -ENODEV;
	}
	if (is_root_partition()) {
		pr_info("this is the root partition, not a guest; nothing to do\n");
		return -ENODEV;
	}
	if (missing) {
		pr_err("the host withholds %s; grant hv-synic and the message rights to this VM\n",
		       missing);
		return -ENODEV;
	}
	if (hv_is_isolation_supported() && hv_get_isolation_type() != HV_ISOLATION_TYPE_VBS) {
		pr_err("confidential VM of a kind not supported yet; boot with enlight=off\n");
		return -ENODEV;
	}
	return 0;
}
