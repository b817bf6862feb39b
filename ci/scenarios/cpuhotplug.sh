# SPDX-License-Identifier: GPL-2.0-only
# A CPU goes and comes again while the channel is open and the host asks for memory.
# May call: lib.sh. Called by: job.sh. FULL=1: 50 rounds, else 5.

rounds=5
[ "$FULL" = 1 ] && rounds=50
actual() { qmp '{"execute":"query-balloon"}' | field actual; }
reached() { [ "$(actual)" = $(((VM_MEM - 64) * 1048576)) ]; }
back() { [ "$(actual)" = $((VM_MEM * 1048576)) ]; }
ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
ok "the host asks for some memory" qmp "{\"execute\":\"balloon\",\"arguments\":{\"value\":$(((VM_MEM - 64) * 1048576))}}"
ok "$rounds rounds of CPU 1 off and on" guest_t $((rounds * 10 + 60)) "i=0; while [ \$i -lt $rounds ]; do
	echo 0 >/sys/devices/system/cpu/cpu1/online && echo 1 >/sys/devices/system/cpu/cpu1/online || exit 1
	i=\$((i + 1)); done"
ok "the host gets its memory" until_ok 200 reached
ok "both CPUs are online" guest '[ $(nproc) = 2 ]'
ok "all memory goes back" qmp "{\"execute\":\"balloon\",\"arguments\":{\"value\":$((VM_MEM * 1048576))}}"
ok "the driver still answers" until_ok 60 back
ok "all modules unload" until_ok 20 unload_all
check_log
