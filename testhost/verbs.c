// SPDX-License-Identifier: GPL-2.0-only
/*
 * The actions of the machine itself: channels, faults, time, questions, the end. One table.
 * Calls vmbus.c, device.c, faults.c, testport.c and loop.c; reached through verb_table().
 * Actions of one kind of device are in that device's own table.
 */
#include "testhost/faults.h"
#include "testhost/machine.h"

static const char *device_of(struct verb_call *c, struct device **d)
{
	*d = device_find(c->m, c->argv[0]);
	return *d || c->check ? NULL : wrong("there is no device \"%s\"", c->argv[0]);
}

static const char *channel_of(struct verb_call *c, __u32 *relid)
{
	*relid = c->check ? 0 : device_channel(c->m, c->argv[0]);
	return *relid || c->check ? NULL : wrong("there is no channel \"%s\"", c->argv[0]);
}

static const char *number_of(struct verb_call *c, int n, __u64 most, __u64 *value)
{
	return word_number(c->argv[n], 0, most, value) ?
	       NULL : wrong("\"%s\" is no such number", c->argv[n]);
}

static const char *type_of(struct verb_call *c, __u32 *type)
{
	*type = trace_type(c->argv[0]);
	return *type ? NULL : wrong("\"%s\" is no control message", c->argv[0]);
}

static const char *offer(struct verb_call *c)
{
	struct device *d;
	const char *why = device_of(c, &d);

	return why || c->check ? why : device_offer(d);
}

static const char *rescind(struct verb_call *c)
{
	__u32 relid;
	const char *why = channel_of(c, &relid);

	if (why || c->check)
		return why;
	/* one that was never offered is simply gone */
	vsp_rescind(c->m->host, relid);
	device_sweep(c->m);
	return NULL;
}

static const char *reoffer(struct verb_call *c)
{
	__u32 relid;
	const char *why = channel_of(c, &relid);

	if (why || c->check)
		return why;
	return vsp_rescind_and_reoffer(c->m->host, relid) ? NULL :
	       "the guest does not have it now";
}

static const char *add(struct verb_call *c)
{
	return c->check ? NULL : device_add(c->m, c->argv[0]);
}

static const char *drop(struct verb_call *c)
{
	struct device *d;
	const char *why = device_of(c, &d);

	return why || c->check ? why : device_remove(d);
}

static const char *fault(struct verb_call *c)
{
	struct vsp_fault f;
	const char *why = fault_parse(c, &f);

	if (why || c->check)
		return why;
	return vsp_fault_add(c->m->host, &f) < 0 ? "the plan is full" : NULL;
}

static const char *random_faults(struct verb_call *c)
{
	__u64 seed, count;
	__u32 kinds;
	const char *why = number_of(c, 0, ~0ull, &seed);

	if (!why)
		why = fault_kinds(c->argv[1], &kinds);
	if (!why)
		why = number_of(c, 2, 64, &count);
	if (!why && !c->check)
		vsp_fault_random(c->m->host, seed, kinds, (__u32)count);
	return why;
}

static const char *no_faults(struct verb_call *c)
{
	if (!c->check)
		vsp_fault_clear(c->m->host);
	return NULL;
}

static const char *hold_or_not(struct verb_call *c, bool hold)
{
	__u32 type;
	const char *why = type_of(c, &type);

	if (!why && !c->check)
		vsp_hold(c->m->host, type, hold);
	return why;
}

static const char *hold(struct verb_call *c)
{
	return hold_or_not(c, true);
}

static const char *let_go(struct verb_call *c)
{
	return hold_or_not(c, false);
}

static const char *stall(struct verb_call *c)
{
	__u64 us;

	if (!word_duration(c->argv[0], &us))
		return wrong("\"%s\" is no time such as 50ms", c->argv[0]);
	if (!c->check)
		vmbus_stall(c->m, us);
	return NULL;
}

static const char *event(struct verb_call *c)
{
	__u64 vp, flag;
	const char *why = number_of(c, 0, MAX_VCPUS - 1, &vp);

	if (!why)
		why = number_of(c, 1, 2047, &flag);
	if (!why && !c->check)
		vsp_send_event(c->m->host, (__u32)vp, (__u32)flag);
	return why;
}

/* Any bytes as a control message, in hexadecimal. */
static const char *message(struct verb_call *c)
{
	__u8 bytes[ENL_MESSAGE_BYTES];
	const char *p = c->argv[0];
	unsigned int n, byte;

	for (n = 0; *p; n++, p += 2) {
		if (n == sizeof(bytes) || !p[1] || sscanf(p, "%2x", &byte) != 1)
			return "a message is at most 240 bytes, in hexadecimal";
		bytes[n] = (__u8)byte;
	}
	if (!c->check)
		vsp_send_message(c->m->host, vsp_connect_vp(c->m->host), bytes, n);
	return NULL;
}

static const char *scribble(struct verb_call *c)
{
	bool in = word_is(c->argv[1], "to-guest");
	__u64 offset, value;
	__u32 relid;
	const char *why = channel_of(c, &relid);

	if (!why && !in && !word_is(c->argv[1], "from-guest"))
		why = "which ring: to-guest or from-guest?";
	if (!why)
		why = number_of(c, 2, ~0u, &offset);
	if (!why)
		why = number_of(c, 3, ~0u, &value);
	if (why || c->check)
		return why;
	return vsp_scribble(c->m->host, relid, in, (__u32)offset, (__u32)value) ?
	       NULL : "the channel is not open, or not so long";
}

static const char *status(struct verb_call *c)
{
	struct machine *m = c->m;
	unsigned int i;

	if (c->check)
		return NULL;
	fprintf(c->answer, "{\"seconds\":%.3f,\"paused\":%s,\"markers\":%llu,", machine_ns(m) / 1e9,
		m->paused ? "true" : "false", (unsigned long long)m->test.markers);
	vmbus_describe(m, c->answer);
	fprintf(c->answer, ",\"devices\":[");
	for (i = 0; i < m->devices; i++) {
		fprintf(c->answer, "%s", i ? "," : "");
		device_describe(m->device[i], c->answer);
	}
	fprintf(c->answer, "]}");
	return NULL;
}

static const char *query(struct verb_call *c)
{
	struct device *d;
	const char *why = device_of(c, &d);

	if (!why && !c->check)
		device_describe(d, c->answer);
	return why;
}

static const char *quiesce(struct verb_call *c)
{
	if (!c->check)
		fprintf(c->answer, "%llu", (unsigned long long)vsp_quiesce(c->m->host));
	return NULL;
}

static const char *forgive(struct verb_call *c)
{
	enum vsp_violation v;

	for (v = 0; v < VSP_V_LIMIT; v++) {
		if (!word_is(c->argv[0], vsp_violation_name(v)))
			continue;
		if (!c->check)
			vsp_forgive(c->m->host, v);
		return NULL;
	}
	return wrong("\"%s\" is no violation", c->argv[0]);
}

static const char *input(struct verb_call *c)
{
	return c->check ? NULL : testport_input(c->m, c->argv[0]);
}

static const char *pause_machine(struct verb_call *c)
{
	if (!c->check)
		machine_pause(c->m, true);
	return NULL;
}

static const char *go_on(struct verb_call *c)
{
	if (!c->check)
		machine_pause(c->m, false);
	return NULL;
}

static const char *note(struct verb_call *c)
{
	if (!c->check)
		report(c->m, "note", "%s", c->argv[0]);
	return NULL;
}

static const char *power_off(struct verb_call *c)
{
	if (!c->check)
		machine_end(c->m, EXIT_POWER_OFF, "script");
	return NULL;
}

static const char *end(struct verb_call *c)
{
	__u64 n;
	const char *why = number_of(c, 0, 255, &n);

	if (!why && !c->check)
		machine_end(c->m, (int)n, "script");
	return why;
}

static const struct verb table[] = {
	{ "offer", 1, 1, "DEVICE           offer it (again)", offer },
	{ "rescind", 1, 1, "CHANNEL          withdraw it", rescind },
	{ "reoffer", 1, 1, "CHANNEL          withdraw it and offer it again once released", reoffer },
	{ "device", 1, 1, "TYPE,OPTIONS     add a device, as --device", add },
	{ "remove", 1, 1, "DEVICE           for good; rescind it first", drop },
	{ "fault", 3, 10, "POINT KEY FAULT [NUMBERS] [skip N] [times N]   add to the plan", fault },
	{ "random", 3, 3, "SEED KINDS COUNT  random faults: timing,refusals,loss,hostile",
	  random_faults },
	{ "no-faults", 0, 0, "                 clear the plan", no_faults },
	{ "hold", 1, 1, "MESSAGE          answers of that type wait", hold },
	{ "release", 1, 1, "MESSAGE          and go", let_go },
	{ "stall", 1, 1, "TIME             the host does nothing", stall },
	{ "event", 2, 2, "VP FLAG          a spurious event", event },
	{ "message", 1, 1, "HEX              any bytes as a control message", message },
	{ "scribble", 4, 4, "CHANNEL to-guest|from-guest OFFSET VALUE   into a ring", scribble },
	{ "status", 0, 0, "                 everything, as JSON", status },
	{ "query", 1, 1, "DEVICE           one device, as JSON", query },
	{ "quiesce", 0, 0, "                 checks that hold at rest; number of violations", quiesce },
	{ "forgive", 1, 1, "VIOLATION        forget them", forgive },
	{ "input", 1, 1, "FILE             what the guest reads from port 0xf9", input },
	{ "pause", 0, 0, "                 hold the processors", pause_machine },
	{ "continue", 0, 0, "                 let them go on", go_on },
	{ "note", 1, 1, "TEXT             an event line", note },
	{ "poweroff", 0, 0, "                 end with status 0", power_off },
	{ "exit", 1, 1, "STATUS           end with it", end },
	{ 0 }
};

const struct verb *verb_table(void)
{
	return table;
}

static void help_table(FILE *to, const struct verb *v, const char *device)
{
	for (; v && v->name; v++)
		fprintf(to, "    %s%s %s\n", v->name, device, v->help);
}

void verb_help(FILE *to)
{
	const struct device_type *const *types = device_types();

	fputs("Lines of --script and --control: [WHEN] ACTION, \"#\" begins a comment. WHEN is one of\n"
	      "    now; at TIME; every TIME; after N MESSAGE; packets N CHANNEL; marker N;\n"
	      "    open CHANNEL; close CHANNEL\n"
	      "TIME is 5us, 20ms or 3s; CHANNEL a device, DEVICE.N its sub-channel, or a relid.\n"
	      "Actions:\n", to);
	help_table(to, table, "");
	for (; *types; types++)
		help_table(to, (*types)->verbs, " DEVICE");
	fputs("POINT: post message slot (KEY: MESSAGE or any), packet event doorbell (CHANNEL, any)\n"
	      "FAULT: drop, delay STEPS, repeat, reorder, truncate BYTES, status N, rescind,\n"
	      "    overwrite OFFSET VALUE WIDTH\n", to);
}
