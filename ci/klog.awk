# SPDX-License-Identifier: GPL-2.0-only
# Search a kernel log for what must never be there: prints each hit with the lines around it and
# "N reports", and ends with status 1 if there was one. Calls nothing; called by ci/kunit.sh.

BEGIN {
	bad = "BUG:|WARNING:|UBSAN:|Oops|Kernel panic|general protection fault|" \
	      "sleeping function called|suspicious RCU usage|inconsistent lock state|" \
	      "bad unlock balance|possible (circular|recursive) locking|unreferenced object|" \
	      "soft lockup|hard LOCKUP|blocked for more than|rcu: INFO: .*stall|workqueue lockup|" \
	      "refcount_t:|ODEBUG:|list_(add|del) corruption|Bad page state|bad_page|" \
	      "DMA-API: .*(error|exceed|leak|device driver)|stack-protector|" \
	      "trying to register non-static key|held lock freed|lock held when returning|" \
	      "Call Trace:|RIP: 0010"
	reports = 0
}

{ gsub(/\r/, "") }

# A data race counts when one of the two accesses is in a module of ours or at most two calls below one: the
# kernel has races of its own. What has no end, or no frames, counts too.
function settle(whole,	i, n, frame, ours, line) {
	ours = !whole || held[1] ~ /\[enlight_/
	frame = 99
	for (i = 2; i <= holding; i++) {
		line = held[i]
		if (line ~ bad) ours = 1
		else if (line ~ /(read|write).* (to|of) 0x|race at unknown origin/) { frame = 0; n++ }
		else if (line ~ /\+0x[0-9a-f]+\/0x/ && ++frame <= 3 && line ~ /\[enlight_/) ours = 1
	}
	if (ours || !n) {
		reports++
		printf "---- kernel log, line %d\n", NR - holding
		for (i = 1; i <= holding && i <= 60; i++) print held[i]
	} else {
		sub(/.*KCSAN: /, "", held[1])
		print "the kernel's own: " held[1]
	}
	holding = 0
}

/BUG: KCSAN: data-race/ && !holding { holding = 1; held[1] = $0; next }
holding {
	if (/==========/ || holding > 120) settle(1)
	else held[++holding] = $0
	next
}

$0 ~ bad {
	# One report is many lines: those that follow closely belong to it.
	if (!last || NR - last > 40) {
		reports++
		printf "---- kernel log, line %d\n", NR
		for (i = 2; i >= 1; i--)
			if (NR > i)
				print before[(NR - i) % 3]
	}
	last = NR
}

{ before[NR % 3] = $0 }

last && NR - last < 25 { print }

END {
	if (holding) settle(0)
	printf "%d reports\n", reports
	exit reports > 0
}
