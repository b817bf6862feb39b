# SPDX-License-Identifier: GPL-2.0-only
# To disk and back: the connection ends before the image is made, and the devices are found again after.
# May call: lib.sh. Called by: job.sh.

ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
swap=$(guest 'for d in /dev/vd?; do [ "$(cat /sys/block/${d#/dev/}/ro)" = 0 ] && echo $d; done | head -n 1')
note "swap on $swap"
ok "swap is on" guest_t 60 "mkswap $swap && swapon $swap"
ok "a mark is left in memory" guest 'echo remembered >/run/mark; cat /proc/sys/kernel/random/boot_id >/run/boot_id'
number=$(guest "cat /sys/block/${swap#/dev/}/dev")
ok "hibernation starts" guest_go "echo $number >/sys/power/resume; echo shutdown >/sys/power/disk; echo disk >/sys/power/state"
ok "the guest powers off" vm_gone 240
ok "the machine starts again" vm_start 240
ok "it resumes" guest_go "echo $number >/sys/power/resume"
sleep 5
marked() { guest 'cat /run/mark'; }
ok "the memory is that of before" until_ok 120 marked
ok "the balloon driver is bound" until_ok 30 balloon_bound
ok "the connection is up" guest 'grep -q "link up" /sys/kernel/debug/enlight/*/bus'
ok "the channel is open" guest 'grep -q "^state open" /sys/kernel/debug/enlight/*/*-*'
no_signal_lost
ok "all modules unload" unload_all
check_log
