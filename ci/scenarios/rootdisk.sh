# SPDX-License-Identifier: GPL-2.0-only
# A system that lives on a disk behind the storage driver, found by UUID from initial images as an installation
# makes them: the right drivers come by themselves, what was written is there after a power-off and after the power
# went, and the file system is whole, asked from inside and from outside. May call: lib.sh. Called by: boot.sh.

on_root() { guest 'm=$(awk "\$2 == \"/\" { print \$1, \$3, \$4 }" /proc/mounts); echo "$m"; echo "$m" | grep -q "^/dev/sd[a-z]* ext4 rw"'; }
driven_by() { _m=$(root_module); echo "driven by $_m"; [ "$_m" = "$1" ]; }
# Nobody here has asked for a module: udev did, by alias, and the rules chose the set.
one_set() {
	guest "cut -d' ' -f1 /proc/modules | grep -E '^(enlight|hv)_'" >/tmp/set
	cat /tmp/set
	guest 'dmesg | grep -E "enlight: "'
	for _m in "$BUS" "$BALLOON" "$STORVSC"; do grep -qx "$_m" /tmp/set || return 1; done
	case $MODSET in ours) ! grep -q '^hv_' /tmp/set ;; *) ! grep -q '^enlight_' /tmp/set ;; esac
}
# A big file and many small ones, with their sums; read back from the disk, not from memory.
fill() {
	guest_t 120 "mkdir /$1 && cd /$1 && dd if=/dev/urandom of=big bs=64k count=128 2>/dev/null &&
		for i in \$(seq 1 200); do echo \"$1 \$i\" >\$i; done && md5sum * >/$1.sums && sync"
}
intact() { guest_t 120 "echo 3 >/proc/sys/vm/drop_caches && cd /$1 && md5sum -cs /$1.sums && [ \$(wc -l </$1.sums) = 201 ]"; }
sums() { guest "md5sum </$1.sums"; }
no_breach() {
	grep 'event .* violation' "$VM_EVENTS" && return 1
	grep -q '"violations":{}' "$VM_EVENTS"
}

# Where a start took long is in the kernel's log.
pace() {
	note "up after $(guest 'cut -d" " -f1 /proc/uptime') s; $(guest "dmesg | awk -F'[][]' '{ if (\$2 - last > gap) { gap = \$2 - last; at = \$0 }
		last = \$2 } END { printf \"longest silence %.1f s, before %s\", gap, at }'")"
}

# here WHAT: what is to be true of each start
here() {
	pace
	ok "$1: the root file system is ext4 on a disk" on_root
	ok "$1: its controller is served by $STORVSC" driven_by "$STORVSC"
	ok "$1: the set of modules is $MODSET" one_set
}

leave() {
	check_log
	ok "$1: the machine powers off" root_off
	# In-box releases its relids after it unloaded; hosts take that in silence.
	[ "$MODSET" != ours ] || ok "$1: the guest broke no rule" no_breach
	ok "$1: the file system is clean, from outside" root_check
}

GUEST_MAY_BE_GONE=1
ok "the guest comes up from its disk" root_boot || return 0
disks | while IFS= read -r l; do note "$l"; done
here "first start"
ok "files are written" fill one
ok "and read back the same" intact one
one=$(sums one)
leave "first start"

ok "it comes up again, with a check of the disk on the way" root_boot fsck.mode=force
here "second start"
ok "the check found nothing" guest 'cat /run/initramfs/fsck.log; grep -q "files .* blocks" /run/initramfs/fsck.log && ! grep -qi fixed /run/initramfs/fsck.log'
ok "what was written is there" intact one
ok "and is the same" [ "$(sums one)" = "$one" ]

# The power goes: what was flushed must be there, the journal puts the rest in order.
ok "more files are written and flushed" fill two
two=$(sums two)
guest_go 'while :; do echo x >>/unfinished; done'
vm_stop
ok "it comes up after the power went" root_boot
ok "what was flushed is there" intact two
ok "and is the same" [ "$(sums two)" = "$two" ]
ok "as is what was there before" intact one
ok "the journal was played" guest 'cat /run/initramfs/fsck.log; grep -qi "recovering journal" /run/initramfs/fsck.log'
leave "third start"

# Dracut's image, as the EL family has it. One kernel is enough unless all is asked for.
[ -f dracut.img ] || return 0
case $RELEASE-$FULL in 6.1.*-) return 0 ;; esac
ROOT_IMAGE=dracut.img
ok "it comes up from dracut's image" root_boot
here "with dracut"
ok "with dracut: all that was written is there" intact two
leave "with dracut"
