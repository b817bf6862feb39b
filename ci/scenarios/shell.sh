# SPDX-License-Identifier: GPL-2.0-only
# "SHELL=1": the guest's console is the user's terminal, modules are loaded; ends when the guest does.
# May call: lib.sh. Called by: job.sh for ci/run.sh.

load_all
guest "echo; echo '*** $BUS and $BALLOON are loaded; poweroff -f leaves. ***' >/dev/console
	dmesg | grep -iE 'vmbus|balloon' | tail -n 5 >/dev/console; echo >/dev/console"
GUEST_MAY_BE_GONE=1
while vm_alive; do sleep 1; done
pass "the console was left"
