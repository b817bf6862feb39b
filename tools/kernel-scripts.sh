#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints a directory with checkpatch.pl and kernel-doc, taken from an installed linux-source package, which
# is the only one that has them. May call: tar, dpkg-query. Called by: lint.sh, docs.sh.
# Exit 77: there is no such package (ci/setup.sh installs one). Unpacking takes a while, once.
set -eu
cache=${ENLIGHT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/enlight}
archive=$(find /usr/src -maxdepth 1 -name 'linux-source-*.tar.*' 2> /dev/null | sort -V | tail -n 1)
if [ -z "$archive" ]; then
	echo "kernel-scripts.sh: no linux-source package installed" >&2
	exit 77
fi
name=$(basename "$archive")
name=${name%.tar.*}
version=$(dpkg-query -W -f '${Version}' "$name" 2> /dev/null | tr '~:' '__') || version=unknown
dir=$cache/scripts/$name-$version
if [ ! -x "$dir/checkpatch.pl" ]; then
	mkdir -p "$dir.$$"
	# All of them lie in one folder: tar may stop reading once it has them.
	tar -xf "$archive" -C "$dir.$$" --strip-components=2 --occurrence=1 "$name/scripts/checkpatch.pl" \
		"$name/scripts/spelling.txt" "$name/scripts/const_structs.checkpatch" "$name/scripts/kernel-doc"
	rm -rf "$dir"
	mv "$dir.$$" "$dir"
fi
echo "$dir"
