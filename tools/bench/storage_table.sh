#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What storage costs, from build/bench/storage.json on standard input, for people: "text" prints a
# table, "markdown" one for docs/, "svg" a chart; "docs" puts the last two where
# docs/performance.md has them. Calls awk; called by bench.sh, and by hand with "docs".
set -euo pipefail
export LC_ALL=C

cd "$(dirname "$0")/../.."
page=docs/performance.md
chart=docs/storage-bench.svg

# "name unit ours inbox ratio", one case a line.
cases() {
	sed -n 's/^[^{]*{"name":"\([^"]*\)","unit":"\([^"]*\)","ours":\([^,]*\),"inbox":\([^,]*\),"ratio":\([^}]*\)}.*/\1 \2 \3 \4 \5/p'
}

text() {
	awk '
	BEGIN { printf "%-20s %-13s %12s %12s %7s\n", "case", "unit", "ours", "in-box", "ratio" }
	{ printf "%-20s %-13s %12s %12s %7s\n", $1, $2, $3, $4, $5 }'
}

# One row for a case: ours / in-box for each unit, and the ratio of the instructions.
markdown() {
	awk '
	function put(v) { return v == int(v) && v >= 1000 ? put(int(v / 1000)) sprintf(",%03d", v % 1000) : v }
	$2 == "us" { once = once sprintf("| %s | %s us | %s us | %.2f |\n", $1, put($3), put($4), $5); next }
	!($1 in seen) { seen[$1] = ++n; name[n] = $1 }
	{ pair[$1, $2] = put($3) " / " put($4); ratio[$1, $2] = $5 }
	END {
		print "| case | instructions, ours / in-box | ratio | exits | signals | interrupts |"
		print "|---|---|---|---|---|---|"
		for (i = 1; i <= n; i++)
			printf "| %s | %s | %.2f | %s | %s | %s |\n", name[i],
				pair[name[i], "instructions"], ratio[name[i], "instructions"],
				pair[name[i], "exits"], pair[name[i], "signals"],
				pair[name[i], "interrupts"]
		if (once) {
			print "\n| once | ours | in-box | ratio |\n|---|---|---|---|"
			printf "%s", once
		}
	}'
}

# Bars: the in-box driver is 1 in each group.
svg() {
	awk '
	function text(x, y, anchor, what) {
		printf "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, what
	}
	$2 == "instructions" { name[++n] = $1 }
	{ ratio[$1, $2] = $5 == "null" ? 0 : $5; if ($5 > most) most = $5 }
	END {
		split("instructions exits interrupts", unit, " ")
		split("#2f6f9f #7fb2d6 #c9a227", colour, " ")
		left = 170; full = 420; row = 46; top = 50
		if (most < 1.1)
			most = 1.1
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"700\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", top + n * row + 20
		print "<!-- SPDX-License-Identifier: GPL-2.0-only; made by tools/bench/storage_table.sh docs -->"
		printf "<rect width=\"700\" height=\"%d\" fill=\"white\"/>\n", top + n * row + 20
		text(12, 20, "start", "Cost of a request: ours as a share of the in-box driver (line: equal)")
		for (u = 1; u <= 3; u++) {
			printf "<rect x=\"%d\" y=\"28\" width=\"10\" height=\"10\" fill=\"%s\"/>\n", left + (u - 1) * 120, colour[u]
			text(left + (u - 1) * 120 + 14, 37, "start", unit[u])
		}
		for (i = 1; i <= n; i++) {
			y = top + (i - 1) * row
			text(left - 8, y + 22, "end", name[i])
			for (u = 1; u <= 3; u++) {
				r = ratio[name[i], unit[u]]
				printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"10\" fill=\"%s\"/>\n", left, y + (u - 1) * 12 + 2, r / most * full, colour[u]
				text(left + r / most * full + 6, y + (u - 1) * 12 + 11, "start", sprintf("%.2f", r))
			}
		}
		x = left + full / most
		printf "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#444\" stroke-dasharray=\"4 3\"/>\n", x, top - 4, x, top + n * row
		print "</svg>"
	}'
}

# Between the two marks of the page.
docs() {
	cases > "$1/cases"
	markdown < "$1/cases" > "$1/table"
	svg < "$1/cases" > "$chart"
	awk -v table="$1/table" '
	/<!-- storage: end -->/ { inside = 0 }
	!inside { print }
	/<!-- storage: begin/ { inside = 1; while ((getline line < table) > 0) print line }' "$page" > "$1/page"
	cmp -s "$1/page" "$page" || cp "$1/page" "$page"
}

case ${1:-} in
text | markdown | svg) cases | "$1" ;;
docs)
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	docs "$work"
	;;
*)
	echo "usage: tools/bench/storage_table.sh text|markdown|svg|docs < build/bench/storage.json" >&2
	exit 2
	;;
esac
