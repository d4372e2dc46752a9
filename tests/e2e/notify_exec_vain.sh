#!/bin/sh
# A child whose execve fails, and which ends at once, has not run that program: with no
# interpreter, a text, a piece of a program, arguments that are too long, whatever status it
# ends with.  A program that makes no call with a name has run.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need cc sqlite3
compile vain <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* vain STATUS FILE [BIG] */
int main(int argc, char **argv)
{
	static char big[1 << 18];
	char *words[] = { argv[2], argc > 3 ? big : NULL, NULL }, *none[] = { NULL };
	int st;
	pid_t pid;

	memset(big, 'x', sizeof(big) - 1);
	pid = fork();
	if (pid == 0) {
		execve(argv[2], words, none);
		_exit(atoi(argv[1]));
	}
	waitpid(pid, &st, 0);
	printf("%s %d\n", argv[2], WEXITSTATUS(st));
	return 0;
}
END
cat >none.c <<'END'
int main(void) { return 4; }
END
cc -static -o silent none.c || skip "no static C library"
cc -o dynamic none.c
cc -Wl,--dynamic-linker=/none/ld.so -o loaderless none.c
printf '#!/none/sh\n' >script
echo 'echo text' >text
head -c 40 silent >piece
chmod +x script text piece
capture sh -c 'for s in 1 127; do
	for f in loaderless script text piece absent silent dynamic; do ./vain $s ./$f; done
	./vain $s ./dynamic big
	done'
out_is capture "$(for s in 1 127; do
	for f in loaderless script text piece absent; do echo "./$f $s"; done
	printf './silent 4\n./dynamic 4\n./dynamic %s\n' $s
done)"
ran()
{
	manifest "SELECT count(*) FROM process WHERE exe = '$SRC/$1'"
}
for f in loaderless script text piece absent; do
	[ "$(ran $f)" = 0 ] || fail "$f ran $(ran $f) times"
done
for f in silent dynamic; do
	[ "$(ran $f)" = 2 ] || fail "$f ran $(ran $f) times"
done
