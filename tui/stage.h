#ifndef CDE_TUI_STAGE_H
#define CDE_TUI_STAGE_H

#include "inspect/edit.h"
#include "inspect/ftype.h"

/*
 * The log of edits (inspect/edit.h) of the package that is shown: open for changing it,
 * or, for a package that cannot be changed, only to be looked at; `reason` says why.
 */
struct stage {
	struct package *p;
	struct edits edits;
	bool open, read_only;
	struct str reason;
	size_t left_over; /* groups that an earlier session staged and did not write */
};

int stage_open(struct stage *s, struct package *p, bool read_only, struct err *e);
void stage_close(struct stage *s);

static inline size_t
stage_groups(const struct stage *s)
{
	return s->edits.group.n;
}

size_t stage_bar(const struct stage *s);     /* behind the last group in effect */
size_t stage_waiting(const struct stage *s); /* groups that a write would apply */

/* Flags of the nodes (ENTRY_DROP …), and nodes for what is added. */
int stage_mark(struct stage *s, struct model *m, struct err *e);

/* Stages the list as one group, "nothing to do" for an empty one; the list is empty
 * afterwards. */
int stage_list(struct stage *s, struct edit_ops *l, struct err *e);

/* When the last group that waits was staged, "2026-11-24 11:20:32"; appends. */
void stage_time(const struct stage *s, struct str *out);

/* A node that the group is about, UINT32_MAX: none is there. */
uint32_t stage_node(const struct stage *s, size_t i, const struct model *m);

/* The groups that wait as a script of cde-pkg edit; appends. */
void stage_script(const struct stage *s, struct str *out);

/* Types of files that are not known yet (ftype_update), into the manifest. */
int stage_types(struct stage *s, ftype_progress *progress, void *ctx, struct err *e);

#endif
