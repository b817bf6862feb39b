// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sense data: what they say, what to do besides passing them up, and how to make them (10.4).
 * Pure. Called by status.c, complete.c, queue.c and tests.
 * Fixed and descriptor formats; at most 20 bytes of either ever come.
 */
#include <linux/string.h>
#include "model.h"

/* False: no sense data. What lies beyond @bytes counts as zero. */
bool storvsc_sense_parse(const u8 *sense, u32 bytes, struct storvsc_sense *out)
{
	*out = (struct storvsc_sense){ 0 };
	if (bytes < 3)
		return false;
	switch (sense[0] & 0x7f) {
	case 0x70:
	case 0x71:
		out->key = sense[2] & 0xf;
		/* Its own length counts too: bytes after the first eight. */
		if (bytes > 12 && sense[7] >= 5)
			out->asc = sense[12];
		if (bytes > 13 && sense[7] >= 6)
			out->ascq = sense[13];
		return true;
	case 0x72:
	case 0x73:
		out->key = sense[1] & 0xf;
		out->asc = sense[2];
		out->ascq = bytes > 3 ? sense[3] : 0;
		return true;
	default:
		return false;
	}
}

/* Fixed format, current, STORVSC_SENSE_BYTES of them. */
void storvsc_sense_put(u8 *buffer, struct storvsc_sense sense)
{
	memset(buffer, 0, STORVSC_SENSE_BYTES);
	buffer[0] = 0x70;
	buffer[2] = sense.key;
	buffer[7] = STORVSC_SENSE_BYTES - 8;
	buffer[12] = sense.asc;
	buffer[13] = sense.ascq;
}

/* The mid-layer hears of all of these too: it retries, and tells user space. */
unsigned int storvsc_sense_events(struct storvsc_sense sense)
{
	if (sense.asc == 0x2a && sense.ascq == 0x09)
		return STORVSC_EVENT_RESCAN;
	if (sense.asc != 0x3f)
		return 0;
	switch (sense.ascq) {
	case 0x03:		/* inquiry data changed */
		return 0;
	case 0x0e:		/* reported LUNs changed */
		return STORVSC_EVENT_BUS;
	default:		/* a differencing disk came or went below: other block sizes */
		return STORVSC_EVENT_RESCAN;
	}
}

/* Ordinary answers, not worth a line: no medium, not supported, unit attention, no sense. */
bool storvsc_sense_is_quiet(struct storvsc_sense sense)
{
	switch (sense.key) {
	case 0x0:
	case 0x1:
	case 0x5:
	case 0x6:
		return true;
	case 0x2:
		return sense.asc == 0x3a || sense.asc == 0x04;
	default:
		return false;
	}
}
