# SPDX-License-Identifier: GPL-2.0-only
# The controller is withdrawn under fio at QD 64 and offered again, round after round: fio gets errors and ends, the
# new disk works, nothing is left behind. May call: lib.sh, lib-fio.sh. Called by: job.sh. FULL=1: 100 rounds, else 3.

. ./lib/lib-fio.sh
rounds=3
[ "$FULL" = 1 ] && rounds=100
absent() { ! disk_at 0; }
# Settled, as in reload.sh: caches dropped, deferred frees done, free pages of the per-CPU lists counted.
pages() {
	guest 'rm -f /tmp/fio* /tmp/out*; sync; echo 3 >/proc/sys/vm/drop_caches; sleep 3; echo 3 >/proc/sys/vm/drop_caches
		awk "/nr_free_pages/ || /count:/ { n += \$2 } END { print n }" /proc/zoneinfo'
}
slab() { guest 'awk "/^Slab:/{print \$2}" /proc/meminfo'; }
# Four readers and writers, 64 deep together and each; they go on until something ends them.
start() {
	guest "cd /tmp && rm -f out done && (fio --output=out --output-format=json --filename=/dev/$1 --direct=1 --thread \
		--rw=randrw --bssplit=512/20:4k/40:64k/30:512k/10 --size=48m --time_based --runtime=300 --iodepth=64 \
		--name=a --ioengine=libaio --name=b --ioengine=io_uring >err 2>&1; echo \$? >done) >/dev/null 2>&1 </dev/null &"
}
busy() { [ "$(count reads)" -gt $((was + 50)) ]; }
ended() { guest '[ -e /tmp/done ]'; }
# EIO, ENXIO, ENODEV, or ENOSPC (a write to a disk whose size has become 0), and no other.
told() {
	guest 'cd /tmp; awk "/\"error\" :/ { print; n++; if (!index(\" 5 6 19 28 \", \" \" \$3 + 0 \" \")) bad = 1 }
		END { exit bad || n != 2 }" out || { tail -n 5 err; exit 1; }'
}

# In some rounds answers are held back, so that all of the depth is in flight when the device goes.
one_round() {
	_d=$(disk_at 0) || { echo "no disk"; return 1; }
	was=$(count reads)
	start "$_d" && until_ok 60 busy || { echo "fio does not run"; return 1; }
	if [ $(($1 % 3)) = 1 ]; then
		host disk-fault storage0 do=hold times=always >/dev/null
		sleep 1
		in_flight="$in_flight $(count held)"
	fi
	host rescind storage0 >/dev/null || return 1
	until_ok 60 ended || { echo "fio hangs"; return 1; }
	told || { echo "fio was told something else"; return 1; }
	until_ok 60 absent || { echo "the disk does not go"; return 1; }
	host no-disk-faults storage0 >/dev/null
	host let-go storage0 all >/dev/null
	until_ok 60 host offer storage0 || { echo "no new offer"; return 1; }
	until_ok 60 disk_at 0 || { echo "no new disk"; return 1; }
}
in_rounds() {
	_r=0
	while [ $_r -lt "$1" ]; do
		one_round $_r || { echo "in round $_r"; return 1; }
		_r=$((_r + 1))
	done
}

ok "the bus loads" load_bus
ok "the storage driver loads" fio_ready
ok "the disk is there" until_ok 60 disk_at 0
in_flight=
# Pools of the kernel grow by less in each of the first rounds; the rings of a lost controller would be 1 MiB each time.
ok "2 rounds to warm up" in_rounds 2
f0=$(pages) s0=$(slab)
ok "$rounds rounds: fio ends with errors, the disk goes, the new one comes" in_rounds $rounds
f1=$(pages) s1=$(slab)
note "in flight when it was withdrawn:$in_flight; free pages $f0 -> $f1, slab $s0 kB -> $s1 kB"
ok "no pages are lost (less than two per round and a margin of 256)" [ $((f0 - f1)) -lt $((rounds * 2 + 256)) ]
ok "slab does not grow by more than 512 kB" [ $((s1 - s0)) -lt 512 ]
ok "the new disk works: no miscompare" fio_on "$(disk_at 0)" 4
ok "and no error" [ "$FIO_ERRORS" = 0 ]
ok "the host's image is what the guest reads" same_image 0 "$(disk_at 0)"
ok "no memory was given up for lost" guest '! dmesg | grep "memory is lost"'
ok "the storage driver unloads" guest_t 120 "rmmod $STORVSC"
no_rule_broken
check_log
