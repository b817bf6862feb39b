#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Foreign partners: the kernel's own drivers on our host, in the scenarios that ours pass.
# May call: boot.sh. Called by: make cross.
#
#   ci/cross.sh [TEST=storage] [KVER=6.1|6.12] [CPUS=n] [KEEP=dir]
#
# TEST names a driver: its lines of tests.cfg are run on both kernels with the in-box modules, those of its faults as
# far as in-box drivers take them. Prints what boot.sh prints, and last the sum.
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

what=storage
for arg; do
	case $arg in
	TEST=*) what=${arg#*=} && shift ;;
	*) set -- "$@" "$arg" && shift ;;
	esac
done
case $what in
storage) tests='storage storage-faults' ;;
*) die "no foreign partner for \"$what\": storage" ;;
esac
log=$(mktemp)
trap 'rm -f "$log"' EXIT INT TERM
for t in $tests; do
	"$CI/boot.sh" "TEST=$t" MODSET=inbox "$@" || echo "FAIL $t: boot.sh ended with $?"
done | tee "$log"
sum=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$log" |
	awk '{ p += $1; f += $2; s += $3; n++ } END { print p + 0, f + 0, s + 0, n + 0 }')
# shellcheck disable=SC2086 # four numbers
set -- $sum
# Silence is a failure, and so is a status of its own.
[ "$4" = "$(echo $tests | wc -w)" ] || set -- "$1" $(($2 + 1)) "$3" "$4"
echo "$1 passed, $2 failed, $3 skipped"
[ "$2" = 0 ] && [ "$1" -gt 0 ]
