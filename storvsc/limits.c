// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits: from the host's properties to what Linux is told (chapters 4.2, 7.1, 12; 21.10, 21.11).
 * Pure. Called by init.c, host.c, ide.c and tests.
 * A host's number is only ever the smaller of itself and what we can do.
 */
#include <linux/string.h>
#include "model.h"

#define FC_MAX_TRANSFER		(512u << 10)	/* 16.4: hosts announce more than they take */
#define SUB_CHANNEL_CEILING	255u
#define TYPICAL_PACKET		368u		/* 128 KiB of data: chapter 2.1 */
#define TAGS_PER_HOST		4096u

enum storvsc_fault storvsc_properties_check(const struct enl_stor_properties *wire, u16 version,
					    enum storvsc_class class,
					    struct storvsc_properties *out)
{
	u32 bytes = le32_to_cpu(wire->max_transfer_bytes);
	bool multi = version >= ENL_STOR_VERSION_5_1 && class != STORVSC_IDE &&
		     le32_to_cpu(wire->flags) & ENL_STOR_MULTI_CHANNEL;

	if (bytes > ENL_STOR_MAX_TRANSFER)
		bytes = ENL_STOR_MAX_TRANSFER;
	if (class == STORVSC_FC && bytes > FC_MAX_TRANSFER)
		bytes = FC_MAX_TRANSFER;
	out->max_transfer = bytes & ~(ENL_HVPAGE_SIZE - 1);
	out->max_sub_channels = multi ? le16_to_cpu(wire->max_sub_channels) : 0;
	return out->max_transfer ? STORVSC_FAULT_NONE : STORVSC_FAULT_PROPERTIES;
}

/* One channel per CPU, the primary included; @limit: of channels in all, 0: no other. */
u16 storvsc_sub_channels_wanted(u16 offered, unsigned int cpus, unsigned int limit)
{
	unsigned int wanted = cpus ? cpus - 1 : 0;

	if (limit && wanted > limit - 1)
		wanted = limit - 1;
	if (wanted > SUB_CHANNEL_CEILING)
		wanted = SUB_CHANNEL_CEILING;
	return wanted < offered ? wanted : offered;
}

/* Data bytes of each ring; with its control page this makes 128 or 256 KiB. */
u32 storvsc_ring_bytes(u32 wanted_kib, u32 max_transfer)
{
	u32 kib = wanted_kib;

	if (!kib)
		kib = max_transfer >= 1u << 20 ? 256 : 128;
	return (kib << 10 & ~(ENL_HVPAGE_SIZE - 1)) - ENL_HVPAGE_SIZE;
}

/* Requests that one queue takes: what its ring holds, and bounded over all queues. */
u32 storvsc_queue_depth(unsigned int queues, u32 ring_bytes)
{
	u32 depth = ring_bytes / TYPICAL_PACKET;
	u32 share = TAGS_PER_HOST / (queues ? queues : 1);

	if (share < 64)
		share = 64;
	if (depth > share)
		depth = share;
	if (depth > 512)
		depth = 512;
	return depth < 16 ? 16 : depth;
}

/* Which disk of the emulated controller it is; false: not one that a host may offer (21.23). */
bool storvsc_ide_instance(const u8 guid[16], unsigned int *bus, unsigned int *drive)
{
	static const u8 mark[] = ENL_STOR_IDE_MARK, zero[8];
	struct enl_stor_ide_instance wire;

	memcpy(&wire, guid, sizeof(wire));
	*bus = le32_to_cpu(wire.bus);
	*drive = le16_to_cpu(wire.drive);
	return *bus <= 1 && *drive <= 1 && !memcmp(wire.mark, mark, sizeof(mark)) &&
	       !memcmp(wire.zero, zero, sizeof(zero));
}
