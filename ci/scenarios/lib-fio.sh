# SPDX-License-Identifier: GPL-2.0-only
# Words for scenarios in which fio writes and checks disks of our own host. Busybox shell, sourced by a scenario.
# May call: lib.sh. Called by: storage-faults.sh, storage-rescind.sh, storage-swap.sh.
#
#   fio_on DISK MIB [OPTIONS]   four jobs at QD 1, 8, 32 and 64, of MIB each and side by side: random writes of 512 bytes
#                               (or a block) to 1 MiB, then all that was reported written is read and checked. Fails on a
#                               miscompare. Sets FIO_ERRORS, FIO_BAD, FIO_KB
#   MEANWHILE="cmd..."          runs beside the next fio_on, from its first second on; /tmp/fio.going is there as long
#   count NAME [DEVICE]         a counter of the host
#   drv NAME                    a counter of our driver, summed over controllers
#   same_image N DISK           the N-th disk in memory (from 0) is for the host what the guest reads

fio_ready() { guest_t 60 "modprobe $STORVSC && modprobe sd_mod"; }
count() { host query "${2:-storage0}" | field "$1"; }
drv() { guest "awk '\$1 == \"$1\" { n += \$2 } END { print n + 0 }' /sys/kernel/debug/enlight_storvsc/*/status"; }

# What a failed request may be called: EIO, ENODEV, EBADE (reservation), ENODATA (medium), EREMOTEIO (target).
FIO_EXPECTED=5:19:52:61:121
FIO_SUM='/"error" :/ { e = $3 + 0; if (e == 84) bad++; else if (e) other = e }
	/"total_err" :/ { errors += $3 } /"io_kbytes" :/ { kb += $3 } /"jobname" :/ { jobs++ }
	END { print "fio: jobs", jobs + 0, "errors", errors + 0, "miscompares", bad + 0, "last", other + 0, "kb", kb + 0 }'

fio_on() {
	_jobs="--name=q1 --ioengine=libaio --iodepth=1
		--name=q8 --ioengine=io_uring --iodepth=8 --offset=${2}m
		--name=q32 --ioengine=libaio --iodepth=32 --offset=$(($2 * 2))m
		--name=q64 --ioengine=io_uring --iodepth=64 --offset=$(($2 * 3))m"
	_tail=
	: >/tmp/fio.going
	if [ -n "${MEANWHILE:-}" ]; then
		(sleep 1; eval "$MEANWHILE") >/tmp/meanwhile.out 2>&1 &
		_tail=$!
	fi
	guest_t "${FIO_LIMIT:-600}" "cd /tmp && rm -f fio.json && fio --output=fio.json --output-format=json --filename=/dev/$1 \
		--direct=1 --thread --rw=randwrite --size=${2}m --bssplit=${FIO_SIZES:-512/20:1k/10:3k/10:4k/20:20k/15:64k/15:256k/6:1m/4} \
		--verify=crc32c --verify_fatal=1 --continue_on_error=io --ignore_error=$FIO_EXPECTED,$FIO_EXPECTED ${3:-} \
		$(echo $_jobs) >fio.err 2>&1; echo status \$?; awk '$FIO_SUM' fio.json; tail -n 12 fio.err" >/tmp/fio.out
	_st=$?
	rm -f /tmp/fio.going
	cat /tmp/fio.out
	MEANWHILE=
	if [ -n "$_tail" ]; then
		wait $_tail || { echo "beside it:"; cat /tmp/meanwhile.out; return 1; }
	fi
	FIO_ERRORS=-1 FIO_BAD=-1 FIO_KB=0
	eval "$(sed -n 's/^fio: jobs 4 errors \([0-9]*\) miscompares \([0-9]*\) last [0-9]* kb \([0-9]*\)$/FIO_ERRORS=\1 FIO_BAD=\2 FIO_KB=\3/p' /tmp/fio.out)"
	[ "$_st" = 0 ] && [ "$FIO_BAD" = 0 ] && [ "$FIO_KB" -gt 0 ]
}

# memfds are numbered as they were made.
backing() {
	for _fd in $(cd "/proc/$(cat "$VM_DIR/pid")/fd" && ls | sort -n); do
		case $(readlink "/proc/$(cat "$VM_DIR/pid")/fd/$_fd") in
		*enlight-disk*) ;;
		*) continue ;;
		esac
		[ "$1" != 0 ] || { echo "/proc/$(cat "$VM_DIR/pid")/fd/$_fd"; return; }
		set -- $(($1 - 1))
	done
	return 1
}
same_image() {
	_host=$(md5sum <"$(backing "$1")" | cut -d' ' -f1)
	_guest=$(guest_t 600 "dd if=/dev/$2 bs=1M iflag=direct 2>/dev/null | md5sum" | cut -d' ' -f1)
	echo "host $_host, guest $_guest"
	[ -n "$_host" ] && [ "$_host" = "$_guest" ]
}

# One request of fio is one of the driver: nothing merged, nothing split.
plain_queue() {
	guest "cd /sys/block/$1/queue && echo 2 >nomerges && cat max_hw_sectors_kb >max_sectors_kb &&
		[ \$(cat max_sectors_kb) -ge 1024 ]"
}

# The plan in PLAN, a line each ("; " between them), then fio with 4 x $2 MiB on $1. Sets STRUCK as well.
under() {
	_was=$(count faults)
	_plan=$PLAN
	while [ -n "$_plan" ]; do
		_line=${_plan%%;*}
		_plan=${_plan#"$_line"}
		_plan=${_plan#;}
		# shellcheck disable=SC2086 # words
		host disk-fault storage0 $_line >/tmp/plan.out 2>&1 || { echo "$_line"; cat /tmp/plan.out; return 1; }
	done
	_ok=0
	fio_on "$@" || _ok=1
	host no-disk-faults storage0 >/dev/null || return 1
	STRUCK=$(($(count faults) - _was))
	echo "faults: $STRUCK"
	[ $STRUCK -gt 0 ] && return $_ok
}

# spread KEYS STEP TIMES WORDS: a plan that strikes writes and reads by turns; each line of KEYS once, STEP apart.
spread() {
	_n=0 _p=
	for _k in $1; do
		_way=writes
		[ $((_n & 1)) = 0 ] || _way=reads
		_p="$_p;$(echo "$_k" | tr , ' ') $_way lun=0 skip=$((_n * $2)) times=$3 ${4:-}"
		_n=$((_n + 1))
	done
	PLAN=${_p#;}
}
