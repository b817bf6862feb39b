// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of scripts and options: lines, numbers, times, faults, hosts; what is refused and why.
 * Calls testhost/words.c, parse.c, faults.c, host.c; built by tools/shim/units, not for the kernel.
 */
#include <kunit/test.h>
#include <string.h>
#include "testhost/faults.h"
#include "testhost/script.h"

/* What the files under test would call, were there a machine. */
__u32 device_channel(struct machine *m, const char *words)
{
	(void)m;
	return word_is(words, "disk0") ? 7 : 0;
}

void report_line(struct machine *m, const char *kind, const char *format, ...)
{
	(void)m;
	(void)kind;
	(void)format;
}

static void numbers(struct kunit *test)
{
	static const struct {
		const char *word;
		bool ok;
		__u64 value;
	} t[] = {
		{ "0", true, 0 }, { "17", true, 17 }, { "0x10", true, 16 }, { "4k", true, 4096 },
		{ "3M", true, 3 << 20 }, { "1g", true, 1 << 30 }, { "2T", true, 2ull << 40 },
		{ "0x1fk", true, 31 << 10 },
		{ "", false, 0 }, { "-1", false, 0 }, { "k", false, 0 }, { "4kk", false, 0 },
		{ "4 k", false, 0 }, { "18446744073709551616", false, 0 },
		{ "18446744073709551615k", false, 0 }, { "+5", false, 0 }, { " 5", false, 0 },
	};
	unsigned int i;
	__u64 n;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		KUNIT_EXPECT_EQ_MSG(test, word_number(t[i].word, 0, ~0ull, &n), t[i].ok, "%s",
				    t[i].word);
		if (t[i].ok)
			KUNIT_EXPECT_EQ_MSG(test, n, t[i].value, "%s", t[i].word);
	}
	KUNIT_EXPECT_FALSE(test, word_number("4", 5, 10, &n));
	KUNIT_EXPECT_FALSE(test, word_number("11", 5, 10, &n));
	KUNIT_EXPECT_TRUE(test, word_number("10", 5, 10, &n));
}

static void times(struct kunit *test)
{
	__u64 us;

	KUNIT_EXPECT_TRUE(test, word_duration("5us", &us));
	KUNIT_EXPECT_EQ(test, us, 5);
	KUNIT_EXPECT_TRUE(test, word_duration("20ms", &us));
	KUNIT_EXPECT_EQ(test, us, 20000);
	KUNIT_EXPECT_TRUE(test, word_duration("20", &us));
	KUNIT_EXPECT_EQ(test, us, 20000);
	KUNIT_EXPECT_TRUE(test, word_duration("3s", &us));
	KUNIT_EXPECT_EQ(test, us, 3000000);
	KUNIT_EXPECT_FALSE(test, word_duration("3m", &us));
	KUNIT_EXPECT_FALSE(test, word_duration("-3", &us));
	KUNIT_EXPECT_FALSE(test, word_duration("99999999999", &us));
}

static void lines(struct kunit *test)
{
	struct line l;

	KUNIT_EXPECT_NULL(test, line_parse("after 2 open_result rescind disk0 # gone", &l));
	KUNIT_EXPECT_EQ(test, l.when, WHEN_AFTER);
	KUNIT_EXPECT_EQ(test, l.number, 2);
	KUNIT_EXPECT_EQ(test, l.type, ENL_MSG_OPEN_RESULT);
	KUNIT_ASSERT_EQ(test, l.argc, 2);
	KUNIT_EXPECT_STREQ(test, l.argv[1], "disk0");
	KUNIT_EXPECT_NULL(test, line_parse("  packets 100 disk0.3\tstall 5ms", &l));
	KUNIT_EXPECT_EQ(test, l.when, WHEN_PACKETS);
	KUNIT_EXPECT_STREQ(test, l.channel, "disk0.3");
	KUNIT_EXPECT_STREQ(test, l.argv[0], "stall");
	KUNIT_EXPECT_NULL(test, line_parse("note \"two words\"", &l));
	KUNIT_EXPECT_EQ(test, l.when, WHEN_NOW);
	KUNIT_ASSERT_EQ(test, l.argc, 2);
	KUNIT_EXPECT_STREQ(test, l.argv[1], "two words");
	KUNIT_EXPECT_NULL(test, line_parse("# nothing", &l));
	KUNIT_EXPECT_EQ(test, l.argc, 0);
	KUNIT_EXPECT_NULL(test, line_parse("", &l));
	KUNIT_EXPECT_EQ(test, l.argc, 0);
}

static void bad_lines(struct kunit *test)
{
	static const char *const t[] = {
		"at", "at 5ms", "at soon exit 1", "after 2 OPN exit 1", "after x OPEN exit 1",
		"after 0 OPEN exit 1", "packets disk0 exit 1", "marker -1 exit 1", "open disk0",
		"every 0us exit 1", "now", "close",
		"a b c d e f g h i j k l m n o p q r s t u v w x y z",
	};
	char text[LINE_BYTES + 2];
	struct line l;
	unsigned int i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		KUNIT_EXPECT_NOT_NULL_MSG(test, line_parse(t[i], &l), "%s", t[i]);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	KUNIT_EXPECT_NOT_NULL(test, line_parse(text, &l));
	text[LINE_BYTES - 1] = 0;
	KUNIT_EXPECT_NULL(test, line_parse(text, &l));
}

static const char *parse_fault(const char *text, struct vsp_fault *f)
{
	struct verb_call c = { 0 };
	struct line l;
	const char *why = line_parse(text, &l);

	if (why)
		return why;
	c.argc = l.argc - 1;
	c.argv = l.argv + 1;
	return fault_parse(&c, f);
}

static void faults(struct kunit *test)
{
	struct vsp_fault f;

	KUNIT_EXPECT_NULL(test, parse_fault("fault message OPEN_RESULT status 0xc0000001 skip 1 "
					    "times 3", &f));
	KUNIT_EXPECT_EQ(test, f.point, VSP_AT_MESSAGE);
	KUNIT_EXPECT_EQ(test, f.key, ENL_MSG_OPEN_RESULT);
	KUNIT_EXPECT_EQ(test, f.action, VSP_STATUS);
	KUNIT_EXPECT_EQ(test, f.a, 0xc0000001u);
	KUNIT_EXPECT_EQ(test, f.skip, 1);
	KUNIT_EXPECT_EQ(test, f.times, 3);
	KUNIT_EXPECT_NULL(test, parse_fault("fault packet disk0 overwrite 16 0x1122334455667788 8",
					    &f));
	KUNIT_EXPECT_EQ(test, f.key, 7);
	KUNIT_EXPECT_EQ(test, f.a, 16);
	KUNIT_EXPECT_EQ(test, f.b, 0x1122334455667788ull);
	KUNIT_EXPECT_EQ(test, f.width, 8);
	KUNIT_EXPECT_NULL(test, parse_fault("fault post 40 drop", &f));
	KUNIT_EXPECT_EQ(test, f.key, 40);
	KUNIT_EXPECT_NULL(test, parse_fault("fault event any repeat", &f));
	KUNIT_EXPECT_EQ(test, f.key, 0);
}

static void bad_faults(struct kunit *test)
{
	static const char *const t[] = {
		"fault here OPEN drop", "fault post OPN drop", "fault post OPEN lose",
		"fault post OPEN delay", "fault packet disk0 overwrite 1 2",
		"fault packet disk0 overwrite 1 2 3", "fault packet disk1 drop",
		"fault post OPEN drop skip", "fault post OPEN drop jump 3",
		"fault post OPEN delay 5 6", "fault post OPEN drop times x",
	};
	struct vsp_fault f;
	unsigned int i;
	__u32 kinds;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		KUNIT_EXPECT_NOT_NULL_MSG(test, parse_fault(t[i], &f), "%s", t[i]);
	KUNIT_EXPECT_NULL(test, fault_kinds("timing,hostile", &kinds));
	KUNIT_EXPECT_EQ(test, kinds, VSP_PLAN_TIMING | VSP_PLAN_HOSTILE);
	KUNIT_EXPECT_NOT_NULL(test, fault_kinds("timing,loud", &kinds));
	KUNIT_EXPECT_NOT_NULL(test, fault_kinds("tim", &kinds));
}

static void hosts(struct kunit *test)
{
	static struct machine m;
	struct vsp_personality *p = &m.personality;

	KUNIT_EXPECT_NULL(test, host_choose(&m, "2019,signal-at-open,stale-events=3,multi=0"));
	KUNIT_EXPECT_EQ(test, p->max_version, ENL_VERSION_5_2);
	KUNIT_EXPECT_TRUE(test, p->signal_at_open);
	KUNIT_EXPECT_FALSE(test, p->multi);
	KUNIT_EXPECT_EQ(test, p->stale_events, 3);
	KUNIT_EXPECT_EQ(test, m.opt.build[2], 17763);
	KUNIT_EXPECT_NULL(test, host_version(p, "=4.0"));
	KUNIT_EXPECT_EQ(test, p->only_version, ENL_VERSION_4_0);
	KUNIT_EXPECT_NULL(test, host_version(p, "3.0"));
	KUNIT_EXPECT_EQ(test, p->max_version, ENL_VERSION_3_0);
	KUNIT_EXPECT_EQ(test, p->only_version, 0);
	KUNIT_EXPECT_NOT_NULL(test, host_version(p, "4"));
	KUNIT_EXPECT_NOT_NULL(test, host_version(p, "4.0x"));
	KUNIT_EXPECT_NOT_NULL(test, host_choose(&m, "2020"));
	KUNIT_EXPECT_NOT_NULL(test, host_choose(&m, ""));
	KUNIT_EXPECT_NOT_NULL(test, host_choose(&m, "2019,loud"));
	KUNIT_EXPECT_NOT_NULL(test, host_choose(&m, "2019,refuse=2"));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(numbers), KUNIT_CASE(times), KUNIT_CASE(lines), KUNIT_CASE(bad_lines),
	KUNIT_CASE(faults), KUNIT_CASE(bad_faults), KUNIT_CASE(hosts), {}
};

static struct kunit_suite suite = { .name = "testhost_script", .test_cases = cases };

kunit_test_suite(suite);
