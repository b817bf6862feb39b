# SPDX-License-Identifier: GPL-2.0-only
# The bus against a stock host: connected, devices and attributes as user space knows them, gone without trace.
# May call: lib.sh. Called by: job.sh.

ok "the bus loads" load_bus
if [ "$MODSET" = ours ]; then
	ok "it says which protocol was negotiated" guest 'dmesg | grep -o "connected, protocol [0-9.]*"'
fi
sleep 1
devices=$(bus_devices)
note "devices: $devices"
ok "the host's balloon device is there" guest 'grep -l 525074dc-8985-46e2-8057-a307dc18a502 /sys/bus/vmbus/devices/*/class_id'
dev=$(guest 'cd /sys/bus/vmbus/devices && ls -d *-*-* | head -n 1')
d=/sys/bus/vmbus/devices/$dev
attr() { guest "cat $d/$1"; }
is() { [ "$(attr "$1")" = "$2" ]; }
ok "class_id as in the stable ABI" is class_id '{525074dc-8985-46e2-8057-a307dc18a502}'
ok "device_id is the instance in braces" is device_id "{$dev}"
ok "modalias in wire order" is modalias vmbus:dc7450528589e2468057a307dc18a502
ok "vendor" is vendor 0x1414
ok "device" is device 0xf
ok "modalias is the uevent's" [ "MODALIAS=$(attr modalias)" = "$(guest "grep ^MODALIAS $d/uevent")" ]
no "a closed channel shows no ring" guest "cat $d/out_write_bytes_avail"
ok "the balloon driver loads" guest_t 60 "modprobe $BALLOON"
ok "and is bound" until_ok 30 balloon_bound
ok "channel_vp_mapping names channel and CPU" guest "grep -q '^[0-9]*:[0-9]*$' $d/channel_vp_mapping"
ok "an open channel shows its ring" guest "cat $d/out_write_bytes_avail $d/in_read_bytes_avail"
ok "each attribute can be read without harm" guest "for f in $d/* $d/channels/*/*; do [ -f \$f ] && cat \$f; done; true"
ok "unbinding closes the channel" guest "echo $dev >/sys/bus/vmbus/drivers/hv_balloon/unbind"
ok "binding opens it again" guest "echo $dev >/sys/bus/vmbus/drivers/hv_balloon/bind"
ok "bound again" balloon_bound
# The in-box balloon driver has no exit function.
if [ "$MODSET" = ours ]; then
	ok "all modules unload" unload_all
	no "no bus is left in sysfs" guest 'ls -d /sys/bus/vmbus'
fi
check_log
