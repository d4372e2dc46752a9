/*
 * Programs of this machine, started by one of the package: a browser, an editor, a
 * tool that a rule leaves to the host.  They need this machine's libraries and
 * variables, so nothing is redirected for them and what they start.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "exec/session.h"
#include "path/lex.h"
#include "trace/peek.h"

enum { OTHERS_MAY_WRITE = 022, VARIABLES_MOST = 4096, VARIABLE_MOST = 128 << 10 };

static bool
is_roots(const char *name, mode_t type)
{
	struct stat st;

	return stat(name, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == 0 &&
	       !(st.st_mode & OTHERS_MAY_WRITE);
}

/* Installed, in contrast to what a packaged compiler has just written: the file and
 * its directory are root's, and nobody else can change them. */
static bool
is_installed(const char *real)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	str_set(&dir, real);
	path_to_parent(&dir);
	return is_roots(real, S_IFREG) && is_roots(dir.s, S_IFDIR);
}

bool
host_has_program(const struct session *s)
{
	const struct look *l = &s->look;
	struct decision d;

	if (l->side != SIDE_HOST || l->walk.kind != FSV_FILE)
		return false;
	d = rules_decide(s->world.rules, l->walk.abs.s, l->walk.abs.len);
	if (d.rule && d.rule->match == MATCH_EXACT)
		return true;
	return !str_has_prefix(l->walk.abs.s, "/proc/") && is_installed(l->walk.abs.s);
}

static int
read_variables(const struct proc *p, taddr at, struct env *out)
{
	size_t word = p->sys.arch == ARCH_I386 ? 4 : 8;
	AUTO(str_fini) struct str text = STR_INIT;

	for (size_t i = 0; at && i < VARIABLES_MOST; i++) {
		uint64_t name = 0;

		if (peek_bytes(p->tid, at + i * word, &name, word) < 0)
			return -EFAULT;
		if (!name)
			break;
		if (peek_str(p->tid, name, VARIABLE_MOST, &text) < 0)
			return -EFAULT;
		vec_push(&out->v, mem_strdup(text.s));
	}
	vec_push(&out->v, NULL);
	return 0;
}

int
host_variables(struct session *s, struct proc *p, int arg)
{
	size_t word = p->sys.arch == ARCH_I386 ? 4 : 8, n;
	struct scratch *sc = tracee_of(p)->scratch;
	AUTO(env_fini) struct env now = { 0 }, mine = { 0 };
	AUTO(str_fini) struct str text = STR_INIT, array = STR_INIT;
	taddr at;

	if (!s->env || read_variables(p, p->sys.arg[arg], &now) < 0)
		return 0; /* the kernel will say EFAULT */
	env_of_host(&mine, &now, s->env, s->host_env);
	for (size_t i = 0; i + 1 < mine.v.n; i++)
		str_addn(&text, mine.v.v[i], strlen(mine.v.v[i]) + 1);
	at = scratch_put(sc, p->tid, text.s, text.len + 1);
	if (!at)
		return -E2BIG;
	for (size_t i = 0; i + 1 < mine.v.n; i++, at += n) {
		str_addn(&array, (char *)&at, word);
		n = strlen(mine.v.v[i]) + 1;
	}
	at = 0;
	str_addn(&array, (char *)&at, word);
	at = scratch_put(sc, p->tid, array.s, array.len);
	if (!at)
		return -E2BIG;
	proc_set_arg(p, arg, at);
	return 0;
}
