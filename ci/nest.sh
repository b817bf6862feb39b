#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs one job next to one guest, whatever the machine can do: natively, nested, or from a snapshot.
# May call: lib.sh, kernel.sh, image.sh, qemu. Called by: boot.sh, run.sh.
#
#   ci/nest.sh --guest D --conf FILE --job DIR --out DIR [--profile P] [--limit SECONDS] [--shell]
#
# --shell: the guest's console is this terminal; ends when the guest powers off.
# P: auto (native where KVM has SynIC, else fast), native, boot (no snapshot), fast (a snapshot of level 1
# with the guest waiting in user space), count (as fast, one CPU, one TSC tick per instruction).
# VM_PRESTART=0 in the conf: the job starts its guest by itself, so there is none to take a snapshot of.
# The job's lines come out on stdout as they happen. Exit: 0 the job said so and so did the machine's
# exit status; 1 it failed; 124 time-out; 125 silence or a broken machine.
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

guest='' conf='' job='' out='' profile=auto limit=900 shell=
[ $# -gt 0 ] || set -- --help
while [ $# -gt 0 ]; do
	case $1 in
	--guest) guest=$2 ;;
	--conf) conf=$2 ;;
	--job) job=$2 ;;
	--out) out=$2 ;;
	--profile) profile=$2 ;;
	--limit) limit=$2 ;;
	--shell) shell=1 && shift && continue ;;
	*) die "unknown option $1; see the head of this file" ;;
	esac
	shift 2
done
[ -d "$guest" ] && [ -f "$conf" ] && [ -f "$job/run.sh" ] && [ -n "$out" ] || die "see the head of this file"

vmctl=$(static_tool "$CI/guest/vmctl.c")
if [ "$profile" = auto ]; then
	if "$vmctl" probe 2>/dev/null; then profile=native; else profile=fast; fi
fi
mkdir -p "$out"
# Limits are made for a machine that does one thing: one machine under test at a time.
mkdir -p "$CACHE"
exec 8>"$CACHE/machine.lock"
flock -n 8 || {
	echo "enl: wait another test has the machine"
	flock 8
}
_pid='' _guard='' work=''
# Whatever ends this script ends its machine, and with it the lock.
trap 'kill $_pid $_guard 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
# The job may name another VMM for the guest than QEMU.
VMM=$(sed -n 's/^VMM=//p' "$conf" | tail -n 1 | grep . || echo "${VMM:-}")
[ -z "$VMM" ] || export VMM
tree=$("$CI/image.sh" tree "$guest")

# ---- native: this machine is the level above the guest ----

native() {
	VM_DIR=$(mktemp -d)
	export VM_DIR ENL_ROOT="$tree" RESULT="$out/results" PATH="$VM_DIR/bin:$PATH"
	# The scenarios are written for busybox; the real tools need not be the same.
	mkdir "$VM_DIR/bin"
	for _a in awk sed grep tail tar dd timeout stat; do ln -s /bin/busybox "$VM_DIR/bin/$_a"; done
	: >"$RESULT"
	cp "$conf" "$job/conf"
	if [ -n "$shell" ]; then
		_st=0
		(cd "$job" && exec /bin/busybox sh ./run.sh) 3<&0 4>&1 2>"$out/console" || _st=$?
		rm -rf "$VM_DIR"
		return $_st
	fi
	(cd "$job" && timeout -k 10 "$limit" /bin/busybox sh ./run.sh) >"$out/console" 2>&1 &
	_pid=$!
	tail -f -s 0.1 -n +1 --pid=$_pid "$RESULT" &
	_st=0
	wait $_pid || _st=$?
	wait $! || true
	rm -rf "$VM_DIR"
	return $_st
}

# ---- nested: level 0 is QEMU's TCG, level 1 a stock kernel with its KVM ----

level0() {
	_dir=$1
	shift
	case $profile in
	count) set -- -accel tcg,thread=single -smp 1 -icount shift=0,sleep=off -seed 1 \
		-rtc base=2026-01-01,clock=vm "$@" ;;
	# A guest of two processors on a level of two, each a thread, ends in resets and double faults; a guest of one
	# that is started again and again meets them too. A conf may say VM_LEVEL1=1.
	*) set -- -accel tcg,thread=multi,tb-size=512 -smp "$([ "$cpus" -gt 1 ] && echo 1 || echo "$level1_cpus")" "$@" ;;
	esac
	exec qemu-system-x86_64 -nodefaults -no-user-config -display none -machine q35,hpet=off,vmport=off \
		-cpu EPYC,+svm,+npt -m 3584 -kernel "$level1/vmlinux" -initrd "$_dir/initrd" \
		-append "console=ttyS0 quiet nokaslr norandmaps mitigations=off panic=-1 no_timer_check" \
		-device isa-debug-exit,iobase=0xf4,iosize=0x04 -action panic=exit-failure -no-reboot \
		-drive "if=none,id=job,format=raw,readonly=on,file.locking=off,file=$disk" \
		-device virtio-blk-pci,drive=job -qmp "unix:$sock,server=on,wait=off" "$@"
}

# Level 1 takes its settings from a file at the end of its initramfs; so they are part of its key.
level1_dir() {
	_cpio=$("$CI/image.sh" level1 "$level1" "$tree")
	_qemu=$(qemu-system-x86_64 --version | head -n 1)
	_key=$(hash_of snap "$_qemu" "$(basename "$_cpio")" "$confplus" "$profile" "$CI/nest.sh")
	snapdir=$CACHE/snap/$_key
	run_locked "snap-$_key" level1_make "$_cpio" || die "cannot make the initramfs of level 1"
	touch "$snapdir"
}

level1_make() {
	[ -f "$snapdir/initrd" ] && return
	_t=$(mktemp -d)
	mkdir -p "$_t/enl" "$snapdir"
	cp "$confplus" "$_t/enl/conf"
	cp "$1" "$snapdir/initrd.new"
	# cpio archives of an initramfs start on a multiple of four bytes.
	truncate -s %512 "$snapdir/initrd.new"
	(cd "$_t" && echo enl/conf | cpio -o -H newc -R 0:0 --quiet) >>"$snapdir/initrd.new"
	mv "$snapdir/initrd.new" "$snapdir/initrd"
	rm -rf "$_t"
}

new_disk() {
	: >"$disk"
	truncate -s 512M "$disk"
}

job_disk() {
	new_disk
	cp "$conf" "$job/conf"
	printf 'JOB_LIMIT=%s\n' "$limit" >>"$job/conf"
	tar -C "$job" -cf - . | dd of="$disk" bs=1M seek=1 conv=notrunc iflag=fullblock 2>"$work/dd"
	# The head says how many MiB follow it: reading a whole disk two levels down takes a minute.
	printf 'ENLJOB %s\n' "$(sed -n 's/^\([0-9]*\)+\([0-9]*\) records out$/\1 \2/p' "$work/dd" |
		awk '{ print $1 + $2 }')" | dd of="$disk" conv=notrunc 2>/dev/null
}

qmp() { "$vmctl" -t "${2:-30}" qmp "$sock" "$1"; }

mapped_ram() {
	qmp '{"execute":"migrate-set-capabilities","arguments":{"capabilities":[
		{"capability":"mapped-ram","state":true}]}}' | grep -q return
}

# Boots level 1 up to the point where it asks for a job, and keeps that state in a file.
snapshot_make() {
	[ -f "$snapdir/state" ] && return
	echo "enl: wait a snapshot is made of level 1 with the guest waiting (once for these settings)"
	new_disk
	: >"$out/snap.results"
	level0 "$snapdir" -serial "file:$out/snap.console" -serial "file:$out/snap.results" \
		</dev/null >"$out/snap.log" 2>&1 &
	_pid=$!
	# Runs in the subshell of the lock, which inherits no trap.
	trap 'kill $_pid 2>/dev/null || true' EXIT
	_end=$(($(date +%s) + 900))
	until grep -q '^enl: ready' "$out/snap.results"; do
		if ! kill -0 $_pid 2>/dev/null || [ "$(date +%s)" -ge $_end ]; then
			kill $_pid 2>/dev/null || true
			cat "$out/snap.results" "$out/snap.console" "$out/snap.log" >&2
			die "no snapshot: level 1 did not get ready"
		fi
		sleep 0.2
	done
	sleep 1
	qmp '{"execute":"stop"}' >/dev/null
	mapped_ram || true
	qmp '{"execute":"migrate-set-parameters","arguments":{"max-bandwidth":100000000000}}' >/dev/null
	qmp "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"file:$snapdir/state.new\"}}" >/dev/null
	until qmp '{"execute":"query-migrate"}' | grep -q '"status": "completed"'; do
		[ "$(date +%s)" -lt $((_end + 120)) ] || die "no snapshot: saving did not end"
		sleep 0.2
	done
	qmp '{"execute":"quit"}' >/dev/null || true
	wait $_pid || true
	_pid=
	mv "$snapdir/state.new" "$snapdir/state"
	keep_newest "$CACHE/snap" 12
}

restore() {
	_until=$(($(date +%s) + 60))
	until [ -S "$sock" ]; do
		if [ "$(date +%s)" -ge $_until ] || ! kill -0 $_pid 2>/dev/null; then return 1; fi
		sleep 0.05
	done
	mapped_ram || true
	qmp "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"file:$snapdir/state\"}}" >/dev/null
	until qmp '{"execute":"query-status"}' | grep -q '"status": "\(paused\|running\)"'; do
		if [ "$(date +%s)" -ge $_until ] || ! kill -0 $_pid 2>/dev/null; then return 1; fi
		sleep 0.05
	done
	qmp '{"execute":"cont"}' >/dev/null
}

nested() {
	work=$(mktemp -d)
	disk=$work/disk
	sock=$work/qmp
	confplus=$work/conf
	# The guest, what is added to it, and room for level 1 itself.
	mem=$(($(sed -n 's/^VM_MEM=\([0-9]*\)$/\1/p' "$conf" | tail -n 1 | grep . || echo 1536) + 1792))
	cpus=$(sed -n 's/^VM_CPUS=\([0-9]*\)$/\1/p' "$conf" | tail -n 1 | grep . || echo 1)
	level1_cpus=$(sed -n 's/^VM_LEVEL1=\([0-9]*\)$/\1/p' "$conf" | tail -n 1 | grep . || echo 2)
	level1=$("$CI/kernel.sh" 6.12)
	cp "$conf" "$confplus"
	[ -z "$shell" ] || profile=boot
	! grep -q '^VM_PRESTART=0$' "$conf" || profile=boot
	[ "$profile" = boot ] || echo VM_PRESTART=1 >>"$confplus"
	level1_dir
	set -- -serial "file:$out/console" -serial "file:$out/results"
	if [ "$profile" != boot ]; then
		run_locked "$(basename "$snapdir")" snapshot_make || return 125
		set -- "$@" -incoming defer
	fi
	rm -f "$sock"
	job_disk
	: >"$out/results"
	if [ -n "$shell" ]; then
		_st=0
		(level0 "$snapdir" -chardev stdio,id=con,signal=off -serial chardev:con \
			-serial "file:$out/results") 2>"$out/level0.log" || _st=$?
		rm -rf "$work"
		[ $_st = 1 ]
		return
	fi
	# The innermost limit fires first, so that the last words still come out.
	(level0 "$snapdir" "$@") </dev/null >"$out/level0.log" 2>&1 &
	_pid=$!
	(exec >/dev/null 2>&1 </dev/null 8>&-; sleep $((limit + 120)); kill $_pid) &
	_guard=$!
	if [ "$profile" != boot ] && ! restore 2>>"$out/level0.log"; then
		# A snapshot that does not restore is made again by the next run.
		rm -f "$snapdir/state"
		tail -n 5 "$out/level0.log" >&2
		say "nest.sh: the snapshot does not restore"
		return 125
	fi
	tail -f -s 0.1 -n +1 --pid=$_pid "$out/results" &
	_st=0
	wait $_pid || _st=$?
	_pid=
	wait $! || true
	kill $_guard 2>/dev/null || true
	_guard=
	rm -rf "$work"
	# isa-debug-exit: (status << 1) | 1. A plain power-off is 0 and means that nobody gave a status.
	[ $((_st & 1)) = 1 ] && [ $_st -lt 128 ] && [ $_st != 1 ] && return $((_st >> 1))
	[ $_st = 1 ] && return 0
	[ $_st = 143 ] && return 124
	return 125
}

case $profile in
native) run=native ;;
boot | fast | count) run=nested ;;
*) die "no such profile: $profile" ;;
esac
st=0
$run || st=$?
# The success word must be there too: a status alone could be chance.
if [ $st = 0 ] && ! grep -q '^enl: done [0-9]* 0 ' "$out/results"; then
	st=125
fi
case $st in
0 | 1 | 124) exit $st ;;
137) exit 124 ;;
*) exit 125 ;;
esac
