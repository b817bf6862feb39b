# SPDX-License-Identifier: GPL-2.0-only
# What scenarios are written in: guest commands, QMP, verdicts. Busybox shell, sourced by run.sh of a job.
# May call: guest/vm.sh, vmctl. Called by: each ci/scenarios/NAME.sh.
#
#   guest "cmd"              run in the guest; its output and exit status are ours
#   guest_t SECONDS "cmd"    the same with another limit (default 60)
#   guest_go "cmd"           start something that will not answer (kexec, crash, power-off)
#   qmp '{"execute":...}'    prints the one-line answer; fails on an error answer
#   field NAME               filter: value of the first number field NAME in JSON
#   ok "text" cmd...         passes when cmd succeeds; its output is shown when not
#   no "text" cmd...         passes when cmd fails
#   pass, fail, skip, note "text"        within PART "name" for order's sake
#   until_ok SECONDS cmd...  repeats cmd each half second until it succeeds
#   load_bus, load_all, unload_all       the module set under test: $BUS, $BALLOON
#   set_target BYTES, host_reached BYTES, host_actual    what the host gives the guest
#   disk_at LUN [TARGET]                 the guest's name (sdX) of a disk on the first controller; fails when it has none
#   disks                                the guest's disks, a line each
#   root_boot [WORDS...]                 a guest whose root is on a disk, up to its agent; words for the kernel; $ROOT_IMAGE
#   root_module                          the module that drives the controller of the root disk
#   root_off, root_check                 its power-off; e2fsck from outside, on the disk's file
#   no_rule_broken                       the test host's account, and that the guest kept to the protocol
#   no_signal_lost                       the bus never had to make up for one
#   check_log [tolerated words]          the guest's kernel log must be clean

PASSED=0
FAILED=0
SKIPPED=0

result() { printf "enl: %s\n" "$*" >>"$RESULT"; }
note() { result "note $*"; }
pass() { PASSED=$((PASSED + 1)); result "pass $*"; }
fail() { FAILED=$((FAILED + 1)); result "fail $*"; }
skip() { SKIPPED=$((SKIPPED + 1)); result "skip $*"; }
detail() { sed 's/^/enl: log /' | tr -d '\r' | tail -n "${1:-30}" >>"$RESULT"; }

guest_t() { "$VMCTL" -t "$1" guest "$VM_AGENT" "$2"; }
guest() { guest_t 60 "$1"; }
guest_go() { "$VMCTL" -t 10 send "$VM_AGENT" "$1"; }
qmp() { "$VMCTL" -t 30 qmp "$VM_QMP" "$1"; }
field() { sed -n "s/.*\"$1\": *\\([0-9][0-9]*\\).*/\\1/p" | head -n 1; }

ok() {
	_what=$1
	shift
	if "$@" >/tmp/ok.out 2>&1; then
		pass "$_what"
	else
		_st=$?
		fail "$_what (status $_st)"
		detail 30 </tmp/ok.out
		return 1
	fi
}

no() {
	_what=$1
	shift
	if "$@" >/tmp/ok.out 2>&1; then
		fail "$_what: succeeded, should not"
		detail 30 </tmp/ok.out
		return 1
	else
		_st=$?
	fi
	# A time-out or a dead agent is no refusal.
	case $_st in
	124 | 125 | 126) fail "$_what: no answer (status $_st)"; return 1 ;;
	esac
	pass "$_what"
}

until_ok() {
	_end=$(($(date +%s) + $1))
	shift
	while ! "$@" >/tmp/until.out 2>&1; do
		if [ "$(date +%s)" -ge "$_end" ]; then
			cat /tmp/until.out
			return 1
		fi
		sleep 0.5
	done
	cat /tmp/until.out
}

# True when $1 and $2 differ by at most $3 per cent of $2.
near() { awk -v a="$1" -v b="$2" -v p="$3" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(d * 100 <= b * p) }'; }

load_bus() { guest_t 90 "modprobe $BUS"; }
load_all() { guest_t 120 "modprobe $BUS && modprobe $BALLOON"; }
# The in-box balloon driver has no exit function and stays: this is for ours.
unload_all() { guest_t 120 "rmmod $BALLOON && rmmod $BUS"; }

# All devices that the host offered have a driver or are known to have none; prints what is there.
bus_devices() {
	guest 'cd /sys/bus/vmbus/devices 2>/dev/null && for d in *; do [ -e $d ] || continue
	dr=-; [ -e $d/driver ] && dr=$(basename $(readlink $d/driver))
	echo "$d $(cat $d/class_id) id=$(cat $d/id) state=$(cat $d/state) driver=$dr"; done'
}

balloon_bound() { guest '[ -n "$(ls -d /sys/bus/vmbus/drivers/hv_balloon/*-*-* 2>/dev/null)" ]'; }

# What the host counts as the guest's, and what it wants that to be, in bytes.
MIB=1048576
host_actual() { qmp '{"execute":"query-balloon"}' | field actual; }
set_target() { qmp "{\"execute\":\"balloon\",\"arguments\":{\"value\":$1}}"; }
host_reached() { _a=$(host_actual); echo "the host counts $_a"; [ "$_a" = "$1" ]; }

# The names sda, sdb are given in the order in which probing ends, so nothing here goes by them. The newest of
# several: what a withdrawn controller had may linger beside what the new one has.
disk_at() {
	guest 'n=$(ls -d /sys/class/scsi_disk/*:0:'"${2:-0}:$1"'/device/block/* 2>/dev/null | sort -V | tail -n 1); [ -n "$n" ] && basename "$n"'
}

# As lsscsi has it: address, who makes it, size, node, what is on it.
disks() {
	guest 'for d in $(ls -d /sys/class/scsi_disk/* | sort -V); do b=$(ls $d/device/block)
	u=; grep -q "^/dev/$b / " /proc/mounts && u="root: $(awk -v d=/dev/$b "\$1 == d { print \$3 }" /proc/mounts)"
	printf "[%s] %-10s %-16s %4d MiB  /dev/%s  %s\n" ${d##*/} $(cat $d/device/vendor) "$(cat $d/device/model)" \
		$(($(cat $d/device/block/$b/size) >> 11)) $b "$u"; done'
}

# The images are those of root-images.sh. The root disk is the second one, so that nothing is right by chance.
root_boot() {
	VM_INITRD=$(pwd)/${ROOT_IMAGE:-initrd}
	VM_DISKS=memory=${VM_SCRATCH:-32M},file=$(pwd)/root.img
	VM_APPEND="root=UUID=$ROOT_UUID rw $*"
	vm_start
}

root_module() {
	guest 'd=$(readlink -f "/sys/dev/block/$(awk "\$5 == \"/\" { print \$3 }" /proc/self/mountinfo)/device")
	until [ -z "$d" ] || [ "$(basename "$(readlink "$d/subsystem")")" = vmbus ]; do d=${d%/*}; done
	basename "$(readlink "$d/driver/module")"'
}

root_off() {
	guest 'sync; mount -o remount,ro /' || return
	guest_go 'poweroff -f'
	vm_gone 60 && grep 'event .* end why=' "$VM_EVENTS" && grep -q 'event .* end why=.* status=0' "$VM_EVENTS"
}

root_check() {
	tools/lib64/ld-linux-x86-64.so.2 --library-path tools/lib/x86_64-linux-gnu tools/sbin/e2fsck -fn root.img >/tmp/fsck 2>&1
	_st=$?
	cat /tmp/fsck
	[ $_st = 0 ] && ! grep -qi 'recover' /tmp/fsck
}

# What the test host counted; each rule that was broken is an event of its own.
no_rule_broken() {
	_account=$(host status)
	note "the host's account: $_account"
	ok "the guest broke no rule" [ "$(echo "$_account" | grep -c '"violations":{}')" = 1 ] ||
		grep violation "$VM_EVENTS" | detail 20
}

# The bus makes up for lost signals: an honest host and an awake guest lose none. Before the unload.
no_signal_lost() {
	[ "$MODSET" = ours ] || return 0
	ok "no interrupt was lost" guest '! grep -E "^interrupts_lost +[1-9]" /sys/kernel/debug/enlight/*/*-*'
	note "doorbells repeated: $(guest 'awk "\$1 == \"signals_lost\" { n += \$2 } END { print n + 0 }" /sys/kernel/debug/enlight/*/*-*')"
}

check_log() {
	_words=
	for _w; do _words="$_words '$_w'"; done
	ok "the guest's kernel log is clean" guest_t 90 "[ ! -e /sys/kernel/debug/kmemleak ] ||
		{ echo scan >/sys/kernel/debug/kmemleak; sleep 6; echo scan >/sys/kernel/debug/kmemleak
		cat /sys/kernel/debug/kmemleak; [ ! -s /sys/kernel/debug/kmemleak ]; } && klogcheck $_words"
}

# A guest that does not answer is asked by keyboard where its tasks hang (SysRq: loglevel 8, blocked tasks).
stacks() {
	for _k in 8 w l; do
		if [ "${VMM:-qemu}" = testhost ]; then host sysrq $_k >/dev/null; sleep 3; continue; fi
		qmp '{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"alt"},
			{"type":"qcode","data":"sysrq"},{"type":"qcode","data":"'$_k'"}]}}' >/dev/null 2>&1
		sleep 3
	done
}

# Called by run.sh when the scenario is through: says what the console saw last if anything is wrong.
finish() {
	if ! vm_alive && [ "${GUEST_MAY_BE_GONE:-0}" = 0 ]; then
		fail "the guest is gone"
	fi
	# Firmware speaks once for each start of the machine; a reset on the way leaves no other trace.
	if [ "$(grep -ac 'Booting from ROM' "$VM_CONSOLE")" -gt 1 ] && [ "${RESET_OK:-0}" = 0 ]; then
		fail "the guest was reset on the way"
	fi
	if grep -aE 'Kernel panic|BUG:|Oops|KASAN' "$VM_CONSOLE" >/tmp/con.bad && [ "${PANIC_OK:-0}" = 0 ]; then
		fail "the console shows a crash"
		detail 20 </tmp/con.bad
	fi
	if [ "$FAILED" != 0 ]; then
		! vm_alive || "$VMCTL" -t 10 wait "$VM_AGENT" >/dev/null 2>&1 || stacks
		tail -n 150 "$VM_CONSOLE" | detail 150
		tail -n 10 "$VM_DIR/vmm.log" | detail 10
		[ "${VMM:-qemu}" = qemu ] || tail -n 20 "$VM_EVENTS" | detail 20
	fi
	vm_stop
	result "done $PASSED $FAILED $SKIPPED"
	[ "$FAILED" = 0 ] && [ $((PASSED + SKIPPED)) -gt 0 ]
}
