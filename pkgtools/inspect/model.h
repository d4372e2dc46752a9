#ifndef CDE_INSPECT_MODEL_H
#define CDE_INSPECT_MODEL_H

#include "base/map.h"
#include "inspect/package.h"

/*
 * The paths of a package as a tree in memory, for a million of them: nodes of 40 bytes
 * in one array, linked by index; names in one pool; origins and types
 * numbered.  Paths are not stored, model_path builds them.
 *
 * Node 0 is "/".  The index of a parent is always less than those of its children, so
 * that a pass from the end adds up totals.  Indices stay while the package is open;
 * pointers into `node` do not survive model_add.
 */
struct node {
	uint64_t size;
	uint32_t name;	 /* into model.pool */
	uint32_t parent; /* 0 for the root itself */
	uint32_t first;	 /* child, 0: none; children are in byte order of the names */
	uint32_t next;	 /* sibling, 0: last */
	uint32_t origin; /* into model.origin */
	uint32_t row;	 /* file.id of the manifest; 0: none (or out of range) */
	uint32_t flags;	 /* enum entry_flag */
	uint16_t type;	 /* into model.type; 0: not known */
	uint8_t kind;	 /* f d l p s c b ? */
	uint8_t state;	 /* enum file_state in the low 4 bits */
};

struct node_origin {
	enum origin_class class;
	const char *package, *version; /* "" none; the model owns its copies */
};

struct node_total {	/* of a node and all below it */
	uint64_t bytes; /* of regular files in the package; saturates */
	uint32_t files;
};

enum {			 /* what is loaded beyond the rows */
       MODEL_ACCESS = 1, /* model.access: who did what */
       MODEL_PINS = 2,	 /* flags ENTRY_HOST … ENTRY_INHERITED, from the rules */
       MODEL_TOTALS = 4, /* model.total */
};

struct model {
	struct node *node;
	uint32_t n, cap;
	char *pool; /* names, NUL-terminated; those that were loaded each once */
	uint32_t pool_len, pool_cap;
	uint32_t *names; /* hash of the pool, while it is loaded; NULL afterwards */
	uint32_t names_n, names_cap;
	uint32_t *index; /* hash of (parent, name) → node */
	uint32_t index_n, index_cap;
	VEC(struct node_origin) origin; /* 0: ORIGIN_UNOWNED without package */
	VEC(uint32_t) type;		/* → pool; 0: "" */
	struct map origins, types;	/* text → number */
	uint8_t *access;		/* per node, after MODEL_ACCESS */
	struct node_total *total;	/* per node, after MODEL_TOTALS */
	unsigned loaded;
};

/* Zero-initialised is empty. */
void model_fini(struct model *m);

/* From the manifest, else by a look at the tree.  `need`: MODEL_… bits. */
int model_load(struct model *m, struct package *p, unsigned need, struct err *e);

/* More of it later; what is there is not loaded again. */
int model_need(struct model *m, struct package *p, unsigned need, struct err *e);

/* UINT32_MAX: no such path.  path is absolute and clean. */
uint32_t model_find(const struct model *m, const char *path, size_t len);

/* Finds or adds; parents are added as directories (ENTRY_IMPLIED).  Keeps the order of
 * siblings.  UINT32_MAX when the path is not absolute and clean, or there are 2^31. */
uint32_t model_add(struct model *m, const char *path, size_t len);

/* The same for many: those that are new, from index `from` on, are found, but are no
 * children of their parents before model_link. */
uint32_t model_put(struct model *m, const char *path, size_t len);
void model_link(struct model *m, uint32_t from);

void model_path(const struct model *m, uint32_t n, struct str *out); /* replaces out */
static inline const char *
model_name(const struct model *m, uint32_t n)
{
	return m->pool + m->node[n].name;
}

/* Fills an entry; `path` is the caller's buffer, as model_path has it. */
void model_entry(const struct model *m, uint32_t n, const struct str *path,
		 struct entry *out);

/*
 * All nodes from `top` on in the order of a tree (a directory, then what is in it),
 * with their paths.  cb returns MODEL_SKIP not to go below a directory.
 */
enum model_step { MODEL_ON, MODEL_SKIP, MODEL_STOP };
typedef enum model_step model_cb(void *ctx, uint32_t n, const struct entry *x);
void model_each(const struct model *m, uint32_t top, model_cb *cb, void *ctx);

/* Numbers for texts; each text once. */
uint16_t model_type_id(struct model *m, const char *type); /* full: 0 */
uint32_t model_origin_id(struct model *m, const struct node_origin *o);

/* Recomputes model.total from the leaves (after edits, too).  What is staged to be
 * dropped does not count when `after`; what is staged to be added then does. */
void model_totals(struct model *m, bool after);

#endif
