#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs a command as root on this machine's system as it would be after an installation, without touching it:
# /usr, /etc, /var and /boot are covered by layers in memory that vanish with the command.
# May call: unshare, mount. Called by: dkms.sh, image tests. Exit 77: this machine cannot do it (and says why).
#
#   ci/sandbox.sh [RELEASE=DIR ...] -- COMMAND [ARGUMENT ...]
#
# RELEASE=DIR shows the unpacked modules in DIR as /lib/modules/RELEASE.
# The command finds what it changed below $SANDBOX_LAYERS/{usr,etc,var,boot,modules}.
set -eu

if [ "${SANDBOX_STAGE:-}" != inside ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "sandbox.sh: skipped: needs root" >&2
		exit 77
	fi
	if ! grep -q 'overlay$' /proc/filesystems && ! modprobe overlay 2>/dev/null; then
		echo "sandbox.sh: skipped: this kernel has no overlay file system" >&2
		exit 77
	fi
	case $0 in /*) self=$0 ;; *) self=$(pwd)/$0 ;; esac
	SANDBOX_STAGE=inside exec unshare --mount --propagation private -- /bin/sh "$self" "$@"
fi

layers=$(mktemp -d)
mount -t tmpfs -o mode=755 sandbox "$layers"
rmdir_layers() { umount -l "$layers" && rmdir "$layers"; }
trap rmdir_layers EXIT

cover() {		# cover NAME LOWER TARGET
	mkdir -p "$layers/$1" "$layers/.work.$1"
	mount -t overlay -o "lowerdir=$2,upperdir=$layers/$1,workdir=$layers/.work.$1" sandbox "$3"
}

for dir in usr etc var boot; do
	if [ -d /$dir ]; then cover $dir /$dir /$dir; fi
done
while [ "$1" != -- ]; do
	release=${1%%=*} dir=${1#*=}
	mkdir -p "/usr/lib/modules/$release"
	# What header packages have put there stays visible.
	cover "modules-$release" "$dir:/usr/lib/modules/$release" "/usr/lib/modules/$release"
	shift
done
shift
export SANDBOX_LAYERS="$layers"
unset SANDBOX_STAGE
status=0
"$@" || status=$?
exit $status
