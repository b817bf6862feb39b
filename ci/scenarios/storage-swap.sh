# SPDX-License-Identifier: GPL-2.0-only
# Swap on a disk of our driver while a process dirties more than there is, and the host takes memory and gives it back:
# both go on, nothing hangs or is killed, the data are right. May call: lib.sh, lib-fio.sh. Called by: job.sh.

. ./lib/lib-fio.sh
pages() { host query balloon0 | field ballooned_pages; }
answers() { host query balloon0 | field answers; }
has_pages() { _p=$(pages); echo "$_p pages"; [ "$_p" = "$1" ]; }
answered() { [ "$(answers)" -gt "$was" ]; }
mem() { guest "awk '/^$1:/{print \$2}' /proc/meminfo"; }
ended() { guest '[ -e /tmp/done ]'; }
running() { ! ended; }

ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
ok "the storage driver loads" fio_ready
ok "the disk is there" until_ok 60 disk_at 0
a=$(disk_at 0)
ok "it becomes swap" guest "mkswap /dev/$a && swapon /dev/$a"
total=$(mem MemTotal)
dirty=$((total / 1024))
note "MemTotal $total kB; $dirty MiB of dirty memory follow"
ok "the host asks for 96 MiB" host balloon balloon0 96M
ok "and gets them" until_ok 60 has_pages 24576
# Memory of a process, checked by it: pages of a tmpfs are anonymous to the kernel. Written, then read.
ok "a process starts to dirty more than there is now" guest "mkdir -p /mnt && mount -t tmpfs -o size=$((dirty + 32))m tmpfs /mnt &&
	cd /tmp && rm -f out done && (fio --output=out --output-format=json --filename=/mnt/x --thread --ioengine=mmap --rw=randwrite \
	--size=${dirty}m --bssplit=16k/50:64k/30:256k/20 --verify=xxhash --verify_fatal=1 --name=dirty >err 2>&1
	echo \$? >done) >/dev/null 2>&1 </dev/null &"
swapping() { [ $(($(mem SwapTotal) - $(mem SwapFree))) -gt 16384 ]; }
ok "the guest swaps" until_ok 120 swapping
# What is given back is used at once. A request meanwhile gets what the guest's floor allows, be it nothing: an answer
# must come, and soon. Never is memory pressed out of a guest that swaps.
more() {
	taken=0
	for _i in 1 2 3 4; do
		host unballoon balloon0 all >/dev/null && until_ok 60 has_pages 0 || { echo "not taken back"; return 1; }
		was=$(answers)
		host balloon balloon0 96M >/dev/null && until_ok 60 answered || { echo "no answer"; return 1; }
		sleep 2
		taken=$((taken + $(pages)))
	done
}
ok "the host gives and asks four times meanwhile, each time answered" more
note "pages taken meanwhile: $taken; swap in use: $(($(mem SwapTotal) - $(mem SwapFree))) kB"
ok "the process is still at it" running
ok "the process ends" until_ok 400 ended
ok "its data were right" guest 'cat /tmp/done; awk "/\"error\" :/ { print; n++; if (\$3 + 0) bad = 1 } END { exit bad || !n }" /tmp/out ||
	{ cat /tmp/err; exit 1; }'
note "pages swapped: $(guest 'grep -E "^pswp(in|out)" /proc/vmstat' | tr '\n' ' ')"
ok "a good part went to the disk and came back" guest 'awk "/^pswpin/ { i = \$2 } /^pswpout/ { o = \$2 }
	END { exit !(i > 4096 && o > 8192) }" /proc/vmstat'
ok "the memory is given back" guest_t 120 'umount /mnt'
ok "what the host holds goes back" host unballoon balloon0 all
ok "all of it" until_ok 60 has_pages 0
ok "the host asks for 96 MiB again" host balloon balloon0 96M
ok "and gets them, now that there are some" until_ok 60 has_pages 24576
ok "the disk is a disk again" guest_t 240 "swapoff /dev/$a"
ok "and works: no miscompare" fio_on "$a" 2
ok "nothing was killed" guest '! dmesg | grep -iE "out of memory|oom-kill|killed process"'
no_rule_broken
no_signal_lost
check_log
