# SPDX-License-Identifier: GPL-2.0-only
# The real-time kernel: the interrupt path must take no lock that sleeps.
# May call: lib.sh. Called by: job.sh.

ok "the kernel is a real-time one" guest 'uname -v | grep -q PREEMPT_RT'
ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
actual() { qmp '{"execute":"query-balloon"}' | field actual; }
reached() { _a=$(actual); echo "the guest has $_a"; [ "$_a" = $(((VM_MEM - 64) * 1048576)) ]; }
ok "the host asks for some memory" qmp "{\"execute\":\"balloon\",\"arguments\":{\"value\":$(((VM_MEM - 64) * 1048576))}}"
ok "and gets it" until_ok 200 reached
back() { [ "$(actual)" = $((VM_MEM * 1048576)) ]; }
ok "the host gives it back" qmp "{\"execute\":\"balloon\",\"arguments\":{\"value\":$((VM_MEM * 1048576))}}"
ok "all of it" until_ok 60 back
no_signal_lost
ok "all modules unload" unload_all
check_log
