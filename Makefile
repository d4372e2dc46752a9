# make            the programs, in build/bin
# make deps       what building and testing need (Debian, as root)
# make check      all tests            make check-asan   the same under ASan + UBSan
# make demo       the demonstration    make bench        ratios to native → BENCHMARKS.md
# make lint       style and layers     make format       clang-format over the programs
# make install    PREFIX, DESTDIR
# Variables: O (build directory), CC, WERROR=1, SAN=1
VERSION = 0.1.0
PREFIX ?= /usr/local
O ?= build

CC ?= cc
AR ?= ar
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
       -Wpointer-arith -Wundef -Wvla -Wswitch-enum -Wwrite-strings -Wno-unused-parameter
CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Iengine
ifneq ($(WERROR),)
WARN += -Werror
endif
STATIC = -static
ifneq ($(SAN),)
CFLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
STATIC =
endif
CFLAGS += -std=gnu11 $(WARN) -pthread

# Each directory is an archive; the order is the order of layers (ARCHITECTURE.md).
MODULES = base path trace tree pkg capture exec
$(foreach m,$(MODULES),$(eval SRC_$m := $(filter-out %/main.c,$(wildcard engine/$m/*.c))))
$(foreach m,$(MODULES),$(eval OBJ_$m := $(SRC_$m:%.c=$O/%.o)))
lib = $(foreach m,$1,$O/lib$m.a)

PROGRAMS = cde cde-exec okapi
all: $(PROGRAMS:%=$O/bin/%)

$O/bin/cde: $O/engine/capture/main.o $(call lib,capture trace tree pkg path base)
	$(link) -lsqlite3
$O/bin/cde-exec: $O/engine/exec/main.o $(call lib,exec trace tree path base)
	$(link) $(STATIC)
$O/bin/okapi: $O/pkgtools/cmd/okapi.o $(call lib,tree path base)
	$(link)

define link
@mkdir -p $(@D)
$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^
endef

define archive
$O/lib$1.a: $(OBJ_$1)
	@mkdir -p $$(@D)
	@rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call archive,$m)))

$O/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

UNIT = $(wildcard tests/unit/*.c)
$O/bin/unit: $(UNIT:%.c=$O/%.o) $(call lib,capture exec trace pkg tree path base)
	$(link) $$(pkg-config --libs check) -lsqlite3
unit: $O/bin/unit
	$O/bin/unit

# The smallest tracer: `trace` is usable alone.
$O/tests/echo: $O/tests/trace/echo.o $(call lib,trace path base)
	$(link)

# A row of the table without a probe is an error of the build.
all: $(if $(wildcard tests/lint/probes.sh),$O/probes-complete)
$O/probes-complete: engine/trace/sys.def $(wildcard tests/probes/*) tests/lint/probes.sh
	sh tests/lint/probes.sh
	@touch $@

# What needs packages calls make again: they may not be there yet when this one starts.
again = @$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc))
deps:
	@sh tests/deps.sh build demo test
check:
	@sh tests/deps.sh build test
	$(again) -s all $O/bin/unit $O/tests/echo
	@sh tests/check.sh $O
check-asan:
	$(again) check SAN=1 O=build-asan
demo:
	@sh tests/deps.sh build demo
	$(again) -s all
	@sh tests/demo/run.sh $O/bin $O/demo
bench:
	@sh tests/deps.sh build bench
	$(again) all
	@/usr/bin/python3 tests/bench/run.py $O/bin BENCHMARKS.md
format:
	clang-format -i $$(find engine pkgtools -name '*.[ch]')
lint: all
	@sh tests/lint/run.sh $O

MAN = $(wildcard engine/*/*.[15] pkgtools/*/*.[15])
COMPLETION = $(PROGRAMS:%=$O/completion/%)
$O/completion/%: $O/bin/% tests/completion.sh
	@mkdir -p $(@D)
	sh tests/completion.sh $< >$@
bindir = $(DESTDIR)$(PREFIX)/bin
mandir = $(DESTDIR)$(PREFIX)/share/man
compdir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
install: all $(COMPLETION)
	install -d $(bindir) $(mandir)/man1 $(mandir)/man5 $(compdir)
	install $(PROGRAMS:%=$O/bin/%) $(bindir)
	install -m 644 $(filter %.1,$(MAN)) $(mandir)/man1
	$(if $(filter %.5,$(MAN)),install -m 644 $(filter %.5,$(MAN)) $(mandir)/man5)
	install -m 644 $(COMPLETION) $(compdir)

clean:
	rm -rf build build-*

-include $(shell find $O -name '*.d' 2>/dev/null)
.PHONY: all unit deps check check-asan demo bench format lint install clean
