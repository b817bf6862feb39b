# SPDX-License-Identifier: GPL-2.0-only
# Read KTAP strictly: one or several documents, as kernel log or as the files of debugfs.
# Calls nothing; called by ci/kunit.sh and tools/shim/unit.sh. Any POSIX awk.
#
# A leaf result counts once. What a reader might forgive counts as a failure: a wrong number, a
# plan that is missing or not met, a test that passed over a failed part, a document cut off.
# Prints failed cases with the lines that preceded them, a line for each suite, and the total.
# Ends with status 1 on any failure and when nothing passed.

function fail(text)
{
	failed++
	suite_failed++
	printf "FAIL %s\n", text
	for (i = 1; i <= notes; i++)
		printf "     | %s\n", note[i]
	notes = 0
}

function path(depth, name,    d, s)
{
	for (d = 1; d <= depth; d++)
		s = s (title[d] == "" ? "?" : title[d]) "."
	return s name
}

# A level ends: its plan has to be met. Parameters of a case (depth 2 on) have no plan in KUnit.
function close_level(depth)
{
	if (plan[depth] < 0 && depth < 2)
		fail(path(depth, "") " no plan (1..N)")
	else if (plan[depth] >= 0 && plan[depth] != seen[depth])
		fail(path(depth, "") " " plan[depth] " planned, " seen[depth] + 0 " seen")
	child_bad[depth - 1] += bad[depth]
	had_child[depth - 1] = 1
}

function close_to(depth)
{
	while (open > depth)
		close_level(open--)
}

function open_level(depth)
{
	if (depth <= open)
		close_to(depth - 1)
	if (depth != open + 1) {
		fail("a test begins at depth " depth " inside depth " open)
		while (open < depth - 1)
			reset(++open)
	}
	open = depth
	reset(depth)
}

function reset(depth)
{
	plan[depth] = -1
	seen[depth] = bad[depth] = had_child[depth] = child_bad[depth] = 0
	title[depth] = ""
}

function end_document()
{
	if (open < 0)
		return
	if (open > 0)
		fail(path(open, "") " cut off: no result line")
	close_to(0)
	if (seen[0] == 0)
		fail("a document without a result")
	close_level(0)
	open = -1
}

function result(depth, ok, number, name, skip)
{
	if (open < 0 || depth > open) {
		fail("a result outside of a test: " name)
		return
	}
	close_to(depth)
	if (number != ++seen[depth])
		fail(path(depth, name) " has number " number ", expected " seen[depth])
	if (had_child[depth]) {
		if (!ok && !child_bad[depth])
			fail(path(depth, name) " failed though none of its parts did")
		if (ok && child_bad[depth])
			fail(path(depth, name) " passed over a failed part")
	} else if (skip) {
		skipped++
		suite_skipped++
		printf "skip %s%s\n", path(depth, name), skip
	} else if (ok) {
		passed++
		suite_passed++
	} else {
		fail(path(depth, name))
	}
	bad[depth] += !ok
	had_child[depth] = child_bad[depth] = 0
	notes = 0
	if (depth == 0) {
		printf "%s %s: %d passed, %d failed, %d skipped\n", suite_failed ? "FAIL" : "ok  ",
			name, suite_passed, suite_failed, suite_skipped
		suite_passed = suite_failed = suite_skipped = 0
	}
}

BEGIN {
	open = -1
	passed = failed = skipped = 0
}

{
	line = $0
	gsub(/\r/, "", line)
	sub(/^<[0-9]+>/, "", line)
	sub(/^\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? /, "", line)
	match(line, /^ */)
	depth = int(RLENGTH / 4)
	text = substr(line, RLENGTH + 1)
}

text ~ /^K?TAP version [0-9]+$/ {
	if (depth == 0)
		end_document()
	open_level(depth)
	next
}

text ~ /^1\.\.[0-9]+$/ {
	if (depth == open)
		plan[depth] = substr(text, 4) + 0
	else
		fail("a plan at depth " depth " where depth " open " is open")
	next
}

text ~ /^# Subtest: / {
	if (depth == open)
		title[depth] = substr(text, 12)
	next
}

text ~ /^(not )?ok [0-9]+/ {
	ok = text !~ /^not /
	sub(/^not /, "", text)
	sub(/^ok /, "", text)
	number = text + 0
	sub(/^[0-9]+ *(- )?/, "", text)
	skip = ""
	if (match(text, / *# SKIP/)) {
		skip = ": " substr(text, RSTART + RLENGTH + 1)
		text = substr(text, 1, RSTART - 1)
	}
	result(depth, ok, number, text, skip)
	next
}

# What else is inside a test explains its failure. Totals and the like explain nothing.
open >= 0 && text != "" && text !~ /^# (Totals|module|[^ ]*: pass):?/ {
	if (notes < 200)
		note[++notes] = line
}

END {
	end_document()
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0 || passed == 0
}
