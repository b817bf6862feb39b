# SPDX-License-Identifier: GPL-2.0-only
# With synthetic timers offered: the guest's tick may come through the SynIC that an unloading bus switches
# off. Ours must survive that (MODSET=inbox shows what the in-box bus does). May call: lib.sh. Called by: job.sh.

note "event device: $(guest 'cat /sys/devices/system/clockevents/clockevent0/current_device')"
for round in 1 2 3; do
	ok "round $round: bus and balloon load" load_all
	ok "round $round: bound" until_ok 30 balloon_bound
	ok "round $round: all modules unload" unload_all
	sleep 3
	ok "round $round: the guest's clock ticks on" guest 'sleep 1'
done
check_log
