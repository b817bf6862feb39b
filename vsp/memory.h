/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Dynamic Memory service: takes memory, gives it back, offers more, and checks the guest.
 * State that a test or a machine allocates, sets and reads, under the lock of the binding.
 * Offer ENL_CLASS_MEMORY with &vsp_memory_provider and a zeroed struct vsp_memory as its state.
 */
#ifndef VSP_MEMORY_H
#define VSP_MEMORY_H

#include "vsp/vsp.h"
#include "wire/dm.h"

#define VSP_DM_RANGES	16384u
#define VSP_DM_COMMANDS	32u

enum vsp_dm_state {
	VSP_DM_CLOSED,
	VSP_DM_VERSION,		/* waits for a version request */
	VSP_DM_CAPABILITIES,
	VSP_DM_READY,
	VSP_DM_REFUSED,
};

/* How pages go back to the guest. */
enum vsp_dm_grouping {
	VSP_DM_ONE_RANGE,	/* the largest runs, one to a message, as QEMU does */
	VSP_DM_MANY_RANGES,	/* the largest runs, as many as fit */
	VSP_DM_SPLIT,		/* odd pieces of runs, in falling order, as many as fit */
	VSP_DM_SINGLE,		/* page by page */
};

/**
 * struct vsp_dm_command - something to ask of the guest, in order
 * @type: enum enl_dm_type of the request, or 0: the bytes at @raw
 * @pages: BALLOON, UNBALLOON (0: all), HOT_REMOVE, INFO
 * @first: HOT_ADD: first page of the range
 * @region_first: HOT_ADD, long form if not both are 0: first page of the region
 * @region_pages: HOT_ADD: pages of the region
 * @grouping: UNBALLOON
 * @node: HOT_REMOVE: as on the wire
 * @quality: HOT_REMOVE: as on the wire
 * @raw: any bytes; the buffer must live until they are sent
 * @raw_bytes: how many
 */
struct vsp_dm_command {
	__u16 type;
	__u64 pages;
	__u64 first;
	__u64 region_first, region_pages;
	enum vsp_dm_grouping grouping;
	__u32 node, quality;
	const void *raw;
	__u32 raw_bytes;
};

/**
 * struct vsp_memory - one service
 * @max_version: newest it accepts; 0: 2.0
 * @refuse_capabilities: answer that they are not accepted
 * @suppress: tell the guest to send no status reports
 * @may_hot_remove: say so in the capabilities response
 * @overlap: send the next request without waiting for the answer to the last
 * @forget_at_close: as QEMU: ballooned pages are the guest's again when the channel closes
 * @no_pattern: do not write into ballooned pages
 * @silent: answer nothing
 * @state: of the handshake
 * @version: agreed; 0: none yet
 * @capabilities: as the guest reported them
 * @min_pages: as the guest reported it
 * @max_pfn: as the guest reported it
 * @owned: pages that the host took
 * @status: the last status report
 * @reports: how many came
 * @last_report: when the last came, 100 ns
 * @shortest: shortest time between two, 100 ns
 * @longest: longest time between two, 100 ns
 * @answers: answers to balloon requests, to the last of each
 * @last_got: pages in the answers to the last balloon request
 * @unballooned: answers to unballoon requests
 * @hot_answers: answers to hot-add
 * @hot_pages: pages in the last of them
 * @hot_result: result in the last of them
 * @removes: answers to hot-remove
 * @remove_result: result in the last of them
 */
struct vsp_memory {
	__u32 max_version;
	bool refuse_capabilities, suppress, may_hot_remove, overlap, forget_at_close, no_pattern;
	bool silent;

	enum vsp_dm_state state;
	__u32 version;
	__u64 capabilities, min_pages, max_pfn;
	struct vsp_owned owned;
	struct enl_dm_status status;
	__u64 reports, last_report, shortest, longest;
	__u64 answers, last_got, unballooned, hot_answers, removes;
	__u32 hot_pages, hot_result, remove_result;

	/* private: */
	struct vsp *host;
	__u32 relid;
	__u32 guest_id;			/* of the last message */
	bool guest_spoke;
	__u16 outstanding;		/* type of the request that waits for an answer */
	__u64 asked, got;
	__u32 next_id;
	__u32 commands;
	struct vsp_dm_command command[VSP_DM_COMMANDS];
	__u64 unballoon_left;
	enum vsp_dm_grouping grouping;
	struct vsp_range range[VSP_DM_RANGES];
	__u32 tx_bytes;
	__u64 tx[ENL_DM_MESSAGE_BYTES / 8];
};

extern const struct vsp_provider vsp_memory_provider;

bool vsp_memory_command(struct vsp *v, struct vsp_memory *m, const struct vsp_dm_command *command);
bool vsp_memory_balloon(struct vsp *v, struct vsp_memory *m, __u64 pages);
bool vsp_memory_unballoon(struct vsp *v, struct vsp_memory *m, __u64 pages,
			  enum vsp_dm_grouping grouping);
bool vsp_memory_hot_add(struct vsp *v, struct vsp_memory *m, __u64 first, __u64 pages,
			__u64 region_first, __u64 region_pages);
bool vsp_memory_info(struct vsp *v, struct vsp_memory *m, __u64 max_pages);
bool vsp_memory_idle(const struct vsp_memory *m);

/* vsp/ranges.c: the set of ballooned pages */
bool vsp_ranges_add(struct vsp_memory *m, __u64 first, __u64 pages);
void vsp_ranges_cut(struct vsp_memory *m, __u32 range, __u64 first, __u64 pages);
void vsp_ranges_mark(struct vsp_memory *m, __u64 first, __u64 pages);
void vsp_ranges_return(struct vsp_memory *m, __u32 range, __u64 first, __u64 pages);
bool vsp_ranges_touch(const struct vsp_memory *m, __u64 first, __u64 pages);

/* vsp/memory_ask.c to vsp/memory.c */
bool vsp_memory_ask(struct vsp_memory *m);

#endif
