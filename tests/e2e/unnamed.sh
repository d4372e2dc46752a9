#!/bin/sh
# fstat as glibc 2.33 to 2.38 makes it: a call by name without a name.  One capture learns how
# it looks, the next one does not see it any more (trace/unnamed.h); a name that the same
# call has is seen all the same.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$(uname -m)" = x86_64 ] || skip "about x86_64"
compile looks <<'E'
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const char nothing[] = "";

__attribute__((noinline)) static long
look(int dir, const char *name, struct stat *st)
{
	register long flags __asm__("r10") = AT_EMPTY_PATH;
	long r;

	__asm__ volatile("syscall" : "=a"(r)
			 : "a"(SYS_newfstatat), "D"((long)dir), "S"(name), "d"(st), "r"(flags)
			 : "rcx", "r11", "memory");
	return r;
}

int
main(int argc, char **argv)
{
	int dir = open(".", O_RDONLY);
	struct stat st;

	for (int i = 0; i < 200; i++)
		if (look(dir, nothing, &st) != 0 || !S_ISDIR(st.st_mode))
			return 1;
	for (int i = 1; i < argc; i++)
		printf("%s %ld %ld\n", argv[i], look(dir, argv[i], &st), (long)st.st_size);
	return 0;
}
E
echo one >a && echo second >b

mkdir -p "${PACKAGE%/*}"

# How often was the supervisor asked?  strace cannot look at a tracer.
asked()
{
	record traced timeout 30 strace -f -qq -e trace=ioctl -o "$WORK/trace" \
		"$CDE_BIN/cde" -q --engine notify -o "$PACKAGE" ./looks a
	status_is traced 0
	grep -c 'NOTIF_RECV.*= 0$' "$WORK/trace"
}

if [ "$CAPTURE_ENGINE" = notify ] && has strace timeout; then
	before=$(asked)
	after=$(asked)
	echo "asked $before times, then $after"
	[ "$before" -ge 200 ] || broken "the first capture was not asked"
	[ "$after" -le $((before / 10)) ] ||
		fail "the second capture was asked for calls without a name"
else
	echo "not counted: only cde --engine notify goes under strace"
	capture ./looks a
fi
[ "$(head -n 1 "$PACKAGE/.unnamed")" = "cde unnamed 1" ] || fail "nothing was learned"
native ./looks a b
capture ./looks a b
same_output native capture
in_manifest "$SRC/b" stat
move_away
replay ./looks a b
same_output native replay
replay ./looks a b
same_output native replay

# What a package says of it can make a call pass unseen, no more.
printf 'cde unnamed 1\nffffffff\n00000001\nx' >"$PACKAGE/.unnamed"
replay ./looks a b
same_output native replay
