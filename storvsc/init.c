// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control operations on the primary: the handshake, sub-channels, reset (chapters 6, 7.1, 13).
 * Calls encode.c, limits.c and enl_transact(). Called by channel.c and host.c.
 * One request at a time; each wait is bounded and ends with a rescind. The caller closes on
 * failure.
 */
#include <linux/cpumask.h>
#include "storvsc.h"
#include "trace.h"

static const u16 versions[] = {
	ENL_STOR_VERSION_6_2, ENL_STOR_VERSION_6_0, ENL_STOR_VERSION_5_1, ENL_STOR_VERSION_4_2,
	ENL_STOR_VERSION_2_0,
};

/*
 * Sends @packet, which becomes the answer. @body: bytes of it that are needed. The NT status is the
 * caller's to judge. 0, -EIO for an answer that is none, or as enl_transact().
 */
static int exchange(struct storvsc *s, struct enl_stor_packet *packet, u32 bytes, u32 body)
{
	u32 operation = le32_to_cpu(packet->operation);
	struct enl_stor_packet answer = { };
	struct enl_exchange x = {
		.request = packet,
		.request_bytes = bytes,
		.answer = &answer,
		.answer_bytes = sizeof(answer),
	};
	int err = enl_transact(s->primary, &x, storvsc_options.handshake_ms);

	if (!err && storvsc_answer_check(&answer, x.answer_bytes, body)) {
		storvsc_blame(s, s->primary, STORVSC_FAULT_ANSWER);
		err = -EIO;
	}
	trace_storvsc_control(operation, le32_to_cpu(answer.status), err);
	*packet = answer;
	return err;
}

/* An operation without a body, which the host has to accept. */
static int command(struct storvsc *s, u32 operation)
{
	struct enl_stor_packet packet;
	u32 bytes = storvsc_put_control(&packet, s->version, operation);
	int err = exchange(s, &packet, bytes, 0);

	if (!err && packet.status)
		err = -EIO;
	return err;
}

/* -EIO: refused, try an older one; -EPROTO: the host does not keep to the protocol. */
static int ask_version(struct storvsc *s, u16 version)
{
	struct enl_stor_packet packet;
	u32 bytes = storvsc_put_version(&packet, version);
	int err = exchange(s, &packet, bytes, sizeof(packet.version));

	if (err)
		return err == -EIO ? -EPROTO : err;
	if (le32_to_cpu(packet.status) == ENL_NT_REVISION_MISMATCH)
		return -EIO;
	if (packet.status)
		return -EPROTO;
	if (storvsc_version_check(&packet, version)) {
		storvsc_blame(s, s->primary, STORVSC_FAULT_VERSION_ECHO);
		return -EPROTO;
	}
	return 0;
}

static int negotiate(struct storvsc *s)
{
	unsigned int i;
	int err = -EIO;

	for (i = 0; i < ARRAY_SIZE(versions) && err == -EIO; i++) {
		err = ask_version(s, versions[i]);
		if (err)
			continue;
		s->version = versions[i];
		s->packet_bytes = storvsc_packet_bytes(s->version);
	}
	if (err == -EIO)
		dev_err_ratelimited(s->dev->dev,
				    "the host accepts no version of ours (6.2 to 2.0): no disks\n");
	return err;
}

static int query_properties(struct storvsc *s)
{
	struct enl_stor_packet packet;
	u32 bytes = storvsc_put_control(&packet, s->version, ENL_STOR_QUERY_PROPERTIES);
	enum storvsc_fault fault;
	int err = exchange(s, &packet, bytes, sizeof(packet.properties));

	if (err)
		return err;
	if (packet.status)
		return -EIO;
	fault = storvsc_properties_check(&packet.properties, s->version, s->class, &s->properties);
	if (!fault)
		return 0;
	storvsc_blame(s, s->primary, fault);
	return -EIO;
}

static int query_wwn(struct storvsc *s)
{
	struct enl_stor_packet packet;
	u32 bytes = storvsc_put_control(&packet, s->version, ENL_STOR_FC_HBA_DATA);
	unsigned long irq;
	int err = exchange(s, &packet, bytes, sizeof(packet.wwn));

	if (err)
		return err;
	if (packet.status)
		return -EIO;
	spin_lock_irqsave(&s->wwn_lock, irq);
	s->wwn = packet.wwn;
	spin_unlock_irqrestore(&s->wwn_lock, irq);
	return 0;
}

/* On an open primary. May sleep, up to the bound of each of its steps. */
int storvsc_handshake(struct storvsc *s)
{
	int err;

	s->version = 0;
	s->packet_bytes = storvsc_packet_bytes(0);
	/* A channel that the host monitors would add its latency to each step. */
	enl_channel_set_urgent(s->primary, true);
	err = command(s, ENL_STOR_BEGIN_INIT);
	if (!err)
		err = negotiate(s);
	if (!err)
		err = query_properties(s);
	if (!err && s->class == STORVSC_FC)
		err = query_wwn(s);
	if (!err)
		err = command(s, ENL_STOR_END_INIT);
	enl_channel_set_urgent(s->primary, false);
	return err;
}

/* How many the host agreed to offer; never a reason to fail. */
int storvsc_ask_sub_channels(struct storvsc *s)
{
	u16 count = storvsc_sub_channels_wanted(s->properties.max_sub_channels,
						num_online_cpus() + storvsc_options.poll_queues,
						storvsc_options.channels);
	struct enl_stor_packet packet;
	u32 bytes;
	int err;

	if (count > s->queues_made - 1)
		count = s->queues_made - 1;
	if (!count)
		return 0;
	bytes = storvsc_put_sub_channels(&packet, s->version, count);
	/* Offers may come before the answer. */
	enl_device_expect_subchannels(s->dev, count);
	s->subs_asked = count;
	err = exchange(s, &packet, bytes, 0);
	if (!err && !packet.status)
		return count;
	dev_info_ratelimited(s->dev->dev,
			     "no sub-channels (error %d, NT status 0x%08x): one channel serves all CPUs\n",
			     err, le32_to_cpu(packet.status));
	enl_device_expect_subchannels(s->dev, 0);
	s->subs_asked = 0;
	return 0;
}

/* The only reset that hosts are used to. 0: answered with success. */
int storvsc_reset_bus(struct storvsc *s)
{
	storvsc_count(s, STORVSC_COUNT_resets);
	return command(s, ENL_STOR_RESET_BUS);
}
