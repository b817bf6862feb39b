# SPDX-License-Identifier: GPL-2.0-only
# Sends the bus's sysfs attributes, as our bus and then the in-box one shows them, to lsvmbus.host.sh, which
# gives both to the real lsvmbus. May call: lib.sh. Called by: job.sh.

tell() {
	guest 'cd /sys/bus/vmbus/devices && for d in *-*-*; do for a in id class_id device_id modalias \
		state vendor device channel_vp_mapping driver/module; do [ -f $d/$a ] && echo "$d $a $(cat $d/$a)"; done
		echo "$d driver $(basename $(readlink $d/driver))"; done' | sort |
		while IFS= read -r _l; do result "sysfs $1 $_l"; done
}
for set in enlight_vmbus:enlight_balloon hv_vmbus:hv_balloon; do
	ok "$set load" guest_t 120 "modprobe ${set%:*} && modprobe ${set#*:}"
	ok "the balloon driver is bound" until_ok 30 balloon_bound
	tell "${set%:*}"
	# The in-box balloon driver has no exit function: it comes last, and stays.
	[ "$set" = hv_vmbus:hv_balloon ] || ok "$set unload" unload_all
done
check_log
