#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Build the kernel that KUnit runs on, from Debian's source package, and print its build directory:
# usable as KDIR, with arch/x86/boot/bzImage in it. May call apt-get and make; called by kunit.sh.
# Usage: ci/debug-kernel.sh [kcsan] [--if-built]
#
# Cached under a key of configuration, source version and compiler; the first build takes 20 to 30
# minutes on two cores. With --if-built nothing is built: status 3 when it is not there.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/enlight
pkg=linux-source-6.12
flavour=debug if_built=
for arg in "$@"; do
	case $arg in
	kcsan) flavour=kcsan ;;
	--if-built) if_built=1 ;;
	*) echo "usage: $0 [kcsan] [--if-built]" >&2; exit 2 ;;
	esac
done
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES KERNELRELEASE KVER KDIR

say() {
	echo "debug-kernel: $*" >&2
}

version() {
	dpkg-query -W -f '${Version}' "$pkg" 2> /dev/null || true
}

# Comments are not configuration, but "# CONFIG_X is not set" is.
config() {
	grep -hE '^(CONFIG_|# CONFIG_)' "$here/debug.config" > "$1"
	[ "$flavour" = debug ] || {
		sed -E 's/^(# )?(CONFIG_[A-Z0-9_]+).*/\2/' < <(grep -E '^(# )?CONFIG_' "$here/kcsan.config") > "$1.names"
		grep -vE "^(# )?($(paste -sd'|' "$1.names"))([= ]|\$)|^CONFIG_(KASAN|DEBUG_KMEMLEAK)_" "$1" > "$1.new"
		grep -hE '^(CONFIG_|# CONFIG_)' "$here/kcsan.config" >> "$1.new"
		mv "$1.new" "$1"
		rm -f "$1.names"
	}
}

if [ -z "$(version)" ]; then
	[ -z "$if_built" ] || exit 3
	say "installing $pkg"
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$pkg" >&2
fi

tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
config "$tmp"
key=$({ cat "$tmp"; version; gcc --version | head -n 1; } | sha256sum | cut -c1-16)
dir=$cache/kernel/$flavour-$key
[ ! -f "$dir/.complete" ] || {
	echo "$dir"
	exit 0
}
[ -z "$if_built" ] || exit 3

mkdir -p "$cache/kernel"
exec 9> "$cache/kernel/$flavour.lock"
flock 9
[ ! -f "$dir/.complete" ] || {	# another run built it while we waited
	echo "$dir"
	exit 0
}

# --- source, unpacked once per version
src=$cache/src/$pkg-$(version)
if [ ! -f "$src/Makefile" ]; then
	say "unpacking $pkg $(version)"
	rm -rf "$src.tmp"
	mkdir -p "$src.tmp"
	tar -C "$src.tmp" --strip-components=1 -xf "/usr/src/$pkg.tar.xz"
	mv "$src.tmp" "$src"
fi

# --- configuration: every line asked for must be in the result
mkdir -p "$dir"
cp "$tmp" "$dir/asked.config"
make -C "$src" O="$dir" KCONFIG_ALLCONFIG="$dir/asked.config" allnoconfig > "$dir/config.log" 2>&1 || {
	cat "$dir/config.log" >&2
	exit 1
}
missing=0
while read -r line; do
	case $line in
	'# '*) name=${line#\# }; name=${name%% *}; ! grep -q "^$name=" "$dir/.config" && continue ;;
	*) grep -qxF "$line" "$dir/.config" && continue ;;
	esac
	say "the kernel did not take: $line"
	missing=1
done < "$dir/asked.config"
[ $missing = 0 ] || exit 1

# --- build, with a sign of life each minute
say "building the $flavour kernel from $pkg $(version): 20 to 30 minutes on two cores, once"
nice make -C "$src" O="$dir" -j"$(nproc)" bzImage modules > "$dir/build.log" 2>&1 &
pid=$!
(
	while sleep 60; do
		say "$(grep -cE '^  (CC|LD|AR|AS)' "$dir/build.log" || true) of about 2500 steps"
	done
) &
ticker=$!
status=0
wait $pid || status=$?
kill $ticker 2> /dev/null || true
wait $ticker 2> /dev/null || true
if [ $status != 0 ] || [ ! -f "$dir/arch/x86/boot/bzImage" ] || [ ! -f "$dir/Module.symvers" ]; then
	tail -n 30 "$dir/build.log" >&2
	say "the build failed; the whole log is $dir/build.log"
	exit 1
fi
touch "$dir/.complete"
echo "$dir"
