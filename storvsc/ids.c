// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transaction ids: generation, queue and tag in 64 bits (decision 14). Never a pointer.
 * Pure. Called by queue.c and complete.c, and by tests.
 * The generation is odd while a request is in flight, so that no id is ever 0, and none has an even
 * upper half, as those of the transport's own exchanges do.
 */
#include "model.h"

u64 storvsc_id_make(struct storvsc_id id)
{
	return (u64)id.generation << 32 | (u32)id.queue << 16 | (u32)(id.tag + 1);
}

/* False: no request can have this id. */
bool storvsc_id_split(u64 wire, struct storvsc_id *id)
{
	u32 tag = wire & 0xffff;

	id->generation = wire >> 32;
	id->queue = wire >> 16 & 0xffff;
	id->tag = tag - 1;
	return tag && id->generation & 1;
}
