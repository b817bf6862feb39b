# SPDX-License-Identifier: GPL-2.0-only
# Made-up trees for lint.sh's proof of itself: bad_NAME breaks the rule of check_NAME, good_NAME keeps it.
# May call: nothing. Called by: lint.sh, in an empty directory.

src() {		# src FILE: from stdin, with folders as needed
	mkdir -p "$(dirname "$1")"
	cat > "$1"
}

c_function() {	# c_function NAME LINES
	printf 'int %s(void)\n{\n' "$1"
	seq "$2" | sed 's/.*/\tdo_it();/'
	printf '}\n'
}

bad_floors() {
	echo '#include "storvsc/storvsc.h"' | src netvsc/main.c
	echo '#include "vmbus/internal.h"' | src balloon/main.c
	echo '#include <linux/slab.h>' | src vsp/bus.c
	echo '#include "vsp/internal.h"' | src testhost/vmbus.c
}
good_floors() {
	printf '#include <linux/slab.h>\n#include "vmbus/vmbus.h"\n#include "wire/dm.h"\n#include "balloon.h"\n' | src balloon/main.c
	printf '#include <linux/types.h>\n#include "wire/dm.h"\n#include "vsp.h"\n' | src vsp/memory.c
	printf '#include <stdio.h>\n#include "vsp/fault.h"\n#include "testhost/device.h"\n' | src testhost/vmbus.c
}

bad_circles() {
	printf 'void ring(void)\n{\n\tchannel();\n}\n' | src vmbus/ring.c
	printf 'void channel(void)\n{\n\tring();\n}\n' | src vmbus/channel.c
}
good_circles() {
	printf 'void ring(void)\n{\n}\n' | src vmbus/ring.c
	printf 'void channel(void)\n{\n\tring();\n}\n' | src vmbus/channel.c
}

bad_kernel_headers() { echo '#include <linux/hyperv.h>' | src vmbus/bus.c; }
good_kernel_headers() { echo '#include <asm/mshyperv.h>' | src vmbus/platform_hyperv.c; }

bad_platform_apart() { echo '#include "wire/ring.h"' | src vmbus/platform_hyperv.c; }
good_platform_apart() { echo '#include "wire/ring.h"' | src vmbus/ring.c; }

bad_versions() { echo '#if LINUX_VERSION_CODE >= 1' | src vmbus/bus.c; }
good_versions() { echo '#if LINUX_VERSION_CODE >= 1' | src compat/compat.h; }

bad_compat_macros() { seq 11 | sed 's/.*/#define compat_&(x) (x)/' | src compat/compat.h; }
good_compat_macros() { seq 10 | sed 's/.*/#define compat_&(x) (x)/' | src compat/compat.h; }

bad_file_length() { seq 501 | src vmbus/bus.c; }
good_file_length() { seq 500 | src vmbus/bus.c; seq 400 | src docs/admin.md; }

bad_function_length() { c_function long_one 90 | src vmbus/bus.c; }
good_function_length() { { c_function one 60; echo; c_function two 60; } | src vmbus/bus.c; }

bad_wire_asserted() { printf 'struct enl_a {\n\t__le32 a;\n};\n' | src wire/a.h; }
good_wire_asserted() { printf 'struct enl_a {\n\t__le32 a;\n};\nENL_WIRE_SIZE(struct enl_a, 4);\n' | src wire/a.h; }

bad_exports() { { c_function enl_a 1; echo 'EXPORT_SYMBOL_GPL(enl_a);'; } | src vmbus/a.c; }
good_exports() {
	{ printf '/**\n * enl_a() - does it\n */\n'; c_function enl_a 1; echo 'EXPORT_SYMBOL_GPL(enl_a);'; } | src vmbus/a.c
}

bad_prefix() { printf 'struct vmbus_channel {\n};\n' | src vmbus/vmbus.h; }
good_prefix() { printf '#define ENL_A 1\nstruct enl_a {\n};\nint enl_b(struct enl_a *a);\n' | src vmbus/vmbus.h; }

bad_faults_tested() {
	# shellcheck disable=SC1003 # a line that ends with a backslash
	printf '%s\n' '#define ENL_FAULT_TABLE(X) \' '	X(ONE, 1, "one thing") \' '	X(TWO, 0, "another")' | src vmbus/fault.h
	echo 'provoke(ENL_FAULT_ONE); provoke(ENL_FAULT_TWO_MORE);' | src kunit/a_test.c
}
good_faults_tested() {
	bad_faults_tested
	echo 'provoke(ENL_FAULT_TWO);' | src kunit/b_test.c
}

bad_counters_described() { printf 'struct enl_counters {\n\tu64 a;\n};\n' | src vmbus/internal.h; }
good_counters_described() { printf 'struct enl_counters {\n\tu64 a;\t/* of these */\n};\n' | src vmbus/internal.h; }

bad_log_limited() { printf 'void a(void)\n{\n\tdev_err(dev, "host did it again");\n}\n' | src vmbus/a.c; }
good_log_limited() { printf 'void a(void)\n{\n\tdev_err_ratelimited(dev, "host did it again");\n}\n' | src vmbus/a.c; }

bad_no_bug() { printf 'void a(void)\n{\n\tBUG_ON(host_says);\n}\n' | src vmbus/a.c; }
good_no_bug() { printf 'void a(void)\n{\n\tWARN_ON_ONCE(we_say);\n}\n' | src vmbus/a.c; }

bad_conditionals() { printf 'void a(void)\n{\n#ifdef CONFIG_PM\n\tb();\n#endif\n}\n' | src balloon/a.c; }
good_conditionals() { printf '#ifdef CONFIG_PM\nvoid a(void)\n{\n\tb();\n}\n#endif\n' | src balloon/a.c; }

bad_softdep() { echo 'MODULE_SOFTDEP("pre: enlight_vmbus");' | src balloon/main.c; }
good_softdep() { echo '# no softdep here' | src packaging/enlight.conf; }

bad_machine_paths() { echo "make -C /wo""rk/main" | src ci/a.sh; }
good_machine_paths() { echo "make -C \$HOME/work/main" | src ci/a.sh; }

bad_spdx() { echo 'int a;' | src vmbus/a.c; printf '#!/bin/sh\n' | src tools/b.sh; }
good_spdx() {
	echo '// SPDX-License-Identifier: GPL-2.0-only' | src vmbus/a.c
	printf '#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-only\n' | src tools/b.sh
}

lists() {
	printf 'obj-m += enlight_vmbus.o\nobj-m += enlight_%s.o\n' "$1" | src Kbuild
	printf 'SET="enlight_vmbus enlight_balloon"\n' | src packaging/enlight-select
	printf 'install enlight_vmbus x\ninstall enlight_balloon x\ninstall hv_vmbus x\n' | src packaging/enlight.conf
	printf 'PACKAGE_VERSION="1.2.3"\nBUILT_MODULE_NAME[0]="enlight_vmbus"\nBUILT_MODULE_NAME[1]="enlight_balloon"\n' |
		src dkms.conf
	echo 1.2.3 | src VERSION
	echo 'Version:        1.2.3' | src packaging/enlight-dkms.spec
}
bad_module_lists() { lists storvsc; }
good_module_lists() { lists balloon; }

bad_objects() { echo 'enlight_kunit-y := kunit/a_test.o' | src Kbuild; echo 'int b;' | src kunit/b_test.c; }
good_objects() { echo 'enlight_kunit-y := kunit/b_test.o' | src Kbuild; echo 'int b;' | src kunit/b_test.c; }

bad_tidy() { printf 'int a; \n' | src vmbus/a.c; printf 'no end' | src docs/a.md; }
good_tidy() { printf 'int a;\n' | src vmbus/a.c; }

bad_shell() { printf '#!/bin/sh\nif true; then\n' | src tools/a.sh; }
good_shell() { printf '#!/bin/sh\ntrue\n' | src tools/a.sh; }
