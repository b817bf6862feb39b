#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Finds one packaged Debian kernel and unpacks it into the cache; prints its directory D on stdout.
# May call: lib.sh, apt, dpkg-deb, depmod. Called by: boot.sh, run.sh, guest.sh, matrix.sh, people.
#
#   ci/kernel.sh SERIES|RELEASE [stock|rt]        SERIES is 6.1, 6.12, ...: its newest release
#   ci/kernel.sh --release SERIES [stock|rt]      print only the release
#
# D/release, D/vmlinuz, D/vmlinux (unpacked, starts faster), D/lib/modules/<release>, D/kdir (headers,
# a dangling link when the headers package is not installed). Image packages are never installed.
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

usage() { die "usage: ci/kernel.sh [--release] SERIES|RELEASE [stock|rt]"; }

# Names of image packages that apt can see or that are installed, one release a line.
known_releases() {
	apt-cache search --names-only "^linux-image-$1" 2>/dev/null | cut -d' ' -f1
	find /boot -maxdepth 1 -name 'vmlinuz-*' -printf 'linux-image-%f\n' 2>/dev/null |
		sed 's/image-vmlinuz-/image-/'
	find /usr/src -maxdepth 1 -name 'linux-headers-*' -printf '%f\n' 2>/dev/null |
		sed 's/^linux-headers-/linux-image-/'
	find "$CACHE/kernel" -maxdepth 1 -mindepth 1 -printf 'linux-image-%f\n' 2>/dev/null
}

newest_release() {
	_series=$1
	case $2 in rt) _tail='-rt-amd64' ;; *) _tail='-amd64' ;; esac
	_esc=$(printf '%s' "$_series" | sed 's/\./\\./g')
	known_releases "$_esc" | sed -n "s/^linux-image-\($_esc\.[0-9][0-9a-z.+-]*\)$_tail\$/\1/p" |
		grep -Ev -- '-(rt|cloud)$|bpo' | sort -uV | tail -n 1 | sed "s/\$/$_tail/"
}

# The compressed payload lies behind the setup sectors; its header fields say where and how long.
unpack_vmlinux() {
	_bz=$1
	_le() { od -An -t "u$2" -j "$1" -N "$2" "$_bz" | tr -d ' '; }
	_sects=$(_le 497 1)
	_off=$(_le 584 4)
	_len=$(_le 588 4)
	_start=$(((${_sects:-4} + 1) * 512 + _off))
	_magic=$(od -An -t x1 -j "$_start" -N 4 "$_bz" | tr -d ' ')
	case $_magic in
	fd377a58) _un='xz -dc --single-stream' ;;
	28b52ffd) _un='zstd -dc' ;;
	1f8b*) _un='gzip -dc' ;;
	*) return 1 ;;
	esac
	# The last four bytes are the unpacked size, which the unpackers would take for garbage.
	tail -c "+$((_start + 1))" "$_bz" | head -c "$((_len - 4))" | $_un
}

fetch_package() {
	_rel=$1
	_into=$2
	if (cd "$_into" && timeout 900 apt-get -q download "linux-image-$_rel") >&2; then
		dpkg-deb -x "$_into"/linux-image-*.deb "$_into/x"
		return
	fi
	# An installed package is as good, should the archive have moved on.
	[ -r "/boot/vmlinuz-$_rel" ] && [ -d "/lib/modules/$_rel/kernel" ] ||
		die "cannot download linux-image-$_rel, and it is not installed (apt-get update?)"
	mkdir -p "$_into/x/boot" "$_into/x/lib/modules"
	cp "/boot/vmlinuz-$_rel" "$_into/x/boot/"
	cp -a "/lib/modules/$_rel" "$_into/x/lib/modules/"
}

make_dir() {
	_rel=$1
	_d=$CACHE/kernel/$_rel
	[ -f "$_d/release" ] && return
	say "kernel $_rel: unpacking its package (once)"
	_t=$CACHE/kernel/.new.$$
	rm -rf "$_t"
	mkdir -p "$_t/get" "$_t/d/lib/modules"
	fetch_package "$_rel" "$_t/get"
	_x=$_t/get/x
	[ -d "$_x/lib/modules" ] || _x=$_t/get/x/usr
	mv "$_t/get/x/boot/vmlinuz-$_rel" "$_t/d/vmlinuz"
	mv "$_x/lib/modules/$_rel" "$_t/d/lib/modules/"
	rm -f "$_t/d/lib/modules/$_rel/build" "$_t/d/lib/modules/$_rel/source"
	unpack_vmlinux "$_t/d/vmlinuz" >"$_t/d/vmlinux" ||
		die "kernel $_rel: cannot unpack vmlinuz"
	depmod -b "$_t/d" "$_rel"
	printf '%s\n' "$_rel" >"$_t/d/release"
	rm -rf "$_d"
	mv "$_t/d" "$_d"
	rm -rf "$_t"
}

only_release=
[ "${1:-}" = --release ] && { only_release=1; shift; }
[ $# -ge 1 ] && [ $# -le 2 ] || usage
flavour=${2:-stock}
case $1 in
[0-9]*-amd64) rel=$1 ;;
[0-9]*.[0-9]*) rel=$(newest_release "$1" "$flavour") ;;
*) usage ;;
esac
[ -n "$rel" ] || die "no $flavour kernel of series $1 in any package list (apt-get update?)"
if [ -n "$only_release" ]; then
	printf '%s\n' "$rel"
	exit
fi
run_locked "kernel-$rel" make_dir "$rel"
ln -sfn "/usr/src/linux-headers-$rel" "$CACHE/kernel/$rel/kdir"
printf '%s\n' "$CACHE/kernel/$rel"
