#!/bin/sh
# OpenMP in C.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
compile omp -fopenmp <<'END' || skip 'no OpenMP library'
#include <omp.h>
#include <stdio.h>
int main(void)
{
	double s = 0;
#pragma omp parallel for reduction(+ : s) num_threads(8)
	for (int i = 1; i < 1000000; i++)
		s += (double)(i % 10);
	FILE *f = fopen("in", "r");
	int x = f ? fgetc(f) : 0;
	printf("%.1f %c\n", s, x);
	return 0;
}
END
echo y >in
trip ./omp
