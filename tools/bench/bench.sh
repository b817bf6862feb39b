#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The figures of the suite: the ring's in user space, then those of booted guests, ours beside the
# in-box modules. Calls ci/boot.sh, storage_json.sh; called by make bench. BENCH=ring, bus or
# storage: that part alone. What storage costs goes to build/bench/storage.json too.
# Prints "name value unit" lines, one JSON line of them all, and counts figures as passes.
set -uo pipefail
export LC_ALL=C

cd "$(dirname "$0")/../.." || exit 1
out=$(mktemp -d "${TMPDIR:-/tmp}/enlight-bench.XXXXXX")
trap 'rm -rf "$out"' EXIT
failed=0
bench=${BENCH:-all}
: > "$out/figures"

ring() {
	gcc -std=gnu11 -O2 -static -DENL_SHIM -Wall -Wextra -Werror -Itools/shim/include -I. \
		-o "$out/ring_bench" tools/bench/ring_bench.c vmbus/ring.c || exit 1
	"$out/ring_bench" | tee -a "$out/figures" || failed=$((failed + 1))
}

# A guest's scenario prints its figures as "figure NAME VALUE UNIT".
guest() {
	local set
	for set in ours inbox; do
		ci/boot.sh TEST="$1" MODSET=$set < /dev/null > "$out/boot.log" 2>&1 || {
			tail -n 20 "$out/boot.log"
			echo "FAIL $1 of the guest with the $set modules"
			failed=$((failed + 1))
		}
		sed -n "s/^.*figure \([^ ]* [^ ]* [^ ]*\)\r*\$/${set}_\1/p" "$out/boot.log" |
			tee -a "$out/figures"
	done
}

storage() {
	guest storage-bench
	mkdir -p build/bench
	tools/bench/storage_json.sh < "$out/figures" > build/bench/storage.json ||
		failed=$((failed + 1))
	echo
	tools/bench/storage_table.sh text < build/bench/storage.json
	echo
}

case $bench in
ring) ring ;;
bus) guest bench ;;
storage) storage ;;
all) ring; guest bench; storage ;;
*)
	echo "FAIL BENCH=$bench is not ring, bus, storage or all"
	failed=1
	;;
esac

awk '{ printf "%s\"%s_%s\": %s", NR == 1 ? "{" : ", ", $1, $3, $2 } END { print "}" }' "$out/figures"
bad=$(awk '$2 !~ /^[0-9.]+$/ || $2 == 0' "$out/figures" | wc -l)
passed=$(($(wc -l < "$out/figures") - bad)) failed=$((failed + bad))
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
