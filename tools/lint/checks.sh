# SPDX-License-Identifier: GPL-2.0-only
# The rules that a machine can check. Each check_NAME prints the places that break its rule, and nothing else
# when the rule holds; exit 77 is "cannot check here". May call: grep, awk, functions.awk.
# Called by: lint.sh, in the top of the tree under test, with $files naming every source file.

all() { printf '%s\n' "$files" | grep -E "$1" | grep -vE "${2:-^$}"; }
c_files='\.[ch]$'
modules='^(vmbus|balloon|storvsc|netvsc|timesync|services)/'

# grep -n over the files named on stdin; silent without any.
find_in() { tr '\n' '\0' | xargs -0 -r grep -nE -- "$@" /dev/null; }
awk_in() { tr '\n' '\0' | xargs -0 -r awk "$@"; }

# A floor includes itself and what lies below (docs/architecture.md): folder, then what its files may name.
floors='
wire       ^(wire\.h|wire/[a-z]+\.h)$
vmbus      ^(wire/(wire|ring|control|classes|synic)\.h|(vmbus/)?[a-z_]+\.h)$
vsp        ^(wire/[a-z]+\.h|(vsp/)?[a-z_]+\.h)$
balloon    ^(vmbus/vmbus\.h|wire/[a-z]+\.h|(balloon/)?[a-z_]+\.h)$
storvsc    ^(vmbus/vmbus\.h|wire/[a-z]+\.h|(storvsc/)?[a-z_]+\.h)$
netvsc     ^(vmbus/vmbus\.h|wire/[a-z]+\.h|(netvsc/)?[a-z_]+\.h)$
timesync   ^(vmbus/vmbus\.h|wire/[a-z]+\.h|(timesync/)?[a-z_]+\.h)$
services   ^(vmbus/vmbus\.h|wire/[a-z]+\.h|(services/)?[a-z_]+\.h)$
testhost   ^(vsp/(vsp|fault|memory|echo|disk[a-z_]*|storage[a-z_]*|scsi[a-z_]*)\.h|wire/[a-z]+\.h|(testhost/)?[a-z_]+\.h)$
'

check_floors() {
	printf '%s\n' "$floors" | while read -r folder allowed; do
		if [ -z "$folder" ]; then continue; fi
		all "^$folder/.*$c_files" | awk_in -v folder="$folder" -v allowed="$allowed" '
		/^[ \t]*#[ \t]*include[ \t]*"/ {
			split($0, part, "\"")
			name = part[2]
			own = name !~ /\// || index(name, folder "/") == 1
			if (name !~ allowed || (!own && name !~ /^(wire|vmbus|vsp)\//))
				print FILENAME ":" FNR ": " folder "/ may not include " name
		}'
	done
	# The ground and the host model know no kernel beyond these.
	all '^(wire|vsp)/.*\.[ch]$' | find_in '^[ 	]*#[ 	]*include[ 	]*<' |
		grep -vE '<(linux/(types|stddef|build_bug)\.h|asm/byteorder\.h|std(def|arg|int|bool)\.h)>'
}

# A folder's files call each other downward only: their calls, as pairs, must sort.
check_circles() {
	for folder in $(all '^[a-z]+/[^/]*\.c$' '^kunit/' | sed 's|/.*||' | sort -u); do
		all "^$folder/[^/]*\.c$" | awk_in -f "$lint/functions.awk" |
			awk -F'\t' '$5 == "global" { print $4, $1 }' > "$scratch/defined"
		all "^$folder/[^/]*\.c$" | awk_in -v lines=1 -f "$lint/functions.awk" |
			awk -F'\t' -v defined="$scratch/defined" '
			BEGIN { while ((getline line < defined) > 0) { split(line, d, " "); home[d[1]] = d[2] } }
			{
				text = $4
				while (match(text, /[A-Za-z_][A-Za-z0-9_]*/)) {
					word = substr(text, RSTART, RLENGTH)
					text = substr(text, RSTART + RLENGTH)
					if (word in home && home[word] != $1) print $1, home[word], word "() in " $3 "()"
				}
			}' | sort -u > "$scratch/calls"
		cut -d' ' -f1,2 "$scratch/calls" | tsort 2>&1 > /dev/null | sed -n 's|^tsort: \(.*\.c\)$|\1|p' |
			awk -v calls="$scratch/calls" '{ ring[$1] = 1 }
			END { while ((getline line < calls) > 0) { split(line, c, " "); if (c[1] in ring && c[2] in ring)
				print c[1] ": part of a circle: calls " substr(line, length(c[1]) + 2) } }'
	done
}

check_kernel_headers() {
	all "$c_files" '^compat/probes/' | find_in '#[ 	]*include[ 	]*[<"]linux/hyperv\.h'
	all "$c_files" '^(compat/|vmbus/(platform_hyperv|hypercall)\.c$)' | find_in '#[ 	]*include[ 	]*[<"]asm/(mshyperv|hyperv-tlfs)\.h'
}

# Its names for the hypervisor's things and ours must not meet.
check_platform_apart() {
	all '^vmbus/(platform_hyperv|hypercall)\.c$' | find_in '#[ 	]*include[ 	]*"wire/'
}

check_versions() {
	all "$c_files" '^compat/' | find_in 'LINUX_VERSION_CODE|KERNEL_VERSION[ 	]*\(|RHEL_RELEASE_(CODE|VERSION)|RHEL_MAJOR'
}

check_compat_macros() {
	all '^compat/.*\.h$' | tr '\n' '\0' | xargs -0 -r grep -hoE '^[ 	]*#[ 	]*define[ 	]+compat_[a-z0-9_]+' |
		awk '{ print $NF }' | sort -u |
		awk 'END { if (NR > 10) print "compat/: " NR " compat_ macros, at most 10" }'
}

check_file_length() {
	all '\.([ch]|sh|awk|md)$' '^CHANGELOG\.md$|^docs/vectors' | awk_in '
	function judge() { if (n > limit) print name ": " n " lines, at most " limit }
	FNR == 1 { judge(); name = FILENAME; limit = name ~ /\.md$/ ? 400 : 500 }
	{ n = FNR }
	END { judge() }'
}

check_function_length() {
	all '\.c$' | awk_in -f "$lint/functions.awk" |
		awk -F'\t' '$3 > 80 { print $1 ":" $2 ": " $4 "() has " $3 " lines, at most 80" }'
}

check_wire_asserted() {
	all '^wire/.*\.h$' | awk_in '
	function close_file() { for (s in open_) print open_[s] ": " s " has no ENL_WIRE_SIZE"; split("", open_) }
	FNR == 1 { close_file() }
	/^(struct|union) [a-z0-9_]+ \{/ { open_[$1 " " $2] = FILENAME ":" FNR }
	match($0, /ENL_WIRE_SIZE\((struct|union) [a-z0-9_]+/) {
		delete open_[substr($0, RSTART + 14, RLENGTH - 14)]
	}
	END { close_file() }'
}

check_exports() {
	all '\.[ch]$' '^compat/' | find_in '^[ 	]*EXPORT_SYMBOL' |
		grep -vE 'EXPORT_SYMBOL(_NS)?_GPL\((__)?enl_[a-z0-9_]+[,)]' |
		sed 's/$/: exports are _GPL and begin with enl_/'
	all '\.c$' '^compat/' | awk_in '
	FNR == 1 { split("", doc) }
	/^ \* (__)?enl_[a-z0-9_]+\(\) - ./ { sub(/\(\).*/, "", $2); doc[$2] = 1 }
	/^EXPORT_SYMBOL/ {
		name = $0
		sub(/^[A-Z_]+\(/, "", name)
		sub(/[,)].*/, "", name)
		if (!(name in doc)) print FILENAME ":" FNR ": " name "() has no kernel-doc"
	}'
}

# Types, macros and functions that other folders see.
check_prefix() {
	all '^(wire/[a-z]+|vmbus/(vmbus|platform))\.h$' | awk_in '
	/^[ \t]*#[ \t]*define[ \t]/ { name = $0; sub(/^[ \t]*#[ \t]*define[ \t]+/, "", name); sub(/[^A-Za-z0-9_].*/, "", name)
		if (name !~ /^(ENL_|enl_)/) print FILENAME ":" FNR ": macro " name }
	/^(struct|union|enum) [A-Za-z0-9_]+ \{/ && $2 !~ /^enl_/ { print FILENAME ":" FNR ": " $1 " " $2 }
	/^[a-z].*[ *](__)?[a-z0-9_]+\(/ && !/^(typedef|#)/ && !/^(struct|union|enum) [a-z0-9_]+ \{/ {
		name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
		if (name !~ /^(__)?enl_/ && name !~ /^(__attribute__|_Static_assert)$/) print FILENAME ":" FNR ": function " name
	}'
}

# X-macro tables named *_FAULT_TABLE: every row is provoked by a test that names it.
check_faults_tested() {
	all '^kunit/.*\.[ch]$' | tr '\n' '\0' | xargs -0 -r cat > "$scratch/tests"
	all '\.h$' | awk_in '
	/define[ \t]+[A-Z_]*FAULT_TABLE\(/ { in_table = 1 }
	in_table && match($0, /X\([A-Z][A-Z0-9_]*/) { print FILENAME ":" FNR, substr($0, RSTART + 2, RLENGTH - 2) }
	in_table && !/\\$/ { in_table = 0 }' |
	while read -r place fault; do
		if ! grep -qE "[^A-Z0-9](([A-Z]+_)+FAULT_)?$fault[^A-Z0-9_]" "$scratch/tests"; then
			echo "$place: no test in kunit/ provokes $fault"
		fi
	done
}

# Members of a struct of counters, and rows of a counter table, each with a sentence.
check_counters_described() {
	all "$modules.*$c_files" | awk_in '
	/^struct [a-z0-9_]*(counters|stats) \{/ { in_struct = 1; said = 0; next }
	in_struct && /^}/ { in_struct = 0 }
	in_struct && /\*\// { said = 1 }
	in_struct && /^[ \t]+(u64|atomic64_t|u64_stats_t|unsigned long)[ \t]/ && !/\/\*.*[a-z]/ && !said { print FILENAME ":" FNR ": counter without a description" }
	in_struct && /;/ { said = 0 }
	/define[ \t]+[A-Z_]*(COUNTER|STAT)S?_TABLE\(/ { in_table = 1 }
	in_table && /[ \t(]X\(/ && !/"[^"]+ [^"]+"/ { print FILENAME ":" FNR ": row without a description" }
	in_table && !/\\$/ { in_table = 0 }'
}

# A log call that may repeat needs a limit. Functions that run a bounded number of times are in log-allow.
check_log_limited() {
	all "$modules.*\.c$" | awk_in -v lines=1 -f "$lint/functions.awk" | awk -F'\t' -v allow="$lint/log-allow" '
	BEGIN { while ((getline line < allow) > 0) { split(line, a, " "); ok[a[1] " " a[2]] = 1 } }
	$4 ~ /(^|[^a-z_])(pr|dev)_(emerg|alert|crit|err|warn|notice|info)[ \t]*\(/ && !($1 " " $3 in ok) {
		print $1 ":" $2 ": " $3 "() logs without a rate limit (tools/lint/log-allow lists the exceptions)" }'
}

# The host must not be able to stop the guest; a plain WARN floods the log.
check_no_bug() {
	all "$modules.*\.[ch]$" | find_in '(^|[^A-Z_])(BUG|BUG_ON|WARN|WARN_ON|panic)[ 	]*\('
}

check_conditionals() {
	all "$modules.*\.c$" | awk_in -v lines=1 -f "$lint/functions.awk" |
		awk -F'\t' '$4 ~ /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)/ { print $1 ":" $2 ": conditional inside " $3 "()" }'
}

# Install lines of modprobe.d do not work for modules with a softdep.
check_softdep() {
	all '\.(c|conf)$' | find_in '^[^#]*(MODULE_SOFTDEP|^softdep)'
}

# Nothing of the machine that a change was written on. The brackets keep this file out of its own net.
check_machine_paths() {
	all . '^(COPYING|tools/lint/bad\.sh)$' |
		find_in '(^|[^A-Za-z0-9_.$}/])/(work|home/[a-z]+|roo[t]/)([^A-Za-z0-9_]|$)|(ftp|de[b]|security|snapshot)\.debian\.org|(pypi|npmjs)\.org|crates[.]io'
	all '\.([ch]|sh|awk|md)$|^Makefile$|^Kbuild$' '^(ci/|tools/lint/bad\.sh$)' | find_in '(^|[^A-Za-z0-9_.$}/])/tm[p]/[A-Za-z]'
}

check_spdx() {
	all '\.([chS]|sh|awk|conf|cfg|spec|py|l?ds)$|^(Makefile|Kbuild|dkms\.conf)$|/(Makefile|Kbuild)$' | while IFS= read -r file; do
		if ! head -n 2 "$file" | grep -qE 'SPDX-License-Identifier: GPL-2\.0-only'; then echo "$file: no SPDX line"; fi
	done
	all '(^|/)[a-z.-]+$' '\.' | while IFS= read -r file; do
		if head -n 1 "$file" | grep -q '^#!' && ! head -n 2 "$file" | grep -q SPDX; then echo "$file: no SPDX line"; fi
	done
	all '\.c$' '^compat/probes/' | while IFS= read -r file; do
		if ! head -n 1 "$file" | grep -q '^// SPDX'; then echo "$file: .c files begin with // SPDX"; fi
	done
}

# Modules have one list, told in five places; numbers have one, told in three.
check_module_lists() {
	if [ ! -f Kbuild ]; then return; fi
	sed -n 's/^obj-m .*\(enlight_[a-z]*\)\.o.*/\1/p' Kbuild | grep -v kunit | sort > "$scratch/kbuild"
	sed -n 's/^SET="\(.*\)"/\1/p' packaging/enlight-select | tr ' ' '\n' | sort > "$scratch/select"
	sed -n 's/^install \(enlight_[a-z]*\) .*/\1/p' packaging/enlight.conf | sort > "$scratch/modprobe"
	sed -n 's/^BUILT_MODULE_NAME\[[0-9]*\]="\(.*\)"/\1/p' dkms.conf | sort > "$scratch/dkms"
	for list in select modprobe dkms; do
		if ! cmp -s "$scratch/kbuild" "$scratch/$list"; then
			echo "modules of Kbuild ($(tr '\n' ' ' < "$scratch/kbuild")) and of $list ($(tr '\n' ' ' < "$scratch/$list")) differ"
		fi
	done
	version=$(cat VERSION)
	grep -q "^PACKAGE_VERSION=\"$version\"" dkms.conf || echo "dkms.conf: PACKAGE_VERSION is not $version"
	grep -qsE "^Version: +$version\$" packaging/enlight-dkms.spec || echo "packaging/enlight-dkms.spec: Version is not $version"
}

# A file that no module is made of is not built, and a suite in it is never run.
# Tests of the test host are programs only.
check_objects() {
	if [ ! -f Kbuild ]; then return; fi
	grep -oE '[a-z]+/[a-z0-9_/]+\.o' Kbuild | sed 's/o$/c/' | sort -u > "$scratch/objects"
	all "(^vsp/|^kunit/|$modules).*\.c\$" '^kunit/testhost_' | sort | comm -23 - "$scratch/objects" | sed 's/$/: in no module of Kbuild/'
}

check_tidy() {
	all '\.([ch]|sh|awk|conf|cfg|spec|md)$|^(Makefile|Kbuild|VERSION)$' | find_in '[ 	]+$|'"$(printf '\r')" | sed 's/:[^:]*$/: white space at the end of the line/'
	all '\.([ch]|sh|awk|conf|cfg|spec|md)$|^(Makefile|Kbuild|VERSION)$' | while IFS= read -r file; do
		if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then echo "$file: no newline at the end"; fi
	done
}

# Off: variables shared by sourced files (SC2034, SC2154), arrays of C in awk and grep (SC1087, SC2054).
check_shell() {
	{ all '\.sh$'; all . '\.' | while IFS= read -r file; do
		if head -n 1 "$file" | grep -qE '^#!.*[/ ](ba)?sh$'; then echo "$file"; fi; done; } | while IFS= read -r file; do
		case $(head -n 1 "$file") in '#!'*bash*) dialect="bash" ;; *) dialect="sh" ;; esac
		$dialect -n "$file" 2>&1
		if command -v shellcheck > /dev/null; then
			shellcheck -s $dialect -S warning -e SC2034,SC2154,SC1087,SC2054 -f gcc "$file"
		fi
	done
}
