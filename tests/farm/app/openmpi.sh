# Open MPI: two ranks on one machine pass messages by shared memory
# shellcheck shell=sh disable=SC2034
packages='openmpi-bin libopenmpi-dev gcc libc6-dev'
programs='mpirun'
limit=120
prepare()
{
	echo 40000 >a.txt
	echo 70000 >b.txt
	cat >ring.c <<'END'
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	int rank, size, n = 0;
	double part = 0, sum, *big;
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	FILE *f = fopen(argv[1], "r");
	if (!f || fscanf(f, "%d", &n) != 1)
		MPI_Abort(MPI_COMM_WORLD, 3);
	for (int i = rank; i < n; i += size)
		part += 1.0 / (1 + i);
	MPI_Reduce(&part, &sum, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
	big = calloc(n, sizeof(*big));
	for (int i = 0; i < n; i++)
		big[i] = rank ? i : 0;
	if (rank)
		MPI_Send(big, n, MPI_DOUBLE, 0, 1, MPI_COMM_WORLD);
	else
		MPI_Recv(big, n, MPI_DOUBLE, 1, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	if (!rank)
		printf("%d ranks, sum %.9f, last %.0f\n", size, sum, big[n - 1]);
	MPI_Finalize();
	return 0;
}
END
	mpicc -O2 -o ring ring.c
}
first='mpirun -np 2 --oversubscribe ./ring a.txt'
second='mpirun -np 2 --oversubscribe ./ring b.txt'
second_files='ring b.txt'
