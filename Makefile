# SPDX-License-Identifier: GPL-2.0-or-later
# Builds ims_regmon.so out of tree, against the installed Kamailio.
# `make help` lists the targets. What they need is in tools/packages.txt.
#
#   KAMAILIO=/path/to/kamailio     the binary to build for (default: installed one)
#   KAMAILIO_SRC=/path/to/source   its source, when it is no Debian package
#   BUILD=folder                   where things are built (default: build)

BUILD ?= build
CACHE ?= build/cache
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
ifeq ($(strip $(KAMAILIO)),)
KAMAILIO := $(firstword $(shell command -v kamailio 2>/dev/null) \
	$(wildcard /usr/sbin/kamailio /usr/local/sbin/kamailio))
endif
KAMAILIO_SRC ?=
export BUILD CACHE CC KAMAILIO KAMAILIO_SRC FOLDERS

MODULE := $(BUILD)/ims_regmon.so
FOLDERS := message rules aka registration diagnosis measure guard replicate \
	store show hooks
# Folders that know neither clock nor network nor Kamailio: unit tests link them.
PURE_FOLDERS := message rules aka registration diagnosis measure guard

SOURCES := $(wildcard *.c $(addsuffix /*.c,$(FOLDERS)))
PURE_SOURCES := $(wildcard $(addsuffix /*.c,$(PURE_FOLDERS)) \
	replicate/codec.c store/rows.c show/rows_*.c) show/writer.c \
	show/decode_value.c show/header_meaning.c $(wildcard show/messages*.c) \
	show/flows.c show/terms.c show/explain_words.c show/rulebook.c \
	show/entry_words.c show/json_writer.c show/outbox.c \
	show/event_value.c show/cause_line.c show/refusal.c \
	show/http_request.c show/http_allow.c $(wildcard show/metrics*.c) \
	show/gzip.c
# Touch files and know nothing of Kamailio: unit tests link them, too.
FILE_SOURCES := show/record_file.c
OBJECTS := $(SOURCES:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/page_files.o
UNIT_OBJECTS := $(patsubst %.c,$(BUILD)/unit/obj/%.o,$(PURE_SOURCES) $(FILE_SOURCES))
# `make unit ONLY=test_message_cseq` builds and runs one program.
UNIT_SOURCES := $(wildcard test/unit/$(or $(ONLY),test_*).c)
UNIT_PROGRAMS := $(UNIT_SOURCES:test/unit/%.c=$(BUILD)/unit/%)

.DEFAULT_GOAL := module
.DELETE_ON_ERROR:
.SECONDARY:
ifneq ($(filter clean distclean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
else ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

# Targets that work, or bring what is missing, before there is any Kamailio.
WITHOUT_KAMAILIO := help clean distclean demo test check layers format \
	format-check coverage bench bench-doc measure-cost measure-flooding lab matrix in-tree deb deb-check manual manual-run fuzz faults valgrind
ifneq ($(filter-out $(WITHOUT_KAMAILIO),$(or $(MAKECMDGOALS),module)),)
include $(BUILD)/kamailio.mk
export KAMAILIO_VERSION KAMAILIO_FLAGS KAMAILIO_HEADERS KAMAILIO_TARBALL \
	KAMAILIO_PACKAGE KAMAILIO_PACKAGE_VERSION
endif

# The facts are found out again when another Kamailio is chosen or installed.
$(BUILD)/choice: always
	@mkdir -p $(BUILD)
	@{ pwd; echo '$(CC) $(KAMAILIO) $(KAMAILIO_SRC)'; \
		stat -L -c '%s %Z' $(KAMAILIO) 2>/dev/null; } >$@.new || :
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/kamailio.mk: $(BUILD)/choice tools/kamailio.sh tools/headers.sh
	@tools/kamailio.sh '$(BUILD)' '$(CACHE)' '$(KAMAILIO)' '$(KAMAILIO_SRC)'

##@ Build and install

.PHONY: module install uninstall in-tree deb deb-run
module: $(MODULE) ## build ims_regmon.so (default)

CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wno-unused-parameter
# -isystem: warnings are for our code only, Kamailio's headers give hundreds.
DIALECT = -std=gnu11 -pthread -fno-strict-aliasing -fno-strict-overflow \
	$(WARNINGS) -include $(BUILD)/kamailio.h -I. -isystem $(KAMAILIO_HEADERS) \
	-isystem /usr/include/libxml2 -DMOD_NAME='"ims_regmon"' -DMOD_NAMEID=ims_regmon

$(BUILD)/obj/%.o: %.c $(BUILD)/kamailio.mk Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(DIALECT) $(CFLAGS) -fPIC -fno-semantic-interposition -MMD -MP -c -o $@ $<

# The page's files as C, gzipped.
PAGE_FILES := $(wildcard show/page/*)
$(BUILD)/page_files.c: $(PAGE_FILES) tools/embed.sh $(BUILD)/sources
	@tools/embed.sh $@ $(PAGE_FILES)

$(BUILD)/obj/page_files.o: $(BUILD)/page_files.c $(BUILD)/kamailio.mk show/page.h
	@mkdir -p $(@D)
	@$(CC) $(DIALECT) $(CFLAGS) -fPIC -c -o $@ $<

# A source that is removed must leave the module too.
$(BUILD)/sources: always
	@mkdir -p $(BUILD)
	@echo '$(SOURCES) $(PURE_SOURCES) $(PAGE_FILES)' | cmp -s - $@ || \
		echo '$(SOURCES) $(PURE_SOURCES) $(PAGE_FILES)' >$@

$(MODULE): $(OBJECTS) $(BUILD)/sources tools/ims_regmon.map tools/check-module.sh
	@echo "  LD $@"
	@$(CC) -shared $(CFLAGS) -pthread -o $@.new $(OBJECTS) \
		-Wl,--version-script=tools/ims_regmon.map $(LDFLAGS) -Wl,--as-needed -lxml2 -lcrypto -lz
	@tools/check-module.sh $@.new '$(KAMAILIO_VERSION)' '$(KAMAILIO_FLAGS)'
	@mv $@.new $@
	@echo "built $@ for $(KAMAILIO_VERSION)"

# A module that makes things go wrong, for the tests of faults alone.
FAULTS := $(BUILD)/regmon_faults.so
$(FAULTS): test/faults/regmon_faults.c $(BUILD)/kamailio.mk
	@echo "  CC $<"
	@$(CC) $(filter-out -DMOD_NAME%,$(DIALECT)) -DMOD_NAME='"regmon_faults"' \
		-DMOD_NAMEID=regmon_faults $(CFLAGS) -fPIC -shared -o $@ $<

install: module ## copy the module to where this Kamailio looks (DESTDIR=, MODULES_DIR=)
	install -D -m 644 $(MODULE) '$(DESTDIR)$(MODULES_DIR)/ims_regmon.so'

uninstall: ## remove the installed module
	rm -f '$(DESTDIR)$(MODULES_DIR)/ims_regmon.so'

in-tree: ## put this tree into a Kamailio source, as its module (DIR=/path/to/kamailio)
	@tools/in-tree.sh '$(DIR)'

deb: ## build the Debian package for the Kamailio package installed
	@tools/setup.sh deb
	$(AGAIN) deb-run

deb-run: $(BUILD)/kamailio.mk
	@tools/deb.sh

##@ See it work

# The parts call make again: on a fresh machine there is a compiler and a
# Kamailio only after the set-up.
AGAIN = +@$(MAKE) --no-print-directory

.PHONY: demo demo-run test
demo: ## install what is missing, build, let phones register (KEEP=1: leave it running)
	@tools/setup.sh demo
	$(AGAIN) demo-run

demo-run: $(MODULE)
	@test/demo/run.sh

test: ## install what is missing, build, run every test
	@tools/setup.sh test
	+@FLOWS=$${FLOWS:-20000} ATTEMPTS=$${ATTEMPTS:-3000} LONG=$${LONG:-0} \
		FUZZ_S=$${FUZZ_S:-20} FUZZ_JOBS=$${FUZZ_JOBS:-$$(nproc)} \
		tools/test.sh unit load-check layers symbols docs-check fuzz-replay fuzz fuzz-wire \
		manual-run scenario lab-short load load-mixed soak-short

##@ Parts of the tests

.PHONY: check unit rules-check load-check layers symbols scenario screenshots corpus lab lab-run lab-short load load-mixed \
	soak soak-short faults faults-run valgrind valgrind-run bench bench-run bench-doc measure-cost measure-cost-run measure-flooding measure-flooding-run coverage
.PHONY: matrix in-tree-check deb-check
check: ## the fast part: unit, load-check, layers, symbols, docs-check
	+@tools/test.sh unit load-check layers symbols docs-check

unit: $(UNIT_PROGRAMS) ## unit tests with sanitizers (ONLY=test_x: one program)
	@tools/unit.sh $(UNIT_PROGRAMS)

rules-check: ## the rules: their unit tests and documentation, and how many there are
	$(AGAIN) unit ONLY='test_rules_*'
	$(AGAIN) docs-check
	@grep -h ' rows: ' $(BUILD)/unit/test_rules_catalogue.log
	@grep -h ' flows with ' $(BUILD)/unit/test_rules_corpus_flows.log || :
	@echo "$$(ls test/rules/*.sip | wc -l) messages, $$(ls test/rules/life/*.flow | wc -l) lives"

load-check: $(MODULE) ## the Kamailio it was built for loads the module
	@tools/load-check.sh $(MODULE)

layers: ## who includes whom between the folders
	@tools/layers.sh

symbols: $(MODULE) ## no exported or global name but ours; pure folders are pure
	@tools/symbols.sh $(MODULE) $(BUILD)/obj '$(PURE_SOURCES)' $(OBJECTS)

scenario: $(MODULE) $(FAULTS) ## a real Kamailio and SIPp (ONLY=expression: pytest -k; LONG=1: minutes, too)
	@tools/pytest.sh test/scenario

screenshots: $(MODULE) ## pictures of the page for doc/, made by its test
	@ONLY=test_page SCREENSHOTS=doc/screenshots tools/pytest.sh test/scenario/page

corpus: $(MODULE) $(FAULTS) ## messages of real devices, on the wire (part of scenario)
	@ONLY=corpus tools/pytest.sh test/scenario

lab: ## a whole IMS chain in a network namespace, and its troubles (PHONES=, ONLY=, KEEP=1)
	@tools/setup.sh test
	$(AGAIN) lab-run

lab-run: $(MODULE)
	@tools/pytest.sh test/lab

lab-short: $(MODULE) ## the same with few phones and three troubles (part of test)
	@LAB=short tools/pytest.sh test/lab

load: $(MODULE) ## 100,000 flows through four workers, with packet loss (FLOWS=)
	@FLOWS=$${FLOWS:-100000} test/load/run.sh load.py

load-mixed: $(MODULE) ## 50,000 attempts of every kind, and each figure compared (ATTEMPTS=)
	@ATTEMPTS=$${ATTEMPTS:-50000} LONG=$${LONG:-1} test/load/run.sh mixed.py

soak: $(MODULE) $(FAULTS) ## 500 REGISTER/s, hostile ones and every fault in turn (MINUTES=15 RATE=500)
	@MINUTES=$${MINUTES:-15} test/load/run.sh soak.py

soak-short: $(MODULE) $(FAULTS) ## the same for half a minute (part of test)
	@MINUTES=$${SOAK_MINUTES:-0.5} test/load/run.sh soak.py

faults: ## everything that can go wrong, the long way: each allocation, 100,000 phones at once, ...
	@tools/setup.sh test
	$(AGAIN) faults-run

faults-run: $(MODULE) $(FAULTS)
	$(AGAIN) unit ONLY='test_registration_[fbp]*'
	@FAULTS=long ONLY='faults or full_table or http_readers or stops_while' tools/pytest.sh test/scenario

valgrind: ## memcheck on all unit tests, built without sanitizers, and on one scenario (minutes)
	@tools/setup.sh test
	@tools/setup.sh bench
	$(AGAIN) valgrind-run

valgrind-run: $(MODULE) $(FAULTS)
	+@tools/valgrind.sh

bench: ## instructions per REGISTER, with the module off and on; what readers cost
	@tools/setup.sh bench
	$(AGAIN) bench-run

bench-run: $(MODULE)
	@test/bench/run.sh

bench-doc: bench ## the same, written into doc/performance.md
	@ONLY=document test/bench/run.sh

measure-cost: ## instructions for measuring an ended attempt: in a worker, in the timer
	@tools/setup.sh test
	@tools/setup.sh bench
	$(AGAIN) BUILD=$(BUILD)/measure-cost UNIT_FLAGS='-O2 -g' measure-cost-run

measure-cost-run: $(BUILD)/unit/measure_cost
	@test/bench/measure_cost.sh $<

measure-flooding: ## a table flooded with names that meet in one slot, with and without a key
	@tools/setup.sh test
	$(AGAIN) BUILD=$(BUILD)/measure-cost UNIT_FLAGS='-O2 -g' measure-flooding-run

measure-flooding-run: $(BUILD)/unit/flooding
	@$<

# The Debians whose Kamailios this tree is for, oldest first.
SUITES ?= bookworm trixie sid
matrix: ## build and test on each Kamailio line, in chroots (root; SUITES= TARGETS=)
	@tools/chroot.sh possible && tools/setup.sh matrix
	@tools/matrix.sh $(SUITES)

in-tree-check: $(BUILD)/kamailio.mk ## built within Kamailio's own source, by make and CMake
	@tools/in-tree-check.sh

SUITE ?= bookworm
deb-check: ## the Debian package in a clean chroot: install, run, upgrade, remove (root; SUITE=)
	@tools/chroot.sh possible && tools/setup.sh matrix
	@tools/deb-check.sh $(SUITE)

# gcov in objects of their own. Scenarios run with a module that counts, too; SCENARIOS= leaves them out.
SCENARIOS ?= registers-refreshes or retransmissions or reg-event or contact-stores
coverage: ## lines of message rules registration diagnosis that tests reach; below 85 % it fails (SCENARIOS=)
	@tools/setup.sh test
	$(AGAIN) BUILD=$(BUILD)/coverage UNIT_FLAGS='-O0 -g --coverage' unit-fresh
	$(AGAIN) BUILD=$(BUILD)/coverage UNIT_FLAGS='-O0 -g --coverage' fuzz-replay
ifneq ($(strip $(SCENARIOS)),)
	$(AGAIN) BUILD=$(BUILD)/coverage CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage ONLY='$(SCENARIOS)' scenario
endif
	@tools/coverage.py $(BUILD)/coverage 85 message rules registration diagnosis

mutations: $(BUILD)/kamailio.mk ## break checks and transitions, one at a time, in a copy: a unit test must fail (ONLY=)
	@test/mutations/run.py

.PHONY: mutations unit-fresh
unit-fresh:
	@if [ -d $(BUILD) ]; then find $(BUILD) -name '*.gcda' -delete; fi
	$(AGAIN) unit

UNIT_FLAGS ?= -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
# cmocka 2 deprecates names for which cmocka 1 has no others.
UNIT_COMPILE = $(CC) $(DIALECT) -Wno-deprecated-declarations $(UNIT_FLAGS) -MMD -MP
UNIT_LIBRARIES := -lcmocka -lxml2 -lcrypto -lz -lm
UNIT_PURE := $(BUILD)/unit/pure.a

$(BUILD)/unit/obj/%.o: %.c $(BUILD)/kamailio.mk Makefile
	@mkdir -p $(@D)
	@echo "  CC $< (unit)"
	@$(UNIT_COMPILE) -DHARNESS_TREE='"$(CURDIR)"' -c -o $@ $<

$(UNIT_PURE): $(UNIT_OBJECTS) $(BUILD)/sources
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $(UNIT_OBJECTS)

UNIT_HARNESS := $(BUILD)/unit/obj/test/unit/harness.o
CORE_PROGRAMS := $(filter $(BUILD)/unit/test_core_%,$(UNIT_PROGRAMS))
$(filter-out $(CORE_PROGRAMS),$(UNIT_PROGRAMS)): $(BUILD)/unit/%: \
		$(BUILD)/unit/obj/test/unit/%.o $(UNIT_HARNESS) $(UNIT_PURE)
	@$(CC) $(UNIT_FLAGS) -pthread -o $@ $^ $(UNIT_LIBRARIES)

$(BUILD)/unit/measure_cost $(BUILD)/unit/flooding: $(BUILD)/unit/%: \
		$(BUILD)/unit/obj/test/bench/%.o $(UNIT_HARNESS) $(UNIT_PURE)
	@$(CC) $(UNIT_FLAGS) -pthread -o $@ $^ $(UNIT_LIBRARIES)

# These compare our readers with Kamailio's own parser, so they link its core.
CORE_LIBRARY := $(KAMAILIO_CORE)/libksrcore.a
$(CORE_PROGRAMS): $(BUILD)/unit/%: $(BUILD)/unit/obj/test/unit/%.o $(UNIT_HARNESS) \
		$(BUILD)/unit/obj/test/unit/harness_core.o $(UNIT_PURE) $(CORE_LIBRARY)
	@$(CC) $(UNIT_FLAGS) -pthread -o $@ $^ $(UNIT_LIBRARIES) -ldl -lresolv

$(CORE_LIBRARY):
	@echo "building Kamailio's core for the unit tests (once, about a minute)"
	+@mkdir -p $(@D) && flock $(@D) $(MAKE) --no-print-directory \
		-f tools/kamailio-core.mk SRC='$(KAMAILIO_HEADERS)' OUT='$(@D)' \
		DEFINES='$(BUILD)/kamailio.h' '$@'

include test/fuzz/fuzz.mk

##@ Keep it in order

.PHONY: docs docs-check manual manual-run format format-check clean distclean help always
# tools/rulesdoc.c prints doc/rules.md, tools/causesdoc.c doc/causes.md, ...
GENERATED := $(patsubst tools/%doc.c,%,$(wildcard tools/*doc.c))

$(GENERATED:%=$(BUILD)/%doc): $(BUILD)/%doc: $(BUILD)/unit/obj/tools/%doc.o \
		$(UNIT_HARNESS) $(UNIT_PURE)
	@$(CC) $(UNIT_FLAGS) -pthread -o $@ $^ $(UNIT_LIBRARIES)

# Looks at the tables that Kamailio is given, so it has all of the module in it,
# and shared memory from the harness. What is Kamailio's own is left open.
$(BUILD)/manual_reference: $(BUILD)/unit/obj/tools/manual_reference.o $(UNIT_HARNESS) \
		$(filter-out $(BUILD)/obj/hooks/memory.o $(PURE_SOURCES:%.c=$(BUILD)/obj/%.o) \
			$(FILE_SOURCES:%.c=$(BUILD)/obj/%.o),$(OBJECTS)) $(UNIT_PURE)
	@$(CC) $(UNIT_FLAGS) -no-pie -pthread -Wl,--unresolved-symbols=ignore-all -o $@ $^ \
		$(UNIT_LIBRARIES)

docs: $(GENERATED:%=$(BUILD)/%doc) $(BUILD)/manual_reference ## write what comes from the code under doc/
	@tools/docs.sh $(BUILD) doc $(GENERATED)

docs-check: $(GENERATED:%=$(BUILD)/%doc) $(BUILD)/manual_reference ## the pages under doc/ say what the code says
	@tools/docs-check.sh $(BUILD) $(GENERATED)

manual: ## HTML and text of the manual: doc/ims_regmon.html, doc/ims_regmon.txt
	@tools/setup.sh manual
	$(AGAIN) manual-run

manual-run:
	@tools/manual.sh

OUR_TEXTS = $(wildcard *.[ch] $(addsuffix /*.[ch],$(FOLDERS)) tools/*.[ch] test/*/*.[ch])
format: ## clang-format all sources in place
	@tools/setup.sh format
	clang-format --style=file -i $(OUR_TEXTS)

format-check: ## name the sources that clang-format would change
	@tools/setup.sh format
	@clang-format --style=file --dry-run -Werror $(OUR_TEXTS)

clean: ## remove what was built, keep what was fetched
	@find '$(BUILD)' -mindepth 1 -maxdepth 1 ! -name cache -exec rm -rf {} + 2>/dev/null || :
	@rm -f doc/ims_regmon.html doc/ims_regmon.txt

distclean: ## remove everything that was built or fetched
	rm -rf '$(BUILD)' '$(CACHE)'

help: ## this list
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile test/fuzz/fuzz.mk

-include $(shell find $(BUILD)/obj $(BUILD)/unit $(BUILD)/fuzz -name '*.d' 2>/dev/null)
