#ifndef CDE_TUI_FINDING_H
#define CDE_TUI_FINDING_H

#include "inspect/edit.h"

/*
 * What screen 4 shows: what inspect/missing.h finds, and which rows of it.
 */
enum severity {
	SEVERITY_NORMAL, /* failed at capture, too */
	SEVERITY_MAYBE,	 /* !    nobody knows it */
	SEVERITY_LIKELY, /* !!   this machine has it */
	SEVERITY_SURE,	 /* !!!  it was there at capture */
};

struct finding {
	enum severity severity;
	char *path;    /* the best of the places: where it was, where the host has it */
	char *call;    /* "" not known */
	char *program; /* "" not known */
	char *reason;  /* for the severity, for people */
	int64_t times;
	VEC(char *) tried; /* all places */
	bool host;	   /* this machine has `path` */
	bool captured;	   /* the manifest has `path` */
	bool ignored;	   /* noted as absent, or staged so */
};

/* … as it is shown. */
static inline enum severity
finding_severity(const struct finding *x)
{
	return x->ignored ? SEVERITY_NORMAL : x->severity;
}

struct findings {
	VEC(struct finding) v; /* worst first */
	VEC(uint32_t) row;     /* those that are shown */
	size_t sure, likely, maybe, normal;
	bool noise;  /* normal ones are shown, too */
	bool marked; /* nodes of the model are not as they were */
};

/* They get their nodes, too (missing_mark_nodes). */
int finding_read(struct findings *f, struct package *p, struct model *m, struct err *e);
/* Which are ignored, by the rules as they are or will be; then finding_select. */
void finding_ignore(struct findings *f, const struct rules *r);
/* The path that a note about it names, or would name; replaced. */
void finding_place(const struct finding *x, const struct rules *r, struct str *out);
void finding_select(struct findings *f); /* makes row, and the counts */
void finding_fini(struct findings *f);
const char *finding_mark(enum severity s); /* "!!!" */
const char *finding_word(enum severity s); /* "for certain" */

#endif
