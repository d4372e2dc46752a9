#!/bin/sh
# Threads change and rename covered placeholders at the same time: no call fails for the covers, and
# in the end each file has its own again.
# once: about the namespace engine
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/ns.inc"
mkdir d && for n in $(seq 0 29); do echo "$n" >"d/$n"; done
compile busy -pthread -static <<'EOF'
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
enum { THREADS = 6, FILES = 30, ROUNDS = 20 };
static int failed;

static void need(int r, const char *what, const char *name)
{
	if (r == 0)
		return;
	printf("%s %s: %s\n", what, name, strerror(errno));
	failed = 1;
}

static void *run(void *arg)
{
	for (int r = 0; r < ROUNDS; r++)
		for (long i = (long)arg; i < FILES; i += THREADS) {
			char a[32], b[32];

			snprintf(a, sizeof(a), "d/%ld", i);
			snprintf(b, sizeof(b), "d/m%ld", i);
			need(chmod(a, r & 1 ? 0600 : 0644), "chmod", a);
			need(access(a, W_OK), "access", a);
			need(rename(a, b), "rename", a);
			need(rename(b, a), "rename", b);
		}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t[THREADS];

	if (argc == 1)
		return 0;
	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, run, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < FILES; i++) {
		char a[32];
		int fd;

		snprintf(a, sizeof(a), "d/%d", i);
		while ((fd = open(a, O_RDONLY)) >= 0) { /* until it is covered again */
			close(fd);
			usleep(1000);
		}
		need(errno == EACCES ? 0 : -1, "open", a);
	}
	puts(failed ? "failed" : "all are covered");
	return failed;
}
EOF
capture sh -c 'ls d >/dev/null; ./busy'
move_away
run_in "$PACKAGE/cde-root$SRC" busy "$PACKAGE/cde-exec" --engine namespace ./busy go
status_is busy 0
out_is busy 'all are covered'
