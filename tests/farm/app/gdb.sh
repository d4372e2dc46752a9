# gdb: look at a core file, with sources, threads and a script in its Python
# shellcheck shell=sh disable=SC2034
packages='gdb gcc libc6-dev libc6-dbg'
programs='gdb'
prepare()
{
	cat >crash.c <<'END'
#include <stdlib.h>
#include <string.h>
struct item { const char *name; int n; };
static int deep(struct item *x, int n)
{
	if (n == 0)
		abort();
	x->n += n;
	return deep(x, n - 1) + 1;
}
int main(int argc, char **argv)
{
	struct item x = { strdup(argv[1]), argc };
	return deep(&x, strlen(argv[1]));
}
END
	gcc -g -O0 -o crash crash.c
	for p_name in a bcde; do
		gdb -batch -ex 'handle SIGABRT stop nopass' -ex run -ex "generate-core-file core.$p_name" \
			--args ./crash $p_name >log 2>&1
	done
	cat >look.gdb <<'END'
set print frame-arguments all
backtrace
frame function main
info locals
print x.name
list deep
ptype x
python print("from python", gdb.selected_frame().name(), gdb.lookup_type("int").sizeof)
info signals SIGABRT
END
}
first='gdb -nx -batch -x look.gdb ./crash core.a >text && sed "s/0x[0-9a-f]*/PTR/g" text'
second='gdb -nx -batch -x look.gdb ./crash core.bcde >text && sed "s/0x[0-9a-f]*/PTR/g" text'
second_files='crash.c crash core.bcde look.gdb'
