#ifndef CDE_TUI_GROUPS_H
#define CDE_TUI_GROUPS_H

#include "tree.h"

/*
 * Files by where they are from and by what they are: screens 2 and 3, and the facets
 * beside the files.  Rows are classes, the packages in them, types, and below an open
 * one its files.  Numbers are of what the filter shows and as it will be after the
 * staged edits.
 */
enum group_kind { GROUP_CLASS, GROUP_PACKAGE, GROUP_TYPE, GROUP_FILE, GROUP_TITLE };
enum groups_what { GROUPS_ORIGINS, GROUPS_TYPES, GROUPS_FACETS };

struct group {
	uint64_t bytes, all; /* all: with what is staged to be dropped, to sort by */
	uint32_t id;	     /* enum origin_class; of model.origin, model.type; node */
	uint32_t files, drops, adds; /* drops: staged */
	uint8_t kind;		     /* enum group_kind */
	uint8_t depth;
	bool open, opens; /* opens: has rows below it */
	size_t row, file; /* private: its row, and its files in groups.file */
};

struct groups {
	enum groups_what what;
	size_t n;		/* rows: those of `head`, and of each its files */
	VEC(struct group) head; /* private: all but the files, in order */
	VEC(uint32_t) file;	/* private: nodes; there may be a million */
	uint64_t most;		/* bytes of all */
	uint32_t files;
	uint32_t open_class; /* bits */
	VEC(uint8_t) open_origin, open_type;
	bool fresh; /* rows are good */
};

void groups_fini(struct groups *g);
void groups_build(struct groups *g, const struct tree *t);

struct group groups_at(const struct groups *g, const struct tree *t, size_t row);
size_t groups_head(const struct groups *g, size_t row); /* row of whose files it is one */

/* Nodes of t->changed were staged or are no more (tree_staged): only numbers change. */
void groups_staged(struct groups *g, const struct tree *t);
void groups_set_open(struct groups *g, size_t row, bool open);

/* What selects a row's files, as a filter: "class:user", "origin:libc6:amd64"; appends. */
void group_query(const struct group *x, const struct model *m, struct str *out);

/* How much of a package's name is shown: not the machine's own architecture. */
size_t group_package_len(const char *package);

/* What it is called, for people. */
const char *group_label(const struct group *x, const struct model *m);
const char *group_short_label(const struct group *x, const struct model *m);

/* Is the node one of the row's? */
bool group_has(const struct group *x, const struct tree *t, uint32_t n);

#endif
