#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "path/walk.h"
#include "trace/proc.h"

enum { LINK_NAME = 64 };

/* Does the text of a /proc link name something that is really there? */
static bool
is_deleted(const struct str *text)
{
	return text->s[0] != '/' || str_has_suffix(text->s, " (deleted)");
}

int
proc_base(const struct proc *p, int dirfd, struct str *out)
{
	char name[LINK_NAME];
	struct stat st;
	int r;

	if (dirfd == AT_FDCWD)
		snprintf(name, sizeof(name), "/proc/%d/cwd", p->tid);
	else if (dirfd < 0)
		return -EBADF;
	else
		snprintf(name, sizeof(name), "/proc/%d/fd/%d", p->tid, dirfd);
	r = fs_readlink(AT_FDCWD, name, out);
	if (r == -ENOENT)
		return dirfd == AT_FDCWD ? -ENOENT : -EBADF;
	if (r < 0)
		return r;
	if (!is_deleted(out))
		return 0;
	/* a directory may really be called "x (deleted)" (PTRACE.md 45) */
	if (out->s[0] == '/' && stat(out->s, &st) == 0)
		return 0;
	return out->s[0] == '/' ? -ENOENT : -ENOTDIR;
}

/* Digits up to a slash or the end; 0 if there are none or anything else. */
static pid_t
leading_pid(const char *s, const char **rest)
{
	char *end;
	long n;

	if (*s < '1' || *s > '9')
		return 0;
	n = strtol(s, &end, 10);
	if ((*end && *end != '/') || n > 1 << 30)
		return 0;
	*rest = *end ? end + 1 : end;
	return (pid_t)n;
}

int
proc_lookup(const struct proc *p, const struct str *abs, struct str *text)
{
	const char *rest;
	struct stat st;

	if (!str_has_prefix(abs->s, "/proc/"))
		return -1;
	rest = abs->s + 6;
	if (strcmp(rest, "self") == 0) {
		str_clear(text);
		str_addf(text, "%d", p->tgid);
		return FSV_LINK;
	}
	if (strcmp(rest, "thread-self") == 0) {
		str_clear(text);
		str_addf(text, "%d/task/%d", p->tgid, p->tid);
		return FSV_LINK;
	}
	if (!leading_pid(rest, &rest))
		return -1;
	if (str_has_prefix(rest, "task/") && !leading_pid(rest + 5, &rest))
		return -1;
	if (strcmp(rest, "cwd") && strcmp(rest, "root") && strcmp(rest, "exe") &&
	    (!str_has_prefix(rest, "fd/") || !rest[3] || strchr(rest + 3, '/')))
		return -1;
	if (fs_readlink(AT_FDCWD, abs->s, text) < 0)
		return FSV_MISSING;
	if (is_deleted(text) && stat(text->s, &st) < 0)
		return FSV_MAGIC;
	return text->s[0] == '/' ? FSV_LINK : FSV_MAGIC;
}
