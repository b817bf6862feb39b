# SPDX-License-Identifier: GPL-2.0-only
# Which driver set comes up, in images as both tools make them (ci/fallback-images.sh) and under their own udev:
# ours when all is well; the in-box one with enlight=off, with a module of ours missing, built for another
# kernel or refusing to start, and when the helper is gone. May call: lib.sh. Called by: boot.sh.

# What was found when the images were made counts too.
while IFS= read -r line; do
	case $line in
	"ok "*) pass "${line#ok   }" ;;
	"FAIL "*) fail "${line#FAIL }" ;;
	"skip "*) skip "${line#skip }" ;;
	esac
done <images.log

# The images end their machine by themselves.
GUEST_MAY_BE_GONE=1

# boot IMAGE WORDS...: leaves what the image said in $report.
boot() {
	VM_INITRD=$(pwd)/images/$1.img
	shift
	VM_APPEND="rdinit=/enltest-init boot=enltest root=/dev/enltest systemd.show_status=0 loglevel=7 $*"
	vm_launch
	vm_gone 300 || vm_stop
	report=$(tr -d '\r' <"$VM_CONSOLE" | grep -a '^enltest: ' | sort -u)
	case $report in
	*"enltest: end"*) return 0 ;;
	esac
	tail -n 25 "$VM_CONSOLE" | detail 25
	return 1
}

has() { case $report in *"enltest: $1"*) return 0 ;; esac; return 1; }
why() { grep -aq "enlight: .*$1" "$VM_CONSOLE"; }

# expect TEXT ours|inbox WORDS... in all of $images
images="initramfs-tools dracut"
expect() {
	text=$1 set=$2
	shift 2
	for image in $images; do
		if [ ! -f "images/$image.img" ]; then skip "$image: $text: no image"; continue; fi
		if ! boot "$image" "$@"; then fail "$image: $text: the image did not come to its report"; continue; fi
		case $set in
		ours) has "module enlight_vmbus" && has "module enlight_balloon" && has "bound" && ! has "module hv_" ;;
		inbox) has "module hv_vmbus" && has "module hv_balloon" && has "bound" && ! has "module enlight_" ;;
		esac
		if [ $? = 0 ]; then
			pass "$image: $text"
		else
			fail "$image: $text"
			printf '%s\n' "$report" | detail 20
			grep -a enlight "$VM_CONSOLE" | detail 10
		fi
	done
}

expect "ours are picked by modalias, the in-box ones stay out" ours
expect "enlight=off: the in-box ones come up" inbox enlight=off
ok "and the log says why" why 'enlight=off is on the kernel command line'
expect "our bus module is missing: the in-box ones come up" inbox enltest=missing-bus
ok "and the log says why" why 'enlight_vmbus is not installed'
# The other ways out depend on our files, not on the kernel or the tool: once is enough unless all is asked for.
case $RELEASE-$FULL in
6.1.*-) return 0 ;;
*-) images=initramfs-tools ;;
esac
expect "one of our drivers is missing, if only one that nothing here asks for: none of ours is used" inbox enltest=missing-driver
expect "ours are built for another kernel: the in-box ones come up" inbox enltest=vermagic
ok "and the log says why" why 'was built for'
expect "ours refuses with -ENODEV: the in-box ones come up" inbox enltest=enodev
ok "and the log says why" why 'enlight_vmbus did not start'
expect "ours refuses a bad parameter: the in-box ones come up" inbox enlight_vmbus.max_version=1.0
expect "the helper is gone: the in-box ones come up" inbox enltest=no-helper
