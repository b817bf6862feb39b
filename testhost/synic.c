// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SynIC of each processor as far as it is ours: message slots and event flags of SINT 2.
 * Calls memory.c and writes the eventfds of kvm.c; called by vmbus.c, and by vcpu.c when the guest
 * moves its pages. Vectors, masks and EOI are KVM's.
 */
#include <unistd.h>
#include "testhost/machine.h"
#include "wire/synic.h"

#define ENABLED		1u
#define PAGE(value)	((value) & ~0xfffull)

/* The guest ended a message, or just an interrupt: if one waits, it can be tried again. */
static void eom(void *context)
{
	struct synic *s = context;
	__u64 drop;

	if (read(s->eom, &drop, sizeof(drop)) < 0)
		return;
}

void synic_make(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < MAX_VCPUS; i++) {
		m->synic[i].raise = -1;
		m->synic[i].eom = -1;
	}
}

/* The guest wrote SCONTROL, SIMP or SIEFP of processor @vp. */
void synic_set(struct machine *m, unsigned int vp, const struct kvm_hyperv_exit *exit)
{
	struct synic *s = &m->synic[vp];

	s->control = exit->u.synic.control;
	s->message_page = exit->u.synic.msg_page;
	s->event_page = exit->u.synic.evt_page;
}

static void raise(struct synic *s)
{
	__u64 one = 1;

	if (s->raise >= 0 && write(s->raise, &one, sizeof(one)) < 0)
		return;
}

static void *slot(struct machine *m, const struct synic *s, __u64 page)
{
	if (!(s->control & ENABLED) || !(page & ENABLED))
		return NULL;
	return memory_map(m, PAGE(page) + 256 * ENL_VMBUS_SINT, 256);
}

/*
 * The end of every interrupt of the SINT comes over the same eventfd: it is watched only while a
 * message waits, and what was signalled before does not count.
 */
static void wait_for_eom(struct machine *m, struct synic *s, bool wait)
{
	if (s->waits == wait)
		return;
	s->waits = wait;
	if (!wait) {
		machine_unwatch(m, s->eom);
		return;
	}
	eom(s);
	machine_watch(m, s->eom, eom, s);
}

static bool slot_empty(const struct enl_synic_message *to)
{
	return !__atomic_load_n(&to->type, __ATOMIC_SEQ_CST);
}

/*
 * Puts a message into the slot of @vp and interrupts it. False: the slot is busy, and the pump
 * will run when the guest is through with it. A SynIC that is off takes and loses everything.
 */
bool synic_message(struct machine *m, unsigned int vp, const void *message, unsigned int bytes)
{
	struct synic *s = &m->synic[vp];
	struct enl_synic_message *to;

	if (vp >= m->opt.vcpus)
		return true;
	to = slot(m, s, s->message_page);
	if (!to) {
		report(m, "lost", "message=%s vp=%u", trace_name(*(const __u32 *)message), vp);
		return true;
	}
	if (!slot_empty(to)) {
		__atomic_fetch_or(&to->flags, ENL_SYNIC_PENDING, __ATOMIC_SEQ_CST);
		wait_for_eom(m, s, true);
		/* the guest may have emptied it before it could see the flag */
		if (!slot_empty(to))
			return false;
	}
	wait_for_eom(m, s, false);
	__builtin_memcpy(to->payload, message, bytes);
	to->payload_bytes = (__u8)bytes;
	to->sender = 0;
	to->reserved = 0;
	to->flags = 0;
	__atomic_store_n(&to->type, ENL_HV_MESSAGE_VMBUS, __ATOMIC_SEQ_CST);
	raise(s);
	return true;
}

/* Sets event flag @flag of @vp, and interrupts it if the flag was clear. */
void synic_event(struct machine *m, unsigned int vp, unsigned int flag)
{
	struct synic *s = &m->synic[vp];
	__u64 *words;

	if (vp >= m->opt.vcpus || flag >= ENL_EVENT_FLAGS)
		return;
	words = slot(m, s, s->event_page);
	if (!words) {
		report(m, "lost", "flag=%u vp=%u", flag, vp);
		return;
	}
	if (__atomic_fetch_or(&words[flag / 64], 1ull << flag % 64, __ATOMIC_SEQ_CST) >>
	    flag % 64 & 1)
		return;
	raise(s);
}
