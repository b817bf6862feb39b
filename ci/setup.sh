#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs what builds and tests need on a Debian 12 machine; quick when nothing is missing.
# May call: apt. Called by: people, .ci/run, run.sh. Needs root or sudo.
#
# QEMU must be 8.2 or newer for its VMBus devices: it comes from the backports of the release, through a
# sources file of its own whose mirror and key are those of the machine's existing sources.
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

[ -f /etc/debian_version ] || die "this script knows Debian; see README.md for what is needed elsewhere"
# shellcheck disable=SC1091 # the machine's file
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:?}")
backports=/etc/apt/sources.list.d/enlight-backports.sources

tools="gcc make flex bison bc libelf-dev libssl-dev libc6-dev liburing-dev cpio kmod xz-utils zstd busybox-static
	kexec-tools sparse dkms clang-14 clang-format-14 libclang-rt-14-dev initramfs-tools-core dracut-core python3
	perl git udev lsscsi e2fsprogs fio seabios ipxe-qemu linux-source-6.12 linux-headers-6.12-amd64 linux-headers-6.12-rt-amd64
	linux-headers-amd64"

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=
for p in $tools; do installed "$p" || missing="$missing $p"; done
need_qemu=1
if installed qemu-system-x86; then
	dpkg --compare-versions "$(dpkg-query -W -f '${Version}' qemu-system-x86)" ge 1:8.2 && need_qemu=
fi
[ -n "$missing$need_qemu" ] || exit 0
say "installing:$missing${need_qemu:+ qemu-system-x86 (backports)}"

# The first deb822 stanza or one-line source of the release says where packages come from.
mirror_of() {
	awk -v want="$codename" '
		/^URIs:/ { uri = $2 } /^Signed-By:/ { key = $2 }
		/^Suites:/ { for (i = 2; i <= NF; i++) if ($i == want) hit = 1 }
		/^[ \t]*$/ { if (hit) { print uri, key; exit } uri = key = ""; hit = 0 }
		END { if (hit) print uri, key }' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1
	sed -n "s|^deb \\(\\[[^]]*\\] \\)\\{0,1\\}\\([^ ]*\\) $codename .*|\\2|p" /etc/apt/sources.list \
		/etc/apt/sources.list.d/*.list 2>/dev/null | head -n 1
}

if [ -n "$need_qemu" ] && ! apt-cache policy qemu-system-x86 2>/dev/null | grep -q '1:\(8\.[2-9]\|9\|1[0-9]\)'; then
	# shellcheck disable=SC2046 # two words: mirror, key
	set -- $(mirror_of | head -n 1)
	[ -n "${1:-}" ] || die "no apt source of $codename found; add its backports by hand"
	printf 'Types: deb\nURIs: %s\nSuites: %s-backports\nComponents: main\nSigned-By: %s\n' "$1" "$codename" \
		"${2:-/usr/share/keyrings/debian-archive-keyring.gpg}" | as_root tee "$backports" >/dev/null
fi
export DEBIAN_FRONTEND=noninteractive
as_root apt-get -q update
[ -z "$need_qemu" ] || as_root apt-get -q install -y --no-install-recommends -t "$codename-backports" qemu-system-x86
# shellcheck disable=SC2086 # a list
[ -z "$missing" ] || as_root apt-get -q install -y --no-install-recommends $missing
