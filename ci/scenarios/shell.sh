# SPDX-License-Identifier: GPL-2.0-only
# "SHELL=1": the guest's console is the user's terminal, its root on a disk of our host; ends when the guest does.
# May call: lib.sh. Called by: job.sh for ci/run.sh.

GUEST_MAY_BE_GONE=1
ok "the guest boots from its disk" root_boot enl.shell loglevel=6 || return 0
guest "{ echo; echo '*** / is on a disk of $STORVSC, $BUS and $BALLOON are loaded; poweroff -f leaves. ***'; echo; } >/dev/console"
while vm_alive; do sleep 1; done
pass "the console was left"
