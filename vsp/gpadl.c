// SPDX-License-Identifier: GPL-2.0-only
/*
 * GPADLs: lists of guest pages, put together from a header and bodies, and taken back.
 * Calls vsp/account.c and vsp/queue.c; called by vsp/bus.c (messages) and vsp/channel.c (rings).
 * Every page is checked to be there and to be given once; that is half of the ledger.
 */
#include "vsp/internal.h"

#define REFUSED	0x8000ffffu
#define OVER_QUOTA	0xc0000044u

struct vsp_gpadl *vsp_gpadl_find(const struct vsp *v, __u32 id)
{
	__u32 i;

	for (i = 0; i < VSP_GPADLS; i++) {
		const struct vsp_gpadl *g = &v->gpadl[i];

		if (g->id == id && (g->state == VSP_GPADL_LIVE || g->state == VSP_GPADL_PARTIAL))
			return (struct vsp_gpadl *)g;
	}
	return NULL;
}

__u32 vsp_gpadl_pages(const struct vsp *v, __u32 gpadl)
{
	const struct vsp_gpadl *g = vsp_gpadl_find(v, gpadl);

	return g && g->state == VSP_GPADL_LIVE ? g->pages : 0;
}

void *vsp_map(struct vsp *v, __u64 pfn)
{
	return v->binding.map(v->binding.context, pfn);
}

/* The host's pointer to one page of a buffer, or NULL. */
void *vsp_gpadl_page(struct vsp *v, __u32 gpadl, __u32 page)
{
	const struct vsp_gpadl *g = vsp_gpadl_find(v, gpadl);

	if (!g || g->state != VSP_GPADL_LIVE || page >= g->pages)
		return NULL;
	return vsp_map(v, v->pfn[g->first + page]);
}

static __u8 *seen(struct vsp *v, __u64 pfn)
{
	return &v->seen[pfn & ((1u << VSP_SEEN_BITS) - 1)];
}

/* A page that the host has already: in a GPADL, or as a monitor page. */
static bool taken(struct vsp *v, __u64 pfn)
{
	__u32 i, k;

	if (pfn && (pfn == v->monitor_pfn[0] || pfn == v->monitor_pfn[1]))
		return true;
	if (!*seen(v, pfn))
		return false;
	for (i = 0; i < VSP_GPADLS; i++) {
		const struct vsp_gpadl *g = &v->gpadl[i];

		for (k = 0; g->state != VSP_GPADL_FREE && k < g->have; k++) {
			if (v->pfn[g->first + k] == pfn)
				return true;
		}
	}
	return false;
}

static void take_page(struct vsp *v, struct vsp_gpadl *g, __u64 pfn)
{
	__u8 *count = seen(v, pfn);

	if (!vsp_map(v, pfn)) {
		vsp_note(v, VSP_V_GPADL_PAGE, g->relid, pfn);
		g->bad = true;
	}
	if (taken(v, pfn))
		vsp_note(v, VSP_V_GPADL_PAGE_TWICE, g->relid, pfn);
	v->pfn[g->first + g->have++] = pfn;
	if (*count < 255)
		++*count;
}

static void forget(struct vsp *v, struct vsp_gpadl *g)
{
	__u32 i;

	v->leaving -= g->leaving;
	for (i = 0; i < g->have; i++) {
		__u8 *count = seen(v, v->pfn[g->first + i]);

		if (*count && *count < 255)
			--*count;
	}
	__builtin_memset(g, 0, sizeof(*g));
}

/* Of a channel that is gone: in use for as long as this host is slow. */
static void linger(struct vsp *v, struct vsp_gpadl *g)
{
	if (!v->host.linger) {
		forget(v, g);
		return;
	}
	g->state = VSP_GPADL_LINGERING;
	g->until = v->binding.time(v->binding.context) + v->host.linger;
}

/* First fit in the table of page numbers; VSP_PFNS if there is no gap. */
static __u32 find_gap(const struct vsp *v, __u32 pages)
{
	__u32 first = 0;
	__u32 i = 0;

	while (i < VSP_GPADLS) {
		const struct vsp_gpadl *g = &v->gpadl[i++];

		if (g->state == VSP_GPADL_FREE || g->first >= first + pages ||
		    g->first + g->pages <= first)
			continue;
		first = g->first + g->pages;
		if (first + pages > VSP_PFNS)
			return VSP_PFNS;
		i = 0;
	}
	return first;
}

static struct vsp_gpadl *create(struct vsp *v, __u32 id, __u32 relid, __u32 pages)
{
	__u32 first = find_gap(v, pages);
	__u32 i;

	for (i = 0; i < VSP_GPADLS && v->gpadl[i].state != VSP_GPADL_FREE; i++)
		;
	if (i == VSP_GPADLS || first == VSP_PFNS) {
		vsp_note(v, VSP_V_TABLE, 'G', pages);
		return NULL;
	}
	v->gpadl[i].state = VSP_GPADL_PARTIAL;
	v->gpadl[i].id = id;
	v->gpadl[i].relid = relid;
	v->gpadl[i].first = first;
	v->gpadl[i].pages = pages;
	return &v->gpadl[i];
}

/* True: the plan turned it into a refusal. */
static bool answer(struct vsp *v, __u32 relid, __u32 id, __u32 status)
{
	struct enl_msg_gpadl_created m = { 0 };

	m.header.type = __cpu_to_le32(ENL_MSG_GPADL_CREATED);
	m.relid = __cpu_to_le32(relid);
	m.gpadl = __cpu_to_le32(id);
	m.status = __cpu_to_le32(status);
	return vsp_reply(v, &m, sizeof(m));
}

/* With @g, are there more pages in lists than this host allows? */
static bool over_quota(const struct vsp *v, const struct vsp_gpadl *g)
{
	__u32 pages = g->pages;
	__u32 i;

	for (i = 0; i < VSP_GPADLS; i++)
		pages += v->gpadl[i].state == VSP_GPADL_LIVE ? v->gpadl[i].pages : 0;
	return v->host.gpadl_pages && pages > v->host.gpadl_pages;
}

static void take_pages(struct vsp *v, struct vsp_gpadl *g, const __u8 *pfns, __u32 bytes)
{
	while (bytes >= 8 && g->have < g->pages) {
		__u64 pfn = vsp_get32(pfns, 0) | (__u64)vsp_get32(pfns, 4) << 32;

		take_page(v, g, pfn);
		pfns += 8;
		bytes -= 8;
	}
	if (bytes)
		vsp_note(v, VSP_V_GPADL_BODY, g->relid, bytes);
	if (g->have < g->pages)
		return;
	if (g->bad || over_quota(v, g)) {
		answer(v, g->relid, g->id, g->bad ? REFUSED : OVER_QUOTA);
		forget(v, g);
		return;
	}
	g->state = VSP_GPADL_LIVE;
	if (answer(v, g->relid, g->id, 0))
		forget(v, g);
	/* whoever sent it did not know yet: nobody asks for it any more */
	else if (v->channel[g->relid].state == VSP_CH_RESCINDED)
		linger(v, g);
}

/* One range, from the start of a page, whole pages, and a length that says the same. */
static bool range_ok(const __u8 *m, __u32 bytes, __u32 *pages)
{
	__u32 lengths = vsp_get32(m, 16);
	__u32 byte_count = vsp_get32(m, 20);

	*pages = byte_count / ENL_HVPAGE_SIZE;
	return lengths >> 16 == 1 && byte_count % ENL_HVPAGE_SIZE == 0 && *pages &&
	       *pages <= ENL_GPADL_MAX_PAGES && vsp_get32(m, 24) == 0 &&
	       (lengths & 0xffff) == 8 + 8 * *pages && (bytes - 28) % 8 == 0;
}

/* Lets go of the pages of rescinded channels whose time is over. */
void vsp_gpadl_age(struct vsp *v)
{
	__u32 i;

	for (i = 0; i < VSP_GPADLS; i++) {
		struct vsp_gpadl *g = &v->gpadl[i];

		if (g->state == VSP_GPADL_LINGERING &&
		    v->binding.time(v->binding.context) >= g->until)
			forget(v, g);
	}
}

void vsp_on_gpadl_header(struct vsp *v, const __u8 *m, __u32 bytes)
{
	__u32 relid = vsp_get32(m, 8);
	__u32 id = vsp_get32(m, 12);
	struct vsp_gpadl *g;
	__u32 pages;

	/* a page whose time with us is over may come again */
	vsp_gpadl_age(v);
	if (bytes < 28 || !range_ok(m, bytes, &pages)) {
		vsp_note(v, VSP_V_GPADL_RANGE, relid, id);
		answer(v, relid, id, REFUSED);
		return;
	}
	if (!id || vsp_gpadl_find(v, id)) {
		vsp_note(v, VSP_V_GPADL_ID, relid, id);
		answer(v, relid, id, REFUSED);
		return;
	}
	if (relid >= ENL_RELID_LIMIT || v->channel[relid].state < VSP_CH_OFFERED ||
	    v->channel[relid].state == VSP_CH_GIVEN_UP) {
		vsp_note(v, VSP_V_RELID, relid, ENL_MSG_GPADL_HEADER);
		answer(v, relid, id, REFUSED);
		return;
	}
	g = create(v, id, relid, pages);
	if (!g) {
		answer(v, relid, id, REFUSED);
		return;
	}
	take_pages(v, g, m + 28, bytes - 28);
}

void vsp_on_gpadl_body(struct vsp *v, const __u8 *m, __u32 bytes)
{
	__u32 id = vsp_get32(m, 12);
	struct vsp_gpadl *g = vsp_gpadl_find(v, id);

	vsp_gpadl_age(v);
	if (!g || g->state != VSP_GPADL_PARTIAL || (bytes - 16) % 8) {
		vsp_note(v, VSP_V_GPADL_BODY, id, bytes);
		return;
	}
	take_pages(v, g, m + 16, bytes - 16);
}

static void torn_down(struct vsp *v, __u32 id)
{
	struct enl_msg_gpadl_torndown down = { 0 };

	down.header.type = __cpu_to_le32(ENL_MSG_GPADL_TORNDOWN);
	down.gpadl = __cpu_to_le32(id);
	vsp_reply(v, &down, sizeof(down));
}

/* Does whoever serves the channel still use memory of the guest? */
static bool provider_busy(const struct vsp *v, __u32 relid)
{
	const struct vsp_provider *p = v->channel[relid].offer.provider;

	return v->channel[relid].state == VSP_CH_OFFERED && p && p->busy &&
	       p->busy(v->channel[relid].offer.state);
}

/* Answers one teardown that waited for a provider. */
bool vsp_gpadl_step(struct vsp *v)
{
	__u32 i;

	for (i = 0; v->leaving && i < VSP_GPADLS; i++) {
		struct vsp_gpadl *g = &v->gpadl[i];
		__u32 id = g->id;

		if (!g->leaving || provider_busy(v, g->relid))
			continue;
		if (g->state == VSP_GPADL_LIVE) {
			forget(v, g);
		} else {
			g->leaving = false;
			v->leaving--;
		}
		torn_down(v, id);
		return true;
	}
	return false;
}

/* Unknown ids get no answer, as from other hosts; those of a rescinded channel get one at once. */
void vsp_on_gpadl_teardown(struct vsp *v, const __u8 *m)
{
	__u32 relid = vsp_get32(m, 8);
	__u32 id = vsp_get32(m, 12);
	struct vsp_gpadl *g = vsp_gpadl_find(v, id);
	bool rescinded = relid < ENL_RELID_LIMIT &&
			 v->channel[relid].state == VSP_CH_RESCINDED;

	if (!rescinded &&
	    (!g || g->state != VSP_GPADL_LIVE || g->relid != relid || g->leaving)) {
		vsp_note(v, VSP_V_GPADL_TEARDOWN, relid, id);
		return;
	}
	if (!rescinded && g->in_ring) {
		vsp_note(v, VSP_V_GPADL_BUSY, relid, id);
		return;
	}
	if (!rescinded && provider_busy(v, relid)) {
		g->leaving = true;
		v->leaving++;
		return;
	}
	if (g && g->relid == relid)
		forget(v, g);
	torn_down(v, id);
}

/*
 * The channel is gone. @slow: the host's worker is slow and uses the pages for a while yet; and a
 * list that is still coming in is taken to its end, since the guest may not know yet.
 */
void vsp_gpadl_forget_channel(struct vsp *v, __u32 relid, bool slow)
{
	__u32 i;

	for (i = 0; i < VSP_GPADLS; i++) {
		struct vsp_gpadl *g = &v->gpadl[i];

		if (g->relid != relid || g->state == VSP_GPADL_FREE ||
		    g->state == VSP_GPADL_LINGERING || (slow && g->state == VSP_GPADL_PARTIAL))
			continue;
		if (slow && g->state == VSP_GPADL_LIVE)
			linger(v, g);
		else
			forget(v, g);
	}
}

/* The guest gave the number back: nothing more of a list can come. */
void vsp_gpadl_forget_partial(struct vsp *v, __u32 relid)
{
	__u32 i;

	for (i = 0; i < VSP_GPADLS; i++) {
		if (v->gpadl[i].relid == relid && v->gpadl[i].state == VSP_GPADL_PARTIAL)
			forget(v, &v->gpadl[i]);
	}
}

void vsp_gpadl_forget_all(struct vsp *v)
{
	__u32 i;

	for (i = 0; i < VSP_GPADLS; i++) {
		if (v->gpadl[i].state != VSP_GPADL_FREE)
			forget(v, &v->gpadl[i]);
	}
}
