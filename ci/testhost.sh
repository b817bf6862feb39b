#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds the test host, static, into the cache by content; prints its path.
# May call: lib.sh, a compiler. Called by: make testhost, image.sh, people.
#
#   ci/testhost.sh [--sanitize] [TO]      TO: copy it there and print that path instead
set -eu
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

sanitize=
[ "${1:-}" != --sanitize ] || { sanitize=1; shift; }
cd "$TOP"

# One command for all files: a second compiler for each saves little and leaves objects about.
compile() {
	[ -x "$out" ] && return
	mkdir -p "$CACHE/tools"
	# shellcheck disable=SC2086,SC2046 # lists of words
	nice ${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -pthread -I. $flags \
		-o "$out.$$" testhost/*.c vsp/*.c $libs ||
		die "cannot compile the test host (gcc, libc6-dev, liburing-dev needed: make setup)"
	mv "$out.$$" "$out"
}

libs=
! grep -q '^#include <liburing.h>' testhost/*.c || libs=-luring
if [ -n "$sanitize" ]; then
	flags='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
else
	flags='-O2 -static'
fi
key=$(hash_of testhost "$flags" "$libs" "$(${CC:-gcc} -dumpfullversion 2>/dev/null)" \
	testhost/*.[ch] vsp/*.[ch] wire/*.h)
out=$CACHE/tools/testhost-$key
run_locked testhost compile
if [ $# -gt 0 ]; then
	mkdir -p "$(dirname "$1")"
	cp "$out" "$1"
	out=$1
fi
printf '%s\n' "$out"
