// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data that the driver itself reads from a device: REPORT LUNS, and INQUIRY of one that may be
 * gone. Pure. Called by scan.c and tests; also names of operations for logs. The host's bytes:
 * lengths first, then contents (chapters 12, 21.25, 21.26).
 */
#include <linux/string.h>
#include "model.h"

static u32 be32(const u8 *at)
{
	return (u32)at[0] << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | at[3];
}

/* One byte of LUN, peripheral addressing, the rest zero: all that fits the protocol. */
static bool entry_lun(const u8 *entry, unsigned int *lun)
{
	static const u8 zero[6];

	*lun = entry[1];
	return !entry[0] && *lun < STORVSC_LUNS && !memcmp(entry + 2, zero, sizeof(zero));
}

/*
 * @bytes: how many of @data came. Entries that cannot be are skipped and counted: they must not
 * take away those that can.
 */
enum storvsc_fault storvsc_luns_parse(const u8 *data, u32 bytes, struct storvsc_luns *out)
{
	u32 length, at;
	unsigned int lun;

	memset(out, 0, sizeof(*out));
	if (bytes < 8)
		return STORVSC_FAULT_REPORT_LUNS;
	length = be32(data);
	if (length % 8 || length > bytes - 8)
		return STORVSC_FAULT_REPORT_LUNS;
	for (at = 8; at < 8 + length; at += 8) {
		if (!entry_lun(data + at, &lun) || storvsc_luns_has(out, lun)) {
			out->strange++;
			continue;
		}
		out->present[lun / 8] |= 1 << lun % 8;
		out->count++;
	}
	return out->strange ? STORVSC_FAULT_REPORT_LUNS : STORVSC_FAULT_NONE;
}

bool storvsc_luns_has(const struct storvsc_luns *luns, unsigned int lun)
{
	return lun < STORVSC_LUNS && luns->present[lun / 8] >> lun % 8 & 1;
}

/* Standard INQUIRY data of a LUN behind which there is nothing: qualifier 3, or type 0x1f. */
bool storvsc_inquiry_absent(const u8 *data, u32 bytes)
{
	return bytes && (data[0] >> 5 == 3 || (data[0] & 0x1f) == 0x1f);
}

#define OPERATION_NAME(number, name, who, since) [number] = #name,
static const char * const operation_names[] = { ENL_STOR_TABLE(OPERATION_NAME) };

const char *storvsc_operation_name(u32 operation)
{
	if (operation >= ENL_STOR_OPERATION_LIMIT || !operation_names[operation])
		return "?";
	return operation_names[operation];
}
