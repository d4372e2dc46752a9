/*
 * What a program or library of this host needs to run: its interpreter, the "#!" line,
 * and the libraries of DT_NEEDED, searched as ld.so does it: DT_RUNPATH, then the
 * directories of /etc/ld.so.conf, then the built-in ones; the first of the same machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/edit_priv.h"
#include "inspect/ftype_priv.h"
#include "path/lex.h"
#include "tree/script.h"

struct search {
	const char *host; /* the file that needs something */
	const char *class, *machine;
	const char *interp;
	needs_cb *cb;
	void *ctx;
};

static const char *
fact(const struct ftype *t, const char *key)
{
	for (size_t i = 0; i < t->fact.n; i++)
		if (strcmp(t->fact.v[i].key, key) == 0)
			return t->fact.v[i].value;
	return NULL;
}

static int
read_elf(const char *host, struct ftype *t)
{
	AUTO(fd_drop) int fd = open(host, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	return ftype_elf(fd, (uint64_t)st.st_size, t) ? 0 : -1;
}

static bool
is_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* True: it is there, of the right kind, and has been reported. */
static bool
try_dir(const struct search *s, const char *dir, size_t len, const char *soname)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct ftype t = FTYPE_INIT;
	bool fits;

	str_setn(&name, dir, len);
	if (name.s[0] != '/')
		return false;
	path_append(&name, soname);
	fits = read_elf(name.s, &t) == 0 && is_same(fact(&t, "elf.class"), s->class) &&
	       is_same(fact(&t, "elf.machine"), s->machine);
	ftype_fini(&t);
	if (fits)
		s->cb(s->ctx, name.s, NULL);
	return fits;
}

/* DT_RUNPATH: colons; $ORIGIN is the directory of the file itself. */
static bool
try_runpath(const struct search *s, const char *runpath, const char *soname)
{
	AUTO(mem_free) char *real = realpath(s->host, NULL);
	AUTO(str_fini) struct str origin = STR_INIT;

	str_set(&origin, real ? real : s->host);
	path_to_parent(&origin);
	while (runpath && *runpath) {
		size_t n = strcspn(runpath, ":");
		AUTO(str_fini) struct str dir = STR_INIT;

		for (size_t i = 0; i < n;) {
			size_t skip = strncmp(runpath + i, "$ORIGIN", 7) == 0	  ? 7
				      : strncmp(runpath + i, "${ORIGIN}", 9) == 0 ? 9
										  : 0;

			if (skip)
				str_add(&dir, origin.s);
			else
				str_addc(&dir, runpath[i]);
			i += skip ? skip : 1;
		}
		if (try_dir(s, dir.s, dir.len, soname))
			return true;
		runpath += n + (runpath[n] == ':');
	}
	return false;
}

static bool try_conf(const struct search *s, const char *file, const char *soname,
		     int depth);

static bool
try_include(const struct search *s, const char *from, const char *pattern,
	    const char *soname, int depth)
{
	AUTO(str_fini) struct str all = STR_INIT;
	glob_t g;
	bool found = false;

	str_set(&all, from);
	path_to_parent(&all);
	if (*pattern == '/')
		str_set(&all, pattern);
	else
		path_append(&all, pattern);
	if (glob(all.s, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc && !found; i++)
			found = try_conf(s, g.gl_pathv[i], soname, depth + 1);
	globfree(&g);
	return found;
}

/* /etc/ld.so.conf: a directory per line, "include PATTERN", "#". */
static bool
try_conf(const struct search *s, const char *file, const char *soname, int depth)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str text = STR_INIT;
	char *save = NULL;

	if (depth > 4 || fs_slurp(AT_FDCWD, file, &text, &none) < 0)
		return false;
	for (char *line = text.len ? strtok_r(text.s, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		line[strcspn(line, "#")] = '\0';
		line += strspn(line, " \t");
		for (size_t n = strlen(line); n && strchr(" \t\r", line[n - 1]); n--)
			line[n - 1] = '\0';
		if (str_has_prefix(line, "include ")
			    ? try_include(s, file, line + 8 + strspn(line + 8, " \t"),
					  soname, depth)
			    : try_dir(s, line, strlen(line), soname))
			return true;
	}
	return false;
}

static void
find_library(const struct search *s, const struct ftype *t, const char *soname)
{
	static const char *const builtin[] = {
		"/lib64",	  "/usr/lib64", "/lib",	      "/usr/lib",
		"/usr/local/lib", "/lib32",	"/usr/lib32",
	};

	if (strchr(soname, '/')) {
		if (*soname == '/')
			s->cb(s->ctx, soname, NULL);
		return;
	}
	if (try_runpath(s, fact(t, "elf.runpath"), soname) ||
	    try_conf(s, "/etc/ld.so.conf", soname, 0))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (try_dir(s, builtin[i], strlen(builtin[i]), soname))
			return;
	if (!s->interp || strcmp(path_base(s->interp), soname) != 0) /* ld.so itself */
		s->cb(s->ctx, NULL, soname);
}

static bool
needs_of_elf(struct search *s)
{
	struct ftype t = FTYPE_INIT;

	if (read_elf(s->host, &t) < 0) {
		ftype_fini(&t);
		return false;
	}
	s->class = fact(&t, "elf.class");
	s->machine = fact(&t, "elf.machine");
	s->interp = fact(&t, "elf.interp");
	if (s->interp && *s->interp == '/')
		s->cb(s->ctx, s->interp, NULL);
	for (size_t i = 0; i < t.fact.n; i++)
		if (strcmp(t.fact.v[i].key, "elf.needed") == 0)
			find_library(s, &t, t.fact.v[i].value);
	ftype_fini(&t);
	return true;
}

/* "#!/usr/bin/env python3": the second word is looked up on PATH. */
static void
find_program(const struct search *s, const char *word)
{
	const char *path = getenv("PATH") ?: "/usr/local/bin:/usr/bin:/bin";
	size_t len = strcspn(word, " \t");

	while (*path) {
		AUTO(str_fini) struct str name = STR_INIT, tail = STR_INIT;
		size_t n = strcspn(path, ":");

		str_setn(&name, path, n);
		str_setn(&tail, word, len);
		path += n + (path[n] == ':');
		if (name.s[0] != '/')
			continue;
		path_append(&name, tail.s);
		if (access(name.s, X_OK) == 0) {
			s->cb(s->ctx, name.s, NULL);
			return;
		}
	}
	s->cb(s->ctx, NULL, word);
}

static void
needs_of_script(const struct search *s)
{
	AUTO(fd_drop)
	int fd = open(s->host, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	AUTO(script_line_fini) struct script_line line = SCRIPT_LINE_INIT;
	char head[SCRIPT_HEAD];
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);

	if (n <= 0 || script_parse(head, (size_t)n, &line) <= 0 ||
	    line.interp.s[0] != '/')
		return;
	s->cb(s->ctx, line.interp.s, NULL);
	if (line.has_arg && strcmp(path_base(line.interp.s), "env") == 0 &&
	    line.arg.s[0] != '-' && !strchr(line.arg.s, '='))
		find_program(s, line.arg.s);
}

void
edit_needs(const char *host, needs_cb *cb, void *ctx)
{
	struct search s = { .host = host, .cb = cb, .ctx = ctx };

	if (!needs_of_elf(&s))
		needs_of_script(&s);
}
