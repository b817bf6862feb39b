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
	} else if (kind == "c")
		uneven(o[1] + 0, o_last, n[1] + 0, n_last)
}

# As many lines as have the same letters on both sides; surplus empty lines go.
function uneven(i, i_last, j, j_last,    k) {
	for (; i <= i_last; i++) {
		if (old[i] ~ /^[ \t]*$/) {
			if (j <= j_last && new[j] ~ /^[ \t]*$/) j++
			else if (old[i - 1] ~ /^[ \t]*$/ || old[i + 1] ~ /^[ \t]*$/) drop[i] = 1
			continue
		}
		for (k = j; k <= j_last && letters(new[k]) != letters(old[i]); k++)
			;
		if (k > j_last) continue
		take(i, new[k])
		j = k + 1
	}
}

function letters(line) { gsub(/[ \t]/, "", line); return line }

# Blanks squeezed; forgotten those inside braces, at the margin, before a trailing comment, and after a star,
# which clang-format takes for a multiplication now and then.
function plain(line) {
	sub(/[ \t]*(\/\*.*\*\/|\/\/.*)[ \t]*$/, "", line)
	gsub(/[ \t]+/, " ", line)
	gsub(/\* /, "*", line)
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
	if (p == 0 || old[p] ~ /\\$/ || old[p - 1] ~ /\\$/) return 0
	return plain(old[p]) ~ /[;{}:]$/ || plain(old[p]) ~ /^(if|for|while|switch|\} else if) ?\(.*\)$/
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
	if (gone == came)
		swap[i] = (begins(i) && margin(line) ~ /^\t*$/ ? margin(line) : margin(old[i])) \
			substr(line, length(margin(line)) + 1) tail
}

END {
	for (i = 1; i <= last; i++)
		if (!drop[i]) print (i in swap ? swap[i] : old[i])
}
