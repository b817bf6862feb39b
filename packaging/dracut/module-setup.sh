#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dracut module: puts both driver sets and the helper that chooses between them into the image.
# May call: dracut's functions. Called by: dracut, as modules.d/90enlight/module-setup.sh.

# An image for this machine alone needs us only where there is a VMBus.
check() {
	local device
	[[ $hostonly ]] || return 0
	for device in /sys/bus/acpi/devices/[Vv][Mm][Bb][Uu][Ss]:*; do
		[[ -e $device ]] && return 0
	done
	return 1
}

depends() {
	echo kernel-modules
}

# Both sets whole, whatever runs at this moment: hostonly would leave the other one out.
installkernel() {
	local modules
	mapfile -t modules < <(sed -n 's/^install \([a-z0-9_]*\) .*/\1/p' /usr/lib/modprobe.d/enlight.conf)
	hostonly='' instmods "${modules[@]}"
}

install() {
	inst_multiple sh modinfo modprobe
	inst_simple /usr/lib/modprobe.d/enlight.conf
	inst_simple /usr/sbin/enlight-select
}
