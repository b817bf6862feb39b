// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a controller says unasked: that something changed on its bus, events, and storms of notices.
 * Calls vsp/send.c. Called by vsp/storage.c, and by owners that want something said.
 */
#include "vsp/storage_internal.h"

static struct vsp_storage_channel *with_index(struct vsp_storage *s, __u32 index)
{
	__u32 i;

	for (i = 0; i < VSP_STORAGE_CHANNELS; i++) {
		if (s->channel[i].channel && s->channel[i].index == index)
			return &s->channel[i];
	}
	return NULL;
}

/* Says once that units came or went, as far as the guest can hear it: one notice waits at most. */
void vsp_storage_changed(struct vsp_storage *s)
{
	if (s->state != VSP_STOR_READY || s->version < ENL_STOR_VERSION_4_2)
		return;
	s->enumerate = true;
	if (s->channel[0].channel)
		vsp_kick(s->channel[0].channel);
}

/**
 * vsp_storage_notice - say anything, at any time, as often as you like
 * @s: the controller
 * @operation: any number
 * @bytes: length of the packet's payload, up to 64; 0: as it should be
 * @count: how many
 * @channel_index: on which channel; it must be open
 */
void vsp_storage_notice(struct vsp_storage *s, __u32 operation, __u32 bytes, __u32 count,
			__u32 channel_index)
{
	struct vsp_storage_channel *sc = with_index(s, channel_index);

	__builtin_memset(&s->notice, 0, sizeof(s->notice));
	s->notice.operation = __cpu_to_le32(operation);
	s->notice_bytes = bytes <= sizeof(s->notice) ? bytes : sizeof(s->notice);
	s->notices = sc ? count : 0;
	s->notice_index = channel_index;
	if (sc)
		vsp_kick(sc->channel);
}

/* Operation 14: something happened to the medium of a unit. */
void vsp_storage_notify_event(struct vsp_storage *s, __u8 target, __u8 lun, __u8 flags)
{
	vsp_storage_notice(s, ENL_STOR_EVENT_NOTIFICATION, 0, 1, 0);
	s->notice.notification.lun = lun;
	s->notice.notification.target = target;
	s->notice.notification.flags = flags;
}

/* Operation 12, unasked: other names are active, as after a migration. */
void vsp_storage_wwn_changed(struct vsp_storage *s)
{
	vsp_storage_notice(s, ENL_STOR_FC_HBA_DATA, 0, 1, 0);
	s->notice.wwn = s->wwn;
}

static bool send(struct vsp_storage_channel *sc, const struct enl_stor_packet *data, __u32 bytes)
{
	struct vsp_storage *s = sc->storage;
	__u32 whole = vsp_storage_rev2(s) ? ENL_STOR_PACKET_REV2 : ENL_STOR_PACKET_REV1;
	struct vsp_packet p = {
		.type = ENL_PACKET_INBAND, .data = data, .bytes = bytes ? bytes : whole,
	};

	if (vsp_send(sc->channel, &p) == VSP_NO_ROOM)
		return false;
	s->stats.notices++;
	vsp_kick(sc->channel);
	return true;
}

/* Sends one notice that is due on this channel, if there is one. */
bool vsp_storage_send_notice(struct vsp_storage_channel *sc)
{
	struct enl_stor_packet p = { .operation = __cpu_to_le32(ENL_STOR_ENUMERATE_BUS) };
	struct vsp_storage *s = sc->storage;

	if (s->notices && s->notice_index == sc->index) {
		if (!send(sc, &s->notice, s->notice_bytes))
			return false;
		s->notices--;
		return true;
	}
	if (!s->enumerate || sc->index || !send(sc, &p, 0))
		return false;
	s->enumerate = false;
	return true;
}
