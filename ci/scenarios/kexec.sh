# SPDX-License-Identifier: GPL-2.0-only
# Into a second kernel by kexec: the first ends its connection, the second makes one and finds the devices.
# May call: lib.sh. Called by: job.sh.

ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
first=$(guest 'cat /proc/sys/kernel/random/boot_id')
ok "the second kernel is taken" guest_t 120 'kexec -l /vmlinuz --initrd=/initrd --reuse-cmdline'
ok "kexec starts" guest_go 'kexec -e'
sleep 3
ok "the second kernel comes up" vm_wait 240
ok "it is another boot" [ "$(guest 'cat /proc/sys/kernel/random/boot_id')" != "$first" ]
ok "it takes the modules" vm_feed ./payload.tar
ok "bus and balloon load again" load_all
ok "the balloon driver is bound again" until_ok 30 balloon_bound
check_log
