# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzing, included by the Makefile. One target for each test/fuzz/fuzz_NAME.c; doc/fuzzing.md tells how to add one.
#
#   FUZZ_S=20          seconds for each target
#   FUZZ_ONLY=request  this target alone (several: 'request answer')
#   FUZZ_SEED=random   another row of inputs than the usual one
#   FUZZ_JOBS=2        targets at a time
#   FUZZ_CC=clang-14   the compiler that has libFuzzer

FUZZ_CC ?= clang
FUZZ_TARGETS := $(patsubst test/fuzz/fuzz_%.c,%,$(sort $(wildcard test/fuzz/fuzz_*.c)))
FUZZ_CHOSEN := $(or $(FUZZ_ONLY),$(FUZZ_TARGETS))
# Of the folders that know Kamailio: what these targets ask as a client would. test/fuzz/shell.c is their Kamailio.
FUZZ_SHELL_SOURCES := $(wildcard show/rpc*.c) show/http.c $(wildcard show/http_api*.c) show/documents.c \
	show/pages.c show/phones.c test/fuzz/shell.c

# ---- with clang and libFuzzer: $(BUILD)/fuzz/NAME ----

FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -D_FORTIFY_SOURCE=0
FUZZ_SANITIZE := address,undefined
# What clang takes for a mistake and gcc does not; what is new among it must not keep anybody from fuzzing.
FUZZ_COMPILE = $(FUZZ_CC) $(DIALECT) -Wno-string-plus-int -Wno-string-concatenation -Wno-deprecated-declarations \
	-Wno-missing-field-initializers -Wno-error $(FUZZ_FLAGS) -MMD -MP -DHARNESS_TREE='"$(CURDIR)"'
FUZZ_ARCHIVES := $(BUILD)/fuzz/shell.a $(BUILD)/fuzz/pure.a

$(BUILD)/fuzz/obj/%.o: %.c $(BUILD)/kamailio.mk test/fuzz/fuzz.mk
	@mkdir -p $(@D)
	@echo "  CC $< (fuzz)"
	@$(FUZZ_COMPILE) -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -c -o $@ $<

$(BUILD)/fuzz/pure.a: $(PURE_SOURCES:%.c=$(BUILD)/fuzz/obj/%.o) $(BUILD)/sources
$(BUILD)/fuzz/shell.a: $(FUZZ_SHELL_SOURCES:%.c=$(BUILD)/fuzz/obj/%.o)
$(FUZZ_ARCHIVES):
	@rm -f $@
	@ar rcs $@ $(filter %.o,$^)

$(FUZZ_TARGETS:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: $(BUILD)/fuzz/obj/test/fuzz/fuzz_%.o \
		$(BUILD)/fuzz/obj/test/unit/harness.o $(FUZZ_ARCHIVES)
	@$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -pthread -o $@ $^ $(UNIT_LIBRARIES)

# ---- with the compiler of the unit tests: $(BUILD)/unit/replay/NAME ----

REPLAY_PROGRAMS := $(FUZZ_CHOSEN:%=$(BUILD)/unit/replay/%)
REPLAY_SHELL := $(BUILD)/unit/shell.a

$(REPLAY_SHELL): $(FUZZ_SHELL_SOURCES:%.c=$(BUILD)/unit/obj/%.o)
	@rm -f $@
	@ar rcs $@ $^

$(FUZZ_TARGETS:%=$(BUILD)/unit/replay/%): $(BUILD)/unit/replay/%: \
		$(BUILD)/unit/obj/test/fuzz/fuzz_%.o $(BUILD)/unit/obj/test/fuzz/replay.o \
		$(UNIT_HARNESS) $(REPLAY_SHELL) $(UNIT_PURE)
	@mkdir -p $(@D)
	@$(CC) $(UNIT_FLAGS) -pthread -o $@ $^ $(UNIT_LIBRARIES)

# ---- what they begin with ----

FUZZ_SEEDS := $(BUILD)/fuzz-seeds
$(FUZZ_SEEDS)/made: test/fuzz/seeds.py $(wildcard test/rules/*.sip test/rules/life/*.flow \
		test/cases/messages/*.sip test/cases/*/*.flow test/profiles/*.xml test/fuzz/seeds/*/*) \
		$(PURE_SOURCES)
	@test/fuzz/seeds.py '$(FUZZ_SEEDS)'
	@touch $@

##@ Find what nobody thought of

.PHONY: fuzz fuzz-run fuzz-replay fuzz-wire
fuzz: ## libFuzzer on each target: rate, coverage, findings (FUZZ_S=20 FUZZ_ONLY= FUZZ_SEED=)
	@tools/setup.sh test
	@tools/setup.sh fuzz
	$(AGAIN) fuzz-run

fuzz-run: $(FUZZ_CHOSEN:%=$(BUILD)/fuzz/%) $(FUZZ_SEEDS)/made
	@test/fuzz/run.sh $(FUZZ_CHOSEN)

fuzz-replay: $(REPLAY_PROGRAMS) $(FUZZ_SEEDS)/made ## each seed and each former finding through its target, without clang
	@test/fuzz/replay.sh $(FUZZ_CHOSEN)

fuzz-wire: $(MODULE) $(FUZZ_SEEDS)/made ## mutated REGISTERs and answers against a live Kamailio (COUNT=20000 FUZZ_SEED=)
	@test/fuzz/wire.sh
