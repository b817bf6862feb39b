# SPDX-License-Identifier: GPL-2.0-only
# Loading and unloading both modules again and again: each start is like the first, nothing is left behind.
# May call: lib.sh. Called by: job.sh. FULL=1: 200 rounds, else 10.

rounds=10
[ "$FULL" = 1 ] && rounds=200
# Settled: caches dropped, deferred frees done. The per-CPU lists hold free pages too, by the thousand, and
# come and go: without them the count says nothing.
pages() {
	guest 'sync; echo 3 >/proc/sys/vm/drop_caches; sleep 3; echo 3 >/proc/sys/vm/drop_caches
		awk "/nr_free_pages/ || /count:/ { n += \$2 } END { print n }" /proc/zoneinfo'
}
slab() { guest 'awk "/^Slab:/{print \$2}" /proc/meminfo'; }
cycle() {
	guest_t $((rounds * 10 + 60)) "i=0; while [ \$i -lt $1 ]; do
		modprobe $BUS && modprobe $BALLOON || { echo load failed in round \$i; exit 1; }
		[ -n \"\$(ls -d /sys/bus/vmbus/drivers/hv_balloon/*-*-*)\" ] || { echo not bound in round \$i; exit 1; }
		rmmod $BALLOON && rmmod $BUS || { echo unload failed in round \$i; exit 1; }
		i=\$((i + 1)); done"
}
# The kernel's own pools grow with the first rounds (text patching, vmap, per-CPU lists): a leak goes on growing.
ok "$rounds rounds to warm up" cycle "$rounds"
f0=$(pages) s0=$(slab)
ok "$rounds rounds of load, bind and unload" cycle "$rounds"
f1=$(pages) s1=$(slab)
note "free pages $f0 -> $f1, slab $s0 kB -> $s1 kB"
ok "no pages are lost (less than one per round and a margin of 64)" [ $((f0 - f1)) -lt $((rounds + 64)) ]
ok "slab does not grow by more than 512 kB" [ $((s1 - s0)) -lt 512 ]
check_log
