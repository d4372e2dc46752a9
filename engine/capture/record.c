/*
 * A node is stored once; after that its flags answer.  The order of questions
 * in `store` matters: a rule first, then whether the run made the name (itself,
 * by making its directory, or by moving the directory of an input), then
 * whether an earlier run stored the same, and only then a copy.
 */
#include "capture/call.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/log.h"
#include "path/lex.h"
#include "pkg/origin.h"
#include "tree/copy.h"
#include "tree/listed.h"

enum { HOST_ROWS_MAX = 10000, ASK_COST = 32, FEW_ROWS = 500 };

static void
passed(void *ctx, struct node *dir)
{
	if (!(dir->flags & (NODE_STORED | NODE_MADE)))
		record_object(ctx, dir, EFF_STAT);
}

static void
touched(void *ctx, struct node *n)
{
	call_touched(ctx, n);
}

static void
old_row(struct node *n, const struct manifest_file *f)
{
	if (f->state != FILE_CAPTURED)
		return;
	n->st = f->st;
	n->flags |= NODE_OLD | (f->listed ? NODE_LISTED : 0);
}

static void
old_file(void *ctx, const struct manifest_file *f)
{
	old_row(ctx, f);
}

static void
load_file(void *ctx, const struct manifest_file *f)
{
	struct record *r = ctx;
	size_t len = strlen(f->path);
	struct node *n;

	if (f->state != FILE_CAPTURED)
		return;
	n = view_find(&r->view, f->path, len);
	if (!n || n == r->newborn)
		old_row(view_node(&r->view, f->path, len), f);
}

/* What did earlier runs store?  Few names are asked for one by one, since a
 * small command may add to a large package; for many, all rows are read. */
static void
born(void *ctx, struct node *n)
{
	struct record *r = ctx;
	AUTO(err_fini) struct err e = ERR_INIT;

	if (r->loaded)
		return;
	if (r->old_rows > FEW_ROWS && r->asked++ * ASK_COST < r->old_rows) {
		manifest_find_file(r->manifest, n->path, old_file, n);
		return;
	}
	r->loaded = true;
	r->newborn = n;
	if (manifest_each_file(r->manifest, load_file, r, &e) < 0)
		log_debug("%s", e.text.s);
}

static void
write_rows(void *m)
{
	manifest_flush_idle(m);
}

void
record_init(struct record *r, struct layout *l, struct manifest *m,
	    const struct rules *rules)
{
	*r = (struct record){
		.layout = l,
		.manifest = m,
		.rules = rules,
		.log_fd = -1,
		.walk = WALK_INIT,
		.lost_why = STR_INIT,
	};
	view_init(&r->view);
	r->view.passed = passed;
	r->view.born = born;
	r->view.touched = touched;
	r->view.ctx = r;
	r->old_rows = manifest_rows(m);
	r->copier = copier_new(l);
	copier_when_idle(r->copier, write_rows, m);
}

void
record_fini(struct record *r)
{
	copier_free(r->copier);
	for (size_t i = 0; i < r->alias.n; i++) {
		free(r->alias.v[i].now);
		free(r->alias.v[i].before);
	}
	vec_fini(&r->alias);
	vec_fini(&r->unreadable);
	vec_fini(&r->lost);
	vec_fini(&r->calls);
	vec_fini(&r->tracers);
	vec_fini(&r->listeners);
	vec_fini(&r->filters);
	vec_fini(&r->guarded);
	vec_fini(&r->privileged);
	str_fini(&r->lost_why);
	walk_fini(&r->walk);
	view_fini(&r->view);
}

void
record_row(struct record *r, struct node *n, enum file_state state, const char *note)
{
	struct manifest_file f = {
		.path = n->path,
		.st = n->st,
		.state = state,
		.note = note,
		.link = n->kind == FSV_LINK ? n->link : NULL,
		.listed = n->flags & NODE_LISTED,
	};

	n->flags |= NODE_ROW;
	manifest_file(r->manifest, &f);
}

void
record_lost(struct record *r, struct node *n, const struct err *e)
{
	if (n->flags & NODE_LOST)
		return;
	n->flags |= NODE_LOST;
	vec_push(&r->lost, n);
	if (r->lost_why.len == 0)
		str_set(&r->lost_why, e->text.s);
	record_row(r, n, FILE_LOST, e->text.s);
}

static void
drain_one(void *ctx, struct node *n, const struct err *e)
{
	record_lost(ctx, n, e);
}

void
record_drain(struct record *r)
{
	copier_failures(r->copier, drain_one, r);
}

static struct node *
parent_of(struct record *r, const struct node *n)
{
	const char *slash = memrchr(n->path, '/', n->len);

	return n->len == 1 ? NULL
			   : view_find(&r->view, n->path,
				       slash == n->path ? 1 : slash - n->path);
}

/* A directory in the package gets its source's time at the end of a run
 * (record_finish), and another one by whoever adds or removes a name. */
static bool
is_whole(struct record *r, struct node *dir)
{
	struct stat st;

	if (dir->whole == WHOLE_UNKNOWN)
		dir->whole =
			(dir->flags & (NODE_OLD | NODE_STORED)) ==
						(NODE_OLD | NODE_STORED) &&
					dir->len > 1 &&
					fstatat(r->layout->rootfd, dir->path + 1, &st,
						AT_SYMLINK_NOFOLLOW) == 0 &&
					S_ISDIR(st.st_mode) &&
					st.st_mtim.tv_sec == dir->st.st_mtim.tv_sec &&
					st.st_mtim.tv_nsec == dir->st.st_mtim.tv_nsec
				? WHOLE_YES
				: WHOLE_NO;
	return dir->whole == WHOLE_YES;
}

void
record_fills(struct record *r, struct node *dir)
{
	if (!r->filled)
		listed_forget(r->layout);
	r->filled = true;
	if (!dir || dir->flags & NODE_FILLED)
		return;
	dir->flags |= NODE_FILLED;
	if (is_whole(r, dir))
		utimensat(r->layout->rootfd, dir->path + 1, NULL, AT_SYMLINK_NOFOLLOW);
	dir->whole = WHOLE_NO;
}

/* Is what an earlier run stored still there? */
static bool
is_in_package(struct record *r, const struct node *n)
{
	const char *rel = n->path + 1;
	struct node *dir = parent_of(r, n);
	struct stat st;

	if (n->len == 1 || (dir && is_whole(r, dir)))
		return true;
	if ((fstatat(r->layout->rootfd, rel, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	     (errno != ENAMETOOLONG || tree_stat(r->layout, rel, &st) < 0)) ||
	    (st.st_mode & S_IFMT) != (n->st.st_mode & S_IFMT))
		return false;
	if (!S_ISREG(st.st_mode))
		return true;
	return st.st_size == n->st.st_size &&
	       !tree_is_placeholder(r->layout->rootfd, rel, &st);
}

static void
store_unreadable(struct record *r, struct node *n, int error)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	vec_push(&r->unreadable, n);
	tree_placeholder(r->layout, n->path + 1, &n->st, &e);
	record_row(r, n, FILE_UNREADABLE, strerror(error));
}

static int
open_source(struct record *r, const struct node *src)
{
	int fd = view_open(src->path, src->len, O_RDONLY);

	if (fd == -EMFILE || fd == -ENFILE) {
		copier_wait_all(r->copier);
		fd = view_open(src->path, src->len, O_RDONLY);
	}
	return fd;
}

static void
store_file(struct record *r, struct node *n, const struct node *src)
{
	AUTO(fd_drop) int fd = open_source(r, src);

	if (fd == -ENOENT || fd == -ELOOP || fd == -ENOTDIR)
		return; /* gone or replaced since the look-up */
	if (fd < 0) {
		store_unreadable(r, n, -fd);
		return;
	}
	if (fstat(fd, &n->st) < 0 || !S_ISREG(n->st.st_mode))
		return;
	if (r->log_fd >= 0)
		dprintf(r->log_fd, "%s\n", n->path);
	record_row(r, n, FILE_CAPTURED, NULL);
	copier_file(r->copier, n, fd_take(&fd), &n->st, n->path + 1);
}

/* Few directories have any: one call tells. */
static void
copy_dir_xattrs(struct record *r, const struct node *src, const char *rel)
{
	if (llistxattr(src->path, NULL, 0) <= 0)
		return;
	AUTO(fd_drop) int from = open(src->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd_drop)
	int to = fs_open_beneath(r->layout->rootfd, rel, O_RDONLY | O_DIRECTORY, 0);
	if (from >= 0 && to >= 0)
		fs_copy_xattrs(from, to);
}

static void
store_other(struct record *r, struct node *n, const struct node *src)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	const char *rel = n->path + 1;
	int ok = 0;

	if (n->kind == FSV_DIR)
		ok = *rel ? tree_dir(r->layout, rel, n->st.st_mode & 07777, &e) : 0;
	else if (n->kind == FSV_LINK)
		ok = tree_link(r->layout, rel, src->link, &e);
	else if (S_ISFIFO(n->st.st_mode))
		ok = tree_fifo(r->layout, rel, n->st.st_mode & 07777, &e);
	if (ok == 0 && n->kind != FSV_DIR)
		tree_touch(r->layout, rel, &src->st);
	if (ok < 0)
		record_lost(r, n, &e);
	else if (n->kind == FSV_DIR && *rel)
		copy_dir_xattrs(r, src, rel);
	if (ok == 0)
		record_row(r, n,
			   n->kind == FSV_FILE && !S_ISFIFO(n->st.st_mode)
				   ? FILE_SPECIAL
				   : FILE_CAPTURED,
			   NULL);
	if (n->kind == FSV_DIR)
		n->flags |= NODE_FILLED; /* its time is set at the end */
}

/* src is where it is on the host; n the name that it had when the run began. */
static void
store_object(struct record *r, struct node *n, const struct node *src)
{
	if ((n->flags & NODE_OLD) && is_in_package(r, n)) {
		n->flags |= NODE_STORED | NODE_ROW;
		return;
	}
	n->flags = (n->flags & ~NODE_OLD) | NODE_STORED;
	r->copied += n->kind != FSV_DIR;
	record_fills(r, parent_of(r, n));
	if (S_ISREG(n->st.st_mode))
		store_file(r, n, src);
	else
		store_other(r, n, src);
}

bool
record_ignores(const struct record *r, const char *path, size_t len)
{
	struct decision d = rules_decide(r->rules, path, len);

	return d.verdict == VERDICT_HOST || d.verdict == VERDICT_HIDDEN ||
	       path_under(path, r->layout->dir.s);
}

bool
record_is_hosts(struct record *r, struct node *n)
{
	if (!(n->flags & NODE_DECIDED)) {
		n->verdict = rules_decide(r->rules, n->path, n->len).verdict;
		if (path_under(n->path, r->layout->dir.s))
			n->verdict = VERDICT_HIDDEN;
		n->flags |= NODE_DECIDED;
	}
	return n->verdict == VERDICT_HOST || n->verdict == VERDICT_HIDDEN;
}

/* Where n was when the run began, if a directory above it has moved since. */
static struct node *
node_before(struct record *r, const struct node *n)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct node *before;

	for (size_t i = r->alias.n; i--;) {
		const struct alias *a = &r->alias.v[i];
		const char *from = path.len ? path.s : n->path;

		const char *now = a->now, *then = a->before;

		if (a->swapped && path_under(from, then)) {
			now = a->before;
			then = a->now;
		}
		if (!path_under(from, now) || strcmp(from, now) == 0)
			continue;
		AUTO(str_fini) struct str to = STR_INIT;

		str_set(&to, then);
		path_append(&to, path_rest(from, now));
		str_swap(&path, &to);
	}
	if (path.len == 0)
		return NULL;
	before = view_node(&r->view, path.s, path.len);
	if (!(before->flags & (NODE_STORED | NODE_MADE))) {
		before->kind = n->kind;
		before->st = n->st;
		if (n->link && !before->link)
			before->link = mem_strdup(n->link);
	}
	return before;
}

static void
store(struct record *r, struct node *n)
{
	struct node *before, *dir;

	if (record_is_hosts(r, n)) {
		n->flags |= NODE_STORED;
		if (n->verdict == VERDICT_HOST && r->host_rows++ < HOST_ROWS_MAX)
			record_row(r, n, FILE_HOST, NULL);
		return;
	}
	before = r->alias.n ? node_before(r, n) : NULL;
	if (before) {
		n->flags |= NODE_MADE;
		dir = parent_of(r, before);
		if (!(before->flags & (NODE_STORED | NODE_MADE)) &&
		    !(dir && dir->flags & NODE_MADE) && !record_is_hosts(r, before))
			store_object(r, before, n);
		return;
	}
	dir = parent_of(r, n);
	if (dir && dir->flags & NODE_MADE)
		n->flags |= NODE_MADE;
	else
		store_object(r, n, n);
}

void
record_object(struct record *r, struct node *n, enum effect how)
{
	if (!(n->flags & (NODE_STORED | NODE_MADE)))
		store(r, n);
	if (n->kind == FSV_DIR) {
		if (how == EFF_LIST || how == EFF_READ || how == EFF_RENAME_FROM)
			record_listing(r, n);
	} else if (how == EFF_WRITE || how == EFF_TRUNC || how == EFF_MODIFY) {
		n->flags &= (uint16_t)~NODE_STARTED; /* another #! or loader, perhaps */
		copier_wait(r->copier, n->st.st_dev, n->st.st_ino);
	}
	record_drain(r);
}

static void
parent_changed(struct record *r, const struct node *n)
{
	struct node *dir = parent_of(r, n);

	if (dir)
		dir->flags |= NODE_CHANGED;
}

void
record_made(struct record *r, const char *path)
{
	struct node *n = view_node(&r->view, path, strlen(path));

	n->flags = (n->flags | NODE_MADE) & ~NODE_STARTED;
	n->generation = 0;
	parent_changed(r, n);
}

void
record_gone(struct record *r, const char *path)
{
	struct node *n = view_node(&r->view, path, strlen(path));

	n->flags &= ~(NODE_MADE | NODE_STARTED);
	n->generation = 0;
	parent_changed(r, n);
}

void
record_moved(struct record *r, const char *from, const char *to)
{
	struct node *n = view_find(&r->view, from, strlen(from));
	bool dir = n && n->kind == FSV_DIR;

	if (n && n->kind != FSV_FILE)
		view_forget_all(&r->view);
	record_gone(r, from);
	record_made(r, to);
	if (dir) {
		struct alias a = { mem_strdup(to), mem_strdup(from), false };

		vec_push(&r->alias, a);
	}
}

void
record_swapped(struct record *r, const char *a, const char *b)
{
	struct alias both = { mem_strdup(a), mem_strdup(b), true };

	view_forget_all(&r->view);
	record_made(r, a);
	record_made(r, b);
	vec_push(&r->alias, both);
}

/* True: it is stored. */
static bool
finish_output(struct record *r, struct node *n, bool with_outputs)
{
	struct stat st;

	if (record_is_hosts(r, n) || lstat(n->path, &st) < 0)
		return false;
	n->generation = 0;
	if (!view_look(&r->view, n->path, n->len))
		return false;
	n->st = st;
	if (with_outputs)
		store_object(r, n, n);
	else
		record_row(r, n, FILE_OUTPUT, NULL);
	return with_outputs;
}

void
record_finish(struct record *r, bool with_outputs)
{
	const struct manifest_origin made = {
		.class = origin_class_name(ORIGIN_OUTPUT),
	};
	VEC(struct node *) stored = { 0 };

	for (size_t i = 0; i < r->view.node.n; i++) {
		struct node *n = r->view.node.v[i];

		if ((n->flags & (NODE_MADE | NODE_STORED)) == NODE_MADE)
			if (finish_output(r, n, with_outputs))
				vec_push(&stored, n);
	}
	copier_wait_all(r->copier);
	record_drain(r);
	for (size_t i = 0; i < stored.n; i++) /* its row is there only now */
		manifest_origin(r->manifest, stored.v[i]->path, &made);
	vec_fini(&stored);
	for (size_t i = 0; i < r->view.node.n; i++) {
		const struct node *n = r->view.node.v[i];
		struct timespec t[2] = { { .tv_nsec = UTIME_OMIT }, n->st.st_mtim };

		if (n->kind == FSV_DIR && n->flags & NODE_FILLED &&
		    n->flags & NODE_STORED && n->len > 1 &&
		    !record_is_hosts(r, r->view.node.v[i]))
			utimensat(r->layout->rootfd, n->path + 1, t, AT_SYMLINK_NOFOLLOW);
	}
}
