# a 32-bit program on a 64-bit kernel
# shellcheck shell=sh disable=SC2034
packages='gcc gcc-multilib'
programs='(own, i386)'
prepare()
{
	echo 3 1 2 >a.txt
	echo 9 7 8 5 >b.txt
	cat >sort.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
static int cmp(const void *a, const void *b) { return *(int *)a - *(int *)b; }
int main(int argc, char **argv)
{
	FILE *f = argc > 1 ? fopen(argv[1], "r") : 0;
	int v[9], n = 0;
	struct stat st;
	while (f && n < 9 && fscanf(f, "%d", v + n) == 1)
		n++;
	qsort(v, n, sizeof(*v), cmp);
	for (int i = 0; i < n; i++)
		printf("%d\n", v[i]);
	printf("%d bits, %s: %d\n", (int)sizeof(void *) * 8, argv[1], stat(argv[1], &st));
	return 0;
}
END
	gcc -m32 -o sort sort.c
}
first='./sort a.txt'
second='./sort b.txt'
second_files='sort b.txt'
