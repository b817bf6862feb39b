/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pure half of the storage driver: packets, ids, limits, statuses, sense, lists of LUNs.
 * Needs types and string functions only, so that it compiles as a program for tests too.
 * Nothing here takes a lock, sleeps, allocates or touches a device; the callers of storvsc/ do.
 */
#ifndef ENL_STORVSC_MODEL_H
#define ENL_STORVSC_MODEL_H

#include <linux/compiler.h>
#include <linux/types.h>
#include "fault.h"
#include "wire/ring.h"
#include "wire/storage.h"

/* --- ids.c: transaction ids (decision 14) */

/* A request's place: queue and tag; and which of the requests that were ever there. */
struct storvsc_id {
	u32 generation;		/* odd */
	u16 queue;
	u16 tag;
};

#define STORVSC_TAG_LIMIT	65535u	/* tag + 1 has 16 bits */

u64 storvsc_id_make(struct storvsc_id id);
bool storvsc_id_split(u64 wire, struct storvsc_id *id);

/* --- encode.c: packets of the guest */

/**
 * struct storvsc_srb - one SCSI request, before it is put on the wire
 * @version: negotiated protocol version
 * @port: free choice
 * @path: Linux SCSI channel
 * @target: Linux SCSI id
 * @lun: below 255
 * @tagged: the device takes tagged requests
 * @write: data goes to the device
 * @cdb: command
 * @cdb_bytes: its length, 1 to 16
 * @bytes: of data; 0: none
 * @timeout_s: for the host's own stack
 */
struct storvsc_srb {
	u16 version;
	u8 port;
	u8 path;
	u8 target;
	u8 lun;
	bool tagged;
	bool write;
	const u8 *cdb;
	u8 cdb_bytes;
	u32 bytes;
	u32 timeout_s;
};

u32 storvsc_packet_bytes(u16 version);
u32 storvsc_put_control(struct enl_stor_packet *packet, u16 version, u32 operation);
u32 storvsc_put_version(struct enl_stor_packet *packet, u16 version);
u32 storvsc_put_sub_channels(struct enl_stor_packet *packet, u16 version, u16 count);
u32 storvsc_put_srb(struct enl_stor_packet *packet, const struct storvsc_srb *srb);
u32 storvsc_host_timeout_s(u32 guest_s);

/**
 * struct storvsc_range - turns segments of memory into page numbers (chapter 9)
 * @left: bytes that no segment has covered yet
 * @offset: of the first byte in its page
 * @pages: page numbers so far
 * @room: how many @out can take
 * @out: where they are written; NULL: only count
 * @ragged: the last segment ended inside a page
 */
struct storvsc_range {
	u32 left;
	u32 offset;
	u32 pages;
	u32 room;
	__le64 *out;
	bool ragged;
};

/*
 * One more segment. Only the first may begin inside a page and only the last may end inside one;
 * what is beyond the bytes asked for is not shown to the host. False: the list cannot be described.
 * Inline, since it runs twice for each segment.
 */
static __always_inline bool storvsc_range_add(struct storvsc_range *range, u64 address, u32 bytes)
{
	u32 offset = address & (ENL_HVPAGE_SIZE - 1);
	u64 pfn = address >> ENL_HVPAGE_SHIFT;
	u32 pages, i;

	if (bytes > range->left)
		bytes = range->left;
	if (!bytes)
		return true;
	if (range->pages && (offset || range->ragged))
		return false;
	pages = (u32)(((u64)offset + bytes + ENL_HVPAGE_SIZE - 1) >> ENL_HVPAGE_SHIFT);
	if (!range->pages)
		range->offset = offset;
	if (range->out) {
		if (pages > range->room - range->pages)
			return false;
		for (i = 0; i < pages; i++)
			range->out[range->pages + i] = cpu_to_le64(pfn + i);
	}
	range->pages += pages;
	range->left -= bytes;
	range->ragged = (offset + bytes) & (ENL_HVPAGE_SIZE - 1);
	return true;
}

u32 storvsc_range_bytes(u32 pages);

/* --- limits.c: what follows from the host's properties, and from this machine */

enum storvsc_class { STORVSC_SCSI, STORVSC_IDE, STORVSC_FC };

/* What the host said of a controller, checked. */
struct storvsc_properties {
	u32 max_transfer;	/* bytes, a multiple of 4096 */
	u16 max_sub_channels;
};

enum storvsc_fault storvsc_properties_check(const struct enl_stor_properties *wire, u16 version,
					    enum storvsc_class class,
					    struct storvsc_properties *out);
u16 storvsc_sub_channels_wanted(u16 offered, unsigned int cpus, unsigned int limit);
u32 storvsc_ring_bytes(u32 wanted_kib, u32 max_transfer);
u32 storvsc_queue_depth(unsigned int queues, u32 ring_bytes);
bool storvsc_ide_instance(const u8 guid[16], unsigned int *bus, unsigned int *drive);

/* --- parse.c: packets of the host */

enum storvsc_kind {
	STORVSC_COMPLETION,
	STORVSC_SCAN_NOTICE,
	STORVSC_WWN_NOTICE,
	STORVSC_EVENT_NOTICE,
};

/* As the transport gave it. */
struct storvsc_packet {
	enum enl_packet_type type;
	u64 id;
	const void *data;
	u32 bytes;
};

struct storvsc_arrival {
	enum storvsc_kind kind;
	struct storvsc_id id;	/* of a completion */
};

enum storvsc_fault storvsc_parse(const struct storvsc_packet *p, u32 completion_bytes,
				 enum storvsc_class class, struct storvsc_arrival *out);
enum storvsc_fault storvsc_match(const struct storvsc_arrival *arrival, u32 word,
				 bool same_channel, const struct enl_stor_packet *packet);
enum storvsc_fault storvsc_answer_check(const struct enl_stor_packet *answer, u32 bytes, u32 body);
enum storvsc_fault storvsc_version_check(const struct enl_stor_packet *answer, u16 asked);
enum storvsc_fault storvsc_place(const u16 *index, unsigned int queues, unsigned int limit,
				 u16 asked, u16 offered, unsigned int *place);

/* --- map.c: which queue serves a CPU (7.3) */

/**
 * struct storvsc_map - a machine and its queues
 * @cpus: number of CPUs
 * @node: NUMA node of each
 * @queues: number of queues, at least 1
 * @queue_cpu: which CPU the interrupts of each go to
 * @out: queue of each CPU
 */
struct storvsc_map {
	unsigned int cpus;
	const int *node;
	unsigned int queues;
	const unsigned int *queue_cpu;
	unsigned int *out;
};

void storvsc_map_build(const struct storvsc_map *map);

/* --- sense.c */

struct storvsc_sense {
	u8 key, asc, ascq;
};

#define STORVSC_SENSE_BYTES	18u	/* what storvsc_sense_put() writes */

/* What a completion asks for besides its own end. */
#define STORVSC_EVENT_VERIFY	0x1u	/* is the LUN still there? */
#define STORVSC_EVENT_RESCAN	0x2u	/* its capacity or parameters changed */
#define STORVSC_EVENT_BUS	0x4u	/* the set of LUNs changed */

bool storvsc_sense_parse(const u8 *sense, u32 bytes, struct storvsc_sense *out);
void storvsc_sense_put(u8 *buffer, struct storvsc_sense sense);
unsigned int storvsc_sense_events(struct storvsc_sense sense);
bool storvsc_sense_is_quiet(struct storvsc_sense sense);

/* --- status.c: the one table */

/* Host bytes, numbered as the kernel numbers them; complete.c asserts that. */
enum storvsc_host_byte {
	STORVSC_DID_OK			= 0x00,
	STORVSC_DID_NO_CONNECT		= 0x01,
	STORVSC_DID_PARITY		= 0x06,
	STORVSC_DID_ERROR		= 0x07,
	STORVSC_DID_RESET		= 0x08,
	STORVSC_DID_SOFT_ERROR		= 0x0b,
	STORVSC_DID_REQUEUE		= 0x0d,
	STORVSC_DID_TRANSPORT_DISRUPTED	= 0x0e,
};

#define STORVSC_SAM_GOOD		0x00u
#define STORVSC_SAM_CHECK_CONDITION	0x02u
#define STORVSC_SAM_CONDITION_MET	0x04u
#define STORVSC_SAM_BUSY		0x08u
#define STORVSC_SAM_CONFLICT		0x18u
#define STORVSC_SAM_TASK_SET_FULL	0x28u
#define STORVSC_SAM_TASK_ABORTED	0x40u

/**
 * struct storvsc_outcome - what a completion says, copied and bounded; and what was asked
 * @srb_status: code and the two flags
 * @scsi_status: SAM status
 * @nt_status: of the packet header
 * @sense: sense area
 * @sense_bytes: valid bytes in it
 * @transferred: the host's word
 * @asked: bytes of the request
 * @write: data went to the device
 * @cdb: the request's command, 16 bytes
 * @block_bytes: of a disk; 0: not known, or no disk
 * @class: of the controller
 * @scanning: the device is being looked for
 */
struct storvsc_outcome {
	u8 srb_status;
	u8 scsi_status;
	u32 nt_status;
	const u8 *sense;
	u32 sense_bytes;
	u32 transferred;
	u32 asked;
	bool write;
	const u8 *cdb;
	u32 block_bytes;
	enum storvsc_class class;
	bool scanning;
};

enum storvsc_sense_source { STORVSC_SENSE_NONE, STORVSC_SENSE_HOST, STORVSC_SENSE_MADE };

/**
 * struct storvsc_verdict - what the mid-layer is told
 * @host: host byte
 * @status: SAM status
 * @source: where the sense data come from
 * @sense: the host's or ours
 * @residual: bytes not transferred
 * @events: STORVSC_EVENT_*
 * @log: worth a line: not an ordinary answer of a device
 */
struct storvsc_verdict {
	enum storvsc_host_byte host;
	u8 status;
	enum storvsc_sense_source source;
	struct storvsc_sense sense;
	u32 residual;
	unsigned int events;
	bool log;
};

void storvsc_judge(const struct storvsc_outcome *outcome, struct storvsc_verdict *verdict);
bool storvsc_refuses(u16 version, u8 opcode);
const char *storvsc_srb_name(u8 srb_status);

/* --- luns.c: data of REPORT LUNS and INQUIRY, read by the driver itself */

#define STORVSC_LUNS	255u	/* 0 to 254 */

struct storvsc_luns {
	u8 present[(STORVSC_LUNS + 7) / 8];
	u32 count;
	u32 strange;		/* entries that no host may send */
};

enum storvsc_fault storvsc_luns_parse(const u8 *data, u32 bytes, struct storvsc_luns *out);
bool storvsc_luns_has(const struct storvsc_luns *luns, unsigned int lun);
bool storvsc_inquiry_absent(const u8 *data, u32 bytes);

/* --- names for logs and traces; any number is fine */
const char *storvsc_operation_name(u32 operation);

#endif
