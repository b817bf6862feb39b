#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs the suite through dkms and takes it away again, as a user would, for each kernel whose headers are
# here, in a sandbox: the machine itself is not changed. May call: sandbox.sh, kernel.sh, dkms.
# Called by: "make dkms", "make check".
#
#   ci/dkms.sh [SERIES...]        default: 6.1 6.12
set -u
export LC_ALL=C
# dkms reads what a make of its own prints: below another make it would announce its directory, too.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
ci=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(dirname "$ci")
version=$(cat "$top/VERSION")
modules=$(sed -n 's/^BUILT_MODULE_NAME\[[0-9]*\]="\(.*\)"/\1/p' "$top/dkms.conf")
passed=0 failed=0 skipped=0

verdict() {	# ok|FAIL|skip TEXT
	case $1 in ok) passed=$((passed + 1)) ;; FAIL) failed=$((failed + 1)) ;; skip) skipped=$((skipped + 1)) ;; esac
	printf '%-4s dkms %s: %s\n' "$1" "$release" "$2"
}

# try TEXT COMMAND...: its output is shown when it fails.
try() {
	text=$1
	shift
	if "$@" > "$tmp/try.log" 2>&1; then
		verdict ok "$text"
	else
		sed 's/^/  /' "$tmp/try.log" | tail -n 40
		sed 's/^/  /' /var/lib/dkms/enlight/*/build/make.log 2> /dev/null | tail -n 40
		verdict FAIL "$text"
		return 1
	fi
}

# Files of ours anywhere, and every change to the kernel's own modules.
traces() {
	find "$SANDBOX_LAYERS" -name '.work.*' -prune -o \( -path '*enlight*' -o -name 'hv_*' -o -name '*hyperv*' \) -print
}

installed() {
	for module in $modules; do
		file=$(modinfo -k "$release" -n "$module") || return 1
		case $file in /lib/modules/"$release"/updates/dkms/*) ;; *) echo "$module is $file"; return 1 ;; esac
		case $(modinfo -F vermagic "$file") in "$release "*) ;; *) echo "$file: wrong vermagic"; return 1 ;; esac
		case $(modinfo -F version "$file") in "$version"*) ;; *) echo "$file: wrong version"; return 1 ;; esac
	done
}

# Both sets must still be there, and each alias of the bus must find both.
both_sets() {
	modinfo -k "$release" -n hv_vmbus | grep -q '/kernel/drivers/hv/' || return 1
	modprobe -S "$release" -R 'acpi:VMBUS:' | sort | tr '\n' ' ' | grep -qx 'enlight_vmbus hv_vmbus '
}

# With our rules in place modprobe hands the in-box names to the helper.
rules_work() {
	modprobe -S "$release" -n -v hv_vmbus | grep -q 'enlight-select load hv_vmbus' &&
		modprobe -S "$release" -n -v enlight_vmbus | grep -q 'enlight-select load enlight_vmbus' &&
		/usr/sbin/enlight-select status
}

refuses() { ! "$@"; }

inside() {
	release=$1
	mkdir -p /var/lib/dkms
	depmod -a "$release"
	status() { dkms status -m enlight -v "$version" | grep -q "$1"; }

	# The single steps, as the handbook of dkms has them.
	mkdir -p "/usr/src/enlight-$version"
	tar -C "$top" --exclude=./.git -cf - . | tar -xf - -C "/usr/src/enlight-$version"
	try "add" dkms add -m enlight -v "$version"
	try "build" dkms build -m enlight -v "$version" -k "$release" || return
	try "status says built" status "$release.*: built"
	try "install" dkms install -m enlight -v "$version" -k "$release"
	try "status says installed" status "$release.*: installed"
	try "modules are in updates/dkms, for this kernel, of this version" installed
	try "in-box modules are untouched, aliases find both sets" both_sets
	try "helper, rules and hooks installed" "$top/packaging/install.sh" files
	try "modprobe asks the helper" rules_work
	try "everything removed" "$top/packaging/install.sh" remove
	try "status knows nothing any more" refuses status .
	traces > "$tmp/traces"
	try "no trace is left" refuses test -s "$tmp/traces" || cat "$tmp/traces"

	if [ "$whole" = yes ]; then
		try "the installer does it all in one step" "$top/packaging/install.sh" dkms "$release"
		try "modules, rules and helper are there" installed && try "modprobe asks the helper" rules_work
		try "an installation over it works" "$top/packaging/install.sh" dkms "$release"
		try "dkms takes its modules away" dkms remove -m enlight -v "$version" --all
		try "the rest goes too" "$top/packaging/install.sh" remove
		rm -rf "/usr/src/enlight-$version"
		traces > "$tmp/traces"
		try "no trace is left" refuses test -s "$tmp/traces" || cat "$tmp/traces"
	fi
}

if [ "${1-}" = --inside ]; then
	tmp=$SANDBOX_LAYERS/.work.test
	mkdir -p "$tmp"
	whole=$3
	inside "$2"
	echo "$passed $failed $skipped"
	exit 0
fi

# The installer's own round once is enough; it calls the same dkms.
whole=yes
if [ $# -eq 0 ]; then set -- 6.1 6.12; fi
for series; do
	release=$series
	if ! command -v dkms > /dev/null; then verdict skip "dkms is not installed (ci/setup.sh installs it)"; continue; fi
	if ! kernel=$("$ci/kernel.sh" "$series"); then verdict skip "this kernel cannot be had"; continue; fi
	release=$(cat "$kernel/release")
	if [ ! -e "$kernel/kdir/Makefile" ]; then verdict skip "no headers installed (ci/setup.sh installs them)"; continue; fi
	log=$(mktemp)
	"$ci/sandbox.sh" "$release=$kernel/lib/modules/$release" -- "$ci/dkms.sh" --inside "$release" $whole > "$log"
	status=$?
	whole=no
	if [ $status = 77 ]; then rm -f "$log"; verdict skip "no sandbox on this machine"; continue; fi
	sed '$d' "$log"
	if result=$(tail -n 1 "$log" | grep -xE '[0-9]+ [0-9]+ [0-9]+'); then
		# shellcheck disable=SC2086 # three numbers
		set_result() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }
		# shellcheck disable=SC2086
		set_result $result
	else
		cat "$log"
		verdict FAIL "the test ended before its end"
	fi
	rm -f "$log"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
