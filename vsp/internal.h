/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of the model and the calls between its files. Private to vsp/.
 * Order, each calls only files before it: ring_peer, account; fault; queue; gpadl; send; io;
 * channel; bus; ledger; the providers.
 * Fixed tables throughout: a full one is counted (VSP_V_TABLE), never grown.
 */
#ifndef VSP_INTERNAL_H
#define VSP_INTERNAL_H

#include "vsp/fault.h"
#include "vsp/ring_peer.h"
#include "vsp/vsp.h"

#define VSP_GPADLS	512u
#define VSP_PFNS	65536u		/* page numbers of all GPADLs together */
#define VSP_SEEN_BITS	17
#define VSP_REQUESTS	4096u		/* open requests of all channels; a power of two */
#define VSP_OUT		512u		/* messages to the guest */
#define VSP_IN		64u		/* messages from the guest */
#define VSP_EVENTS	2048u		/* event flags to raise */
#define VSP_RECORDS	256u		/* posted messages that are remembered */
#define VSP_FAULTS	64u
#define VSP_WORDS	(ENL_RELID_LIMIT / 64)

#define VSP_NEVER	(~0ULL)		/* step number that does not come */

enum vsp_gpadl_state {
	VSP_GPADL_FREE,
	VSP_GPADL_PARTIAL,
	VSP_GPADL_LIVE,
	VSP_GPADL_LINGERING,		/* its channel is gone, the host is slow */
};

struct vsp_gpadl {
	enum vsp_gpadl_state state;
	__u32 id;
	__u32 relid;
	__u32 first;			/* index into vsp.pfn */
	__u32 pages;
	__u32 have;
	__u64 until;			/* lingering: reference time */
	bool bad;
	bool in_ring;			/* ring of an open channel */
	bool leaving;			/* teardown waits for a busy provider */
};

enum vsp_channel_state {
	VSP_CH_FREE,
	VSP_CH_WAITING,			/* to be offered */
	VSP_CH_OFFERED,			/* closed */
	VSP_CH_OPEN,
	VSP_CH_RESCINDED,
	VSP_CH_GIVEN_UP,		/* released by the guest without a rescind */
};

struct vsp_channel {
	struct vsp *host;
	enum vsp_channel_state state;
	struct vsp_offer offer;
	__u32 relid;
	__u32 connection;
	__u8 monitor;
	bool reoffer;			/* offer again when the guest released it */
	bool reading;			/* woken, not yet drained */
	bool stalled;			/* provider refused a packet */
	bool blocked;			/* waits for room in the ring to the guest */
	bool broken;			/* guest corrupted a ring */
	bool scribbled;			/* we did, so do not ask who owns what */
	__u32 target_vp, old_vp;
	__u32 stale_events;
	__u32 tokens;			/* doorbells that may come */
	__u32 doorbells;		/* that came and were not yet looked at */
	__u32 want;			/* bytes, while blocked */
	__u32 batch;
	__u32 gpadl;			/* index in vsp.gpadl, while open */
	struct vsp_ring in, out;	/* as the host sees it: guest-to-host is in */
	__u64 packets_in, packets_out, bytes_in, bytes_out, events, rung;
};

struct vsp_queued {
	__u64 not_before;		/* step */
	__u32 vp;
	__u32 bytes;
	__u8 message[ENL_MESSAGE_BYTES];
};

struct vsp_inbound {
	__u64 not_before;
	__u32 connection;
	__u32 bytes;
	__u8 message[ENL_MESSAGE_BYTES];
};

struct vsp_flag {
	__u64 not_before;
	__u32 vp;
	__u32 flag;
};

struct vsp_request {
	__u64 id;
	__u32 relid;			/* 0: free */
	bool from_host;
};

struct vsp {
	struct vsp_binding binding;
	struct vsp_personality host;
	__u64 step;
	__u64 random;

	/* connection */
	bool connected;
	bool offers_asked;
	bool all_offers_due;
	bool unloading;			/* the answer waits for busy providers */
	__u32 version, features, connect_vp, message_connection;
	__u64 monitor_pfn[2];		/* parent to child, child to parent; 0: none */
	__u32 channel_cursor;

	struct vsp_channel channel[ENL_RELID_LIMIT];
	__u64 ready[VSP_WORDS];		/* channels with something to do */
	__u32 waiting;			/* channels in VSP_CH_WAITING */

	struct vsp_gpadl gpadl[VSP_GPADLS];
	__u64 pfn[VSP_PFNS];
	__u8 seen[1u << VSP_SEEN_BITS];	/* how many live pages have this hash; sticks at 255 */
	struct vsp_request request[VSP_REQUESTS];
	__u32 guest_requests, host_requests;

	struct vsp_queued out[VSP_OUT];
	__u32 outs;
	struct vsp_inbound in[VSP_IN];
	__u32 ins;
	struct vsp_flag event[VSP_EVENTS];
	__u32 events;
	__u64 held_types;		/* answers that wait, bit for each type */
	__u64 slot_busy_until;
	__u32 rescind_due;		/* a fault wants this channel rescinded */
	__u32 leaving;			/* GPADLs whose teardown waits */

	struct vsp_fault fault[VSP_FAULTS];
	__u32 faults;

	/* what happened */
	struct vsp_record record[VSP_RECORDS];
	__u64 records;
	__u64 posted[VSP_TYPES], tried[VSP_TYPES], delivered[VSP_TYPES];
	__u64 violation[VSP_V_LIMIT];
	enum vsp_violation first;
	__u32 first_a;
	__u64 first_b;
	__u64 offers_sent, relids_released, doorbells, signals_unknown;
	const struct vsp_owned *owned;	/* pages a provider took from the guest */

	__u64 scratch[VSP_PACKET_BYTES / 8];	/* packet being read */
	__u64 scratch_out[VSP_PACKET_BYTES / 8];	/* packet being written */
};

/* account.c */
void vsp_note(struct vsp *v, enum vsp_violation which, __u32 a, __u64 b);
void vsp_trace(struct vsp *v, const char *what, __u32 a, __u64 b);
bool vsp_request_add(struct vsp *v, __u32 relid, bool from_host, __u64 id);
bool vsp_request_done(struct vsp *v, __u32 relid, bool from_host, __u64 id);
void vsp_request_drop(struct vsp *v, __u32 relid);

/* queue.c */
bool vsp_reply(struct vsp *v, const void *message, __u32 bytes);
bool vsp_out_take(struct vsp *v, struct vsp_out *out);
bool vsp_out_blocked(const struct vsp *v);
bool vsp_answer_waits(const struct vsp *v, __u32 type, __u32 relid);
void vsp_out_clear(struct vsp *v);
void vsp_raise(struct vsp *v, __u32 vp, __u32 flag);
bool vsp_event_take(struct vsp *v, struct vsp_out *out);
bool vsp_in_take(struct vsp *v, struct vsp_inbound *message);
bool vsp_waiting_for_time(const struct vsp *v);

/* gpadl.c */
void vsp_on_gpadl_header(struct vsp *v, const __u8 *message, __u32 bytes);
void vsp_on_gpadl_body(struct vsp *v, const __u8 *message, __u32 bytes);
void vsp_on_gpadl_teardown(struct vsp *v, const __u8 *message);
struct vsp_gpadl *vsp_gpadl_find(const struct vsp *v, __u32 id);
void vsp_gpadl_forget_channel(struct vsp *v, __u32 relid, bool slow);
void vsp_gpadl_forget_partial(struct vsp *v, __u32 relid);
void vsp_gpadl_forget_all(struct vsp *v);
void vsp_gpadl_age(struct vsp *v);
bool vsp_gpadl_step(struct vsp *v);

/* send.c */
bool vsp_ring_failed(struct vsp_channel *c, enum vsp_ring_result r);
void vsp_notify_guest(struct vsp_channel *c);

/* io.c */
bool vsp_rings_attach(struct vsp_channel *c, struct vsp_gpadl *g, __u32 downstream_page);
bool vsp_channel_step(struct vsp_channel *c);
bool vsp_monitor_step(struct vsp *v);
void vsp_set_ready(struct vsp_channel *c, bool ready);
bool vsp_doorbell_due(struct vsp_channel *c);

/* channel.c */
void vsp_on_open(struct vsp *v, const __u8 *message, __u32 bytes);
void vsp_on_close(struct vsp *v, const __u8 *message);
void vsp_on_modify(struct vsp *v, const __u8 *message);
void vsp_on_release(struct vsp *v, const __u8 *message);
void vsp_on_tl_connect(struct vsp *v, const __u8 *message, __u32 bytes);
void vsp_channel_reset(struct vsp *v);
bool vsp_offer_step(struct vsp *v);
bool vsp_providers_busy(const struct vsp *v);

static inline __u32 vsp_get32(const __u8 *message, __u32 at)
{
	__le32 value;

	__builtin_memcpy(&value, message + at, sizeof(value));
	return __le32_to_cpu(value);
}

static inline void vsp_put32(__u8 *message, __u32 at, __u32 value)
{
	__le32 wire = __cpu_to_le32(value);

	__builtin_memcpy(message + at, &wire, sizeof(wire));
}

#endif
