#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Run every test command, or the quick ones, and add their results up. Calls the scripts behind the
# targets of the Makefile; called by make check and make quick. Usage: ci/check.sh full|quick
#
# Each command must end with "N passed, N failed, N skipped". One that does not, or that ends with
# an error and no failed case, counts as one failure. FULL=1 selects the long forms below.
set -uo pipefail
export LC_ALL=C

cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
summary=()

# step NAME COMMAND...: run it, show it, take its last line
step() {
	local name=$1 status=0 last p=0 f=0 s=0 start=$SECONDS
	shift
	echo "=== $name: $*"
	if [ ! -x "$1" ]; then
		echo "$1 is missing"
		status=127
		: > "$log"
	else
		"$@" < /dev/null 2>&1 | tee "$log"
		status=${PIPESTATUS[0]}
	fi
	last=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	if [ -n "$last" ]; then
		read -r p _ f _ s _ <<< "$last"
	else
		f=1
	fi
	if [ "$status" != 0 ] && [ "$f" = 0 ]; then
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	summary+=("$(printf '%-4s %-10s %5d passed %4d failed %4d skipped %5d s' \
		"$([ "$f" = 0 ] && echo ok || echo FAIL)" "$name" "$p" "$f" "$s" $((SECONDS - start)))")
}

case ${1:-full} in
quick|full) ;;
*) echo "usage: $0 full|quick" >&2; exit 2 ;;
esac

step lint tools/lint.sh
step format tools/fmt.sh --check
step readers ci/ktap-test.sh
step unit tools/shim/unit.sh
step model tools/model/ring.sh
step select ci/select.sh
if [ "${1:-full}" = full ]; then
	step matrix ci/matrix.sh
	step dkms ci/dkms.sh
	step kunit ci/kunit.sh
	step boot ci/boot.sh
fi

echo
printf '%s\n' "${summary[@]}"
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
