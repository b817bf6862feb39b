/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host model: a Hyper-V host's half of the VMBus protocols, with a ledger and a fault plan.
 * Freestanding: no libc, no kernel, no allocation, no sleep; the binding serialises all calls.
 * Bound to KUnit by kunit/fakehost.c and to a KVM program; calls down by struct vsp_binding only.
 *
 * The model never calls the guest. What the guest does comes in by vsp_post() and vsp_signal();
 * everything the host does happens in vsp_step(), one thing for each call, and what the guest must
 * be told comes out in a struct vsp_out. So each interleaving can be driven, and repeated.
 *
 * Breaches of the protocol by the guest are counted by name (vsp_violations()); tests assert none.
 */
#ifndef VSP_VSP_H
#define VSP_VSP_H

#include "wire/control.h"
#include "wire/ring.h"
#include "wire/synic.h"
#ifndef __KERNEL__
#include <stdbool.h>
#endif

#define VSP_TYPES	32u		/* control message types that are counted one by one */
#define VSP_VPS		64u		/* virtual processors the model knows */
#define VSP_PACKET_BYTES	20480u	/* longest packet that the model assembles or takes */

struct vsp;
struct vsp_channel;

/**
 * struct vsp_binding - what the model needs from the world it is linked into
 * @context: handed back in each call
 * @map: host pointer to the guest page @pfn, or NULL if the guest has no memory there that the host
 *	may touch. Called at each access, so the answer may change.
 * @page_free: true if the guest page @pfn is free memory of the guest; may be NULL
 * @time: reference time, 100 ns
 * @trace: one line for each message and event; may be NULL
 */
struct vsp_binding {
	void *context;
	void *(*map)(void *context, __u64 pfn);
	bool (*page_free)(void *context, __u64 pfn);
	__u64 (*time)(void *context);
	void (*trace)(void *context, const char *what, __u32 a, __u64 b);
};

/**
 * struct vsp_personality - which host this is
 * @name: for messages
 * @max_version: newest version that it accepts
 * @only_version: if not 0, the one version that it accepts
 * @refuse_all: it accepts none
 * @multi: message connection 4 exists; without it a post to 4 gets status 0x12
 * @message_connection: from 5.0 on, the connection that VERSION_RESPONSE names; 0: 0x20
 * @features: of version 6.0, those that it offers
 * @vps: virtual processors
 * @in_depth: messages of the guest that wait before a post gets status 0x13
 * @out_depth: messages to the guest that wait before the host stops reading the guest's
 * @connection_base: connection id of a channel is this plus the relid
 * @signal_at_open: raise one event for nothing right after OPEN
 * @garbage_trailers: do not write honest packet trailers
 * @no_monitors: allocate no monitor ids
 * @commit_batch: packets that are read before the read index is published
 * @linger: units of 100 ns for which the host goes on using the memory of a rescinded channel
 * @stale_events: events that still go to the old VP after MODIFY_CHANNEL below version 5.3
 * @tl_accept: answer TL_CONNECT with an offer
 * @gpadl_pages: pages of all GPADLs together; what goes beyond is refused. 0: no limit
 */
struct vsp_personality {
	const char *name;
	__u32 max_version;
	__u32 only_version;
	bool refuse_all;
	bool multi;
	__u32 message_connection;
	__u32 features;
	__u32 vps;
	__u32 in_depth;
	__u32 out_depth;
	__u32 connection_base;
	bool signal_at_open;
	bool garbage_trailers;
	bool no_monitors;
	__u32 commit_batch;
	__u64 linger;
	__u32 stale_events;
	bool tl_accept;
	__u32 gpadl_pages;
};

extern const struct vsp_personality vsp_host_2012;	/* 2.4 */
extern const struct vsp_personality vsp_host_2012r2;	/* 3.0 */
extern const struct vsp_personality vsp_host_2016;	/* 4.0 */
extern const struct vsp_personality vsp_host_2019;	/* 5.2 */
extern const struct vsp_personality vsp_host_2022;	/* 5.3 */
extern const struct vsp_personality vsp_host_2025;	/* 6.0 */
extern const struct vsp_personality vsp_host_qemu;	/* 4.0, its habits */

/* What a guest must not do. The name is the identifier; the text is what a test prints. */
#define VSP_VIOLATIONS(X) \
	X(CONNECTION,        "message posted to a connection that is not the right one") \
	X(LENGTH,            "control message whose length is wrong") \
	X(TYPE,              "control message that no guest sends, or not in this version") \
	X(RESERVED,          "reserved or padding bytes that are not zero") \
	X(DISCONNECTED,      "message before the contact or after UNLOAD") \
	X(CONTACT,           "INITIATE_CONTACT with bad pages, SINT or processor") \
	X(OFFERS_TWICE,      "REQUEST_OFFERS a second time") \
	X(UNLOAD,            "UNLOAD in a version that has none") \
	X(RELID,             "relid that was not offered or was released") \
	X(RELEASE_TWICE,     "RELID_RELEASED a second time") \
	X(RELEASE_OPEN,      "RELID_RELEASED of a channel that is open") \
	X(RELEASE_GPADL,     "RELID_RELEASED before all GPADLs were torn down") \
	X(GPADL_ID,          "GPADL id that is 0 or alive") \
	X(GPADL_RANGE,       "GPADL that is not one range of whole pages") \
	X(GPADL_BODY,        "GPADL_BODY for no GPADL under way, or with too many pages") \
	X(GPADL_PAGE,        "GPADL page that the host cannot reach") \
	X(GPADL_PAGE_TWICE,  "GPADL page that the host already has") \
	X(GPADL_TEARDOWN,    "GPADL_TEARDOWN of an id that is not alive or of another channel") \
	X(GPADL_BUSY,        "GPADL_TEARDOWN of the ring of an open channel") \
	X(OPEN_STATE,        "OPEN of a channel that is not closed") \
	X(OPEN_GPADL,        "OPEN with a GPADL that is not a whole ring of this channel") \
	X(OPEN_OFFSET,       "OPEN with a downstream offset that leaves no ring") \
	X(OPEN_VP,           "target processor that does not exist") \
	X(RING_NOT_CLEAN,    "OPEN before the control pages were initialised") \
	X(CLOSE_STATE,       "CLOSE of a channel that is not open") \
	X(MODIFY_STATE,      "MODIFY_CHANNEL of a channel that is not open") \
	X(MODIFY_TWICE,      "MODIFY_CHANNEL while one is outstanding") \
	X(RING_INDEX,        "ring index outside the ring or not a multiple of 8") \
	X(RING_LENGTH,       "packet length that does not fit what was written") \
	X(RING_OFFSET,       "payload offset outside the packet") \
	X(RING_TYPE,         "packet type that no guest sends") \
	X(RING_FLAGS,        "packet flag that does not exist") \
	X(RING_TRAILER,      "packet trailer that is not truthful") \
	X(RING_OWNER,        "the guest wrote a ring field that the host owns") \
	X(RING_MEMORY,       "ring page that the host cannot reach any more") \
	X(RANGE,             "GPA-direct range that is not well formed") \
	X(REQUEST_ID,        "transaction id that is 0 or in flight") \
	X(COMPLETION,        "completion that the host does not wait for") \
	X(DOORBELL,          "doorbell without a reason") \
	X(DOORBELL_MISSING,  "data or room was there and no doorbell rang") \
	X(DOORBELL_UNKNOWN,  "doorbell of a connection that is not open") \
	X(MONITOR,           "monitor bit of no open channel") \
	X(DM_ORDER,          "Dynamic Memory: message out of turn") \
	X(DM_FORMAT,         "Dynamic Memory: message that is not well formed") \
	X(DM_ID,             "Dynamic Memory: ids that do not grow") \
	X(DM_TOO_MANY,       "Dynamic Memory: more pages than asked for") \
	X(DM_PAGE,           "Dynamic Memory: page given twice or not the guest's") \
	X(DM_TOUCHED,        "Dynamic Memory: ballooned page was written") \
	X(DM_EMPTY_MORE,     "Dynamic Memory: empty response that promises more") \
	X(DM_STATUS,         "Dynamic Memory: status report too soon or suppressed") \
	X(STOR_ORDER,        "storage: operation out of turn or on the wrong channel") \
	X(STOR_FORMAT,       "storage: packet that is not well formed") \
	X(STOR_SRB,          "storage: field of a SCSI request that is not right") \
	X(STOR_RANGE,        "storage: data that are not one range of the transfer length") \
	X(STOR_CDB,          "storage: CDB that does not go with its length or its data") \
	X(STOR_LIMIT,        "storage: more than the host announced") \
	X(FREED,             "memory freed while the host owns it") \
	X(TABLE,             "the model's own table is full: make it larger or the test smaller")

enum vsp_violation {
#define VSP_VIOLATION_ENUM(name, text) VSP_V_##name,
	VSP_VIOLATIONS(VSP_VIOLATION_ENUM)
#undef VSP_VIOLATION_ENUM
	VSP_V_LIMIT
};

/**
 * enum vsp_kind - kinds of things that a step can do, in the order a plain step tries them
 * @VSP_DO_EVENT: hand out an event flag
 * @VSP_DO_MESSAGE: hand out a control message
 * @VSP_DO_POST: handle a control message of the guest
 * @VSP_DO_CHANNEL: let a provider read or write one packet
 * @VSP_DO_MONITOR: look at the guest's monitor page
 * @VSP_DO_OFFER: send one offer that waits
 * @VSP_DO_LIMIT: how many kinds there are
 */
enum vsp_kind {
	VSP_DO_EVENT,
	VSP_DO_MESSAGE,
	VSP_DO_POST,
	VSP_DO_CHANNEL,
	VSP_DO_MONITOR,
	VSP_DO_OFFER,
	VSP_DO_LIMIT
};

enum vsp_result {
	VSP_IDLE,	/* nothing to do, nothing done */
	VSP_WORKED,	/* something done, nothing to tell */
	VSP_MESSAGE,	/* deliver @bytes of @message to @vp; if the slot is busy, vsp_put_back() */
	VSP_EVENT,	/* set event flag @flag of @vp and interrupt it if it was clear */
};

/**
 * struct vsp_out - what a step produced for the guest
 * @vp: processor
 * @flag: event flag (the relid)
 * @bytes: length of @message
 * @message: a control message
 */
struct vsp_out {
	__u32 vp;
	__u32 flag;
	__u32 bytes;
	__u8 message[ENL_MESSAGE_BYTES];
};

/**
 * struct vsp_packet - a packet, in either direction
 * @type: enum enl_packet_type
 * @flags: ENL_PACKET_WANTS_COMPLETION or 0
 * @id: transaction id
 * @head: what stands between descriptor and payload; a multiple of 8 bytes
 * @head_bytes: its length
 * @data: payload
 * @bytes: its length; a multiple of 8 when received
 */
struct vsp_packet {
	__u16 type;
	__u16 flags;
	__u64 id;
	const void *head;
	__u32 head_bytes;
	const void *data;
	__u32 bytes;
};

/**
 * struct vsp_provider - the service behind a channel; every callback may be NULL
 * @opened: OPEN succeeded; rings are there
 * @closed: CLOSE, rescind, or disconnect; rings are gone
 * @packet: a packet came, valid during the call. False: not now; it is offered again after
 *	vsp_kick(). Completions for the host's own requests come here too.
 * @work: called when there may be something to send; returns true if it did something
 * @busy: the host still uses memory of the guest for this channel, which was closed: the answer to
 *	GPADL_TEARDOWN waits
 * @check: note the pages in use that are free memory of the guest (vsp_check_memory())
 * @spare_slots: page numbers behind those that a GPA-direct packet needs are ignored
 */
struct vsp_provider {
	void (*opened)(void *state, struct vsp_channel *c);
	void (*closed)(void *state, struct vsp_channel *c);
	bool (*packet)(void *state, struct vsp_channel *c, const struct vsp_packet *p);
	bool (*work)(void *state, struct vsp_channel *c);
	bool (*busy)(void *state);
	void (*check)(void *state);
	bool spare_slots;
};

/**
 * struct vsp_offer - a channel to offer
 * @class_id: interface type
 * @instance_id: the device
 * @flags: enum enl_offer_flag
 * @mmio_megabytes: as on the wire
 * @sub_channel_index: 0 for a primary
 * @user_defined: as on the wire
 * @monitored: allocate a monitor id if the guest gave monitor pages
 * @relid: the number it shall have, or 0 for the lowest free one
 * @provider: who serves it; NULL: packets are dropped
 * @state: for the provider
 */
struct vsp_offer {
	struct enl_guid class_id;
	struct enl_guid instance_id;
	__u16 flags;
	__u16 mmio_megabytes;
	__u16 sub_channel_index;
	__u8 user_defined[120];
	bool monitored;
	__u32 relid;
	const struct vsp_provider *provider;
	void *state;
};

/* Pages @first to @first + @pages - 1 of the guest. */
struct vsp_range {
	__u64 first;
	__u64 pages;
};

/**
 * struct vsp_owned - pages that a provider took from the guest for good
 * @ranges: sorted, not overlapping, not touching
 * @count: of ranges
 * @pages: in all of them
 */
struct vsp_owned {
	const struct vsp_range *ranges;
	__u32 count;
	__u64 pages;
};

/**
 * struct vsp_channel_stats - what went over a channel since it was offered
 * @packets_in: from the guest
 * @bytes_in: of those, descriptors included
 * @packets_out: to the guest
 * @bytes_out: of those, descriptors included
 * @events: raised for it
 * @doorbells: that the guest rang for it
 * @broken: the guest corrupted a ring, the host looks at it no more
 * @blocked: the host waits for room
 */
struct vsp_channel_stats {
	__u64 packets_in, bytes_in, packets_out, bytes_out, events, doorbells;
	bool broken, blocked;
};

/**
 * struct vsp_record - one message that the guest posted
 * @number: how many messages of any kind were posted before it
 * @connection: where to
 * @status: what the hypercall returned
 * @bytes: length
 * @message: contents
 */
struct vsp_record {
	__u64 number;
	__u32 connection;
	__u16 status;
	__u16 bytes;
	__u8 message[ENL_MESSAGE_BYTES];
};

/**
 * struct vsp_ledger - what stands open between host and guest, for a check at rest
 * @gpadls: that are alive
 * @gpadl_pages: pages in them
 * @partial_gpadls: header came, bodies are missing
 * @lingering_pages: of rescinded channels, still in use by the host
 * @monitor_pages: 0 or 2
 * @ballooned_pages: the host took them
 * @offers_sent: since the start
 * @relids_released: since the start
 * @unreleased: channels that were rescinded and not released
 * @offered: channels that the guest holds
 * @open: channels that are open
 * @guest_requests: packets of the guest that want a completion and have none
 * @host_requests: packets of the host that want a completion and have none
 * @doorbells: that rang
 * @doorbells_missing: channels where one is due
 * @undelivered: messages and events that wait for the guest
 * @unread: messages of the guest that wait for the host
 * @violations: all of them
 */
struct vsp_ledger {
	__u32 gpadls, gpadl_pages, partial_gpadls, lingering_pages, monitor_pages;
	__u64 ballooned_pages;
	__u64 offers_sent, relids_released;
	__u32 unreleased, offered, open;
	__u32 guest_requests, host_requests;
	__u64 doorbells;
	__u32 doorbells_missing, undelivered, unread;
	__u64 violations;
};

/* Life. The binding allocates vsp_bytes() bytes, zeroed. */
__SIZE_TYPE__ vsp_bytes(void);
void vsp_init(struct vsp *v, const struct vsp_binding *binding, const struct vsp_personality *p);
struct vsp_personality *vsp_personality(struct vsp *v);

/* What the guest does. */
__u16 vsp_post(struct vsp *v, __u32 connection, const void *message, __u32 bytes);
void vsp_signal(struct vsp *v, __u32 connection);

/* What the host does. @first: kind that is tried first (VSP_DO_EVENT for the plain order). */
enum vsp_result vsp_step(struct vsp *v, enum vsp_kind first, struct vsp_out *out);
void vsp_put_back(struct vsp *v, const struct vsp_out *out);
void vsp_send_message(struct vsp *v, __u32 vp, const void *message, __u32 bytes);
void vsp_send_event(struct vsp *v, __u32 vp, __u32 flag);
bool vsp_delivery_waits(const struct vsp *v);
void vsp_hold(struct vsp *v, __u32 type, bool hold);

/* Channels. */
__u32 vsp_offer(struct vsp *v, const struct vsp_offer *offer);
bool vsp_rescind(struct vsp *v, __u32 relid);
bool vsp_rescind_and_reoffer(struct vsp *v, __u32 relid);
bool vsp_channel_open(const struct vsp *v, __u32 relid);
struct vsp_channel *vsp_channel(struct vsp *v, __u32 relid);
__u32 vsp_channel_relid(const struct vsp_channel *c);
struct vsp *vsp_channel_host(const struct vsp_channel *c);
const struct vsp_offer *vsp_channel_offer(const struct vsp_channel *c);
__u32 vsp_channel_vp(const struct vsp_channel *c);
void vsp_kick(struct vsp_channel *c);
bool vsp_scribble(struct vsp *v, __u32 relid, bool to_guest, __u32 offset, __u32 value);
__u32 vsp_peek(struct vsp *v, __u32 relid, bool to_guest, __u32 offset);
void vsp_channel_stats(const struct vsp_channel *c, struct vsp_channel_stats *stats);

/* Packets, for providers. 0, -1: no room now, work is called again; -2: never. */
#define VSP_SENT	0
#define VSP_NO_ROOM	(-1)
#define VSP_CLOSED	(-2)
int vsp_send(struct vsp_channel *c, const struct vsp_packet *p);
int vsp_complete(struct vsp_channel *c, __u64 id, const void *data, __u32 bytes);
void *vsp_gpadl_page(struct vsp *v, __u32 gpadl, __u32 page);
__u32 vsp_gpadl_pages(const struct vsp *v, __u32 gpadl);
void *vsp_map(struct vsp *v, __u64 pfn);

/* What happened. */
bool vsp_connected(const struct vsp *v);
__u32 vsp_version(const struct vsp *v);
__u32 vsp_connect_vp(const struct vsp *v);
__u64 vsp_posted(const struct vsp *v, __u32 type);
__u64 vsp_tried(const struct vsp *v, __u32 type);
__u64 vsp_delivered(const struct vsp *v, __u32 type);
bool vsp_find_record(const struct vsp *v, __u32 type, __u64 nth, struct vsp_record *record);
__u64 vsp_violations(const struct vsp *v);
__u64 vsp_violation_count(const struct vsp *v, enum vsp_violation which);
const char *vsp_violation_name(enum vsp_violation which);
const char *vsp_violation_text(enum vsp_violation which);
void vsp_forgive(struct vsp *v, enum vsp_violation which);
bool vsp_first_violation(const struct vsp *v, enum vsp_violation *which, __u32 *a, __u64 *b);
void vsp_own(struct vsp *v, const struct vsp_owned *owned);
void vsp_ledger(struct vsp *v, struct vsp_ledger *ledger);
__u64 vsp_check_memory(struct vsp *v);
__u64 vsp_quiesce(struct vsp *v);

#endif
