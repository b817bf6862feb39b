# SPDX-License-Identifier: GPL-2.0-only
# Starts, feeds and stops the guest under test from the level above it; busybox shell, sourced.
# May call: vmctl, the VMM. Called by: l1-init.sh (before a snapshot) and scenarios/lib.sh.
#
# In: ENL_ROOT (vmctl, vmm, guest/), VM_* from the job's conf; state is in $VM_DIR. One guest at a time.
# VM_INITRD: another initial image than that of the guest that waits for commands.

VM_DIR=${VM_DIR:-/run/vm}
VM_QMP=$VM_DIR/qmp
VM_AGENT=$VM_DIR/agent
VM_CONSOLE=$VM_DIR/console
VMCTL=$ENL_ROOT/bin/vmctl
# A payload disk is always this big: a restored guest must find the size that it went to sleep with.
VM_PAYLOAD_BYTES=268435456

# hv-stimer stays out unless a stanza asks: unloading the bus with it has hung stock guests.
VM_HV=hv-relaxed,hv-vpindex,hv-synic,hv-time,hv-runtime,hv-frequencies,hv-vapic

vm_alive() {
	[ -s "$VM_DIR/pid" ] && kill -0 "$(cat "$VM_DIR/pid")" 2>/dev/null
}

# A real host's device keeps its instance over power-off and resume; QEMU would make one up each time.
VM_INSTANCE=e17e0b9c-6d3c-4a57-9b2f-1f5c6a7d0001

# Words of the VMM's command line that the conf decides, one per line (no word holds a newline).
vm_args() {
	[ "${VM_S4:-0}" = 1 ] || printf '%s\n' -global ICH9-LPC.disable_s4=1
	if [ "${VM_VMBUS:-1}" = 1 ]; then
		printf '%s\n' -device vmbus-bridge
		[ "${VM_BALLOON:-1}" = 0 ] || printf '%s\n' \
			-object memory-backend-ram,id=hotmem,size="${VM_HOTADD:-512M}" \
			-device "hv-balloon,id=balloon0,instanceid=$VM_INSTANCE,status-report=on,memdev=hotmem"
	fi
	if [ "${VM_SWAP:-0}" != 0 ]; then
		[ -f "$VM_DIR/swap" ] || truncate -s "$VM_SWAP" "$VM_DIR/swap"
		printf '%s\n' -drive if=none,id=swap,format=raw,file="$VM_DIR/swap" \
			-device virtio-blk-pci,drive=swap
	fi
	# shellcheck disable=SC2086 # a list of words
	[ -z "${VM_EXTRA:-}" ] || printf '%s\n' $VM_EXTRA
}

# vm_launch: starts the VMM in the background and returns; vm_start also waits for the guest's agent.
vm_launch() {
	mkdir -p "$VM_DIR"
	rm -f "$VM_QMP" "$VM_AGENT"
	[ -f "$VM_DIR/payload" ] || truncate -s "$VM_PAYLOAD_BYTES" "$VM_DIR/payload"
	cat "$VM_CONSOLE" >>"$VM_CONSOLE.old" 2>/dev/null
	: >"$VM_CONSOLE"
	set -- "$ENL_ROOT/bin/vmm" -nodefaults -no-user-config -display none \
		-L "$ENL_ROOT/share" -machine q35,accel=kvm,hpet=off,vmport=off,graphics=off \
		-cpu "${VM_CPU:-host,kvm=off,$VM_HV${VM_HV_MORE:+,$VM_HV_MORE}}" \
		-smp "${VM_CPUS:-1}" -m "${VM_MEM:-1536},maxmem=192G" \
		-kernel "$ENL_ROOT/guest/vmlinux" -initrd "${VM_INITRD:-$ENL_ROOT/guest/initrd}" \
		-append "console=ttyS0 quiet nokaslr log_buf_len=4M panic=-1 no_timer_check enl.test${VM_VERBOSE:+ loglevel=7}${VM_APPEND:+ $VM_APPEND}" \
		-action panic=exit-failure -qmp "unix:$VM_QMP,server=on,wait=off" \
		-drive "if=none,id=payload,format=raw,readonly=on,file=$VM_DIR/payload" \
		-device virtio-blk-pci,drive=payload
	_ifs=$IFS
	IFS='
'
	# shellcheck disable=SC2046 # words, one per line
	set -- "$@" $(vm_args)
	IFS=$_ifs
	if [ "${VM_SHELL:-0}" = 1 ]; then
		set -- "$@" -chardev stdio,id=con,signal=off -serial chardev:con
	else
		set -- "$@" -serial "file:$VM_CONSOLE"
	fi
	set -- "$@" -serial "unix:$VM_AGENT,server=on,wait=off"
	if [ "${VM_SHELL:-0}" = 1 ]; then
		"$@" <&3 >&4 2>"$VM_DIR/vmm.log" &
	else
		"$@" </dev/null >"$VM_DIR/vmm.log" 2>&1 &
	fi
	echo $! >"$VM_DIR/pid"
}

# Each wait is bounded; factor 4 over what a busy machine with two levels of emulation needs.
vm_wait() {
	_n=0
	while [ "$_n" -lt "${1:-${VM_BOOT_LIMIT:-240}}" ]; do
		vm_alive || return 1
		"$VMCTL" -t 5 wait "$VM_AGENT" >"$VM_DIR/boot_id.new" 2>/dev/null && break
		_n=$((_n + 5))
	done
	[ -s "$VM_DIR/boot_id.new" ] && mv "$VM_DIR/boot_id.new" "$VM_DIR/boot_id"
}

vm_start() {
	vm_launch
	vm_wait "$@"
}

# The processors stand still, and go on: around a snapshot of the level above.
vm_hold() { "$VMCTL" -t 30 qmp "$VM_QMP" '{"execute":"stop"}' >/dev/null; }
vm_go() { "$VMCTL" -t 30 qmp "$VM_QMP" '{"execute":"cont"}' >/dev/null; }

vm_quit() { "$VMCTL" -t 5 qmp "$VM_QMP" '{"execute":"quit"}' >/dev/null 2>&1; }

vm_stop() {
	vm_alive || return 0
	_pid=$(cat "$VM_DIR/pid")
	vm_quit
	for _i in 1 2 3 4 5 6 7 8 9 10; do
		kill -0 "$_pid" 2>/dev/null || break
		sleep 0.2
	done
	kill -9 "$_pid" 2>/dev/null
	wait "$_pid" 2>/dev/null
	rm -f "$VM_DIR/pid"
	return 0
}

# Waits until the guest has gone by itself (power-off); fails when it has not within the limit.
vm_gone() {
	_n=$((${1:-60} * 5))
	while vm_alive; do
		_n=$((_n - 1))
		[ "$_n" -gt 0 ] || return 1
		sleep 0.2
	done
}

# Puts an archive in the guest's payload disk (in place: the VMM has the file open) and unpacks it there.
vm_feed() {
	_mib=$((($(wc -c <"$1") + 1048575) / 1048576))
	# tar alone would read on to the end of the disk.
	dd if="$1" of="$VM_DIR/payload" bs=1M conv=notrunc 2>/dev/null &&
		"$VMCTL" -t 120 guest "$VM_AGENT" "dd if=/dev/vda bs=1M count=$_mib 2>/dev/null | tar x -C /"
}

# Another VMM than QEMU replaces what differs.
# shellcheck source=ci/guest/vm-testhost.sh
[ "${VMM:-qemu}" = qemu ] || . "$ENL_ROOT/vm-$VMM.sh"
