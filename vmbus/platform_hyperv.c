// SPDX-License-Identifier: GPL-2.0-only
/*
 * The real hypervisor: SynIC per CPU, vector, crash registers, reference time (chapters 1 to 3).
 * With hypercall.c the only file that includes the kernel's Hyper-V headers; calls that one, and of
 * the bus nothing but the events it was given. Called through struct enl_platform_ops.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <asm/hypervisor.h>
#include <asm/mshyperv.h>
#include <clocksource/hyperv_timer.h>
#include "platform.h"
#include "platform_hyperv.h"
#include "synic.h"

struct synic {
	void *messages;			/* one page: 16 slots */
	void *events;			/* one page: 16 arrays of flags */
	struct delayed_work work;	/* consumes this CPU's slot */
	unsigned int cpu;
	bool timer;			/* the kernel's timer works by messages, and is ready */
};

static struct synic __percpu *synics;
static const struct enl_platform_events *events;	/* set while started */
static void *events_context;
static struct workqueue_struct *message_wq;
static int hotplug_state;
static bool letting_go;		/* every CPU is to be left: the hotplug callback must not fail */

/* Change the named bits only. */
static void set_fields(u32 reg, u64 fields, u64 value)
{
	set_reg(reg, (get_reg(reg) & ~fields) | value);
}

static struct slot *slot_of(struct synic *s)
{
	return s->messages + SINT * SLOT_BYTES;
}

static unsigned long *flags_of(struct synic *s)
{
	return s->events + SINT * SLOT_BYTES;
}

static void release(struct slot *slot, u32 type)
{
	if (slot_release(slot, type))
		set_reg(MSR_EOM, 0);
}

/* On the slot's CPU, in process context. A message that the bus has no room for stays. */
static void message_work(struct work_struct *work)
{
	struct synic *s = container_of(to_delayed_work(work), struct synic, work);
	struct slot *slot = slot_of(s), copy;

	while (slot_copy(slot, &copy)) {
		if (copy.type == 1 &&
		    !events->message(events_context, copy.payload, copy.bytes)) {
			mod_delayed_work_on(s->cpu, message_wq, &s->work,
					    msecs_to_jiffies(REFUSED_RETRY_MS));
			return;
		}
		release(slot, copy.type);
		/* However fast the host refills it, others have their turn. */
		cond_resched();
	}
}

/* Vector 0xf3, hard interrupt on any CPU; the kernel's stub ends the interrupt. No lock in here. */
static void interrupt(void)
{
	struct synic *s = this_cpu_ptr(synics);
	struct slot *slot = slot_of(s);
	u32 type;

	events->channels(events_context, flags_of(s), FLAG_BITS);
	type = READ_ONCE(slot->type);
	if (type == TIMER_EXPIRED && READ_ONCE(s->timer)) {
		hv_stimer0_isr();
		release(slot, type);
	} else if (type) {
		mod_delayed_work_on(s->cpu, message_wq, &s->work, 0);
	}
	add_interrupt_randomness(HYPERVISOR_CALLBACK_VECTOR);
}

static void synic_enable(struct synic *s)
{
	u64 sint = HYPERVISOR_CALLBACK_VECTOR;

	/* Must agree with what the kernel's stub does, or interrupts stop or nest. */
	if (!(ms_hyperv.hints & HINT_NO_AUTO_EOI))
		sint |= SINT_AUTO_EOI;
	set_fields(MSR_SIMP, PAGE_FIELDS, virt_to_phys(s->messages) | PAGE_ENABLE);
	set_fields(MSR_SIEFP, PAGE_FIELDS, virt_to_phys(s->events) | PAGE_ENABLE);
	set_fields(MSR_SINT, SINT_FIELDS, sint);
	set_fields(MSR_SCONTROL, 1, 1);
}

static void synic_disable(void)
{
	set_fields(MSR_SINT, SINT_MASKED, SINT_MASKED);
	set_fields(MSR_SIMP, PAGE_FIELDS, 0);
	set_fields(MSR_SIEFP, PAGE_FIELDS, 0);
	set_fields(MSR_SCONTROL, 1, 0);
}

/*
 * What a predecessor of this kernel, or of this module, left in the pages raises no interrupt any
 * more, and keeps new things from raising one. Interrupts off.
 */
static void take_over(struct synic *s)
{
	u32 type = READ_ONCE(slot_of(s)->type);

	events->channels(events_context, flags_of(s), FLAG_BITS);
	if (type == TIMER_EXPIRED)
		release(slot_of(s), type);
	else if (type)
		mod_delayed_work_on(s->cpu, message_wq, &s->work, 0);
}

/* The kernel has a timer for this only where the host cannot interrupt for it directly. */
static bool timer_by_message(void)
{
	return ms_hyperv.features & FEATURE_STIMER &&
	       !(ms_hyperv.misc_features & MISC_DIRECT_TIMER);
}

static int cpu_online_cb(unsigned int cpu)
{
	struct synic *s = this_cpu_ptr(synics);
	unsigned long flags;

	local_irq_save(flags);
	synic_enable(s);
	take_over(s);
	/* Its first message must find it ready: one that is lost is the CPU's last tick. */
	hv_stimer_legacy_init(cpu, SINT);
	WRITE_ONCE(s->timer, timer_by_message());
	local_irq_restore(flags);
	events->cpu_came(events_context, cpu);
	return 0;
}

static bool flags_pending(struct synic *s)
{
	const unsigned long *flags = flags_of(s);
	unsigned int i;

	for (i = 0; i < FLAG_BITS / BITS_PER_LONG; i++) {
		if (READ_ONCE(flags[i]) & ~(i ? 0ul : 1ul))
			return true;
	}
	return false;
}

/* On the CPU that goes, before it stops taking interrupts. */
static int cpu_offline_cb(unsigned int cpu)
{
	struct synic *s = this_cpu_ptr(synics);
	int err, tries;

	if (!letting_go) {
		err = events->cpu_going(events_context, cpu);
		if (err)
			return err;
		for (tries = 0; flags_pending(s); tries++) {
			if (tries == DRAIN_TRIES)
				return -EBUSY;
			usleep_range(10000, 20000);
		}
	}
	hv_stimer_legacy_cleanup(cpu);
	WRITE_ONCE(s->timer, false);
	synic_disable();
	return 0;
}

/* Crash: look at every CPU's slot, since older hosts choose the CPU themselves. */
static void poll(void *p, void (*deliver)(void *context, const void *msg, size_t len),
		 void *context)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct synic *s = per_cpu_ptr(synics, cpu);
		struct slot copy;

		if (!s->messages || !slot_copy(slot_of(s), &copy))
			continue;
		if (copy.type == 1)
			deliver(context, copy.payload, min_t(size_t, copy.bytes, PAYLOAD_BYTES));
		release(slot_of(s), copy.type);
	}
}

static u32 vp_index(void *p, unsigned int cpu)
{
	return hv_vp_index[cpu];
}

static u64 reference_time(void *p)
{
	return hv_read_reference_counter();
}

/* Ordinary VMs only (see enl_platform_hyperv_usable): the host sees all memory as it is. */
static int share(void *p, void *addr, unsigned int pages)
{
	return 0;
}

static u64 shared_pgprot(void *p)
{
	return pgprot_val(PAGE_KERNEL);
}

static bool isolated(void *p)
{
	return false;
}

static bool hibernation(void *p)
{
	return hv_is_hibernation_supported();
}

static bool hears_of_panic(void *p)
{
	return ms_hyperv.misc_features & MISC_CRASH;
}

/* The kernel's own function remembers that it has reported, and looks at panic_on_oops. */
static void report_registers(void *p, struct pt_regs *regs, long err, bool oops)
{
	hyperv_report_panic(regs, err, oops);
}

static void report_text(void *p, const void *text, size_t bytes)
{
	/* The last one sends it. */
	u64 value[] = { 0, 0, 0, virt_to_phys((void *)text), bytes, CRASH_TEXT | CRASH_NOTIFY };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(value); i++)
		set_reg(MSR_CRASH(i), value[i]);
}

/* Kexec: everybody may still sleep. The handler must leave no page of ours with the hypervisor. */
static void kexec_handler(void)
{
	hv_stimer_global_cleanup();
	events->dying(events_context, false);
	letting_go = true;
	cpuhp_remove_state(hotplug_state);
	hotplug_state = 0;
}

/* The kernel's own cleanup of timers may take a mutex, which a CPU that is stopped may hold. */
static void crash_handler(struct pt_regs *regs)
{
	events->dying(events_context, true);
	if (ms_hyperv.features & FEATURE_STIMER)
		set_reg(MSR_STIMER0_CONFIG, 0);
	synic_disable();
}

/* Runs before kdump, since the kernel moves notifiers ahead of it where the host logs crashes. */
static int panic_cb(struct notifier_block *block, unsigned long event, void *unused)
{
	events->dying(events_context, true);
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = { .notifier_call = panic_cb };

static void suspend(void *p)
{
	/* The kernel stops the timer itself, with all others. */
	synic_disable();
}

static void resume(void *p)
{
	synic_enable(per_cpu_ptr(synics, 0));
	take_over(per_cpu_ptr(synics, 0));
}

/* One CPU left, interrupts off: the pages must not be written to while an image is read. */
static int syscore_suspend_cb(void *unused)
{
	suspend(NULL);
	return 0;
}

static void syscore_resume_cb(void *unused)
{
	resume(NULL);
}

ENL_DEFINE_SYSCORE(synic_syscore, syscore_suspend_cb, syscore_resume_cb)

static void free_synics(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct synic *s = per_cpu_ptr(synics, cpu);

		cancel_delayed_work_sync(&s->work);
		free_page((unsigned long)s->messages);
		free_page((unsigned long)s->events);
	}
	free_percpu(synics);
	synics = NULL;
}

static int alloc_synics(void)
{
	unsigned int cpu;

	synics = alloc_percpu(struct synic);
	if (!synics)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct synic *s = per_cpu_ptr(synics, cpu);

		s->cpu = cpu;
		INIT_DELAYED_WORK(&s->work, message_work);
	}
	for_each_possible_cpu(cpu) {
		struct synic *s = per_cpu_ptr(synics, cpu);

		s->messages = (void *)get_zeroed_page(GFP_KERNEL);
		s->events = (void *)get_zeroed_page(GFP_KERNEL);
		if (!s->messages || !s->events) {
			free_synics();
			return -ENOMEM;
		}
	}
	return 0;
}

static int start(void *p, const struct enl_platform_events *ev, void *context)
{
	int err = alloc_synics();

	if (err)
		return err;
	message_wq = alloc_workqueue("enl_message", WQ_MEM_RECLAIM | WQ_HIGHPRI | WQ_PERCPU, 0);
	if (!message_wq) {
		free_synics();
		return -ENOMEM;
	}
	events = ev;
	events_context = context;
	letting_go = false;
	hv_setup_vmbus_handler(interrupt);
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "enlight/vmbus:online", cpu_online_cb,
				cpu_offline_cb);
	if (err < 0) {
		hv_remove_vmbus_handler();
		destroy_workqueue(message_wq);
		free_synics();
		return err;
	}
	hotplug_state = err;
	hv_setup_kexec_handler(kexec_handler);
	hv_setup_crash_handler(crash_handler);
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	synic_syscore_register();
	return 0;
}

static void nothing(void *unused)
{
}

static void stop(void *p)
{
	synic_syscore_unregister();
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
	hv_remove_crash_handler();
	hv_remove_kexec_handler();
	letting_go = true;
	if (hotplug_state)
		cpuhp_remove_state(hotplug_state);
	hv_remove_vmbus_handler();
	/* A handler that is running somewhere has interrupts off: this waits for it. */
	on_each_cpu(nothing, NULL, 1);
	free_synics();
	destroy_workqueue(message_wq);
}

const struct enl_platform_ops enl_platform_hyperv = {
	.name = "Hyper-V",
	.start = start,
	.stop = stop,
	.suspend = suspend,
	.resume = resume,
	.post_message = enl_hv_post,
	.signal_event = enl_hv_signal,
	.poll = poll,
	.vp_index = vp_index,
	.reference_time = reference_time,
	.share = share,
	.unshare = share,
	.shared_pgprot = shared_pgprot,
	.isolated = isolated,
	.hibernation = hibernation,
	.heat_hint = enl_hv_heat_hint,
	.firmware = enl_firmware_read,
	.above = enl_firmware_above,
	.hears_of_panic = hears_of_panic,
	.report_registers = report_registers,
	.report_text = report_text,
};
