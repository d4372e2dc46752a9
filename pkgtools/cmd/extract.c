/*
 * extract: what matches, below a directory of the host, under its own names.  No link of
 * the destination is followed either (tree/copy.h); nothing there is replaced unless
 * asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "tree/copy.h"

struct extract {
	bool force;
};

static int
set_force(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct extract)->force = true;
	return 0;
}

static int
set_dry_run(void *ctx, const char *value, struct err *e)
{
	((struct call *)ctx)->dry_run = true;
	return 0;
}

static const struct opt options[] = {
	{ 'f', "force", NULL, "replace what is there", set_force },
	{ 'n', "dry-run", NULL, "only list what would be extracted", set_dry_run },
	{ .name = NULL },
};

static const struct out_column column[] = { { "path", OUT_NAME, 0 } };

struct work {
	struct call *c;
	struct query q;
	struct layout to;
	struct progress progress;
	struct err *e;
	uint64_t files, bytes;
	uint64_t empty; /* matched, but there is no content */
	bool failed;
};

static int
open_destination(struct layout *to, const char *dir, struct err *e)
{
	AUTO(mem_free) char *real = NULL;

	if (mkdir(dir, 0777) < 0 && errno != EEXIST)
		return err_set(e, errno, "%s", dir);
	real = realpath(dir, NULL);
	if (!real)
		return err_set(e, errno, "%s", dir);
	str_set(&to->dir, real);
	str_set(&to->root, real);
	to->dirfd = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	to->rootfd = to->dirfd < 0
			     ? -1
			     : openat(to->dirfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return to->rootfd < 0 ? err_set(e, errno, "%s", dir) : 0;
}

static int
extract_file(struct work *w, const struct entry *x)
{
	struct stat st;
	AUTO(fd_drop) int fd = package_file(&w->c->package, x->path, false, &st, w->e);

	if (fd < 0)
		return -1;
	w->bytes += (uint64_t)st.st_size;
	st.st_mode &= ~(mode_t)(S_ISUID | S_ISGID); /* whoever owns it now */
	return tree_copy_file(&w->to, fd, &st, x->path + 1, w->e);
}

static int
extract_link(struct work *w, const struct entry *x)
{
	AUTO(str_fini) struct str text = STR_INIT;
	int r = package_readlink(&w->c->package, x->path, &text);

	return r < 0 ? err_set(w->e, -r, "%s", x->path)
		     : tree_link(&w->to, x->path + 1, text.s, w->e);
}

static int
extract_one(struct work *w, const struct entry *x)
{
	const struct extract *opt = w->c->own;
	struct stat st, there;

	if (x->len == 1)
		return 0;
	if (package_lstat(&w->c->package, x->path, &st) < 0) {
		w->empty++;
		return 0;
	}
	if (!opt->force && !S_ISDIR(st.st_mode) &&
	    tree_stat(&w->to, x->path + 1, &there) == 0)
		return err_set(w->e, 0, "%s%s is there already (--force replaces it)",
			       w->to.dir.s, x->path);
	if (S_ISDIR(st.st_mode))
		return tree_dir(&w->to, x->path + 1, st.st_mode & 0777, w->e);
	if (S_ISLNK(st.st_mode))
		return extract_link(w, x);
	if (S_ISFIFO(st.st_mode))
		return tree_fifo(&w->to, x->path + 1, st.st_mode & 0777, w->e);
	return S_ISREG(st.st_mode) ? extract_file(w, x) : 0;
}

static bool
each(void *ctx, const struct entry *x)
{
	struct work *w = ctx;

	if (x->state != FILE_CAPTURED) {
		w->empty += x->kind == 'f' && query_match(&w->q, x);
		return true;
	}
	if (!query_match(&w->q, x))
		return true;
	w->files++;
	if (w->c->dry_run) {
		const struct out_cell cell = out_text(x->path);

		out_row(&w->c->out, &cell);
		return true;
	}
	w->failed = extract_one(w, x) < 0;
	progress_at(&w->progress, w->files, w->bytes);
	return !w->failed && !cmd_interrupted();
}

static int
extract(struct work *w, struct err *e)
{
	struct each how = { .need = w->q.need | MODEL_PINS, .cb = each, .ctx = w };
	struct call *c = w->c;

	if (c->dry_run)
		out_begin(&c->out, "extract", column, 1);
	else if (open_destination(&w->to, c->argv[c->argc], e) < 0)
		return -1;
	cmd_catch_interrupt();
	progress_begin(&w->progress, "extract", 0, 0);
	if (package_each(&c->package, &how, e) < 0)
		w->failed = true;
	progress_end(&w->progress);
	if (w->failed)
		return -1;
	if (w->empty)
		log_error("%llu matching file%s no content in the package",
			  (unsigned long long)w->empty,
			  w->empty == 1 ? " has" : "s have");
	if (!w->files)
		return err_set(e, 0, "nothing matches");
	return c->dry_run ? out_end(&c->out, e) : 0;
}

static int
run(struct call *c, struct err *e)
{
	struct work w = { .c = c, .q = { .root = -1 }, .to = LAYOUT_INIT, .e = e };
	int r;

	c->argc--; /* the last one is the directory */
	r = cmd_query(c, 0, &w.q, e);
	if (r == 0)
		r = extract(&w, e);
	query_fini(&w.q);
	layout_fini(&w.to);
	return r;
}

const struct cmd cmd_extract = {
	.name = "extract",
	.args = "EXPR... DIR",
	.brief = "copy files that match out of the package, below DIR",
	.group = CMD_LOOK,
	.flags = CMD_LISTS,
	.min = 2,
	.max = -1,
	.opts = options,
	.own = sizeof(struct extract),
	.run = run,
};
