#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Ask a kernel what its headers offer: compiles every file of compat/probes/ in one run of that
# kernel's own build system and writes HAVE_<NAME> for each that compiled.
# May call make and the compiler; called by the top Makefile. Usage: probe.sh KDIR OUTPUT-HEADER
#
# The answers are kept beside the header, and in the directory of ENL_PROBE_CACHE when that is set,
# under a key made of the kernel's configuration, the compiler and the probes.
set -eu
export LC_ALL=C

kdir=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)

die() {
	echo "compat: $*" >&2
	exit 1
}

[ -f "$kdir/Makefile" ] ||
	die "$kdir is no kernel build directory. Install the kernel's headers, or set KDIR=."
[ -f "$kdir/include/generated/autoconf.h" ] ||
	die "$kdir is not prepared: run 'make modules_prepare' there first."

# --- the key: what the answers depend on
key() {
	{
		cd "$here" && cat probe.sh exports probes/*.c
		realpath "$kdir"
		cat "$kdir/include/config/kernel.release" "$kdir/include/generated/autoconf.h"
		cksum < "$kdir/Makefile"
		[ ! -f "$kdir/Module.symvers" ] || cksum < "$kdir/Module.symvers"
		"${CC:-gcc}" --version 2>&1 | head -n 1
	} | sha256sum | cut -c1-20
}
key=$(key)
mkdir -p "$(dirname "$out")"
if [ -f "$out" ] && grep -q "key $key" "$out"; then
	exit 0
fi
if [ -n "${ENL_PROBE_CACHE:-}" ] && [ -f "$ENL_PROBE_CACHE/$key.h" ]; then
	cp "$ENL_PROBE_CACHE/$key.h" "$out"
	exit 0
fi

# --- one run over all questions; a wrong answer is a missing object, so errors are expected
work=$(mktemp -d "${TMPDIR:-/tmp}/enlight-probe.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cp "$here"/probes/*.c "$work/"
{
	for f in "$here"/probes/*.c; do
		echo "obj-m += $(basename "$f" .c).o"
	done
	# A wrong type is an answer, whether or not this kernel's flags make it an error.
	echo 'ccflags-y += -Werror=incompatible-pointer-types -Werror=int-conversion'
	echo 'ccflags-y += -Werror=discarded-qualifiers -Werror=implicit-function-declaration'
} > "$work/Kbuild"

# The caller's make flags must not reach this run (no job server, no overrides, no M=).
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
	make -k -j"$(nproc)" -C "$kdir" M="$work" ${CC:+CC="$CC"} ${ENL_PROBE_ARGS:-} modules \
	> "$work/log" 2>&1 || true

[ -f "$work/control_must_compile.o" ] || {
	cat "$work/log" >&2
	die "the control probe does not compile for $kdir: see above. Compiler or headers are broken."
}
[ ! -f "$work/control_must_fail.o" ] ||
	die "a probe that must fail compiled for $kdir: no answer can be trusted."

# --- the header
{
	echo "/* SPDX-License-Identifier: GPL-2.0-only */"
	echo "/* Made by compat/probe.sh for $(cat "$kdir/include/config/kernel.release"); key $key */"
	for f in "$here"/probes/*.c; do
		name=$(basename "$f" .c)
		case $name in control_*) continue ;; esac
		[ ! -f "$work/$name.o" ] ||
			echo "#define HAVE_$(echo "$name" | tr '[:lower:]' '[:upper:]')"
	done
	sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/exports" | while read -r sym; do
		if [ ! -f "$kdir/Module.symvers" ] ||
		   grep -qE "[[:space:]]$sym[[:space:]]([^[:space:]]*[[:space:]])?vmlinux[[:space:]]" \
			   "$kdir/Module.symvers"; then
			echo "#define HAVE_EXPORT_$(echo "$sym" | tr '[:lower:]' '[:upper:]')"
		fi
	done
} > "$out.tmp"
cp "$work/log" "$(dirname "$out")/probe.log"
# An unchanged answer keeps its time stamp only if its key is unchanged too: objects are rebuilt.
mv "$out.tmp" "$out"
if [ -n "${ENL_PROBE_CACHE:-}" ]; then
	mkdir -p "$ENL_PROBE_CACHE"
	cp "$out" "$ENL_PROBE_CACHE/$key.h.$$" && mv "$ENL_PROBE_CACHE/$key.h.$$" "$ENL_PROBE_CACHE/$key.h"
fi
