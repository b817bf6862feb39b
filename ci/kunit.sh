#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Run the KUnit suites in the debug kernel under plain QEMU emulation, four CPUs, and read every
# suite's result, the leak report and the kernel's log. Calls build.sh, debug-kernel.sh, qemu;
# called by make kunit and check.sh. Usage: ci/kunit.sh [SUITE=name] [debug] [kcsan]
#
# SUITE: a suite's name, or a pattern (vmbus_*, suite.case). SEEDS, STEPS: for the random tests, and
# FIRST_SEED, FIRST_SLICE to run a failed slice again.
# FULL=1: the long form, and the KCSAN kernel too. MODULES=dir: modules from there, not built here.
# KEEP=dir: leave the guest's console and answers there.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/enlight
full=${FULL:-}
suite=${SUITE:-} flavours=
for arg in "$@"; do
	case $arg in
	SUITE=*) suite=${arg#SUITE=} ;;
	debug|kcsan) flavours="$flavours $arg" ;;
	*) echo "usage: $0 [SUITE=name] [debug] [kcsan]" >&2; exit 2 ;;
	esac
done
[ -n "$flavours" ] || flavours="debug${full:+ kcsan}"
[ "$full" = 1 ] && long=1 || long=
seeds=${SEEDS:-${long:+20}} steps=${STEPS:-${long:+2000000}}
limit=${TIMEOUT:-${long:+43200}}
limit=${limit:-2700}
passed=0 failed=0 skipped=0

command -v qemu-system-x86_64 > /dev/null || {
	echo "kunit: qemu-system-x86_64 is missing: run ci/setup.sh" >&2
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}

work=$(mktemp -d "${TMPDIR:-/tmp}/enlight-kunit.XXXXXX")
qemu=
trap '[ -z "$qemu" ] || kill "$qemu" 2> /dev/null; rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP
keep=${KEEP:-$work}
mkdir -p "$keep"

# count LINE: add a line "N passed, N failed, N skipped" to the sum
count() {
	local p f s
	read -r p _ f _ s _ <<< "$1"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# problem TEXT: a failure that no case reports
problem() {
	echo "FAIL $*"
	failed=$((failed + 1))
}

# --- order MODULES-DIR: enlight_kunit and what it depends on, dependencies first
order() {
	local dir=$1 name dep
	local -a todo=("$dir"/*_kunit.ko "$dir"/*_test.ko) list=()
	visit() {
		local file=$1
		[ -f "$file" ] || return 0
		for dep in $(modinfo -F depends "$file" | tr ',' ' '); do
			visit "$dir/$dep.ko"
		done
		name=$(basename "$file")
		case " ${list[*]-} " in *" $name "*) ;; *) list+=("$name") ;; esac
	}
	for name in "${todo[@]}"; do
		visit "$name"
	done
	printf '%s\n' ${list[@]+"${list[@]}"}
}

# To run one slice of a random test again.
repeat() {
	echo "${FIRST_SEED:+ first_seed=$FIRST_SEED}${FIRST_SLICE:+ first_slice=$FIRST_SLICE}"
}

# Parameters that make the suite's own modules usable on a machine without Hyper-V.
parameters() {
	case $1 in
	enlight_vmbus.ko) echo " host=none" ;;
	*_kunit.ko) echo "${seeds:+ seeds=$seeds}${steps:+ steps=$steps}$(repeat)" ;;
	esac
}

# --- image MODULES-DIR: the initramfs
image() {
	local root=$work/root name
	rm -rf "$root"
	mkdir -p "$root/modules" "$root/dev" "$root/proc" "$root/sys"
	gcc -static -O2 -Wall -Wextra -Werror -o "$root/init" "$here/kunit-init.c"
	for name in $(order "$1"); do
		cp "$1/$name" "$root/modules/"
		echo "$name$(parameters "$name")" >> "$root/modules.list"
	done
	[ -s "$root/modules.list" ] || return 1
	# The kernel wants a console for init before devtmpfs is there.
	mknod "$root/dev/console" c 5 1 2> /dev/null || true
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd.gz"
}

# --- boot KDIR: run the guest; its console and its answers land in files
boot() {
	local glob=
	case $suite in
	'') ;;
	*[*.?]*) glob="kunit.filter_glob=$suite" ;;
	*) glob="kunit.filter_glob=*$suite*" ;;
	esac
	: > "$console"
	: > "$answers"
	# One machine under test at a time: the limits are made for that.
	exec 8> "$cache/machine.lock"
	flock -w 7200 8
	timeout "$limit" qemu-system-x86_64 -machine q35 -accel tcg,thread=multi \
		-cpu max,la57=off -smp "${CPUS:-4}" -m "${MEM:-1G}" -nodefaults -no-user-config \
		-display none -no-reboot -kernel "$1/arch/x86/boot/bzImage" -initrd "$work/initrd.gz" \
		-append "console=ttyS0 panic=-1 oops=panic kunit.enable=1 $glob \
			watchdog_thresh=60 workqueue.watchdog_thresh=180 \
			rcupdate.rcu_cpu_stall_timeout=300 hung_task_panic=0 nokaslr" \
		-serial "file:$console" -serial "file:$answers" > "$work/qemu.log" 2>&1 8>&- &
	qemu=$!
	local status=0 ticks=0
	while kill -0 $qemu 2> /dev/null; do
		sleep 1
		ticks=$((ticks + 1))
		[ $((ticks % 30)) != 0 ] || echo "... ${ticks} s," \
			"$(grep -cE '^(\[[^]]*\] *)? {4,}(not )?ok [0-9]' "$console" || true) results so far" >&2
	done
	wait $qemu || status=$?
	qemu=
	exec 8>&-
	return $status
}

# --- section NAME FILE: the lines of one section of the answers
section() {
	awk -v want="@@ $1" '{ gsub(/\r/, "") }
		/^@@ / { inside = index($0, want) == 1; next } inside' "$2"
}

report() {
	local last out=$work/ktap.out
	section "results " "$answers" > "$work/ktap"
	awk -f "$here/ktap.awk" "$work/ktap" > "$out" || true
	last=$(tail -n 1 "$out")
	sed '$d' "$out"
	count "$last"

	grep '^@@ trouble' "$answers" | while read -r _ _ text; do echo "$text"; done > "$work/trouble" || true
	while read -r text; do
		problem "the guest: $text"
	done < "$work/trouble"
	section kmemleak "$answers" > "$work/leaks"
	if grep -q 'unreferenced object' "$work/leaks"; then
		head -n 60 "$work/leaks"
		problem "$(grep -c 'unreferenced object' "$work/leaks") objects leaked"
	fi
	# The guest's own copy of the log is whole; the console has the end of one that died.
	if ! awk -f "$here/klog.awk" "$console" > "$work/klog.out" ||
	   ! section log "$answers" | awk -f "$here/klog.awk" > "$work/klog.out"; then
		head -n 120 "$work/klog.out"
		problem "kernel log: $(tail -n 1 "$work/klog.out")"
	fi
	if ! grep -q '^@@ end' "$answers"; then
		tail -n 40 "$console"
		problem "the guest died or hung: it never said that it was done"
	fi
}

run() {
	local flavour=$1 kdir dir status=0
	console=$keep/$flavour.console answers=$keep/$flavour.answers
	local -a which=()
	[ "$flavour" = debug ] || which=("$flavour")
	kdir=$("$here/debug-kernel.sh" ${which[@]+"${which[@]}"}) || {
		problem "$flavour: no kernel"
		return 0
	}
	dir=${MODULES:-}
	if [ -z "$dir" ]; then
		dir=$work/modules
		"$here/build.sh" "$kdir" "$dir" ENL_KUNIT=1 || {
			problem "$flavour: the modules do not build"
			return 0
		}
	fi
	if ! image "$dir"; then
		problem "$flavour: no test module was built (enlight_kunit has no objects in Kbuild)"
		return
	fi
	echo "== $flavour kernel $(cat "$kdir/include/config/kernel.release"):" \
		"$(tr '\n' ';' < "$work/root/modules.list")"
	boot "$kdir" || status=$?
	[ $status = 0 ] || problem "$flavour: QEMU ended with status $status (124: over $limit s)" \
		"$(head -c 300 "$work/qemu.log")"
	report
}

mkdir -p "$cache"
for flavour in $flavours; do
	run "$flavour" || problem "$flavour: could not be run"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
