#ifndef CDE_INSPECT_PROCESS_H
#define CDE_INSPECT_PROCESS_H

#include "inspect/package.h"

/* The processes of all runs, in the order in which they began. */
struct process {
	int64_t id, run, parent; /* parent 0: the command of the run itself */
	int64_t pid, files;	 /* files: how many of the package it used */
	char *exe, *argv;	 /* heap; NULL not known */
};

typedef VEC(struct process) process_list;
int process_read(struct package *p, process_list *out, struct err *e);
void process_fini(process_list *x);

#endif
