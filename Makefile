# SPDX-License-Identifier: Apache-2.0
# berth: one non-recursive Makefile.  O=DIR builds elsewhere, V=1 shows commands,
# SAN=1 builds with ASan and UBSan (dynamic), CC=… CROSS_LIBS=… cross-builds.

O ?= build
PREFIX ?= /usr/local
DESTDIR ?=
CC = gcc
VERSION := 0.1.0

# --- flags ------------------------------------------------------------------

cc-option = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wcast-qual -Wvla -Wundef -Wwrite-strings \
	-Wpointer-arith -Wformat=2 -Wmissing-include-dirs -Wredundant-decls \
	-Wno-unused-parameter $(call cc-option,-Wlogical-op) \
	$(call cc-option,-Wduplicated-cond) $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong $(call cc-option,-fstack-clash-protection) \
	$(call cc-option,-fcf-protection) -fPIE
COMMON := -std=gnu17 -O2 -g -Isrc -D_GNU_SOURCE $(WARN) $(HARDEN) \
	-fvisibility=hidden -ffunction-sections -fdata-sections -MMD -MP
CPPFLAGS += -DBERTH_VERSION='"$(VERSION)"'

ifdef SAN
CFLAGS_MODE := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
LDFLAGS_MODE := -fsanitize=address,undefined -pie
else
CFLAGS_MODE := -D_FORTIFY_SOURCE=2
LDFLAGS_MODE := $(if $(DYNAMIC),-pie,-static-pie)
endif
CFLAGS_BERTH := $(COMMON) $(CFLAGS_MODE) $(CFLAGS)
LDFLAGS_BERTH := $(LDFLAGS_MODE) -Wl,-z,relro,-z,now,-z,noexecstack \
	-Wl,--gc-sections $(LDFLAGS)
LIBS := -lseccomp $(if $(or $(SAN),$(DYNAMIC)),-lyajl,-l:libyajl_s.a)

# berth-init: no C library, no relocations, so nothing to start up.
CFLAGS_INIT := $(filter-out -D_FORTIFY_SOURCE=2 -fsanitize% -fno-sanitize%,$(COMMON)) -Os -g0 \
	-ffreestanding -fno-builtin-printf -DBERTH_FREESTANDING \
	-fno-asynchronous-unwind-tables -fno-stack-clash-protection \
	-fno-tree-loop-distribute-patterns \
	$(call cc-option,-mstack-protector-guard=global)

# --- sources ----------------------------------------------------------------

LIB_DIRS := util oci wire namespaces rootfs cgroups security console hooks container cli
LIB_SRC := $(foreach d,$(LIB_DIRS),$(wildcard src/$(d)/*.c))
CLI_SRC := src/programs/berth.c
INIT_SRC := $(wildcard src/init/*.c) src/wire/plan_read.c src/wire/plan_codes.c src/programs/berth-init.c

LIB_OBJ := $(LIB_SRC:src/%.c=$(O)/%.o)
CLI_OBJ := $(CLI_SRC:src/%.c=$(O)/%.o)
INIT_OBJ := $(INIT_SRC:src/%.c=$(O)/free/%.o)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

.PHONY: all clean
all: $(O)/berth

$(O)/%.o: src/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_BERTH) -c $< -o $@

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
	$(Q)$(CC) -DINIT_IMAGE='"$(O)/berth-init"' -c $< -o $@

$(O)/libberth.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/berth: $(CLI_OBJ) $(O)/libberth.a $(O)/container/init_blob.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_BERTH) $(CLI_OBJ) $(O)/container/init_blob.o $(O)/libberth.a $(LDFLAGS_BERTH) $(LIBS) -o $@

# The commit in --version is that of the checkout, where there is one.
COMMIT := $(if $(wildcard .git),$(shell git describe --always --dirty 2>/dev/null))
$(O)/cli/version.o: CPPFLAGS += $(if $(COMMIT),-DBERTH_COMMIT='"$(COMMIT)"')
$(O)/cli/version.o: $(wildcard .git/logs/HEAD)

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

.PHONY: unit
unit: $(UNIT_BIN)
	$(Q)for t in $(UNIT_BIN); do $$t || exit 1; done

-include $(wildcard $(O)/*/*.d $(O)/free/*/*.d $(O)/tests/*.d)
