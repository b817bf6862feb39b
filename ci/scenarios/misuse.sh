# SPDX-License-Identifier: GPL-2.0-only
# Bad use gets a clear error: absurd parameters, the in-box bus loaded, two buses, a driver without a bus.
# May call: lib.sh. Called by: job.sh.

no "an absurd version is refused" guest 'modprobe enlight_vmbus max_version=9.9'
ok "and named" guest 'dmesg | grep -q "max_version=9.9 is no version"'
no "an absurd host is refused" guest 'modprobe enlight_vmbus host=maybe'
no "an absurd wait is refused" guest 'modprobe enlight_vmbus unload_seconds=0'
ok "an old version can be asked for" guest 'modprobe enlight_vmbus max_version=3.0'
ok "and is what is used" guest 'dmesg | grep -q "connected, protocol 3.0"'
no "the in-box bus does not load beside ours" guest 'modprobe hv_vmbus'
ok "ours unloads" guest 'rmmod enlight_vmbus'
ok "the in-box bus loads" guest 'modprobe hv_vmbus'
no "ours does not load beside it" guest 'modprobe enlight_vmbus'
ok "and says why" guest 'dmesg | grep -q "in-box bus (hv_vmbus) is active"'
ok "the in-box bus unloads" guest 'rmmod hv_vmbus'
ok "ours loads again" load_bus
# Two buses of one name: the in-box one is told by the driver core, with a stack trace of its own.
ok "the balloon driver loads, too" guest_t 60 "modprobe $BALLOON"
check_log "sysfs: cannot create duplicate filename" "kobject_add_internal failed for vmbus" "hv_vmbus"

# P-013: no hook of ours is left for a crash to call.
ok "all modules unload" unload_all
PANIC_OK=1 GUEST_MAY_BE_GONE=1 RESET_OK=1
panicked() { grep -aq 'Kernel panic' "$VM_CONSOLE"; }
after_panic() { sed -n '/Kernel panic/,$p' "$VM_CONSOLE"; }
ok "the machine crashes without us" guest_go 'echo 1 >/proc/sys/kernel/sysrq; sleep 1; echo c >/proc/sysrq-trigger'
ok "it says so" until_ok 60 panicked
sleep 3
ok "by one panic" [ "$(grep -ac 'Kernel panic' "$VM_CONSOLE")" = 1 ]
ok "with no fault and nothing of ours after it" [ -z "$(after_panic | grep -aE 'BUG:|Oops|enlight')" ]
