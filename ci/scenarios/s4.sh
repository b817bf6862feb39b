# SPDX-License-Identifier: GPL-2.0-only
# Firmware that offers S4: a memory image might be restored, so requests for memory are declined, once said.
# May call: lib.sh. Called by: job.sh.

total_kb() { guest "awk '/^MemTotal/{print \$2}' /proc/meminfo"; }
ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
before=$(total_kb)
ok "the host asks for half of the memory" set_target $((VM_MEM * MIB / 2))
asked() { guest 'awk "\$1 == \"requests_refused\" && \$2 > 0 { f = 1 } END { exit !f }" /sys/kernel/debug/enlight_balloon/status'; }
ok "the request came and was declined" until_ok 150 asked
ok "MemTotal is unchanged" [ "$(total_kb)" = "$before" ]
ok "the log says why, once" [ "$(guest 'dmesg | grep -c "may hibernate"')" = 1 ]
check_log
