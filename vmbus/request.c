// SPDX-License-Identifier: GPL-2.0-only
/*
 * Posting control messages with back-off, and matching answers to whoever waits for them.
 * Calls the platform and fault.c. Called by gpadl.c, channel.c, cpu.c, offer.c and connect.c.
 * Every wait ends: by the answer, by a rescind, by the end of the connection, or by time.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include "internal.h"
#include "trace.h"
#include "wire/synic.h"

#define FIRST_DELAY_US	1u
#define LAST_DELAY_US	(1u << 21)	/* 2.1 s */
#define SPIN_DELAY_US	1000u		/* below this, sleeping costs more than it saves */

/* Which messages the state of the connection lets through. */
static bool may_post(const struct enl_bus *bus, u32 type)
{
	switch (READ_ONCE(bus->link)) {
	case ENL_LINK_UP:
	case ENL_LINK_ASLEEP:
		return type != ENL_MSG_INITIATE_CONTACT && type != ENL_MSG_UNLOAD;
	case ENL_LINK_CONTACT:
		return type == ENL_MSG_INITIATE_CONTACT;
	case ENL_LINK_UNLOAD:
		return type == ENL_MSG_UNLOAD;
	case ENL_LINK_DOWN:
		break;
	}
	return false;
}

/* Hypervisor status to errno; -EAGAIN means try again (specification 3.4). */
static int post_errno(int status, u32 type)
{
	switch (status) {
	case ENL_HV_SUCCESS:
		return 0;
	case ENL_HV_INVALID_CONNECTION:
		/* Only for the first contact does it mean what it says; later it is throttling. */
		return type == ENL_MSG_INITIATE_CONTACT ? -ENOENT : -EAGAIN;
	case ENL_HV_INSUFFICIENT_MEMORY:
	case ENL_HV_INSUFFICIENT_BUFFERS:
	case ENL_HV_TIMEOUT:
		return -EAGAIN;
	default:
		return status < 0 ? -ENODEV : -EIO;
	}
}

static void back_off(unsigned int *delay_us)
{
	if (*delay_us < SPIN_DELAY_US)
		udelay(*delay_us);
	else
		usleep_range(*delay_us, *delay_us + *delay_us / 4);
	*delay_us = min(*delay_us * 2, LAST_DELAY_US);
}

/* The read lock makes sure that nothing is posted once the connection's end has been decided. */
static int post_once(struct enl_bus *bus, u32 connection, const void *msg, size_t bytes, u32 type)
{
	int err = -ENODEV;

	down_read(&bus->post_lock);
	if (may_post(bus, type))
		err = post_errno(bus->ops->post_message(bus->p, connection, msg, bytes), type);
	up_read(&bus->post_lock);
	return err;
}

/*
 * Post @msg to @connection, trying again while the host only asks for time. @ch: a rescind of it
 * ends the attempts (NULL: none does). May sleep. 0, -ENODEV, -ENOENT (first contact: the host
 * has no such connection), -ETIMEDOUT (refused for too long), -EIO (refused for good).
 */
int enl_post_to(struct enl_bus *bus, struct enl_channel *ch, u32 connection, const void *msg,
		size_t bytes)
{
	const struct enl_msg_header *header = msg;
	unsigned long end = jiffies + msecs_to_jiffies(bus->options.post_ms);
	u32 type = le32_to_cpu(header->type);
	unsigned int delay_us = FIRST_DELAY_US;
	int err;

	might_sleep();
	for (;;) {
		if (ch && READ_ONCE(ch->rescinded)) {
			err = -ENODEV;
			break;
		}
		err = post_once(bus, connection, msg, bytes, type);
		if (err != -EAGAIN)
			break;
		if (time_after(jiffies, end)) {
			err = -ETIMEDOUT;
			break;
		}
		atomic_long_inc(&bus->post_retries);
		back_off(&delay_us);
	}
	trace_enl_control_sent(type, ch ? ch->relid : 0, err);
	if (!err)
		atomic_long_inc(&bus->messages_out);
	else if (err == -EIO || err == -ETIMEDOUT)
		enl_bus_fault(bus, ENL_FAULT_POST_FAILED, type);
	return err;
}

/* Post to the connection that negotiation settled on. */
int enl_post(struct enl_bus *bus, struct enl_channel *ch, const void *msg, size_t bytes)
{
	return enl_post_to(bus, ch, bus->message_connection, msg, bytes);
}

/*
 * Start to wait, before the request is posted. A rescind that came before is seen here, one that
 * comes later finds the request on the list: there is no gap between the two.
 */
void enl_request_add(struct enl_bus *bus, struct enl_request *rq)
{
	unsigned long flags;

	init_completion(&rq->done);
	rq->result = -EINPROGRESS;
	rq->bytes = 0;
	INIT_LIST_HEAD(&rq->link);
	spin_lock_irqsave(&bus->request_lock, flags);
	if (rq->ch && READ_ONCE(rq->ch->rescinded)) {
		rq->result = -ENODEV;
		complete(&rq->done);
	} else {
		list_add_tail(&rq->link, &bus->requests);
	}
	spin_unlock_irqrestore(&bus->request_lock, flags);
}

/* Stop waiting; afterwards @rq may leave the stack. */
void enl_request_drop(struct enl_bus *bus, struct enl_request *rq)
{
	unsigned long flags;

	spin_lock_irqsave(&bus->request_lock, flags);
	list_del_init(&rq->link);
	spin_unlock_irqrestore(&bus->request_lock, flags);
}

/* Until @end, but not longer than the log may stay silent about it. */
static unsigned long slice_until(unsigned long end)
{
	long left = (long)(end - jiffies);

	return clamp_t(long, left, 1, 20 * HZ);
}

/*
 * Wait for the answer. 0: rq->message holds it; -ENODEV rescinded or disconnected; -ETIMEDOUT.
 * In slices, so that a slow host is named in the log instead of by the hung-task watchdog.
 */
int enl_request_wait(struct enl_bus *bus, struct enl_request *rq, unsigned int ms)
{
	unsigned long start = jiffies, end = start + msecs_to_jiffies(ms);

	while (!wait_for_completion_timeout(&rq->done, slice_until(end))) {
		if (time_after_eq(jiffies, end))
			break;
		dev_info(bus->parent, "waiting for the host's %s for %u s, at most %u s\n",
			 enl_message_name(rq->answer), jiffies_to_msecs(jiffies - start) / 1000,
			 ms / 1000);
	}
	enl_request_drop(bus, rq);
	if (rq->result != -EINPROGRESS)
		return rq->result;
	enl_bus_fault(bus, ENL_FAULT_ANSWER_LATE, rq->answer);
	return -ETIMEDOUT;
}

/* Any context. Returns false if nobody waits for this. A request is completed once at most. */
bool enl_request_answer(struct enl_bus *bus, u32 type, u32 relid, u32 key, const void *msg,
			size_t bytes)
{
	struct enl_request *rq;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&bus->request_lock, flags);
	list_for_each_entry(rq, &bus->requests, link) {
		if (rq->answer != type || rq->relid != relid || rq->key != key)
			continue;
		list_del_init(&rq->link);
		rq->bytes = min(bytes, sizeof(rq->message));
		memcpy(rq->message, msg, rq->bytes);
		rq->result = 0;
		complete(&rq->done);
		found = true;
		break;
	}
	spin_unlock_irqrestore(&bus->request_lock, flags);
	return found;
}

/* End all waits of @ch, or all waits there are (@ch NULL), with -ENODEV. Any context. */
void enl_requests_end(struct enl_bus *bus, struct enl_channel *ch)
{
	struct enl_request *rq, *next;
	unsigned long flags;

	spin_lock_irqsave(&bus->request_lock, flags);
	list_for_each_entry_safe(rq, next, &bus->requests, link) {
		if (ch && rq->ch != ch)
			continue;
		list_del_init(&rq->link);
		rq->result = -ENODEV;
		complete(&rq->done);
	}
	spin_unlock_irqrestore(&bus->request_lock, flags);
}
