// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending, and the handshake: versions from the newest down, then capabilities.
 * Calls state.c, the encoders and the transport. Called by pages.c, hotadd.c, report.c, main.c.
 * Every wait here is bounded and ends when the device goes.
 */
#include <linux/jiffies.h>
#include "balloon.h"
#include "trace.h"

/*
 * One attempt. Ids count what was sent, from 1, in the order of sending; they are not compared
 * with the host's (2.1). Process context.
 */
int balloon_send_once(struct balloon *b, void *message, u32 bytes)
{
	struct enl_dm_header *header = message;
	int ret;

	mutex_lock(&b->send_lock);
	header->trans_id = cpu_to_le32(b->trans_id);
	ret = enl_send(b->ch, message, bytes, 0, 0);
	if (!ret)
		b->trans_id++;
	mutex_unlock(&b->send_lock);
	if (ret == -EAGAIN)
		balloon_count(b->m, BALLOON_COUNT_ring_full, 1);
	else
		trace_balloon_sent(le16_to_cpu(header->type), bytes, ret);
	return ret;
}

/* Until there is room, but not for ever. 0; -ETIMEDOUT; -ENODEV: the device goes; -EPROTO. */
int balloon_send(struct balloon *b, void *message, u32 bytes)
{
	unsigned long until = jiffies + msecs_to_jiffies(balloon_options.send_ms);
	u32 room = enl_send_packet_bytes(0, bytes);
	int ret;

	for (;;) {
		if (balloon_stopping(b))
			return -ENODEV;
		ret = balloon_send_once(b, message, bytes);
		if (ret != -EAGAIN)
			return ret;
		if (time_after(jiffies, until)) {
			balloon_blame(b, BALLOON_FAULT_RING_FULL);
			return -ETIMEDOUT;
		}
		wait_event_timeout(b->wake, balloon_stopping(b) || enl_send_room(b->ch, room),
				   HZ / 10 + 1);
	}
}

/*
 * The last answer to a request. The host may wait for it without limit, so one that finds no room
 * in time is owed and tried again with each report.
 */
void balloon_answer(struct balloon *b, const void *message, u32 bytes)
{
	u8 copy[sizeof(b->owed)] __aligned(8);

	if (WARN_ON_ONCE(bytes > sizeof(copy)))
		return;
	memcpy(copy, message, bytes);
	if (balloon_send(b, copy, bytes) != -ETIMEDOUT)
		return;
	spin_lock(&b->lock);
	memcpy(b->owed, copy, bytes);
	b->owed_bytes = bytes;
	spin_unlock(&b->lock);
}

/*
 * One attempt to send what is owed. Called by the report work. The worker begins nothing while an
 * answer is owed, so none takes its place meanwhile; then it goes on.
 */
void balloon_pay(struct balloon *b)
{
	u8 copy[sizeof(b->owed)] __aligned(8);
	u32 bytes;
	int ret;

	spin_lock(&b->lock);
	bytes = b->owed_bytes;
	memcpy(copy, b->owed, sizeof(copy));
	spin_unlock(&b->lock);
	if (!bytes)
		return;
	ret = balloon_send_once(b, copy, bytes);
	if (ret == -EAGAIN)
		return;
	spin_lock(&b->lock);
	b->owed_bytes = 0;
	spin_unlock(&b->lock);
	if (!ret)
		balloon_count(b->m, BALLOON_COUNT_answers_owed, 1);
	queue_work(b->wq, &b->work);
}

/* A response of the handshake came: right if somebody waits for this type now. */
void balloon_response(struct balloon *b, const struct balloon_message *message)
{
	bool wanted;

	spin_lock(&b->lock);
	wanted = b->state == BALLOON_NEGOTIATING && b->expect == message->type;
	if (wanted) {
		b->expect = 0;
		b->response = *message;
	}
	spin_unlock(&b->lock);
	if (wanted)
		complete(&b->responded);
	else
		balloon_blame(b, BALLOON_FAULT_STATE);
}

static int ask(struct balloon *b, void *message, u32 bytes, enum enl_dm_type answer)
{
	unsigned long until = jiffies + msecs_to_jiffies(balloon_options.handshake_ms);
	int ret;

	reinit_completion(&b->responded);
	spin_lock(&b->lock);
	b->expect = answer;
	spin_unlock(&b->lock);

	ret = balloon_send(b, message, bytes);
	while (!ret && !wait_for_completion_timeout(&b->responded, HZ / 10 + 1)) {
		if (balloon_stopping(b))
			ret = -ENODEV;
		else if (time_after(jiffies, until))
			ret = -ETIMEDOUT;
	}

	/* A later one is nobody's: see balloon_response(). */
	spin_lock(&b->lock);
	b->expect = 0;
	spin_unlock(&b->lock);
	return ret;
}

static int agree_on_version(struct balloon *b)
{
	static const u32 versions[] = {
		ENL_DM_VERSION_2_0, ENL_DM_VERSION_1_0, ENL_DM_VERSION_0_3,
	};
	unsigned int i;
	u32 bytes;
	int ret;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		bytes = balloon_put_version(b->message, versions[i],
					    i == ARRAY_SIZE(versions) - 1);
		ret = ask(b, b->message, bytes, ENL_DM_VERSION_RESPONSE);
		if (ret)
			return ret;
		if (b->response.accepted) {
			b->version = versions[i];
			return 0;
		}
	}
	return -EIO;
}

/*
 * The guest speaks first. 0; -EIO: the host accepts no version or not our capabilities;
 * -ETIMEDOUT: it does not answer; -ENODEV, -EPROTO. b->version and b->caps are set on success.
 */
int balloon_handshake(struct balloon *b, u64 capabilities)
{
	u32 bytes;
	int ret;

	b->trans_id = 1;
	b->version = 0;
	spin_lock(&b->lock);
	b->state = BALLOON_NEGOTIATING;
	b->owed_bytes = 0;
	spin_unlock(&b->lock);

	ret = agree_on_version(b);
	if (!ret) {
		bytes = balloon_put_capabilities(b->message, capabilities);
		ret = ask(b, b->message, bytes, ENL_DM_CAPABILITIES_RESPONSE);
	}
	if (!ret && !(b->response.caps & ENL_DM_CAPS_ACCEPTED))
		ret = -EIO;
	if (ret)
		return ret;
	b->caps = b->response.caps;
	spin_lock(&b->lock);
	b->state = BALLOON_READY;
	spin_unlock(&b->lock);
	return 0;
}
