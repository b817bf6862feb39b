# SPDX-License-Identifier: GPL-2.0-only
# A machine without a bus, or without Hyper-V: a line that says so, no wait, nothing left, and no harm later.
# May call: lib.sh. Called by: job.sh. VM_VMBUS=0: enlightened, but no bus; VM_CPU=host too: no Hyper-V at all.

case ${VM_CPU:-} in
host) why='no Hyper-V here' ;;
*) why='the firmware announces no VMBus' ;;
esac
uptime_s() { guest 'cut -d. -f1 /proc/uptime'; }
start=$(uptime_s)
no "the bus does not load" guest_t 60 'modprobe enlight_vmbus'
took=$(($(uptime_s) - start))
note "it took $took s"
# P-015: the in-box wait for a device that never comes was minutes, a retried post nearly three.
ok "it does not wait for what is not there" [ "$took" -lt 20 ]
ok "the log says why" guest "dmesg | grep -q 'enlight_vmbus: $why'"
# Busybox tries each module twice; the kernel has words of its own for modules from elsewhere.
said=$(guest 'dmesg | grep enlight_vmbus: | grep -vE "taint|verification" | sed "s/^[^]]*] //" | sort -u')
note "$said"
ok "in one line" [ "$(echo "$said" | wc -l)" = 1 ]
no "the balloon driver does not load without it" guest 'modprobe enlight_balloon'
no "no bus is left in sysfs" guest 'ls -d /sys/bus/vmbus'
no "nothing is left in debugfs" guest 'ls -d /sys/kernel/debug/enlight'
check_log
