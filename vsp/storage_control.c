// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control operations: the handshake, sub-channels, Fibre Channel names, resets.
 * Calls vsp/storage_sub.c, the fault plan and vsp/storage_send.c. Called by vsp/storage.c.
 * A wrong step is counted as the guest's breach, gets 0xc0000184, and changes nothing.
 */
#include "vsp/storage_internal.h"

static const __u16 versions[] = {
	ENL_STOR_VERSION_2_0, ENL_STOR_VERSION_4_2, ENL_STOR_VERSION_5_1, ENL_STOR_VERSION_6_0,
	ENL_STOR_VERSION_6_2,
};

static __u32 disorder(struct vsp_disk_request *r)
{
	vsp_storage_note(r->channel, VSP_V_STOR_ORDER, r->operation);
	return ENL_NT_INVALID_DEVICE_STATE;
}

static __u32 begin(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;

	if (s->state != VSP_STOR_BEGIN)
		return disorder(r);
	s->state = VSP_STOR_VERSION;
	return ENL_NT_SUCCESS;
}

/* The answer repeats the version, whether it suits or not. */
static __u32 query_version(struct vsp_disk_request *r, const struct enl_stor_packet *q)
{
	__u16 version = __le16_to_cpu(q->version.version);
	struct vsp_storage *s = r->storage;
	__u32 i;

	if (s->state != VSP_STOR_VERSION)
		return disorder(r);
	if (q->version.revision)
		vsp_storage_note(r->channel, VSP_V_STOR_FORMAT, __le16_to_cpu(q->version.revision));
	__builtin_memcpy(r->answer, &q->version.version, sizeof(q->version.version));
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (versions[i] != version || s->without & 1u << i)
			continue;
		s->version = version;
		s->state = VSP_STOR_PROPERTIES;
		return ENL_NT_SUCCESS;
	}
	return ENL_NT_REVISION_MISMATCH;
}

static __u32 query_properties(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;
	struct enl_stor_properties p = {
		.max_sub_channels = __cpu_to_le16(s->max_sub_channels),
		.flags = __cpu_to_le32(s->multi ? ENL_STOR_MULTI_CHANNEL : 0),
		.max_transfer_bytes = __cpu_to_le32(s->max_transfer),
	};

	if (s->state != VSP_STOR_PROPERTIES)
		return disorder(r);
	if (s->version < ENL_STOR_VERSION_5_1 && s->garbage) {
		__builtin_memset(&p, 0xa5, sizeof(p));
		p.max_transfer_bytes = __cpu_to_le32(s->max_transfer);
	}
	__builtin_memcpy(r->answer, &p, sizeof(p));
	s->state = VSP_STOR_END;
	return ENL_NT_SUCCESS;
}

static __u32 fc_data(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;

	if (s->kind != VSP_STORAGE_FC || s->state != VSP_STOR_END) {
		if (s->fatal)
			r->channel->channel->broken = true;
		return disorder(r);
	}
	__builtin_memcpy(r->answer, &s->wwn, sizeof(s->wwn));
	return ENL_NT_SUCCESS;
}

static __u32 create_subs(struct vsp_disk_request *r, const struct enl_stor_packet *q)
{
	__u16 count = __le16_to_cpu(q->sub_channels);
	struct vsp_storage *s = r->storage;

	if (s->state < VSP_STOR_END || s->version < ENL_STOR_VERSION_5_1)
		return disorder(r);
	if (count > s->max_sub_channels || !s->multi) {
		vsp_storage_note(r->channel, VSP_V_STOR_LIMIT, count);
		return ENL_NT_INVALID_PARAMETER;
	}
	s->late = count;
	if (s->sub & VSP_SUB_OFFER_FIRST)
		vsp_storage_offer_late(s);
	return ENL_NT_SUCCESS;
}

static __u32 end(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;

	if (s->state != VSP_STOR_END)
		return disorder(r);
	s->state = VSP_STOR_READY;
	/* what came on sub-channels has waited for this */
	vsp_storage_wake(s);
	return ENL_NT_SUCCESS;
}

/* Hosts answer and do nothing. This one may end what has not begun. */
static __u32 reset(struct vsp_disk_request *r)
{
	struct vsp_storage *s = r->storage;
	__u32 i;

	if (s->state != VSP_STOR_READY)
		return disorder(r);
	s->stats.resets++;
	for (i = 0; s->resets_abort && i < s->requests; i++) {
		struct vsp_disk_request *q = &s->request[i];

		if (q->state != VSP_RQ_HELD_DATA || q->orphan)
			continue;
		q->channel->data--;
		vsp_scsi_fail(q, ENL_SRB_BUS_RESET, VSP_GOOD);
		vsp_storage_queue(q);
	}
	return ENL_NT_SUCCESS;
}

static __u32 dispatch(struct vsp_disk_request *r, const struct enl_stor_packet *q)
{
	if (r->channel->index)
		return disorder(r);
	switch (r->operation) {
	case ENL_STOR_BEGIN_INIT:
		return begin(r);
	case ENL_STOR_QUERY_VERSION:
		return query_version(r, q);
	case ENL_STOR_QUERY_PROPERTIES:
		return query_properties(r);
	case ENL_STOR_FC_HBA_DATA:
		return fc_data(r);
	case ENL_STOR_CREATE_SUB_CHANNELS:
		return create_subs(r, q);
	case ENL_STOR_END_INIT:
		return end(r);
	case ENL_STOR_RESET_LUN:
	case ENL_STOR_RESET_BUS:
	case ENL_STOR_RESET_ADAPTER:
		return reset(r);
	case ENL_STOR_EXECUTE_SRB:
		return disorder(r);
	default:
		vsp_storage_note(r->channel, VSP_V_STOR_FORMAT, r->operation);
		return ENL_NT_INVALID_DEVICE_REQUEST;
	}
}

/* How much of the body an operation uses; the rest is zero. */
static __u32 body_bytes(__u32 operation)
{
	switch (operation) {
	case ENL_STOR_QUERY_VERSION:
		return sizeof(struct enl_stor_version);
	case ENL_STOR_CREATE_SUB_CHANNELS:
		return 2;
	case ENL_STOR_RESET_LUN:
	case ENL_STOR_RESET_BUS:
	case ENL_STOR_EXECUTE_SRB:
		return ENL_STOR_BODY_REV2;
	default:
		return 0;
	}
}

static void check_form(struct vsp_disk_request *r, const struct vsp_packet *p,
		       const struct enl_stor_packet *q)
{
	__u32 i = body_bytes(r->operation);

	if (p->type != ENL_PACKET_INBAND)
		vsp_storage_note(r->channel, VSP_V_STOR_RANGE, r->operation);
	while (i < ENL_STOR_BODY_REV2 && !q->body[i])
		i++;
	if (i < ENL_STOR_BODY_REV2)
		vsp_storage_note(r->channel, VSP_V_STOR_FORMAT, ENL_STOR_HEADER_BYTES + i);
}

/* Takes an operation that is no SCSI request. False: not now. */
bool vsp_storage_control(struct vsp_storage_channel *sc, const struct vsp_packet *p)
{
	struct vsp_disk_request *r = vsp_storage_take(sc, p);
	struct enl_stor_packet q = { 0 };
	const struct vsp_storage_fault *f;

	if (!r)
		return false;
	__builtin_memcpy(&q, p->data, r->packet_bytes);
	r->control = true;
	r->operation = __le32_to_cpu(q.operation);
	sc->storage->stats.controls++;
	sc->storage->last_control = p->id;
	check_form(r, p, &q);
	vsp_storage_fault_match(r);
	f = vsp_storage_fault_of(r);
	if (!f || !(f->what & VSP_SF_STATUS) || f->what & VSP_SF_EXECUTE)
		r->outcome.nt = dispatch(r, &q);
	if (f && f->what & VSP_SF_STATUS)
		r->outcome.nt = f->nt;
	vsp_storage_finish(r);
	return true;
}
