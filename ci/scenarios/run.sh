# SPDX-License-Identifier: GPL-2.0-only
# What "make run" shows: connected, devices and drivers, and memory that follows the host down and up.
# May call: lib.sh. Called by: job.sh for ci/run.sh.

START=$((VM_MEM * MIB))
total_kb() { guest "awk '/^MemTotal/{print \$2}' /proc/meminfo"; }

# Follows the host's count until it is $1 bytes; one line for each step seen. $2: seconds allowed.
follow() {
	_end=$(($(date +%s) + $2))
	_last=
	while [ "$(date +%s)" -lt "$_end" ]; do
		_a=$(host_actual)
		[ "$_a" = "$_last" ] || note "  host counts $((_a / MIB)) MiB, guest's MemTotal $(total_kb) kB"
		_last=$_a
		[ "$_a" != "$1" ] || return 0
		sleep 1
	done
	return 1
}

note "guest: kernel $(guest 'uname -r'), $VM_CPUS CPU, $VM_MEM MiB, modules: $BUS $BALLOON"
note "$(guest 'dmesg | grep -o "Hypervisor detected.*"')"
ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
guest "dmesg | grep -iE 'vmbus|balloon' | tail -n 8" | while IFS= read -r l; do note "  $l"; done
note "devices on /sys/bus/vmbus:"
bus_devices | while IFS= read -r l; do note "  $l"; done
before=$(total_kb)
note "MemTotal $before kB; the host is told to take half (it waits 50 s before its first request)"
ok "target: $((VM_MEM / 2)) MiB" set_target $((START / 2))
ok "the host has got half of the memory" follow $((START / 2)) 240
sleep 2
down=$(total_kb)
ok "MemTotal fell by as much, within 2 %: $before kB -> $down kB" \
	near $((before - down)) $((START / 2048)) 2
note "the guest's report to the host: $(qmp '{"execute":"query-hv-balloon-status-report"}')"
ok "target: $VM_MEM MiB" set_target "$START"
ok "the host has given it back" follow "$START" 120
sleep 1
up=$(total_kb)
ok "MemTotal is what it was: $up kB" near "$up" "$before" 0
check_log
