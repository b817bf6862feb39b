# SPDX-License-Identifier: GPL-2.0-only
# Disks behind the storage driver: found, written, read back and compared, flushed, trimmed; a disk that comes,
# grows and goes while the guest runs; the controller withdrawn and given back. May call: lib.sh. Called by: job.sh.

sectors() { _d=$(disk_at "$1") && [ "$(guest "cat /sys/block/$_d/size")" = "$2" ]; }
grown() { _d=$(disk_at "$1") && guest "dd if=/dev/$_d of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null"; sectors "$1" "$2"; }
absent() { ! disk_at "$1"; }
storage_bound() { guest '[ -n "$(ls -d /sys/bus/vmbus/drivers/hv_storvsc/*-*-* 2>/dev/null)" ]'; }
# What the guest wrote is what it reads, past its own cache.
same() {
	_d=$(disk_at "$1") && guest_t 120 "cd /tmp && dd if=/dev/urandom of=data bs=64k count=$2 2>/dev/null &&
		dd if=data of=/dev/$_d bs=$3 seek=1 conv=fsync 2>/dev/null && echo 3 >/proc/sys/vm/drop_caches &&
		dd if=/dev/$_d of=back bs=$3 skip=1 2>/dev/null count=$(($2 * 65536 / $3)) && cmp data back"
}

ok "the bus loads" load_bus
ok "the storage driver loads" guest_t 60 "modprobe $STORVSC && modprobe sd_mod"
ok "it is bound" until_ok 30 storage_bound
ok "the first disk is there" until_ok 60 disk_at 0
ok "with its size" until_ok 10 sectors 0 524288
ok "and the second, of 4096-byte sectors" until_ok 30 sectors 1 131072
ok "what is written is what is read: 4 KiB pieces" same 0 64 4096
ok "what is written is what is read: 1 MiB pieces" same 0 512 1048576
ok "what is written is what is read: on the other disk" same 1 256 65536
ok "a disk is added" host add-lun storage0 memory=64M,lun=5
ok "the guest sees it without being told to look" until_ok 30 sectors 5 131072
ok "it grows" host resize storage0 5 128M
ok "the guest sees that with the next request" until_ok 30 grown 5 262144
ok "it is taken away" host remove-lun storage0 5
ok "the guest lets go of it" until_ok 30 absent 5
[ "$MODSET" != ours ] || note "$(guest 'cat /sys/kernel/debug/enlight_storvsc/*/* 2>/dev/null | head -60 | tr "\n" ";"')"
# The in-box driver waits for ever for a flush that it sends to a controller withdrawn (docs/protocol.md).
if [ "$MODSET" = ours ]; then
	ok "the controller is withdrawn" host rescind storage0
	ok "its disks are gone" until_ok 60 absent 0
	ok "it is offered again" until_ok 30 host offer storage0
	ok "and its disks are back" until_ok 60 disk_at 0
	ok "they work" same 0 64 4096
fi
ok "the storage driver unloads" guest_t 120 "rmmod $STORVSC"
no_rule_broken
check_log
