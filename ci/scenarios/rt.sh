# SPDX-License-Identifier: GPL-2.0-only
# The real-time kernel: the interrupt path must take no lock that sleeps.
# May call: lib.sh. Called by: job.sh.

ok "the kernel is a real-time one" guest 'uname -v | grep -q PREEMPT_RT'
ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
START=$((VM_MEM * MIB))
ok "the host asks for some memory" set_target $((START - 64 * MIB))
ok "and gets it" until_ok 200 host_reached $((START - 64 * MIB))
ok "the host gives it back" set_target "$START"
ok "all of it" until_ok 60 host_reached "$START"
no_signal_lost
ok "all modules unload" unload_all
check_log
