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
	printf "%d reports\n", reports
	exit reports > 0
}
