#include "capture/start.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "path/lex.h"

/* 0, EXIT_NOT_FOUND or EXIT_NOT_EXECUTABLE */
static int
try_command(const char *file)
{
	struct stat st;

	if (stat(file, &st) < 0)
		return errno == EACCES ? EXIT_NOT_EXECUTABLE : EXIT_NOT_FOUND;
	return S_ISREG(st.st_mode) && access(file, X_OK) == 0 ? 0 : EXIT_NOT_EXECUTABLE;
}

/* Calls cb for each directory of PATH ("" is "."), until it returns other than 0. */
static int
each_path_dir(const char *path, int (*cb)(void *ctx, const char *dir), void *ctx)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	int r = 0;

	while (path && r == 0) {
		size_t n = strcspn(path, ":");

		str_setn(&dir, path, n);
		r = cb(ctx, n ? dir.s : ".");
		path = path[n] ? path + n + 1 : NULL;
	}
	return r;
}

struct search {
	const char *name;
	struct str *out;
	int result;
};

static int
search_dir(void *ctx, const char *dir)
{
	struct search *x = ctx;
	struct stat st;
	int r;

	str_set(x->out, dir);
	path_append(x->out, x->name);
	r = try_command(x->out->s);
	/* a directory that may not be entered (root's, in a PATH that was inherited) has
	 * no file that could not be executed */
	if (r != EXIT_NOT_FOUND && lstat(x->out->s, &st) == 0)
		x->result = r;
	return r == 0;
}

int
start_find_command(const char *name, const char *path, struct str *out)
{
	struct search x = { name, out, EXIT_NOT_FOUND };

	if (!*name)
		return EXIT_NOT_FOUND;
	if (strchr(name, '/')) {
		str_set(out, name);
		return try_command(name);
	}
	each_path_dir(path ? path : "/bin:/usr/bin", search_dir, &x);
	return x.result;
}

static bool
has_line(const struct str *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = text->s; (at = strstr(at, line)); at++)
		if ((at == text->s || at[-1] == '\n') &&
		    (at[n] == '\n' || at[n] == '\r' || at[n] == '\0'))
			return true;
	return false;
}

bool
start_add_line(struct str *text, const char *line)
{
	if (has_line(text, line))
		return false;
	if (text->len && text->s[text->len - 1] != '\n')
		str_addc(text, '\n');
	str_add(text, line);
	str_addc(text, '\n');
	return true;
}

int
start_options(const char *dir, char *const *extra, size_t nextra, struct str *text,
	      struct str *name, struct err *e)
{
	str_set(name, PKG_OPTIONS);
	if (access(name->s, F_OK) < 0) {
		str_set(name, dir);
		path_append(name, PKG_OPTIONS);
	}
	if (access(name->s, F_OK) < 0)
		str_set(text, rules_default_text);
	else if (fs_slurp(AT_FDCWD, name->s, text, e) < 0)
		return -1;
	for (size_t i = 0; i < nextra; i++)
		start_add_line(text, extra[i]);
	return 0;
}

void
start_cwd_rule(const struct rules *r, const char *cwd, struct str *line)
{
	static const char *const never[] = { "/proc", "/sys", "/dev" };
	struct decision d = rules_decide(r, cwd, strlen(cwd));

	str_clear(line);
	if (d.verdict != VERDICT_HOST || !d.rule || d.rule->match != MATCH_PREFIX ||
	    strcmp(d.rule->text, "/") == 0 || strcmp(d.rule->text, cwd) == 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (path_under(cwd, never[i]))
			return;
	str_addf(line, "redirect_prefix=%s", cwd);
}

int
start_find_exec(const char *path, struct str *out, struct err *e)
{
	static const char *const places[] = { PKG_EXEC, "../libexec/" PKG_EXEC,
					      "../libexec/cde/" PKG_EXEC };
	AUTO(str_fini) struct str self = STR_INIT;

	if (fs_readlink(AT_FDCWD, "/proc/self/exe", &self) < 0)
		str_set(&self, "/");
	path_to_parent(&self);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		str_set(out, self.s);
		path_append(out, places[i]);
		if (try_command(out->s) == 0)
			return 0;
	}
	if (start_find_command(PKG_EXEC, path, out) == 0)
		return 0;
	return err_set(e, 0,
		       PKG_EXEC " is not installed: looked in %s, %s/../libexec and PATH",
		       self.s, self.s);
}

static void
record_root_link(struct record *r, const char *name)
{
	AUTO(str_fini) struct str abs = STR_INIT;
	struct node *n;
	struct stat st;

	str_add(&abs, "/");
	path_append(&abs, name);
	n = view_look(&r->view, abs.s, abs.len);
	if (!n || n->kind != FSV_LINK)
		return;
	if (stat(abs.s, &st) == 0 && S_ISDIR(st.st_mode))
		record_name(r, "/", abs.s, EFF_STAT);
	else
		record_object(r, n, EFF_STAT);
}

static void
record_root_links(struct record *r)
{
	DIR *d = opendir("/");
	struct dirent *ent;

	if (!d)
		return;
	while ((ent = readdir(d)))
		if (ent->d_type == DT_LNK || ent->d_type == DT_UNKNOWN)
			record_root_link(r, ent->d_name);
	closedir(d);
}

static int
record_path_dir(void *ctx, const char *dir)
{
	struct stat st;

	if (dir[0] == '/' && lstat(dir, &st) == 0 && S_ISLNK(st.st_mode))
		record_name(ctx, "/", dir, EFF_STAT);
	return 0;
}

void
start_record(struct record *r, const char *cwd, const char *path, const char *program)
{
	struct node *n;

	record_name(r, "/", cwd, EFF_STAT);
	record_root_links(r);
	each_path_dir(path, record_path_dir, r);
	n = record_name(r, cwd, program, EFF_EXEC);
	if (n)
		record_program(r, n, cwd, NULL, NULL);
}
