// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one connection: offering the host our versions, and ending it (chapters 4 and 11.8).
 * Calls request.c and memory.c. Called by start.c, suspend.c and, when dying, by the platform.
 * UNLOAD is posted by exactly one path, and after it nothing else is.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/mm.h>
#include "internal.h"
#include "wire/synic.h"

#define LOW_RESOURCES_PAUSE_MS	1000
#define CRASH_POLL_MS		10
#define CRASH_LINE_MS		5000

/* Newest first. Two older ones exist; they need a receive path that no supported host needs. */
static const u32 versions[] = {
	ENL_VERSION_5_3, ENL_VERSION_5_2, ENL_VERSION_5_1, ENL_VERSION_5_0,
	ENL_VERSION_4_1, ENL_VERSION_4_0, ENL_VERSION_3_0, ENL_VERSION_2_4,
};

static unsigned long shared_page(struct enl_bus *bus)
{
	struct enl_pages *pages = enl_pages_alloc(bus, 1, NUMA_NO_NODE);
	unsigned long address;

	if (!pages)
		return 0;
	address = (unsigned long)page_address(pages->page[0]);
	/* Sharing may have scrambled it. */
	memset((void *)address, 0, PAGE_SIZE);
	pages->addr = (void *)address;
	list_add(&pages->link, &bus->connection_pages);
	return address;
}

/* Interrupt page and both monitor pages; they live as long as the connection. May sleep. */
int enl_connection_pages(struct enl_bus *bus)
{
	INIT_LIST_HEAD(&bus->connection_pages);
	bus->interrupt_page = shared_page(bus);
	bus->monitor_in_page = shared_page(bus);
	bus->monitor_page = shared_page(bus);
	if (!bus->interrupt_page || !bus->monitor_in_page || !bus->monitor_page)
		return -ENOMEM;
	bus->monitor_usable = true;
	return 0;
}

/* @unloaded: the host said that it is through with everything; else they stay out of use. */
void enl_connection_pages_free(struct enl_bus *bus, bool unloaded)
{
	struct enl_pages *pages, *next;

	bus->monitor_usable = false;
	list_for_each_entry_safe(pages, next, &bus->connection_pages, link) {
		list_del_init(&pages->link);
		enl_pages_done(bus, pages, unloaded ? ENL_OWNER_GUEST : ENL_OWNER_HOST);
	}
	bus->interrupt_page = 0;
	bus->monitor_in_page = 0;
	bus->monitor_page = 0;
}

static void fill_contact(struct enl_bus *bus, u32 version, struct enl_msg_contact *msg)
{
	*msg = (struct enl_msg_contact){
		.header.type = cpu_to_le32(ENL_MSG_INITIATE_CONTACT),
		.version = cpu_to_le32(version),
		.target_vp = cpu_to_le32(bus->ops->vp_index(bus->p, 0)),
	};
	if (version >= ENL_VERSION_5_0)
		msg->sint = ENL_VMBUS_SINT;
	else
		msg->interrupt_page = cpu_to_le64(virt_to_phys((void *)bus->interrupt_page));
	msg->monitor_to_guest = cpu_to_le64(virt_to_phys((void *)bus->monitor_in_page));
	msg->monitor_to_host = cpu_to_le64(virt_to_phys((void *)bus->monitor_page));
}

/* What the answer to @version means: 0 connected, -EPROTONOSUPPORT try the next, or final. */
static int judge(struct enl_bus *bus, u32 version, const struct enl_request *rq)
{
	const struct enl_msg_version_response *answer = (const void *)rq->message;
	u32 value = le32_to_cpu(answer->version_or_connection);

	if (!answer->supported)
		return -EPROTONOSUPPORT;
	if (answer->connection_state != ENL_CONNECTION_OK) {
		enl_bus_fault(bus, ENL_FAULT_CONTACT_STATE, answer->connection_state);
		return answer->connection_state == ENL_CONNECTION_LOW_RESOURCES ? -EAGAIN : -EIO;
	}
	if (version < ENL_VERSION_5_0)
		value = ENL_CONNECTION_MESSAGE;
	if (value & ~ENL_CONNECTION_ID_MASK) {
		enl_bus_fault(bus, ENL_FAULT_CONTACT_ID, value);
		return -EPROTO;
	}
	bus->message_connection = value;
	bus->version = version;
	return 0;
}

static int contact(struct enl_bus *bus, u32 version)
{
	struct enl_request rq = { .answer = ENL_MSG_VERSION_RESPONSE };
	u32 connection = version >= ENL_VERSION_5_0 ? ENL_CONNECTION_MESSAGE_MULTI :
						      ENL_CONNECTION_MESSAGE;
	struct enl_msg_contact msg;
	int err;

	fill_contact(bus, version, &msg);
	enl_request_add(bus, &rq);
	err = enl_post_to(bus, NULL, connection, &msg, sizeof(msg));
	if (err) {
		enl_request_drop(bus, &rq);
		/* The connection id does not exist: a host older than this version. */
		return err == -ENOENT ? -EPROTONOSUPPORT : err;
	}
	/* Also -ETIMEDOUT ends it all: a late answer would be taken for the next one's. */
	err = enl_request_wait(bus, &rq, bus->options.contact_ms);
	return err ?: judge(bus, version, &rq);
}

static int contact_patiently(struct enl_bus *bus, u32 version)
{
	int err = contact(bus, version);

	if (err == -EAGAIN) {
		msleep(LOW_RESOURCES_PAUSE_MS);
		err = contact(bus, version);
	}
	return err == -EAGAIN ? -EIO : err;
}

static void set_link(struct enl_bus *bus, enum enl_link link)
{
	down_write(&bus->post_lock);
	WRITE_ONCE(bus->link, link);
	up_write(&bus->post_lock);
}

/* While asleep offers and rescinds are ignored; everything may still be posted (11.7). */
void enl_link_sleep(struct enl_bus *bus, bool asleep)
{
	down_write(&bus->post_lock);
	/* After a resume that failed there is nothing to put to sleep. */
	if (bus->link == ENL_LINK_UP || bus->link == ENL_LINK_ASLEEP)
		WRITE_ONCE(bus->link, asleep ? ENL_LINK_ASLEEP : ENL_LINK_UP);
	up_write(&bus->post_lock);
}

/*
 * Connect. @only: the one version to accept (after hibernation), 0: the newest that both know,
 * not above the option. May sleep, long. 0; -EPROTONOSUPPORT nothing in common; -ETIMEDOUT; ...
 */
int enl_connect(struct enl_bus *bus, u32 only)
{
	u32 cap = bus->options.max_version;
	int err = -EPROTONOSUPPORT;
	unsigned int i;

	atomic_set(&bus->unloading, 0);
	WRITE_ONCE(bus->unload_done, false);
	set_link(bus, ENL_LINK_CONTACT);
	for (i = 0; i < ARRAY_SIZE(versions) && err == -EPROTONOSUPPORT; i++) {
		u32 version = versions[i];

		if (only ? version != only : cap && version > cap)
			continue;
		if (bus->ops->isolated(bus->p) && version < ENL_VERSION_5_2)
			break;
		err = contact_patiently(bus, version);
	}
	set_link(bus, err ? ENL_LINK_DOWN : ENL_LINK_UP);
	return err;
}

/* First to call ends the connection; the others have nothing to do. */
static bool begin_unload(struct enl_bus *bus)
{
	return !atomic_xchg(&bus->unloading, 1);
}

static int unload_and_wait(struct enl_bus *bus)
{
	struct enl_request rq = { .answer = ENL_MSG_UNLOAD_COMPLETE };
	struct enl_msg_header msg = { .type = cpu_to_le32(ENL_MSG_UNLOAD) };
	int err;

	/* Writers of the lock come after every message that was about to be posted. */
	set_link(bus, ENL_LINK_UNLOAD);
	enl_requests_end(bus, NULL);
	enl_request_add(bus, &rq);
	err = enl_post(bus, NULL, &msg, sizeof(msg));
	if (err)
		enl_request_drop(bus, &rq);
	else
		err = enl_request_wait(bus, &rq, bus->options.unload_ms);
	return err;
}

/*
 * Waits for the host to let go of all memory (4.9). @dying: channels are still open and ring, so
 * that nothing may be freed; enl_bus_stop() does it if it ever comes.
 */
static void disconnect(struct enl_bus *bus, bool dying)
{
	int err = -EOPNOTSUPP;

	if (!begin_unload(bus) || READ_ONCE(bus->link) == ENL_LINK_DOWN)
		return;
	/* Older hosts neither answer nor let anybody reconnect. */
	if (bus->version >= ENL_VERSION_3_0)
		err = unload_and_wait(bus);
	set_link(bus, ENL_LINK_DOWN);
	enl_requests_end(bus, NULL);
	if (err && err != -EOPNOTSUPP)
		dev_err(bus->parent, "the host did not confirm the unload (%d)\n", err);
	if (dying)
		return;
	enl_connection_pages_free(bus, !err);
	enl_kept_release(bus, !err);
	mutex_lock(&bus->gpadl_lock);
	idr_destroy(&bus->gpadl_ids);
	idr_init(&bus->gpadl_ids);
	mutex_unlock(&bus->gpadl_lock);
}

/* End the connection; all channels are closed. May sleep, long. */
void enl_disconnect(struct enl_bus *bus)
{
	disconnect(bus, false);
}

/* While crashing: is this the answer to UNLOAD? Everything else is consumed unseen. */
static void crash_deliver(void *context, const void *msg, size_t bytes)
{
	struct enl_bus *bus = context;
	const struct enl_msg_header *header = msg;

	if (bytes >= sizeof(*header) && le32_to_cpu(header->type) == ENL_MSG_UNLOAD_COMPLETE)
		WRITE_ONCE(bus->unload_done, true);
}

static bool crash_post(struct enl_bus *bus)
{
	struct enl_msg_header msg = { .type = cpu_to_le32(ENL_MSG_UNLOAD) };
	unsigned int tries;
	int status;

	for (tries = 0; tries < bus->options.unload_ms / CRASH_POLL_MS; tries++) {
		status = bus->ops->post_message(bus->p, bus->message_connection, &msg,
						sizeof(msg));
		if (status == ENL_HV_SUCCESS)
			return true;
		if (status < 0)
			return false;
		/* The host may wait for its own messages to be taken first. */
		bus->ops->poll(bus->p, crash_deliver, bus);
		mdelay(CRASH_POLL_MS);
	}
	return false;
}

/*
 * Crash: other CPUs are stopped wherever they were. No lock, no sleep, no allocation; raw delays.
 * The host flushes its disk caches before it answers, hence the long wait.
 */
static void crash_unload(struct enl_bus *bus)
{
	unsigned int ms;

	if (!begin_unload(bus) || READ_ONCE(bus->link) == ENL_LINK_DOWN ||
	    READ_ONCE(bus->version) < ENL_VERSION_3_0)
		return;
	WRITE_ONCE(bus->link, ENL_LINK_UNLOAD);
	if (!crash_post(bus))
		return;
	for (ms = 0; ms < bus->options.unload_ms && !READ_ONCE(bus->unload_done);
	     ms += CRASH_POLL_MS) {
		bus->ops->poll(bus->p, crash_deliver, bus);
		if (READ_ONCE(bus->unload_done))
			break;
		mdelay(CRASH_POLL_MS);
		if (ms && ms % CRASH_LINE_MS == 0)
			pr_notice("waiting for the host to let go of the VM's devices, %u s\n",
				  ms / 1000);
	}
	pr_notice("host %s\n", READ_ONCE(bus->unload_done) ? "has let go" : "did not answer");
}

/* Platform event: kexec may sleep, a crash may not. */
void enl_bus_dying(void *context, bool crash)
{
	struct enl_bus *bus = context;

	if (crash)
		crash_unload(bus);
	else
		disconnect(bus, true);
}
