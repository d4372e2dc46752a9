#!/bin/sh
# timeout: 120
# Without exit stops: what calls made, moved and removed, and which programs ran, is found
# out by looking.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need cc sqlite3
cat >none.c <<'END'
/* A static program that makes no call with a name. */
int main(void) { return 4; }
END
cc -static -o none none.c || skip "no static C library"
cat >threads.c <<'END'
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_barrier_t turn;

/* The last call with a name of this thread: its end shows in nobody's next call. */
static void *make(void *arg)
{
	close(open("made", O_CREAT | O_WRONLY, 0644));
	mkdir("dir", 0755);
	rename("in/old", "in/new");
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	return NULL;
}

int main(void)
{
	pthread_t t;
	char c;

	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t, NULL, make, NULL);
	pthread_barrier_wait(&turn);
	if (read(open("made", O_RDONLY), &c, 1) != 0 || read(open("in/new", O_RDONLY), &c, 1) != 1)
		return 1;
	close(open("dir/file", O_CREAT | O_WRONLY, 0644));
	pthread_barrier_wait(&turn);
	pthread_join(t, NULL);
	return open("in/old", O_RDONLY) < 0 ? 0 : 2;
}
END
cc -pthread -o threads threads.c || broken "cc threads.c"
mkdir in && echo old >in/old
capture sh -c './threads; echo $?; ./none; echo $?; ./absent; true' 2>/dev/null
out_is capture '0
4'
for f in made dir/file in/new; do
	[ "$(file_state "$SRC/$f")" = output ] || fail "$f is $(file_state "$SRC/$f"), no output"
	not_in_package "$SRC/$f"
done
[ "$(cat "$PACKAGE/cde-root$SRC/in/old")" = old ] || fail "in/old is not in the package"
ran()
{
	manifest "SELECT count(*) FROM process WHERE exe = '$SRC/$1'"
}
[ "$(ran none)" = 1 ] || fail "the static program ran $(ran none) times"
[ "$(ran threads)" = 1 ] || fail "threads ran $(ran threads) times"
[ "$(manifest "SELECT count(*) FROM process p JOIN process q ON p.parent = q.id
	WHERE p.exe = '$SRC/none'")" = 1 ] || fail "the static program has no parent"
# Made by the last call of a program with a name, and listed by the next program.
tool
compile last <<'END'
#include <fcntl.h>
int main(void) { return open("new", O_CREAT | O_WRONLY, 0644) < 0; }
END
capture sh -c './last; ./tool ls . cat new'
out_has capture 'cat new: ok'
[ "$(file_state "$SRC/new")" = output ] || fail "new is $(file_state "$SRC/new"), no output"
not_in_package "$SRC/new"
in_package "$SRC/none.c"
