/*
 * A directory that the program can list: the package gets all its names.  They
 * are read here, by the tracer, before the program may change them; the
 * placeholders are made by the copier.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "capture/call.h"
#include "capture/record.h"
#include "path/lex.h"

/* Known from the last time, and nobody but the run has changed it since. */
static bool
is_listed(struct node *dir)
{
	struct stat st;

	if (!(dir->flags & NODE_LISTED))
		return false;
	if (dir->flags & NODE_CHANGED || lstat(dir->path, &st) < 0)
		return true;
	if (st.st_mtim.tv_sec == dir->st.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == dir->st.st_mtim.tv_nsec)
		return true;
	dir->st = st;
	return false;
}

static void
entry_add(struct entries *x, int fd, const char *name, const struct stat *st)
{
	AUTO(str_fini) struct str text = STR_INIT;
	struct entry it = { x->names.len, *st };

	if (S_ISLNK(st->st_mode) && fs_readlink(fd, name, &text) < 0)
		return;
	str_addn(&x->names, name, strlen(name) + 1);
	if (S_ISLNK(st->st_mode))
		str_addn(&x->names, text.s, text.len + 1);
	vec_push(&x->entry, it);
}

static void
placeholder_row(struct record *r, const char *path, const struct entries *x)
{
	const struct entry *it = &x->entry.v[x->entry.n - 1];
	const char *name = x->names.s + it->name;
	struct manifest_file f = {
		.path = path,
		.st = it->st,
		.state = FILE_PLACEHOLDER,
		.link = S_ISLNK(it->st.st_mode) ? name + strlen(name) + 1 : NULL,
	};

	manifest_file(r->manifest, &f);
}

/* path: the directory's name; the entry's name is added and taken away again. */
static void
list_name(struct record *r, struct node *dir, int fd, const char *name, struct entries *x,
	  struct str *path)
{
	size_t keep = path->len, before = x->entry.n;
	struct node *n;
	struct stat st;

	path_append(path, name);
	n = view_find(&r->view, path->s, path->len);
	if (n && n->flags & NODE_PENDING) /* perhaps it is an output by now */
		call_touched(r, n);
	if (strcmp(path->s, r->layout->dir.s) == 0 ||
	    (n && (n->flags & (NODE_MADE | NODE_STORED)) == NODE_MADE) ||
	    rules_decide(r->rules, path->s, path->len).verdict == VERDICT_HIDDEN ||
	    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		str_trunc(path, keep);
		return;
	}
	manifest_listing(r->manifest, dir->path, name, fs_kind_letter(st.st_mode));
	if (!(n && n->flags & NODE_STORED && !record_is_hosts(r, n)))
		entry_add(x, fd, name, &st);
	if (x->entry.n > before && !(n && n->flags & (NODE_OLD | NODE_ROW)))
		placeholder_row(r, path->s, x);
	str_trunc(path, keep);
}

void
record_listing(struct record *r, struct node *dir)
{
	AUTO(entries_fini) struct entries x = { .names = STR_INIT };
	AUTO(str_fini) struct str path = STR_INIT;
	struct dirent *d;
	DIR *s;
	int fd;

	/* NODE_MADE and stored: another object has taken the name of an input */
	if (record_is_hosts(r, dir) || !(dir->flags & NODE_STORED) ||
	    dir->flags & NODE_MADE || is_listed(dir))
		return;
	fd = view_open(dir->path, dir->len, O_RDONLY | O_DIRECTORY);
	s = fd < 0 ? NULL : fdopendir(fd);
	if (!s) {
		fd_drop(&fd);
		return;
	}
	dir->flags |= NODE_LISTED;
	record_fills(r, dir);
	record_row(r, dir, FILE_CAPTURED, NULL);
	str_set(&path, dir->path);
	while ((d = readdir(s)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			list_name(r, dir, fd, d->d_name, &x, &path);
	closedir(s);
	if (x.entry.n)
		copier_entries(r->copier, dir, dir->path + 1, &x);
}
