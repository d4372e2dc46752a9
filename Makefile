# make            the programs, in build/bin
# make deps       what building and testing need (Debian, as root)
# make check      all tests            make check-asan   the same under ASan + UBSan
# make check-tsan   what has threads, under ThreadSanitizer
# make fuzz-smoke   each parser of what strangers write is fuzzed for 30 s
# make demo       the demonstration    make bench        ratios to native → BENCHMARKS.md
# make farm       real applications on many distributions and kernels → PORTABILITY.md (root)
# make farm-quick   a part of it, in minutes once its roots are there
# make bench-stream  starts over a slow line   make stream-roots  distributions for tests
# make lint       style and layers     make format       clang-format over the programs
# make x11        programs with windows, from packages captured elsewhere (Xvfb, weston, as root)
# make install    PREFIX, DESTDIR
# Variables: O (build directory), CC, WERROR=1, SAN=1 or SAN=thread
VERSION = 0.1.0
PREFIX ?= /usr/local
O ?= build

CC ?= cc
AR ?= ar
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
       -Wpointer-arith -Wundef -Wvla -Wswitch-enum -Wwrite-strings -Wno-unused-parameter
CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Iengine -Ipkgtools
ifneq ($(WERROR),)
WARN += -Werror
endif
STATIC = -static
comma = ,
ifneq ($(SAN),)
SAN_FLAGS = -fsanitize=$(if $(filter thread,$(SAN)),thread,address$(comma)undefined)
CFLAGS = -O1 -g -fno-omit-frame-pointer $(SAN_FLAGS) -fno-sanitize-recover=undefined
LDFLAGS += $(SAN_FLAGS)
STATIC =
endif
ifneq ($(FUZZ),) # set by tests/fuzz/run.sh: clang (libFuzzer), or plain
FUZZ_LINK := $(if $(filter clang,$(FUZZ)),-fsanitize=fuzzer)
FUZZ_MAIN := $(if $(filter plain,$(FUZZ)),$O/tests/fuzz/driver.o)
CFLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address$(if $(FUZZ_LINK),$(comma)fuzzer-no-link)
STATIC =
endif
CFLAGS += -std=gnu11 $(WARN) -pthread

# Each directory is an archive; the order is the order of layers (ARCHITECTURE.md).
MODULES = base path trace tree stream pkg capture exec
$(foreach m,$(MODULES),$(eval SRC_$m := $(filter-out %/main.c,$(wildcard engine/$m/*.c))))
MODULES += inspect cmd tui
SRC_tui := $(filter-out %/main.c,$(wildcard tui/*.c))
SRC_inspect := $(wildcard pkgtools/inspect/*.c)
SRC_cmd := $(filter-out %/main.c %/okapi.c,$(wildcard pkgtools/cmd/*.c))
$(foreach m,$(MODULES),$(eval OBJ_$m := $(SRC_$m:%.c=$O/%.o)))
lib = $(foreach m,$1,$O/lib$m.a)

PROGRAMS = cde cde-exec okapi cde-pkg cde-tui
PKGLIBS = -lsqlite3 -lmagic -lcrypto -ljansson -larchive
all: $(PROGRAMS:%=$O/bin/%)

# Static: nothing to load at each start, forks have less to copy, and it captures where
# there is no SQLite.  That SQLite would dlopen its extensions is all the linker says.
$O/bin/cde: $O/engine/capture/main.o $(call lib,capture trace tree pkg path base)
	$(link) $(STATIC) -lsqlite3 -lm 2>$O/cde.log || { cat $O/cde.log >&2; false; }
$O/bin/cde-exec: $O/engine/exec/main.o $(call lib,exec stream trace tree path base)
	$(link) $(STATIC)
$O/bin/okapi: $O/pkgtools/cmd/okapi.o $(call lib,tree path base)
	$(link)

$O/bin/cde-pkg: $O/pkgtools/cmd/main.o $(call lib,cmd inspect pkg tree path base)
	$(link) $(PKGLIBS)

$O/bin/cde-tui: $O/tui/main.o $(call lib,tui inspect pkg tree path base)
	$(link) $(PKGLIBS) -lncursesw -ltinfo

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
$O/bin/unit: $(UNIT:%.c=$O/%.o) $(call lib,tui cmd inspect capture exec stream trace pkg tree path base)
	$(link) $$(pkg-config --libs check) $(PKGLIBS)
unit: $O/bin/unit
	$O/bin/unit

# What the pages, --help and the completions of cde-pkg say comes from one table.
$O/completion/cde-pkg $O/completion/_cde-pkg $O/completion/cde-pkg.fish: $O/bin/cde-pkg
	@mkdir -p $(@D)
	$< completion $(if $(filter %/_cde-pkg,$@),zsh,$(if $(filter %.fish,$@),fish,bash)) >$@

# Tests of cde-tui: scripts against a pseudo-terminal, packages to look at.
$O/tests/term: $(addprefix $O/tests/harness/,term.o term_look.o term_monkey.o term_raw.o term_run.o term_shot.o)
	$(link) -lvterm -lutil -ltinfo
$O/tests/fixture: $O/tests/harness/fixture.o $(call lib,pkg tree path base)
	$(link) -lsqlite3
screenshots: $O/bin/cde-tui $O/bin/cde-pkg $O/tests/term $O/tests/fixture
	@sh tests/deps.sh build test
	sh tests/tui/run.sh -u -f shots $O

$O/fuzz/%: $O/tests/fuzz/%.o $O/tests/fuzz/common.o $(FUZZ_MAIN) \
		$(call lib,inspect pkg tree path base)
	$(link) $(FUZZ_LINK) $(PKGLIBS)
fuzz-smoke:
	@sh tests/deps.sh build
	@sh tests/fuzz/run.sh build-fuzz 30

# The smallest tracer: `trace` is usable alone.
$O/tests/echo: $O/tests/trace/echo.o $(call lib,trace path base)
	$(link)

# A row of the table without a probe is an error of the build.
all: $(if $(wildcard tests/lint/probes.sh),$O/probes-complete)
$O/probes-complete: engine/trace/sys.def $(wildcard tests/probes/*) tests/lint/probes.sh
	sh tests/lint/probes.sh
	@touch $@

FARM = $(addprefix $O/farm/,cde cde-exec enter)
$O/farm/cde $O/farm/cde-exec: $O/farm/%: $O/bin/%
	@mkdir -p $(@D)
	cp $< $@
$O/farm/enter: $(addprefix $O/tests/farm/,enter.o root.o deny.o)
	$(link) -static
farm-programs: $(FARM)

# What needs packages calls make again: they may not be there yet when this one starts.
again = @$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc))
deps:
	@sh tests/deps.sh build demo test
check:
	@sh tests/deps.sh build test
	$(again) -s all $O/bin/unit $O/tests/echo $O/tests/term $O/tests/fixture
	@sh tests/check.sh $O
check-asan:
	$(again) check SAN=1 O=build-asan
check-tsan:
	@sh tests/deps.sh build test
	$(again) -s all SAN=thread O=build-tsan
	@sh tests/tsan.sh build-tsan
# A Debian root with X11 programs is made at the first time (500 MB); not part of check.
x11:
	@sh tests/deps.sh build x11
	$(again) -s all
	@sh tests/x11/run.sh $O
demo:
	@sh tests/deps.sh build demo
	$(again) -s all
	@sh tests/demo/run.sh $O/bin $O/demo
# What an engine costs at least.
$O/tests/floor: $O/tests/bench/floor.o $(call lib,exec trace tree path base)
	$(link) $(STATIC)
bench:
	@sh tests/deps.sh build bench
	$(again) all $O/tests/fixture $O/tests/floor
	@/usr/bin/python3 tests/bench/run.py $O/bin BENCHMARKS.md
	-@/usr/bin/python3 tests/bench/pkg.py $O/bin 1000000 BENCHMARKS.md
	@/usr/bin/python3 tests/bench/tui.py $O 1000000 BENCHMARKS.md
farm farm-quick:
	@sh tests/deps.sh build farm $(if $(filter farm,$@),kernels)
	@CDE_BUILD=$O /usr/bin/python3 tests/farm/run.py $(if $(filter farm,$@),all,quick)
# Starts over a slow line, with the roots of stream-roots; as root.
$O/tests/slowlink: $O/tests/bench/slowlink.o
	$(link)
ROOTS = $(or $(CDE_FARM),/var/cache/cde-farm)/stream
bench-stream:
	@sh tests/deps.sh build bench
	$(again) all $O/tests/slowlink $O/tests/floor
	@sh tests/bench/stream-roots.sh $(ROOTS) bookworm
	@/usr/bin/python3 tests/bench/stream.py $O/bin $O/tests $(ROOTS)/bookworm
stream-roots:
	@sh tests/deps.sh bench
	@sh tests/bench/stream-roots.sh $(ROOTS) bullseye bookworm trixie
format:
	clang-format -i $$(find engine pkgtools tui -name '*.[ch]')
lint: all
	@sh tests/lint/run.sh $O

MAN = $(wildcard engine/*/*.[157] pkgtools/*/*.[15] tui/*.1)
COMPLETION = $(PROGRAMS:%=$O/completion/%)
$O/completion/%: $O/bin/% tests/completion.sh
	@mkdir -p $(@D)
	sh tests/completion.sh $< >$@
bindir = $(DESTDIR)$(PREFIX)/bin
mandir = $(DESTDIR)$(PREFIX)/share/man
compdir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fishdir = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
install: all $(COMPLETION) $O/completion/_cde-pkg $O/completion/cde-pkg.fish
	install -d $(bindir) $(mandir)/man1 $(mandir)/man5 $(mandir)/man7 $(compdir) $(zshdir) $(fishdir)
	install $(PROGRAMS:%=$O/bin/%) $(bindir)
	install -m 644 $(filter %.1,$(MAN)) $(mandir)/man1
	$(if $(filter %.5,$(MAN)),install -m 644 $(filter %.5,$(MAN)) $(mandir)/man5)
	install -m 644 $(filter %.7,$(MAN)) $(mandir)/man7
	install pkgtools/cloud-distro $(bindir)
	install -m 644 $(COMPLETION) $(compdir)
	install -m 644 $O/completion/_cde-pkg $(zshdir)
	install -m 644 $O/completion/cde-pkg.fish $(fishdir)

clean:
	rm -rf build build-*

-include $(shell find $O/engine $O/pkgtools $O/tui $O/tests -name '*.d' -type f 2>/dev/null)
.PHONY: all unit deps check check-asan check-tsan fuzz-smoke x11 demo bench bench-stream stream-roots
.PHONY: farm farm-quick farm-programs screenshots format lint install clean
