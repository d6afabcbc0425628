# SPDX-License-Identifier: GPL-2.0-or-later
# Builds Kamailio's core, without its main(), as OUT/libksrcore.a for the unit
# tests that compare our readers with its parser.
#   make -f tools/kamailio-core.mk SRC=... OUT=... DEFINES=.../kamailio.h
# Its defines are exactly those of the module, so that every struct is the same.

FOLDERS := core core/mem core/parser core/parser/digest core/parser/contact \
	core/parser/sdp core/rand core/rand/isaac core/rand/fortuna core/crypto \
	core/cfg core/utils
GENERATED := core/lex.yy.c core/cfg.tab.c
SOURCES := main.c $(patsubst $(SRC)/%,%,$(wildcard $(addprefix $(SRC)/,$(addsuffix /*.c,$(FOLDERS)))))
OBJECTS := $(patsubst %.c,$(OUT)/%.o,$(filter-out $(GENERATED),$(SOURCES)) $(GENERATED))

COMPILE = $(CC) -O1 -g1 -w -std=gnu11 -fno-strict-aliasing -fno-strict-overflow \
	-pthread -include $(DEFINES) -iquote $(SRC)/core -iquote $(OUT)/core \
	-DCOMPILER='"cc"' -DCFG_DIR='"/nonexistent/"' -DSHARE_DIR='"/nonexistent/"' \
	-DRUN_DIR='"/nonexistent"' -DMODS_DIR='"/nonexistent"' -c -o $@ $<

$(OUT)/libksrcore.a: $(OBJECTS)
	@rm -f $@
	@ar rcs $@ $(OBJECTS)

$(OUT)/main.o: $(SRC)/main.c $(OUT)/core/cfg.tab.c
	@$(COMPILE) -Dmain=ksr_main

$(OUT)/core/ver.o: $(OUT)/core/autover.h

$(OUT)/%.o: $(SRC)/%.c $(OUT)/core/cfg.tab.c
	@mkdir -p $(@D)
	@$(COMPILE)

$(OUT)/core/lex.yy.o $(OUT)/core/cfg.tab.o: $(OUT)/%.o: $(OUT)/%.c $(OUT)/core/cfg.tab.c
	@$(COMPILE)

$(OUT)/core/cfg.tab.c: $(SRC)/core/cfg.y
	@mkdir -p $(@D)
	@bison -d -b $(OUT)/core/cfg $< 2>/dev/null

$(OUT)/core/lex.yy.c: $(SRC)/core/cfg.lex
	@mkdir -p $(@D)
	@flex -o $@ $<

# A source from git has no autover.h; the text is only shown by `kamailio -v`.
$(OUT)/core/autover.h:
	@mkdir -p $(@D)
	@printf '#define REPO_VER ""\n#define REPO_HASH "unknown"\n#define REPO_STATE ""\n' >$@
