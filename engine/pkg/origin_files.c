/* Lists of packages the other way round: what does this one bring?  One database is
 * asked after the other; each says 1 when it does not know the package. */
#include "pkg/origin_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "pkg/origin_priv.h"

struct files {
	int rootfd;
	const char *package;
	origin_files_cb *cb;
	void *ctx;
	struct err *e;
};

static int
report(struct files *f, const char *dir, const char *name)
{
	AUTO(str_fini) struct str path = STR_INIT;

	str_addf(&path, "/%s%s%s", dir, *dir ? "/" : "", name);
	return f->cb(f->ctx, path.s);
}

/* A name of a package becomes part of a file's name. */
static bool
is_plain(const char *name)
{
	return *name && *name != '.' && *name != '-' && !strchr(name, '/');
}

static int
slurp(struct files *f, const char *name, struct str *text)
{
	AUTO(fd_drop) int fd = fs_open_beneath(f->rootfd, name, O_RDONLY | O_CLOEXEC, 0);

	return fd < 0 || fd_read_all(fd, text) < 0 ? 1 : 0;
}

/* "libc6:amd64" has its list under that name, or, of one architecture, without it. */
static int
of_dpkg(struct files *f)
{
	AUTO(str_fini) struct str name = STR_INIT, text = STR_INIT;
	int r = 0;

	str_addf(&name, "var/lib/dpkg/info/%s.list", f->package);
	if (slurp(f, name.s, &text)) {
		str_clear(&name);
		str_addf(&name, "var/lib/dpkg/info/%.*s.list",
			 (int)strcspn(f->package, ":"), f->package);
		if (slurp(f, name.s, &text))
			return 1;
	}
	for (char *at = text.s, *line; r == 0 && (line = origin_line(&at));)
		if (line[0] == '/' && line[1] && strcmp(line, "/.") != 0)
			r = report(f, "", line + 1);
	return r;
}

/* "P:name", then "F:directory" and "R:file" lines, up to an empty one. */
static int
of_apk(struct files *f)
{
	AUTO(str_fini) struct str text = STR_INIT, dir = STR_INIT;
	bool mine = false, found = false;
	int r = 0;

	if (slurp(f, "lib/apk/db/installed", &text) &&
	    slurp(f, "usr/lib/apk/db/installed", &text))
		return 1;
	for (char *at = text.s, *line; r == 0 && (line = origin_line(&at));) {
		if (strncmp(line, "P:", 2) == 0)
			mine = strcmp(line + 2, f->package) == 0;
		else if (!*line)
			mine = false;
		else if (mine && strncmp(line, "F:", 2) == 0)
			str_set(&dir, line + 2);
		else if (mine && strncmp(line, "R:", 2) == 0)
			r = report(f, dir.s, line + 2);
		found |= mine;
	}
	return r ? r : found ? 0 : 1;
}

/* NAME-VERSION-RELEASE: the name is what stands before the last two dashes. */
static bool
is_pacman_dir(const char *dir, const char *package)
{
	size_t len = strlen(package);
	const char *dash;

	if (strncmp(dir, package, len) != 0 || dir[len] != '-')
		return false;
	dash = strchr(dir + len + 1, '-');
	return dash && !strchr(dash + 1, '-');
}

static int
of_pacman(struct files *f)
{
	AUTO(str_fini) struct str name = STR_INIT, text = STR_INIT;
	AUTO(fd_drop)
	int fd = fs_open_beneath(f->rootfd, "var/lib/pacman/local",
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;
	bool mine = false;
	int r = 0;

	if (!d)
		return 1;
	fd = -1; /* closedir has it */
	while ((ent = readdir(d)) && !name.len)
		if (is_pacman_dir(ent->d_name, f->package))
			str_addf(&name, "var/lib/pacman/local/%s/files", ent->d_name);
	closedir(d);
	if (!name.len || slurp(f, name.s, &text))
		return 1;
	for (char *at = text.s, *line; r == 0 && (line = origin_line(&at));) {
		if (*line == '%' || !*line)
			mine = strcmp(line, "%FILES%") == 0;
		else if (mine && !str_has_suffix(line, "/"))
			r = report(f, "", line);
	}
	return r;
}

static int
read_rpm(const char *package, struct str *text)
{
	char name[] = "rpm", list[] = "-ql", end[] = "--";
	AUTO(mem_free) char *which = mem_strdup(package);
	char *argv[] = { name, list, end, which, NULL };
	AUTO(fd_drop) int from = -1;
	int fd[2], status = 0;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return 1;
	from = fd[0];
	pid = origin_start_rpm(argv, fd[1]);
	close(fd[1]);
	if (pid < 0 || fd_read_all(from, text) < 0)
		status = 1;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status ? 1 : 0;
}

static int
of_rpm(struct files *f)
{
	AUTO(str_fini) struct str text = STR_INIT;
	int r = 0;

	if (read_rpm(f->package, &text))
		return 1;
	for (char *at = text.s, *line; r == 0 && (line = origin_line(&at));)
		if (line[0] == '/')
			r = report(f, "", line + 1);
	return r;
}

int
origin_files(const char *root, const char *package, origin_files_cb *cb, void *ctx,
	     struct err *e)
{
	AUTO(fd_drop) int rootfd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct files f = { rootfd, package, cb, ctx, e };
	static int (*const reader[])(struct files * f) = {
		of_dpkg,
		of_apk,
		of_pacman,
		of_rpm,
	};
	int r = 1;

	if (rootfd < 0)
		return err_set(e, errno, "%s", root);
	for (size_t i = 0; i < ARRAY_SIZE(reader) && r == 1 && is_plain(package); i++)
		r = reader[i](&f);
	if (r == 1)
		return err_set(e, 0, "no package database knows '%s'", package);
	return r;
}
