#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Run both ends of small rings through every interleaving that a weak memory allows (ring_model.c),
# and prove that the search finds what it is for: each mutant of vmbus/ring.c below must fail.
# Calls a compiler; called by ci/check.sh and by hand. Usage: tools/model/ring.sh
set -uo pipefail
export LC_ALL=C

cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

cc=${CC:-}
for c in clang clang-14 gcc; do
	[ -n "$cc" ] || ! command -v "$c" > /dev/null || cc=$c
done
flags=(-std=gnu11 -O1 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -U_FORTIFY_SOURCE
	-DENL_SHIM -Itools/shim/include -I. -Itools/model)

fail() {
	echo "FAIL $1: $2"
	failed=$((failed + 1))
}

# --- build NAME FLAG...: the model with one ring.c
build() {
	local name=$1
	shift
	"$cc" "${flags[@]}" "$@" -c -o "$work/$name.o" tools/model/ring_model.c &&
		"$cc" -o "$work/$name" "$work/$name.o" "$work/memory.o" "$work/search.o"
}

# --- mutant DIRECTION NAME SED: the model must end with a failure that it explains
mutant() {
	local direction=$1 name=$2 status=0
	sed -e "$3" vmbus/ring.c > "$work/$name.c"
	if cmp -s vmbus/ring.c "$work/$name.c"; then
		fail "$name" "the mutation changes nothing: has vmbus/ring.c changed?"
		return
	fi
	if ! build "$name" -Wno-unused "-DRING_C=\"$work/$name.c\"" -Ivmbus > "$work/log" 2>&1; then
		sed 's/^/     | /' "$work/log" | head -n 20
		fail "$name" "does not compile"
		return
	fi
	timeout 120 "$work/$name" "$direction" > "$work/log" 2>&1 || status=$?
	if [ $status = 1 ] && grep -q '^FAIL' "$work/log"; then
		echo "ok   without $name: $(grep -v '^ok\|^  \|^FAIL' "$work/log" | head -n 1)"
		passed=$((passed + 1))
	else
		fail "$name" "the model does not miss it (status $status)"
	fi
}

# in_ FUNCTION COMMANDS: sed commands for one function
in_() {
	echo "/^[a-z].*\\b$1(/,/^}/{$2}"
}

for f in memory search; do
	"$cc" "${flags[@]}" -c -o "$work/$f.o" "tools/model/$f.c" || exit 1
done
build as_it_is || exit 1
if timeout 300 "$work/as_it_is" > "$work/log" 2>&1; then
	cat "$work/log"
	passed=$((passed + $(grep -c '^ok' "$work/log")))
else
	tail -n 60 "$work/log"
	fail ring.c "goes wrong"
fi

# Two read barriers, in enl_ring_publish() and enl_ring_commit(), are not among these: without them
# nobody waits for ever, there may be a doorbell too many.
# What each line of ring.c is for: gone, or turned into what was wrong in other drivers.
no_mb='s/^\tvirt_mb();$//'
out='guest sends' in='host sends'
mutant "$out" publish_barrier "$(in_ enl_ring_publish "$no_mb")"
mutant "$out" publish_release "$(in_ enl_ring_publish \
	's/virt_store_release(&\(.*write_index\),/WRITE_ONCE(\1,/')"
mutant "$out" publish_old_index "$(in_ enl_ring_publish 's/ == old;/ == out->write;/')"
mutant "$out" want_room_barrier "$(in_ enl_ring_want_room "$no_mb")"
mutant "$out" want_room_recheck "$(in_ enl_ring_want_room \
	's/if (out_free(out, bytes, &room) || room <= bytes)/if (!out_free(out, 0, \&room))/')"
mutant "$out" write_last_byte "$(in_ enl_ring_reserve 's/room <= total/room < total/')"
mutant "$in" read_acquire "$(in_ in_available 's/virt_load_acquire(&\(.*\)));/READ_ONCE(\1));/')"
mutant "$in" commit_barrier "$(in_ enl_ring_commit "$no_mb")"
mutant "$in" commit_crossing "$(in_ enl_ring_commit 's/room > wanted \&\&/room > wanted + 1024 \&\&/')"
mutant "$in" commit_old_room "$(in_ enl_ring_commit 's/<= wanted;/< wanted;/')"
early='shared_store(\&in->control->read_index, advance(in->read, length + 8, in->bytes));'
mutant "$in" commit_after_copy "$(in_ enl_ring_read "s/^\tmemcpy(copy, in->data.*/\t$early\n&/")"
mutant "$in" unmask_barrier "$(in_ enl_ring_unmask "$no_mb")"
mutant "$in" unmask_recheck "$(in_ enl_ring_unmask 's/return .*/return false;/')"
mutant "$in" mask_at_all "$(in_ enl_ring_unmask 's/interrupt_mask, 0/interrupt_mask, 1/')"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
