/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A service for tests of channels: sends packets back, completes, floods, grants sub-channels.
 * State that a test allocates, sets and reads; all access under the lock of the binding.
 * Offer a channel with &vsp_echo_provider and a zeroed struct vsp_echo as its state.
 */
#ifndef VSP_ECHO_H
#define VSP_ECHO_H

#include "vsp/vsp.h"

#define VSP_ECHO_HELD		256u
#define VSP_ECHO_SUBCHANNELS	0x73756273u	/* payload {this, n}: offer n sub-channels */

/**
 * struct vsp_echo - one service; may serve several channels, counts them together
 * @quiet: send nothing back for packets that want no completion
 * @hold: keep completions until vsp_echo_release()
 * @deaf: take no packet at all (the guest's ring fills up)
 * @grant: sub-channels that may be granted in all
 * @flood: packets still to be sent, by themselves
 * @flood_bytes: payload of each
 * @flood_wants: they want a completion
 * @transfer_set: if not 0, they are transfer-page packets of this set, one range each
 * @transfer_bytes: size of the buffer that the set stands for
 * @packets: that came, without completions
 * @bytes: of payload in those
 * @completions: that came
 * @completed: that were sent
 * @sent: packets of the flood that were written
 * @last: payload of the last packet, as much as fits
 * @last_bytes: its length
 * @opens: channels that were opened
 * @closes: channels that were closed
 */
struct vsp_echo {
	bool quiet, hold, deaf;
	__u32 grant;
	__u64 flood;
	__u32 flood_bytes;
	bool flood_wants;
	__u16 transfer_set;
	__u32 transfer_bytes;
	__u64 packets, bytes, completions, completed, sent;
	__u8 last[256];
	__u32 last_bytes;
	__u32 opens, closes;
	/* private: */
	__u32 granted;
	__u32 helds;
	__u64 held[VSP_ECHO_HELD];
	__u32 held_relid[VSP_ECHO_HELD];
	__u64 next_id;
};

extern const struct vsp_provider vsp_echo_provider;

bool vsp_echo_flood(struct vsp *v, __u32 relid, __u64 packets, __u32 bytes, bool wants);
__u32 vsp_echo_release(struct vsp *v, struct vsp_echo *e, __u32 count, bool newest_first);

#endif
