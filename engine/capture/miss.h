#ifndef CDE_CAPTURE_MISS_H
#define CDE_CAPTURE_MISS_H

#include "base/map.h"
#include "base/vec.h"
#include "capture/view.h"
#include "pkg/manifest.h"
#include "tree/passed.h"

/* Failed look-ups by name, each once with a count, up to MISSES_MAX names. */
enum { MISSES_MAX = 100000 };

struct miss {
	const char *path; /* the map's key */
	const char *call; /* static */
	int64_t process;  /* the first that asked */
	int error;
	unsigned count;
};

struct misses {
	struct map index;
	VEC(struct miss) miss;
	unsigned dropped; /* look-ups of names beyond the limit */
};

void misses_add(struct misses *x, const struct str *path, const char *call, int error,
		int64_t process);
void misses_save(const struct misses *x, struct manifest *m);

/* Of those, the names that searches passed on their way to what the run stored; puts
 * them into out. */
void misses_passed(const struct misses *x, const struct view *v, struct passed *out);
void misses_fini(struct misses *x);

#endif
