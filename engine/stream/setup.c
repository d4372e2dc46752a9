/* --stream-setup: a workspace is a package whose cde-root is empty. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "path/lex.h"
#include "path/rule.h"
#include "stream/stream_priv.h"

/* A distribution is for its programs; people's files are where they work. */
static const char more_rules[] =
	"\n# A streaming workspace: the user's own files are this machine's.\n"
	"ignore_prefix=/home\n"
	"ignore_prefix=/root\n"
	"ignore_prefix=/media\n"
	"ignore_prefix=/mnt\n";

static const char path_default[] =
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games";

/* NAME=VALUE lines of /etc/environment and /etc/default/locale. */
static void
add_variables(struct remote *r, const char *file, struct str *env)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	char *rest, *line;

	if (remote_slurp(r, file, &text, &e) != 0)
		return;
	rest = text.s;
	while ((line = strsep(&rest, "\n"))) {
		char *value = strchr(line, '=');
		size_t n;

		if (*line == '#' || !value || value == line)
			continue;
		*value++ = 0;
		n = strlen(value);
		if (n > 1 && (*value == '"' || *value == '\'') &&
		    value[n - 1] == *value) {
			value[n - 1] = 0;
			value++;
		}
		str_addf(env, "%s=%s", line, value);
		str_addc(env, 0);
	}
}

/* SFTP knows no environment: what log-ins there are given, or what was published. */
static int
remote_environment(struct remote *r, struct str *env, struct err *e)
{
	int done = remote_slurp(r, "/." STREAM_PROFILES "/environment", env, e);

	if (done == -1 && e->text.len)
		return -1;
	if (done == 0)
		return 0;
	str_set(env, path_default);
	str_addc(env, 0);
	add_variables(r, "/etc/environment", env);
	add_variables(r, "/etc/default/locale", env);
	return 0;
}

static int
write_config(const struct layout *l, const char *remote, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	const char *ssh = getenv("CDE_SSH");

	str_add(&text, "# Where the files of this workspace come from; cde-exec(1), "
		       "STREAMING.\n");
	str_addf(&text, "remote=%s\n", remote);
	if (ssh && *ssh)
		str_addf(&text, "ssh=%s\n", ssh);
	str_add(&text, "# The remote is asked for changes when this many seconds have "
		       "passed.\nmax_age=300\n");
	return fs_replace(l->dirfd, STREAM_CONFIG, text.s, text.len, 0644, e);
}

/* Mounts of object stores and the like may know no modes: nothing would start. */
static void
warn_of_modes(struct remote *r, const char *remote)
{
	struct remote_list bin = { .dir = "/usr/bin" };
	AUTO(err_fini) struct err e = ERR_INIT;
	size_t files = 0, programs = 0;

	if (remote_is_parallel(r) || remote_list(r, &bin, 1, &e) < 0)
		return;
	for (struct map_slot *x = NULL; (x = map_next(&bin.names.map, x));) {
		const struct names_entry *n = x->p;

		files += n->type == NAMES_FILE;
		programs += n->type == NAMES_FILE && n->mode & 0111;
	}
	names_fini(&bin.names);
	if (files && !programs)
		log_error("%s: no file in /usr/bin has an x bit; does this mount keep "
			  "modes? cde-streaming(7), STORAGE",
			  remote);
}

static int
fill(struct layout *l, struct remote *r, const char *remote, const char *exec,
     struct err *e)
{
	AUTO(str_fini) struct str env = STR_INIT, rules = STR_INIT;

	if (remote_check(r, e) < 0 || remote_environment(r, &env, e) < 0)
		return err_wrap(e, "%s", remote);
	warn_of_modes(r, remote);
	str_set(&rules, rules_default_text);
	str_add(&rules, more_rules);
	if (fs_replace(l->dirfd, PKG_ENV, env.s, env.len, 0644, e) < 0 ||
	    fs_replace(l->dirfd, PKG_OPTIONS, rules.s, rules.len, 0644, e) < 0 ||
	    layout_install_exec(l, exec, e) < 0)
		return err_wrap(e, "%s", l->dir.s);
	return write_config(l, remote, e); /* last: now it is one */
}

int
stream_setup(const char *remote, const char *dir, const char *exec, struct err *e)
{
	AUTO(layout_fini) struct layout l = LAYOUT_INIT;
	AUTO(mem_free) char *real = realpath(remote, NULL);
	const char *name = real && !str_has_prefix(remote, "sftp://") ? real : remote;
	struct remote *r;
	int done;

	if (strchr(remote, '\n'))
		return err_set(e, 0, "the name of the remote has a line break");
	r = remote_new(name, getenv("CDE_SSH"), e);
	if (!r)
		return -1;
	done = layout_create(&l, dir, e);
	if (done == 0 && stream_is_workspace(&l))
		done = err_set(e, EEXIST, "%s/%s", l.dir.s, STREAM_CONFIG);
	if (done == 0)
		done = fill(&l, r, name, exec, e);
	remote_free(r);
	return done;
}

int
stream_own_workspace(const char *remote, const char *exec, struct str *dir, struct err *e)
{
	AUTO(mem_free) char *real = realpath(remote, NULL);
	AUTO(str_fini) struct str file = STR_INIT;
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	const char *name = real && !str_has_prefix(remote, "sftp://") ? real : remote;

	str_clear(dir);
	if (base && base[0] == '/')
		str_set(dir, base);
	else if (home && home[0] == '/')
		str_addf(dir, "%s/.cache", home);
	else
		return err_set(e, 0, "no HOME: name a workspace with --package");
	mkdir(dir->s, 0700);
	str_add(dir, "/cde-stream");
	mkdir(dir->s, 0700);
	str_addf(dir, "/%016llx", (unsigned long long)map_hash(name, strlen(name)));
	str_addf(&file, "%s/%s", dir->s, STREAM_CONFIG);
	if (access(file.s, F_OK) == 0)
		return 0;
	return stream_setup(remote, dir->s, exec, e);
}
