#ifndef CDE_TRACE_UNNAMED_H
#define CDE_TRACE_UNNAMED_H

#include "trace/bpf.h"
#include "trace/decode.h"

/*
 * Calls whose name is empty, known without a look at it.  Of what programs ask by name a
 * tenth to four tenths has none (gcc, gnuplot): glibc from 2.33 to 2.38 makes fstat as
 * newfstatat(fd, "", AT_EMPTY_PATH), and a filter cannot read a name.  But the call and its
 * "" are in one object file, and so at the same distance wherever that is mapped; another
 * name is never there (PTRACE.md 66).  One run learns the distance, the next ones pass such
 * calls.
 */
enum { UNNAMED_MOST = 4 };

struct unnamed {
	uint32_t gap[UNNAMED_MOST]; /* from the end of the call to its name; 0: no more */
};

/* What a run has seen: the gap that more than half of these calls had, if one had. */
struct unnamed_seen {
	uint32_t gap;
	size_t lead; /* by so many votes */
};

/* A name of a call came by: it counts when it is empty. */
void unnamed_note(struct unnamed_seen *x, const struct proc *p,
		  const struct path_event *ev);

/* Is it such a call, 64-bit ones only?  What the filter does. */
bool unnamed_is(const struct unnamed *x, const struct sysregs *s);

/* Of such a call (newfstatat): allow it if it is one; else what follows decides. */
void unnamed_emit(const struct unnamed *x, struct bpf *b);

/* From a file, in a directory; one that is not as it should be says nothing. */
void unnamed_read(struct unnamed *x, int dirfd, const char *name);

/* If the run has seen enough of them with a gap that is not in x: into the file.  Best
 * effort. */
void unnamed_write(const struct unnamed *x, const struct unnamed_seen *seen, int dirfd,
		   const char *name);

#endif
