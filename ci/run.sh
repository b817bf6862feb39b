#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# See it work: builds the modules, boots a guest from a disk of our own host with them, shows devices, disks, and
# memory that follows the host. May call: setup.sh, kernel.sh, build.sh, root-images.sh, nest.sh.
# Called by: make run, boot.sh SHELL=1.
#
#   ci/run.sh [KVER=6.12|6.1|release] [MODSET=ours|inbox] [CPUS=1] [SHELL=1]
#
# Exit 0 only if the guest came up from its disk, read what it wrote, and its memory followed the host both ways.
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

kver=6.12 set=ours cpus=1 shell='' mem=1536
for arg; do
	case $arg in
	KVER=?*) kver=${arg#*=} ;;
	MODSET=*) set=${arg#*=} ;;
	CPUS=*) cpus=${arg#*=} ;;
	SHELL=*) shell=${arg#*=} ;;
	*) die "unknown argument $arg; see the head of this file" ;;
	esac
done
t0=$(date +%s)
step() { printf '%4d s  %s\n' $(($(date +%s) - t0)) "$*"; }
top=$(mktemp -d)
ticker=
finish() {
	[ -z "$ticker" ] || kill "$ticker" 2>/dev/null || true
	rm -rf "$top"
}
trap finish EXIT
trap 'exit 130' INT TERM

step "checking what this machine needs"
"$CI/setup.sh" || die "setup failed"
step "kernel: newest $kver"
dir=$("$CI/kernel.sh" "$kver")
rel=$(cat "$dir/release")
mods=
if [ "$set" = ours ]; then
	step "building the modules for $rel"
	mods=$top/mods
	"$CI/build.sh" "$dir/kdir" "$mods" >"$top/build.log" 2>&1 || {
		tail -n 30 "$top/build.log" >&2
		die "the modules do not build for $rel"
	}
fi

job=$top/job
mkdir -p "$job/lib" "$top/out"
cp "$CI/scenarios/job.sh" "$job/run.sh"
cp "$CI/guest/vm.sh" "$CI/scenarios/lib.sh" "$job/lib/"
cp "$CI/scenarios/$([ -n "$shell" ] && echo shell || echo run).sh" "$job/scenario.sh"
step "installing them, for the look: an initial image, and a root file system on a disk"
st=0
"$CI/root-images.sh" "$dir" "$mods" "$job" || st=$?
[ $st = 0 ] || die "the guest's images cannot be made (status $st)"
echo "RELEASE=$rel FULL= MODSET=$set ROOT_UUID=$ROOT_UUID $(module_names "$set")" >"$job/env"
printf '%s\n' VMM=testhost VM_LEVEL1=1 VM_PRESTART=0 "VM_CPUS=$cpus" "VM_MEM=$mem" ${shell:+VM_SHELL=1} >"$top/conf"

if [ -n "$shell" ]; then
	step "booting; the console is yours then (poweroff -f leaves)"
	"$CI/nest.sh" --guest "$dir" --conf "$top/conf" --job "$job" --out "$top/out" --limit 86400 --shell
	exit
fi

# A line each 10 s as long as nothing else can be told.
tick() {
	while sleep 10; do step "... booting"; done
}
step "starting the host (emulated where this machine's KVM lacks Hyper-V: a minute or two)"
tick &
ticker=$!
{
	st=0
	"$CI/nest.sh" --guest "$dir" --conf "$top/conf" --job "$job" --out "$top/out" --limit 900 2>"$top/err" || st=$?
	echo "$st" >"$top/status"
} | while IFS= read -r line; do
	case $line in
	'enl: ready'* | 'enl: end'* | 'enl: done'*) continue ;;
	'enl: woken'*)
		step "the host is up and starts the guest"
		;;
	'enl: wait '*)
		step "... ${line#enl: wait }"
		;;
	'enl: '*)
		kill "$ticker" 2>/dev/null || true
		step "$(echo "$line" | sed 's/^enl: note /     /; s/^enl: pass /ok   /; s/^enl: fail /FAIL /
			s/^enl: log /     | /; s/^enl: skip /skip /')"
		;;
	esac
done
st=$(cat "$top/status")
if [ "$st" = 0 ]; then
	step "done: the guest ran from its disk with the modules of set $set, and its memory followed the host"
else
	grep -v "TCG doesn't support" "$top/err" | tail -n 20 >&2
	tail -n 20 "$top/out/console" >&2 2>/dev/null || true
	step "FAILED (status $st)"
fi
exit "$st"
