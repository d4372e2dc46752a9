# an OpenMP program that is the user's own: four threads, tasks, a reduction
# shellcheck shell=sh disable=SC2034
packages='gcc libc6-dev'
programs='(own), libgomp'
prepare()
{
	echo 300000 >a.txt
	echo 500000 >b.txt
	cat >count.c <<'END'
#include <omp.h>
#include <stdio.h>
static int fib(int n)
{
	int a, b;
	if (n < 12)
		return n < 2 ? n : fib(n - 1) + fib(n - 2);
#pragma omp task shared(a)
	a = fib(n - 1);
	b = fib(n - 2);
#pragma omp taskwait
	return a + b;
}
int main(int argc, char **argv)
{
	FILE *f = argc > 1 ? fopen(argv[1], "r") : 0;
	int n, f20 = 0;
	long sum = 0;
	if (!f || fscanf(f, "%d", &n) != 1)
		return 3;
#pragma omp parallel for reduction(+ : sum) schedule(dynamic, 100)
	for (int i = 0; i < n; i++)
		sum += i % 7;
#pragma omp parallel
#pragma omp single
	f20 = fib(20);
	printf("%d threads, sum %ld, fib %d\n", omp_get_max_threads(), sum, f20);
	return 0;
}
END
	gcc -O2 -fopenmp -o count count.c
}
first='OMP_NUM_THREADS=4 ./count a.txt'
second='OMP_NUM_THREADS=4 ./count b.txt'
second_files='count b.txt'
