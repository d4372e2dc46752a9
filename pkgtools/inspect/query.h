#ifndef CDE_INSPECT_QUERY_H
#define CDE_INSPECT_QUERY_H

#include "inspect/model.h"

/*
 * The filter language of cde-pkg and cde-tui (cde-pkg(1), FILTERS):
 *
 *   libc             the path contains it; words are AND-ed
 *   name:*.so*       glob on the name; path: on the whole path (* crosses /)
 *   re:^/etc/.+      extended regular expression on the path
 *   type:elf         type, or its beginning up to a dash; a glob is fine
 *   kind:l           any of f d l p s c b
 *   origin:libc*     package, with or without ":amd64" or "pip:"; a glob is fine
 *   class:user       package user config generated language output local virtual unowned
 *   size>1M          also < >= <= =; K M G T are 1024-based, KB MB ... 1000-based
 *   acc:wx           any of s r w x l k (stat read write exec list link), n: none
 *   state:D          any of the letters of STATE
 *   proc:python3     used by a process whose program is so named; a glob is fine
 *   missing staged noted predicted modified pinned
 *   !x  x or y  (x)  "a b"  'a b'
 *
 * "!" binds closest, then the AND of words, then "or".  In a plain word a backslash is
 * what it is in escaped names (text.h), or makes the next character plain; in globs and
 * regular expressions it is theirs.
 *
 * Zero-initialised matches everything.
 */
struct query {
	struct query_term *term; /* private */
	size_t n, cap;
	int root;
	unsigned need; /* MODEL_… bits that matching needs */
	bool procs;    /* … and query_bind */
	bool types;    /* asks for types: ftype_update comes before */
	bool missing;  /* asks what is missing: missing_mark_nodes comes before */
};

/* -1: e says what is wrong, *column (may be NULL) at which byte of text, from 0. */
int query_parse(struct query *q, const char *text, size_t *column, struct err *e);
void query_fini(struct query *q);
bool query_is_empty(const struct query *q);
bool query_follows_edits(const struct query *q); /* staging may change what matches */

/* "error\n  text\n  ^" for a message; appends. */
void query_explain(struct str *out, const char *text, size_t column, const char *error);

/* Resolves proc: to the rows of the package; needed before matching when q->procs. */
int query_bind(struct query *q, struct package *p, struct err *e);

bool query_match(const struct query *q, const struct entry *x);

/* Nodes that match, in the order of model_each; appended. */
typedef VEC(uint32_t) query_ids;
void query_select(const struct query *q, const struct model *m, query_ids *out);

/*
 * A condition over `file` that no matching row fails (it may let others through, which
 * query_match then refuses): for reading fewer rows.  Appends "1" or "state=0 AND …".
 */
void query_sql(const struct query *q, struct str *out);

/* Does it ask for nothing but path, kind and size? */
bool query_is_bare(const struct query *q);

/* How the paths of all that match begin; appends.  "": in any way. */
void query_prefix(const struct query *q, struct str *out);

/* Selects one path and all below it, exactly: for arguments that are paths. */
int query_path(struct query *q, const char *path, struct err *e);

#endif
