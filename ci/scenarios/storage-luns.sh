# SPDX-License-Identifier: GPL-2.0-only
# What stands beside a plain disk: every LUN of a target and more than one target, IDE and Fibre Channel
# controllers, a thin disk that gives space back, a DVD whose medium comes and goes. May call: lib.sh. Called by: job.sh.

there_are() { _n=$(guest 'ls /sys/class/scsi_disk | wc -l'); echo "$_n disks"; [ "$_n" = "$1" ]; }
# Each disk is as long as its number says, so that none stands in for another.
right_sizes() {
	guest 'for s in /sys/class/scsi_disk/*; do a=${s##*/}; l=${a##*:}; a=${a%:*}; t=${a##*:}
		b=$(cat $s/device/block/*/size); [ $b = $((2048 + 8 * (l + 256 * t))) ] || { echo $s has $b; exit 1; }; done'
}
add_lun() { host add-lun storage0 "memory=$((1048576 + 4096 * ($2 + 256 * $1))),target=$1,lun=$2" >/dev/null; }
luns() { # TARGET FIRST LAST
	_i=$2
	while [ "$_i" -le "$3" ]; do add_lun "$1" "$_i" || return 1; _i=$((_i + 1)); done
}
mark() { guest "echo disk-$1-$2 | dd of=/dev/$(disk_at "$2" "$1") bs=512 count=1 conv=sync,fsync 2>/dev/null"; }
marked() {
	[ "$(guest "echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/$(disk_at "$2" "$1") bs=512 count=1 2>/dev/null" | head -n 1 | tr -d '\0')" = "disk-$1-$2" ]
}
blocks() { stat -c %b "$1"; }
thin_has() { _b=$(blocks /tmp/thin); echo "$_b blocks"; [ "$_b" -ge "$1" ] && [ "$_b" -le "$2" ]; }
dvd_reads() { guest "dd if=/dev/sr0 bs=2048 count=1 2>/dev/null | head -c 4" | grep -qx 'film'; }

ok "254 more LUNs on the first target" luns 0 1 254
ok "and 45 on the second" luns 1 0 44
ok "the bus loads" load_bus
ok "the storage driver loads" guest_t 300 "modprobe $STORVSC && modprobe sd_mod"
ok "all 300 disks are there" until_ok 300 there_are 300
ok "each where it belongs" right_sizes
for a in "0 0" "0 254" "1 0" "1 44"; do
	# shellcheck disable=SC2086 # two numbers
	ok "target and LUN $a: takes its name" mark $a
done
for a in "0 0" "0 254" "1 0" "1 44"; do
	# shellcheck disable=SC2086 # two numbers
	ok "target and LUN $a: has kept it" marked $a
done
ok "the controller is withdrawn" host rescind storage0
ok "all 300 disks are gone" until_ok 300 there_are 0

ok "an IDE controller is added" host device storage,id=ide0,kind=ide,memory=32M
ok "and a Fibre Channel one" host device storage,id=fc0,kind=fc,memory=48M
for d in ide0 fc0; do host query "$d" | grep -q '"relid":[1-9]' || host offer $d >/dev/null; done
ok "both are bound, each with its disk" until_ok 60 there_are 2
note "$(guest 'for s in /sys/class/scsi_disk/*; do echo "$s $(cat $s/device/block/*/size)"; done')"
ok "of the right sizes" guest 'cat /sys/class/scsi_disk/*/device/block/*/size | sort -n | tr "\n" " " | grep -qx "65536 98304 "'
ok "the Fibre Channel host is known as one" guest '[ "$(ls /sys/class/fc_host | wc -l)" = 1 ]'
ok "both work" guest_t 120 'cd /tmp && dd if=/dev/urandom of=data bs=64k count=64 2>/dev/null &&
	for b in /sys/class/scsi_disk/*/device/block/*; do d=/dev/${b##*/}; dd if=data of=$d bs=64k conv=fsync 2>/dev/null &&
	echo 3 >/proc/sys/vm/drop_caches && dd if=$d of=back bs=64k count=64 2>/dev/null && cmp data back || exit 1; done'

ok "a thin disk in a file is added" host add-lun fc0 file=/tmp/thin,size=64M,lun=9
ok "it is there" until_ok 60 there_are 3
thin=$(disk_at 9)
ok "it is filled" guest_t 120 "dd if=/dev/urandom of=/dev/$thin bs=1M count=32 conv=fsync 2>/dev/null"
ok "and takes space" thin_has 65536 131072
ok "what is discarded" guest_t 60 "blkdiscard -o 1M -l 30M /dev/$thin"
ok "is given back" until_ok 10 thin_has 0 6144
ok "and reads as zeros, the rest as it was" guest_t 60 "dd if=/dev/$thin bs=1M skip=1 count=30 iflag=direct 2>/dev/null | tr -d '\\0' | wc -c | grep -qx 0 &&
	[ \$(dd if=/dev/$thin bs=1M count=1 iflag=direct 2>/dev/null | tr -d '\\0' | wc -c) -gt 1000000 ]"

printf film >/tmp/film
ok "a DVD drive is added" host add-lun fc0 file=/tmp/film,size=1M,dvd,lun=11
ok "it is there" until_ok 60 guest 'modprobe sr_mod; [ -e /sys/block/sr0 ]'
ok "its medium is read" until_ok 20 dvd_reads
ok "it is taken out" host eject fc0 11
ok "and not read any more" until_ok 20 eval '! dvd_reads'
ok "it is put in again" host insert fc0 11
ok "and read" until_ok 20 dvd_reads
# The kernel looks for a medium now and then, and has the drive open meanwhile.
ok "the storage driver unloads" until_ok 120 guest_t 180 "rmmod $STORVSC"
no_rule_broken
check_log
