/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address windows for memory-mapped devices, as firmware names them, and the boot frame buffer.
 * Pure; knows neither ACPI nor resources. Included by platform.h, hence by the bus and platforms.
 * Ends are inclusive, as in struct resource.
 */
#ifndef ENL_VMBUS_WINDOW_H
#define ENL_VMBUS_WINDOW_H

#include <linux/types.h>

#define ENL_WINDOWS		16u		/* a machine has two or three */
#define ENL_WINDOW_FLOOR	0x100000ull	/* nothing below 1 MiB is for us */
#define ENL_TPM_BASE		0xfed40000ull	/* virtual TPM */
#define ENL_TPM_BYTES		0x5000ull

/**
 * struct enl_window - one stretch of addresses
 * @start: first address
 * @end: last address
 */
struct enl_window {
	u64 start;
	u64 end;
};

/**
 * struct enl_windows - sorted, apart from each other by one byte at least
 * @count: how many
 * @dropped: windows for which there was no room
 * @at: the windows
 */
struct enl_windows {
	unsigned int count;
	unsigned int dropped;
	struct enl_window at[ENL_WINDOWS];
};

/**
 * struct enl_screen - the frame buffer that firmware left on, as far as it is known
 * @base: its first address, or 0
 * @bytes: its length, or 0
 * @exact: both are those of a PCI BAR (generation 1); otherwise the device may use more
 */
struct enl_screen {
	u64 base;
	u64 bytes;
	bool exact;
};

/**
 * struct enl_firmware - what the platform's firmware says of addresses
 * @windows: free for devices on the bus
 * @screen: lies in one of them, maybe
 */
struct enl_firmware {
	struct enl_windows windows;
	struct enl_screen screen;
};

void enl_windows_add(struct enl_windows *windows, u64 start, u64 end);
bool enl_windows_frame(const struct enl_windows *windows, const struct enl_screen *screen,
		       struct enl_window *frame);

#endif
