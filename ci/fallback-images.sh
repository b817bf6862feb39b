#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes initial images with initramfs-tools and with dracut as they are after an installation, looks into them,
# and leaves them for the scenario "fallback" to boot. May call: lib.sh, sandbox.sh, kernel.sh, build.sh, both tools.
# Called by: boot.sh (stanza fallback), people.
#
#   ci/fallback-images.sh SERIES OUT       leaves OUT/initramfs-tools.img and OUT/dracut.img
#   DEFAULTS=1                             also makes both with the distribution's settings, for the look only
set -u
export LC_ALL=C
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
ci=$CI top=$TOP
passed=0 failed=0 skipped=0
ours=$(sed -n 's/^SET="\(.*\)"/\1/p' "$top/packaging/enlight-select")
inbox="hv_vmbus hv_balloon hv_utils hv_storvsc hv_netvsc scsi_transport_fc"

verdict() {	# ok|FAIL|skip TEXT
	case $1 in ok) passed=$((passed + 1)) ;; FAIL) failed=$((failed + 1)) ;; skip) skipped=$((skipped + 1)) ;; esac
	printf '%-4s images: %s\n' "$1" "$2"
}

# Is all of it in the list of names?
is_whole() {
	missing=
	for module in $ours; do grep -qE "updates/$module\.ko(\.[a-z0-9]+)?\$" "$1" || missing="$missing $module"; done
	for module in $inbox; do
		grep -qE "kernel/.*/$(echo "$module" | sed 's/_/[-_]/g')\.ko(\.[a-z0-9]+)?\$" "$1" || missing="$missing $module"
	done
	for file in usr/sbin/enlight-select modprobe.d/enlight.conf bin/modinfo; do
		grep -qE "$file\$" "$1" || missing="$missing $file"
	done
	[ -z "$missing" ]
}

look() {	# look NAME IMAGE
	if lsinitramfs "$2" > "$tmp/list" 2> "$tmp/err" && is_whole "$tmp/list"; then
		verdict ok "$1: both sets, rules, helper and modinfo are in the image"
	else
		cat "$tmp/err"
		verdict FAIL "$1: not in the image:${missing:- (cannot list it)}"
	fi
}

by_initramfs_tools() {
	conf=$tmp/conf
	cp -a /etc/initramfs-tools "$conf"
	printf 'MODULES=list\nCOMPRESS=gzip\n' >> "$conf/initramfs.conf"
	: > "$conf/modules"
	mkdir -p "$conf/scripts" "$conf/hooks" "$conf/conf.d"
	{ echo "mountroot() {"; cat "$ci/guest/fallback/report"; echo "}"; } > "$conf/scripts/enltest"
	{
		echo '#!/bin/sh'
		echo '[ "$1" != prereqs ] || exit 0'
		echo "cp -a '$tmp/extra/.' \"\$DESTDIR/\""
	} > "$conf/hooks/enltest"
	chmod +x "$conf/hooks/enltest"
	mkinitramfs -d "$conf" -o "$tmp/initramfs-tools.img" "$release" > "$tmp/log" 2>&1
}

# Only what a boot to the point of the report needs; our part is found and added by dracut itself.
by_dracut() {
	mkdir -p "$tmp/hooks" "$tmp/need"
	: > "$tmp/need/need-initqueue"
	cp "$ci/guest/fallback/report" "$tmp/hooks/00enltest.sh"
	chmod +x "$tmp/hooks/00enltest.sh"
	dracut --force --no-hostonly --kver "$release" --gzip --drivers "virtio_blk" --omit "plymouth lvm dm crypt mdraid \
		multipath nvdimm iscsi nfs btrfs resume i18n drm" --include "$tmp/extra" / \
		--include "$tmp/hooks" /lib/dracut/hooks/initqueue/finished \
		--include "$tmp/need" /lib/dracut "$tmp/dracut.img" > "$tmp/log" 2>&1
}

made() {	# made NAME FUNCTION NEEDS
	if ! command -v "$3" > /dev/null; then verdict skip "$1: $3 is not installed (ci/setup.sh installs it)"; return; fi
	if ! "$2"; then
		tail -n 30 "$tmp/log"
		verdict FAIL "$1: no image"
		return
	fi
	look "$1" "$tmp/$1.img"
	cp "$tmp/$1.img" "$out/"
}

defaults() {
	if command -v mkinitramfs > /dev/null; then
		mkinitramfs -o "$tmp/a" "$release" > "$tmp/log" 2>&1; look "initramfs-tools with its own settings" "$tmp/a"
	fi
	if command -v dracut > /dev/null; then
		dracut --force --no-hostonly --kver "$release" "$tmp/b" > "$tmp/log" 2>&1; look "dracut with its own settings" "$tmp/b"
	fi
}

inside() {
	mkdir -p "$tmp/extra"
	as_installed "$release" "$kdir" "$modules" || return 1
	cp -a "$extra/." "$tmp/extra/"
	made initramfs-tools by_initramfs_tools mkinitramfs
	made dracut by_dracut dracut
	if [ "${DEFAULTS-}" = 1 ]; then defaults; fi
	echo "$passed $failed $skipped"
}

# The stand-in that refuses, and copies of ours that say they were built for another kernel (same length).
spoiled() {
	mkdir -p "$extra/enltest/vermagic" "$extra/enltest/enodev" "$work/enodev"
	cp "$ci/guest/fallback/init" "$extra/enltest-init"
	other=$(echo "$release" | tr 0-9 1-90)
	for module in "$modules"/enlight_*.ko; do
		sed "s/vermagic=$release /vermagic=$other /" "$module" > "$extra/enltest/vermagic/${module##*/}"
	done
	version=$(modinfo -F version "$modules/enlight_vmbus.ko")
	cp "$ci/guest/fallback/enodev.c" "$work/enodev/enlight_vmbus.c"
	echo "obj-m := enlight_vmbus.o
ccflags-y := -DENL_VERSION=\\\"$version\\\"" > "$work/enodev/Kbuild"
	make -s -C "$kernel/kdir" M="$work/enodev" modules > "$work/log" 2>&1 || { cat "$work/log"; return 1; }
	cp "$work/enodev/enlight_vmbus.ko" "$extra/enltest/enodev/"
}

if [ "${1-}" = --inside ]; then
	release=$2 modules=$3 extra=$4 out=$5 kdir=$6
	tmp=$SANDBOX_LAYERS/.work.test
	mkdir -p "$tmp"
	inside
	exit
fi

[ $# = 2 ] || { sed -n '/^#   /s/^# *//p' "$0" >&2; exit 2; }
mkdir -p "$2"
out=$(CDPATH='' cd -- "$2" && pwd)
kernel=$("$ci/kernel.sh" "$1") || exit 2
release=$(cat "$kernel/release")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
modules=${MODULES:-$work/modules} extra=$work/extra
if [ -z "${MODULES-}" ]; then "$ci/build.sh" "$kernel/kdir" "$modules" || exit 1; fi
spoiled || exit 1
"$ci/sandbox.sh" "$release=$kernel/lib/modules/$release" -- "$0" --inside "$release" "$modules" "$extra" "$out" "$kernel/kdir" \
	> "$work/out"
status=$?
if [ $status = 77 ]; then
	verdict skip "no sandbox on this machine"
else
	sed '$d' "$work/out"
	result=$(tail -n 1 "$work/out" | grep -xE '[0-9]+ [0-9]+ [0-9]+') || { tail -n 1 "$work/out"; result="0 1 0"; }
	# shellcheck disable=SC2086 # three numbers
	set -- $result
	passed=$1 failed=$2 skipped=$3
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
