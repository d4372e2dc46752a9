#ifndef CDE_INSPECT_LOOKUP_H
#define CDE_INSPECT_LOOKUP_H

#include "inspect/package.h"

/*
 * Look-ups that failed: those of the capture (table miss), which are how the programs
 * behave when all is well, and those of later runs with cde-exec (missing.jsonl).  Lines
 * that make no sense are passed over.
 */
struct lookup {
	char *path;    /* absolute; heap, as the next two */
	char *call;    /* "openat" */
	char *program; /* who asked; NULL not known */
	int64_t count;
	bool later;	  /* of a run with cde-exec */
	bool placeholder; /* the package has its name only */
};

typedef VEC(struct lookup) lookup_list;
int lookup_read(struct package *p, lookup_list *out, struct err *e);

/* Only those of the capture; only the lines of another missing.jsonl (appends). */
int lookup_read_capture(struct package *p, lookup_list *out, struct err *e);
void lookup_parse(const struct str *text, lookup_list *out);
void lookup_fini(lookup_list *x);

#endif
