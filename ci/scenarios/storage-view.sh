# SPDX-License-Identifier: GPL-2.0-only
# What an installed system sees must not change with the module set: udev's links and properties, lsscsi, and the
# attributes that rules and admins go by, under ours and then under the in-box set, in one guest with the
# distribution's udev. May call: lib.sh. Called by: job.sh (boot.sh brings udev and lsscsi along).

# Names like sda and the number of a SCSI host are given as things come; what stays is put in their place.
cat >/tmp/view.sh <<'VIEW'
lun_of() { _a=$(basename "$(readlink -f "/sys/class/block/$1/device")"); echo "lun-${_a#*:}"; }
udevadm trigger --action=add --subsystem-match=block --subsystem-match=scsi --subsystem-match=vmbus
udevadm settle -t 60
for l in $(for b in /sys/block/s[dr]*; do lun_of "${b##*/}" | cut -d- -f2- | tr '\n' ' '; echo "${b##*/}"; done | sort | cut -d' ' -f2); do
	b=/sys/block/$l d=$l h=$(basename "$(readlink -f "$b/device")") h=${h%%:*}
	echo "== $(lun_of "$d")"
	udevadm info -q property -n "$d" | grep -vE '^(DEVNAME|DEVPATH|MAJOR|MINOR|DISKSEQ|DEVLINKS|USEC_INITIALIZED|SEQNUM)=' | sort
	for l in $(udevadm info -q property -n "$d" | sed -n 's/^DEVLINKS=//p'); do
		case $l in */by-diskseq/*) ;; *) echo "link $l" ;; esac
	done | sort
	for a in device/vendor device/model device/rev device/scsi_level device/type device/timeout \
		queue/logical_block_size queue/physical_block_size queue/rotational queue/write_cache queue/fua \
		queue/discard_granularity queue/max_hw_sectors_kb ro removable size; do
		[ ! -r "$b/$a" ] || echo "$a $(cat "$b/$a" 2>/dev/null)"
	done
	for a in proc_name host_busy unique_id; do echo "host $a $(cat /sys/class/scsi_host/host$h/$a)"; done
	echo "controller $(udevadm info -q property -p "$(readlink -f "$b/device/../../..")" | grep -E '^(SUBSYSTEM|DRIVER|MODALIAS)=' | sort | tr '\n' ' ')"
done
lsscsi -H | sed 's/^\[[0-9]*\]/[N]/'
lsscsi -b | sed 's/^\[[0-9]*:/[N:/; s/ \/dev\/s[dr].*//' | sort
VIEW

# look FILE BUS STORVSC: loads, looks, unloads
look() {
	guest_t 120 "modprobe $2 && modprobe $3 && modprobe sd_mod && modprobe sr_mod && modprobe sg" || return 1
	until_ok 60 guest '[ $(ls -d /sys/block/s[dr]* | wc -l) = 3 ] && [ -e /dev/sdb ]' >/dev/null || return 1
	[ "$1" != /tmp/ours ] || guest "mke2fs -L enlight /dev/$(disk_at 0) >/dev/null" || return 1
	guest_t 120 "$(cat /tmp/view.sh)" >"$1" || return 1
	guest_t 180 "rmmod $3 && rmmod $2"
}

ok "udev starts" guest_t 30 "mkdir -p /run/udev && /sbin/udevadm --version && /sbin/systemd-udevd --daemon"
ok "ours is looked at" look /tmp/ours enlight_vmbus enlight_storvsc
ok "the in-box set is looked at" look /tmp/inbox hv_vmbus hv_storvsc
for w in by-id/scsi- by-id/wwn- by-path/acpi-VMBUS by-uuid/ by-label/enlight; do
	ok "there is a link $w..." grep -q "^link /dev/disk/$w" /tmp/ours
done
diff /tmp/inbox /tmp/ours >/tmp/difference
if [ ! -s /tmp/difference ] && [ "$(wc -l </tmp/ours)" -gt 60 ]; then
	pass "both are the same, $(wc -l </tmp/ours) lines"
else
	fail "ours (+) and in-box (-) differ"
	detail 60 </tmp/difference
fi
[ -z "${VM_VERBOSE:-}" ] || detail 200 </tmp/ours
check_log
