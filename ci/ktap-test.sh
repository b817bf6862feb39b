#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tests of the readers that all other results go through: ktap.awk and klog.awk on made-up logs.
# Calls awk alone; called by ci/check.sh. A reader that forgives is worse than a failing test.
set -u
cd "$(dirname "$0")" || exit 1

# The cases run at the end of pipelines, in shells of their own: they leave a line each here.
tally=$(mktemp)
trap 'rm -f "$tally"' EXIT

# want NAME STATUS LAST-LINE READER: the reader's exit status and last line for the log on stdin
want() {
	got=$(awk -f "$4")
	status=$?
	last=$(printf '%s\n' "$got" | tail -n 1)
	if [ "$status" = "$2" ] && [ "$last" = "$3" ]; then
		echo pass >> "$tally"
	else
		echo fail >> "$tally"
		echo "FAIL $1: wanted status $2 and '$3', got status $status and:"
		printf '%s\n' "$got" | sed 's/^/     | /'
	fi
}

suite() {	# NAME FIRST-WORDS...: a whole document of one suite with a case for each word
	name=$1
	shift
	echo "KTAP version 1"
	echo "1..1"
	echo "    KTAP version 1"
	echo "    # Subtest: $name"
	echo "    1..$#"
	n=0 verdict=ok
	for word in "$@"; do
		n=$((n + 1))
		case $word in
		ok) echo "    ok $n case_$n" ;;
		skip) echo "    ok $n case_$n # SKIP not here" ;;
		*) echo "    # case_$n: EXPECTATION FAILED at x.c:1"
		   echo "    not ok $n case_$n"; verdict="not ok" ;;
		esac
	done
	echo "$verdict 1 $name"
}

suite good ok ok skip | want good 0 "2 passed, 0 failed, 1 skipped" ktap.awk
suite bad ok not ok | want "one case fails" 1 "2 passed, 1 failed, 0 skipped" ktap.awk
suite skips skip skip | want "skips are no passes" 1 "0 passed, 0 failed, 2 skipped" ktap.awk
: | want "empty input" 1 "0 passed, 0 failed, 0 skipped" ktap.awk
{ suite first ok; suite second not; } |
	want "the second module's failure is seen" 1 "1 passed, 1 failed, 0 skipped" ktap.awk
{ suite first not; suite second ok; } |
	want "the first module's failure is seen" 1 "1 passed, 1 failed, 0 skipped" ktap.awk
suite cut ok ok ok | head -n 7 | want "cut off in a suite" 1 "2 passed, 4 failed, 0 skipped" ktap.awk
suite short ok ok ok | grep -v case_3 |
	want "fewer results than planned" 1 "2 passed, 1 failed, 0 skipped" ktap.awk
suite short ok ok ok | grep -v case_2 |
	want "a number is missing" 1 "2 passed, 2 failed, 0 skipped" ktap.awk
suite noplan ok ok | grep -v '1\.\.2' |
	want "no plan" 1 "2 passed, 1 failed, 0 skipped" ktap.awk
suite lies not | sed 's/^not ok 1 lies/ok 1 lies/' |
	want "a suite that passed over a failed case" 1 "0 passed, 2 failed, 0 skipped" ktap.awk
suite init ok | sed 's/^ok 1 init/not ok 1 init/' |
	want "a suite that fails by itself" 1 "1 passed, 1 failed, 0 skipped" ktap.awk
suite log ok ok | sed 's/^/<6>[   12.345678] /' |
	want "a kernel log's prefixes" 0 "2 passed, 0 failed, 0 skipped" ktap.awk
suite log ok ok | sed 's/^/[  112.345678][  T123] /; s/$/\r/' |
	want "thread ids and carriage returns" 0 "2 passed, 0 failed, 0 skipped" ktap.awk
want "parameters count each" 0 "3 passed, 0 failed, 0 skipped" ktap.awk << 'END'
KTAP version 1
1..1
    KTAP version 1
    # Subtest: s
    # module: m
    1..2
        KTAP version 1
        # Subtest: sizes
        ok 1 one
        ok 2 two
    # sizes: pass:2 fail:0 skip:0 total:2
    ok 1 sizes
    ok 2 plain
# s: pass:2 fail:0 skip:0 total:2
# Totals: pass:3 fail:0 skip:0 total:3
ok 1 s
END
want "a failed parameter" 1 "1 passed, 1 failed, 0 skipped" ktap.awk << 'END'
KTAP version 1
1..1
    KTAP version 1
    # Subtest: s
    1..1
        KTAP version 1
        # Subtest: sizes
        ok 1 one
        not ok 2 two
    not ok 1 sizes
not ok 1 s
END

printf '[    1.0] Linux version\n[    2.0] channel 3: host packet too long\n' |
	want "a quiet log" 0 "0 reports" klog.awk
printf '[    2.0] ====\n[    2.1] BUG: KASAN: slab-use-after-free in x\n[    2.2] Call Trace:\n' |
	want "one report is counted once" 1 "1 reports" klog.awk
for text in 'WARNING: possible circular locking dependency detected' \
	'WARNING: CPU: 1 PID: 3 at x.c:3 f+0x1/0x2 [enlight_vmbus]' \
	'UBSAN: shift-out-of-bounds in x.c' 'unreferenced object 0xffff (size 64):' \
	'BUG: sleeping function called from invalid context at x.c' \
	'Oops: general protection fault' 'Kernel panic - not syncing: x' \
	'INFO: task a:1 blocked for more than 120 seconds.' 'refcount_t: underflow; use-after-free.' \
	'BUG: KCSAN: data-race in a / b' 'watchdog: BUG: soft lockup - CPU#0 stuck for 22s!'; do
	printf '[    1.0] x\n[    2.0] %s\n' "$text" | want "log: $text" 1 "1 reports" klog.awk
done

race() {	# race FRAME FRAME: a report with these two under a function of the kernel
	printf '[ 1.0] ==================\n[ 1.0] BUG: KCSAN: data-race in a / b\n[ 1.0]\n'
	printf '[ 1.0] write to 0xffff of 4 bytes by interrupt on cpu 0:\n[ 1.0]  a+0x1/0x2\n[ 1.0]  %s+0x1/0x2%s\n' "$1" "$2"
	printf '[ 1.0]  c+0x1/0x2\n[ 1.0]  f+0x1/0x2 [enlight_kunit]\n[ 1.0]\n'
	printf '[ 1.0] read to 0xffff of 4 bytes by task 1 on cpu 1:\n[ 1.0]  b+0x1/0x2\n[ 1.0] ==================\n'
}
race d '' | want "a race of the kernel alone" 0 "0 reports" klog.awk
race d ' [enlight_vmbus]' | want "a race in memory that we gave to the kernel" 1 "1 reports" klog.awk
{ race d ''; echo '[ 2.0] BUG: KASAN: x'; } | want "a report after it" 1 "1 reports" klog.awk

passed=$(grep -c pass "$tally")
failed=$(grep -c fail "$tally")
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
