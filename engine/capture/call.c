/*
 * Inodes tell whether a name still means what it meant.  A number may be used again
 * for a new file with the old name, but not unseen: who makes that file asks for the
 * name first, and finds it gone.
 */
#include "capture/call.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum outcome { OUTCOME_UNKNOWN, OUTCOME_DONE };

struct object {
	bool there;
	dev_t dev;
	ino_t ino;
};

static struct object
look(const struct node *n)
{
	struct stat st;
	const char *name;
	struct object o = { 0 };
	int dir = view_parent_fd(n->path, n->len, &name);

	if (dir < 0 && dir != AT_FDCWD)
		return o;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		o = (struct object){ true, st.st_dev, st.st_ino };
	if (dir != AT_FDCWD)
		close(dir);
	return o;
}

/* Is o what the name meant at the entry of the call? */
static bool
is_same(const struct object *o, const struct pending *x)
{
	return o->there && o->dev == x->dev && o->ino == x->ino;
}

static bool
is_rename(const struct call *x)
{
	return x->n == 2 && x->name[0].effect == EFF_RENAME_FROM;
}

static void
end_rename(struct record *r, const struct pending *from, const struct pending *to)
{
	record_moved(r, from->node->path, to->node->path);
	if (to->there && to->kind != FSV_FILE)
		view_forget_all(&r->view);
}

static void
end_name(struct record *r, const struct pending *x)
{
	if (x->effect == EFF_DELETE) {
		record_gone(r, x->node->path);
		if (x->kind != FSV_FILE)
			view_forget_all(&r->view);
	} else if (!x->there) {
		record_made(r, x->node->path);
	}
}

void
call_end(struct record *r, struct call *x, bool success)
{
	if (x->mounts)
		view_forget_all(&r->view);
	if (!success)
		x->n = 0;
	if (x->n == 2 && x->exchange)
		record_swapped(r, x->name[0].node->path, x->name[1].node->path);
	else if (is_rename(x))
		end_rename(r, &x->name[0], &x->name[1]);
	else
		for (int i = 0; i < x->n; i++)
			end_name(r, &x->name[i]);
	call_begin(x);
}

void
call_begin(struct call *x)
{
	x->n = 0;
	x->exchange = x->mounts = false;
}

void
call_add(struct record *r, struct call *x, const struct str *path, enum effect how,
	 struct node *n)
{
	struct pending *p = &x->name[x->n++];

	*p = (struct pending){
		.node = n ? n : view_node(&r->view, path->s, path->len),
		.effect = how,
		.there = n,
		.kind = n ? n->kind : FSV_MISSING,
	};
}

void
call_open(struct record *r, struct call *x)
{
	if (x->mounts)
		r->mounting++;
	for (int i = 0; i < x->n; i++) {
		struct pending *p = &x->name[i];
		struct object o = p->there ? look(p->node) : (struct object){ 0 };

		p->dev = o.dev;
		p->ino = o.ino;
		p->node->flags |= NODE_PENDING;
	}
	x->open = true;
	x->index = r->calls.n;
	vec_push(&r->calls, x);
}

static bool
is_pending(const struct record *r, const struct node *n)
{
	for (size_t i = 0; i < r->calls.n; i++) {
		const struct call *x = r->calls.v[i];

		for (int k = 0; k < x->n; k++)
			if (x->name[k].node == n)
				return true;
	}
	return false;
}

static void
close_call(struct record *r, struct call *x, bool success)
{
	struct call *last = vec_pop(&r->calls);
	struct node *node[2] = { x->n > 0 ? x->name[0].node : NULL,
				 x->n > 1 ? x->name[1].node : NULL };

	if (last != x) {
		r->calls.v[x->index] = last;
		last->index = x->index;
	}
	x->open = false;
	if (x->mounts)
		r->mounting--;
	for (int i = 0; i < 2; i++)
		if (node[i] && !is_pending(r, node[i])) {
			node[i]->flags &= (uint16_t)~NODE_PENDING;
			node[i]->generation = 0;
		}
	call_end(r, x, success);
}

/* over: the call has ended, one way or the other. */
static enum outcome
rename_outcome(const struct call *x, bool over)
{
	const struct pending *from = &x->name[0], *to = &x->name[1];
	struct object a = look(from->node), b = look(to->node);

	if (x->exchange)
		return is_same(&a, to) || is_same(&b, from) ? OUTCOME_DONE
							    : OUTCOME_UNKNOWN;
	if (is_same(&a, from)) /* also two names of one file: rename does nothing */
		return OUTCOME_UNKNOWN;
	return over || is_same(&b, from) ? OUTCOME_DONE : OUTCOME_UNKNOWN;
}

static enum outcome
outcome(const struct call *x, bool over)
{
	const struct pending *p = &x->name[0];
	struct object o;

	if (x->mounts)
		return over ? OUTCOME_DONE : OUTCOME_UNKNOWN;
	if (is_rename(x))
		return rename_outcome(x, over);
	if (x->n == 0)
		return OUTCOME_UNKNOWN;
	o = look(p->node);
	if (p->effect == EFF_DELETE)
		return is_same(&o, p) ? OUTCOME_UNKNOWN : OUTCOME_DONE;
	return o.there ? OUTCOME_DONE : OUTCOME_UNKNOWN;
}

void
call_over(struct record *r, struct call *x)
{
	if (x->open)
		close_call(r, x, outcome(x, true) == OUTCOME_DONE);
}

void
call_touched(struct record *r, struct node *n)
{
	for (size_t i = 0; i < r->calls.n;) {
		struct call *x = r->calls.v[i];
		bool mine = (x->n > 0 && x->name[0].node == n) ||
			    (x->n > 1 && x->name[1].node == n);

		if (mine && outcome(x, false) == OUTCOME_DONE) {
			close_call(r, x, true);
			i = 0; /* the list has changed, and the node perhaps */
		} else {
			i++;
		}
	}
}
