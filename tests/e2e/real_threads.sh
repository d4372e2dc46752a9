#!/bin/sh
# A C program with many threads that open, stat and make files at once.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
compile thr -pthread <<'END'
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
static void *run(void *p)
{
	long n = (long)p, sum = 0;
	char name[40], c;
	struct stat st;
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "in/%ld", (n + i) % 8);
		int fd = open(name, O_RDONLY);
		if (fd < 0 || read(fd, &c, 1) != 1) return (void *)-1L;
		sum += c;
		close(fd);
		snprintf(name, sizeof(name), "out/%ld.%d", n, i);
		if (stat(name, &st) == 0 || errno != ENOENT) return (void *)-2L;
		fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0644);
		if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) < 0 || stat(name, &st) < 0 ||
		    st.st_size != 1 || unlink(name) < 0) return (void *)-3L;
	}
	return (void *)sum;
}
int main(void)
{
	pthread_t t[16];
	void *r;
	for (long i = 0; i < 16; i++) pthread_create(&t[i], NULL, run, (void *)i);
	for (int i = 0; i < 16; i++) { pthread_join(t[i], &r); printf("%ld\n", (long)r); }
	return 0;
}
END
mkdir in out
for i in 0 1 2 3 4 5 6 7; do echo $i >in/$i; done
trip ./thr
