# SPDX-License-Identifier: GPL-2.0-only
# A bus and its balloon on our own host: every version of the protocol, memory down, up and added, the
# device taken away and given back; and not one breach of the protocol. May call: lib.sh. Called by: job.sh.

pages() { host query balloon0 | field "$1"; }
has_pages() { [ "$(pages ballooned_pages)" = "$1" ]; }
connected_at() { host status | grep -q "\"connected\":true,\"version\":\"$1\""; }
gone() { host status | grep -q '"connected":false'; }
total_kb() { guest "awk '/^MemTotal/{print \$2}' /proc/meminfo"; }
more_than() { [ "$(total_kb)" -gt "$1" ]; }
dev_state() { host query balloon0 | grep -q "\"$1\":$2"; }

for v in 5.3 5.2 5.1 5.0 4.1 4.0 3.0; do
	ok "the host speaks $v at most" host version "$v"
	ok "the bus loads" load_bus
	ok "and is connected at $v" until_ok 20 connected_at "$v"
	ok "it unloads" guest_t 60 "rmmod $BUS"
	ok "and has said so" until_ok 20 gone
done
# 2.4 has no farewell: the next contact takes its place.
ok "the host speaks 2.4 at most" host version 2.4
ok "the bus loads" load_bus
ok "and is connected at 2.4" until_ok 20 connected_at 2.4
ok "it unloads" guest_t 60 "rmmod $BUS"
ok "the host speaks 5.3 again" host version 5.3
# In-box releases its relids after it unloaded; hosts take that in silence.
[ "$MODSET" = ours ] || host forgive DISCONNECTED >/dev/null

ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
ok "Dynamic Memory is agreed upon" until_ok 20 dev_state state '"ready"'
before=$(total_kb)
ok "the host asks for 256 MiB" host balloon balloon0 256M
ok "and gets them" until_ok 60 has_pages 65536
down=$(total_kb)
ok "MemTotal fell by as much, within 2 %: $before kB -> $down kB" near $((before - down)) 262144 2
ok "the host gives half of it back, in odd pieces" host unballoon balloon0 128M split
ok "the guest takes it" until_ok 60 has_pages 32768
ok "and the rest" host unballoon balloon0 all
ok "the guest takes that too" until_ok 60 has_pages 0
sleep 1
ok "MemTotal is what it was" near "$(total_kb)" "$before" 0
# Ours puts new memory online itself; for in-box that is the distribution's affair.
[ "$MODSET" = ours ] || guest 'echo online >/sys/devices/system/memory/auto_online_blocks'
ok "the host adds 128 MiB" host hot-add balloon0 128M region
ok "the guest has them" until_ok 60 more_than $((before + 120 * 1024))

ok "the device is withdrawn" host rescind balloon0
ok "the guest lets go of it" until_ok 30 dev_state relid 0
ok "and offered again" host offer balloon0
ok "the driver is bound again" until_ok 30 dev_state state '"ready"'
no "a word that does not exist is an error" host nonsense
no_rule_broken
no_signal_lost
check_log
