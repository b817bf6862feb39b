#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Boots guests on a Hyper-V compatible host and runs the scenarios of tests.cfg in them.
# May call: kernel.sh, build.sh, image.sh, nest.sh. Called by: make boot, check.sh.
#
#   ci/boot.sh [TEST=name] [KVER=6.1|6.12] [CPUS=n] [MODSET=ours|inbox] [PROFILE=p] [KEEP=dir]
#
# Prints each case as it happens and last "N passed, N failed, N skipped". A guest that falls silent is a
# failure. FULL=1 runs the long lines and counts. PROFILE: see nest.sh. KEEP: leave consoles there.
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

test='' kver='' cpus='' modset='' profile=${PROFILE:-auto} keep=${KEEP:-}
for arg; do
	case $arg in
	TEST=*) test=${arg#*=} ;;
	KVER=*) kver=${arg#*=} ;;
	CPUS=*) cpus=${arg#*=} ;;
	MODSET=*) modset=${arg#*=} ;;
	PROFILE=*) profile=${arg#*=} ;;
	KEEP=*) keep=${arg#*=} ;;
	SHELL=*) exec "$CI/run.sh" "$arg" ${kver:+KVER=$kver} ;;
	*) die "unknown argument $arg; see the head of this file" ;;
	esac
done
passed=0 failed=0 skipped=0
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
trap 'exit 130' INT TERM

sum_up() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

command -v qemu-system-x86_64 >/dev/null || {
	echo "qemu-system-x86_64 is missing: run ci/setup.sh"
	failed=1
	sum_up
	exit 1
}

# Our modules for kernel directory $1, built once per kernel.
modules_for() {
	_m=$top/mods.$(cat "$1/release")
	if [ ! -d "$_m" ]; then
		"$CI/build.sh" "$1/kdir" "$_m" >"$top/build.log" 2>&1 || {
			tail -n 30 "$top/build.log" >&2
			return 1
		}
	fi
	echo "$_m"
}

# The second kernel of kexec and kdump, and what starts it; tools that look at disks, or check what they wrote.
extras_for() {
	rm -rf "$top/extra"
	mkdir -p "$top/extra"
	case $1 in
	kexec | kdump)
		with_libraries "$top/extra" "$(command -v kexec || echo /sbin/kexec)"
		cp "$2/vmlinuz" "$top/extra/vmlinuz"
		cp "$("$CI/image.sh" guest "$2")" "$top/extra/initrd"
		;;
	storage-bench)
		mkdir -p "$top/extra/sbin"
		cp "$(static_tool "$CI/guest/diskload.c")" "$top/extra/sbin/diskload"
		;;
	storage-view)
		with_libraries "$top/extra" "$(command -v lsscsi || echo /usr/bin/lsscsi)" "$(command -v udevadm || echo /bin/udevadm)" \
			/lib/udev/scsi_id /lib/udev/cdrom_id
		ln -s udevadm "$top/extra/sbin/systemd-udevd"
		mkdir -p "$top/extra/lib/udev/rules.d"
		mv "$top/extra/sbin/scsi_id" "$top/extra/sbin/cdrom_id" "$top/extra/lib/udev/"
		cp /lib/udev/rules.d/50-udev-default.rules /lib/udev/rules.d/60-block.rules \
			/lib/udev/rules.d/60-cdrom_id.rules /lib/udev/rules.d/60-persistent-storage.rules "$top/extra/lib/udev/rules.d/"
		;;
	storage-faults | storage-rescind | storage-swap)
		"$CI/lean.sh" "$(command -v fio || echo fio)" "$top/extra" libc.so.6 libm.so.6 libz.so.1 libaio.so.1 libnuma.so.1
		;;
	esac
}

make_job() {
	_job=$1 _test=$2 _dir=$3 _set=$4
	mkdir -p "$_job/lib"
	cp "$CI/scenarios/job.sh" "$_job/run.sh"
	cp "$CI/guest/vm.sh" "$CI/scenarios/lib.sh" "$CI/scenarios/lib-fio.sh" "$_job/lib/"
	cp "$CI/scenarios/$_test.sh" "$_job/scenario.sh"
	_mods=
	case $_set in
	ours) _mods=$(modules_for "$_dir") || return 1 ;;
	esac
	extras_for "$_test" "$_dir"
	# These boot images of the distribution's tools instead of the guest that waits.
	case $_test in
	fallback) MODULES=$_mods "$CI/fallback-images.sh" "$(cat "$_dir/release")" "$_job/images" >"$_job/images.log" || true ;;
	rootdisk) "$CI/root-images.sh" "$_dir" "$_mods" "$_job" || return $? ;;
	*) "$CI/image.sh" payload "$_dir" "$_mods" "$_job/payload.tar" "$top/extra" ;;
	esac
	{
		printf 'RELEASE=%s FULL=%s MODSET=%s ROOT_UUID=%s ' "$(cat "$_dir/release")" "${FULL:-}" "$_set" "$ROOT_UUID"
		module_names "$_set"
	} >"$_job/env"
}

# One run of the job: its lines as they come, and in "lines"; $_st is its status. Uses run_one's variables.
nest_once() {
	{
		_st=0
		"$CI/nest.sh" --guest "$_dir" --conf "$top/conf" --job "$_job" --out "$_out" \
			--profile "$_profile" --limit "$_limit" 2>"$_out/err" || _st=$?
		echo "$_st" >"$_out/status"
	} | tee "$_out/lines" | sed -un "s/^enl: pass /ok   $_name: /p; s/^enl: fail /FAIL $_name: /p
		s/^enl: skip /skip $_name: /p; s/^enl: note /     /p; s/^enl: log /     | /p
		s/^enl: wait /     ... /p"
	_st=$(cat "$_out/status")
}

# run_one TEST KERNEL CPUS MODSET LIMIT SETTINGS...
run_one() {
	_name="$1 $2 ${3}cpu $4"
	_job=$top/job
	_out=${keep:-$top/out}/$(echo "$_name" | tr ' :' '__')
	rm -rf "$_job"
	mkdir -p "$_out"
	echo "--- $_name"
	_st=0
	_dir=$("$CI/kernel.sh" "${2%:*}" "$(echo "$2" | sed -n 's/.*:/ /p' | tr -d ' ' | sed 's/^$/stock/')") || _st=1
	[ $_st != 0 ] || make_job "$_job" "$1" "$_dir" "$4" || _st=$?
	if [ $_st = 77 ]; then
		echo "skip $_name: this machine cannot make what it needs"
		skipped=$((skipped + 1))
		return
	elif [ $_st != 0 ]; then
		echo "FAIL $_name: cannot be prepared"
		failed=$((failed + 1))
		return
	fi
	_limit=$5
	{
		# One size for most, so that they share a snapshot; settings may say another.
		printf 'VM_CPUS=%s\nVM_MEM=1536\n' "$3"
		shift 5
		for _w; do echo "$_w"; done
	} | grep -Ev '^(long|named|PROFILE=.*)$' >"$top/conf"
	_profile=$profile
	case " $* " in
	*' PROFILE='*) [ "$profile" != auto ] || _profile=$(echo "$*" | sed 's/.*PROFILE=\([a-z]*\).*/\1/') ;;
	esac
	nest_once
	# Level 1 belongs to the harness: when its kernel dies, the emulator failed and nothing was tested. The same
	# when QEMU fails its own assertion: a "balloon" command that finds an unread packet does it (docs/protocol.md).
	if { [ "$_st" = 125 ] && grep -qa 'Kernel panic' "$_out/console" 2>/dev/null; } ||
		{ [ "$_st" != 0 ] && grep -qa 'vmm: .*gpadl_iter_seek: Assertion' "$_out/lines"; }; then
		echo "     the emulated host of $_name crashed, not the guest; once more"
		cp "$_out/console" "$_out/console.crashed"
		nest_once
	fi
	# What needs tools that no guest has runs here, on what the guest sent.
	if [ -x "$CI/scenarios/$1.host.sh" ]; then
		"$CI/scenarios/$1.host.sh" "$_out/lines" >"$_out/host" || echo "FAIL host part ended with $?" >>"$_out/host"
		sed "s/^\(ok  \|FAIL\|skip\) /\1 $_name: /" "$_out/host"
		sed -n 's/^ok   /enl: pass /p; s/^FAIL /enl: fail /p; s/^skip /enl: skip /p' "$_out/host" >>"$_out/lines"
	fi
	_f=$(grep -c '^enl: fail ' "$_out/lines") || true
	passed=$((passed + $(grep -c '^enl: pass ' "$_out/lines" || true)))
	skipped=$((skipped + $(grep -c '^enl: skip ' "$_out/lines" || true)))
	failed=$((failed + _f))
	if [ "$_st" != 0 ] && [ "$_f" = 0 ]; then
		echo "FAIL $_name: ended with $_st ($([ "$_st" = 124 ] && echo time-out || echo 'no word from the guest'))"
		failed=$((failed + 1))
	fi
	[ "$_st" = 0 ] || { grep -v "TCG doesn't support" "$_out/err" | tail -n 15; tail -n 15 "$_out/console" 2>/dev/null; } || true
}

grep -v '^#' "$CI/tests.cfg" >"$top/tests"
while read -r name kernel n set limit settings <&7; do
	[ -n "$name" ] || continue
	[ -z "$test" ] || [ "$test" = "$name" ] || continue
	[ -z "$kver" ] || [ "$kver" = "${kernel%:*}" ] || continue
	[ -z "$cpus" ] || [ "$cpus" = "$n" ] || continue
	# MODSET=inbox runs the lines of ours on the in-box modules: the yardstick.
	case $modset-$set in
	-* | ours-ours) ;;
	inbox-ours) set=inbox ;;
	*) continue ;;
	esac
	case " $settings " in
	*' long '*)
		if [ "${FULL:-}" != 1 ]; then
			[ -z "$test" ] || { echo "skip $name $kernel ${n}cpu $set: long, runs with FULL=1" && skipped=$((skipped + 1)); }
			continue
		fi
		;;
	*' named '*) [ -n "$test" ] || continue ;;
	esac
	# shellcheck disable=SC2086 # a list of settings
	run_one "$name" "$kernel" "$n" "$set" "$limit" $settings 7<&-
done 7<"$top/tests"
sum_up
