# SPDX-License-Identifier: GPL-2.0-only
# The harness's own check: a guest comes up on the wished kernel, its agent answers, and tells apart
# success, failure and silence. May call: lib.sh. Called by: boot.sh through ci/tests.cfg.

ok "the guest runs kernel $RELEASE" guest "[ \$(uname -r) = '$RELEASE' ]"
ok "it sees $VM_CPUS CPU(s)" guest "[ \$(nproc) = $VM_CPUS ]"
no "a failing command is seen to fail" guest false
ok "output comes back whole" [ "$(guest 'seq 1 5000' | md5sum)" = "$(seq 1 5000 | md5sum)" ]
guest_t 8 'sleep 60' >/dev/null 2>&1
[ $? = 124 ] && pass "a command that hangs is ended" || fail "a command that hangs is ended"
ok "the hypervisor is Hyper-V" guest 'dmesg | grep -q "Hypervisor detected: Microsoft Hyper-V"'
check_log
