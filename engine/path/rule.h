#ifndef CDE_PATH_RULE_H
#define CDE_PATH_RULE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"

/*
 * cde.options: which side a path is taken from (cde.options(5)).  Pure: text
 * in, decisions out.  Version 1: redirect beats ignore, prefixes are plain
 * strings, order of kinds exact, prefix, substr.  Version 2: the most specific
 * rule wins (exact, longest prefix, substr), prefixes end at a component.
 */
enum verdict {
	VERDICT_DEFAULT, /* no rule: package, or in seamless mode by existence */
	VERDICT_PACKAGE, /* redirect_*: pinned to the sandbox */
	VERDICT_HOST,	 /* ignore_*: pinned to the host */
	VERDICT_HIDDEN,	 /* hide_*: on neither side */
};

enum rule_match { MATCH_EXACT, MATCH_PREFIX, MATCH_SUBSTR };

struct rule {
	enum verdict verdict;
	enum rule_match match;
	char *text; /* v2: clean, without trailing slash */
	size_t len;
	unsigned line; /* in the file; 0: from the command line */
};

struct rule_process { /* ignore_process=PATH { process_ignore_prefix=… } */
	char *exe;
	VEC(char *) prefix;
	unsigned line;
};

/* A line of notes begins with the one, and may be the other: "#:absent_exact=/a". */
#define RULE_NOTE   "#:"
#define RULE_ABSENT "absent_exact"

struct rules {
	int version; /* 1 or 2 */
	VEC(struct rule) rule;
	VEC(struct rule_process) process;
	VEC(char *) env;	  /* ignore_environment_var */
	struct map absent;	  /* #:absent_exact, decides nothing */
	struct rule_index *index; /* private to rule.c */
};

void rules_init(struct rules *r, int version);
void rules_fini(struct rules *r);

/*
 * Read the text of an options file.  `name` is for messages: "NAME:12: unknown
 * key 'foo'".  First line "# cde.options v1…" or "# cde.options v2…".  A last
 * line without newline, CR LF, "=" in values and any number of entries are fine.
 * Lines of notes ("#:KEY=VALUE") are comments to programs that do not know them,
 * so that a note can be added to a package with an older cde-exec.
 */
int rules_parse(struct rules *r, const char *name, const char *text, size_t len,
		struct err *e);

/* Add one rule, as -i and -p do; it is entered before those of the file. */
int rules_add(struct rules *r, enum verdict v, enum rule_match m, const char *text,
	      struct err *e);

struct decision {
	enum verdict verdict;
	const struct rule *rule; /* NULL: default; good until a rule is added */
};

/* `abs` is clean and absolute.  No allocation; cost independent of the number
 * of exact and prefix rules. */
struct decision rules_decide(const struct rules *r, const char *abs, size_t len);

/* Could anything below `abs` get another verdict than abs itself?  (A whole
 * subtree with one answer needs no further look.) */
bool rules_split_below(const struct rules *r, const char *abs);

const struct rule_process *rules_process(const struct rules *r, const char *exe);
bool rules_ignores_env(const struct rules *r, const char *name, size_t len);

/* Is it noted that there is no such file, and that this is as it should be? */
bool rules_expect_absent(const struct rules *r, const char *abs, size_t len);

/* "ignore_prefix=/tmp (cde.options:12)"; for --why and messages. */
void rule_describe(const struct rule *x, struct str *out);

/* The defaults (cde.options(5)), with comments: what `cde` writes into a new cde.options. */
extern const char rules_default_text[];

#endif
