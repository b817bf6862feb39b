/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: rounding and division. */
#ifndef ENL_SHIM_LINUX_MATH_H
#define ENL_SHIM_LINUX_MATH_H

#include <stdlib.h>

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define round_up(x, y) ((((x) - 1) | ((__typeof__(x))((y) - 1))) + 1)
#define round_down(x, y) ((x) & ~((__typeof__(x))((y) - 1)))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y) ((x) - ((x) % (y)))

#endif
