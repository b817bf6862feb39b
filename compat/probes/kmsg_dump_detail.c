// SPDX-License-Identifier: GPL-2.0-only
/* 6.11: kmsg_dumper.dump() is given a structure with the reason in it. */
#include <linux/kmsg_dump.h>

void probe(struct kmsg_dumper *dumper, void (*dump)(struct kmsg_dumper *, struct kmsg_dump_detail *));
void probe(struct kmsg_dumper *dumper, void (*dump)(struct kmsg_dumper *, struct kmsg_dump_detail *))
{
	dumper->dump = dump;
}
