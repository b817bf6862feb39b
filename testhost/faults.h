/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault plans in words. Made by faults.c, used by verbs.c and by its test.
 */
#ifndef TESTHOST_FAULTS_H
#define TESTHOST_FAULTS_H

#include "testhost/machine.h"
#include "vsp/fault.h"

const char *fault_parse(struct verb_call *c, struct vsp_fault *f);
const char *fault_kinds(const char *words, __u32 *kinds);

#endif
