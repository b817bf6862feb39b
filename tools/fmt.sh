#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The format of C files: clang-format with .clang-format, where it can be trusted. May call: clang-format, fmt.awk.
# Called by: "make fmt" (in place), "make quick" (--check), people (with file names, for these only).
#
#   tools/fmt.sh [FILE...]             format in place
#   tools/fmt.sh --check [FILE...]     change nothing; a file that would change is a failure
#
# clang-format knows neither X-macro tables, nor columns of struct members, nor the kernel's attributes, and it
# breaks long lines otherwise than checkpatch wants them. So where lines are broken stays the author's choice
# (ColumnLimit 0; checkpatch, in "make lint", has the word on length and continuation lines), and of what is
# left these changes are taken: the margin of a statement, blanks around operators and keywords, double empty
# lines. Macros, comments, tables and columns stay as they are.
set -uo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 2

check=
if [ "${1-}" = --check ]; then check=1; shift; fi

format=
for name in clang-format-14 clang-format; do
	if command -v $name > /dev/null; then format=$name; break; fi
done
if [ -z "$format" ]; then
	echo "fmt.sh: clang-format is not installed (ci/setup.sh installs it)" >&2
	echo "0 passed, 0 failed, 1 skipped"
	exit 1
fi
# Another version formats otherwise; then the check would fail for no fault of the tree.
if [ -n "$check" ] && ! $format --version | grep -q 'version 14\.'; then
	echo "fmt.sh: skipped: the check needs clang-format 14, here is $($format --version)"
	echo "0 passed, 0 failed, 1 skipped"
	exit 1
fi

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
style=$(sed -e 's/^ColumnLimit: .*/ColumnLimit: 0/' .clang-format)

# Trace events and probes have a form of their own; the shim's one-liners are as short as they can be.
if [ $# -eq 0 ]; then
	mapfile -t files < <({ git ls-files -co --exclude-standard 2> /dev/null || find . -name '*.[ch]' | sed 's|^\./||'; } |
		grep -E '\.[ch]$' | grep -vE '^(compat/(probes|generated|expected)/|tools/shim/|(vmbus|balloon)/trace\.h$)')
else
	files=("$@")
fi

passed=0 failed=0
for file in "${files[@]}"; do
	if [ ! -f "$file" ]; then continue; fi
	printf '%s\n' "$style" > "$work/.clang-format"
	cp "$file" "$work/old.c"
	if ! $format --style=file "$work/old.c" > "$work/new.c"; then
		echo "FAIL $file: clang-format gave up"
		failed=$((failed + 1))
		continue
	fi
	diff "$work/old.c" "$work/new.c" > "$work/diff"
	awk -f tools/fmt.awk "$work/old.c" "$work/new.c" "$work/diff" > "$work/merged.c"
	if cmp -s "$file" "$work/merged.c"; then
		passed=$((passed + 1))
	elif [ -n "$check" ]; then
		failed=$((failed + 1))
		echo "FAIL $file: 'make fmt' would change it"
		diff -u "$file" "$work/merged.c" | sed -n '3,40s/^/  /p'
	else
		passed=$((passed + 1))
		cat "$work/merged.c" > "$file"
		echo "formatted $file"
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
