#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Gives the attributes that the guest sent to the kernel's own lsvmbus; both buses must look the same to it.
# May call: lib.sh, python3, the kernel source package. Called by: boot.sh LINES; prints ok and FAIL lines.
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../lib.sh"
lines=$1
tool=$CACHE/tools/lsvmbus
if [ ! -f "$tool" ]; then
	mkdir -p "$CACHE/tools"
	for tar in /usr/src/linux-source-*.tar.xz; do
		[ -f "$tar" ] || continue
		tar -xJOf "$tar" "$(basename "$tar" .tar.xz)/tools/hv/lsvmbus" >"$tool.$$" && mv "$tool.$$" "$tool"
	done
fi
[ -s "$tool" ] && command -v python3 >/dev/null || {
	echo "skip lsvmbus: needs python3 and the kernel's source package"
	exit
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for set in enlight_vmbus hv_vmbus; do
	mkdir -p "$work/$set/devices"
	sed -n "s/^enl: sysfs $set //p" "$lines" | while read -r dev attr value; do
		mkdir -p "$work/$set/devices/$dev"
		printf '%s\n' "$value" >"$work/$set/devices/$dev/$(basename "$attr")"
	done
	# The same path for both, so that -vv prints the same.
	sed "s|/sys/bus/vmbus/devices|devices|g" "$tool" >"$work/$set/lsvmbus"
	(cd "$work/$set" && python3 ./lsvmbus -vv) >"$work/$set.out" 2>&1 || {
		echo "FAIL lsvmbus on $set:"
		sed 's/^/     | /' "$work/$set.out"
	}
done
sed 's/^/     /' "$work/enlight_vmbus.out"
if grep -q 'VMBUS ID' "$work/hv_vmbus.out" && cmp -s "$work/enlight_vmbus.out" "$work/hv_vmbus.out"; then
	echo "ok   lsvmbus -vv prints the same on both buses"
else
	echo "FAIL lsvmbus -vv prints the same on both buses"
	diff "$work/enlight_vmbus.out" "$work/hv_vmbus.out" | sed 's/^/     | /' || true
fi
if diff -r "$work/enlight_vmbus/devices" "$work/hv_vmbus/devices" >"$work/diff"; then
	echo "ok   all attributes have the same values on both buses"
else
	echo "FAIL all attributes have the same values on both buses"
	sed 's/^/     | /' "$work/diff"
fi
