/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test vectors of the VMBus specification, chapter 14: one array each, named by its number.
 * Data only; defined in kunit/vectors.c, included by the tests of the wire format.
 */
#ifndef KUNIT_VECTORS_H
#define KUNIT_VECTORS_H

#include <linux/compiler.h>
#include <linux/types.h>

extern const u8 enl_v1[40] __aligned(8);
extern const u8 enl_v2[40] __aligned(8);
extern const u8 enl_v3[56] __aligned(8);
extern const u8 enl_v4[16] __aligned(8);
extern const u8 enl_v5[16] __aligned(8);
extern const u8 enl_v6[40] __aligned(8);
extern const u8 enl_v7[8] __aligned(8);
extern const u8 enl_v8[196] __aligned(8);
extern const u8 enl_v9[196] __aligned(8);
extern const u8 enl_v10[196] __aligned(8);
extern const u8 enl_v11[12] __aligned(8);
extern const u8 enl_v12[12] __aligned(8);
extern const u8 enl_v13[100] __aligned(8);
extern const u8 enl_v14[236] __aligned(8);
extern const u8 enl_v15[240] __aligned(8);
extern const u8 enl_v16[192] __aligned(8);
extern const u8 enl_v17[20] __aligned(8);
extern const u8 enl_v18[148] __aligned(8);
extern const u8 enl_v19[20] __aligned(8);
extern const u8 enl_v20[16] __aligned(8);
extern const u8 enl_v21[16] __aligned(8);
extern const u8 enl_v22[12] __aligned(8);
extern const u8 enl_v23[16] __aligned(8);
extern const u8 enl_v24[12] __aligned(8);
extern const u8 enl_v25[56] __aligned(8);
extern const u8 enl_v26[44] __aligned(8);
extern const u8 enl_v27[256] __aligned(8);
extern const u8 enl_v28[256] __aligned(8);
extern const u8 enl_v29[48] __aligned(8);
extern const u8 enl_v30[32] __aligned(8);
extern const u8 enl_v31[80] __aligned(8);
extern const u8 enl_v32[72] __aligned(8);
extern const u8 enl_v33[64] __aligned(8);
extern const u8 enl_v34[68] __aligned(8);

#endif
