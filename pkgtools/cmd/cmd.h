#ifndef CDE_CMD_CMD_H
#define CDE_CMD_CMD_H

#include "base/err.h"
#include "base/log.h"
#include "base/opt.h"
#include "cmd/out.h"
#include "inspect/model.h"
#include "inspect/package.h"
#include "inspect/query.h"

/*
 * A verb of cde-pkg: a file with a `const struct cmd cmd_NAME`, and a line in verbs.def.
 * --help, the synopsis of the man page and the completions are made from these structs.
 * main opens (and, for CMD_EDITS, locks) the package once, runs the verb, prints its
 * error, and closes.
 */
enum cmd_flag {
	CMD_LISTS = 1, /* prints rows: has --format, --color */
	CMD_EDITS = 2, /* changes the package: opened with PACKAGE_WRITE; has --dry-run */
	CMD_NO_OPEN = 4, /* opens what it needs itself (diff, unpack, completion) */
};

enum cmd_group { CMD_LOOK, CMD_CHANGE, CMD_WHOLE, CMD_SHIP, CMD_CARE };

struct call;
struct cmd {
	const char *name;
	const char *args;  /* as in the synopsis: "[EXPR...]"; "" none */
	const char *brief; /* one line, lower case */
	const char *more;  /* paragraph for `VERB --help`, or NULL */
	enum cmd_group group;
	unsigned flags;
	int min, max;		/* number of arguments; max -1: any */
	const struct opt *opts; /* its own; set() gets the struct call; NULL: none */
	size_t own;		/* size of its options struct, zeroed: call->own */
	int (*run)(struct call *c, struct err *e); /* -1, or the exit status */
};

/* Exit statuses: 0 fine, 1 error (and `diff`: they differ), 2 usage, 3 findings. */
enum { EXIT_FINE = 0, EXIT_ERROR = 1, EXIT_USAGE = 2, EXIT_FINDINGS = 3 };

struct call {
	const struct cmd *cmd;
	const struct opt *opts; /* of cmd_options */
	const char *dir;	/* -p, or NULL */
	unsigned open;		/* PACKAGE_… flags of the user (--no-manifest) */
	bool help;
	bool dry_run;
	int error_status; /* of an error: EXIT_ERROR, or EXIT_USAGE */
	struct package package;
	struct out out;
	int argc;
	char **argv; /* arguments that are no options; NULL-terminated */
	void *own;
};

#define OWN(x, type) ((type *)((struct call *)(x))->own)

extern const struct cmd *const cmd_table[]; /* NULL-terminated, in order of --help */

/* The options of a verb: own, then common ones by its flags.  Caller frees. */
struct opt *cmd_options(const struct cmd *cmd);
const struct cmd *cmd_find(const char *name); /* NULL: no such verb */

/* All arguments from `first` on, joined by blanks, as one filter; q is empty before.  An
 * error shows the column.  Binds it to the package; has types computed if it asks. */
int cmd_query(struct call *c, int first, struct query *q, struct err *e);

/* Types that are not known yet are computed, with progress. */
int cmd_types(struct call *c, struct err *e);

/* The same unless the package is so large that it takes long. */
int cmd_types_of_few(struct call *c, struct err *e);

/* A whole number of at least `least`. */
int cmd_number(const char *text, int64_t least, int64_t *out, struct err *e);

/* An argument as a path of the package; an error when there is nothing there. */
int cmd_path(struct call *c, const char *arg, struct str *out, struct err *e);

/* True after Ctrl-C: finish what is begun, and return. */
bool cmd_interrupted(void);
void cmd_catch_interrupt(void); /* from now on it only sets that */

#endif
