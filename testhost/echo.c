// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device "echo": the service of vsp/echo.h under any class, for tests of channels.
 * Calls vsp/; reached through device_type_echo. Also the shortest example of a device type.
 */
#include "testhost/machine.h"
#include "testhost/types.h"
#include "vsp/echo.h"
#include "wire/classes.h"

struct echo {
	struct vsp_echo echo;
	bool monitored;
	struct enl_guid class_id;
};

static const struct {
	const char *name;
	struct enl_guid guid;
} classes[] = {
	{ "heartbeat", ENL_CLASS_HEARTBEAT }, { "shutdown", ENL_CLASS_SHUTDOWN },
	{ "timesync", ENL_CLASS_TIMESYNC }, { "kvp", ENL_CLASS_KVP }, { "vss", ENL_CLASS_VSS },
	{ "scsi", ENL_CLASS_SCSI }, { "network", ENL_CLASS_NETWORK }, { "pci", ENL_CLASS_PCI },
	{ "keyboard", ENL_CLASS_KEYBOARD }, { "mouse", ENL_CLASS_MOUSE },
	{ "video", ENL_CLASS_VIDEO },
};

static const char *option(struct device *d, const char *key, const char *value)
{
	struct echo *e = d->state;
	unsigned int i;
	__u64 n;

	if (word_is(key, "monitored")) {
		e->monitored = true;
		return NULL;
	}
	if (word_is(key, "quiet")) {
		e->echo.quiet = true;
		return NULL;
	}
	if (word_is(key, "grant")) {
		if (!word_number(value, 0, 64, &n))
			return wrong("grant=%s is no number up to 64", value);
		e->echo.grant = (__u32)n;
		return NULL;
	}
	for (i = 0; word_is(key, "class") && i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (word_is(value, classes[i].name)) {
			e->class_id = classes[i].guid;
			return NULL;
		}
	}
	return wrong("echo knows no %s=%s", key, value);
}

static const char *start(struct device *d)
{
	static const struct enl_guid none;
	struct echo *e = d->state;

	if (!__builtin_memcmp(&e->class_id, &none, sizeof(none)))
		e->class_id = classes[0].guid;
	return NULL;
}

static __u32 offer(struct device *d)
{
	struct echo *e = d->state;
	struct vsp_offer o = {
		.class_id = e->class_id,
		.instance_id = d->instance,
		.monitored = e->monitored,
		.provider = &vsp_echo_provider,
		.state = &e->echo,
	};

	return vsp_offer(d->host, &o);
}

static const char *verb_flood(struct verb_call *c)
{
	__u64 packets, bytes;

	if (!word_number(c->argv[0], 1, 1ull << 32, &packets) ||
	    !word_number(c->argv[1], 0, VSP_PACKET_BYTES - 64, &bytes))
		return "it takes a number of packets and the bytes of each";
	if (c->check)
		return NULL;
	return vsp_echo_flood(c->m->host, c->d->relid, packets, (__u32)bytes, false) ?
	       NULL : "the channel is not open";
}

static const struct verb verbs[] = {
	{ "flood", 2, 2, "PACKETS BYTES    send so many", verb_flood },
	{ 0 }
};

static void describe(struct device *d, FILE *json)
{
	const struct echo *e = d->state;

	fprintf(json, ",\"packets\":%llu,\"completed\":%llu,\"sent\":%llu,\"opens\":%u",
		(unsigned long long)e->echo.packets, (unsigned long long)e->echo.completed,
		(unsigned long long)e->echo.sent, e->echo.opens);
	fprintf(json, ",\"closes\":%u", e->echo.closes);
}

const struct device_type device_type_echo = {
	.name = "echo",
	.help = "class=NAME         heartbeat (default), shutdown, timesync, kvp, vss, scsi, network,\n"
		"                   pci, keyboard, mouse, video\n"
		"monitored          with a monitor id\n"
		"quiet              send nothing back\n"
		"grant=N            sub-channels that it grants\n",
	.bytes = sizeof(struct echo),
	.option = option,
	.start = start,
	.offer = offer,
	.verbs = verbs,
	.describe = describe,
};
