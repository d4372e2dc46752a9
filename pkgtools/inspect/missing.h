#ifndef CDE_INSPECT_MISSING_H
#define CDE_INSPECT_MISSING_H

#include "inspect/model.h"

/*
 * What the package lacks, as a list of wanted things.  A search tries many names for one
 * thing (PATH, ld.so, a Python import, a locale): these are one row, with all that was
 * tried.  Sources: look-ups that failed with cde-exec, compared with those that failed
 * at capture; what the manifest has and cde-root has not; what programs need by their
 * own headers.  Nothing is changed.
 */
enum missing_severity {
	MISSING_NORMAL, /* failed at capture in the same way, or expected: how it is */
	MISSING_MAYBE,	/* !    nobody knows it */
	MISSING_LIKELY, /* !!   this machine has it, or the package has its name only */
	MISSING_SURE,	/* !!!  it was there at capture, or something cannot do without */
};

enum missing_why { /* the reason for the severity; the worst comes last */
		   MISSING_PROBED,
		   MISSING_UNKNOWN,
		   MISSING_HOST,       /* this machine has it */
		   MISSING_DENIED,     /* a rule hides it */
		   MISSING_UNREADABLE, /* could not be read, or stored, at capture */
		   MISSING_NAME_ONLY,  /* was listed at capture: a placeholder */
		   MISSING_NEEDED,     /* DT_NEEDED, interpreter or "#!" of `needer` */
		   MISSING_DROPPED,    /* by an edit */
		   MISSING_GONE,       /* the manifest has it, cde-root has not */
		   MISSING_WHYS
};

enum missing_kind {
	MISSING_PATH,
	MISSING_LIBRARY,
	MISSING_PROGRAM,
	MISSING_MODULE,
	MISSING_LOCALE,
	MISSING_TERMINAL,
	MISSING_KINDS
};

struct missing_thing {
	enum missing_severity severity; /* normal, if it is expected */
	enum missing_severity judged;	/* what it would be if it was not */
	enum missing_why why;
	enum missing_kind kind;
	char *name;    /* what is wanted: "libfoo.so.1", "json.decoder", or the path */
	char *path;    /* the best of the places: where it was, else where it is here */
	char *host;    /* where this machine has it, NULL: nowhere */
	char *call;    /* "openat"; "" when nobody has asked yet, as the next */
	char *program; /* who asked */
	char *needer;  /* which file needs it, or "" */
	int64_t times; /* it was asked for by later runs */
	VEC(char *) tried; /* all places */
	bool captured;	   /* the manifest has `path` as a file of the package */
	bool differs;	   /* this machine's has another size than the one at capture */
	bool expected;	   /* missing_noted, by cde.options */
};

struct missing_list {
	VEC(struct missing_thing) v; /* worst first; then what was asked for most */
	size_t count[MISSING_SURE + 1];
};

enum {
	MISSING_TREE = 1,  /* look for each file of the manifest: 5 µs each */
	MISSING_NEEDS = 2, /* … for what programs need: ftype_update comes before */
};

/* m is the model of p.  Fills *out, which is empty before; missing_list_fini, also after
 * an error. */
int missing_find(struct missing_list *out, struct package *p, const struct model *m,
		 unsigned how, struct err *e);

/* The same for one run: its look-ups, as cde-exec wrote them, instead of the package's. */
int missing_find_in(struct missing_list *out, struct package *p, const struct model *m,
		    const struct str *jsonl, struct err *e);
void missing_list_fini(struct missing_list *l); /* usable again */

/* ENTRY_MISSING for the node of each but normal ones, which is made where there is none,
 * and for no other.  False: there was none, and is none. */
bool missing_mark_nodes(const struct missing_list *l, struct model *m);

/* The first path that is noted as absent and is one of these places, or NULL; good while
 * both are.  A mere name ("libfoo.so.1", needed and found nowhere) may be in any directory. */
const char *missing_noted(const struct rules *r, char *const *tried, size_t n);

const char *missing_mark(enum missing_severity s); /* "!!!"; "-" */
const char *missing_word(enum missing_kind k);	   /* "library" */
void missing_reason(const struct missing_thing *x,
		    struct str *out); /* appends; of `judged` */

/*
 * Which thing is meant by a name for `program` (NULL: not known).  key: the same for all
 * names of one search; name: how people call it.  Both are replaced.  search: directories
 * of PATH, joined by colons.
 */
struct missing_names {
	const char *search;
	bool (*is_package)(void *ctx, const char *dir); /* has an __init__.py */
	void *ctx;
};
enum missing_kind missing_name(const struct missing_names *n, const char *path,
			       const char *program, struct str *key, struct str *name);

#endif
