/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two files of the fake host share: setting up the seam of a new host.
 * Calls nothing; included by kunit/fakehost.c and kunit/fakehost_api.c.
 */
#ifndef KUNIT_FAKEHOST_INTERNAL_H
#define KUNIT_FAKEHOST_INTERNAL_H

#include "kunit/fakehost.h"

void fakehost_bind(struct fakehost *fh, struct vsp_binding *binding);
void fakehost_init_raise(struct fakehost *fh);

#endif
