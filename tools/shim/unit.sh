#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Compile the pure files and their KUnit tests as programs under the address and undefined-behaviour
# sanitizers, run them, and check that wire/ and vsp/ need nothing of the kernel. Calls compilers
# and ci/ktap.awk; called by make unit and ci/check.sh. Usage: tools/shim/unit.sh [PATTERN]
#
# tools/shim/units has one line a program. PATTERN (suite or suite.case) runs what it matches.
set -uo pipefail
export LC_ALL=C

cd "$(dirname "$0")/../.." || exit 1
pattern=${1:-}
out=${XDG_CACHE_HOME:-$HOME/.cache}/enlight/unit/$(pwd | cksum | cut -d' ' -f1)
mkdir -p "$out"
passed=0 failed=0 skipped=0

cc=${CC:-}
for c in clang clang-14 gcc; do
	[ -n "$cc" ] || ! command -v "$c" > /dev/null || cc=$c
done
warn=(-Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers)
san=(-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
case $cc in *clang*) warn+=(-Wno-initializer-overrides -Wno-gnu-variable-sized-type-not-at-end) ;; esac

check() {	# NAME COMMAND...: one thing that must succeed silently
	local name=$1
	shift
	if "$@" > "$out/check.log" 2>&1 && [ ! -s "$out/check.log" ]; then
		passed=$((passed + 1))
	else
		sed 's/^/     | /' "$out/check.log" | head -n 40
		echo "FAIL $name"
		failed=$((failed + 1))
	fi
}

# --- wire/ compiles outside the kernel with nothing but libc's headers; vsp/ without a libc
independent() {
	local f
	for f in wire/*.h; do
		[ -f "$f" ] || continue
		echo "#include \"$f\"" > "$out/one.c"
		check "$f compiles alone in user space" \
			"$cc" -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I. "$out/one.c"
	done
	for f in vsp/*.c; do
		[ -f "$f" ] || continue
		check "$f is freestanding" "$cc" -std=gnu11 -ffreestanding -O1 "${warn[@]}" \
			-Wextra -Werror -I. -c -o "$out/one.o" "$f"
	done
}

# --- program NAME SOURCE...: build and run one
program() {
	local name=$1 status=0 last p f s
	shift
	if ! "$cc" -std=gnu11 -DENL_SHIM "${warn[@]}" -Werror "${san[@]}" -Itools/shim/include -I. \
	     -o "$out/$name" "$@" tools/shim/kunit.c > "$out/$name.log" 2>&1; then
		sed 's/^/     | /' "$out/$name.log" | head -n 60
		echo "FAIL $name: does not compile"
		failed=$((failed + 1))
		return
	fi
	timeout "${TIMEOUT:-300}" "$out/$name" ${pattern:+"$pattern"} \
		> "$out/$name.ktap" 2> "$out/$name.err" || status=$?
	awk -f ci/ktap.awk "$out/$name.ktap" > "$out/$name.res"
	sed '$d' "$out/$name.res"
	last=$(tail -n 1 "$out/$name.res")
	read -r p _ f _ s _ <<< "$last"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	# A sanitizer ends the program: whatever the cases said, that is a failure.
	if [ "$status" != 0 ] && [ "$f" = 0 ] || grep -q 'Sanitizer\|runtime error' "$out/$name.err"; then
		head -n 60 "$out/$name.err" | sed 's/^/     | /'
		echo "FAIL $name: the program ended with status $status"
		failed=$((failed + 1))
	fi
}

[ -n "$pattern" ] || independent
while read -r name sources; do
	case $name in ''|'#'*) continue ;; esac
	case " $sources " in
	*" -luring "*)
		if ! echo '#include <liburing.h>' | "$cc" -E - > /dev/null 2>&1; then
			echo "SKIP ${name%:}: liburing-dev is not installed"
			skipped=$((skipped + 1))
			continue
		fi
		;;
	esac
	# shellcheck disable=SC2086
	program "${name%:}" $sources
done < tools/shim/units

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
