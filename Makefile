# SPDX-License-Identifier: Apache-2.0
# berth: one non-recursive Makefile.  O=DIR builds elsewhere, V=1 shows commands,
# SAN=1 builds with ASan and UBSan (dynamic), FUZZ=1 for libFuzzer (clang), CC=…
# cross-builds.  `make help` lists the targets.

O ?= build
PREFIX ?= /usr/local
DESTDIR ?=
CC = gcc
VERSION := 0.1.0

# All processors (JOBS=N: as many).
ifeq ($(MAKELEVEL),0)
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
MAKEFLAGS += -j$(JOBS)
endif

# --- flags ------------------------------------------------------------------

cc-option = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))

# Texts that are passed on: gcc is content when their owner was checked.
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wcast-qual -Wvla -Wundef -Wwrite-strings \
	-Wpointer-arith -Wformat=2 -Wmissing-include-dirs -Wredundant-decls \
	-Wno-unused-parameter $(call cc-option,-Wlogical-op) \
	$(call cc-option,-Wduplicated-cond) $(if $(filter %clang,$(CC)),-Wno-format-nonliteral) $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong $(call cc-option,-fstack-clash-protection) \
	$(call cc-option,-fcf-protection) -fPIE
COMMON := -std=gnu17 -O2 -g -Isrc -D_GNU_SOURCE $(WARN) $(HARDEN) \
	-fvisibility=hidden -ffunction-sections -fdata-sections -MMD -MP
# WEAK=IN_ROOT: without that defence (src/util/weak.h), for the tests of tests.
ifdef WEAK
VERSION := $(VERSION)-weak-$(WEAK)
CPPFLAGS += -DBERTH_WEAK=DEFENCE_$(WEAK)
ifeq ($(abspath $(O)),$(abspath build))
$(error WEAK=$(WEAK) needs an O= of its own)
endif
ifneq ($(filter install,$(MAKECMDGOALS)),)
$(error a berth with WEAK=$(WEAK) is for tests only)
endif
endif
CPPFLAGS += -DBERTH_VERSION='"$(VERSION)"'

ifdef SAN
CFLAGS_MODE := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
LDFLAGS_MODE := -fsanitize=address,undefined -pie
else ifdef FUZZ
CFLAGS_MODE := -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS_MODE := -fsanitize=fuzzer,address,undefined -pie
else
CFLAGS_MODE := -D_FORTIFY_SOURCE=2
LDFLAGS_MODE := $(if $(DYNAMIC),-pie,-static-pie)
endif
CFLAGS_BERTH := $(COMMON) $(CFLAGS_MODE) $(CFLAGS)
LDFLAGS_BERTH := $(LDFLAGS_MODE) -Wl,-z,relro,-z,now,-z,noexecstack \
	-Wl,--gc-sections $(LDFLAGS)
LIBS := -lseccomp $(if $(or $(SAN),$(FUZZ),$(DYNAMIC)),-lyajl,-l:libyajl_s.a)

# berth itself is built with musl: glibc looks at the processor with dozens of
# cpuid instructions before main, each of which traps in a virtual machine: 0.57
# ms a start where musl takes 0.09.  Debian's archives of yajl and libseccomp
# were built against glibc, but need nothing of it that musl lacks except for
# checking functions (src/libc/).  Tests, sanitizers and fuzzers use the
# hosted objects; LIBC=glibc builds berth from those as well.
LIBC ?= $(if $(or $(SAN),$(FUZZ),$(DYNAMIC)),glibc,musl)
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
MUSL := $(MULTIARCH:%-linux-gnu=%-linux-musl)
MUSL_LIB := /usr/lib/$(MUSL)
MUSL_INCLUDE := $(O)/include
# (clang sees the signs in musl's CMSG_NXTHDR.)
CFLAGS_STATIC := $(COMMON) -nostdinc -isystem $(shell $(CC) -print-file-name=include 2>/dev/null) \
	-isystem /usr/include/$(MUSL) -isystem $(MUSL_INCLUDE) \
	-include src/libc/fortify.h -fno-asynchronous-unwind-tables \
	$(if $(filter %clang,$(CC)),-Wno-sign-compare) $(CFLAGS)
LDFLAGS_STATIC := -nostdlib -static-pie -Wl,-z,relro,-z,now,-z,noexecstack \
	-Wl,--gc-sections -Wl,--no-dynamic-linker $(LDFLAGS)
crt = $(shell $(CC) -print-file-name=$(1))

# berth-init: no C library, no relocations, so nothing to start up.  On AArch64 a
# global canary would be reached through the GOT; there the thread's register,
# which no C library uses, points to it.
GUARD_REGISTER := -mstack-protector-guard=sysreg -mstack-protector-guard-reg=tpidr_el0 \
	-mstack-protector-guard-offset=0
CFLAGS_INIT := $(filter-out -D_FORTIFY_SOURCE=2 -fsanitize% -fno-sanitize%,$(COMMON)) -Os -g0 \
	-ffreestanding -fno-builtin-printf -DBERTH_FREESTANDING \
	-fno-asynchronous-unwind-tables -fno-stack-clash-protection \
	$(or $(call cc-option,-fno-tree-loop-distribute-patterns),-fno-builtin) \
	-include src/init/hidden.h \
	$(or $(call cc-option,$(GUARD_REGISTER)),$(call cc-option,-mstack-protector-guard=global))

# --- sources ----------------------------------------------------------------

LIB_DIRS := util oci wire dbus namespaces rootfs cgroups security process console hooks net resctrl container cli
LIB_SRC := $(foreach d,$(LIB_DIRS),$(wildcard src/$(d)/*.c))
CLI_SRC := src/programs/berth.c
INIT_SRC := $(wildcard src/init/*.c) src/wire/plan_read.c src/wire/plan_codes.c src/programs/berth-init.c

LIB_OBJ := $(LIB_SRC:src/%.c=$(O)/%.o)
CLI_OBJ := $(CLI_SRC:src/%.c=$(O)/%.o)
STATIC_OBJ := $(patsubst src/%.c,$(O)/static/%.o,$(LIB_SRC) $(CLI_SRC) $(wildcard src/libc/*.c))
INIT_OBJ := $(INIT_SRC:src/%.c=$(O)/free/%.o)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

.PHONY: all clean
.SECONDARY:
all: $(O)/berth

$(O)/%.o: src/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_BERTH) -c $< -o $@

$(O)/static/%.o: src/%.c | $(MUSL_INCLUDE)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_STATIC) -c $< -o $@

# Its loops must not be taken for what they are.
$(O)/static/libc/memcpy.o: CFLAGS += $(or $(call cc-option,-fno-tree-loop-distribute-patterns),-fno-builtin)

# The headers of the kernel and of the two libraries, without glibc's beside them.
$(MUSL_INCLUDE):
	$(Q)mkdir -p $@.tmp && ln -sfn /usr/include/linux /usr/include/asm-generic \
		/usr/include/yajl /usr/include/seccomp.h /usr/include/seccomp-syscalls.h $@.tmp/ && \
		ln -sfn /usr/include/$(MULTIARCH)/asm $@.tmp/asm && mv -T $@.tmp $@

$(O)/free/%.o: src/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_INIT) -c $< -o $@

$(O)/berth-init: $(INIT_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -nostdlib -static-pie -Wl,-z,relro,-z,now,-z,noexecstack,--gc-sections,-z,noseparate-code,--build-id=none,-s $^ -o $@

# The image of berth-init travels inside berth: one file, never two versions.
$(O)/container/init_blob.o: src/container/init_blob.S $(O)/berth-init
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)key=$$(sha256sum $(O)/berth-init | cut -c1-32) && \
		$(CC) -DINIT_IMAGE='"$(O)/berth-init"' -DINIT_KEY="\"$$key\"" -c $< -o $@

$(O)/libberth.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

ifeq ($(LIBC),musl)
$(O)/berth: $(STATIC_OBJ) $(O)/container/init_blob.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_STATIC) $(MUSL_LIB)/rcrt1.o $(MUSL_LIB)/crti.o $(call crt,crtbeginS.o) $^ \
		-Wl,--start-group -lseccomp -l:libyajl_s.a $(MUSL_LIB)/libc.a -lgcc -Wl,--end-group \
		$(call crt,crtendS.o) $(MUSL_LIB)/crtn.o -o $@
else
$(O)/berth: $(CLI_OBJ) $(O)/libberth.a $(O)/container/init_blob.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_BERTH) $(CLI_OBJ) $(O)/container/init_blob.o $(O)/libberth.a $(LDFLAGS_BERTH) $(LIBS) -o $@
endif

# The commit in --version is that of the checkout, where there is one.
COMMIT := $(if $(wildcard .git),$(shell git describe --always --dirty 2>/dev/null))
$(O)/cli/version.o $(O)/static/cli/version.o: CPPFLAGS += $(if $(COMMIT),-DBERTH_COMMIT='"$(COMMIT)"')
$(O)/cli/version.o $(O)/static/cli/version.o: $(wildcard .git/logs/HEAD)

clean:
	rm -rf $(O)

# --- unit tests: tests/unit/test_NAME.c, one program each --------------------

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(O)/tests/%)
# The executor of berth-init, hosted, so that its parts can be tested too.
HOSTED_INIT_OBJ := $(patsubst src/%.c,$(O)/%.o,$(filter-out src/init/libc.c,$(wildcard src/init/*.c)))

$(O)/tests/%: tests/unit/%.c $(O)/libberth.a $(HOSTED_INIT_OBJ) $(O)/container/init_blob.o
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_BERTH) -Itests $< $(HOSTED_INIT_OBJ) $(O)/container/init_blob.o $(O)/libberth.a \
		$(filter-out -static-pie,$(LDFLAGS_BERTH)) -pie -lcmocka -lm $(LIBS) -o $@

.PHONY: unit unit-programs
unit-programs: $(UNIT_BIN)
unit: $(UNIT_BIN)
	@rm -rf $(O)/results/unit
	@tests/run --results $(O)/results/unit --label unit $(UNIT_BIN)
	@tests/run --count $(O)/results/unit

# --- what Debian packages are needed ------------------------------------------

DEPS := gcc libc6-dev musl-dev libseccomp-dev libyajl-dev
MACHINE_DEPS := qemu-system-x86 qemu-system-common linux-image-cloud-amd64 \
	e2fsprogs cpio util-linux kmod
DEMO_DEPS := busybox-static jq
TEST_DEPS := $(DEMO_DEPS) apparmor libcmocka-dev bats bash-static procps strace diffutils iproute2 python3 mandoc \
	uidmap systemd dbus libpam-systemd
ENGINES_DEPS := podman buildah catatonit netavark containerd docker.io python3-grpcio apparmor \
	dbus-user-session
LINT_DEPS := clang clang-tidy shellcheck mandoc universal-ctags binutils jq \
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross
FUZZ_DEPS := clang libclang-rt-14-dev llvm
BENCH_DEPS := $(DEMO_DEPS) crun runc strace podman containerd

# install-packages LIST: says and does nothing when all of them are there.  A
# package's service (Docker's) must not start: policy-rc.d says so.
define install-packages
@missing=; for p in $(1); do \
	dpkg-query -W -f '$${db:Status-Abbrev}\n' $$p 2>/dev/null | grep -q ^ii || missing="$$missing $$p"; \
done; \
[ -z "$$missing" ] || { echo "  INSTALL$$missing"; \
	policy=/usr/sbin/policy-rc.d; [ -e $$policy ] || { trap "rm -f $$policy" EXIT; \
		printf '#!/bin/sh\nexit 101\n' >$$policy && chmod 755 $$policy; }; \
	DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install -y -qq --no-install-recommends $$missing \
		>/dev/null </dev/null; }
endef

.PHONY: deps test-deps machine-deps
deps:
	$(call install-packages,$(DEPS))
machine-deps:
	$(call install-packages,$(MACHINE_DEPS))
test-deps:
	$(call install-packages,$(DEPS) $(TEST_DEPS) $(ENGINES_DEPS) $(MACHINE_DEPS))

# Packages first, then a new make: this one already asked the compiler about its
# options, which may not have been there.
AGAIN := +@$(MAKE) --no-print-directory

# --- tests ----------------------------------------------------------------------

RESULTS := $(O)/results
# Those that take longest first, so that two at a time end together.
HOST_BATS := $(wildcard tests/fault/*.bats tests/race/*.bats tests/security/*.bats) \
	$(shell ls -S tests/cli/*.bats)
# A file with the line `# Host only: …` needs nothing that the machine adds.
MACHINE_BATS := $(shell grep -L '^\# Host only' $(HOST_BATS) /dev/null | grep -v ^/dev/null) \
	$(wildcard tests/machine/*.bats)
# With systemd as the machine's first process.
SYSTEMD_BATS := $(wildcard tests/systemd/*.bats)
# A test takes seconds in there: check runs what only the machine can show,
# check-long everything.
SHORT_MACHINE_BATS := $(wildcard tests/engines/*.bats tests/machine/*.bats) \
	tests/cli/lifecycle.bats tests/cli/options.bats tests/cli/show.bats
# Limits of the real kernel: most hosts cannot hand out every controller.
MACHINE_UNIT := $(filter %_live %_where,$(UNIT_BIN))
LONG_BATS := $(wildcard tests/long/*.bats tests/engines/*.bats tests/engines/long/*.bats)
export BERTH := $(abspath $(O)/berth)
export FAILCALL := $(abspath $(O)/tools/failcall)
export SWAP := $(abspath $(O)/tools/swap)

.PHONY: check check-built check-long check-long-built san san-built san-long san-long-built
check: test-deps
	$(AGAIN) check-built

# failcall makes single system calls of a process fail, swap exchanges two files.
TEST_TOOLS := $(O)/tools/failcall $(O)/tools/swap
$(O)/tools/%: tests/lib/%.c
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) -pie $< -lseccomp -o $@

# The count is the last line, and its status that of the whole.
check-built: all $(UNIT_BIN) $(TEST_TOOLS)
	@rm -rf $(RESULTS)
	@tests/run --results $(RESULTS) --label unit --timeout 120 $(UNIT_BIN)
	@tests/run --results $(RESULTS) --label host $(HOST_BATS)
	-@tests/run --results $(RESULTS) --label machine --timeout 1200 --machine $(SHORT_MACHINE_BATS)
	-@tests/run --results $(RESULTS) --label systemd --timeout 1200 --systemd $(SYSTEMD_BATS)
	@tests/run --count $(RESULTS)

check-long: test-deps
	$(call install-packages,mmdebstrap)
	$(AGAIN) check-long-built

# Debian's minimal root file system, from its packages.  What mmdebstrap mounts
# meanwhile is in a namespace of its own.
$(O)/debian:
	$(call say,DEBIAN,$@)
	$(Q)rm -rf $@.tmp && unshare -m --propagation private mmdebstrap --quiet --mode=root \
		--variant=minbase --include=procps $$(. /etc/os-release; echo $$VERSION_CODENAME) $@.tmp && mv $@.tmp $@

# Each defence left out in turn, and the attacks that it is there for.
.PHONY: check-weak check-weak-built
check-weak: test-deps
	$(AGAIN) check-weak-built
check-weak-built: all $(TEST_TOOLS)
	@O=$(O) tests/security/without $(WITHOUT)

check-long-built: export BERTH_LONG := 1
check-long-built: all $(UNIT_BIN) $(TEST_TOOLS) $(O)/debian
	@rm -rf $(RESULTS)
	@tests/run --results $(RESULTS) --label unit --timeout 120 $(UNIT_BIN)
	@tests/run --results $(RESULTS) --label host --timeout 1200 tests/vm.d/self-test.bats $(HOST_BATS) tests/long/debian.bats
	@O=$(O) tests/run --results $(RESULTS) --label host --timeout 5400 tests/security/without
	-@tests/run --results $(RESULTS) --label machine --timeout 7200 --machine $(LONG_BATS) $(MACHINE_UNIT) $(MACHINE_BATS)
	-@tests/run --results $(RESULTS) --label systemd --timeout 3600 --systemd $(SYSTEMD_BATS)
	@tests/run --count $(RESULTS)

# Unit tests and commands under the address and undefined behaviour sanitizers, on
# the host; san-long: in the test machine too, where each command takes seconds.
san san-long: test-deps
	$(AGAIN) O=$(O)/san SAN=1 $@-built

san-built san-long-built: export ASAN_OPTIONS := abort_on_error=0:exitcode=99:detect_leaks=1
san-built san-long-built: export UBSAN_OPTIONS := print_stacktrace=1
san-built san-long-built: all $(UNIT_BIN) $(TEST_TOOLS)
	@rm -rf $(RESULTS)
	@tests/run --results $(RESULTS) --label unit --timeout 300 $(UNIT_BIN)
	@tests/run --results $(RESULTS) --label host --timeout 1200 $(HOST_BATS)
	$(if $(filter san-long-built,$@),-@tests/run --results $(RESULTS) --label machine --timeout 14400 --machine $(MACHINE_UNIT) $(MACHINE_BATS))
	@tests/run --count $(RESULTS)

# --- lint: every tests/lint/check-* -------------------------------------------

.PHONY: lint lint-deps lint-built cross-objects print-flags print-static-flags print-init-flags
lint-deps:
	$(call install-packages,$(DEPS) $(LINT_DEPS))
lint: lint-deps
	$(AGAIN) lint-built
lint-built: export O := $(O)
lint-built: all
	@failed=; for c in tests/lint/check-*; do \
		$$c && echo "  ok      $$c" || { echo "  FAILED  $$c"; failed=1; }; \
	done; [ -z "$$failed" ]

# What the checks ask for: everything for another processor, and the flags.
cross-objects: $(LIB_OBJ) $(CLI_OBJ) $(O)/berth-init
print-flags:
	$(info $(CPPFLAGS) $(filter-out -MMD -MP,$(COMMON)))@:
print-static-flags:
	$(info $(CPPFLAGS) $(filter-out -MMD -MP,$(CFLAGS_STATIC)))@:
print-init-flags:
	$(info $(CPPFLAGS) $(filter-out -MMD -MP,$(CFLAGS_INIT)))@:

# --- fuzz: each tests/fuzz/fuzz_NAME.c for FUZZ_SECONDS -------------------------

FUZZ_SECONDS ?= 60
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(O)/%)

$(O)/fuzz_%: tests/fuzz/fuzz_%.c $(O)/libberth.a $(HOSTED_INIT_OBJ) $(O)/container/init_blob.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_BERTH) -Itests $< $(HOSTED_INIT_OBJ) $(O)/container/init_blob.o $(O)/libberth.a \
		$(LDFLAGS_BERTH) $(LIBS) -o $@

.PHONY: fuzz fuzz-deps fuzz-built
fuzz-deps:
	$(call install-packages,$(DEPS) $(FUZZ_DEPS))
fuzz: fuzz-deps
	$(AGAIN) O=$(O)/fuzz FUZZ=1 CC=clang fuzz-built
fuzz-built: $(FUZZ_BIN)
	@tests/fuzz/run --seconds $(FUZZ_SECONDS) --work $(O) $(FUZZ_BIN)

# --- bench and demo -------------------------------------------------------------

BENCH_BIN := $(O)/bench/floor $(O)/bench/floor-glibc $(O)/bench/alternate $(O)/bench/batch \
	$(O)/bench/empty $(O)/bench/idle

# The floor would not be one if it started more slowly than berth: the same libc.
# With glibc it is an ordinary static program.
$(O)/bench/floor-glibc: tests/bench/floor.c
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) -static $< -o $@

$(O)/bench/%: tests/bench/%.c | $(MUSL_INCLUDE)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -fPIE -fstack-protector-strong -include src/libc/fortify.h,$(CFLAGS_STATIC)) \
		-fno-pie -no-pie -fno-stack-protector -static -nostdlib \
		$(MUSL_LIB)/crt1.o $(MUSL_LIB)/crti.o $< $(MUSL_LIB)/libc.a -lgcc $(MUSL_LIB)/crtn.o -o $@

$(O)/bench/empty $(O)/bench/idle: $(O)/bench/%: tests/bench/%.c
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -Os -static -nostdlib -Wl,--build-id=none,-z,noseparate-code,-s $< -o $@

# podman's default profile, from Debian's package without what that depends on.
$(O)/bench/seccomp.json:
	@mkdir -p $(@D)/package
	$(Q)cp /usr/share/containers/seccomp.json $@ 2>/dev/null || { cd $(@D)/package && \
		apt-get -qq -o APT::Sandbox::User=root download golang-github-containers-common >/dev/null && \
		dpkg-deb -x golang-github-containers-common_*.deb . && \
		cp usr/share/containers/seccomp.json ..; }

.PHONY: bench bench-deps bench-built demo demo-deps demo-built
bench-deps:
	$(call install-packages,$(DEPS) $(BENCH_DEPS) $(MACHINE_DEPS))
bench: bench-deps
	$(AGAIN) bench-built
bench-built: all $(BENCH_BIN) $(O)/bench/seccomp.json
	@tests/bench/run $(O)

demo-deps:
	$(call install-packages,$(DEPS) $(DEMO_DEPS))
demo: demo-deps
	$(AGAIN) demo-built
demo-built: all
	@contrib/demo.sh

# --- install ------------------------------------------------------------------

MAN1 := $(wildcard man/*.1)
MAN5 := $(wildcard man/*.5)
MAN7 := $(wildcard man/*.7)
COMPLETIONS := $(wildcard contrib/completions/*)
# build/berth keeps its symbols; what is installed does not (STRIP=: it does).
STRIP := $(patsubst %gcc,%strip,$(filter %-gcc,$(CC)))
STRIP := $(or $(STRIP),strip)
bindir = $(DESTDIR)$(PREFIX)/bin
datadir = $(DESTDIR)$(PREFIX)/share
# Where each shell looks: berth.bash as berth, berth.fish, berth.zsh as _berth.
completion-path = $(if $(filter %.bash,$(1)),bash-completion/completions/berth,$(if \
	$(filter %.fish,$(1)),fish/vendor_completions.d/berth.fish,zsh/site-functions/_berth))

# A real prefix keeps its directories; those of a DESTDIR were made for berth.
INSTALLED_DIRS = $(patsubst $(DESTDIR)/%,./%,$(bindir) $(datadir)/man/man1 $(datadir)/man/man5 $(datadir)/man/man7 \
	$(patsubst %/,%,$(dir $(foreach c,$(COMPLETIONS),$(datadir)/$(call completion-path,$(c))))))

.PHONY: install uninstall
install: all
	install -D -m 755 $(if $(STRIP),-s --strip-program=$(STRIP)) $(O)/berth $(bindir)/berth
	$(foreach m,$(MAN1),install -D -m 644 $(m) $(datadir)/man/man1/$(notdir $(m)) &&) :
	$(foreach m,$(MAN5),install -D -m 644 $(m) $(datadir)/man/man5/$(notdir $(m)) &&) :
	$(foreach m,$(MAN7),install -D -m 644 $(m) $(datadir)/man/man7/$(notdir $(m)) &&) :
	$(foreach c,$(COMPLETIONS),install -D -m 644 $(c) $(datadir)/$(call completion-path,$(c)) &&) :
	install -D -m 644 contrib/seccomp.json $(datadir)/berth/seccomp.json

uninstall:
	rm -f $(bindir)/berth
	rm -f $(foreach m,$(MAN1),$(datadir)/man/man1/$(notdir $(m)))
	rm -f $(foreach m,$(MAN5),$(datadir)/man/man5/$(notdir $(m)))
	rm -f $(foreach m,$(MAN7),$(datadir)/man/man7/$(notdir $(m)))
	rm -f $(foreach c,$(COMPLETIONS),$(datadir)/$(call completion-path,$(c))) $(datadir)/berth/seccomp.json
	rmdir $(datadir)/berth 2>/dev/null || :
	$(if $(DESTDIR),cd $(DESTDIR) && rmdir -p --ignore-fail-on-non-empty $(INSTALLED_DIRS) 2>/dev/null || :)

.PHONY: help
help:
	@echo 'make               build/berth'
	@echo 'make deps          install the packages that the build needs (Debian)'
	@echo 'make demo          a container with limits, and what they do'
	@echo 'make check         the tests, also in the test machine'
	@echo 'make check-long    the long ones too'
	@echo 'make check-weak    that the attacks of tests/security work where berth lets them'
	@echo 'make san           the tests under ASan and UBSan; san-long: in the machine too'
	@echo 'make fuzz          each fuzz target for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'make lint          layers, sizes, analysis, man pages, cross build'
	@echo 'make bench         compared with crun, runc and the floor'
	@echo 'make install       to DESTDIR=$(DESTDIR) PREFIX=$(PREFIX); make uninstall'
	@echo 'make clean         remove $(O)'

-include $(wildcard $(O)/*/*.d $(O)/static/*/*.d $(O)/free/*/*.d $(O)/tests/*.d)
