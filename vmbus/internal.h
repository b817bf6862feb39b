/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private objects of the bus, and its locks.
 * Included by the files of vmbus/ only; drivers see vmbus.h, platforms see platform.h.
 *
 * Locks, outermost first (never call a driver or the platform with one held):
 *   channel->mutex	open, close and re-target one channel; may sleep
 *   bus->lock		mutex: channel list, device list, parked offers, table writes; never held
 *			across a wait for the host
 *   bus->post_lock	rwsem: readers post messages, the writer ends the connection
 *   bus->request_lock	spin: who waits for which answer
 *   bus->queue_lock	spin: messages accepted but not yet worked on, and whether more are
 *   channel->send_lock	spin: one writer of the guest-to-host ring
 * The relid table is read under RCU. The host-to-guest ring has one consumer and no lock.
 *
 * Work: bus->control_wq (ordered) takes OFFER and RESCIND in the order of arrival and never
 * blocks; add_wq (ordered) registers devices, hence probes; sub_wq (ordered) tells drivers of
 * sub-channels; del_wq removes. Whoever waits for the host is woken where the RESCIND arrives.
 */
#ifndef ENL_VMBUS_INTERNAL_H
#define ENL_VMBUS_INTERNAL_H

#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/ioport.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "wire/control.h"
#include "fault.h"
#include "platform.h"
#include "ring.h"
#include "vmbus.h"

/* Ids of enl_transact(): a high half that no driver may use, a sequence number below. */
#define ENL_TRANSACT_MARK	0xfffffffeu
/* Waiting for control_wq. An honest host has at most one OFFER and one RESCIND of a number. */
#define ENL_QUEUED_MESSAGES	(2 * ENL_RELID_LIMIT)
#define ENL_MAX_CHANNELS	2047
#define ENL_MAX_GIVEN		1024	/* sub-channels that a driver was told of, ever */

/**
 * enum enl_link - the one connection of a bus
 * @ENL_LINK_DOWN: nothing may be posted
 * @ENL_LINK_CONTACT: negotiating: only VERSION_RESPONSE is listened to
 * @ENL_LINK_UP: connected
 * @ENL_LINK_ASLEEP: connected, about to hibernate: offers and rescinds are ignored
 * @ENL_LINK_UNLOAD: UNLOAD was posted, only its answer is listened to
 */
enum enl_link {
	ENL_LINK_DOWN,
	ENL_LINK_CONTACT,
	ENL_LINK_UP,
	ENL_LINK_ASLEEP,
	ENL_LINK_UNLOAD,
};

/* Who waits for which answer. On the waiter's stack, on bus->requests while it waits. */
struct enl_request {
	struct list_head link;
	struct enl_channel *ch;		/* a rescind of it ends the wait; NULL: none does */
	u32 answer;			/* message type */
	u32 relid;			/* compared where the answer carries one */
	u32 key;			/* open id or GPADL; compared likewise */
	int result;			/* -EINPROGRESS until @done */
	struct completion done;
	size_t bytes;
	u8 message[64];			/* the answer */
};

/* An OFFER or RESCIND on its way from the message consumer to control_wq. */
struct enl_queued {
	struct list_head link;
	size_t bytes;
	union {
		struct enl_msg_header header;
		struct enl_msg_offer offer;
		struct enl_msg_relid rescind;
	};
};

/**
 * enum enl_owner - who may write to pages that were shared
 * @ENL_OWNER_GUEST: nobody but us: they may be freed
 * @ENL_OWNER_GRACE: the host withdrew the channel and may write for a while yet
 * @ENL_OWNER_HOST: the host has not given them back
 */
enum enl_owner {
	ENL_OWNER_GUEST,
	ENL_OWNER_GRACE,
	ENL_OWNER_HOST,
};

/* Pages shared with the host: a ring pair, or a driver's buffer. */
struct enl_pages {
	struct list_head link;		/* bus->buffers, or bus->kept: the host may own it */
	struct page **page;
	unsigned int count;
	void *addr;			/* mapping of a driver's buffer */
	enum enl_owner owner;
	unsigned long until;		/* jiffies: free after; 0: after UNLOAD_COMPLETE */
};

/* Two groups on lines of their own: a sender and the consumer are seldom on one CPU. */
struct enl_counters {
	/* the consumer's */
	u64 packets_in;			/* taken from the host-to-guest ring */
	u64 bytes_in;			/* of packets_in, headers included, trailers not */
	u64 interrupts;			/* event flags of this channel seen */
	u64 polls;			/* rounds of the notify callback */
	u64 polls_cut;			/* rounds ended by the budget */
	u64 signals_room;		/* signals sent because the host waited for room */
	u64 late_completions;		/* answers to an exchange that is over */
	u64 interrupts_lost;		/* data that waited without one */
	/* the senders' */
	u64 packets_out ____cacheline_aligned_in_smp; /* written to the guest-to-host ring */
	u64 bytes_out;			/* of packets_out, headers included, trailers not */
	u64 signals_sent;		/* hypercalls */
	u64 signals_monitored;		/* bits set in the monitor page */
	u64 signals_suppressed;		/* publications that needed no signal */
	u64 ring_full;			/* sends refused */
	u64 ring_full_first;		/* of these, first in a row */
	u64 room_waits;			/* waits for room begun */
	u64 signals_lost;		/* doorbells repeated because the host did not move */
};

/* What stall.c saw when it last looked. */
struct enl_look {
	bool in, out;			/* something waited there */
	u32 write, read, published;
	u64 rounds;
};

enum enl_channel_state {
	ENL_CHANNEL_CLOSED,		/* offered; as the stable ABI numbers them */
	ENL_CHANNEL_OPENING,
	ENL_CHANNEL_OPEN,
	ENL_CHANNEL_CLOSING,
};

struct enl_channel {
	/* Set at the offer; a resume may change relid, connection and monitor. */
	struct enl_bus *bus;
	struct enl_device *device;	/* for a sub-channel too */
	struct enl_channel *primary;	/* itself, unless a sub-channel (then with a reference) */
	struct kref ref;
	struct rcu_head rcu;
	struct list_head link;		/* bus->channels */
	struct list_head subs;		/* of a primary: its sub-channels, through @sub_link */
	struct list_head sub_link;
	struct list_head given;		/* of a primary: subs that its driver was told of, */
	struct list_head given_link;	/* each with a reference until the driver has let go */
	unsigned int given_count;	/* entries of @given; all three under the device's lock */
	struct enl_guid class_id, instance_id;
	u32 relid;
	u32 connection_id;
	u16 index;
	u16 offer_flags;
	u16 mmio_megabytes;
	u8 monitor_id;			/* ENL_MONITOR_NONE unless allocated */
	bool urgent;			/* never through the monitor page */
	bool perf;			/* spread over CPUs */
	u8 user_data[120];
	u16 sub_limit;			/* sub-channels that the driver asked for */

	/* Life: under bus->lock unless said otherwise. */
	bool rescinded;			/* set once, when the message arrives; read anywhere */
	bool leaving;			/* set once, when its removal begins; read anywhere */
	bool stopped;			/* framing broken; set once per open, read anywhere */
	bool forgotten;			/* out of list and table */
	bool registered;		/* primary: its device is */
	struct work_struct add_work, del_work;

	/* Open: under @mutex. */
	struct mutex mutex;
	enum enl_channel_state state;	/* written under @mutex, read anywhere */
	unsigned int cpu;		/* written under @mutex, read anywhere */
	unsigned int home_cpu;		/* where it goes back to when that CPU returns */
	unsigned int maybe_cpu;		/* while @astray: where the host may move it yet */
	bool astray;			/* a move was not answered; until closed; read anywhere */
	struct enl_gpadl ring_gpadl;
	struct enl_pages *pages;
	void *out_map, *in_map;
	u32 open_id;
	bool limbo;			/* the host may believe it open: never open it again */
	bool returned;			/* the host let go at the last close; read anywhere */
	bool owed;			/* memory of it that the host has not given back */
	unsigned int close_ms;		/* how long it may take to give the rings back; 0: usual */
	struct enl_channel_setup setup;

	/* Sending: under @send_lock. */
	spinlock_t send_lock;
	struct enl_ring_out out;
	bool was_full;
	struct timer_list room_timer;

	/* Receiving: the one consumer. */
	struct enl_ring_in in;
	u8 *copy;			/* setup.max_packet bytes */
	bool bounded;			/* a round is on: @budget and @round_end count */
	unsigned int budget;		/* packets left in this round */
	bool spent;			/* the budget ended the round */
	bool drained;			/* the consumer saw the ring empty */
	unsigned long round_end;	/* jiffies */

	/* Notification. @live is read under RCU by the interrupt path. */
	bool live;
	struct tasklet_struct tasklet;
	struct work_struct work;

	/* enl_transact(): one at a time. */
	struct mutex transact_mutex;
	spinlock_t transact_lock;	/* guards the four below */
	u64 transact_id;		/* 0: none in progress */
	struct enl_exchange *transact;
	struct completion transact_done;
	u32 transact_sequence;

	struct enl_counters stats;
	struct enl_look look;		/* under @mutex */
	atomic_long_t faults[ENL_FAULT_LIMIT];
	struct kobject *kobj;		/* channels/<relid> */
	struct kobject *channels_kobj;	/* of a primary: channels */
	struct dentry *debug;
};

/* Addresses for devices: a resource tree of its own, root > windows > claims and frame > claims. */
struct enl_mmio {
	struct mutex lock;		/* guards @claims and the tree below windows; innermost */
	struct list_head claims;
	struct resource root;
	struct resource window[ENL_WINDOWS];
	unsigned int count;		/* of windows; fixed while the bus lives, like @frame */
	struct resource frame;		/* the boot frame buffer; no parent: none */
};

struct enl_bus {
	const struct enl_platform_ops *ops;
	void *p;
	struct device *parent;	/* what the bus is bound to */
	struct device *above;	/* what the devices are children of: the firmware's node */
	struct enl_bus_options options;

	struct mutex lock;		/* see the list of locks above */
	struct list_head channels;
	struct list_head parked;	/* offers of devices whose old self is not gone yet */
	unsigned int channel_count;
	struct enl_channel __rcu *relid[ENL_RELID_LIMIT];

	struct rw_semaphore post_lock;
	enum enl_link link;
	atomic_t unloading;		/* first to set it ends the connection */
	bool unload_done;		/* the host owns nothing any more */
	bool closing;			/* about to stop: no more offers; under @queue_lock */
	u32 version;
	u32 message_connection;
	unsigned long monitor_page;	/* guest-to-host; 0: none */
	unsigned long monitor_in_page;
	unsigned long interrupt_page;
	struct list_head connection_pages;
	bool monitor_usable;

	spinlock_t request_lock;	/* guards @requests */
	struct list_head requests;
	spinlock_t queue_lock;		/* guards @queued and @queue_free */
	struct list_head queued, queue_free;
	struct enl_queued *queue_memory;
	struct work_struct control_work;
	struct workqueue_struct *control_wq, *add_wq, *sub_wq, *del_wq, *notify_wq;
	struct completion offers_done;
	wait_queue_head_t quiet;	/* the last of @devices is gone */
	atomic_t devices;		/* not yet released */

	struct mutex gpadl_lock;	/* guards gpadl_ids; innermost */
	struct idr gpadl_ids;
	struct mutex kept_lock;		/* guards @kept and @buffers; innermost */
	struct list_head kept, buffers;
	struct delayed_work kept_work;
	struct delayed_work stall_work;
	unsigned int kept_pages, leaked_pages;
	struct enl_mmio mmio;
	struct enl_panic *panic;	/* NULL: the kernel reports, or the host does not listen */

	atomic_long_t faults[ENL_FAULT_LIMIT];
	atomic_long_t opens;
	atomic_long_t offers_seen, relids_released, messages_in, messages_out, post_retries;
	struct dentry *debug;
};

/* fault.c */
void enl_bus_fault(struct enl_bus *bus, enum enl_fault fault, u32 detail);
void enl_channel_fault_at(struct enl_channel *ch, enum enl_fault fault, u32 detail);
const char *enl_fault_name(enum enl_fault fault);
const char *enl_fault_text(enum enl_fault fault);
const char *enl_message_name(u32 type);

/* request.c */
int enl_post(struct enl_bus *bus, struct enl_channel *ch, const void *msg, size_t bytes);
int enl_post_to(struct enl_bus *bus, struct enl_channel *ch, u32 connection, const void *msg,
		size_t bytes);
void enl_request_add(struct enl_bus *bus, struct enl_request *rq);
int enl_request_wait(struct enl_bus *bus, struct enl_request *rq, unsigned int ms);
void enl_request_drop(struct enl_bus *bus, struct enl_request *rq);
bool enl_request_answer(struct enl_bus *bus, u32 type, u32 relid, u32 key, const void *msg,
			size_t bytes);
void enl_requests_end(struct enl_bus *bus, struct enl_channel *ch);

/* memory.c */
struct enl_pages *enl_pages_alloc(struct enl_bus *bus, unsigned int count, int node);
void enl_pages_done(struct enl_bus *bus, struct enl_pages *pages, enum enl_owner owner);
struct enl_pages *enl_buffer_find(struct enl_bus *bus, const void *addr);
void *enl_pages_map(struct enl_bus *bus, struct page **page, unsigned int count);
void enl_kept_release(struct enl_bus *bus, bool unloaded);
void enl_memory_init(struct enl_bus *bus);

/* mmio.c */
void enl_mmio_init(struct enl_bus *bus);
void enl_mmio_exit(struct enl_bus *bus);

/* panic.c */
void enl_panic_start(struct enl_bus *bus);
void enl_panic_stop(struct enl_bus *bus);

/* gpadl.c */
int enl_gpadl_describe(struct enl_channel *ch, struct page **page, u32 pages, u32 *id);
int enl_gpadl_teardown(struct enl_channel *ch, u32 id);
enum enl_owner enl_gpadl_owner(const struct enl_channel *ch, int err);

/* event.c */
void enl_bus_channels(void *context, unsigned long *flags, unsigned int bits);
void enl_channel_kick(struct enl_channel *ch);
void enl_channel_notify_init(struct enl_channel *ch);
void enl_channel_notify_start(struct enl_channel *ch);
void enl_channel_notify_stop(struct enl_channel *ch);
void enl_channel_signal(struct enl_channel *ch);

/* stall.c */
void enl_stall_init(struct enl_bus *bus);
void enl_stall_start(struct enl_bus *bus);
void enl_stall_stop(struct enl_bus *bus);

/* packet.c */
void enl_channel_stop(struct enl_channel *ch, enum enl_fault fault, u32 detail);
void enl_transact_end(struct enl_channel *ch);

/* cpu.c */
unsigned int enl_cpu_pick(struct enl_channel *ch, int avoid);
int enl_bus_cpu_going(void *context, unsigned int cpu);
void enl_bus_cpu_came(void *context, unsigned int cpu);

/* channel.c */
struct enl_channel *enl_channel_alloc(struct enl_bus *bus, const struct enl_msg_offer *offer);
void enl_channel_put(struct enl_channel *ch);
void enl_channel_remove_later(struct enl_channel *ch);
void enl_channel_address(struct enl_channel *ch, const struct enl_msg_offer *offer);
int enl_channel_retarget(struct enl_channel *ch, unsigned int cpu);

/* sysfs.c, debugfs.c */
extern const struct attribute_group *enl_device_groups[];
void enl_channel_sysfs_add(struct enl_channel *ch);
void enl_channel_sysfs_renumber(struct enl_channel *ch);
void enl_channel_sysfs_remove(struct enl_channel *ch);
void enl_debugfs_init(void);
void enl_debugfs_exit(void);
void enl_bus_debugfs_add(struct enl_bus *bus);
void enl_bus_debugfs_remove(struct enl_bus *bus);
void enl_channel_debugfs_add(struct enl_channel *ch);
void enl_channel_debugfs_remove(struct enl_channel *ch);

/* ids.c */
bool enl_driver_match(struct enl_driver *drv, struct enl_device *dev,
		      struct hv_vmbus_device_id *id);
char *enl_device_override(struct enl_device *dev, char *name);
extern const struct attribute_group *enl_driver_groups[];
void enl_dynamic_ids_free(struct enl_driver *drv);

/* device.c */
int enl_device_add(struct enl_channel *ch);
void enl_device_remove(struct enl_channel *ch);
void enl_device_give(struct enl_channel *ch);
void enl_device_ungive(struct enl_channel *ch);
void enl_device_take_back(struct enl_device *dev);
struct enl_driver *enl_device_driver(const struct enl_device *dev);

/* bus.c */
extern struct bus_type enl_bus_type;
int enl_bus_type_register(void);
void enl_bus_type_unregister(void);

/* offer.c */
void enl_offer_handle(struct enl_bus *bus, const struct enl_msg_offer *offer);
void enl_relid_release(struct enl_bus *bus, u32 relid);
void enl_channel_forget(struct enl_channel *ch);
bool enl_parked_remove(struct enl_bus *bus, u32 relid);
void enl_parked_drop(struct enl_bus *bus);

/* rescind.c */
void enl_control_work(struct work_struct *work);
void enl_channel_rescind(struct enl_channel *ch);
void enl_rescind_seen(struct enl_bus *bus, u32 relid);
bool enl_channel_missed(struct enl_channel *ch);

/* message.c */
bool enl_bus_message(void *context, const void *msg, size_t bytes);

/* connect.c */
int enl_connect(struct enl_bus *bus, u32 only_version);
void enl_disconnect(struct enl_bus *bus);
void enl_bus_dying(void *context, bool crash);
int enl_connection_pages(struct enl_bus *bus);
void enl_connection_pages_free(struct enl_bus *bus, bool unloaded);
void enl_link_sleep(struct enl_bus *bus, bool asleep);

/*
 * Whether nothing came of a contact that failed with @err. The answer may come yet; or it did, and
 * the host is connected but cannot be told to unload.
 */
static inline bool enl_contact_is_over(int err)
{
	return err != -ETIMEDOUT && err != -EPROTO;
}

/* start.c */
int enl_request_offers(struct enl_bus *bus, unsigned int ms);

static inline bool enl_guid_equal(const struct enl_guid *a, const struct enl_guid *b)
{
	return !memcmp(a, b, sizeof(*a));
}

enum enl_monitor_word { ENL_MONITOR_PENDING, ENL_MONITOR_LATENCY, ENL_MONITOR_CONNECTION };

/* One field of a monitor page, for sysfs; @id below ENL_MONITOR_IDS. */
static inline u32 enl_monitor_read(const struct enl_monitor_page *page, u8 id,
				   enum enl_monitor_word word)
{
	unsigned int group = id / 32, bit = id % 32;

	switch (word) {
	case ENL_MONITOR_PENDING:
		return le32_to_cpu(READ_ONCE(page->group[group].pending)) >> bit & 1;
	case ENL_MONITOR_LATENCY:
		return le16_to_cpu(READ_ONCE(page->latency[group][bit]));
	default:
		return le32_to_cpu(READ_ONCE(page->parameter[group][bit].connection_id));
	}
}

static inline struct enl_device *enl_device_of(const struct device *dev)
{
	return dev_get_platdata(dev);
}

#endif
