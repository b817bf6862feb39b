# SPDX-License-Identifier: GPL-2.0-only
# Shell functions shared by the scripts of ci/: cache, messages, hashes, locks. Sourced, never run.
# May call: nothing of the project. Called by: the other scripts of ci/.

CACHE=${ENLIGHT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/enlight}
TOP=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
CI=$TOP/ci
NAME=$(basename -- "$0")
# The root file system of guests that have one on a disk.
# shellcheck disable=SC2034 # for those who source this
ROOT_UUID=656e6c69-6768-7400-8000-726f6f746673

say() { printf '%s\n' "$*" >&2; }
warn() { printf '%s: warning: %s\n' "$NAME" "$*" >&2; }
die() { printf '%s: %s\n' "$NAME" "$*" >&2; exit 2; }

# Content hash of the files and the words given, for keys of the cache. Only content counts, not names.
hash_of() {
	for _x; do
		if [ -f "$_x" ]; then sha256sum <"$_x"; else printf '%s\n' "$_x"; fi
	done | sha256sum | cut -c1-16
}

# run_locked NAME command...: two jobs that need the same cached thing make it once, not twice.
run_locked() {
	_l=$CACHE/.lock.$1
	shift
	mkdir -p "$CACHE"
	(
		flock -w 1800 9 || die "nobody released $_l within 30 minutes"
		"$@" 9>&-
	) 9>"$_l"
}

# The modules of set $1 as scenarios call them.
module_names() {
	case $1 in
	ours) echo 'BUS=enlight_vmbus BALLOON=enlight_balloon STORVSC=enlight_storvsc' ;;
	*) echo 'BUS=hv_vmbus BALLOON=hv_balloon STORVSC=hv_storvsc' ;;
	esac
}

# In a sandbox: kernel $1 with headers $2 as it is after an installation of our modules in $3, where given.
as_installed() {
	# The tools ask what the kernel can unpack; this one need not be installed here.
	[ -f "/boot/config-$1" ] || cp "$2/.config" "/boot/config-$1"
	[ -n "${3:-}" ] || return 0
	mkdir -p "/lib/modules/$1/updates"
	cp "$3"/enlight_*.ko "/lib/modules/$1/updates/"
	depmod -a "$1"
	"$TOP/packaging/install.sh" files
}

# with_libraries DIR PROGRAM...: programs of the distribution and their libraries, in DIR.
with_libraries() {
	_into=$1
	shift
	for _p; do
		mkdir -p "$_into/sbin"
		cp -L "$_p" "$_into/sbin/"
		ldd "$_p" | sed -n 's/.* => \(\/[^ ]*\).*/\1/p; s/^[ \t]*\(\/[^ ]*\) .*/\1/p' | while IFS= read -r _l; do
			mkdir -p "$_into$(dirname "$_l")"
			cp -L "$_l" "$_into$_l"
		done
	done
}

# Runs as root where that needs asking for it.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Compiles one static helper program into the cache and prints its path; the key is its source.
static_tool() {
	_src=$1
	_key=$(hash_of "$_src" "$(${CC:-gcc} -dumpfullversion 2>/dev/null)")
	_out=$CACHE/tools/$(basename "$_src" .c)-$_key
	if [ ! -x "$_out" ]; then
		mkdir -p "$CACHE/tools"
		${CC:-gcc} -std=gnu11 -O2 -Wall -Wextra -Werror -static -o "$_out.$$" "$_src" ||
			die "cannot compile $_src (gcc and libc6-dev needed: make setup)"
		mv "$_out.$$" "$_out"
	fi
	printf '%s\n' "$_out"
}

# Newest first, old entries of a cache folder go: a machine must not fill up with old snapshots.
keep_newest() {
	_dir=$1
	_n=$2
	[ -d "$_dir" ] || return 0
	# shellcheck disable=SC2012 # names are hashes made here
	ls -1dt "$_dir"/*/ 2>/dev/null | tail -n "+$((_n + 1))" | while IFS= read -r _d; do
		rm -rf -- "$_d"
	done
}
