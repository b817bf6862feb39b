// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sub-channels of a controller: offered after operation 13, in the ways that hosts do and do not;
 * gone with the primary. Calls vsp/channel.c. Called by the other files of the storage service.
 */
#include "vsp/storage_internal.h"

/* The channel behind @sc as long as it is one of ours, open or not. */
struct vsp_channel *vsp_storage_channel_of(const struct vsp_storage_channel *sc)
{
	struct vsp_channel *c;

	if (!sc->relid || !sc->storage->host)
		return NULL;
	c = vsp_channel(sc->storage->host, sc->relid);
	return c && c->offer.state == sc ? c : NULL;
}

static struct vsp_storage_channel *free_slot(struct vsp_storage *s)
{
	__u32 i;

	for (i = 1; i < VSP_STORAGE_CHANNELS; i++) {
		struct vsp_storage_channel *sc = &s->channel[i];

		if (!sc->channel && !sc->data && !vsp_storage_channel_of(sc))
			return sc;
	}
	return NULL;
}

static bool offer_one(struct vsp_storage *s, __u16 index)
{
	struct vsp_storage_channel *sc = free_slot(s);
	struct vsp_offer offer = s->offer;

	if (!sc)
		return false;
	__builtin_memset(sc, 0, sizeof(*sc));
	sc->storage = s;
	sc->index = index;
	offer.relid = 0;
	offer.sub_channel_index = index;
	offer.state = sc;
	sc->relid = vsp_offer(s->host, &offer);
	return sc->relid;
}

/**
 * vsp_storage_offer_late - offer the sub-channels that were asked for
 * @s: the controller
 *
 * By itself it happens with the answer to operation 13; with VSP_SUB_LATE, when this is called.
 * Returns how many were offered.
 */
__u32 vsp_storage_offer_late(struct vsp_storage *s)
{
	__u32 wanted = s->late;
	__u32 done = 0;
	__u32 i;

	s->late = 0;
	if (!wanted)
		return 0;
	wanted += s->sub & VSP_SUB_MORE ? 1 : 0;
	wanted -= s->sub & VSP_SUB_FEWER ? 1 : 0;
	for (i = 0; i < wanted; i++) {
		__u32 step = s->sub & VSP_SUB_REVERSE ? wanted - 1 - i : i;
		__u16 index = (__u16)(s->next_index + step);

		if (i == wanted - 1 && s->sub & VSP_SUB_DUPLICATE && wanted > 1)
			index = (__u16)(s->sub & VSP_SUB_REVERSE ? index + 1 : index - 1);
		if (i == wanted - 1 && s->sub & VSP_SUB_ZERO)
			index = 0;
		done += offer_one(s, index);
	}
	s->next_index = (__u16)(s->next_index + wanted);
	return done;
}

/* The relid of the sub-channel with @index that is offered or open; 0 asks for the primary. */
__u32 vsp_storage_relid(const struct vsp_storage *s, __u32 index)
{
	__u32 i;

	for (i = 0; i < VSP_STORAGE_CHANNELS; i++) {
		const struct vsp_storage_channel *sc = &s->channel[i];

		if (sc->index == index && vsp_storage_channel_of(sc))
			return sc->relid;
	}
	return 0;
}

/* The primary is closed: its sub-channels go away. */
void vsp_storage_drop_subs(struct vsp_storage *s)
{
	__u32 i;

	for (i = 1; i < VSP_STORAGE_CHANNELS; i++) {
		struct vsp_storage_channel *sc = &s->channel[i];

		if (vsp_storage_channel_of(sc))
			vsp_rescind(s->host, sc->relid);
		sc->relid = 0;
	}
	s->late = 0;
	s->next_index = 1;
}
