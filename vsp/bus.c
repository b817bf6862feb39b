// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connection: contact and versions, dispatch of the guest's messages, unload, and the step.
 * Calls all lower files of vsp/; called by the binding.
 * The checks on what the guest sends come from the one table in wire/control.h.
 */
#include "vsp/internal.h"

#define HOST(ident, version, base, batch, ...) \
	const struct vsp_personality vsp_host_##ident = { \
		.name = #ident, .max_version = version, .vps = VSP_VPS, .in_depth = 16, \
		.out_depth = 16, .connection_base = base, .commit_batch = batch, \
		__VA_ARGS__ \
	}

HOST(2012, ENL_VERSION_2_4, 0x2000, 8);
HOST(2012r2, ENL_VERSION_3_0, 0x2000, 8);
HOST(2016, ENL_VERSION_4_0, 0x2000, 8);
HOST(2019, ENL_VERSION_5_2, 0x2000, 8, .multi = true);
HOST(2022, ENL_VERSION_5_3, 0x2000, 8, .multi = true);
HOST(2025, ENL_VERSION_6_0, 0x2000, 8, .multi = true);
HOST(qemu, ENL_VERSION_4_0, 16, 1, .garbage_trailers = true, .no_monitors = true);

static const __u32 known_versions[] = {
	ENL_VERSION_2_4, ENL_VERSION_3_0, ENL_VERSION_4_0, ENL_VERSION_4_1, ENL_VERSION_5_0,
	ENL_VERSION_5_1, ENL_VERSION_5_2, ENL_VERSION_5_3, ENL_VERSION_6_0,
};

__SIZE_TYPE__ vsp_bytes(void)
{
	return sizeof(struct vsp);
}

/**
 * vsp_init - a host that was just started
 * @v: vsp_bytes() bytes, zeroed
 * @binding: copied
 * @p: copied; may be changed through vsp_personality() while no guest is connected
 */
void vsp_init(struct vsp *v, const struct vsp_binding *binding, const struct vsp_personality *p)
{
	v->binding = *binding;
	v->host = *p;
	/* neither 1 nor 4, so that a guest that ignores the answer is found out */
	if (!v->host.message_connection)
		v->host.message_connection = 0x20;
}

struct vsp_personality *vsp_personality(struct vsp *v)
{
	return &v->host;
}

bool vsp_connected(const struct vsp *v)
{
	return v->connected;
}

__u32 vsp_version(const struct vsp *v)
{
	return v->connected ? v->version : 0;
}

__u32 vsp_connect_vp(const struct vsp *v)
{
	return v->connect_vp;
}

__u64 vsp_posted(const struct vsp *v, __u32 type)
{
	return type < VSP_TYPES ? v->posted[type] : 0;
}

__u64 vsp_tried(const struct vsp *v, __u32 type)
{
	return type < VSP_TYPES ? v->tried[type] : 0;
}

__u64 vsp_delivered(const struct vsp *v, __u32 type)
{
	return type < VSP_TYPES ? v->delivered[type] : 0;
}

/* The @nth (from 0) message of @type that was tried and is still remembered; type 0: any. */
bool vsp_find_record(const struct vsp *v, __u32 type, __u64 nth, struct vsp_record *record)
{
	__u64 n = v->records > VSP_RECORDS ? v->records - VSP_RECORDS : 0;

	for (; n < v->records; n++) {
		const struct vsp_record *r = &v->record[n % VSP_RECORDS];

		if (type && (r->bytes < 4 || vsp_get32(r->message, 0) != type))
			continue;
		if (nth--)
			continue;
		*record = *r;
		return true;
	}
	return false;
}

static void disconnect(struct vsp *v)
{
	v->connected = false;
	v->offers_asked = false;
	v->all_offers_due = false;
	v->unloading = false;
	vsp_channel_reset(v);
	vsp_gpadl_forget_all(v);
	v->monitor_pfn[0] = 0;
	v->monitor_pfn[1] = 0;
	v->events = 0;
	v->rescind_due = 0;
	vsp_out_clear(v);
}

static bool version_accepted(const struct vsp *v, __u32 version)
{
	__u32 i;

	if (v->host.refuse_all || version > v->host.max_version)
		return false;
	if (v->host.only_version)
		return version == v->host.only_version;
	for (i = 0; i < sizeof(known_versions) / sizeof(known_versions[0]); i++) {
		if (known_versions[i] == version)
			return true;
	}
	return false;
}

/* A page that the guest names by address in INITIATE_CONTACT. 0 if there is none. */
static bool page_at(struct vsp *v, const __u8 *m, __u32 offset, __u64 *pfn)
{
	__u64 gpa = vsp_get32(m, offset) | (__u64)vsp_get32(m, offset + 4) << 32;

	*pfn = gpa >> ENL_HVPAGE_SHIFT;
	return !gpa || (gpa % ENL_HVPAGE_SIZE == 0 && vsp_map(v, *pfn));
}

/* Everything in the message but the version. Also picks up the monitor pages. */
static bool contact_ok(struct vsp *v, const struct vsp_inbound *p, __u64 monitor[2])
{
	const __u8 *m = p->message;
	__u32 version = vsp_get32(m, 8);
	bool multi = version >= ENL_VERSION_5_0;
	__u64 interrupt_page;

	if (p->connection != (multi ? ENL_CONNECTION_MESSAGE_MULTI : ENL_CONNECTION_MESSAGE))
		vsp_note(v, VSP_V_CONNECTION, ENL_MSG_INITIATE_CONTACT, p->connection);
	if (p->bytes != sizeof(struct enl_msg_contact) &&
	    !(version >= ENL_VERSION_6_0 && p->bytes == sizeof(struct enl_msg_contact_client)))
		vsp_note(v, VSP_V_LENGTH, ENL_MSG_INITIATE_CONTACT, p->bytes);
	if (multi && (m[16] != ENL_VMBUS_SINT || m[17] || m[18] || m[19] ||
		      (version < ENL_VERSION_6_0 && vsp_get32(m, 20))))
		return false;
	if (!multi && !page_at(v, m, 16, &interrupt_page))
		return false;
	if (!page_at(v, m, 24, &monitor[0]) || !page_at(v, m, 32, &monitor[1]))
		return false;
	if (!monitor[0] != !monitor[1] || (monitor[0] && monitor[0] == monitor[1]))
		return false;
	return vsp_get32(m, 12) < v->host.vps;
}

/* Lets the groups of the guest's page be looked at, as real hosts set them up. */
static void prepare_monitor(struct vsp *v)
{
	struct enl_monitor_page *page = v->monitor_pfn[1] ? vsp_map(v, v->monitor_pfn[1]) : NULL;

	if (page)
		vsp_store32(&page->trigger_state, 0xf);
}

static void on_contact(struct vsp *v, const struct vsp_inbound *p)
{
	struct enl_msg_version_response_long r = {
		.base.header.type = __cpu_to_le32(ENL_MSG_VERSION_RESPONSE),
	};
	__u32 version = vsp_get32(p->message, 8);
	__u32 bytes = sizeof(r.base);
	__u64 monitor[2];
	bool ok;

	if (v->connected)
		disconnect(v);
	v->unloading = false;		/* whoever waited for that is gone */
	ok = contact_ok(v, p, monitor);
	v->connect_vp = version >= ENL_VERSION_3_0 ? vsp_get32(p->message, 12) : 0;
	if (!ok)
		vsp_note(v, VSP_V_CONTACT, version, vsp_get32(p->message, 12));
	if (v->connect_vp >= v->host.vps)
		v->connect_vp = 0;
	if (!version_accepted(v, version)) {
		vsp_reply(v, &r, bytes);
		return;
	}
	r.base.supported = 1;
	r.base.connection_state = ok ? ENL_CONNECTION_OK : ENL_CONNECTION_FAILED;
	v->message_connection = version >= ENL_VERSION_5_0 ? v->host.message_connection :
							     ENL_CONNECTION_MESSAGE;
	r.base.version_or_connection = __cpu_to_le32(
		version >= ENL_VERSION_5_0 ? v->message_connection : version);
	v->features = version >= ENL_VERSION_6_0 ? vsp_get32(p->message, 20) & v->host.features : 0;
	if (version >= ENL_VERSION_6_0) {
		r.supported_features = __cpu_to_le32(v->features);
		bytes = 20;
	}
	if (ok) {
		v->connected = true;
		v->version = version;
		v->monitor_pfn[0] = monitor[0];
		v->monitor_pfn[1] = monitor[1];
		prepare_monitor(v);
	}
	if (vsp_reply(v, &r, bytes) && ok) {
		v->connected = false;
		v->monitor_pfn[0] = 0;
		v->monitor_pfn[1] = 0;
	}
}

static void on_unload(struct vsp *v)
{
	if (v->version < ENL_VERSION_3_0) {
		vsp_note(v, VSP_V_UNLOAD, 0, v->version);
		return;
	}
	disconnect(v);
	v->unloading = true;
}

/* UNLOAD is answered when nobody touches the guest's memory any more. */
static bool unload_step(struct vsp *v)
{
	struct enl_msg_header r = { .type = __cpu_to_le32(ENL_MSG_UNLOAD_COMPLETE) };

	if (!v->unloading || vsp_providers_busy(v))
		return false;
	v->unloading = false;
	vsp_reply(v, &r, sizeof(r));
	return true;
}

static void on_request_offers(struct vsp *v)
{
	if (v->offers_asked) {
		vsp_note(v, VSP_V_OFFERS_TWICE, 0, 0);
		return;
	}
	v->offers_asked = true;
	v->all_offers_due = true;
}

/* Is it a message that a guest of this version sends, and has it the right length? */
static bool form_ok(struct vsp *v, const struct vsp_inbound *p)
{
	__u32 type = p->bytes >= 8 ? vsp_get32(p->message, 0) : 0;
	bool from_guest = false;
	__u32 least = 8;
	__u32 since = 0;

	switch (type) {
#define DIRECTION_G	true
#define DIRECTION_H	false
#define FORM(number, name, struct_type, bytes, version, direction, reply) \
	case number: \
		from_guest = DIRECTION_##direction; \
		least = bytes; \
		since = version; \
		break;
	ENL_CONTROL_TABLE(FORM)
#undef FORM
	}
	if (!from_guest || (v->connected && v->version < since)) {
		vsp_note(v, VSP_V_TYPE, type, p->bytes);
		return false;
	}
	if (vsp_get32(p->message, 4))
		vsp_note(v, VSP_V_RESERVED, type, 4);
	if (p->bytes >= least && (p->bytes == least || type == ENL_MSG_GPADL_HEADER ||
				  type == ENL_MSG_GPADL_BODY || type == ENL_MSG_OPEN ||
				  type == ENL_MSG_TL_CONNECT || type == ENL_MSG_INITIATE_CONTACT))
		return true;
	vsp_note(v, VSP_V_LENGTH, type, p->bytes);
	return p->bytes > least;
}

static void dispatch(struct vsp *v, const struct vsp_inbound *p)
{
	const __u8 *m = p->message;

	switch (vsp_get32(m, 0)) {
	case ENL_MSG_REQUEST_OFFERS:
		return on_request_offers(v);
	case ENL_MSG_OPEN:
		return vsp_on_open(v, m, p->bytes);
	case ENL_MSG_CLOSE:
		return vsp_on_close(v, m);
	case ENL_MSG_GPADL_HEADER:
		return vsp_on_gpadl_header(v, m, p->bytes);
	case ENL_MSG_GPADL_BODY:
		return vsp_on_gpadl_body(v, m, p->bytes);
	case ENL_MSG_GPADL_TEARDOWN:
		return vsp_on_gpadl_teardown(v, m);
	case ENL_MSG_RELID_RELEASED:
		return vsp_on_release(v, m);
	case ENL_MSG_UNLOAD:
		return on_unload(v);
	case ENL_MSG_TL_CONNECT:
		return vsp_on_tl_connect(v, m, p->bytes);
	case ENL_MSG_MODIFY_CHANNEL:
		return vsp_on_modify(v, m);
	}
}

static bool post_step(struct vsp *v)
{
	struct vsp_inbound p;
	__u32 type;

	if (v->rescind_due) {
		vsp_rescind(v, v->rescind_due);
		v->rescind_due = 0;
		return true;
	}
	if (vsp_out_blocked(v))
		return false;
	if (vsp_gpadl_step(v) || unload_step(v))
		return true;
	if (!vsp_in_take(v, &p))
		return false;
	if (!form_ok(v, &p))
		return true;
	type = vsp_get32(p.message, 0);
	if (type == ENL_MSG_INITIATE_CONTACT)
		on_contact(v, &p);
	else if (!v->connected)
		vsp_note(v, VSP_V_DISCONNECTED, type, p.bytes);
	else if (p.connection != v->message_connection)
		vsp_note(v, VSP_V_CONNECTION, type, p.connection);
	else
		dispatch(v, &p);
	return true;
}

/* One thing on the next channel that has something to do. */
static bool channels_step(struct vsp *v)
{
	__u32 tries;

	/* one more than there are: the first may be seen from its middle on */
	for (tries = 0; tries <= VSP_WORDS; tries++) {
		__u32 word = v->channel_cursor / 64 % VSP_WORDS;
		__u64 bits = v->ready[word] >> (v->channel_cursor % 64) << (v->channel_cursor % 64);

		while (bits) {
			__u32 relid = word * 64 + (__u32)__builtin_ctzll(bits);

			bits &= bits - 1;
			v->channel_cursor = (relid + 1) % ENL_RELID_LIMIT;
			if (vsp_channel_step(&v->channel[relid]))
				return true;
		}
		v->channel_cursor = (word + 1) % VSP_WORDS * 64;
	}
	return false;
}

/**
 * vsp_step - do one thing
 * @v: the host
 * @first: kind that is tried first; the others follow in their order
 * @out: what to tell the guest, if VSP_MESSAGE or VSP_EVENT is returned
 *
 * VSP_IDLE means that nothing will happen any more by itself.
 */
enum vsp_result vsp_step(struct vsp *v, enum vsp_kind first, struct vsp_out *out)
{
	__u32 i;

	v->step++;
	for (i = 0; i < VSP_DO_LIMIT; i++) {
		switch ((first + i) % VSP_DO_LIMIT) {
		case VSP_DO_EVENT:
			if (vsp_event_take(v, out))
				return VSP_EVENT;
			break;
		case VSP_DO_MESSAGE:
			if (vsp_out_take(v, out))
				return VSP_MESSAGE;
			break;
		case VSP_DO_POST:
			if (post_step(v))
				return VSP_WORKED;
			break;
		case VSP_DO_CHANNEL:
			if (channels_step(v))
				return VSP_WORKED;
			break;
		case VSP_DO_MONITOR:
			if (vsp_monitor_step(v))
				return VSP_WORKED;
			break;
		case VSP_DO_OFFER:
			if (!vsp_out_blocked(v) && vsp_offer_step(v))
				return VSP_WORKED;
			break;
		}
	}
	return vsp_waiting_for_time(v) ? VSP_WORKED : VSP_IDLE;
}
