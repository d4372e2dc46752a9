#!/bin/sh
# A C project is made under cde, and made again, from clean, from the package.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need make cc
for f in one two main; do
	echo "int $f(void); int $f(void) { return 0; }" >$f.c
done
printf 'prog: one.o two.o main.o\n\tcc -o $@ $^\n%%.o: %%.c\n\tcc -c -o $@ $<\n' >Makefile
printf 'clean:\n\trm -f *.o prog\n' >>Makefile
trip make prog
