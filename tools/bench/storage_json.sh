#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Figures of both module sets ("ours_NAME VALUE UNIT", "inbox_NAME VALUE UNIT" on standard input)
# as JSON, one case a line. Calls awk; called by bench.sh. Fails when a figure lacks its partner.
set -euo pipefail
export LC_ALL=C

awk '
$1 ~ /^ours_/ { key = substr($1, 6) " " $3; ours[key] = $2; order[n++] = key }
$1 ~ /^inbox_/ { inbox[substr($1, 7) " " $3] = $2; theirs++ }
END {
	print "{\"cases\":["
	for (i = 0; i < n; i++) {
		split(order[i], word, " ")
		if (!(order[i] in inbox)) {
			print "no figure of the in-box modules: " order[i] > "/dev/stderr"
			lost++
			continue
		}
		theirs--
		ratio = inbox[order[i]] + 0 ? sprintf("%.3f", ours[order[i]] / inbox[order[i]]) : "null"
		printf "%s{\"name\":\"%s\",\"unit\":\"%s\",\"ours\":%s,\"inbox\":%s,\"ratio\":%s}",
			done++ ? ",\n" : "", word[1], word[2], ours[order[i]], inbox[order[i]], ratio
	}
	print done ? "\n]}" : "]}"
	exit lost || theirs || !done
}'
