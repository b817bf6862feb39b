#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Build the suite for one kernel outside the tree: KDIR's kernel, *.ko and Module.symvers to OUTDIR.
# Calls the top Makefile in a copy; called by the scripts of ci/ and by hand.
# Usage: ci/build.sh KDIR OUTDIR [make arguments, e.g. ENL_KUNIT=1 W=1]
#
# The copy is kept in the cache per kernel and arguments, so a second build compiles what changed,
# and one without a change compiles nothing. STRICT=1: any warning (compiler, sparse, objtool,
# modpost) fails the build, and nothing is kept, so that the next run shows it again.
set -euo pipefail
export LC_ALL=C

[ $# -ge 2 ] || {
	echo "usage: $0 KDIR OUTDIR [make arguments]" >&2
	exit 2
}
kdir=$(realpath "$1") out=$2
shift 2
tree=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/enlight
strict=${STRICT:-}
# Flags of a make above us (a SHELL=1, a job server) are not for this one.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES KERNELRELEASE KVER KDIR

[ -f "$kdir/include/config/kernel.release" ] || {
	echo "$0: $kdir is no prepared kernel build directory" >&2
	exit 1
}

# --- what is source: everything known to git or to be added, else every file that no build makes
sources() {
	if git -C "$tree" rev-parse --is-inside-work-tree > /dev/null 2>&1; then
		git -C "$tree" ls-files -co --exclude-standard
	else
		(cd "$tree" && find . -type f ! -name '*.o' ! -name '*.ko' ! -name '*.mod*' \
			! -name '.*.cmd' ! -path './compat/generated/*' | sed 's|^\./||')
	fi | grep -E '^(Kbuild|Makefile|VERSION)$|\.[ch]$|^compat/|^ci/kdir.sh$' | sort -u
}

key() {
	printf '%s\n' "$tree" "$kdir" "$strict" "$@"
	sha256sum < "$kdir/include/generated/autoconf.h"
	cat "$kdir/include/config/kernel.release"
}
id=$(key "$@" | sha256sum | cut -c1-16)
work=$cache/build/$(cat "$kdir/include/config/kernel.release")-$id
mkdir -p "$work/tree"
exec 9> "$work/lock"
if ! flock -w 600 9; then
	# Whoever holds it hangs or builds for very long: work in a copy of our own.
	echo "$0: $work is still locked after 10 minutes; building apart" >&2
	work=$work.$$
	mkdir -p "$work/tree"
	trap 'rm -rf "$work"' EXIT
fi

# --- copy what differs, drop what is gone
cd "$tree"
sources | while read -r f; do
	[ ! -f "$f" ] || echo "$f"
done > "$work/list"
[ ! -f "$work/list.old" ] || comm -13 "$work/list" "$work/list.old" | while read -r f; do
	rm -f "$work/tree/$f"
done
while read -r f; do
	cmp -s "$f" "$work/tree/$f" && continue
	mkdir -p "$work/tree/$(dirname "$f")"
	cp -p "$f" "$work/tree/$f"
	touch "$work/tree/$f"
done < "$work/list"
cp "$work/list" "$work/list.old"
sum=$(cd "$work/tree" && xargs sha256sum < "$work/list" | sha256sum)
sum="$sum $(sha256sum < "$kdir/Makefile")$([ ! -f "$kdir/Module.symvers" ] || sha256sum < "$kdir/Module.symvers")"

# --- build
# A tree that was only prepared has no Module.symvers, so that modpost knows no symbol of the kernel.
quirks='Skipping BTF generation|the compiler differs from the one'
[ -f "$kdir/Module.symvers" ] ||
	quirks="$quirks|Symbol version dump|Module.symvers is missing| undefined!\$|unresolved symbol"

warnings() {
	grep -E 'warning:|WARNING:|error:|objtool:|: sparse:' "$1" |
		grep -vE '^(\./)?(include|arch)/' |	# the headers of a source tree are not ours
		grep -vE "$quirks" || true
}

if [ "$(cat "$work/stamp" 2> /dev/null)" != "$sum" ]; then
	rm -f "$work/stamp"
	if ! ENL_PROBE_CACHE=$cache/probes nice make -C "$work/tree" KDIR="$kdir" -j"$(nproc)" "$@" \
	     > "$work/log" 2>&1; then
		cat "$work/log" >&2
		echo "$0: build for $(cat "$kdir/include/config/kernel.release") failed" >&2
		exit 1
	fi
	warnings "$work/log" > "$work/warnings"
	if [ -s "$work/warnings" ]; then
		cat "$work/warnings" >&2
		if [ -n "$strict" ]; then
			echo "$0: $(wc -l < "$work/warnings") warnings count as failures (STRICT)" >&2
			rm -rf "$work/tree" "$work/list.old"
			exit 1
		fi
	fi
	echo "$sum" > "$work/stamp"
fi

# --- hand over
mkdir -p "$out"
rm -f "$out"/enlight_*.ko "$out/Module.symvers" "$out/have.h"
find "$work/tree" -maxdepth 1 -name 'enlight_*.ko' -exec cp -p {} "$out/" \;
[ ! -f "$work/tree/Module.symvers" ] || cp -p "$work/tree/Module.symvers" "$out/"
cp -p "$work/tree/compat/generated/have.h" "$out/have.h"
