#ifndef CDE_INSPECT_MODEL_PRIV_H
#define CDE_INSPECT_MODEL_PRIV_H

#include "inspect/model.h"

/* Inside of model*.c. */
void model_begin(struct model *m);		     /* makes the root */
void model_reserve(struct model *m, uint64_t nodes); /* about so many are to come */
uint32_t model_intern(struct model *m, const char *name, size_t len);
void model_forget_names(struct model *m); /* all that come later are new */

/* Not linked among its siblings yet when *fresh. */
uint32_t model_child(struct model *m, uint32_t parent, const char *name, size_t len,
		     bool *fresh);

/* The same without an entry in the index, which stays small then: it finds what has one,
 * not another leaf.  model_index makes good for that at the end. */
uint32_t model_leaf(struct model *m, uint32_t parent, const char *name, size_t len);

/* All nodes, of which no two may be the same child. */
void model_index(struct model *m);

/* Files of cde-root itself; children in any order. */
int model_scan(struct model *m, struct package *p, struct err *e);

#endif
