// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binds the host model to the machine: its memory, its time, and the SynIC as its way out.
 * Calls vsp/, synic.c, trace.c; called by hypercall.c, and as the machine's pump by everyone.
 * Works in the thread that made the hypercall, or with --async always in the event thread.
 */
#include <stdlib.h>
#include "testhost/machine.h"
#include "vsp/fault.h"

static void *map(void *context, __u64 pfn)
{
	if (pfn >> 40)
		return NULL;
	return memory_map(context, pfn << ENL_HVPAGE_SHIFT, ENL_HVPAGE_SIZE);
}

static __u64 time_100ns(void *context)
{
	return machine_ns(context) / 100;
}

/* A breach of the protocol is always told; what else the model says, the trace has better. */
static void trace(void *context, const char *what, __u32 a, __u64 b)
{
	struct machine *m = context;
	enum vsp_violation v;

	for (v = 0; v < VSP_V_LIMIT; v++) {
		if (what == vsp_violation_name(v)) {
			report(m, "violation", "name=%s a=%u b=0x%llx", what, a,
			       (unsigned long long)b);
			return;
		}
	}
	if (word_is(what, "fault"))
		report(m, "fault", "action=%u key=%u", a, (unsigned int)b);
	else if (m->opt.trace && word_is(what, "event"))
		report_line(m, "trace", "host->guest event flag=%u vp=%llu", a,
			    (unsigned long long)b);
}

static bool deliver(struct machine *m, const struct vsp_out *out)
{
	if (!synic_message(m, out->vp, out->message, out->bytes)) {
		vsp_put_back(m->host, out);
		return false;
	}
	trace_message(m, true, out->message, out->bytes, 0, 0);
	m->check(m);
	return true;
}

static void resume(void *context)
{
	(void)context;		/* the loop pumps after each call */
}

/*
 * Steps the model until nothing is left to do. While the guest's slot is busy everything else goes
 * first; when a message comes up again then, nothing else is left, and the guest's EOM goes on.
 */
static void step_all(struct machine *m)
{
	enum vsp_kind first = VSP_DO_EVENT;
	struct vsp_out out;

	while (!m->ending && now_ns() >= m->stalled_until) {
		switch (vsp_step(m->host, first, &out)) {
		case VSP_IDLE:
			return;
		case VSP_EVENT:
			synic_event(m, out.vp, out.flag);
			break;
		case VSP_MESSAGE:
			if (deliver(m, &out))
				first = VSP_DO_EVENT;
			else if (first == VSP_DO_POST)
				return;
			else
				first = VSP_DO_POST;
			break;
		case VSP_WORKED:
			break;
		}
	}
}

/* Actions of the script run inside and may call for another round. */
static void pump(struct machine *m)
{
	if (m->pumping) {
		m->pump_again = true;
		return;
	}
	m->pumping = true;
	do {
		m->pump_again = false;
		step_all(m);
		m->check(m);
	} while (m->pump_again && !m->ending);
	m->pumping = false;
}

static void work(struct machine *m)
{
	if (m->opt.async)
		machine_wake(m);
	else
		m->pump(m);
}

static void no_check(struct machine *m)
{
	(void)m;
}

void vmbus_make(struct machine *m)
{
	struct vsp_binding binding = {
		.context = m, .map = map, .time = time_100ns, .trace = trace,
	};

	m->host = calloc(1, vsp_bytes());
	if (!m->host)
		fatal(EXIT_USAGE, "no memory for the host model");
	m->personality.vps = m->opt.vcpus;
	vsp_init(m->host, &binding, &m->personality);
	m->pump = pump;
	if (!m->check)
		m->check = no_check;
}

/* HvPostMessage; returns its status. */
__u16 vmbus_post(struct machine *m, __u32 connection, const void *message, __u32 bytes)
{
	__u16 status = vsp_post(m->host, connection, message, bytes);

	trace_message(m, false, message, bytes, connection, status);
	m->check(m);
	work(m);
	return status;
}

/* HvSignalEvent */
void vmbus_signal(struct machine *m, __u32 connection)
{
	if (m->opt.trace)
		report_line(m, "trace", "guest->host signal connection=0x%x", connection);
	vsp_signal(m->host, connection);
	work(m);
}

/* The host does nothing for a while; what the guest does waits. */
void vmbus_stall(struct machine *m, __u64 us)
{
	m->stalled_until = now_ns() + us * 1000;
	machine_after(m, us + 1, resume, m);
}

static void describe_violations(struct machine *m, FILE *json)
{
	const char *comma = "";
	enum vsp_violation v;

	fprintf(json, ",\"violations\":{");
	for (v = 0; v < VSP_V_LIMIT; v++) {
		__u64 n = vsp_violation_count(m->host, v);

		if (!n)
			continue;
		fprintf(json, "%s\"%s\":%llu", comma, vsp_violation_name(v),
			(unsigned long long)n);
		comma = ",";
	}
	fprintf(json, "}");
}

/* Members of a JSON object: the connection, and what stands open. */
void vmbus_describe(struct machine *m, FILE *json)
{
	struct vsp_ledger l;
	__u32 version = vsp_version(m->host);

	vsp_ledger(m->host, &l);
	fprintf(json, "\"connected\":%s,\"version\":\"%u.%u\"",
		vsp_connected(m->host) ? "true" : "false", version >> 16, version & 0xffff);
	fprintf(json, ",\"offered\":%u,\"open\":%u,\"unreleased\":%u,\"gpadls\":%u", l.offered,
		l.open, l.unreleased, l.gpadls);
	fprintf(json, ",\"gpadl_pages\":%u,\"partial_gpadls\":%u,\"lingering_pages\":%u",
		l.gpadl_pages, l.partial_gpadls, l.lingering_pages);
	fprintf(json, ",\"monitor_pages\":%u,\"guest_requests\":%u,\"host_requests\":%u",
		l.monitor_pages, l.guest_requests, l.host_requests);
	fprintf(json, ",\"offers_sent\":%llu,\"relids_released\":%llu,\"doorbells\":%llu",
		(unsigned long long)l.offers_sent, (unsigned long long)l.relids_released,
		(unsigned long long)l.doorbells);
	fprintf(json, ",\"doorbells_missing\":%u,\"undelivered\":%u,\"unread\":%u",
		l.doorbells_missing, l.undelivered, l.unread);
	fprintf(json, ",\"fault_hits\":%llu,\"hints\":%llu,\"hinted_pages\":%llu",
		(unsigned long long)vsp_fault_total_hits(m->host),
		(unsigned long long)m->hints, (unsigned long long)m->hinted_pages);
	describe_violations(m, json);
}
