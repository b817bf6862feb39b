# SPDX-License-Identifier: GPL-2.0-only
# Dynamic Memory against stock QEMU: down to half, back up, then growth by hot-add; what the guest counts,
# what it reports and what the host counts must agree. May call: lib.sh. Called by: boot.sh.

START=$((VM_MEM * MIB))

total_kb() { guest "awk '/^MemTotal/{print \$2}' /proc/meminfo"; }
report() { qmp '{"execute":"query-hv-balloon-status-report"}'; }
heard() { report | grep -q committed; }

ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
before=$(total_kb)
note "MemTotal before: $before kB"

# QEMU waits 50 s after the channel came up before it asks for anything.
ok "the host takes a target of half the memory" set_target $((START / 2))
ok "the host has got half of the memory" until_ok 200 host_reached $((START / 2))
sleep 2
down=$(total_kb)
note "MemTotal at half: $down kB"
ok "the guest's MemTotal fell by as much (within 2 %)" \
	near $((before - down)) $((START / 2 / 1024)) 2

ok "the guest reports its memory" until_ok 30 heard
r=$(report)
note "status report: $r"
free_kb=$(guest "awk '/^MemAvailable/{print \$2}' /proc/meminfo")
avail=$(echo "$r" | field available)
ok "reported available memory is what the guest has (within 10 %: it moves)" \
	near $((avail / 1024)) "$free_kb" 10

ok "the host takes a target of all the memory" set_target "$START"
ok "the host has given everything back" until_ok 60 host_reached "$START"
sleep 1
up=$(total_kb)
note "MemTotal after: $up kB"
ok "MemTotal is what it was" near "$up" "$before" 0

old_free=$(guest "awk '/^MemFree/{print \$2}' /proc/meminfo")
ok "the host takes a target above the boot memory" set_target $((START + 256 * MIB))
ok "hot-add reaches it" until_ok 90 host_reached $((START + 256 * MIB))
more_than() { [ "$(total_kb)" -gt "$1" ]; }
ok "the guest has the memory online" until_ok 60 more_than $((before + 250 * 1024))
note "MemTotal with hot-add: $(total_kb) kB"
# More than there was without it, and less than would leave the guest nothing to live on.
ok "the new memory is usable" guest_t 180 "n=\$((\$(awk '/^MemFree/{print \$2}' /proc/meminfo) / 1024 - 150))
	echo \$n MiB; [ \$n -gt $((old_free / 1024 + 50)) ] && mkdir -p /mnt &&
	mount -t tmpfs -o size=\${n}m tmpfs /mnt && dd if=/dev/zero of=/mnt/x bs=1M count=\$n 2>&1 && umount /mnt"
no_signal_lost
check_log
