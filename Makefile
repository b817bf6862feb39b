# SPDX-License-Identifier: GPL-2.0-only
# The front door: 'make help' lists what it opens. People, packages and dkms come in here; the
# kernel's build system reads Kbuild instead. Each test command ends with a line
# "N passed, N failed, N skipped" and fails on any failure and on zero passed.

# dkms and kernel packages say KERNELRELEASE or kernelver; people say KVER=6.12 or a full release.
KVER ?= $(or $(KERNELRELEASE),$(kernelver))
KDIR ?= $(shell ci/kdir.sh $(KVER))

# "make run SHELL=1" asks for a console, not for another shell to run recipes with.
ifeq ($(origin SHELL),command line)
CONSOLE := $(SHELL)
endif
override SHELL := /bin/sh

# The number of VERSION, and the commit when this is a checkout.
ENL_VERSION := $(shell cat VERSION)$(shell [ ! -e .git ] || \
	git rev-parse --short HEAD 2>/dev/null | sed 's/^/+g/')

# One build in this tree. What the caller adds (W=1, C=2, CC=...) goes through by itself.
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR) ENL_VERSION=$(ENL_VERSION) ENL_KUNIT=$(ENL_KUNIT)

export FULL SEEDS STEPS KVER

all: modules

help:
	@sed -n 's/^#: //p' Makefile

#: make                   the modules for the running kernel; KVER=6.12 or KDIR=dir for another   1 min
modules: probes
	+$(KBUILD) modules

probes: need-kdir
	@compat/probe.sh '$(KDIR)' compat/generated/have.h

#: make check             every test there is; FULL=1 for the long forms                          50 min
check:
	ci/check.sh full

#: make quick             lint, format, user-space tests under ASan and UBSan; no VM, no root     1 min
quick:
	ci/check.sh quick

#: make unit              the user-space tests alone; SUITE=name for one                          20 s
unit:
	tools/shim/unit.sh $(SUITE)

#: make model             every interleaving of small rings; mutants of ring.c must not survive    30 s
model:
	tools/model/ring.sh

#: make kunit             KUnit in a debug kernel under QEMU; SUITE=name for one suite           12 min
kunit:
	ci/kunit.sh SUITE='$(SUITE)'

#: make boot              guests on a Hyper-V compatible host; TEST=name for one, KVER=, CPUS=    25 min
boot:
	ci/boot.sh $(if $(TEST),TEST=$(TEST)) $(if $(CPUS),CPUS=$(CPUS)) $(if $(KVER),KVER=$(KVER)) \
		$(if $(CONSOLE),SHELL=$(CONSOLE))

#: make cross             the kernel's own drivers on our host, in the tests of ours; TEST=storage    15 min
cross:
	ci/cross.sh $(if $(TEST),TEST=$(TEST)) $(if $(CPUS),CPUS=$(CPUS)) $(if $(KVER),KVER=$(KVER))

#: make testhost          our own Hyper-V compatible host on /dev/kvm, as build/testhost         10 s
testhost:
	ci/testhost.sh build/testhost

#: make run               see it work: a guest on our disks, its memory; SHELL=1, KVER=6.1        4 min
run:
	ci/run.sh $(if $(KVER),KVER=$(KVER)) $(if $(CONSOLE),SHELL=$(CONSOLE))

#: make matrix            warning-free builds for every kernel of ci/matrix, probes compared      4 min
matrix:
	ci/matrix.sh

#: make bench             cost of a packet and of a disk request, time to come up; BENCH=storage  12 min
bench:
	tools/bench/bench.sh

#: make dkms              add, build, install and remove through dkms, as a user would            4 min
dkms:
	ci/dkms.sh

#: make lint, make fmt    the rules of the house; the format of C files (in place)                10 s
lint:
	tools/lint.sh

fmt:
	tools/fmt.sh

#: make docs              kernel-doc of every exported function, warnings are errors              10 s
docs:
	tools/docs.sh

#: make install           modules, rules and image hooks for the kernel built for (root)           1 min
install: modules
	packaging/install.sh plain '$(KDIR)'

#: make uninstall         takes all of it away again, dkms or not (root)                          1 min
uninstall:
	packaging/install.sh remove

#: make clean             removes what builds left in the tree
clean:
	rm -rf compat/generated build .tmp_versions Module.symvers modules.order .Module.symvers.cmd \
		.modules.order.cmd .module-common.o compile_commands.json
	find . -path ./.git -prune -o \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name '.*.d' \) -type f -exec rm -f {} +

# kdir.sh has said what is missing.
need-kdir:
	@[ -n '$(KDIR)' ]

.PHONY: all help modules probes need-kdir check quick unit model kunit boot cross testhost run matrix \
	bench dkms lint fmt docs install uninstall clean
# Tests and builds of this file run one after the other; the kernel's make is parallel in itself.
.NOTPARALLEL:
