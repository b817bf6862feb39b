// SPDX-License-Identifier: GPL-2.0-only
/*
 * What came from the host: which kind of packet, and whether it keeps to the rules (10.1, 11.1,
 * 21). Pure. Calls ids.c. Called by complete.c, init.c, channel.c and tests. Lengths first, then
 * ids and operations; contents are for those who use them.
 */
#include <linux/string.h>
#include "model.h"

static enum storvsc_fault parse_notice(const struct storvsc_packet *p, enum storvsc_class class,
				       struct storvsc_arrival *out)
{
	const struct enl_stor_packet *packet = p->data;
	u32 need = ENL_STOR_HEADER_BYTES;

	if (p->bytes < need)
		return STORVSC_FAULT_NOTICE_LENGTH;
	switch (le32_to_cpu(packet->operation)) {
	case ENL_STOR_REMOVE_DEVICE:
	case ENL_STOR_ENUMERATE_BUS:
		out->kind = STORVSC_SCAN_NOTICE;
		break;
	case ENL_STOR_FC_HBA_DATA:
		if (class != STORVSC_FC)
			return STORVSC_FAULT_NOTICE_OPERATION;
		out->kind = STORVSC_WWN_NOTICE;
		need += sizeof(packet->wwn);
		break;
	case ENL_STOR_EVENT_NOTIFICATION:
		out->kind = STORVSC_EVENT_NOTICE;
		need += sizeof(packet->notification);
		break;
	default:
		return STORVSC_FAULT_NOTICE_OPERATION;
	}
	if (p->bytes < need)
		return STORVSC_FAULT_NOTICE_LENGTH;
	if (out->kind == STORVSC_EVENT_NOTICE && packet->notification.lun >= STORVSC_LUNS)
		return STORVSC_FAULT_NOTICE_LUN;
	return STORVSC_FAULT_NONE;
}

/* @completion_bytes: what the version says. @p->data is a private copy of @p->bytes bytes. */
enum storvsc_fault storvsc_parse(const struct storvsc_packet *p, u32 completion_bytes,
				 enum storvsc_class class, struct storvsc_arrival *out)
{
	memset(out, 0, sizeof(*out));
	if (p->type != ENL_PACKET_COMPLETION && p->type != ENL_PACKET_INBAND)
		return STORVSC_FAULT_PACKET_TYPE;
	/* Id 0 is no request's: however it is packed, it is a notice. */
	if (p->type == ENL_PACKET_INBAND || !p->id)
		return parse_notice(p, class, out);
	if (p->bytes < completion_bytes)
		return STORVSC_FAULT_LENGTH;
	out->kind = STORVSC_COMPLETION;
	return storvsc_id_split(p->id, &out->id) ? STORVSC_FAULT_NONE : STORVSC_FAULT_ID_RANGE;
}

/*
 * May this completion end the request whose slot has @word and was sent on the same channel, or on
 * another? Before anything of the request is touched.
 */
enum storvsc_fault storvsc_match(const struct storvsc_arrival *arrival, u32 word,
				 bool same_channel, const struct enl_stor_packet *packet)
{
	if (!(word & 1) || word != arrival->id.generation)
		return STORVSC_FAULT_ID_DEAD;
	if (!same_channel)
		return STORVSC_FAULT_ID_CHANNEL;
	if (le32_to_cpu(packet->operation) != ENL_STOR_COMPLETE_IO)
		return STORVSC_FAULT_OPERATION;
	return STORVSC_FAULT_NONE;
}

/* Of a control operation that needs @body bytes behind the header. */
enum storvsc_fault storvsc_answer_check(const struct enl_stor_packet *answer, u32 bytes, u32 body)
{
	if (bytes < ENL_STOR_HEADER_BYTES + body ||
	    le32_to_cpu(answer->operation) != ENL_STOR_COMPLETE_IO)
		return STORVSC_FAULT_ANSWER;
	return STORVSC_FAULT_NONE;
}

/* The host says yes to a version: to the one that was asked for? */
enum storvsc_fault storvsc_version_check(const struct enl_stor_packet *answer, u16 asked)
{
	return le16_to_cpu(answer->version.version) == asked ? STORVSC_FAULT_NONE :
							       STORVSC_FAULT_VERSION_ECHO;
}

/*
 * Which queue a sub-channel gets. @index: of the sub-channel each queue has, 0: none; entry 0 is
 * the primary's. @limit: queues that may have one. 0: none is left, it came too late.
 */
enum storvsc_fault storvsc_place(const u16 *index, unsigned int queues, unsigned int limit,
				 u16 asked, u16 offered, unsigned int *place)
{
	unsigned int i;

	*place = 0;
	if (!offered || offered > asked)
		return STORVSC_FAULT_SUB_CHANNEL;
	for (i = 1; i < queues; i++) {
		if (index[i] == offered) {
			*place = 0;
			return STORVSC_FAULT_SUB_CHANNEL;
		}
		if (!index[i] && !*place && i < limit)
			*place = i;
	}
	return STORVSC_FAULT_NONE;
}
