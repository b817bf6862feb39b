// SPDX-License-Identifier: GPL-2.0-only
/* 6.9, EL 9.5: strscpy() finds the size of an array by itself. */
#include <linux/string.h>

long probe(const char *s);
long probe(const char *s)
{
	char buf[8];

	return strscpy(buf, s);
}
