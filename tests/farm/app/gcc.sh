# gcc and make: a library, a program, dependencies, a second make that has nothing to do
# shellcheck shell=sh disable=SC2034
packages='gcc make libc6-dev'
quick=yes
programs='make, gcc, as, ld, ar'
prepare()
{
	mkdir a b
	for p_dir in a b; do
		printf 'int add(int a, int b);\nint times(int a, int b);\n' >$p_dir/calc.h
		printf '#include "calc.h"\nint add(int a, int b) { return a + b; }\n' >$p_dir/add.c
		printf '#include "calc.h"\nint times(int a, int b) { return a * b; }\n' >$p_dir/times.c
		cat >$p_dir/main.c <<END
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "calc.h"
static void *work(void *p) { *(int *)p = times(*(int *)p, 6); return 0; }
int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 7;
	pthread_t t;
	pthread_create(&t, 0, work, &n);
	pthread_join(t, 0);
	printf("$p_dir %d %.6f\\n", add(n, 1), sqrt(n));
	return 0;
}
END
		cat >$p_dir/Makefile <<'END'
CFLAGS = -O2 -Wall -MMD
prog: main.o libcalc.a
	$(CC) -o $@ main.o -L. -lcalc -lm -pthread
libcalc.a: add.o times.o
	$(AR) rcsD $@ $^
check: prog
	./prog 9 | grep -c 55
-include $(wildcard *.d)
END
	done
}
first='make -s -j2 -C a && make -s -C a check && make -q -C a && cp a/prog a/*.d out && a/prog'
second='make -s -j2 -C b && make -s -C b check && make -q -C b && cp b/prog b/*.d out && b/prog'
second_files='b'
