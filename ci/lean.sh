#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Puts a program of the distribution into a guest's tree with few of its libraries: fio brings 90 MB for remote
# file systems that no test uses. May call: lib.sh, a compiler, binutils. Called by: boot.sh.
#
#   ci/lean.sh PROGRAM TREE LIBRARY...     the libraries that stay, by their sonames
#
# In place of each other library the tree gets a small one in which every function of it that the program names
# is there and ends the program.
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

program=$1 tree=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

into_tree() {
	mkdir -p "$tree$(dirname "$2")"
	cp -L "$1" "$tree$2"
}

needed() { objdump -p "$program" | awk '$1 == "NEEDED" { print $2 }'; }
names() { awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u; }

ldd "$program" >"$work/ldd"
where=
: >"$work/have"
for lib; do
	path=$(awk -v l="$lib" '$1 == l { print $3 }' "$work/ldd")
	[ -f "$path" ] || die "$program does not use $lib"
	into_tree "$path" "$path"
	nm -D --defined-only "$path" >>"$work/have"
	[ "$lib" != libc.so.6 ] || where=$(dirname "$path")
done
loader=$(sed -n 's/^[ \t]*\(\/[^ ]*\) .*/\1/p' "$work/ldd")
into_tree "$loader" "$loader"
into_tree "$program" "/sbin/$(basename "$program")"

# What no library that stays has; the loader also wants each name to have the version that the program asks for.
nm -D --undefined-only "$program" | awk '$1 == "U" { print $2 }' >"$work/wanted"
names <"$work/have" >"$work/had"
awk -F@ 'FNR == NR { had[$1]; next } !($1 in had) { print $1, $2 }' "$work/had" "$work/wanted" >"$work/rest"
sed 's/ .*//; s/.*/void &(void) { __builtin_trap(); }/' "$work/rest" >"$work/rest.c"
awk 'NF == 2 { of[$2] = of[$2] " " $1 ";" } END { for (v in of) print v " { global:" of[v] " };" }' \
	"$work/rest" >"$work/rest.map"
${CC:-gcc} -shared -fPIC -nostdlib -fno-builtin -w -Wl,--version-script="$work/rest.map" -o "$work/rest.so" \
	"$work/rest.c"
needed | while IFS= read -r lib; do
	case " $* " in *" $lib "*) ;; *) into_tree "$work/rest.so" "$where/$lib" ;; esac
done
