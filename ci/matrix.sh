#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Build for every kernel of ci/matrix with W=1 and sparse, where any warning is a failure, and
# compare the probes' answers with compat/expected/. Calls build.sh; called by make matrix.
# Usage: ci/matrix.sh [NAME...]   UPDATE=1 writes the answers into compat/expected/ instead.
set -uo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
out=$(mktemp -d "${TMPDIR:-/tmp}/enlight-matrix.XXXXXX")
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 skipped=0

result() {	# ok|FAIL|skip TEXT
	case $1 in
	ok) passed=$((passed + 1)) ;;
	FAIL) failed=$((failed + 1)) ;;
	skip) skipped=$((skipped + 1)) ;;
	esac
	printf '%-4s %s\n' "$1" "$2"
}

# A tree that was prepared and never built has no Module.symvers: modpost cannot know the kernel's
# symbols there. The objtool of 4.18 does not know how newer compilers name cold parts of a function.
extra() {
	[ -f "$1/Module.symvers" ] || echo "KBUILD_MODPOST_WARN=1"
	case $(cat "$1/include/config/kernel.release") in
	4.18.*) [ -f "$1/Module.symvers" ] || echo "SKIP_STACK_VALIDATION=1" ;;
	esac
}

probes() {	# NAME HEADER
	local want=$top/compat/expected/$1.h
	sed -i -e 's| \* for .*||' -e '/Made by compat/d' "$2"
	if [ -n "${UPDATE:-}" ]; then
		cp "$2" "$want"
	fi
	if [ ! -f "$want" ]; then
		result FAIL "$1: compat/expected/$1.h is missing (UPDATE=1 makes it)"
	elif diff -u "$want" "$2" > "$out/diff"; then
		result ok "$1: probes answer as expected"
	else
		cat "$out/diff"
		result FAIL "$1: probes answer otherwise than compat/expected/$1.h; read what changed"
	fi
}

build() {	# NAME KDIR
	local name=$1 kdir=$2 sparse=
	if command -v sparse > /dev/null; then
		sparse="C=2 CF=-D__CHECK_ENDIAN__"
	else
		result skip "$name: sparse is not installed"
	fi
	# shellcheck disable=SC2046,SC2086
	if STRICT=1 "$here/build.sh" "$kdir" "$out/$name" W=1 $sparse $(extra "$kdir"); then
		result ok "$name: builds without a warning ($(cat "$kdir/include/config/kernel.release"))"
	else
		result FAIL "$name: does not build without a warning"
	fi
	[ ! -f "$out/$name/have.h" ] || probes "$name" "$out/$name/have.h"
}

while read -r name need where; do
	case $name in ''|'#'*) continue ;; esac
	[ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
	case $where in
	tree:*) kdir=${ENL_TREES:-/nonexistent}/${where#tree:}; [ -f "$kdir/Makefile" ] || kdir= ;;
	*) kdir=$("$here/kdir.sh" "$where" 2> /dev/null) ;;
	esac
	if [ -n "$kdir" ]; then
		build "$name" "$kdir"
	elif [ "$need" = must ]; then
		result FAIL "$name: no headers of $where installed (ci/setup.sh installs them)"
	else
		result skip "$name: no such tree (set ENL_TREES=)"
	fi
done < "$here/matrix"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
