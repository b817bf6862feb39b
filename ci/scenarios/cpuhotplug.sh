# SPDX-License-Identifier: GPL-2.0-only
# A CPU goes and comes again while the channel is open and the host takes and gives memory.
# May call: lib.sh. Called by: job.sh. FULL=1: 50 rounds, else 5.

rounds=5
[ "$FULL" = 1 ] && rounds=50
START=$((VM_MEM * MIB))
moves() { [ "$(host_actual)" -lt "$START" ]; }
# Each round the host wants something else, and the CPUs change while it gets it.
one_round() {
	set_target $((START - (64 + $1 % 2 * 256) * MIB)) || return 1
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
ok "the host asks for some memory" set_target $((START - 256 * MIB))
ok "it gets the first of it" until_ok 200 moves
before=$(events)
ok "$rounds rounds of CPU 1 off, on, off and on" all_rounds
after=$(events)
note "interrupts of the channel $before -> $after"
ok "the host talked meanwhile" [ "$after" -gt "$before" ]
ok "both CPUs are online" guest '[ $(nproc) = 2 ]'
ok "the host asks for the last amount" set_target $((START - 64 * MIB))
ok "the host gets its memory" until_ok 200 host_reached $((START - 64 * MIB))
ok "all memory goes back" set_target "$START"
ok "the driver still answers" until_ok 60 host_reached "$START"
no_signal_lost
ok "all modules unload" unload_all
check_log
