#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tests the choice between the two driver sets in a made-up machine: a tree of files for /sys and /proc, and a
# modprobe that keeps kmod's rules (dependencies first, install lines honoured, loaded modules skipped).
# May call: packaging/enlight-select, packaging/enlight.conf. Called by: "make quick". Needs no root.
# ci/scenarios/fallback.sh tests the same in real images under a real udev.
set -u
cd "$(dirname "$0")/.." || exit 2
top=$(pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

# The stand-in for modprobe. $ROOT/has/NAME says what becomes of a load: ok, enodev; no file: not installed.
cat > "$work/modprobe" << 'STANDIN'
#!/bin/sh
ignore=no
while :; do case $1 in --ignore-install) ignore=yes ;; -q) ;; *) break ;; esac; shift; done
R=$ENLIGHT_ROOT name=$1
live() { [ "$(cat "$R/sys/module/$1/initstate" 2>/dev/null)" = live ]; }
live "$name" && exit 0
case $name in
enlight_vmbus|hv_vmbus) ;;
enlight_*) live enlight_vmbus || "$0" enlight_vmbus || exit 1 ;;
*) live hv_vmbus || "$0" hv_vmbus || exit 1 ;;
esac
line=$(sed -n "s/^install $name //p" "$R/enlight.conf")
if [ $ignore = no ] && [ -n "$line" ]; then
	shift
	sh -c "$(printf '%s' "$line" | sed "s|\$CMDLINE_OPTS|$*|")"
	exit
fi
[ -e "$R/has/$name" ] || exit 1
until mkdir "$R/busy.$name" 2>/dev/null; do sleep 0.02; done
echo "$*" >> "$R/tried"
result=$(cat "$R/has/$name")
# A second bus is refused by the kernel, whichever it is.
case $name in *_vmbus) [ -d "$R/sys/bus/vmbus" ] && ! live "$name" && result=enodev ;; esac
[ ! -e "$R/slow" ] || sleep 0.2
if [ "$result" = ok ]; then
	mkdir -p "$R/sys/module/$name"
	echo live > "$R/sys/module/$name/initstate"
	case $name in *_vmbus) mkdir -p "$R/sys/bus/vmbus" ;; esac
fi
rmdir "$R/busy.$name"
[ "$result" = ok ]
STANDIN
cat > "$work/modinfo" << 'STANDIN'
#!/bin/sh
[ -e "$ENLIGHT_ROOT/has/$3" ] || exit 1
cat "$ENLIGHT_ROOT/$2/$3" 2>/dev/null || cat "$ENLIGHT_ROOT/$2.all"
STANDIN
chmod +x "$work/modprobe" "$work/modinfo"
export ENLIGHT_MODPROBE="$work/modprobe" ENLIGHT_MODINFO="$work/modinfo"

# A Hyper-V guest with both sets installed and nothing loaded yet.
machine() {
	R=$work/root
	rm -rf "$R"
	mkdir -p "$R/sys/bus/acpi/devices/VMBUS:00" "$R/sys/module" "$R/proc/sys/kernel" "$R/dev" "$R/run" "$R/has" \
		"$R/vermagic" "$R/version"
	echo "root=/dev/sda1 quiet" > "$R/proc/cmdline"
	echo 6.12.1-test > "$R/proc/sys/kernel/osrelease"
	echo "6.12.1-test SMP mod_unload" > "$R/vermagic.all"
	echo 1.0 > "$R/version.all"
	: > "$R/dev/kmsg"
	: > "$R/tried"
	for _m in $(sed -n 's/^install \([a-z0-9_]*\) .*/\1/p' packaging/enlight.conf); do echo ok > "$R/has/$_m"; done
	sed "s|/usr/sbin/enlight-select|$top/packaging/enlight-select|g; s|/sbin/modprobe|$work/modprobe|g
		s|/bin/sh|$shell|g" packaging/enlight.conf > "$R/enlight.conf"
	export ENLIGHT_ROOT="$R"
}

# What udev does for one device: every module whose alias matches, one after the other, errors ignored.
udev() { for _m in "$@"; do "$work/modprobe" "$_m" 2> /dev/null; done; }
loaded() { ls "$R/sys/module" | tr '\n' ' '; }

is() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL select: %s (%s): want "%s", got "%s"\n' "$1" "$shell" "$2" "$3"
	fi
}

cases() {
	for order in "enlight_vmbus hv_vmbus" "hv_vmbus enlight_vmbus"; do
		machine
		udev $order
		is "ours by ACPI alias, $order" "enlight_vmbus " "$(loaded)"
		udev hv_balloon enlight_balloon hv_netvsc hv_storvsc enlight_storvsc hyperv_drm hv_sock
		is "drivers of ours only, $order" "enlight_balloon enlight_storvsc enlight_vmbus " "$(loaded)"
		is "an in-box driver that is not needed is no error" 0 "$("$work/modprobe" hv_storvsc; echo $?)"

		machine
		echo "root=/dev/sda1 enlight=off quiet" > "$R/proc/cmdline"
		udev $order
		udev enlight_balloon hv_balloon hv_sock
		is "enlight=off, $order" "hv_balloon hv_sock hv_vmbus " "$(loaded)"
		is "enlight=off is said once" 1 "$(grep -c 'enlight=off' "$R/dev/kmsg")"
		is "ours are not even tried" 0 "$(grep -c enlight "$R/tried")"

		for missing in enlight_vmbus enlight_balloon enlight_storvsc; do
			machine
			rm "$R/has/$missing"
			udev $order
			udev enlight_balloon hv_balloon
			is "$missing not installed, $order" "hv_balloon hv_vmbus " "$(loaded)"
			machine
			echo "6.1.0-old SMP mod_unload" > "$R/vermagic/$missing"
			udev $order
			udev enlight_balloon hv_balloon
			is "$missing built for another kernel, $order" "hv_balloon hv_vmbus " "$(loaded)"
			is "and it is said why" 1 "$(grep -c "$missing was built for 6.1.0-old" "$R/dev/kmsg")"
		done

		machine
		echo enodev > "$R/has/enlight_vmbus"
		udev $order
		udev enlight_balloon hv_balloon
		is "ours refuses, $order" "hv_balloon hv_vmbus " "$(loaded)"
		is "ours refuses and is tried once" 1 "$(grep -c enlight_vmbus "$R/tried")"
	done

	machine
	udev hyperv_drm
	is "a dependant that comes first by its PCI alias" "enlight_vmbus " "$(loaded)"
	machine
	echo enodev > "$R/has/enlight_vmbus"
	udev hyperv_drm
	is "the same when ours refuses" "hv_vmbus hyperv_drm " "$(loaded)"
	machine
	echo "enlight=off enlight=on" > "$R/proc/cmdline"
	udev hv_vmbus
	is "the last enlight= counts" "enlight_vmbus " "$(loaded)"
	machine
	echo "xenlight=off enlight=offset" > "$R/proc/cmdline"
	udev hv_vmbus
	is "only enlight=off is off" "enlight_vmbus " "$(loaded)"
	machine
	echo 1.1 > "$R/version/enlight_balloon"
	udev hv_vmbus
	is "two builds of the suite mixed" "hv_vmbus " "$(loaded)"
	machine
	mkdir "$R/sys/module/hv_vmbus" "$R/sys/bus/vmbus"
	udev enlight_vmbus enlight_balloon hv_balloon
	is "a built-in bus that runs" "hv_balloon hv_vmbus " "$(loaded)"
	machine
	mkdir "$R/sys/module/hv_vmbus"
	udev enlight_vmbus
	is "a built-in bus that was kept from starting" "enlight_vmbus hv_vmbus " "$(loaded)"
	machine
	"$work/modprobe" enlight_vmbus max_version=5.0 2> /dev/null
	is "options reach the bus that was named" "enlight_vmbus max_version=5.0" "$(cat "$R/tried")"
	machine
	"$work/modprobe" hv_vmbus max_version=5.0 2> /dev/null
	is "and no other" "enlight_vmbus" "$(cat "$R/tried")"
	machine
	echo enodev > "$R/has/enlight_vmbus"
	echo enodev > "$R/has/hv_vmbus"
	udev hv_vmbus
	is "neither starts: each tried once" "enlight_vmbus hv_vmbus " "$(tr '\n' ' ' < "$R/tried")"

	machine
	rmdir "$R/sys/bus/acpi/devices/VMBUS:00"
	echo enodev > "$R/has/hv_vmbus"
	udev hv_sock
	is "no VMBus: as if the suite were not installed" "hv_vmbus" "$(cat "$R/tried")"
	is "and not a word in the log" "" "$(cat "$R/dev/kmsg")"

	machine
	sed -i "s|$top/packaging/enlight-select|/nonexistent|g" "$R/enlight.conf"
	udev enlight_vmbus hv_vmbus enlight_balloon hv_balloon
	is "helper missing from the image" "hv_balloon hv_vmbus " "$(loaded)"

	for verdict in ok enodev; do
		machine
		echo $verdict > "$R/has/enlight_vmbus"
		: > "$R/slow"
		udev enlight_vmbus hv_vmbus &
		udev hyperv_drm &
		udev hv_sock &
		wait
		case $verdict in ok) want="enlight_vmbus " ;; *) want="hv_sock hv_vmbus hyperv_drm " ;; esac
		is "three udev workers at once, ours says $verdict" "$want" "$(loaded)"
		if [ $verdict = enodev ]; then is "and it is said once" 1 "$(grep -c 'take over' "$R/dev/kmsg")"; fi
	done
}

shells="/bin/sh"
for other in /usr/lib/klibc/bin/sh "$(command -v bash)"; do
	if [ -x "$other" ]; then shells="$shells $other"; else skipped=$((skipped + 1)); fi
done
for shell in $shells; do cases; done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
