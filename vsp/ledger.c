// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger: what the host owns and what stands open, for checks when nothing moves.
 * Calls vsp/account.c, vsp/gpadl.c, vsp/io.c and the binding (is a page free?).
 * Read by tests at the end of each case.
 */
#include "vsp/internal.h"

/* A provider announces the pages that it took; NULL takes that back. */
void vsp_own(struct vsp *v, const struct vsp_owned *owned)
{
	v->owned = owned;
}

static void count_channels(struct vsp *v, struct vsp_ledger *l)
{
	__u32 i;

	for (i = 1; i < ENL_RELID_LIMIT; i++) {
		struct vsp_channel *c = &v->channel[i];

		l->offered += c->state == VSP_CH_OFFERED || c->state == VSP_CH_OPEN;
		l->open += c->state == VSP_CH_OPEN;
		l->unreleased += c->state == VSP_CH_RESCINDED;
		l->doorbells_missing += vsp_doorbell_due(c);
	}
}

/**
 * vsp_ledger - what stands open now
 * @v: the host
 * @ledger: filled in
 *
 * Means something when nothing moves: the guest is quiet and vsp_step() says VSP_IDLE.
 */
void vsp_ledger(struct vsp *v, struct vsp_ledger *ledger)
{
	struct vsp_ledger l = { 0 };
	__u32 i;

	vsp_gpadl_age(v);
	for (i = 0; i < VSP_GPADLS; i++) {
		const struct vsp_gpadl *g = &v->gpadl[i];

		l.gpadls += g->state == VSP_GPADL_LIVE;
		l.gpadl_pages += g->state == VSP_GPADL_LIVE ? g->pages : 0;
		l.partial_gpadls += g->state == VSP_GPADL_PARTIAL;
		l.lingering_pages += g->state == VSP_GPADL_LINGERING ? g->pages : 0;
	}
	count_channels(v, &l);
	l.monitor_pages = v->monitor_pfn[0] ? 2 : 0;
	l.ballooned_pages = v->owned ? v->owned->pages : 0;
	l.offers_sent = v->offers_sent;
	l.relids_released = v->relids_released;
	l.guest_requests = v->guest_requests;
	l.host_requests = v->host_requests;
	l.doorbells = v->doorbells;
	l.undelivered = v->outs + v->events;
	l.unread = v->ins;
	l.violations = vsp_violations(v);
	*ledger = l;
}

static void check_free(struct vsp *v, __u64 pfn, __u32 whose)
{
	if (pfn && v->binding.page_free(v->binding.context, pfn))
		vsp_note(v, VSP_V_FREED, whose, pfn);
}

/**
 * vsp_check_memory - no page that the host may touch is free memory of the guest
 * @v: the host
 *
 * Holds at any time. Returns the number of all violations so far.
 */
__u64 vsp_check_memory(struct vsp *v)
{
	__u32 i, k;
	__u64 p;

	if (!v->binding.page_free)
		return vsp_violations(v);
	vsp_gpadl_age(v);
	check_free(v, v->monitor_pfn[0], 0);
	check_free(v, v->monitor_pfn[1], 0);
	for (i = 0; i < VSP_GPADLS; i++) {
		const struct vsp_gpadl *g = &v->gpadl[i];

		if (g->state < VSP_GPADL_LIVE || g->bad)
			continue;
		for (k = 0; k < g->pages; k++)
			check_free(v, v->pfn[g->first + k], g->relid);
	}
	for (i = 1; i < ENL_RELID_LIMIT; i++) {
		const struct vsp_offer *o = &v->channel[i].offer;

		if (o->provider && o->provider->check)
			o->provider->check(o->state);
	}
	for (i = 0; v->owned && i < v->owned->count; i++) {
		const struct vsp_range *r = &v->owned->ranges[i];

		for (p = 0; p < r->pages; p++)
			check_free(v, r->first + p, 0);
	}
	return vsp_violations(v);
}

/**
 * vsp_quiesce - the checks that hold only when nothing moves
 * @v: the host
 *
 * No page that the host may touch is free memory of the guest; no doorbell is due.
 * Returns the number of all violations so far.
 */
__u64 vsp_quiesce(struct vsp *v)
{
	__u32 i;

	for (i = 1; i < ENL_RELID_LIMIT; i++) {
		if (vsp_doorbell_due(&v->channel[i]))
			vsp_note(v, VSP_V_DOORBELL_MISSING, i, v->channel[i].blocked);
	}
	return vsp_check_memory(v);
}
