// SPDX-License-Identifier: GPL-2.0-only
/*
 * One request and its answer on a channel, for the handshakes of drivers.
 * Calls packet.c; recv.c takes the answer out of the stream. Called by drivers and on close.
 * The wait ends by the answer, a rescind, a stopped or closed channel, or by time.
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include "internal.h"

static u64 transact_begin(struct enl_channel *ch, struct enl_exchange *x)
{
	unsigned long irq;
	u64 id;

	spin_lock_irqsave(&ch->transact_lock, irq);
	reinit_completion(&ch->transact_done);
	id = (u64)ENL_TRANSACT_MARK << 32 | ++ch->transact_sequence;
	ch->transact_id = id;
	ch->transact = x;
	spin_unlock_irqrestore(&ch->transact_lock, irq);
	return id;
}

/* 0 answered, else why not. Afterwards no answer is copied any more. */
static int transact_finish(struct enl_channel *ch)
{
	unsigned long irq;
	int err = 0;

	spin_lock_irqsave(&ch->transact_lock, irq);
	if (ch->transact_id)
		err = ch->transact ? -ETIMEDOUT : -ENODEV;
	ch->transact_id = 0;
	ch->transact = NULL;
	spin_unlock_irqrestore(&ch->transact_lock, irq);
	if (err == -ENODEV && READ_ONCE(ch->stopped))
		err = -EPROTO;
	return err;
}

/**
 * enl_transact() - send a request and wait for its completion
 * @ch: an open channel whose notify callback calls enl_recv()
 * @x: request and room for the answer; on return @x->answer_bytes says what came
 * @timeout_ms: how long to wait, milliseconds
 *
 * One exchange at a time per channel; others wait for their turn. May sleep; not from the notify
 * callback. The answer never shows up in enl_recv().
 *
 * Return: 0; -ETIMEDOUT; -ENODEV rescinded or closed; -EPROTO stopped; -EAGAIN ring full; -EINVAL.
 */
int enl_transact(struct enl_channel *ch, struct enl_exchange *x, unsigned int timeout_ms)
{
	u64 id;
	int err;

	mutex_lock(&ch->transact_mutex);
	id = transact_begin(ch, x);
	err = enl_send(ch, x->request, x->request_bytes, id, ENL_SEND_WANT_COMPLETION);
	if (!err && READ_ONCE(ch->rescinded))
		enl_transact_end(ch);
	if (!err)
		wait_for_completion_timeout(&ch->transact_done, msecs_to_jiffies(timeout_ms) + 1);
	if (err)
		transact_finish(ch);
	else
		err = transact_finish(ch);
	if (err == -ETIMEDOUT)
		enl_channel_fault_at(ch, ENL_FAULT_ANSWER_LATE, timeout_ms);
	mutex_unlock(&ch->transact_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(enl_transact);
