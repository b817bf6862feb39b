# SPDX-License-Identifier: GPL-2.0-only
# Lists the functions of C files in kernel style: FILE LINE LENGTH NAME static|global, tab-separated.
# With -v lines=1 also each line inside a function: FILE LINE NAME TEXT. May call: nothing.
# Called by: checks.sh. A body starts with "{" in the first column and ends with "}" there.
FNR == 1 { start = 0; inside = 0; comment = 0 }
!inside && comment { if ($0 ~ /\*\//) comment = 0; start = 0; next }
!inside && /^[ \t]*\/\*/ { if ($0 !~ /\*\//) comment = 1; start = 0; next }
!inside && (/^[ \t]*$/ || /^#/ || /^[ \t]*\/\// || /;[ \t]*$/ || /^}/) { start = 0; next }
!inside && /^{/ {
	if (start && text ~ /\(/ && text !~ /^(struct|union|enum) [a-z0-9_]+ *$/ && text !~ /=[ \t]*$/) {
		inside = 1
		name = text
		# SYMBOL(...) before the name, such as __attribute__((...)), is not the name.
		gsub(/__[a-z]+__ *\(\([^)]*(\([^)]*\))?[^)]*\)\)/, "", name)
		sub(/\(.*/, "", name)
		sub(/[ \t]+$/, "", name)
		sub(/.*[^A-Za-z0-9_]/, "", name)
		kind = text ~ /(^|[ \t])static([ \t]|$)/ ? "static" : "global"
	}
	next
}
!inside {
	if (!start) { start = FNR; text = "" }
	text = text " " $0
	next
}
/^}/ {
	if (!lines) printf "%s\t%d\t%d\t%s\t%s\n", FILENAME, start, FNR - start + 1, name, kind
	inside = 0
	start = 0
	next
}
lines {
	line = $0
	gsub(/\t/, " ", line)
	gsub(/\/\*[^*]*\*\//, "", line)
	if (line !~ /^ *(\/\*|\* )/) printf "%s\t%d\t%s\t%s\n", FILENAME, FNR, name, line
}
