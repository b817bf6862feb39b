// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address windows on paper: what firmware lists, made one sorted list; the frame buffer's part.
 * Pure: calls nothing. Called by firmware.c and mmio.c, by the fake host and by tests.
 * Descriptors come from the host: any order, overlapping, touching, or nonsense (vmbus.md 1.8).
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include "window.h"

#define FRAME_MIN	(1ull << 20)
#define FRAME_MAX	(128ull << 20)
#define LOW_END		(1ull << 32)

/* Nobody is given the first MiB or the TPM; what lies above the TPM goes with it. */
static bool cut(struct enl_window *w)
{
	w->start = max_t(u64, w->start, ENL_WINDOW_FLOOR);
	if (w->start < ENL_TPM_BASE)
		w->end = w->end >= ENL_TPM_BASE ? ENL_TPM_BASE - 1 : w->end;
	else if (w->start < ENL_TPM_BASE + ENL_TPM_BYTES)
		w->start = ENL_TPM_BASE + ENL_TPM_BYTES;
	return w->start <= w->end;
}

/*
 * Adds one descriptor. Windows that overlap or touch become one, so that a claim may span
 * descriptors. The list is the same for every order of calls, unless there is no room.
 */
void enl_windows_add(struct enl_windows *windows, u64 start, u64 end)
{
	struct enl_window new = { start, end }, *at = windows->at;
	unsigned int first = 0, behind;

	if (!cut(&new))
		return;
	/* No start is 0, so one less is no wrap. */
	while (first < windows->count && at[first].end < new.start - 1)
		first++;
	behind = first;
	while (behind < windows->count && at[behind].start - 1 <= new.end)
		behind++;
	if (first == behind && windows->count == ENL_WINDOWS) {
		windows->dropped++;
		return;
	}
	if (first < behind) {
		new.start = min(new.start, at[first].start);
		new.end = max(new.end, at[behind - 1].end);
	}
	memmove(&at[first + 1], &at[behind], (windows->count - behind) * sizeof(*at));
	windows->count += first + 1 - behind;
	at[first] = new;
}

/* Generation 2 does not say how much the device may use: half of what is left below 4 GiB. */
static u64 usual_bytes(u64 base)
{
	return base < LOW_END ? min((LOW_END - base) / 2, FRAME_MAX) : FRAME_MAX;
}

/* The part of the window from @base on: @want halved until it fits, but what is known in whole. */
static u64 fit(u64 room, u64 want, u64 known)
{
	while (want > room && want / 2 >= FRAME_MIN)
		want /= 2;
	/* Less than the least is left: a frame buffer is all of it. */
	if (want > room)
		want = room;
	return max(want, min(known, room));
}

/*
 * What of the windows to keep for the boot frame buffer. Without its address (crash kernel,
 * confidential VM) it is taken to be where the low window begins. False: it is in no window.
 */
bool enl_windows_frame(const struct enl_windows *windows, const struct enl_screen *screen,
		       struct enl_window *frame)
{
	u64 base = screen->base, known = screen->base ? screen->bytes : 0, want, before, room;
	const struct enl_window *w = windows->at;

	if (!windows->count)
		return false;
	if (!base && w->start < LOW_END)
		base = w->start;
	if (!base)
		return false;
	want = screen->base && screen->exact ? known : max(known, usual_bytes(base));
	for (; w < windows->at + windows->count && w->end < base; w++)
		;
	if (w == windows->at + windows->count)
		return false;
	/* It may begin below the window: the rest of it is what counts. */
	before = w->start > base ? w->start - base : 0;
	if (before >= want)
		return false;
	base += before;
	room = w->end - base + 1;
	frame->start = base;
	frame->end = base + fit(room, want - before, known > before ? known - before : 0) - 1;
	return true;
}
