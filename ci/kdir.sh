#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Print the build directory of a kernel's headers. Calls nothing; called by the Makefile and ci/.
# Usage: kdir.sh [RELEASE | SERIES | SERIES-rt]   default: the running kernel
# A series (6.12) means its newest installed flavour amd64 (or x86_64); 6.12-rt its newest rt one.
set -eu

want=${1:-$(uname -r)}

for d in "/lib/modules/$want/build" "/usr/src/linux-headers-$want" "/usr/src/kernels/$want"; do
	if [ -f "$d/Makefile" ]; then
		echo "$d"
		exit 0
	fi
done

series=${want%-rt}
newest=
for d in $(ls -d /usr/src/linux-headers-"$series"[.+-]* /usr/src/kernels/"$series"[.+-]* 2>/dev/null |
	   sort -V); do
	case $d in *-common*|*-cloud-*|*-dbg*) continue ;; esac
	case $want:$d in
	*-rt:*-rt-*) newest=$d ;;
	*-rt:*|*:*-rt-*) ;;
	*) newest=$d ;;
	esac
done
if [ -n "$newest" ]; then
	echo "$newest"
	exit 0
fi

{
	echo "No headers of kernel $want are installed."
	echo "Install them (Debian: linux-headers-$want; RHEL: kernel-devel-$want), say KDIR=directory,"
	echo "or KVER= one of:"
	for d in /usr/src/linux-headers-* /usr/src/kernels/* /lib/modules/*/build; do
		case $d in *-common*|*/build) continue ;; esac
		[ ! -f "$d/Makefile" ] || basename "$d" | sed 's/^linux-headers-/  /'
	done
} >&2
exit 1
