#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs and removes everything of the suite that is not a module, and the modules through dkms.
# May call: dkms, depmod, update-initramfs or dracut. Called by: "make install", the packages, people.
#
#   packaging/install.sh dkms [RELEASE...]     all of it, for the kernels given, else for the running one
#   packaging/install.sh plain KDIR            the modules built in this tree, by hand, and all the rest
#   packaging/install.sh files                 helper, modprobe rules, image hooks (honours DESTDIR)
#   packaging/install.sh images [RELEASE...]   make the initial images anew
#   packaging/install.sh check                 would this machine still find its disks?
#   packaging/install.sh remove                take away whatever the above and "make install" put there
set -eu
# dkms reads what a make of its own prints: below another make it would announce its directory, too.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(dirname "$here")
version=$(cat "$top/VERSION")
dest=${DESTDIR-}

helper=/usr/sbin/enlight-select
rules=/usr/lib/modprobe.d/enlight.conf
hook=/usr/share/initramfs-tools/hooks/enlight
dracut=/usr/lib/dracut/modules.d/90enlight/module-setup.sh

die() { echo "install.sh: $*" >&2; exit 1; }

put() {		# put MODE FILE PLACE
	install -D -m "$1" "$here/$2" "$dest$3"
}

# The hooks go where their tools are; a package that must serve either passes HOOKS=both.
files() {
	put 755 enlight-select $helper
	put 644 enlight.conf $rules
	if [ "${HOOKS-}" = both ] || [ -d /usr/share/initramfs-tools ]; then put 755 initramfs-hook $hook; fi
	if [ "${HOOKS-}" = both ] || [ -d /usr/lib/dracut/modules.d ]; then put 755 dracut/module-setup.sh $dracut; fi
}

# A set without a disk or network driver must not take the bus from the drivers that serve them now.
check() {
	for pair in hv_storvsc:enlight_storvsc:disks hv_netvsc:enlight_netvsc:network; do
		inbox=${pair%%:*} rest=${pair#*:}
		if grep -q "^SET=.*${rest%:*}" "$here/enlight-select"; then continue; fi
		for device in /sys/bus/vmbus/drivers/"$inbox"/*-*-*; do
			if [ ! -e "$device" ]; then continue; fi
			die "this machine's ${rest#*:} are served by $inbox over VMBus, and this version of the suite" \
				"has no ${rest%:*} yet: it would not come up again. Nothing was changed."
		done
	done
}

releases() {
	if [ $# -gt 0 ]; then echo "$@"; else uname -r; fi
}

images() {
	if [ -n "$dest" ]; then return 0; fi
	for release in $(releases "$@"); do
		if [ -e "/boot/initrd.img-$release" ] && command -v update-initramfs > /dev/null; then
			update-initramfs -u -k "$release"
		elif [ -e "/boot/initramfs-$release.img" ] && command -v dracut > /dev/null; then
			dracut --force --kver "$release"
		else
			echo "install.sh: no initial image of $release in /boot; none made"
		fi
	done
	if command -v kdumpctl > /dev/null; then kdumpctl rebuild || :; fi
}

# Only what the repository holds, or the archive, which is the same.
copy_source() {
	rm -rf "$1"
	mkdir -p "$1"
	(cd "$top" && tar --exclude=./.git --exclude='*.ko' --exclude='*.o' --exclude='*.mod*' --exclude='.*.cmd' \
		--exclude=./compat/generated --exclude=Module.symvers --exclude=modules.order -cf - .) | tar -xf - -C "$1"
}

by_dkms() {
	command -v dkms > /dev/null || die "dkms is not installed; use 'make install' for the running kernel"
	check
	if dkms status -m enlight -v "$version" | grep -q .; then dkms remove -m enlight -v "$version" --all; fi
	copy_source "/usr/src/enlight-$version"
	dkms add -m enlight -v "$version"
	for release in $(releases "$@"); do
		dkms install -m enlight -v "$version" -k "$release"
	done
	files
	# shellcheck disable=SC2046 # releases are words
	images $(releases "$@")
}

# The release is asked of the headers as modules carry it: Debian's kernel.release says something else.
plain() {
	check
	release=$(sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' "$1/include/generated/utsrelease.h")
	for module in $(sed -n 's/^SET="\(.*\)"/\1/p' "$here/enlight-select"); do
		install -D -m 644 "$top/$module.ko" "$dest/lib/modules/$release/updates/$module.ko"
	done
	if [ -z "$dest" ]; then depmod -a "$release"; fi
	files
	images "$release"
}

# Modules that "make install" put below updates/; dkms takes its own away.
plain_modules() {
	for module in /lib/modules/*/updates/enlight_*.ko*; do
		if [ ! -e "$module" ]; then continue; fi
		release=${module#/lib/modules/}
		release=${release%%/*}
		rm -f "$module"
		rmdir --ignore-fail-on-non-empty "/lib/modules/$release/updates"
		depmod -a "$release"
		echo "$release"
	done
}

remove() {
	touched=
	if command -v dkms > /dev/null; then
		for found in $(dkms status -m enlight | sed -n 's|^enlight/\([^,: ]*\).*|\1|p' | sort -u); do
			touched="$touched $(dkms status -m enlight -v "$found" |
				sed -n 's|^[^,]*, \([^,]*\),.*|\1|p' | tr '\n' ' ')"
			dkms remove -m enlight -v "$found" --all
			rm -rf "/usr/src/enlight-$found"
		done
	fi
	touched="$touched $(plain_modules)"
	rm -f "$dest$helper" "$dest$rules" "$dest$hook"
	rm -rf "$dest$(dirname $dracut)"
	# shellcheck disable=SC2086 # releases are words
	touched=$(printf '%s\n' $touched | sort -u)
	# shellcheck disable=SC2086
	if [ -n "$touched" ]; then images $touched; fi
}

verb=${1-}
if [ $# -gt 0 ]; then shift; fi
case $verb in
dkms) by_dkms "$@" ;;
plain | files | images | check | remove) $verb "$@" ;;
*)
	sed -n '/^#   /s/^# *//p' "$0" >&2
	exit 2 ;;
esac
