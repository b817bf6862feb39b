# SPDX-License-Identifier: GPL-2.0-only
# A crash with a dump kernel waiting: the panic path ends the connection, the dump kernel finds its devices.
# May call: lib.sh. Called by: job.sh.

PANIC_OK=1
ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
first=$(guest 'cat /proc/sys/kernel/random/boot_id')
ok "the dump kernel is taken" guest_t 120 'kexec -p /vmlinuz --initrd=/initrd \
	--append="console=ttyS0 nokaslr panic=-1 no_timer_check enl.test nr_cpus=1 reset_devices"'
ok "the crash starts" guest_go 'echo 1 >/proc/sys/kernel/sysrq; sleep 1; echo c >/proc/sysrq-trigger'
sleep 3
ok "the dump kernel comes up" vm_wait 240
ok "it is another boot" [ "$(guest 'cat /proc/sys/kernel/random/boot_id')" != "$first" ]
ok "it sees the crashed kernel's memory" guest '[ -e /proc/vmcore ]'
ok "the crashed kernel let go of the host" grep -a "host has let go" "$VM_CONSOLE"
ok "it takes the modules" vm_feed ./payload.tar
ok "the bus loads" load_bus
ok "the balloon driver is bound" guest_t 60 "modprobe $BALLOON"
ok "its device is there" until_ok 30 balloon_bound
check_log
