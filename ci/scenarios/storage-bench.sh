# SPDX-License-Identifier: GPL-2.0-only
# What a disk request costs, in the count profile: ticks of the TSC (one for each instruction of the whole machine: guest,
# level 1 with its KVM, test host), exits of the guest, doorbells, interrupts. May call: lib.sh, diskload. Called by: job.sh.
# Ticks are the median of eight rounds; the others what COUNT requests more cost: twice as many, less as many.

mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
exits() { awk '{ n += $1 } END { print n + 0 }' /sys/kernel/debug/kvm/exits; }
doorbells() { host query storage0 | field doorbells; }

# "ticks exits doorbells interrupts median" of one run, with what stands around it.
one_run() {
	_e=$(exits)
	_d=$(doorbells)
	_o=$(guest_t 300 "diskload /dev/$disk $*") || { echo "$_o"; return 1; }
	_e=$(($(exits) - _e))
	_d=$(($(doorbells) - _d))
	echo "$_o" | awk -v e=$_e -v d=$_d '/^ticks/ { print $2, e, d, $4, $6 }'
}

# measure NAME COUNT MODE BYTES DEPTH [SHAPE]
measure() {
	_name=$1 _count=$2
	shift 2
	# shellcheck disable=SC2086 # a shape, or none
	if ! _a=$(one_run "$1" "$2" "$3" "$_count" $4) || ! _b=$(one_run "$1" "$2" "$3" $((2 * _count)) $4); then
		fail "$_name: $_a $_b"
		return
	fi
	echo "$_a $_b $_count" | awk '{ printf "%.0f %.2f %.3f %.3f %.0f\n", $10 * 4 / $11,
		($7 - $2) / $11, ($8 - $3) / $11, ($9 - $4) / $11, ($6 - $1) / $11 }' >/tmp/figure
	read -r _i _x _s _q _mean </tmp/figure
	note "figure $_name $_i instructions"
	note "figure $_name $_x exits"
	note "figure $_name $_s signals"
	note "figure $_name $_q interrupts"
	pass "$_name was measured (mean of the instructions: $_mean)"
}

# The disk is still being looked at when it appears, and the driver in use.
usable() {
	_t=$(guest_t 120 "stopwatch 3 'modprobe $STORVSC' '/sys/block/sd*/queue' 'sleep 1; rmmod $STORVSC'") || return 1
	note "figure load_to_disk $_t us"
}

ok "the bus loads" load_bus
ok "disks have a driver" guest_t 60 "modprobe sd_mod"
ok "the time from loading to the disk was measured" usable
ok "the storage driver loads" guest_t 60 "modprobe $STORVSC"
ok "the disk is there" until_ok 60 disk_at 0
disk=$(disk_at 0)
note "scheduler: $(guest "cat /sys/block/$disk/queue/scheduler")"
# A page of the disk that was never written costs the host more than one that was.
ok "the disk is written once" guest_t 120 "dd if=/dev/zero of=/dev/$disk bs=1M oflag=direct 2>&1 | grep '64+0 records out'"
measure randread_4k_qd1 1000 randread 4096 1
measure randread_4k_qd32 1024 randread 4096 32
measure randwrite_4k_qd1 1000 randwrite 4096 1
measure randwrite_4k_qd32 1024 randwrite 4096 32
measure read_64k_qd1 256 read 65536 1
measure write_64k_qd1 256 write 65536 1
measure read_1m_qd1 64 read 1048576 1
measure write_1m_qd1 64 write 1048576 1
measure read_64k_unaligned 256 read 65536 1 unaligned
measure read_64k_pieces 128 read 65536 1 pieces
no_rule_broken
