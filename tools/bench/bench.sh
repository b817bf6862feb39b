#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The figures of the suite: the ring's in user space, then those of a booted guest, ours beside
# the in-box modules. Calls ci/boot.sh; called by make bench. BENCH=ring leaves the guest out.
# Prints "name value unit" lines, one JSON line of them all, and counts figures as passes.
set -uo pipefail
export LC_ALL=C

cd "$(dirname "$0")/../.." || exit 1
out=$(mktemp -d "${TMPDIR:-/tmp}/enlight-bench.XXXXXX")
trap 'rm -rf "$out"' EXIT
failed=0

gcc -std=gnu11 -O2 -static -DENL_SHIM -Wall -Wextra -Werror -Itools/shim/include -I. \
	-o "$out/ring_bench" tools/bench/ring_bench.c vmbus/ring.c || exit 1
"$out/ring_bench" | tee "$out/figures" || failed=1

# A guest's scenario prints its figures as "figure NAME VALUE UNIT".
if [ "${BENCH:-all}" != ring ]; then
	for set in ours inbox; do
		ci/boot.sh TEST=bench MODSET=$set < /dev/null > "$out/boot.log" 2>&1 || {
			tail -n 20 "$out/boot.log"
			echo "FAIL bench of the guest with the $set modules"
			failed=$((failed + 1))
		}
		sed -n "s/^.*figure \([^ ]* [^ ]* [^ ]*\)\r*\$/${set}_\1/p" "$out/boot.log" |
			tee -a "$out/figures"
	done
fi

awk '{ printf "%s\"%s_%s\": %s", NR == 1 ? "{" : ", ", $1, $3, $2 } END { print "}" }' "$out/figures"
bad=$(awk '$2 !~ /^[0-9.]+$/ || $2 == 0' "$out/figures" | wc -l)
passed=$(($(wc -l < "$out/figures") - bad)) failed=$((failed + bad))
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
