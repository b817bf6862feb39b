#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel-doc comments of the suite as reStructuredText, one page a file, in docs/api/ (not kept
# in git). A comment that does not fit its function is an error. Calls the kernel's kernel-doc
# script (tools/kernel-scripts.sh); called by make docs.
set -uo pipefail
export LC_ALL=C

cd "$(dirname "$0")/.." || exit 1
if ! scripts=$(tools/kernel-scripts.sh); then
	echo "skip kernel-doc is not here: ci/setup.sh installs it"
	echo "0 passed, 0 failed, 1 skipped"
	exit 1
fi
passed=0 failed=0
rm -rf docs/api
mkdir -p docs/api
for f in $(grep -lE '^/\*\*$' {wire,vmbus,balloon,vsp,kunit}/*.[ch] 2> /dev/null); do
	page=docs/api/$(echo "$f" | tr '/' '-').rst
	if "$scripts/kernel-doc" -rst -Werror "$f" > "$page" 2> docs/api/log && [ -s "$page" ]; then
		passed=$((passed + 1))
	else
		cat docs/api/log
		echo "FAIL $f"
		failed=$((failed + 1))
	fi
done
rm -f docs/api/log
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
