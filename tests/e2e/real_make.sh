#!/bin/sh
# make -j2 of a small project with an archive and generated sources.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need make cc ar
mkdir src
for i in 1 2 3 4 5 6; do
	printf '#include "all.h"\nint f%d(void) { return %d; }\n' $i $i >src/f$i.c
done
echo '#include "all.h"
#include <stdio.h>
int main(void) { printf("%d\n", f1() + f2() + f3() + f4() + f5() + f6() + GEN); return 0; }' >src/main.c
for i in 1 2 3 4 5 6; do echo "int f$i(void);"; done >src/all.h
cat >Makefile <<'END'
O := $(patsubst src/f%.c,o/f%.o,$(wildcard src/f*.c))
prog: src/main.c libf.a gen.h
	@cc -include gen.h -o $@ src/main.c libf.a
libf.a: $O
	@ar rcsD $@ $(sort $^)
o/%.o: src/%.c src/all.h | o
	@cc -MMD -c -o $@ $<
o:
	@mkdir o
gen.h:
	@echo '#define GEN 100' > $@
END
trip sh -c 'make -s -j2 && ./prog && make -j2 && touch src/f3.c && make -n libf.a'
