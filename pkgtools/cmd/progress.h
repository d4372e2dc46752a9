#ifndef CDE_CMD_PROGRESS_H
#define CDE_CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * One line on stderr, when that is a terminal, at most ten times a second, and only from
 * half a second on: "scan  1204/41000 files  310 MiB, 95 MiB/s, 12 s left".
 */
struct progress {
	const char *verb;
	bool wanted, shown;
	uint64_t files, bytes; /* of all; 0: not known */
	struct timespec begin, last;
};

void progress_begin(struct progress *p, const char *verb, uint64_t files, uint64_t bytes);
void progress_at(struct progress *p, uint64_t files, uint64_t bytes);
void progress_end(struct progress *p); /* wipes the line */

#endif
