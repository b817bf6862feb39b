# SPDX-License-Identifier: GPL-2.0-only
# The guest on our own host instead of QEMU: what differs from vm.sh. Busybox shell, sourced by it.
# May call: vmctl, the test host. Called by: vm.sh when VMM=testhost.
#
# VM_DISKS: options of a storage controller; VM_HOST: --host; VM_TESTHOST: more words for its command line; state also in $VM_DIR/events.

VM_CONTROL=$VM_DIR/control
VM_EVENTS=$VM_DIR/events

# host LINE: one line of its script language; prints the answer, fails on an error.
host() { "$VMCTL" -t 30 line "$VM_CONTROL" "$*"; }

vm_launch() {
	mkdir -p "$VM_DIR"
	rm -f "$VM_CONTROL" "$VM_AGENT"
	cat "$VM_CONSOLE" >>"$VM_CONSOLE.old" 2>/dev/null
	: >"$VM_CONSOLE"
	: >"$VM_EVENTS"
	set -- "$ENL_ROOT/bin/vmm" --kernel "$ENL_ROOT/guest/vmlinux" --initrd "${VM_INITRD:-$ENL_ROOT/guest/initrd}" \
		--append "console=ttyS0 quiet nokaslr log_buf_len=4M panic=-1 no_timer_check enl.test${VM_VERBOSE:+ loglevel=7}${VM_APPEND:+ $VM_APPEND}" \
		--cpus "${VM_CPUS:-1}" --memory "${VM_MEM:-1536}M" --hot "${VM_HOTADD:-512M}" \
		--host "${VM_HOST:-2022}" --serial2 "unix:$VM_AGENT" --control "$VM_CONTROL" --events "$VM_EVENTS"
	[ "${VM_BALLOON:-1}" = 0 ] || set -- "$@" --device balloon
	[ -z "${VM_DISKS:-}" ] || set -- "$@" --device "storage,$VM_DISKS"
	case " ${VM_HV_MORE:-} " in *hv-stimer*) set -- "$@" --stimer direct ;; esac
	# shellcheck disable=SC2086 # a list of words
	[ -z "${VM_TESTHOST:-}" ] || set -- "$@" $VM_TESTHOST
	if [ "${VM_SHELL:-0}" = 1 ]; then
		"$@" --console stdio <&3 >&4 2>"$VM_DIR/vmm.log" &
	else
		"$@" --console "$VM_CONSOLE" </dev/null >"$VM_DIR/vmm.log" 2>&1 &
	fi
	echo $! >"$VM_DIR/pid"
}

vm_hold() { host pause >/dev/null; }
vm_go() { host continue >/dev/null; }

vm_quit() { host exit 0 >/dev/null 2>&1; }

# Gives an archive to the guest through the test host's input port, and unpacks it there.
vm_feed() {
	host input "$(readlink -f "$1")" >/dev/null &&
		"$VMCTL" -t 120 guest "$VM_AGENT" "portin | tar x -C /"
}
