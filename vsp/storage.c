// SPDX-License-Identifier: GPL-2.0-only
/*
 * A controller as a provider: channels open and close, packets are sorted, units come and go.
 * Calls the other files of the storage service. Called by vsp/io.c and vsp/channel.c as a provider,
 * and by owners.
 */
#include "vsp/storage_internal.h"
#include "wire/classes.h"

/* A controller with usual habits; the owner changes what it likes before it offers it. */
void vsp_storage_init(struct vsp_storage *s, enum vsp_storage_kind kind)
{
	__u32 i;

	__builtin_memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->max_transfer = 256u << 10;
	s->multi = kind != VSP_STORAGE_IDE;
	s->next_index = 1;
	for (i = 0; i < VSP_STORAGE_CHANNELS; i++)
		s->channel[i].storage = s;
}

/* Deals the segments out to the slots, and makes all slots free. */
static void prepare_slots(struct vsp_storage *s)
{
	__u32 each = s->segments / s->requests;
	__u32 i;

	s->free = NULL;
	for (i = s->requests; i--;) {
		struct vsp_disk_request *r = &s->request[i];

		r->state = VSP_RQ_FREE;
		r->storage = s;
		r->segment = s->segment + i * each;
		r->next = s->free;
		s->free = r;
	}
}

static const struct vsp_disk *any_disk(const struct vsp_storage *s)
{
	__u32 lun;

	for (lun = 0; lun < 256; lun++) {
		if (s->by_lun[lun])
			return s->by_lun[lun];
	}
	return NULL;
}

/* An IDE disk is known by bus and drive, in the instance GUID and in the user-defined area. */
static void fill_ide(struct vsp_offer *o, const struct vsp_disk *d)
{
	struct enl_stor_ide_instance instance = {
		.bus = __cpu_to_le32(d ? d->path : 0),
		.drive = __cpu_to_le16(d ? d->target : 0),
		.mark = ENL_STOR_IDE_MARK,
	};
	struct enl_stor_ide_offer user = {
		.bus = d ? d->path : 0,
		.drive = d ? d->target : 0,
		.flags = __cpu_to_le32(ENL_STOR_IDE_EMULATED),
	};

	__builtin_memcpy(&o->instance_id, &instance, sizeof(instance));
	__builtin_memcpy(o->user_defined, &user, sizeof(user));
}

/**
 * vsp_storage_offer - offer the primary channel of a controller
 * @v: the host
 * @s: the controller; an IDE one has its disk already
 * @instance: names it; not used for IDE, where bus and drive of the disk do
 * @relid: the number it shall have, or 0
 *
 * Returns the relid, or 0. May be called again after the channel is gone for good.
 */
__u32 vsp_storage_offer(struct vsp *v, struct vsp_storage *s, const struct enl_guid *instance,
			__u32 relid)
{
	static const struct enl_guid classes[] = {
		ENL_CLASS_SCSI, ENL_CLASS_IDE, ENL_CLASS_FIBRE_CHANNEL,
	};
	struct vsp_offer *o = &s->offer;

	if (!s->requests || s->segments < s->requests)
		return 0;
	s->host = v;
	if (!s->in_flight)
		prepare_slots(s);
	__builtin_memset(o, 0, sizeof(*o));
	o->class_id = classes[s->kind];
	if (s->kind == VSP_STORAGE_IDE)
		fill_ide(o, any_disk(s));
	else if (instance)
		o->instance_id = *instance;
	o->monitored = s->monitored;
	o->relid = relid;
	o->provider = &vsp_storage_provider;
	o->state = &s->channel[0];
	s->relid = vsp_offer(v, o);
	s->channel[0].relid = s->relid;
	return s->relid;
}

/* Adds a unit, and tells the guest. False: the address is taken, or the disk makes no sense. */
bool vsp_storage_add(struct vsp_storage *s, struct vsp_disk *d)
{
	struct vsp_disk *q = s->by_lun[d->lun];

	while (q && (q->path != d->path || q->target != d->target))
		q = q->next;
	if (q || d->storage || !d->ops || !d->block_bytes)
		return false;
	d->storage = s;
	d->next = s->by_lun[d->lun];
	s->by_lun[d->lun] = d;
	vsp_storage_changed(s);
	return true;
}

/* Takes a unit away, and tells the guest. What is under way on it goes on. */
bool vsp_storage_remove(struct vsp_storage *s, struct vsp_disk *d)
{
	if (!vsp_storage_unlink(s, d))
		return false;
	vsp_storage_changed(s);
	return true;
}

/* Puts another disk at the address of one, between two looks of the guest. */
bool vsp_storage_swap(struct vsp_storage *s, struct vsp_disk *from, struct vsp_disk *to)
{
	if (to->storage || !vsp_storage_unlink(s, from))
		return false;
	to->path = from->path;
	to->target = from->target;
	to->lun = from->lun;
	return vsp_storage_add(s, to);
}

static void opened(void *state, struct vsp_channel *c)
{
	struct vsp_storage_channel *sc = state;
	struct vsp_storage *s = sc->storage;

	sc->channel = c;
	sc->relid = vsp_channel_relid(c);
	sc->outstanding = 0;
	sc->delayed = 0;
	sc->first = NULL;
	sc->last = NULL;
	if (sc->index || sc != &s->channel[0])
		return;
	s->state = VSP_STOR_BEGIN;
	s->version = 0;
	s->enumerate = false;
	s->notices = 0;
	s->late = 0;
	s->next_index = 1;
}

/* Whatever a backend still works on goes on; nobody will hear of it. The rest is forgotten. */
static void closed(void *state, struct vsp_channel *c)
{
	struct vsp_storage_channel *sc = state;
	struct vsp_storage *s = sc->storage;
	__u32 i;

	sc->channel = NULL;
	sc->delayed = 0;
	sc->first = NULL;
	sc->last = NULL;
	for (i = 0; i < s->requests; i++) {
		struct vsp_disk_request *r = &s->request[i];

		if (r->channel != sc || r->state == VSP_RQ_FREE || r->orphan)
			continue;
		s->stats.orphans++;
		if (r->state != VSP_RQ_BACKEND && r->state != VSP_RQ_HELD_DATA) {
			vsp_storage_give(r);
			continue;
		}
		r->orphan = true;
		sc->outstanding--;
	}
	if (sc != &s->channel[0])
		return;
	s->state = VSP_STOR_CLOSED;
	s->version = 0;
	vsp_storage_drop_subs(s);
	(void)c;
}

/* A packet that cannot be answered, or that is none. Some hosts hear no more of the channel. */
static bool bad(struct vsp_storage_channel *sc, __u64 what)
{
	vsp_storage_note(sc, VSP_V_STOR_FORMAT, what);
	if (sc->storage->fatal)
		sc->channel->broken = true;
	return true;
}

/* Length, flags and status of a header. @version was agreed when it was sent; 0: none. */
static void check_header(struct vsp_storage_channel *sc, const struct vsp_packet *p, __u32 version)
{
	bool rev2 = !version || version >= ENL_STOR_VERSION_5_1;
	__u32 whole = rev2 ? ENL_STOR_PACKET_REV2 : ENL_STOR_PACKET_REV1;

	if (p->bytes != whole &&
	    (version || sc->storage->strict || p->bytes != ENL_STOR_PACKET_REV1))
		vsp_storage_note(sc, VSP_V_STOR_FORMAT, p->bytes);
	if (vsp_get32(p->data, 4) != ENL_STOR_WANTS_COMPLETION)
		vsp_storage_note(sc, VSP_V_STOR_FORMAT, 4);
	if (vsp_get32(p->data, 8))
		vsp_storage_note(sc, VSP_V_STOR_FORMAT, 8);
}

static bool packet(void *state, struct vsp_channel *c, const struct vsp_packet *p)
{
	struct vsp_storage_channel *sc = state;
	struct vsp_storage *s = sc->storage;
	__u32 version = s->version;
	bool taken, srb;

	if (s->deaf || c->blocked)
		return false;
	if (p->type == ENL_PACKET_COMPLETION || p->bytes < ENL_STOR_HEADER_BYTES)
		return bad(sc, p->type);
	if (!p->flags)
		return bad(sc, p->flags);
	srb = vsp_get32(p->data, 0) == ENL_STOR_EXECUTE_SRB;
	if (srb && s->state != VSP_STOR_READY && sc->index)
		return false;		/* the handshake comes first */
	if (srb && s->state == VSP_STOR_READY)
		taken = p->bytes >= ENL_STOR_PACKET_REV1 ? vsp_storage_srb(sc, p) : bad(sc, 0);
	else
		taken = vsp_storage_control(sc, p);
	if (taken)
		check_header(sc, p, version);
	return taken;
}

static bool work(void *state, struct vsp_channel *c)
{
	struct vsp_storage_channel *sc = state;

	(void)c;
	return vsp_storage_send_notice(sc) || vsp_storage_send(sc);
}

/* The primary is not done before its sub-channels are. */
static bool busy(void *state)
{
	struct vsp_storage_channel *sc = state;
	const struct vsp_storage *s = sc->storage;
	__u32 data = sc->data;
	__u32 i;

	for (i = 1; sc == &s->channel[0] && i < VSP_STORAGE_CHANNELS; i++)
		data += s->channel[i].data;
	return data;
}

/* Pages that a backend may write or read must not be free memory of the guest. */
void vsp_storage_check_memory(struct vsp_storage *s)
{
	struct vsp *v = s->host;
	__u32 i, k;

	for (i = 0; v && v->binding.page_free && i < s->requests; i++) {
		const struct vsp_disk_request *r = &s->request[i];

		if (r->state != VSP_RQ_BACKEND && r->state != VSP_RQ_HELD_DATA)
			continue;
		for (k = 0; k < r->segments; k++) {
			__u64 pfn = r->segment[k].gpa / ENL_HVPAGE_SIZE;
			__u64 end = r->segment[k].gpa + r->segment[k].bytes;

			for (; pfn * ENL_HVPAGE_SIZE < end; pfn++) {
				if (v->binding.page_free(v->binding.context, pfn))
					vsp_note(v, VSP_V_FREED, s->relid, pfn);
			}
		}
	}
}

static void check(void *state)
{
	struct vsp_storage_channel *sc = state;

	if (sc == &sc->storage->channel[0])
		vsp_storage_check_memory(sc->storage);
}

/* Nothing is under way. */
bool vsp_storage_idle(const struct vsp_storage *s)
{
	return !s->in_flight;
}

bool vsp_storage_uses(const struct vsp_storage *s, const struct vsp_disk *d)
{
	__u32 i;

	for (i = 0; i < s->requests; i++) {
		if (s->request[i].state != VSP_RQ_FREE && s->request[i].disk == d)
			return true;
	}
	return false;
}

/* How many requests a fault holds back. */
__u32 vsp_storage_held(const struct vsp_storage *s)
{
	__u32 held = 0;
	__u32 i;

	for (i = 0; i < s->requests; i++)
		held += s->request[i].state == VSP_RQ_HELD ||
			s->request[i].state == VSP_RQ_HELD_DATA;
	return held;
}

static struct vsp_disk_request *next_held(struct vsp_storage *s, bool newest)
{
	struct vsp_disk_request *found = NULL;
	__u32 i;

	for (i = 0; i < s->requests; i++) {
		struct vsp_disk_request *r = &s->request[i];

		if (r->state != VSP_RQ_HELD && r->state != VSP_RQ_HELD_DATA)
			continue;
		if (!found || (newest ? r->number > found->number : r->number < found->number))
			found = r;
	}
	return found;
}

/* Lets up to @count of the requests go on that a fault holds back; returns how many did. */
__u32 vsp_storage_release(struct vsp_storage *s, __u32 count, bool newest_first)
{
	__u32 done = 0;

	while (done < count) {
		struct vsp_disk_request *r = next_held(s, newest_first);

		if (!r)
			break;
		if (r->state == VSP_RQ_HELD)
			vsp_storage_queue(r);
		else
			vsp_storage_execute(r);
		done++;
	}
	return done;
}

const struct vsp_provider vsp_storage_provider = {
	.opened = opened,
	.closed = closed,
	.packet = packet,
	.work = work,
	.busy = busy,
	.check = check,
	.spare_slots = true,
};
