# SPDX-License-Identifier: GPL-2.0-only
# Decides which of clang-format's changes are taken (fmt.sh says which and why). May call: nothing.
# Called by: fmt.sh, with the old file, the new file and their diff, in this order. Prints the merged file.
FILENAME == ARGV[1] { old[FNR] = $0; last = FNR; next }
FILENAME == ARGV[2] { new[FNR] = $0; next }
/^[0-9]/ {
	match($0, /[acd]/)
	kind = substr($0, RSTART, 1)
	split(substr($0, 1, RSTART - 1), o, ",")
	split(substr($0, RSTART + 1), n, ",")
	o_last = o[2] ? o[2] : o[1]
	n_last = n[2] ? n[2] : n[1]
	if (kind == "d") {
		for (i = o[1] + 0; i <= o_last; i++)
			if (old[i] ~ /^[ \t]*$/) drop[i] = 1
	} else if (kind == "c" && o_last - o[1] == n_last - n[1]) {
		for (i = o[1] + 0; i <= o_last; i++)
			take(i, new[n[1] + i - o[1]])
	}
}

# Blanks squeezed; those in "* const" (checkpatch wants it), inside braces, at the margin and before a trailing comment forgotten.
function plain(line) {
	sub(/[ \t]*(\/\*.*\*\/|\/\/.*)[ \t]*$/, "", line)
	gsub(/[ \t]+/, " ", line)
	gsub(/\* const/, "*const", line)
	gsub(/\{ /, "{", line)
	gsub(/ \}/, "}", line)
	sub(/^ /, "", line)
	return line
}

function margin(line) { match(line, /^[ \t]*/); return substr(line, 1, RLENGTH) }

# Does the line begin a statement? Then its margin is the block's and has one right form.
function begins(i,    p) {
	for (p = i - 1; p > 0 && (old[p] ~ /^[ \t]*$/ || old[p] ~ /^[ \t]*(\/?\*|\/\/)/); p--)
		;
	return p > 0 && plain(old[p]) ~ /[;{}:]$/ && old[p] !~ /\\$/ && old[p - 1] !~ /\\$/
}

function take(i, line,    tail) {
	# Macros, comments, strings next to one another and table rows are the author's.
	if (old[i] ~ /^[ \t]*(#|\/?\*|\/\/|"|\{|\[)/ || old[i] ~ /\\$/ || old[i - 1] ~ /\\$/) return
	# A member, a declaration in columns or a table row: what follows the first word may be aligned by hand.
	if (plain(old[i]) == plain(line)) {
		if (begins(i) && margin(line) ~ /^\t*$/ && margin(old[i]) != margin(line))
			swap[i] = margin(line) substr(old[i], length(margin(old[i])) + 1)
		return
	}
	tail = ""
	if (match(old[i], /[ \t]*(\/\*.*\*\/|\/\/.*)[ \t]*$/)) tail = substr(old[i], RSTART)
	sub(/[ \t]*(\/\*.*\*\/|\/\/.*)[ \t]*$/, "", line)
	if (plain(old[i]) == plain(line)) return
	gone = plain(old[i]); came = plain(line)
	gsub(/ /, "", gone); gsub(/ /, "", came)
	if (gone == came) swap[i] = margin(old[i]) substr(line, length(margin(line)) + 1) tail
}

END {
	for (i = 1; i <= last; i++)
		if (!drop[i]) print (i in swap ? swap[i] : old[i])
}
