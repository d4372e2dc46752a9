#ifndef CDE_STREAM_METER_H
#define CDE_STREAM_METER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* One line on the terminal while it fetches: files, bytes, rate.  It appears when
 * something takes longer than half a second, and goes when that is done. */
struct meter {
	const char *server;
	uint64_t bytes, bytes_all;
	unsigned files, files_all;
	int64_t began, shown; /* ns */
	bool on;
	pthread_mutex_t lock; /* of meter_add */
};

void meter_begin(struct meter *p, const char *server, unsigned files, uint64_t bytes);

/* Between the two, by any thread. */
void meter_add(struct meter *p, unsigned files, uint64_t bytes);
void meter_end(struct meter *p);

/* Monotonic time in ns. */
int64_t meter_now(void);

#endif
