#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes the file systems of the test machines, cached by content; prints the path of what it made.
# May call: lib.sh, cpio, modprobe, busybox. Called by: nest.sh, boot.sh.
#
#   ci/image.sh guest D             initramfs of the guest for the kernel directory D
#   ci/image.sh tree D              what the level above the guest needs (VMM, vmctl, guest's files)
#   ci/image.sh level1 D1 TREE      initramfs of level 1: busybox, KVM of kernel D1, the tree
#   ci/image.sh payload D MODULES OUT [DIR...]   tar for the guest: modules, and the DIRs' contents on top
#   ci/image.sh root PAYLOAD OUT    image of a disk with the guest's root file system, the payload in it
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

BUSYBOX=${BUSYBOX:-/bin/busybox}

# Everything owned by root, sorted, without times: equal content gives an equal image.
pack() {
	find "$1" -exec touch -h -d @0 {} +
	(cd "$1" && find . -mindepth 1 -print0 | sort -z | cpio -0 -o -H newc -R 0:0 --reproducible --quiet)
}

busybox_into() {
	mkdir -p "$1/bin" "$1/sbin" "$1/dev" "$1/proc" "$1/sys" "$1/run" "$1/tmp" "$1/etc" "$1/root"
	cp "$BUSYBOX" "$1/bin/busybox"
	"$BUSYBOX" --list | grep -vx busybox | while IFS= read -r _a; do ln -s busybox "$1/bin/$_a"; done
	echo 'root::0:0:root:/:/bin/sh' >"$1/etc/passwd"
	echo 'root:x:0:' >"$1/etc/group"
}

# Copies one module (packaged compressed or not) as a plain .ko.
plain_ko() {
	case $1 in
	*.xz) xz -dc "$1" >"$2/$(basename "$1" .xz)" ;;
	*.zst) zstd -qdc "$1" >"$2/$(basename "$1" .zst)" ;;
	*.gz) gzip -dc "$1" >"$2/$(basename "$1" .gz)" ;;
	*) cp "$1" "$2/" ;;
	esac
}

# Files of the named modules with their dependencies, in loading order; built-in ones give nothing.
module_files() {
	_d=$1
	shift
	for _m; do
		modprobe -d "$_d" -S "$(cat "$_d/release")" --show-depends "$_m" 2>/dev/null || true
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++'
}

base_modules_into() {
	_t=$1
	_kd=$2
	shift 2
	mkdir -p "$_t/lib/base"
	: >"$_t/lib/base/order"
	module_files "$_kd" "$@" | while IFS= read -r _f; do
		plain_ko "$_f" "$_t/lib/base"
		basename "$_f" | sed 's/\.ko\..*/.ko/' >>"$_t/lib/base/order"
	done
}

# Process 1 of a guest, and its other names.
agent_into() {
	cp "$2" "$1/init"
	for _a in klogcheck stopwatch portin; do ln -s ../init "$1/sbin/$_a"; done
}

make_guest() {
	_init=$(static_tool "$CI/guest/init.c")
	_key=$(hash_of guest "$1/vmlinuz" "$_init" "$BUSYBOX" "$CI/image.sh")
	_out=$CACHE/image/guest-$_key.cpio
	if [ ! -f "$_out" ]; then
		_t=$(mktemp -d)
		busybox_into "$_t"
		agent_into "$_t" "$_init"
		base_modules_into "$_t" "$1" virtio_pci virtio_blk
		pack "$_t" >"$_out.$$"
		mv "$_out.$$" "$_out"
		rm -rf "$_t"
	fi
	printf '%s\n' "$_out"
}

vmm_files() {
	[ "${VMM:-}" != testhost ] || return 0
	for _f in bios-256k.bin kvmvapic.bin linuxboot_dma.bin pvh.bin; do
		for _p in /usr/share/qemu /usr/share/seabios; do
			if [ -f "$_p/$_f" ]; then
				printf '%s\n' "$_p/$_f"
				break
			fi
		done
	done
}

# The VMM that runs in level 1 (or on the machine itself, natively) is a parameter: VMM=path, or
# VMM=testhost for our own.
vmm_path() {
	if [ "${VMM:-}" = testhost ]; then
		"$CI/testhost.sh"
		return
	fi
	_v=${VMM:-$(command -v qemu-system-x86_64 || true)}
	[ -x "$_v" ] || die "no VMM: qemu-system-x86_64 not found (make setup)"
	readlink -f "$_v"
}

make_tree() {
	_g=$(make_guest "$1")
	_vmctl=$(static_tool "$CI/guest/vmctl.c")
	_vmm=$(vmm_path)
	# shellcheck disable=SC2046 # paths without blanks
	_key=$(hash_of tree "$_g" "$1/vmlinux" "$_vmctl" "$_vmm" "$CI/guest/vm.sh" "$CI/guest/vm-testhost.sh" "$CI/image.sh" $(vmm_files))
	_out=$CACHE/image/tree-$_key
	if [ ! -d "$_out" ]; then
		_t=$_out.$$
		mkdir -p "$_t/bin" "$_t/share" "$_t/guest"
		cp "$_vmctl" "$_t/bin/vmctl"
		cp "$_vmm" "$_t/bin/vmm"
		cp "$CI/guest/vm.sh" "$CI/guest/vm-testhost.sh" "$_t/"
		for _f in $(vmm_files); do cp "$_f" "$_t/share/"; done
		cp "$1/vmlinux" "$_t/guest/vmlinux"
		cp "$_g" "$_t/guest/initrd"
		mv "$_t" "$_out"
	fi
	printf '%s\n' "$_out"
}

make_level1() {
	_key=$(hash_of level1 "$1/vmlinuz" "$(basename "$2")" "$BUSYBOX" "$CI/guest/l1-init.sh" "$CI/image.sh")
	_out=$CACHE/image/level1-$_key.cpio
	if [ ! -f "$_out" ]; then
		_t=$(mktemp -d)
		busybox_into "$_t"
		cp "$CI/guest/l1-init.sh" "$_t/init"
		chmod 755 "$_t/init"
		base_modules_into "$_t" "$1" virtio_pci virtio_blk kvm_amd
		cp -a "$2" "$_t/enl"
		# Shared libraries go where the loader looks for them.
		ldd "$2/bin/vmm" 2>/dev/null | grep -o '/[^ ]*' | sort -u | while IFS= read -r _f; do
			mkdir -p "$_t$(dirname "$_f")"
			cp -L "$_f" "$_t$_f"
		done
		pack "$_t" >"$_out.$$"
		mv "$_out.$$" "$_out"
		rm -rf "$_t"
	fi
	printf '%s\n' "$_out"
}

# In-box bus and dependants, and ours beside them under updates/, as an installation has them.
INBOX='hv_vmbus hv_balloon hv_utils hv_storvsc hv_netvsc hv_sock pci_hyperv hyperv_keyboard hid_hyperv sd_mod sr_mod sg'

make_payload() {
	_d=$1
	_mods=$2
	_out=$3
	shift 3
	_rel=$(cat "$_d/release")
	_t=$(mktemp -d)
	_lm=$_t/lib/modules/$_rel
	mkdir -p "$_lm/kernel" "$_lm/updates"
	# shellcheck disable=SC2086 # a list
	module_files "$_d" $INBOX ${EXTRA_MODULES:-} | while IFS= read -r _f; do
		_to=$_lm/$(dirname "${_f#"$_d/lib/modules/$_rel/"}")
		mkdir -p "$_to"
		plain_ko "$_f" "$_to"
	done
	cp "$_d/lib/modules/$_rel"/modules.builtin "$_d/lib/modules/$_rel"/modules.order "$_lm/"
	cp "$_d/lib/modules/$_rel"/modules.builtin.modinfo "$_lm/" 2>/dev/null || true
	if [ -n "$_mods" ]; then
		find "$_mods" -name '*.ko' -exec cp {} "$_lm/updates/" \;
	fi
	depmod -b "$_t" "$_rel"
	for _x; do cp -a "$_x/." "$_t/"; done
	tar -C "$_t" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$_out" .
	rm -rf "$_t"
}

# No loop device, no privilege: mke2fs fills what it makes. Equal content gives an equal image.
make_root() {
	_t=$(mktemp -d)
	busybox_into "$_t"
	agent_into "$_t" "$(static_tool "$CI/guest/init.c")"
	ln -sf ../init "$_t/sbin/init"
	tar -C "$_t" -xf "$1"
	# systemd, in images of dracut, hands over to nothing without.
	printf 'NAME=Test\nID=enltest\n' >"$_t/etc/os-release"
	find "$_t" -exec touch -h -d @0 {} +
	rm -f "$2"
	truncate -s 96M "$2"
	E2FSPROGS_FAKE_TIME=1767225600 PATH=$PATH:/usr/sbin:/sbin mke2fs -q -t ext4 -F -U "$ROOT_UUID" \
		-E "hash_seed=$ROOT_UUID,root_owner=0:0" -d "$_t" "$2" >&2
	rm -rf "$_t"
}

mkdir -p "$CACHE/image"
verb=${1:-}
[ $# -gt 1 ] && shift
case $verb in
guest) run_locked image make_guest "$1" ;;
tree) run_locked image make_tree "$1" ;;
level1) run_locked image make_level1 "$1" "$2" ;;
payload) make_payload "$@" ;;
root) make_root "$1" "$2" ;;
*) die "usage: ci/image.sh guest D | tree D | level1 D1 TREE | payload D MODULES OUT [DIR...] | root PAYLOAD OUT" ;;
esac
