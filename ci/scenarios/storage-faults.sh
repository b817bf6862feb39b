# SPDX-License-Identifier: GPL-2.0-only
# fio checks what it wrote while the host delays, reorders, fails, loses, lies and floods: each failure is an error for
# fio or is made good, and nothing is reported good that was not. May call: lib.sh, lib-fio.sh. Called by: job.sh.
# The in-box driver gets what its table of statuses can take. FULL=1: more data, each plan again, and full rings.

. ./lib/lib-fio.sh
size=2 rounds=1 big=6
[ "$FULL" = 1 ] && size=8 rounds=5 big=16
# In-box scans once for each notice, takes a bare "busy" for done, and goes into error recovery when sense data are
# announced that are not there: it gets less of all this.
storm=3000 busy=srb=5 bare='srb=4,scsi=2 srb=0x84,scsi=2,sense= srb=0x44,scsi=2'
[ "$MODSET" = ours ] || storm=10 busy='' bare='srb=4,scsi=2 srb=0x44,scsi=2'
ours() { [ "$MODSET" = ours ]; }
is() { echo "$1 is not $3"; test "$1" "$2" "$3"; }
# Each strike ends in an error of its own, or none does.
all_are_errors() { ok "each of $STRUCK is an error for fio ($FIO_ERRORS)" is "$FIO_ERRORS" = "$STRUCK"; }
none_is_error() { ok "none of $STRUCK is an error for fio" is "$FIO_ERRORS" = 0; }
# What the driver counts since $1 of counter $2 is $3.
agrees() { ours || return 0; ok "the driver counted ${4:-as many}" is "$(($(drv "$2") - $1))" = "$3"; }

ok "bus and balloon load" load_all
ok "the balloon driver is bound" until_ok 30 balloon_bound
ok "the storage driver loads" fio_ready
ok "the first disk is there" until_ok 60 disk_at 0
ok "and the second" until_ok 30 disk_at 1
a=$(disk_at 0) b=$(disk_at 1)
ok "requests are neither merged nor split" plain_queue "$a"

ok "no faults, 512-byte blocks: no miscompare" fio_on "$a" $big
note "$(grep -v '^$' /tmp/fio.out | tail -n 3 | tr '\n' ' ')"
ok "and no error" is "$FIO_ERRORS" = 0
ok "the host's image is what the guest reads" same_image 0 "$a"
FIO_SIZES=4k/40:12k/20:64k/25:256k/10:1m/5
ok "no faults, 4096-byte blocks: no miscompare" fio_on "$b" 2
FIO_SIZES=
ok "its image is what the guest reads" same_image 1 "$b"
ok "the caches are dropped" guest 'echo 3 >/proc/sys/vm/drop_caches'
ok "all is still there" fio_on "$a" $big --verify_only

slow() {
	spread "delay=25ms delay=3ms delay=60ms delay=1ms delay=25ms delay=12ms delay=90ms delay=5ms" 25 4
	ok "delayed answers: no miscompare" under "$a" $size
	none_is_error

	PLAN='do=hold writes lun=0 times=150; do=hold reads lun=0 times=150; steps=7 lun=0 times=always'
	MEANWHILE='while [ -e /tmp/fio.going ]; do host let-go storage0 all newest; sleep 0.1; done'
	ok "answers in reversed order: no miscompare" under "$a" $size
	none_is_error

	MEANWHILE='host deaf storage0 on && sleep 3 && host deaf storage0 off && host stall 500ms'
	ok "a host that reads no ring for a while: no miscompare" fio_on "$a" $size
	ok "and no error" is "$FIO_ERRORS" = 0
	! ours || note "queues: $(guest 'cat /sys/kernel/debug/enlight_storvsc/*/queues' | tr '\n' ';')"

	was=$(count notices)
	MEANWHILE="for i in 1 2 3; do host notice storage0 11 $storm; sleep 0.5; done"
	ok "a storm of notices that disks came: no miscompare" fio_on "$a" $size
	ok "and no error" is "$FIO_ERRORS" = 0
	note "notices sent: $(($(count notices) - was))"
	! ours || note "notices $(drv notices), scans $(drv scans), removed $(drv luns_removed)"
	ok "both disks are still there" is "$(disk_at 0) $(disk_at 1)" = "$a $b"
}

failing() {
	spread "check=3/11/0 check=3/14/0 check=4/44/0 check=5/21/0" 60 3
	ok "failed by the device: no miscompare" under "$a" $size
	all_are_errors

	spread "check=b/44/0 check=6/29/0 check=3/3/0 check=2/4/1 do=execute,check=1/17/0 $busy do=status,scsi=8,srb=4 do=status,scsi=0x28,srb=4" 40 2
	ok "busy, or for once only: no miscompare" under "$a" $size
	none_is_error

	ours && before=$(drv errors)
	spread "$bare" 60 2
	ok "check condition without sense: no miscompare" under "$a" $size
	none_is_error
	agrees "$before" errors "$STRUCK"
}

# Codes of 10.3 that may pass, each as it is and with the bits for a frozen queue and sense data.
codes() {
	before=$(drv errors)
	keys="do=reject"
	for c in 0x00 0x02 0x03 0x04 0x06 0x09 0x0a 0x0b 0x0d 0x0e 0x0f 0x10 0x12 0x13 0x14 0x15 0x16 0x23 0x24 0x25 0x30 0x3f \
		0xc2 0x84 0x92 0xc0; do
		keys="$keys srb=$c"
	done
	spread "$keys" 24 2
	ok "codes of errors that may pass: no miscompare" under "$a" $size
	none_is_error
	agrees "$before" errors "$STRUCK"
	ok "each code struck twice" is "$STRUCK" = 54

	before=$(drv errors)
	spread "srb=7 srb=8 srb=0x11 srb=0x20 srb=0xa1" 50 3
	ok "codes for what is gone: no miscompare" under "$a" $size
	all_are_errors
	agrees "$before" errors "$STRUCK"
	spread "srb=4,scsi=0x18 srb=1,scsi=0x18" 50 3
	ok "reserved by another: no miscompare" under "$a" $size
	all_are_errors
	ok "the disk was asked and is still there" is "$(disk_at 0)" = "$a"
	note "verifications: $(drv verifications)"

	PLAN='srb=4 writes lun=0 first=512 last=1023 times=always; srb=2 reads lun=0 first=9000 last=9600 times=always'
	ok "a region that never works: no miscompare" under "$a" $size
	ok "fio has errors ($FIO_ERRORS)" is "$FIO_ERRORS" -gt 0
	ok "each after five retries ($STRUCK strikes)" is "$STRUCK" = $((FIO_ERRORS * 6))
}

hostile() {
	before=$(guest "awk '/^fault_/ { n += \$2 } END { print n }' /sys/kernel/debug/enlight_storvsc/*/status")
	spread "do=duplicate do=extra,id=unknown do=extra,id=zero do=extra,id=ones do=extra,length=40 do=extra,operation=5" 40 3
	ok "false packets before and after the answer: no miscompare" under "$a" $size
	none_is_error
	after=$(guest "awk '/^fault_/ { n += \$2 } END { print n }' /sys/kernel/debug/enlight_storvsc/*/status")
	ok "each false packet has its name" is $((after - before)) = "$STRUCK"

	ok "the limit for lost requests is 2 s" guest "echo recover-after:2 >/sys/block/$a/device/timeout_policy"
	before=$(drv recoveries) was=$(count dropped) again=$(drv requeued)
	PLAN='do=drop writes lun=0 skip=100; do=drop writes lun=0 skip=140'
	ok "lost answers: no miscompare" under "$a" $size
	none_is_error
	ok "the host dropped both" is $(($(count dropped) - was)) = 2
	ok "the channels were reopened" is $(($(drv recoveries) - before)) -ge 1
	ok "and what waited was sent again" is $(($(drv requeued) - again)) -ge 2
	ok "with as many channels as before" is "$(drv sub_channels_open)" = "$(drv sub_channels_asked)"
	ok "a disk may fail instead" guest "echo fail-after:2 >/sys/block/$a/device/timeout_policy"
	PLAN='do=drop writes lun=0 skip=100'
	ok "a lost answer: no miscompare" under "$a" $size
	ok "fio has its error ($FIO_ERRORS)" is "$FIO_ERRORS" -ge 1
	guest "echo recover-after:300 >/sys/block/$a/device/timeout_policy"
	note "recoveries $(drv recoveries), requeued $(drv requeued), abandoned $(drv abandoned)"
}

round=0
while [ $round -lt $rounds ]; do
	slow
	failing
	! ours || { codes; hostile; }
	round=$((round + 1))
done

# Rings that hold four of the longest requests, and a host that reads them when it likes.
full_ring() {
	ring_full() { guest 'awk "FNR > 1 { n += \$8 } END { print n }" /sys/kernel/debug/enlight_storvsc/*/queues'; }
	ok "the driver loads anew with small rings" guest_t 120 "rmmod $STORVSC && modprobe $STORVSC ring_kib=16"
	ok "the disk is there" until_ok 60 disk_at 0
	a=$(disk_at 0)
	plain_queue "$a" >/dev/null
	FIO_SIZES=4k/20:1m/80
	MEANWHILE='while [ -e /tmp/fio.going ]; do host deaf storage0 on; sleep 1; host deaf storage0 off; sleep 0.3; done'
	ok "rings that are full: no miscompare" fio_on "$a" 8
	FIO_SIZES=
	ok "and no error" is "$FIO_ERRORS" = 0
	full=$(ring_full)
	ok "they were full $full times" is "$full" -gt 0
}
[ "$MODSET-$FULL" != ours-1 ] || full_ring

# What would it look like? A byte that is wrong must be found.
PLAN='do=corrupt reads lun=0 skip=5 times=1'
no "a wrong byte in one answer is a miscompare" under "$a" $size
ok "by fio's own word" is "$FIO_BAD" = 1
ok "without faults again: no miscompare" fio_on "$a" $size
ok "and no error" is "$FIO_ERRORS" = 0
ok "the host's image is what the guest reads" same_image 0 "$a"
no_rule_broken
no_signal_lost
check_log
