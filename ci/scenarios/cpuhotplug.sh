# SPDX-License-Identifier: GPL-2.0-only
# A CPU goes and comes again while the channel is open and the host takes and gives memory.
# May call: lib.sh. Called by: job.sh. FULL=1: 50 rounds, else 5.

rounds=5
[ "$FULL" = 1 ] && rounds=50
MIB=1048576
actual() { qmp '{"execute":"query-balloon"}' | field actual; }
target() { qmp "{\"execute\":\"balloon\",\"arguments\":{\"value\":$(($1 * MIB))}}"; }
reached() { [ "$(actual)" = $(($1 * MIB)) ]; }
moves() { [ "$(actual)" -lt $((VM_MEM * MIB)) ]; }
# Each round the host wants something else, and the CPUs change while it gets it.
one_round() {
	target $((VM_MEM - 64 - $1 % 2 * 256)) || return 1
	guest_t 120 'for on in 0 1 0 1; do echo $on >/sys/devices/system/cpu/cpu1/online || exit 1; done'
}
all_rounds() {
	_i=0
	while [ $_i -lt $rounds ]; do
		one_round $_i || { echo "round $_i"; return 1; }
		_i=$((_i + 1))
	done
}
events() { guest 'cat /sys/bus/vmbus/devices/*/channels/*/interrupts'; }

ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
ok "the host asks for some memory" target $((VM_MEM - 256))
ok "it gets the first of it" until_ok 200 moves
before=$(events)
ok "$rounds rounds of CPU 1 off, on, off and on" all_rounds
after=$(events)
note "interrupts of the channel $before -> $after"
ok "the host talked meanwhile" [ "$after" -gt "$before" ]
ok "both CPUs are online" guest '[ $(nproc) = 2 ]'
ok "the host asks for the last amount" target $((VM_MEM - 64))
ok "the host gets its memory" until_ok 200 reached $((VM_MEM - 64))
ok "all memory goes back" target "$VM_MEM"
ok "the driver still answers" until_ok 60 reached "$VM_MEM"
no_signal_lost
ok "all modules unload" unload_all
check_log
