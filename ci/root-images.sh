#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes a guest that lives on a disk: initial images as initramfs-tools and dracut make them after an installation
# of our modules (or without), the disk with the root file system, and the tool that checks it from outside.
# May call: lib.sh, image.sh, sandbox.sh, both tools. Called by: boot.sh, run.sh.
#
#   ci/root-images.sh D MODULES OUT      D: see kernel.sh; MODULES may be ''
#
# Leaves OUT/initrd, with modules and where there is dracut OUT/dracut.img, OUT/root.img and OUT/tools.
# Exit 77: this machine cannot (and says why).
set -eu
export LC_ALL=C
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

# What a small root disk needs and no more; which set of drivers comes up is left to udev and to our rules.
# Images stay uncompressed: unpacking takes long where everything is emulated.
by_initramfs_tools() {
	cp -a /etc/initramfs-tools "$conf"
	printf 'MODULES=list\nCOMPRESS=gzip\nRESUME=none\nFSTYPE=ext4\n' >>"$conf/initramfs.conf"
	printf '%s\n' ext4 sd_mod hv_vmbus hv_storvsc hv_balloon >"$conf/modules"
	mkdir -p "$conf/scripts" "$conf/hooks" "$conf/conf.d"
	mkinitramfs -d "$conf" -o "$conf/initrd" "$release"
	gzip -dc "$conf/initrd" >"$out/initrd"
}

by_dracut() {
	dracut --force --no-hostonly --kver "$release" --no-compress --no-early-microcode --drivers "ext4 sd_mod" --omit \
		"plymouth lvm dm crypt mdraid multipath nvdimm iscsi nfs btrfs resume i18n drm" "$out/dracut.img"
	chmod 644 "$out/dracut.img"
}

look() {
	cpio -t --quiet <"$1" >"$conf/list"
	shift
	for module; do grep -q "/$module\.ko" "$conf/list" || die "$module is not in the image"; done
}

inside() {
	release=$1 kdir=$2 modules=$3 out=$4
	as_installed "$release" "$kdir" "$modules"
	conf=$SANDBOX_LAYERS/.work.conf
	by_initramfs_tools
	look "$out/initrd" ext4 sd_mod hv_storvsc ${modules:+enlight_vmbus enlight_storvsc enlight_balloon scsi_transport_fc}
	[ -n "$modules" ] && command -v dracut >/dev/null || return 0
	by_dracut
	look "$out/dracut.img" ext4 sd_mod hv_storvsc enlight_vmbus enlight_storvsc enlight_balloon scsi_transport_fc
}

if [ "${1:-}" = --inside ]; then
	shift
	inside "$@"
	exit
fi

[ $# = 3 ] || die "usage: ci/root-images.sh D MODULES OUT"
dir=$1 modules=$2 out=$3
release=$(cat "$dir/release")
mkdir -p "$out/tools"
log=$out/tools/log
st=0
as_root "$CI/sandbox.sh" "$release=$dir/lib/modules/$release" -- "$CI/root-images.sh" --inside \
	"$release" "$dir/kdir" "$modules" "$out" >"$log" 2>&1 || st=$?
if [ $st != 0 ]; then
	tail -n 20 "$log" >&2
	exit $st
fi
"$CI/image.sh" payload "$dir" "$modules" "$out/payload.tar"
"$CI/image.sh" root "$out/payload.tar" "$out/root.img"
rm "$out/payload.tar" "$log"
with_libraries "$out/tools" "$(PATH=$PATH:/usr/sbin:/sbin command -v e2fsck)"
