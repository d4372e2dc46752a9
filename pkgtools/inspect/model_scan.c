/*
 * A package without manifest: the files are all there is.  Directories are read in the
 * order of the nodes, which grow behind: no recursion, one descriptor at a time.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "inspect/model_priv.h"
#include "tree/copy.h"
#include "tree/place.h"

static int
open_dir(struct package *p, const struct str *path)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	AUTO(place_fini) struct place at = PLACE_INIT;
	int fd, r;

	if (path->len == 1) {
		fd = openat(p->layout.rootfd, ".", flags);
		return fd < 0 ? -errno : fd;
	}
	r = place_find(&at, &p->layout, path->s + 1, false);
	if (r < 0)
		return r;
	fd = openat(at.dir, at.name, flags);
	return fd < 0 ? -errno : fd;
}

static int
add_entry(struct model *m, uint32_t dir, int dirfd, const char *name, struct err *e)
{
	struct node *node;
	struct stat st;
	bool fresh;
	uint32_t n;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* gone meanwhile */
	n = model_child(m, dir, name, strlen(name), &fresh);
	if (n == UINT32_MAX)
		return err_set(e, 0, "too many entries");
	node = &m->node[n];
	node->flags = 0;
	node->kind = (uint8_t)fs_kind_letter(st.st_mode);
	node->size = (uint64_t)st.st_size;
	if (tree_is_placeholder(dirfd, name, &st))
		node->state = FILE_PLACEHOLDER;
	return 0;
}

static int
scan_dir(struct model *m, struct package *p, uint32_t n, struct err *e)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct dirent *ent;
	int fd, r = 0;
	DIR *d;

	model_path(m, n, &path);
	fd = open_dir(p, &path);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		p->refused++;
		fd_drop(&fd);
		return n ? 0 : err_set(e, -fd, "%s", p->layout.root.s);
	}
	while (r == 0 && (ent = readdir(d)))
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
			r = add_entry(m, n, dirfd(d), ent->d_name, e);
	closedir(d);
	return r;
}

int
model_scan(struct model *m, struct package *p, struct err *e)
{
	m->node[0].flags = 0;
	for (uint32_t n = 0; n < m->n; n++)
		if (m->node[n].kind == 'd' && scan_dir(m, p, n, e) < 0)
			return -1;
	return 0;
}
