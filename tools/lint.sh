#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The rules of the house (docs/architecture.md, docs/testing.md) that a machine can check, one line each.
# May call: lint/checks.sh, lint/bad.sh, kernel-scripts.sh, the kernel's build system. Called by: "make lint".
#
#   tools/lint.sh              all checks, and the proof that each of them can fail
#   tools/lint.sh NAME...      these only
#   PITFALLS=strict            an untested entry of the pitfalls list is a failure, not a count
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 2
top=$(pwd)
lint=$top/tools/lint
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0 skipped=0

# shellcheck source=tools/lint/checks.sh
. "$lint/checks.sh"
# shellcheck source=tools/lint/bad.sh
. "$lint/bad.sh"

verdict() {	# PASS|FAIL|SKIP NAME TEXT
	case $1 in
	PASS) passed=$((passed + 1)) ;;
	FAIL) failed=$((failed + 1)) ;;
	SKIP) skipped=$((skipped + 1)) ;;
	esac
	printf '%s %s%s\n' "$1" "$2" "${3:+: $3}"
}

list_files() {
	if [ -e .git ] && git ls-files > /dev/null 2>&1; then
		git ls-files -co --exclude-standard | while IFS= read -r f; do if [ -f "$f" ]; then echo "$f"; fi; done
	else
		find . -name .git -prune -o -path ./compat/generated -prune -o -type f ! -name '*.o' ! -name '*.ko' \
			! -name '*.mod*' ! -name '.*' -print | sed 's|^\./||'
	fi | sort
}

run_check() {
	status=0
	"check_$1" > "$scratch/found" 2>&1 || status=$?
	if [ $status -eq 77 ]; then
		verdict SKIP "$1" "$(cat "$scratch/found")"
	elif [ -s "$scratch/found" ]; then
		sed 's/^/  /' "$scratch/found"
		verdict FAIL "$1"
	else
		verdict PASS "$1"
	fi
}

# A check that nothing can fail is worth nothing: each must find something in a tree made bad for it, and
# nothing in the same tree made right.
self_test() {
	for kind in bad good; do
		rm -rf "$scratch/tree"
		mkdir -p "$scratch/tree"
		cd "$scratch/tree" || exit 2
		"${kind}_$1"
		files=$(list_files)
		"check_$1" > "$scratch/found" 2>&1
		cd "$top" || exit 2
		if [ $kind = bad ] && [ ! -s "$scratch/found" ]; then verdict FAIL "$1" "finds nothing in a bad tree"; fi
		if [ $kind = good ] && [ -s "$scratch/found" ]; then
			sed 's/^/  /' "$scratch/found"
			verdict FAIL "$1" "complains about a good tree"
		fi
	done
}

# Anything that needs tools of the kernel. Exit 77 when they are not there.
check_checkpatch() {
	scripts=$("$lint/../kernel-scripts.sh" 2>&1) || { echo "$scripts"; return 77; }
	ignore=$(sed -n 's/^\([A-Z_]*\)[ 	].*/\1/p' "$lint/../checkpatch.ignore" | paste -sd,)
	# A file takes a second; what was found in one is kept under the hash of all that decides it.
	kept=${XDG_CACHE_HOME:-$HOME/.cache}/enlight/checkpatch
	mkdir -p "$kept"
	base=$(echo "$scripts $ignore" | sha256sum | cut -c1-16)
	all "^(wire|vmbus|vsp|balloon|storvsc|netvsc|timesync|services|kunit|compat)/.*$c_files" \
		'^compat/probes/|/trace\.h$|^kunit/vectors\.c$' | while IFS= read -r file; do
		result=$kept/$base-$({ echo "$file"; cat "$file"; } | sha256sum | cut -c1-32)
		if [ ! -f "$result" ]; then
			"$scripts/checkpatch.pl" --no-tree --strict --quiet --terse --show-types --max-line-length=100 \
				--no-summary --ignore "$ignore" -f "$file" > "$result.$$" 2>&1
			mv "$result.$$" "$result"
		fi
		cat "$result"
	done
	rm -f .checkpatch-camelcase.*	# its cache, in the wrong place
	find "$kept" -type f -mtime +30 -delete
	return 0
}

# Of the modules each sentence, returned values too; elsewhere what is begun must be whole.
check_kernel_doc() {
	scripts=$("$lint/../kernel-scripts.sh" 2>&1) || { echo "$scripts"; return 77; }
	all "$modules.*$c_files" | tr '\n' '\0' | xargs -0 -r "$scripts/kernel-doc" -none -Wall > "$scratch/doc" 2>&1
	all '^(wire|vsp)/.*\.[ch]$' | tr '\n' '\0' | xargs -0 -r "$scripts/kernel-doc" -none >> "$scratch/doc" 2>&1
	grep -E ': (warning|error):' "$scratch/doc"
	return 0
}

# One file includes ours and the kernel's, for each kernel whose headers are here.
check_names_apart() {
	tried=0
	for series in 6.1 6.12; do
		kdir=$("$lint/../../ci/kdir.sh" $series 2> /dev/null) || continue
		if [ -z "$kdir" ]; then continue; fi
		tried=1
		rm -rf "$scratch/apart"
		mkdir -p "$scratch/apart"
		{
			echo '// SPDX-License-Identifier: GPL-2.0-only'
			echo '#include <linux/module.h>'
			all '^(wire/[a-z]+|vmbus/(vmbus|platform|ring|fault|internal))\.h$' | sed 's/.*/#include "&"/'
			echo '#include <linux/hyperv.h>'
			echo '#include <asm/mshyperv.h>'
			echo 'MODULE_LICENSE("GPL");'
		} > "$scratch/apart/apart.c"
		echo "obj-m := apart.o
ccflags-y := -I$(pwd) -DENL_VERSION=\\\"0\\\"" > "$scratch/apart/Kbuild"
		make -s -C "$kdir" M="$scratch/apart" apart.o > "$scratch/apart.log" 2>&1 || {
			echo "does not compile with <linux/hyperv.h> of $series:"
			grep -E 'error|warning' "$scratch/apart.log" | head -n 20
		}
	done
	if [ $tried = 0 ]; then
		echo "no kernel headers installed"
		return 77
	fi
}

# Entries of the list of known pitfalls that belong to the modules of today: where is each tested?
pitfalls() {
	all '^(kunit/.*\.[ch]|ci/scenarios/.*|docs/testing\.md)$' | tr '\n' '\0' | xargs -0 -r cat |
		grep -oiE '(^|[^A-Za-z0-9])p[-_]?[0-9]{3}([^0-9]|$)' | grep -oE '[0-9]{3}' | sort -u > "$scratch/have"
	for n in $(seq -f %03g 1 164) $(seq 237 255); do echo "$n"; done > "$scratch/want"
	missing=$(comm -23 "$scratch/want" "$scratch/have")
	count=$(printf '%s' "$missing" | grep -c .)
	total=$(grep -c . "$scratch/want")
	if [ "$count" = 0 ]; then
		verdict PASS pitfalls "all $total entries have a test or a line in docs/testing.md"
	else
		printf '%s\n' "$missing" | sed 's/^/P-/' | paste -sd' ' | fold -sw 100 | sed 's/^/  /'
		if [ "${PITFALLS:-}" = strict ]; then
			verdict FAIL pitfalls "$count of $total entries are tested nowhere"
		else
			verdict SKIP pitfalls "$count of $total entries are tested nowhere (PITFALLS=strict fails)"
		fi
	fi
}

simple="floors circles kernel_headers platform_apart versions compat_macros file_length function_length"
simple="$simple wire_asserted exports prefix faults_tested counters_described log_limited no_bug conditionals"
simple="$simple softdep machine_paths spdx module_lists objects tidy shell"
heavy="kernel_doc checkpatch names_apart"

if [ $# -eq 0 ]; then
	# shellcheck disable=SC2086 # names are words
	set -- $simple $heavy pitfalls
fi
for name; do
	files=$(list_files)
	if [ "$name" = pitfalls ]; then pitfalls; continue; fi
	run_check "$name"
	case " $simple " in *" $name "*) self_test "$name" ;; esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
