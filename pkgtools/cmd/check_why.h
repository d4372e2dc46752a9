#ifndef CDE_CMD_CHECK_WHY_H
#define CDE_CMD_CHECK_WHY_H

#include "cmd/cmd.h"
#include "inspect/isolate.h"

/* The verb check, and what it says of causes. */
struct check {
	struct call *c;
	int64_t id; /* of the run */
	struct isolate run;
	VEC(char *) path;	      /* of the outputs */
	VEC(struct isolate_file) was; /* … as the captured run left them */
	struct str expected;	      /* its stdout */
	bool compares;		      /* … is known */
	int64_t status;		      /* of the captured run */
	bool differs;
};

enum check_verdict { CHECK_OK, CHECK_DIFFERS, CHECK_UNKNOWN, CHECK_CAUSE };
void check_row(struct check *k, enum check_verdict v, const char *check, const char *path,
	       const char *detail);

/* Repeats the run; its descriptors are the caller's, also after an error. */
int check_start(struct check *k, struct isolate *run, struct err *e);
int check_read(int fd, struct str *out, struct err *e); /* all of it */

/* Rows with what the difference probably comes from; at least one. */
int check_why(struct check *k, struct err *e);

#endif
