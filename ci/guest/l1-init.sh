#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Process 1 of level 1: the machine that carries KVM when the real one cannot carry the guest itself.
# May call: vm.sh, vmctl, busybox. Called by: the level-1 kernel. Speaks over ttyS1, ends by debug-exit.

export PATH=/bin:/sbin ENL_ROOT=/enl
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /run /tmp
mount -t tmpfs -o size=90% tmpfs /run
mount -t tmpfs tmpfs /tmp
dmesg -n 1
stty -F /dev/ttyS1 raw -echo 2>/dev/null
RESULT=/dev/ttyS1
report() { echo "enl: $*" >$RESULT; }
end() {
	report "end $1"
	sleep 0.1
	/enl/bin/vmctl exit "$1"
	poweroff -f
}

while read -r ko; do
	insmod "/lib/base/$ko" || { report "note level 1 cannot load $ko"; end 120; }
done </lib/base/order
[ -c /dev/kvm ] || { report "note level 1 has no /dev/kvm"; end 120; }
echo 0 >/sys/module/kvm/parameters/halt_poll_ns

. /enl/conf
. /enl/vm.sh
if [ "${VM_PRESTART:-0}" = 1 ]; then
	vm_start || {
		report "note guest did not come up before the snapshot"
		tail -n 40 "$VM_CONSOLE" "$VM_DIR/vmm.log" | sed 's/^/enl: log /' >$RESULT
		end 121
	}
	# QEMU's TCG cannot restore a CPU that was caught inside the guest: hold it.
	vm_hold
fi
report "ready $(cut -d' ' -f1 /proc/uptime)"
/enl/bin/vmctl -t 3600 job /dev/vda || end 122
report "woken $(cut -d' ' -f1 /proc/uptime)"
[ "${VM_PRESTART:-0}" = 0 ] || vm_go
mkdir -p /job
read -r _magic mib </dev/vda
dd if=/dev/vda bs=1M skip=1 count="$mib" 2>/dev/null | tar x -C /job ||
	{ report "note job disk unreadable"; end 122; }
cd /job || end 122
[ -f conf ] && . ./conf
exec 3</dev/console 4>/dev/console
[ "${VM_SHELL:-0}" = 0 ] || stty -F /dev/console raw -echo
export RESULT
timeout -s KILL "${JOB_LIMIT:-600}" sh /job/run.sh 3<&3 4>&4
end $?
