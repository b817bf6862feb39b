# SPDX-License-Identifier: GPL-2.0-only
# The frame of each job next to the guest: settings, guest up, modules in, scenario, sum.
# May call: vm.sh, lib.sh, the scenario. Called by: level 1's init, or nest.sh on a native machine.
ENL_ROOT=${ENL_ROOT:-/enl}
. ./conf
. ./env
. ./lib/vm.sh
. ./lib/lib.sh
# With VM_PRESTART=0 the scenario starts a guest of its own, which needs no modules from us.
if [ "${VM_PRESTART:-1}" = 1 ]; then
	vm_alive || vm_start || { fail "guest did not come up"; finish; exit 1; }
	ok "guest takes the modules" vm_feed ./payload.tar
fi
. ./scenario.sh
finish
