// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of the guest (chapters 2 to 4, 8, 9), always at full size for the version.
 * Pure. Called by init.c, queue.c, recover.c and tests; each returns the bytes to send.
 */
#include <linux/string.h>
#include "model.h"

/* Before a version is agreed (0) the larger size is sent; hosts take either. */
u32 storvsc_packet_bytes(u16 version)
{
	return version && version < ENL_STOR_VERSION_5_1 ? ENL_STOR_PACKET_REV1 :
							   ENL_STOR_PACKET_REV2;
}

u32 storvsc_put_control(struct enl_stor_packet *packet, u16 version, u32 operation)
{
	u8 *bytes = (u8 *)packet;

	/* In halves: compilers clear more at once by a slow string instruction. */
	memset(bytes, 0, sizeof(*packet) / 2);
	memset(bytes + sizeof(*packet) / 2, 0, sizeof(*packet) / 2);
	packet->operation = cpu_to_le32(operation);
	packet->flags = cpu_to_le32(ENL_STOR_WANTS_COMPLETION);
	return storvsc_packet_bytes(version);
}

/* Asks for @version. */
u32 storvsc_put_version(struct enl_stor_packet *packet, u16 version)
{
	u32 bytes = storvsc_put_control(packet, 0, ENL_STOR_QUERY_VERSION);

	packet->version.version = cpu_to_le16(version);
	return bytes;
}

u32 storvsc_put_sub_channels(struct enl_stor_packet *packet, u16 version, u16 count)
{
	u32 bytes = storvsc_put_control(packet, version, ENL_STOR_CREATE_SUB_CHANNELS);

	packet->sub_channels = cpu_to_le16(count);
	return bytes;
}

static u8 direction(const struct storvsc_srb *srb)
{
	if (!srb->bytes)
		return ENL_STOR_NO_DATA;
	return srb->write ? ENL_STOR_TO_DEVICE : ENL_STOR_FROM_DEVICE;
}

static u32 srb_flags(const struct storvsc_srb *srb)
{
	u32 flags = ENL_SRB_NO_SYNC;

	if (srb->tagged)
		flags |= ENL_SRB_QUEUE_ACTION | ENL_SRB_NO_FREEZE;
	if (srb->bytes)
		flags |= srb->write ? ENL_SRB_DATA_OUT : ENL_SRB_DATA_IN;
	return flags;
}

u32 storvsc_put_srb(struct enl_stor_packet *packet, const struct storvsc_srb *srb)
{
	bool rev1 = srb->version < ENL_STOR_VERSION_5_1;
	struct enl_stor_srb *wire = &packet->srb;
	u32 bytes = storvsc_put_control(packet, srb->version, ENL_STOR_EXECUTE_SRB);
	u8 cdb_bytes = srb->cdb_bytes < ENL_STOR_CDB_BYTES ? srb->cdb_bytes : ENL_STOR_CDB_BYTES;

	wire->length = cpu_to_le16(rev1 ? ENL_STOR_BODY_REV1 : ENL_STOR_BODY_REV2);
	wire->port = srb->port;
	wire->path = srb->path;
	wire->target = srb->target;
	wire->lun = srb->lun;
	wire->cdb_bytes = cdb_bytes;
	wire->sense_bytes = rev1 ? ENL_STOR_SENSE_REV1 : ENL_STOR_SENSE_REV2;
	wire->direction = direction(srb);
	wire->transfer_bytes = cpu_to_le32(srb->bytes);
	memcpy(wire->cdb, srb->cdb, cdb_bytes);
	if (rev1)
		return bytes;
	if (srb->tagged) {
		wire->queue_tag = ENL_SRB_UNTAGGED;
		wire->queue_action = ENL_SRB_SIMPLE;
	}
	wire->flags = cpu_to_le32(srb_flags(srb));
	wire->timeout_s = cpu_to_le32(srb->timeout_s);
	return bytes;
}

/*
 * The host's deadline is shorter than ours, so that its answer comes first: 60 s for ordinary
 * requests (ours are 180 s), and whatever a long FORMAT or UNMAP asks for, less the same margin.
 */
u32 storvsc_host_timeout_s(u32 guest_s)
{
	return guest_s > 180 ? guest_s - 120 : 60;
}

/* Of one range with that many page numbers, in the ring. */
u32 storvsc_range_bytes(u32 pages)
{
	return sizeof(struct enl_gpa_range) + pages * sizeof(__le64);
}
