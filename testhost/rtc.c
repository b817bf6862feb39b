// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock of a PC: date and time in BCD, 24 hours; it can be set, and rings no alarm.
 * Calls words.c; called by vcpu.c for ports 0x70 and 0x71.
 */
#include <time.h>
#include "testhost/machine.h"

enum { SECOND = 0, MINUTE = 2, HOUR = 4, WEEKDAY = 6, DAY = 7, MONTH = 8, YEAR = 9, A = 10, B = 11,
       C = 12, D = 13, CENTURY = 0x32 };

static __u8 bcd(int n)
{
	return (__u8)(n / 10 % 10 << 4 | n % 10);
}

void rtc_make(struct machine *m)
{
	if (m->opt.date)
		m->rtc.offset = (__s64)m->opt.date - (__s64)time(NULL);
}

__u8 rtc_read(struct machine *m, unsigned int reg)
{
	time_t now = time(NULL) + m->rtc.offset;
	struct tm t;

	if (!reg)
		return 0xff;
	gmtime_r(&now, &t);
	switch (m->rtc.index) {
	case SECOND:
		return bcd(t.tm_sec);
	case MINUTE:
		return bcd(t.tm_min);
	case HOUR:
		return bcd(t.tm_hour);
	case WEEKDAY:
		return bcd(t.tm_wday + 1);
	case DAY:
		return bcd(t.tm_mday);
	case MONTH:
		return bcd(t.tm_mon + 1);
	case YEAR:
		return bcd(t.tm_year % 100);
	case CENTURY:
		return bcd(19 + t.tm_year / 100);
	case A:
		return 0x26;		/* running, no update under way */
	case B:
		return 0x02;		/* BCD, 24 hours */
	case D:
		return 0x80;		/* the battery is good */
	default:
		return 0;
	}
}

/* What the guest sets is forgotten: time stays ours. */
void rtc_write(struct machine *m, unsigned int reg, __u8 value)
{
	if (!reg)
		m->rtc.index = value & 0x7f;
}
