# SPDX-License-Identifier: GPL-2.0-only
# What "make run" shows: a system that lives on a disk of our own host; devices and drivers, disks that keep what
# they are given, memory that follows the host down and up, a clean end. May call: lib.sh. Called by: job.sh.

total_kb() { guest "awk '/^MemTotal/{print \$2}' /proc/meminfo"; }
lines() { while IFS= read -r _l; do note "  $_l"; done; }
taken() { host query balloon0 | field ballooned_pages; }
stored() { host query storage0 | field "$1"; }
moved() { echo "$(($(stored srbs) - ${1:-0})) requests, $((($(stored bytes_written) - ${2:-0}) >> 20)) MiB written, $((($(stored bytes_read) - ${3:-0}) >> 20)) MiB read"; }

# Random bytes to where $1 says, in pieces of $2, and back past the guest's memory; prints nothing when they are the same.
same() {
	guest_t 120 "cd /tmp && dd if=/dev/urandom of=data bs=64k count=256 2>/dev/null &&
		dd if=data of=$1 bs=$2 conv=fsync 2>/dev/null && echo 3 >/proc/sys/vm/drop_caches &&
		dd if=$1 of=back bs=$2 count=$((16 * MIB / $2)) 2>/dev/null && cmp data back && rm data back"
}

# Follows the host's count of pages it has taken until it is $1, within 60 s; a line for each step seen.
follow() {
	_end=$(($(date +%s) + 60))
	_last=
	while [ "$(date +%s)" -lt "$_end" ]; do
		_a=$(taken)
		[ "$_a" = "$_last" ] || note "  host has taken $((_a >> 8)) MiB, guest's MemTotal $(total_kb) kB"
		_last=$_a
		[ "$_a" != "$1" ] || return 0
		sleep 1
	done
	return 1
}

GUEST_MAY_BE_GONE=1
ok "the guest boots from a disk on VMBus, found by UUID from its initial image" root_boot || return 0
note "guest: kernel $(guest 'uname -r'), $VM_CPUS CPU, $VM_MEM MiB; up to its first process in $(guest 'cut -d" " -f1 /proc/uptime') s"
note "$(guest 'dmesg | grep -o "Hypervisor detected.*"')"
guest "dmesg | grep -iE 'vmbus|storvsc|balloon' | grep -iv 'command line' | tail -n 8" | lines
note "devices on /sys/bus/vmbus:"
bus_devices | lines
note "disks:"
disks | lines
ok "the root disk is served by $STORVSC" [ "$(root_module)" = "$STORVSC" ]

reqs=$(stored srbs) w=$(stored bytes_written) r=$(stored bytes_read)
ok "16 MiB to a file on the root disk, and back from the disk: the same" same /file 1048576
ok "16 MiB to the other disk, in pieces of 4 KiB: the same" same "/dev/$(disk_at 0)" 4096
note "the host's count of that: $(moved "$reqs" "$w" "$r")"

before=$(total_kb)
half=$((VM_MEM / 2))
note "MemTotal $before kB; the host asks for half of the memory"
ok "target: $half MiB" host balloon balloon0 ${half}M
ok "the host has got it" follow $((half * 256))
sleep 1
down=$(total_kb)
ok "MemTotal fell by as much, within 2 %: $before kB -> $down kB" near $((before - down)) $((half * 1024)) 2
ok "target: $VM_MEM MiB" host unballoon balloon0 all
ok "the host has given it back" follow 0
sleep 1
up=$(total_kb)
ok "MemTotal is what it was: $up kB" near "$up" "$before" 0
note "network and clock: not yet in this version"
check_log
ok "the guest powers off" root_off
ok "its file system is clean, asked from outside" root_check
